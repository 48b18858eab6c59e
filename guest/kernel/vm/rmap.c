/* SPDX-License-Identifier: MIT */
#include "vm/rmap.h"

int anon_join(struct space *s, const struct space *parent)
{
    assert(!s->anon && (!parent || parent->anon));
    struct anon *a = kzalloc(sizeof *a);
    if (!a)
        return -ENOMEM;
    list_init(&a->children);
    list_init(&a->sibling);
    a->space = s;
    if (parent) {
        a->parent = parent->anon;
        list_add_tail(&a->sibling, &parent->anon->children);
    }
    s->anon = a;
    return 0;
}

static bool has_one_child(const struct anon *a)
{
    return !list_empty(&a->children) && a->children.next->next == &a->children;
}

static void adopt_children(struct anon *from, struct anon *to)
{
    struct anon *c, *next;
    list_for_each_entry_safe(c, next, &from->children, sibling)
    {
        list_del(&c->sibling);
        c->parent = to;
        if (to)
            list_add_tail(&c->sibling, &to->children);
    }
}

/* Merges the only child of a, whose space has ended, into a: the same spaces
 * can map the pages of both. Without this a chain of forks, in which each
 * process leaves pages to its child and ends, would grow without end (Linux
 * 3.19 has the like: 7a3ef208e662). a stays, not the child, so that all nodes
 * of such a chain are merged into the oldest. */
static void merge_child(struct anon *a)
{
    struct anon *c = list_first_entry(&a->children, struct anon, sibling);
    assert(!a->space && !c->merged && c->parent == a);
    list_del(&c->sibling);
    adopt_children(c, a);
    a->space = c->space;
    if (a->space)
        a->space->anon = a;
    if (!c->pages) {
        kfree(c);
        return;
    }
    c->merged = true;
    c->parent = a;
    c->space = NULL;
    a->pages++;
}

/* Frees a and then its ancestors as long as they have neither space nor pages.
 * A freed node's children become its parent's. An ancestor with pages, but
 * without a space, merges with its only child. A root with several children
 * stays, for the pages that they share in swap. */
static void anon_tidy(struct anon *a)
{
    while (a && !a->space) {
        struct anon *up = a->parent;
        if (a->pages && has_one_child(a)) {
            merge_child(a);
            continue;
        }
        if (a->pages || (!up && !list_empty(&a->children) && !has_one_child(a)))
            return;
        if (a->merged) {
            assert(up->pages);
            up->pages--;
        } else {
            adopt_children(a, up);
            list_del(&a->sibling);
        }
        assert(!a->pages && list_empty(&a->children));
        kfree(a);
        a = up;
    }
}

void anon_leave(struct space *s)
{
    struct anon *a = s->anon;
    assert(a->space == s && !a->merged);
    s->anon = NULL;
    a->space = NULL;
    anon_tidy(a);
}

static bool descends(const struct anon *a, const struct anon *from)
{
    while (a && a != from)
        a = a->parent;
    return a != NULL;
}

static void set_anon(struct page *page, struct anon *a)
{
    struct anon *old = page->anon;
    if (old == a)
        return;
    page->anon = a;
    if (a) {
        assert(!a->merged);
        a->pages++;
    }
    if (old) {
        assert(old->pages);
        if (--old->pages == 0)
            anon_tidy(old);
    }
}

static struct anon *merged_into(struct anon *a)
{
    while (a && a->merged)
        a = a->parent;
    return a;
}

/* Returns the page's node in the tree, and keeps it in the page. */
static struct anon *node_of(struct page *page)
{
    struct anon *a = merged_into(page->anon);
    set_anon(page, a);
    return a;
}

void rmap_settle(struct page *page)
{
    node_of(page);
}

/* Returns the frame.index that an anonymous page at va has. */
static u64 index_of(struct space *s, u64 va)
{
    struct vma *v = s->moved ? vma_find(s, va) : NULL;
    u64 page = va >> PAGE_SHIFT;
    return v ? v->lens.home + (page - (v->lens.start >> PAGE_SHIFT)) : page;
}

void anon_cover(struct page *page, struct space *s, u64 va)
{
    if (page->frame.refs == 0) {
        assert(!page->anon); /* the last PTE's end took it away */
        page->frame.index = index_of(s, va);
        set_anon(page, s->anon);
        return;
    }
    assert(page->anon);
    if (descends(s->anon, page->anon)) /* then it is not merged */
        return;
    struct anon *a = node_of(page);
    while (!descends(s->anon, a)) {
        assert(a->parent);
        a = a->parent;
    }
    set_anon(page, a);
}

u64 rmap_space(const struct page *page)
{
    const struct anon *a = merged_into(page->anon);
    return a && a->space ? a->space->serial : 0;
}

void anon_forget(struct page *page)
{
    assert(page->anon && !page->frame.refs);
    set_anon(page, NULL);
}

/* Returns the node after a in a preorder walk below top, or NULL. */
static struct anon *next_below(struct anon *a, const struct anon *top)
{
    if (!list_empty(&a->children))
        return list_first_entry(&a->children, struct anon, sibling);
    while (a != top) {
        struct list *next = a->sibling.next;
        if (next != &a->parent->children)
            return container_of(next, struct anon, sibling);
        a = a->parent;
    }
    return NULL;
}

