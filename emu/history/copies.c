/* SPDX-License-Identifier: MIT */
#include "history/copies.h"

#include <stdlib.h>
#include <xxhash.h>

#define FAN_BITS 5
#define FAN      (1u << FAN_BITS)

/* Copies and nodes begin with the number of their owners: the nodes and
 * versions that point to them. */
struct copy {
    u32 owners;
    u32 digest;        /* of the bytes */
    struct copy *next; /* in the list of its bucket, or of spare copies */
    u8 bytes[];
};
struct node {
    u32 owners;
    void *at[FAN]; /* nodes; on level 0 copies */
};

/* Starts with an owner that does not exist, so the_mark is never freed. */
static struct copy the_mark = {.owners = 1, .bytes = {0}};
const u8 *const copies_mark = the_mark.bytes;

/* ---- memory for copies --------------------------------------------------- */

/* Copies, all of one size, are made and dropped by the thousand: they lie in
 * slabs (large slabs once the store has grown), which are freed only with the
 * store. */
#define SLAB_LARGE (2u << 20)
#define SLAB_SMALL (64u << 10)
#define BUCKETS    1024u /* at first */

struct slab {
    struct slab *next;
};
struct copies_store {
    u32 unit;
    u64 *bytes;
    struct slab *slabs;
    u64 room; /* of all slabs, bytes */
    struct copy *spare;
    struct copy **bucket; /* by digest: all copies in use, each once */
    u32 buckets, copies;  /* buckets 0: no look-up by content */
};

struct copies_store *copies_store_new(u32 unit, bool once, u64 *bytes)
{
    struct copies_store *s = xcalloc(1, sizeof(*s));
    s->unit = unit;
    s->bytes = bytes;
    s->buckets = once ? BUCKETS : 0;
    s->bucket = once ? xcalloc(BUCKETS, sizeof(struct copy *)) : NULL;
    return s;
}

void copies_store_free(struct copies_store *s)
{
    for (struct slab *slab = s->slabs, *next; slab; slab = next) {
        next = slab->next;
        free(slab);
    }
    free(s->bucket);
    free(s);
}

u32 copies_unit(const struct copies_store *s)
{
    return s->unit;
}

static size_t copy_bytes(const struct copies_store *s)
{
    return (sizeof(struct copy) + s->unit + 15) & ~(size_t)15;
}

static void slab_new(struct copies_store *s)
{
    size_t one = copy_bytes(s);
    size_t size = s->room < SLAB_LARGE ? SLAB_SMALL : SLAB_LARGE;
    assert(one <= size - sizeof(struct slab));
    struct slab *slab = aligned_alloc(size, size);
    assert(slab);
    slab->next = s->slabs;
    s->slabs = slab;
    s->room += size;
    for (size_t at = 16; at + one <= size; at += one) {
        struct copy *p = (struct copy *)((u8 *)slab + at);
        p->next = s->spare;
        s->spare = p;
    }
}

static struct copy **bucket_of(const struct copies_store *s, u32 digest)
{
    return &s->bucket[digest & (s->buckets - 1)];
}

static void buckets_double(struct copies_store *s)
{
    struct copy **old = s->bucket;
    u32 n = s->buckets;
    s->buckets = 2 * n;
    s->bucket = xcalloc(s->buckets, sizeof(struct copy *));
    for (u32 i = 0; i < n; i++)
        for (struct copy *p = old[i], *next; p; p = next) {
            struct copy **b = bucket_of(s, p->digest);
            next = p->next;
            p->next = *b;
            *b = p;
        }
    free(old);
}

static struct copy *copy_new(struct copies_store *s, const u8 *bytes)
{
    if (!s->spare)
        slab_new(s);
    struct copy *p = s->spare;
    s->spare = p->next;
    *s->bytes += copy_bytes(s);
    p->owners = 1;
    memcpy(p->bytes, bytes, s->unit);
    return p;
}

/* Returns a copy of these bytes, for one more owner. */
static struct copy *copy_of(struct copies_store *s, const u8 *bytes)
{
    if (!s->buckets)
        return copy_new(s, bytes);
    u32 digest = (u32)XXH3_64bits(bytes, s->unit);
    struct copy *p = *bucket_of(s, digest);
    for (; p; p = p->next)
        if (p->digest == digest && !memcmp(p->bytes, bytes, s->unit)) {
            p->owners++;
            return p;
        }
    p = copy_new(s, bytes);
    p->digest = digest;
    if (++s->copies > s->buckets)
        buckets_double(s);
    struct copy **b = bucket_of(s, digest);
    p->next = *b;
    *b = p;
    return p;
}

