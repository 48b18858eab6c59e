/* SPDX-License-Identifier: MIT */
/* A disk's volatile write cache; only its effect at a power cut is modelled. It
 * is a ring of the written sectors that are not durable yet, each with the
 * bytes that the write replaced. The backing always has the newest bytes, which
 * reads return. Only disks with `--drive FILE,cut=SEED` have a cache. */
#pragma once

#include "dev/backing.h"
#include "dev/faults.h"

struct cached_sector {
    u64 sector, write; /* write: the same number for all sectors of one write */
    u8 before[SECTOR_BYTES];
};

struct write_cache {
    u64 seed, slots;   /* configuration; slots 0: no cache */
    const char *loses; /* configuration: the sectors that a cut may lose */
    /* State: cached sectors have the numbers from `durable` to `end` - 1; a
     * sector's place in the ring is its number modulo slots. */
    struct cached_sector *ring;
    u64 durable, end;
};

/* Returns true if the list FIRST[-LAST][+FIRST[-LAST]]... can be read. Sets
 * *listed if the sector is in it. */
bool sectors_listed(const char *list, u64 sector, bool *listed);
/* loses: such a list; NULL: all sectors. bytes: the size; 0: no cache. */
void write_cache_init(struct write_cache *c, u64 seed, const char *loses,
                      u64 bytes);
/* Call before the sectors are written. A durable write makes all writes before
 * it durable. If the cache is full, the oldest sectors become durable. */
void write_cache_add(struct write_cache *c, struct backing *b, u64 sector,
                     u64 sectors, bool durable);
/* Makes the first `end` sectors ever cached durable. */
void write_cache_flush(struct write_cache *c, u64 end);
/* Cuts the power: of each write that is not durable all sectors, none, or some
 * reach the disk, as the seed decides; sectors that are not in `loses` reach it
 * in any case. Of several writes to one sector that reach the disk, the newest
 * counts. */
void write_cache_cut(struct write_cache *c, struct backing *b);
void write_cache_state(struct write_cache *c, const struct backing *b,
                       struct state *s);
