/* SPDX-License-Identifier: MIT */
#include "history/log.h"

#include <stdlib.h>

struct entry {
    u64 cycle, at, n; /* at: offset of its bytes */
    u32 kind;
};
struct input_log {
    struct entry *entry;
    u64 count, cap;
    u8 *bytes;
    u64 used, room;
};

struct input_log *input_log_new(void)
{
    return xcalloc(1, sizeof(struct input_log));
}

void input_log_free(struct input_log *l)
{
    if (!l)
        return;
    free(l->entry);
    free(l->bytes);
    free(l);
}

static void add_bytes(struct input_log *l, const void *bytes, u64 n)
{
    if (l->used + n > l->room) {
        l->room = (l->used + n) * 2;
        l->bytes = xrealloc(l->bytes, l->room);
    }
    if (n)
        memcpy(l->bytes + l->used, bytes, n);
    l->used += n;
}

void input_log_add(struct input_log *l, u64 cycle, enum input_kind kind,
                   const void *bytes, u64 n)
{
    struct entry *last = l->count ? &l->entry[l->count - 1] : NULL;
    /* A pipe is one stream: a byte at a time would cost 32 each. */
    if (kind == INPUT_PIPE && last && last->kind == INPUT_PIPE) {
        add_bytes(l, bytes, n);
        last->n += n;
        return;
    }
    if (l->count == l->cap) {
        l->cap = l->cap ? l->cap * 2 : 64;
        l->entry = xrealloc(l->entry, l->cap * sizeof(*l->entry));
    }
    l->entry[l->count++] =
        (struct entry){.cycle = cycle, .at = l->used, .n = n, .kind = kind};
    add_bytes(l, bytes, n);
}

u64 input_log_count(const struct input_log *l)
{
    return l->count;
}

struct input_entry input_log_at(const struct input_log *l, u64 i)
{
    assert(i < l->count);
    const struct entry *e = &l->entry[i];
    return (struct input_entry){e->cycle, e->kind, e->n, l->bytes + e->at};
}