struct walk {
    struct page *page;
    rmap_fn *fn;
    void *arg;
    u64 wanted, found;
    bool stop;
};

static bool maps(const u64 *slot, u64 va, const struct page *page)
{
    return slot && (*slot & PTE_V) && pte_page(pte_small(*slot, va)) == page;
}

static void visit_pte(struct walk *w, struct space *s, u64 va, u64 *slot)
{
    w->found++;
    w->stop = !w->fn(s, va, slot, w->arg) || w->found == w->wanted;
}

/* Looks in the mappings that mremap has moved. */
static void search_moved(struct walk *w, struct space *s)
{
    u64 index = w->page->frame.index;
    for (struct vma *v = s->vmas; v && !w->stop; v = vma_next(v)) {
        u64 first = v->lens.start >> PAGE_SHIFT;
        u64 va = (first + (index - v->lens.home)) << PAGE_SHIFT;
        if (v->lens.home == first || index < v->lens.home || va >= v->lens.end)
            continue;
        u64 *slot = pte_find(s, va);
        if (maps(slot, va, w->page))
            visit_pte(w, s, va, slot);
    }
}

static void walk_anon(struct walk *w)
{
    struct anon *top = node_of(w->page), *a;
    u64 va = w->page->frame.index << PAGE_SHIFT;
    /* The walk stops at the last PTE: removing it may free the tree. */
    for (a = top; a && !w->stop; a = w->stop ? NULL : next_below(a, top)) {
        struct space *s = a->space;
        if (!s || !s->root)
            continue;
        /* A mapping that moved and grew may have page numbers above
         * USER_TOP. */
        u64 *slot = va < USER_TOP ? pte_find(s, va) : NULL;
        if (maps(slot, va, w->page))
            visit_pte(w, s, va, slot);
        if (!w->stop && s->moved)
            search_moved(w, s);
    }
}

static void walk_object(struct walk *w)
{
    struct vma *v;
    u64 index = w->page->frame.index;
    list_for_each_entry(v, &w->page->object->vmas, sharer)
    {
        u64 first = v->lens.offset >> PAGE_SHIFT;
        u64 va = v->lens.start + ((index - first) << PAGE_SHIFT);
        if (index < first || va >= v->lens.end)
            continue;
        u64 *slot = pte_find(v->space, va);
        if (maps(slot, va, w->page))
            visit_pte(w, v->space, va, slot);
        if (w->stop)
            return;
    }
}

u64 rmap_walk(struct page *page, rmap_fn *fn, void *arg)
{
    struct walk w = {
        .page = page, .fn = fn, .arg = arg, .wanted = (u64)page->frame.refs};
    if (!w.wanted)
        return 0;
    if (page_is_anon(page))
        walk_anon(&w);
    else if (page_is_cache(page))
        walk_object(&w);
    else
        return 0;   /* the zero frame, the trampoline */
    assert(w.stop); /* by fn, or at the last of refs PTEs: none was missed */
    return w.found;
}

struct seen {
    u64 bits;
    bool clear;
};

static bool gather_bits(struct space *s, u64 va, u64 *slot, void *arg)
{
    struct seen *seen = arg;
    seen->bits |= *slot;
    if (seen->clear && (*slot & PTE_A))
        pte_clear_used(s, va, slot);
    return true;
}

bool page_test_ref(struct page *page)
{
    struct seen seen = {0};
    if (page->frame.flags & FRAME_F_REF)
        return true;
    rmap_walk(page, gather_bits, &seen);
    return seen.bits & PTE_A;
}

bool page_test_clear_ref(struct page *page)
{
    struct seen seen = {.clear = true};
    rmap_walk(page, gather_bits, &seen);
    bool was = (seen.bits & PTE_A) || (page->frame.flags & FRAME_F_REF);
    page_unmark(page);
    if (was)
        page_set_state(page, page->frame.state, R_REF_CLEARED);
    return was;
}

bool page_is_mapped_dirty(struct page *page)
{
    struct seen seen = {0};
    rmap_walk(page, gather_bits, &seen);
    return seen.bits & PTE_D;
}

struct unmap {
    struct page *page;
    enum reason why;
    bool dirty;
};

static bool unmap_one(struct space *s, u64 va, u64 *slot, void *arg)
{
    struct unmap *u = arg;
    if (pte_is_huge(*slot))
        slot = pte_split(s, va, R_SPLIT_RECLAIM);
    u->dirty |= (*slot & PTE_D) != 0;
    if (page_is_anon(u->page))
        pte_swap_out(s, va, slot, u->page);
    else
        pte_unmap(s, va, slot, u->why);
    return true;
}

void page_unmap_all(struct page *page, enum reason why)
{
    struct unmap u = {page, why, false};
    assert(!page_is_anon(page) || page->slot);
    assert(!(page->frame.flags & PAGE_HELD));
    rmap_walk(page, unmap_one, &u);
    assert(page->frame.refs == 0);
    if (u.dirty && page->frame.state == FS_FILE_CLEAN)
        object_page_dirty(page, R_FILE_WRITE);
}
