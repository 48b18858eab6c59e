/* SPDX-License-Identifier: MIT */
/* Models platters and heads. The head is over a cylinder, and the platters'
 * position is a function of absolute time, so nothing is simulated step by
 * step. A request is served either from the buffer, or by
 *
 *   seek or head switch, write settle if the head moved, wait for the sector,
 *   transfer
 *
 * Each track is skewed by a head switch (a cylinder's first track by a seek of
 * one cylinder), so that a stream loses the switch and not a revolution. The
 * sectors per track fall with the square of the zone's number. This choice of
 * ours gives the Atlas its published capacity within half a percent.
 *
 * The buffer is divided into segments, each a ring with the latest sectors of
 * one stream:
 *
 *       segment 0   [########]            kept for its stream
 *       segment 1      [######>    ]      active: the head reads into it
 *       segment 2   [####]                kept; a read that hits no segment
 *                                         gets the least recently used one
 *
 * After a read the head reads on until `ahead` sectors beyond the request are
 * read or until a request moves the head. A read served by another segment does
 * not move it. A head that has stopped starts again at the next read that no
 * segment holds completely. A write stops the head and removes the overwritten
 * sectors from the segments (where a segment begins before them, also those
 * behind them). Source: the parameters of DiskSim 4 and DIXtrac, disk by disk:
 * segments, sizes, "buffer continuous read" 4, "read-ahead on idle hit" 0,
 * "write hit stop prefetch" 1, "immed transfer partial hit" 1. */
#include "time/disk/disk.h"

/* The gap before each sector: a head that arrives late by less than this still
 * catches the sector. */
#define GAP_NS 1000

struct place {
    u32 cylinder, head, sector, track; /* track: sectors of the track */
};

static void lay_out(struct disk_heads *h)
{
    const struct disk_kind *k = h->kind;
    u64 lost = k->track_outer - k->track_inner, lba = 0;
    u32 n = lost ? DISK_ZONES : 1;

    h->zones = n;
    for (u32 i = 0; i < n; i++) {
        u32 first = (u32)((u64)k->cylinders * i / n);
        u32 next = (u32)((u64)k->cylinders * (i + 1) / n);
        u64 drop = n > 1 ? lost * i * i / ((n - 1) * (n - 1)) : 0;
        u32 track = (u32)(k->track_outer - drop);
        h->zone[i] = (struct disk_zone){lba, first, track};
        lba += (u64)(next - first) * k->heads * track;
    }
}

void heads_init(struct disk_heads *h, const struct disk_kind *k, bool buffered)
{
    h->kind = k;
    h->buffered = buffered;
    h->turn = 60000000000ull / k->rpm;
    h->active = DISK_BUFFERS;
    lay_out(h);
}

/* Sectors beyond the real disk's last lie on further cylinders. */
static struct place place_of(const struct disk_heads *h, u64 lba)
{
    u32 z = h->zones - 1;

    while (z > 0 && h->zone[z].first > lba)
        z--;
    u64 in = lba - h->zone[z].first, track = h->zone[z].track;
    u64 tracks = in / track;
    return (struct place){.cylinder = h->zone[z].cylinder +
                                      (u32)(tracks / h->kind->heads),
                          .head = (u32)(tracks % h->kind->heads),
                          .sector = (u32)(in % track),
                          .track = (u32)track};
}

/* Interpolates linearly between measured points; beyond the last, returns that
 * point's time. */
static u64 seek_ns(const struct disk_kind *k, u32 from, u32 to)
{
    u32 d = from > to ? from - to : to - from, lo = 0, hi = k->seeks - 1;

    if (d == 0)
        return 0;
    if (d >= k->seek[hi].cylinders)
        return k->seek[hi].us * 1000ull;
    while (hi - lo > 1) {
        u32 mid = (lo + hi) / 2;
        if (k->seek[mid].cylinders <= d)
            lo = mid;
        else
            hi = mid;
    }
    const struct seek_point *a = &k->seek[lo], *b = &k->seek[hi];
    s64 rise = ((s64)b->us - a->us) * 1000 * (d - a->cylinders) /
               (b->cylinders - a->cylinders);
    return (u64)(a->us * 1000ll + rise);
}

/* Returns the angle of sector 0 of a track, in ns of a turn. */
static u64 track_angle(const struct disk_heads *h, const struct place *p)
{
    const struct disk_kind *k = h->kind;
    u64 cylinder_skew = (k->heads - 1) * (u64)k->head_switch + seek_ns(k, 0, 1);

    return (h->phase + p->cylinder * cylinder_skew +
            p->head * (u64)k->head_switch) %
           h->turn;
}

/* Returns the time from a track's last sector to the next track's first. */
static u64 next_track_ns(const struct disk_heads *h, const struct place *p)
{
    return p->head + 1 == h->kind->heads ? seek_ns(h->kind, 0, 1)
                                         : h->kind->head_switch;
}

