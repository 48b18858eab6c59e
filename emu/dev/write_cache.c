/* SPDX-License-Identifier: MIT */
#include "dev/write_cache.h"

static struct cached_sector *slot(struct write_cache *c, u64 number)
{
    return &c->ring[number % c->slots];
}

bool sectors_listed(const char *list, u64 sector, bool *listed)
{
    u64 first, last;
    *listed = false;
    do {
        if (!range_parse(&list, &first, &last))
            return false;
        *listed |= first <= sector && sector <= last;
    } while (*list++ == '+');
    return !list[-1];
}

void write_cache_init(struct write_cache *c, u64 seed, const char *loses,
                      u64 bytes)
{
    c->seed = seed;
    c->loses = loses;
    c->slots = bytes / SECTOR_BYTES;
    c->ring = xcalloc(c->slots, sizeof(*c->ring));
}

void write_cache_flush(struct write_cache *c, u64 end)
{
    end = end < c->end ? end : c->end;
    c->durable = end > c->durable ? end : c->durable;
}

void write_cache_add(struct write_cache *c, struct backing *b, u64 sector,
                     u64 sectors, bool durable)
{
    u64 write = c->end;
    for (; c->slots && !durable && sectors; sector++, sectors--) {
        struct cached_sector *w = slot(c, c->end++);
        if (c->end - c->durable > c->slots)
            c->durable++;
        w->sector = sector;
        w->write = write;
        /* A sector that cannot be read (the host's error, or a damaged saved
         * machine) makes its write and all earlier ones durable. */
        durable =
            !backing_read(b, sector * SECTOR_BYTES, w->before, SECTOR_BYTES);
    }
    if (durable)
        write_cache_flush(c, c->end);
}

/* Exchanges the bytes on the disk and those kept for the write. */
static void swap_bytes(struct backing *b, struct cached_sector *w)
{
    u8 now[SECTOR_BYTES];
    u64 at = w->sector * SECTOR_BYTES;
    if (backing_read(b, at, now, sizeof(now)) &&
        backing_write(b, at, w->before, sizeof(now)))
        memcpy(w->before, now, sizeof(now));
}

/* First takes back all cached writes, newest first, which leaves the durable
 * bytes. Then, oldest first, repeats the sectors that the seed lets through. It
 * is asked for every sector, so that its answers do not depend on `loses`. */
void write_cache_cut(struct write_cache *c, struct backing *b)
{
    enum { ALL, NONE, SOME } fate = ALL;
    u64 random = (c->seed + 1) * 0x9e3779b97f4a7c15ull | 1, write = ~0ull;
    for (u64 i = c->end; i-- > c->durable;)
        swap_bytes(b, slot(c, i));
    for (u64 i = c->durable; i < c->end; i++) {
        if (slot(c, i)->write != write)
            fate = (rand_step(&random) >> 32) % 3;
        write = slot(c, i)->write;
        bool lost =
            fate == NONE || (fate == SOME && !(rand_step(&random) >> 63));
        if (lost && c->loses)
            sectors_listed(c->loses, slot(c, i)->sector, &lost);
        if (!lost)
            swap_bytes(b, slot(c, i));
    }
    c->durable = c->end;
}

void write_cache_state(struct write_cache *c, const struct backing *b,
                       struct state *s)
{
    u64 durable = c->durable, end = c->end;
    state_tag(s, "write cache");
    state_vals(s, durable, end);
    state_check(s, durable <= end && end - durable <= c->slots,
                "a disk's write cache: more than its size");
    if (state_error(s))
        return;
    c->durable = durable;
    c->end = end;
    for (u64 i = durable; i < end; i++) {
        state_val(s, *slot(c, i));
        state_check(s, slot(c, i)->sector < b->sectors,
                    "a disk's write cache: a write out of range");
    }
}
