/* SPDX-License-Identifier: MIT */
#include "history/copies.h"

#include <stdlib.h>

#define FAN_BITS 5
#define FAN      (1u << FAN_BITS)

/* Both begin with the number of their owners: nodes and versions that point at
 * them. */
struct copy {
    u32 owners;
    u8 bytes[];
};
struct node {
    u32 owners;
    void *at[FAN]; /* nodes; on level 0 copies */
};

/* It is never freed: nobody but its maker gives up the first owner. */
static struct copy the_mark = {.owners = 1, .bytes = {0}};
const u8 *const copies_mark = the_mark.bytes;

/* ---- where copies lie ---------------------------------------------------- */

/* Copies come and go by the thousand, all of one size: they lie in slabs, whose
 * memory is not given back meanwhile. */
#define SLAB_LARGE (2u << 20)
#define SLAB_SMALL (64u << 10)

struct slab {
    struct slab *next;
};
struct spare { /* a copy that nobody has */
    struct spare *next;
};
struct copies_store {
    struct slab *slabs;
    struct spare *spare;
};

static size_t copy_bytes(const struct copies_shape *c)
{
    return (sizeof(struct copy) + c->unit + 15) & ~(size_t)15;
}

static void slab_new(const struct copies_shape *c)
{
    size_t one = copy_bytes(c);
    size_t size = c->unit >= PAGE_BYTES ? SLAB_LARGE : SLAB_SMALL;
    assert(one <= size - sizeof(struct slab));
    struct slab *s = aligned_alloc(size, size);
    assert(s);
    s->next = c->store->slabs;
    c->store->slabs = s;
    for (size_t at = 16; at + one <= size; at += one) {
        struct spare *p = (struct spare *)((u8 *)s + at);
        p->next = c->store->spare;
        c->store->spare = p;
    }
}

static struct copy *copy_new(const struct copies_shape *c)
{
    if (!c->store->spare)
        slab_new(c);
    struct spare *p = c->store->spare;
    c->store->spare = p->next;
    *c->bytes += copy_bytes(c);
    return (struct copy *)p;
}

static void copy_free(const struct copies_shape *c, struct copy *copy)
{
    struct spare *p = (struct spare *)copy;
    *c->bytes -= copy_bytes(c);
    p->next = c->store->spare;
    c->store->spare = p;
}

struct copies_shape copies_shape(u64 units, u32 unit, u64 *bytes)
{
    struct copies_shape c = {units, unit, 1, bytes,
                             xcalloc(1, sizeof(*c.store))};
    while (units > 1ull << (FAN_BITS * c.levels))
        c.levels++;
    return c;
}

void copies_end(struct copies_shape *c)
{
    for (struct slab *s = c->store->slabs, *next; s; s = next) {
        next = s->next;
        free(s);
    }
    free(c->store);
    c->store = NULL;
}

/* ---- versions ------------------------------------------------------------ */

void *copies_hold(void *root)
{
    if (root)
        (*(u32 *)root)++;
    return root;
}

static void copy_drop(const struct copies_shape *c, struct copy *p)
{
    if (!p || --p->owners)
        return;
    copy_free(c, p);
}

static void node_drop(const struct copies_shape *c, struct node *n,
                      unsigned level)
{
    if (!n || --n->owners)
        return;
    for (unsigned i = 0; i < FAN; i++)
        if (level)
            node_drop(c, n->at[i], level - 1);
        else
            copy_drop(c, n->at[i]);
    *c->bytes -= sizeof(*n);
    free(n);
}

void copies_drop(const struct copies_shape *c, void *root)
{
    node_drop(c, root, c->levels - 1);
}

static unsigned slot(u64 i, unsigned level)
{
    return i >> (FAN_BITS * level) & (FAN - 1);
}

const u8 *copies_at(const struct copies_shape *c, const void *root, u64 i)
{
    const struct node *n = root;
    assert(i < c->units);
    for (unsigned level = c->levels - 1; n && level; level--)
        n = n->at[slot(i, level)];
    const struct copy *p = n ? n->at[slot(i, 0)] : NULL;
    return p ? p->bytes : NULL;
}

static struct copy *copy_of(const struct copies_shape *c, const u8 *p)
{
    if (!p)
        return NULL;
    if (p == copies_mark) {
        the_mark.owners++;
        return &the_mark;
    }
    struct copy *own = copy_new(c);
    own->owners = 1;
    memcpy(own->bytes, p, c->unit);
    return own;
}

/* Gives *n a single owner. */
static void node_own(const struct copies_shape *c, struct node **n)
{
    struct node *shared = *n;
    if (shared && shared->owners == 1)
        return;
    struct node *own = xcalloc(1, sizeof(*own));
    *c->bytes += sizeof(*own);
    own->owners = 1;
    *n = own;
    if (!shared)
        return;
    memcpy(own->at, shared->at, sizeof(own->at));
    for (unsigned i = 0; i < FAN; i++)
        copies_hold(own->at[i]);
    shared->owners--;
}

static bool same(const struct copies_shape *c, const u8 *a, const u8 *b)
{
    return a == b || (a && b && a != copies_mark && b != copies_mark &&
                      !memcmp(a, b, c->unit));
}

void copies_set(const struct copies_shape *c, void **root, u64 i, const u8 *p)
{
    struct node **n = (struct node **)root;
    if (same(c, copies_at(c, *root, i), p))
        return;
    for (unsigned level = c->levels - 1;; level--) {
        node_own(c, n);
        if (!level)
            break;
        n = (struct node **)&(*n)->at[slot(i, level)];
    }
    struct copy *old = (*n)->at[slot(i, 0)];
    (*n)->at[slot(i, 0)] = copy_of(c, p);
    copy_drop(c, old);
}

struct differ {
    void (*fn)(void *opaque, u64 i);
    void *opaque;
};

static void differ(const struct node *a, const struct node *b, unsigned level,
                   u64 first, const struct differ *d)
{
    for (unsigned i = 0; i < FAN; i++) {
        const void *x = a ? a->at[i] : NULL, *y = b ? b->at[i] : NULL;
        u64 at = first + ((u64)i << (FAN_BITS * level));
        if (x == y)
            continue;
        if (level)
            differ(x, y, level - 1, at, d);
        else
            d->fn(d->opaque, at);
    }
}

void copies_differ(const struct copies_shape *c, const void *a, const void *b,
                   void (*fn)(void *opaque, u64 i), void *opaque)
{
    struct differ d = {fn, opaque};
    if (a != b)
        differ(a, b, c->levels - 1, 0, &d);
}
