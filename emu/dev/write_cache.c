/* SPDX-License-Identifier: MIT */
#include "dev/write_cache.h"

#include <stdlib.h>

static void make_oldest_durable(struct write_cache *c)
{
    struct cached_write *w = &c->write[c->first++];
    c->bytes -= w->n;
    c->count--;
    c->durable++;
    free(w->before);
    if (!c->count)
        c->first = 0;
}

void write_cache_flush(struct write_cache *c, u64 end)
{
    while (c->count && c->durable < end)
        make_oldest_durable(c);
}

static struct cached_write *new_write(struct write_cache *c, u64 at, u64 n)
{
    if (c->first + c->count == c->slots && c->first > c->slots / 2) {
        memmove(c->write, c->write + c->first, c->count * sizeof(*c->write));
        c->first = 0;
    } else if (c->first + c->count == c->slots) {
        c->slots = c->slots ? 2 * c->slots : 64;
        c->write = xrealloc(c->write, c->slots * sizeof(*c->write));
    }
    struct cached_write *w = &c->write[c->first + c->count++];
    *w = (struct cached_write){at, n, xcalloc(1, n)};
    c->bytes += n;
    return w;
}

void write_cache_add(struct write_cache *c, struct backing *b, u64 at, u64 n,
                     bool unflushed)
{
    if (!c->on || !n)
        return;
    if (!unflushed || n > c->room) {
        write_cache_flush(c, ~0ull);
        return;
    }
    while (c->bytes + n > c->room)
        make_oldest_durable(c);
    struct cached_write *w = new_write(c, at, n);
    if (!backing_read(b, at, w->before, n)) /* an error of the host */
        write_cache_flush(c, ~0ull);
}

/* Exchanges the bytes on the disk and those kept for the write. */
static bool swap_bytes(struct backing *b, struct cached_write *w)
{
    u8 *now = xcalloc(1, w->n);
    bool ok = backing_read(b, w->at, now, w->n) &&
              backing_write(b, w->at, w->before, w->n);
    free(w->before);
    w->before = now;
    return ok;
}

/* First takes back all writes, the newest first, which leaves the durable
 * bytes; then repeats the sectors that reach the disk, the oldest first. */
bool write_cache_cut(struct write_cache *c, struct backing *b)
{
    enum { ALL, NONE, SOME } fate;
    u64 random = (c->seed + 1) * 0x9e3779b97f4a7c15ull | 1;
    bool ok = true;
    for (u32 i = c->count; i-- > 0;)
        ok &= swap_bytes(b, &c->write[c->first + i]);
    for (u32 i = 0; i < c->count; i++) {
        const struct cached_write *w = &c->write[c->first + i];
        fate = (rand_step(&random) >> 32) % 3;
        for (u64 k = 0; k < w->n; k += SECTOR_BYTES)
            if (fate == ALL || (fate == SOME && rand_step(&random) >> 63))
                ok &= backing_write(b, w->at + k, w->before + k, SECTOR_BYTES);
    }
    write_cache_flush(c, ~0ull);
    return ok;
}

void write_cache_state(struct write_cache *c, const struct backing *b,
                       struct state *s)
{
    u32 count = c->count;
    u64 size = b->sectors * SECTOR_BYTES, durable = c->durable;
    state_tag(s, "write cache");
    state_val(s, count);
    state_val(s, durable);
    if (state_loading(s)) {
        if (state_error(s))
            return;
        write_cache_flush(c, ~0ull);
        c->durable = durable;
    }
    for (u32 i = 0; i < count && !state_error(s); i++) {
        struct cached_write w = {0};
        if (!state_loading(s))
            w = c->write[c->first + i];
        state_val(s, w.at);
        state_val(s, w.n);
        state_check(s,
                    w.n && w.n % SECTOR_BYTES == 0 && w.n <= size &&
                        w.at % SECTOR_BYTES == 0 && w.at <= size - w.n &&
                        (!state_loading(s) ||
                         (w.n <= c->room - c->bytes && w.n <= state_left(s))),
                    "a disk's write cache: a write out of range");
        if (state_error(s))
            return;
        if (state_loading(s))
            w = *new_write(c, w.at, w.n);
        state_bytes(s, w.before, w.n);
    }
}

void write_cache_free(struct write_cache *c)
{
    write_cache_flush(c, ~0ull);
    free(c->write);
    c->write = NULL;
    c->slots = 0;
}
