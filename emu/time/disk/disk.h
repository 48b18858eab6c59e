/* SPDX-License-Identifier: MIT */
/* The parts of the disk model: the queue (disk.c), platters and heads
 * (disk_heads.c), flash (disk_flash.c), the named disks (disk_kinds.c). */
#pragma once

#include "time/time.h"

#define SECTOR_BYTES 512u
#define DISK_ZONES   16
#define DISK_DIES    64
#define DISK_NEVER   (~0ull)
#define DISK_BUFFERS 32 /* segments of a buffer, at most */

struct seek_point {
    u32 cylinders, us;
};

enum disk_discipline { DISK_FIFO, DISK_CLOOK, DISK_NCQ };

/* The description of a disk; all times in ns. */
struct disk_kind {
    const char *name, *origin;
    u8 queue; /* enum disk_discipline, by default */
    u32 tags; /* requests that the disk holds and chooses from */
    /* with heads: */
    u32 cylinders, heads, rpm;    /* rpm 0: flash */
    u32 track_outer, track_inner; /* sectors */
    const struct seek_point *seek;
    u32 seeks;
    u32 head_switch, write_settle, overhead;
    u32 segments, segment; /* of the buffer; sectors of a segment */
    bool segments_ours;    /* not published: our choice */
    u32 ahead;             /* sectors read beyond a request, at most */
    u32 bus_rate;          /* bytes/us of data served from the buffer */
    /* flash: a 4 KiB request, and bytes/us for the rest */
    u32 read4k, write4k, read_rate, write_rate;
    u32 dies;  /* dies that read in parallel */
    u32 cache; /* KiB of writes; with heads: the segments */
};

const struct disk_kind *disk_kind_find(const char *name, size_t length);

struct disk_zone {
    u64 first;           /* sector number */
    u32 cylinder, track; /* first cylinder; sectors a track */
};

/* ---- heads (disk_heads.c): times in ns ---------------------------------- */
/* Sectors of one stream; empty if end == start. In the active segment, which
 * the head reads into, `end` is the sector at which reading ahead will stop. */
struct disk_segment {
    u64 start, end;
    u64 used; /* number of the last read that used it */
};

struct disk_heads {
    const struct disk_kind *kind; /* this and the next five are not state */
    bool buffered;
    u64 turn;  /* ns a revolution */
    u64 phase; /* ns of a turn: position of the platters at time 0 */
    u32 zones;
    struct disk_zone zone[DISK_ZONES];
    /* state */
    u32 cylinder, head; /* end of the last request that moved the head */
    /* The active segment, or DISK_BUFFERS: none. The head was at the start of
     * sector read_lba at read_ns, and reads on from there. */
    u32 active;
    u64 read_lba, read_ns;
    u64 reads;
    struct disk_segment segment[DISK_BUFFERS];
};
void heads_init(struct disk_heads *h, const struct disk_kind *k, bool buffered);
void heads_state(struct disk_heads *h, struct state *s);
/* Returns the time from `at` until the first sector that the buffer lacks is
 * under the head; 0: it lacks none. Changes nothing. */
u64 heads_cost(const struct disk_heads *h, u64 at, u64 first, u64 end,
               bool write);
/* Serves a request and returns its end; *seek: the time of arm and settling. */
u64 heads_serve(struct disk_heads *h, u64 at, u64 first, u64 end, bool write,
                u64 *seek);

/* ---- flash (disk_flash.c): times in ns ---------------------------------- */
struct disk_flash {
    const struct disk_kind *kind; /* not state */
    u64 die_free[DISK_DIES];
    u64 reads_free, writes_free; /* times at which the shared rates are free */
};
void flash_state(struct disk_flash *f, struct state *s);
u64 flash_serve(struct disk_flash *f, u64 at, u64 first, u64 end, bool write);
