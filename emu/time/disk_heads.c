/* SPDX-License-Identifier: MIT */
/* Platters and heads. The head is over a cylinder, and the platters' position
 * is a function of absolute time: nothing turns here. A request is served
 * either from the buffer, or by
 *
 *   seek or head switch, write settle if the head moved, wait for the sector,
 *   transfer
 *
 * Tracks are skewed by a head switch (a cylinder's last track by a seek of
 * one), so that a stream loses the switch and not a revolution. After a read
 * the disk reads ahead as the platter turns; what has passed under the head is
 * served from its buffer, until something else moves the head. Half the buffer
 * is for what lies ahead, half for what was asked for already (ours). Zones:
 * the sectors a track fall off with the square of the cylinder (ours), which
 * gives the Atlas its published capacity within half a percent. */
#include "time/disk.h"

/* Before each sector is a gap: who comes late by less still catches it. */
#define GAP_NS 1000

struct place {
    u32 cylinder, head, sector, track; /* track: its sectors */
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

/* Measured points, straight lines between them. */
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

/* Where sector 0 of a track stands, in ns of a turn. */
static u64 track_angle(const struct disk_heads *h, const struct place *p)
{
    const struct disk_kind *k = h->kind;
    u64 cylinder_skew = (k->heads - 1) * (u64)k->head_switch + seek_ns(k, 0, 1);

    return (p->cylinder * cylinder_skew + p->head * (u64)k->head_switch) %
           h->turn;
}

/* From the beginning of sector `from` to the end of sector `to` - 1, the head
 * being there: turning, and a switch after each track. */
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
            ns += p.head + 1 == h->kind->heads ? seek_ns(h->kind, 0, 1)
                                               : h->kind->head_switch;
    }
    return ns;
}

static u64 move_ns(const struct disk_heads *h, const struct place *p,
                   bool write)
{
    u64 move = seek_ns(h->kind, h->cylinder, p->cylinder);

    if (!move && p->head != h->head)
        move = h->kind->head_switch;
    return move && write ? move + h->kind->write_settle : move;
}

/* When the sector begins, the head being over its track from `at` on. */
static u64 wait_for(const struct disk_heads *h, u64 at, const struct place *p)
{
    u64 sector = (track_angle(h, p) + h->turn * p->sector / p->track) % h->turn;
    u64 wait = (sector + h->turn - at % h->turn) % h->turn;

    return wait + GAP_NS > h->turn ? at : at + wait;
}

/* Whether the disk has what begins at `first`, or will sooner by reading on
 * (within a turn) than by moving the head. */
static bool ahead_has(const struct disk_heads *h, u64 at, u64 first)
{
    if (!h->buffered || first < h->ahead_start || first >= h->ahead_end)
        return false;
    return first < h->ahead_lba ||
           h->ahead_ns + stream_ns(h, h->ahead_lba, first + 1) <= at + h->turn;
}

static u64 bus_ns(const struct disk_heads *h, u64 sectors)
{
    return sectors * SECTOR_BYTES * 1000 / h->kind->bus_rate;
}

static void set_ahead(struct disk_heads *h, u64 start, u64 end)
{
    u64 half = h->kind->buffer_sectors / 2;

    h->ahead_start = end - start > half ? end - half : start;
    h->ahead_end = end + half;
    h->ahead_lba = end;
}

/* From the buffer, over the bus, which follows what passes under the head by a
 * block of 4 KiB at most. A buffer that was full has stopped the head: what
 * lies beyond must come round again. (That it stops and starts as a slow host
 * empties it is not followed: the turns lost so are hidden by the rest of the
 * buffer.) */
static u64 serve_ahead(struct disk_heads *h, u64 at, u64 first, u64 end)
{
    u64 done = at + bus_ns(h, end - first), from = h->ahead_lba;

    if (end <= from)
        return done;
    if (end > h->ahead_end) {
        u64 full = h->ahead_ns + stream_ns(h, from, h->ahead_end);
        if (full < at) {
            struct place p = place_of(h, h->ahead_end);
            from = h->ahead_end;
            h->ahead_ns = wait_for(h, at, &p);
        }
    }
    h->ahead_ns += stream_ns(h, from, end);
    set_ahead(h, h->ahead_start, end);
    u64 passed = h->ahead_ns + bus_ns(h, end - first < 8 ? end - first : 8);
    return done > passed ? done : passed;
}

u64 heads_cost(const struct disk_heads *h, u64 at, u64 first, bool write)
{
    if (!write && ahead_has(h, at, first)) {
        u64 passed = first < h->ahead_lba
                         ? at
                         : h->ahead_ns + stream_ns(h, h->ahead_lba, first + 1);
        return passed > at ? passed - at : 0;
    }
    struct place p = place_of(h, first);
    return wait_for(h, at + move_ns(h, &p, write), &p) - at;
}

u64 heads_serve(struct disk_heads *h, u64 at, u64 first, u64 end, bool write,
                u64 *seek)
{
    *seek = 0;
    if (first == end)
        return at;
    if (!write && ahead_has(h, at, first))
        return serve_ahead(h, at, first, end);
    struct place p = place_of(h, first), last = place_of(h, end - 1);
    *seek = move_ns(h, &p, write);
    at = wait_for(h, at + *seek, &p) + stream_ns(h, first, end);
    h->cylinder = last.cylinder;
    h->head = last.head;
    set_ahead(h, first, end);
    if (write)
        h->ahead_start = h->ahead_end = end; /* nothing */
    h->ahead_ns = at;
    return at;
}

void heads_state(struct disk_heads *h, struct state *s)
{
    state_val(s, h->cylinder);
    state_val(s, h->head);
    state_val(s, h->ahead_start);
    state_val(s, h->ahead_end);
    state_val(s, h->ahead_lba);
    state_val(s, h->ahead_ns);
    state_check(s,
                h->ahead_lba < 1ull << 48 && h->ahead_start <= h->ahead_lba &&
                    h->ahead_end <= h->ahead_lba + h->kind->buffer_sectors,
                "read ahead");
}
