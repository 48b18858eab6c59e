/* SPDX-License-Identifier: MIT */
/* Inside of the disk model: kinds (disk_kinds.c) and service (disk.c). */
#ifndef CLOCKHAND_DISK_H
#define CLOCKHAND_DISK_H

#include "time/time.h"

#define SECTOR_BYTES 512u
#define DISK_ZONES   16

struct seek_point {
    u32 cylinders, us;
};

/* A model as described; all times in ns. */
struct disk_kind {
    const char *name, *origin;
    /* with heads: */
    u32 cylinders, heads, rpm;    /* rpm 0: flash */
    u32 track_outer, track_inner; /* sectors */
    const struct seek_point *seek;
    u32 seeks;
    u32 head_switch, write_settle, overhead;
    u32 buffer_sectors; /* read ahead at most */
    u32 bus_rate;       /* bytes/us: what the buffer serves */
    /* flash: a 4 KiB request, and bytes/us for the rest */
    u32 read4k, write4k, read_rate, write_rate;
};

const struct disk_kind *disk_kind_find(const char *name, size_t length);

#endif
