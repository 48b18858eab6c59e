/* SPDX-License-Identifier: MIT */
/* Shared by the parts of the disk model: the queue (disk.c), platters and heads
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

/* The description of a disk; times are in ns. */
struct disk_kind {
    const char *name, *origin;
    u8 queue; /* the default enum disk_discipline */
    u32 tags; /* requests that the disk holds and chooses from, at most */
    /* disks with heads: */
    u32 cylinders, heads, rpm;    /* rpm 0: flash */
    u32 track_outer, track_inner; /* sectors */
    const struct seek_point *seek;
    u32 seeks;
    u32 head_switch, write_settle, overhead;
    u32 segments, segment; /* in the buffer; sectors of each */
    bool segments_ours;    /* number and size: our choice, not published */
    u32 ahead;             /* sectors read beyond a request, at most */
    u32 bus_rate;          /* bytes/us of data served from the buffer */
    /* Flash: the time of a 4 KiB request; bytes/us beyond 4 KiB. */
    u32 read4k, write4k, read_rate, write_rate;
    const char *marks; /* of the times, then of the rates: ?, * or a blank */
    u32 dies;          /* dies that read in parallel */
    u32 cache;         /* KiB of the write cache; unused by disks with heads */
};

const struct disk_kind *disk_kind_find(const char *name, size_t length);

struct disk_zone {
    u64 first;           /* sector number */
    u32 cylinder, track; /* first cylinder; sectors a track */
};

/* ---- heads (disk_heads.c): times in ns ---------------------------------- */
/* Sectors of one stream; none if end == start. The head reads into the active
 * segment, whose `end` is the sector at which reading ahead will stop. */
struct disk_segment {
    u64 start, end;
    u64 used; /* number of the last read that used it */
};

struct disk_heads {
    const struct disk_kind *kind; /* this and the next five are not state */
    bool buffered;
    u64 turn;  /* ns of a revolution */
    u64 phase; /* the platters' position at time 0, in ns of a turn */
    u32 zones;
    struct disk_zone zone[DISK_ZONES];
    /* state */
    u32 cylinder, head; /* where the last request to the platters ended */
    /* The active segment, or DISK_BUFFERS: none. The head was at the start of
     * sector read_lba at read_ns, and reads on from there. */
    u32 active;
    u64 read_lba, read_ns;
    u64 reads;
    struct disk_segment segment[DISK_BUFFERS];
};
void heads_init(struct disk_heads *h, const struct disk_kind *k, bool buffered);
void heads_state(struct disk_heads *h, struct state *s);
/* Returns the time from `at` until the head is at the first sector; for a read,
 * at the first that the buffer lacks (0: none), or past it when reading on. */
u64 heads_cost(const struct disk_heads *h, u64 at, u64 first, u64 end,
               bool write);
/* Serves a request, returns its end; *seek: the time to move and settle. */
u64 heads_serve(struct disk_heads *h, u64 at, u64 first, u64 end, bool write,
                u64 *seek);

/* ---- flash (disk_flash.c): times in ns ---------------------------------- */
struct disk_flash {
    const struct disk_kind *kind; /* not state */
    u64 die_free[DISK_DIES];
    u64 reads_free, writes_free; /* ends of the transfers so far */
};
void flash_state(struct disk_flash *f, struct state *s);
u64 flash_serve(struct disk_flash *f, u64 at, u64 first, u64 end, bool write);
