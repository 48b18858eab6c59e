/* SPDX-License-Identifier: MIT */
/* How long a disk takes. A mechanical one has a head over a cylinder, and
 * platters whose position is a function of absolute time: nothing turns here.
 *
 *   a request: overhead, then either from the buffer, or
 *   seek (or head switch), write settle, wait for the sector, transfer
 *
 * Tracks are skewed by a head switch (a cylinder's last track by a seek of
 * one), so that a stream loses the switch and not a revolution. After a read
 * the disk reads ahead as the platter turns; what has passed under the head is
 * served from its buffer, until something else moves the head. Zones: the
 * sectors a track fall off with the square of the cylinder (ours), which gives
 * the Atlas its published capacity within half a percent.
 *
 * Requests are served in the order presented. */
#include <stdlib.h>

#include "time/disk.h"

struct zone {
    u64 first;           /* sector number */
    u32 cylinder, track; /* first cylinder; sectors a track */
};

struct disk_model {
    const struct disk_kind *kind;
    bool buffered;
    u64 clock_hz, sectors, turn; /* turn: ns a revolution */
    u32 zones;
    struct zone zone[DISK_ZONES];
    /* state */
    u64 busy_until; /* cycle */
    u32 cylinder, head;
    /* read ahead: sector ahead_lba passed at ahead_ns, all from ahead_start
     * on, up to ahead_end, are or will be there; empty when end <= start */
    u64 ahead_start, ahead_end, ahead_lba, ahead_ns;
    struct disk_stats stats;
};

struct place {
    u32 cylinder, head, sector, track; /* track: its sectors */
};

static u64 scale(u64 x, u64 num, u64 den)
{
    return x / den * num + x % den * num / den;
}

static u64 to_ns(const struct disk_model *d, u64 cycle)
{
    return scale(cycle, 1000000000, d->clock_hz);
}

/* First cycle not before. */
static u64 to_cycle(const struct disk_model *d, u64 ns)
{
    u64 c = scale(ns, d->clock_hz, 1000000000);
    return to_ns(d, c) < ns ? c + 1 : c;
}

static void lay_out(struct disk_model *d)
{
    const struct disk_kind *k = d->kind;
    u64 lost = k->track_outer - k->track_inner, lba = 0;
    u32 n = lost ? DISK_ZONES : 1;

    d->zones = n;
    for (u32 i = 0; i < n; i++) {
        u32 first = (u32)((u64)k->cylinders * i / n);
        u32 next = (u32)((u64)k->cylinders * (i + 1) / n);
        u64 drop = n > 1 ? lost * i * i / ((n - 1) * (n - 1)) : 0;
        u32 track = (u32)(k->track_outer - drop);
        d->zone[i] = (struct zone){lba, first, track};
        lba += (u64)(next - first) * k->heads * track;
    }
}

struct disk_model *disk_model_new(const char *name, u64 sectors, u64 clock_hz)
{
    size_t length = strcspn(name, ",");
    const struct disk_kind *k = disk_kind_find(name, length);

    if (!k || (name[length] && strcmp(name + length, ",nobuffer")))
        return NULL;
    struct disk_model *d = xcalloc(1, sizeof(*d));
    d->kind = k;
    d->clock_hz = clock_hz;
    d->sectors = sectors;
    if (k->rpm) {
        d->turn = 60000000000ull / k->rpm;
        d->buffered = !name[length];
        lay_out(d);
    }
    return d;
}

void disk_model_free(struct disk_model *d)
{
    free(d);
}

/* Sectors beyond the real disk's last lie on further cylinders. */
static struct place place_of(const struct disk_model *d, u64 lba)
{
    u32 z = d->zones - 1;