/* Returns the time from the beginning of sector `from` to the end of sector
 * `to` - 1, for a head in place: rotation, and a switch after each track. */
static u64 stream_ns(const struct disk_heads *h, u64 from, u64 to)
{
    u64 ns = 0;

    while (from < to) {
        struct place p = place_of(h, from);
        u64 n = p.track - p.sector;
        bool last = from + n >= to;
        if (last)
            n = to - from;
        ns += h->turn * (p.sector + n) / p.track - h->turn * p.sector / p.track;
        from += n;
        if (!last)
            ns += next_track_ns(h, &p);
    }
    return ns;
}

/* Returns the time at which the sector begins, if the head is over its track
 * from `at` on. */
static u64 wait_for_sector(const struct disk_heads *h, u64 at,
                           const struct place *p)
{
    u64 sector = (track_angle(h, p) + h->turn * p->sector / p->track) % h->turn;
    u64 wait = (sector + h->turn - at % h->turn) % h->turn;

    return wait + GAP_NS > h->turn ? at : at + wait;
}

/* ---- the segments ------------------------------------------------------- */

static u64 bus_ns(const struct disk_heads *h, u64 sectors)
{
    return sectors * SECTOR_BYTES * 1000 / h->kind->bus_rate;
}

/* Returns the time at which the head, reading on, reaches sector lba. */
static u64 passes_ns(const struct disk_heads *h, u64 lba)
{
    return lba > h->read_lba ? h->read_ns + stream_ns(h, h->read_lba, lba)
                             : h->read_ns;
}

/* Returns the first sector that the head, reading on, has not yet passed
 * completely: the inverse of passes_ns. */
static u64 reached(const struct disk_heads *h, u64 at)
{
    u64 lba = h->read_lba, end = h->segment[h->active].end, ns = h->read_ns;

    while (lba < end && ns <= at) {
        struct place p = place_of(h, lba);
        u64 n = p.track - p.sector, begins = h->turn * p.sector / p.track;
        if (n > end - lba)
            n = end - lba;
        u64 ends = h->turn * (p.sector + n) / p.track;
        if (ns + ends - begins > at)
            return lba + ((at - ns + begins + 1) * p.track - 1) / h->turn -
                   p.sector;
        lba += n;
        ns += ends - begins + next_track_ns(h, &p);
    }
    return lba;
}

static bool reading(const struct disk_heads *h, u64 at)
{
    return h->active < DISK_BUFFERS &&
           passes_ns(h, h->segment[h->active].end) > at;
}

static void keep_latest(const struct disk_heads *h, struct disk_segment *g)
{
    if (g->end - g->start > h->kind->segment)
        g->start = g->end - h->kind->segment;
}

/* Returns the sectors that segment i holds. */
static struct disk_segment contents(const struct disk_heads *h, u32 i, u64 at)
{
    struct disk_segment g = h->segment[i];

    if (i == h->active)
        g.end = reached(h, at);
    keep_latest(h, &g);
    return g;
}

/* Returns the segment that holds the most sectors from `first` on, or ends
 * just before `first` (its stream continues); DISK_BUFFERS: none. *end: the
 * first sector that the segment lacks. */
static u32 segment_of(const struct disk_heads *h, u64 at, u64 first, u64 *end)
{
    u32 best = DISK_BUFFERS;

    *end = first;
    for (u32 i = 0; h->buffered && i < h->kind->segments; i++) {
        struct disk_segment g = contents(h, i, at);
        if (g.start < g.end && g.start <= first && g.end >= *end &&
            (best == DISK_BUFFERS || g.end > *end)) {
            best = i;
            *end = g.end;
        }
    }
    return best;
}

/* True if the head, reading on, has passed sector `first`, or will pass it
 * within a turn, which is sooner than by moving. */
static bool comes(const struct disk_heads *h, u64 at, u64 first)
{
    return reading(h, at) && contents(h, h->active, at).start <= first &&
           first < h->segment[h->active].end &&
           passes_ns(h, first + 1) <= at + h->turn;
}

static u32 oldest(const struct disk_heads *h)
{
    u32 i = 0;

    for (u32 k = 1; k < h->kind->segments; k++)
        if (h->segment[k].used < h->segment[i].used)
            i = k;
    return i;
}

/* ---- the head ----------------------------------------------------------- */

/* Returns the track under the head, which may have read on to later tracks. */
static struct place head_at(const struct disk_heads *h, u64 at)
{
    if (h->active == DISK_BUFFERS)
        return (struct place){.cylinder = h->cylinder, .head = h->head};
    return place_of(h, reached(h, at) - 1);
}

static u64 move_ns(const struct disk_heads *h, u64 at, const struct place *p,
                   bool write)
{
    struct place from = head_at(h, at);
    u64 move = seek_ns(h->kind, from.cylinder, p->cylinder);

    if (!move && p->head != from.head)
        move = h->kind->head_switch;
    return move && write ? move + h->kind->write_settle : move;
}

