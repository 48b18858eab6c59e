/* SPDX-License-Identifier: MIT */
#include "history/log.h"

struct entry {
    struct moment at;
    u64 from, n; /* its n bytes: input_log.bytes + from */
    u32 kind;
};
struct input_log {
    struct entry *entry;
    u64 count, cap;
    u8 *bytes;
    u64 used, room;
};

static int order(u64 a, u64 b)
{
    return (a > b) - (a < b);
}

int moment_compare(struct moment a, struct moment b)
{
    int cycle = order(a.cycle, b.cycle);
    int steps = order(moment_steps(a), moment_steps(b));
    return cycle ? cycle : steps ? steps : order(a.events, b.events);
}

struct input_log *input_log_new(void)
{
    return xcalloc(1, sizeof(struct input_log));
}

void input_log_free(struct input_log *l)
{
    if (!l)
        return;
    free_all(l->entry, l->bytes, l);
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

void input_log_add(struct input_log *l, struct moment at, enum input_kind kind,
                   const void *bytes, u64 n)
{
    struct entry *last = l->count ? &l->entry[l->count - 1] : NULL;
    /* A pipe is one stream: an entry for each byte would cost 56 bytes. */
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
        (struct entry){.at = at, .from = l->used, .n = n, .kind = kind};
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
    return (struct input_entry){e->at, e->kind, e->n, l->bytes + e->from};
}

struct input_place input_log_end(const struct input_log *l)
{
    u64 last = l->count - 1;
    if (l->count && l->entry[last].kind == INPUT_PIPE) /* the entry may grow */
        return (struct input_place){last, l->entry[last].n};
    return (struct input_place){l->count, 0};
}

bool input_log_next(const struct input_log *l, struct input_place *p,
                    struct input_entry *e)
{
    if (p->next < l->count && l->entry[p->next].kind == INPUT_PIPE &&
        p->offset == l->entry[p->next].n)
        *p = (struct input_place){p->next + 1, 0};
    if (p->next >= l->count)
        return false;
    *e = input_log_at(l, p->next);
    return true;
}

void input_log_pass(const struct input_log *l, struct input_place *p)
{
    if (l->entry[p->next].kind == INPUT_PIPE)
        p->offset++;
    else
        *p = (struct input_place){p->next + 1, 0};
}

void input_log_cut(struct input_log *l, struct input_place p)
{
    l->count = p.next + (p.offset > 0);
    if (p.offset)
        l->entry[p.next].n = p.offset;
    struct entry *last = l->count ? &l->entry[l->count - 1] : NULL;
    l->used = last ? last->from + last->n : 0;
}

struct input_log *input_log_copy(const struct input_log *l)
{
    struct input_log *copy = input_log_new();
    *copy = *l;
    copy->cap = l->count;
    copy->room = l->used;
    copy->entry = xcalloc(l->count + 1, sizeof(*copy->entry));
    copy->bytes = xcalloc(1, l->used + 1);
    if (l->count)
        memcpy(copy->entry, l->entry, l->count * sizeof(*l->entry));
    if (l->used)
        memcpy(copy->bytes, l->bytes, l->used);
    return copy;
}