    while (z > 0 && d->zone[z].first > lba)
        z--;
    u64 in = lba - d->zone[z].first, track = d->zone[z].track;
    u64 tracks = in / track;
    return (struct place){.cylinder = d->zone[z].cylinder +
                                      (u32)(tracks / d->kind->heads),
                          .head = (u32)(tracks % d->kind->heads),
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
static u64 track_angle(const struct disk_model *d, const struct place *p)
{
    const struct disk_kind *k = d->kind;
    u64 cylinder_skew = (k->heads - 1) * (u64)k->head_switch + seek_ns(k, 0, 1);

    return (p->cylinder * cylinder_skew + p->head * (u64)k->head_switch) %
           d->turn;
}

/* From the beginning of sector `from` to the end of sector `to` - 1, the head
 * being there: turning, and a switch after each track. */
static u64 stream_ns(const struct disk_model *d, u64 from, u64 to)
{
    u64 ns = 0;

    while (from < to) {
        struct place p = place_of(d, from);
        u64 n = p.track - p.sector;
        bool last = from + n >= to;
        if (last)
            n = to - from;
        ns += d->turn * (p.sector + n) / p.track - d->turn * p.sector / p.track;
        from += n;
        if (!last)
            ns += p.head + 1 == d->kind->heads ? seek_ns(d->kind, 0, 1)
                                               : d->kind->head_switch;
    }
    return ns;
}

/* Moves the head to a sector; returns when the sector begins. */
static u64 position(struct disk_model *d, u64 at, u64 lba, bool write)
{
    struct place p = place_of(d, lba);
    u64 move = seek_ns(d->kind, d->cylinder, p.cylinder);

    if (!move && p.head != d->head)
        move = d->kind->head_switch;
    if (write)
        move += d->kind->write_settle;
    d->stats.seek_cycles += scale(move, d->clock_hz, 1000000000);
    at += move;
    u64 sector = (track_angle(d, &p) + d->turn * p.sector / p.track) % d->turn;
    u64 angle = at % d->turn;
    return at + (sector + d->turn - angle) % d->turn;
}

/* Whether the disk has what begins at `first`, or will sooner by reading on
 * (within a turn) than by moving the head. */
static bool ahead_has(const struct disk_model *d, u64 at, u64 first)
{
    if (!d->buffered || first < d->ahead_start || first >= d->ahead_end)
        return false;
    return first < d->ahead_lba ||
           d->ahead_ns + stream_ns(d, d->ahead_lba, first + 1) <= at + d->turn;
}

static u64 bus_ns(const struct disk_model *d, u64 sectors)
{
    return sectors * SECTOR_BYTES * 1000 / d->kind->bus_rate;
}

/* From the buffer, over the bus, which follows what passes under the head by a
 * block of 4 KiB at most. The head is taken to have gone on reading: a host
 * that is slower than the platter finds the buffer full, and the turn lost
 * then hidden by it. */
static u64 serve_ahead(struct disk_model *d, u64 at, u64 first, u64 end)
{
    u64 done = at + bus_ns(d, end - first);

    if (end <= d->ahead_lba)
        return done;
    d->ahead_ns += stream_ns(d, d->ahead_lba, end);
    d->ahead_lba = end;
    d->ahead_end = end + d->kind->buffer_sectors;
    u64 passed = d->ahead_ns + bus_ns(d, end - first < 8 ? end - first : 8);
    return done > passed ? done : passed;
}

static u64 serve_mechanical(struct disk_model *d, u64 at, u64 first, u64 end,
                            bool write)
{
    at += d->kind->overhead;
    if (first == end)
        return at;
    if (!write && ahead_has(d, at, first))
        return serve_ahead(d, at, first, end);
    at = position(d, at, first, write) + stream_ns(d, first, end);
    struct place last = place_of(d, end - 1);
    d->cylinder = last.cylinder;
    d->head = last.head;
    d->ahead_start = first;
    d->ahead_end = write ? first : end + d->kind->buffer_sectors;
    d->ahead_lba = end;
    d->ahead_ns = at;
    return at;
}

static u64 serve_flash(const struct disk_kind *k, u64 at, u64 bytes, bool write)
{
    u64 beyond = bytes > 4096 ? bytes - 4096 : 0;

    if (!k->read4k)
        return at;
    return at + (write ? k->write4k : k->read4k) +
           beyond * 1000 / (write ? k->write_rate : k->read_rate);
}

/* The disk is busy from `start` to the time `at` in ns. */
static u64 finish(struct disk_model *d, u64 start, u64 at)
{
    u64 done = to_cycle(d, at);

    if (done < start)
        done = start;
    d->stats.busy_cycles += done - start;
    d->busy_until = done;
    return done;
}

u64 disk_service(struct disk_model *d, u64 now, u64 sector, u32 nsectors,
                 bool write)
{
    u64 start = now > d->busy_until ? now : d->busy_until;
    u64 at = to_ns(d, start), bytes = (u64)nsectors * SECTOR_BYTES;

    at = d->kind->rpm
             ? serve_mechanical(d, at, sector, sector + nsectors, write)
             : serve_flash(d->kind, at, bytes, write);
    if (write) {
        d->stats.writes++;
        d->stats.write_bytes += bytes;
    } else {
        d->stats.reads++;
        d->stats.read_bytes += bytes;
    }
    d->stats.head_sector = sector + nsectors;
    return finish(d, start, at);
}

/* One entry in the disk's map, however many sectors (ours): flash takes as
 * long as for a page. */
u64 disk_discard(struct disk_model *d, u64 now, u32 nsectors)
{
    u64 start = now > d->busy_until ? now : d->busy_until;

    d->stats.discards++;
    d->stats.discard_bytes += (u64)nsectors * SECTOR_BYTES;
    return finish(d, start,
                  to_ns(d, start) +
                      (d->kind->rpm ? d->kind->overhead : d->kind->write4k));
}

u64 disk_zero(struct disk_model *d, u64 now, u64 sector, u32 nsectors,
              bool unmap)
{
    if (unmap && !d->kind->rpm)
        return disk_discard(d, now, nsectors);
    return disk_service(d, now, sector, nsectors, true);
}

struct disk_stats disk_stats(const struct disk_model *d)
{
    return d->stats;
}

void disk_model_state(struct disk_model *d, struct state *s)
{
    state_tag(s, d->kind->name);
    state_val(s, d->busy_until);
    state_val(s, d->cylinder);
    state_val(s, d->head);
    state_val(s, d->ahead_start);
    state_val(s, d->ahead_end);
    state_val(s, d->ahead_lba);
    state_val(s, d->ahead_ns);
    state_val(s, d->stats);
    state_check(s, d->ahead_end <= d->ahead_lba + d->kind->buffer_sectors,
                "read ahead");
}
