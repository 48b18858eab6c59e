/* SPDX-License-Identifier: MIT */
/* Keeps a space's mappings as a search tree, in addition to their list, so that
 * finding a mapping, its predecessor or a hole among thousands needs no walk of
 * the list.
 *
 *                 [40, 50)  max_gap 15          gap: free bytes between the
 *                /        \                     mapping before it and its
 *        [10, 20)          [60, 70)             floor (vm.h); max_gap: the
 *               \                 \             widest of its subtree
 *              [25, 30)            [85, 90)
 *
 * It is a treap (Seidel and Aragon, Randomized Search Trees, Algorithmica 16,
 * 1996): ordered by address, and a heap by random ranks, which keeps it shallow
 * whatever the order of insertion. Linux 6.12 uses a B-tree with gaps
 * (lib/maple_tree.c). */
#include "vm/vm.h"

static u64 widest(const struct vma *v)
{
    return v ? v->tree.max_gap : 0;
}

static void sum_up(struct vma *v)
{
    u64 below = MAX(widest(v->tree.left), widest(v->tree.right));
    v->tree.max_gap = MAX(v->tree.gap, below);
}

static void sum_up_to_root(struct vma *v)
{
    for (; v; v = v->tree.up)
        sum_up(v);
}

/* Returns the pointer to v, which is in v's parent, or in s for the root. */
static struct vma **link_of(struct space *s, const struct vma *v)
{
    struct vma *up = v->tree.up;
    return !up                  ? &s->tree
           : up->tree.left == v ? &up->tree.left
                                : &up->tree.right;
}

/* Rotates v above its parent; the order of addresses stays. */
static void rotate_up(struct space *s, struct vma *v)
{
    struct vma *up = v->tree.up;
    bool left = up->tree.left == v;
    struct vma *between = left ? v->tree.right : v->tree.left;
    *link_of(s, up) = v;
    v->tree.up = up->tree.up;
    *(left ? &up->tree.left : &up->tree.right) = between;
    if (between)
        between->tree.up = up;
    *(left ? &v->tree.right : &v->tree.left) = up;
    up->tree.up = v;
    sum_up(up);
    sum_up(v);
}

/* xorshift32 (Marsaglia, Journal of Statistical Software 8, 2003) */
static u32 random_rank(void)
{
    static u32 x = 2463534242u;
    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    return x;
}

void vmtree_insert(struct space *s, struct vma *v, struct vma *prev)
{
    struct vma *next = vma_next(v), **at;
    v->tree = (struct vmtree){.rank = random_rank(), .up = prev};
    at = prev ? &prev->tree.right : &s->tree;
    if (prev ? *at != NULL : next != NULL) { /* next has no left child */
        v->tree.up = next;
        at = &next->tree.left;
    }
    assert(!*at);
    *at = v;
    vmtree_moved(v, prev);
    if (next)
        vmtree_moved(next, v);
    while (v->tree.up && v->tree.up->tree.rank < v->tree.rank)
        rotate_up(s, v);
}

void vmtree_remove(struct space *s, struct vma *v)
{
    struct vma *prev = vmtree_prev(v), *next = vma_next(v), *l, *r;
    while ((l = v->tree.left) && (r = v->tree.right))
        rotate_up(s, l->tree.rank > r->tree.rank ? l : r);
    r = l ? l : v->tree.right;
    *link_of(s, v) = r;
    if (r)
        r->tree.up = v->tree.up;
    sum_up_to_root(v->tree.up);
    if (next)
        vmtree_moved(next, prev);
}

void vmtree_moved(struct vma *v, const struct vma *prev)
{
    v->tree.gap = vma_room(v, prev ? prev->lens.end : USER_MIN);
    sum_up_to_root(v);
}

struct vma *vmtree_prev(const struct vma *v)
{
    struct vma *at = v->tree.left;
    if (at) {
        while (at->tree.right)
            at = at->tree.right;
        return at;
    }
    while ((at = v->tree.up) && at->tree.left == v)
        v = at;
    return at;
}

struct vma *vmtree_last(const struct space *s)
{
    struct vma *at = s->tree;
    while (at && at->tree.right)
        at = at->tree.right;
    return at;
}

struct vma *vmtree_after(const struct space *s, u64 va)
{
    struct vma *at = s->tree, *best = NULL;
    while (at) {
        if (at->lens.end > va)
            best = at;
        at = at->lens.end > va ? at->tree.left : at->tree.right;
    }
    return best;
}

/* Returns the last mapping of this subtree with at least `gap` bytes before it.
 * => there is one */
static struct vma *last_wide(struct vma *at, u64 gap)
{
    for (;;) {
        if (widest(at->tree.right) >= gap)
            at = at->tree.right;
        else if (at->tree.gap >= gap)
            return at;
        else
            at = at->tree.left;
    }
}

struct vma *vmtree_wide_before(struct space *s, struct vma *v, u64 gap)
{
    if (!v)
        return widest(s->tree) >= gap ? last_wide(s->tree, gap) : NULL;
    if (widest(v->tree.left) >= gap)
        return last_wide(v->tree.left, gap);
    for (struct vma *up; (up = v->tree.up); v = up) {
        if (up->tree.left == v)
            continue;
        if (up->tree.gap >= gap)
            return up;
        if (widest(up->tree.left) >= gap)
            return last_wide(up->tree.left, gap);
    }
    return NULL;
}
