/* SPDX-License-Identifier: MIT */
/* Models flash. A read occupies a die while cells are sensed, then sends its
 * bytes; reads share the device's rate. Pages of 16 KiB lie on consecutive
 * dies, so that a long request, or several, use many. A write takes write4k and
 * the time of its bytes beyond 4 KiB at the write rate, or longer if earlier
 * writes use this rate. In this model programming and erasing delay no read. */
#include "time/disk/disk.h"

#define PAGE_SECTORS 32u /* 16 KiB: the data of one sensing (our choice) */

static u64 bytes_ns(u64 bytes, u32 rate)
{
    return bytes * 1000 / rate;
}

/* Transfers n bytes at a shared rate; returns the end of the transfer. */
static u64 take_rate(u64 *free, u64 at, u64 n, u32 rate)
{
    *free = (*free > at ? *free : at) + bytes_ns(n, rate);
    return *free;
}

static u64 read_flash(struct disk_flash *f, u64 at, u64 first, u64 end)
{
    const struct disk_kind *k = f->kind;
    u64 cell = k->read4k - bytes_ns(4096, k->read_rate), done = at;
    u64 shared = take_rate(&f->reads_free, at, (end - first) * SECTOR_BYTES,
                           k->read_rate);

    while (first < end) {
        u64 page = first / PAGE_SECTORS, next = (page + 1) * PAGE_SECTORS;
        u64 *die = &f->die_free[page % k->dies];
        if (next > end)
            next = end;
        *die = (*die > at ? *die : at) + cell;
        done = (*die > done ? *die : done) +
               bytes_ns((next - first) * SECTOR_BYTES, k->read_rate);
        first = next;
    }
    return done > shared ? done : shared;
}

static u64 write_flash(struct disk_flash *f, u64 at, u64 bytes)
{
    const struct disk_kind *k = f->kind;
    u64 beyond = bytes > 4096 ? bytes - 4096 : 0;
    u64 done = at + k->write4k + bytes_ns(beyond, k->write_rate);
    u64 shared = take_rate(&f->writes_free, at, bytes, k->write_rate);

    return done > shared ? done : shared;
}

u64 flash_serve(struct disk_flash *f, u64 at, u64 first, u64 end, bool write)
{
    if (!f->kind->read4k)
        return at; /* the ideal disk */
    return write ? write_flash(f, at, (end - first) * SECTOR_BYTES)
                 : read_flash(f, at, first, end);
}

void flash_state(struct disk_flash *f, struct state *s)
{
    state_vals(s, f->die_free, f->reads_free, f->writes_free);
}