/* Stops reading on: the segment keeps the sectors that have passed. */
static void stop(struct disk_heads *h, u64 at)
{
    if (h->active == DISK_BUFFERS)
        return;
    struct place p = head_at(h, at);
    h->segment[h->active] = contents(h, h->active, at);
    h->cylinder = p.cylinder;
    h->head = p.head;
    h->active = DISK_BUFFERS;
}

/* Lets the head, which has read into segment i up to `end` at `ns`, read on. */
static void read_on(struct disk_heads *h, u32 i, u64 end, u64 ns)
{
    struct disk_segment *g = &h->segment[i];

    h->active = i;
    h->read_lba = end;
    h->read_ns = ns;
    g->end = end;
    keep_latest(h, g);
    g->end = end + h->kind->ahead;
}

/* Serves sectors that pass under the head: the bus follows the head by a block
 * of 4 KiB at most. */
static u64 serve_passing(struct disk_heads *h, u64 at, u64 first, u64 end)
{
    u64 done = at + bus_ns(h, end - first), passed = passes_ns(h, end);

    if (end <= h->read_lba)
        return done;
    read_on(h, h->active, end, passed);
    passed += bus_ns(h, end - first < 8 ? end - first : 8);
    return done > passed ? done : passed;
}

/* Serves from the platter: returns the time at which sector `end` - 1 has
 * passed; *seek: the time to move and settle. */
static u64 serve_platter(struct disk_heads *h, u64 at, u64 first, u64 end,
                         bool write, u64 *seek)
{
    struct place p = place_of(h, first), last = place_of(h, end - 1);

    *seek = move_ns(h, at, &p, write);
    stop(h, at);
    h->cylinder = last.cylinder;
    h->head = last.head;
    return wait_for_sector(h, at + *seek, &p) + stream_ns(h, first, end);
}

static u64 serve_read(struct disk_heads *h, u64 at, u64 first, u64 end,
                      u64 *seek)
{
    u64 have, done = at + bus_ns(h, end - first);
    u32 i = segment_of(h, at, first, &have);

    if ((i == h->active || have < end) && comes(h, at, first)) {
        i = h->active;
        done = serve_passing(h, at, first, end);
    } else if (have < end) {
        done = serve_platter(h, at, have, end, false, seek);
        if (!h->buffered)
            return done;
        if (i == DISK_BUFFERS) {
            i = oldest(h);
            h->segment[i].start = first;
        }
        read_on(h, i, end, done);
    }
    h->segment[i].used = ++h->reads;
    return done;
}

static void overwrite(struct disk_heads *h, u64 first, u64 end)
{
    for (u32 i = 0; i < h->kind->segments; i++) {
        struct disk_segment *g = &h->segment[i];
        if (end <= g->start || g->end <= first)
            continue;
        if (g->start < first)
            g->end = first;
        else
            g->start = end < g->end ? end : g->end;
    }
}

u64 heads_cost(const struct disk_heads *h, u64 at, u64 first, u64 end,
               bool write)
{
    if (!write) {
        u64 have;
        u32 i = segment_of(h, at, first, &have);
        if ((i == h->active || have < end) && comes(h, at, first)) {
            u64 passed = passes_ns(h, first + 1);
            return passed > at ? passed - at : 0;
        }
        if (have >= end)
            return 0;
        first = have;
    }
    struct place p = place_of(h, first);
    return wait_for_sector(h, at + move_ns(h, at, &p, write), &p) - at;
}

u64 heads_serve(struct disk_heads *h, u64 at, u64 first, u64 end, bool write,
                u64 *seek)
{
    *seek = 0;
    if (first == end)
        return at;
    if (!write)
        return serve_read(h, at, first, end, seek);
    at = serve_platter(h, at, first, end, true, seek);
    overwrite(h, first, end);
    return at;
}

/* ---- state -------------------------------------------------------------- */

static bool segment_fits(const struct disk_heads *h, u32 i)
{
    const struct disk_segment *g = &h->segment[i];
    u64 most = h->kind->segment;

    if (i == h->active) {
        if (h->read_lba < g->start || h->read_lba > g->end || !h->read_lba)
            return false;
        most += h->kind->ahead;
    }
    return g->start <= g->end && g->end - g->start <= most &&
           g->end < 1ull << 48 && g->used <= h->reads;
}

void heads_state(struct disk_heads *h, struct state *s)
{
    state_vals(s, h->cylinder, h->head, h->active, h->read_lba, h->read_ns,
               h->reads);
    state_check(s, h->active == DISK_BUFFERS || h->active < h->kind->segments,
                "disk: segment that is read into");
    for (u32 i = 0; i < h->kind->segments; i++) {
        state_vals(s, h->segment[i].start, h->segment[i].end,
                   h->segment[i].used);
        state_check(s, segment_fits(h, i), "disk: segment of the buffer");
    }
}