static void copy_drop(struct copies_store *s, struct copy *p)
{
    if (!p || --p->owners)
        return;
    if (s->buckets) {
        struct copy **at = bucket_of(s, p->digest);
        while (*at != p)
            at = &(*at)->next;
        *at = p->next;
        s->copies--;
    }
    *s->bytes -= copy_bytes(s);
    p->next = s->spare;
    s->spare = p;
}

struct copies_shape copies_shape(u64 units, struct copies_store *store)
{
    struct copies_shape c = {units, 1, store};
    while (units > 1ull << (FAN_BITS * c.levels))
        c.levels++;
    return c;
}

/* ---- versions ------------------------------------------------------------ */

void *copies_hold(void *root)
{
    if (root)
        (*(u32 *)root)++;
    return root;
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
            copy_drop(c->store, n->at[i]);
    *c->store->bytes -= sizeof(*n);
    free(n);
}

void copies_drop(const struct copies_shape *c, void *root)
{
    node_drop(c, root, c->levels - 1);
}

static unsigned slot_of(u64 i, unsigned level)
{
    return i >> (FAN_BITS * level) & (FAN - 1);
}

const u8 *copies_at(const struct copies_shape *c, const void *root, u64 i)
{
    const struct node *n = root;
    assert(i < c->units);
    for (unsigned level = c->levels - 1; n && level; level--)
        n = n->at[slot_of(i, level)];
    const struct copy *p = n ? n->at[slot_of(i, 0)] : NULL;
    return p ? p->bytes : NULL;
}

static struct copy *unit_of(const struct copies_shape *c, const u8 *p)
{
    if (!p)
        return NULL;
    if (p != copies_mark)
        return copy_of(c->store, p);
    the_mark.owners++;
    return &the_mark;
}

/* Gives *n one owner: copies a shared node, makes a new one for NULL. */
static void node_own(const struct copies_shape *c, struct node **n)
{
    struct node *shared = *n;
    if (shared && shared->owners == 1)
        return;
    struct node *own = xcalloc(1, sizeof(*own));
    *c->store->bytes += sizeof(*own);
    own->owners = 1;
    *n = own;
    if (!shared)
        return;
    memcpy(own->at, shared->at, sizeof(own->at));
    for (unsigned i = 0; i < FAN; i++)
        copies_hold(own->at[i]);
    shared->owners--;
}

static bool units_equal(const struct copies_shape *c, const u8 *a, const u8 *b)
{
    return a == b || (a && b && a != copies_mark && b != copies_mark &&
                      !memcmp(a, b, c->store->unit));
}

void copies_set(const struct copies_shape *c, void **root, u64 i, const u8 *p)
{
    struct node **n = (struct node **)root;
    if (units_equal(c, copies_at(c, *root, i), p))
        return;
    for (unsigned level = c->levels - 1;; level--) {
        node_own(c, n);
        if (!level)
            break;
        n = (struct node **)&(*n)->at[slot_of(i, level)];
    }
    struct copy *old = (*n)->at[slot_of(i, 0)];
    (*n)->at[slot_of(i, 0)] = unit_of(c, p);
    copy_drop(c->store, old);
}

struct differ {
    void (*fn)(void *opaque, u64 i);
    void *opaque;
};

static void nodes_differ(const struct node *a, const struct node *b,
                         unsigned level, u64 first, const struct differ *d)
{
    for (unsigned i = 0; i < FAN; i++) {
        const void *x = a ? a->at[i] : NULL, *y = b ? b->at[i] : NULL;
        u64 at = first + ((u64)i << (FAN_BITS * level));
        if (x == y)
            continue;
        if (level)
            nodes_differ(x, y, level - 1, at, d);
        else
            d->fn(d->opaque, at);
    }
}

void copies_differ(const struct copies_shape *c, const void *a, const void *b,
                   void (*fn)(void *opaque, u64 i), void *opaque)
{
    struct differ d = {fn, opaque};
    if (a != b)
        nodes_differ(a, b, c->levels - 1, 0, &d);
}
