/* SPDX-License-Identifier: MIT */
/* A disk's volatile write cache, as far as a power cut can show it: the writes
 * that are not durable yet, each with the bytes that it has overwritten. The
 * backing always has the newest bytes, and reads return them. Only disks with
 * `--drive FILE,cut=SEED` have one. */
#ifndef CLOCKHAND_DEV_WRITE_CACHE_H
#define CLOCKHAND_DEV_WRITE_CACHE_H

#include "dev/backing.h"

struct cached_write {
    u64 at, n; /* bytes: offset on the disk, length */
    u8 *before;
};

struct write_cache {
    bool on; /* configuration, with the next two */
    u64 seed;
    u64 room; /* bytes */
    /* state: the writes, oldest first */
    struct cached_write *write;
    u32 count, first; /* first: the oldest one's index in write[] */
    u32 slots;        /* allocated */
    u64 bytes;
    u64 durable; /* number of cached writes that have become durable */
};

/* To be called before n bytes at `at` are written. A write larger than the
 * cache, and one that goes through it (!unflushed), is durable at once; so are
 * all before it then. Otherwise the oldest writes make room by becoming
 * durable. */
void write_cache_add(struct write_cache *c, struct backing *b, u64 at, u64 n,
                     bool unflushed);
/* The number of writes that have been cached so far. */
static inline u64 write_cache_end(const struct write_cache *c)
{
    return c->durable + c->count;
}
/* Makes the first `end` writes ever cached durable. */
void write_cache_flush(struct write_cache *c, u64 end);
/* The power is cut: of each write that is not durable all sectors, none, or
 * some reach the disk, as the seed says. Of several writes to one sector the
 * newest that reaches it counts. False: an error of the host. */
bool write_cache_cut(struct write_cache *c, struct backing *b);
void write_cache_state(struct write_cache *c, const struct backing *b,
                       struct state *s);
void write_cache_free(struct write_cache *c);

#endif
