/* SPDX-License-Identifier: MIT */
/* The reverse map: finds every PTE that maps a frame, without any memory per
 * PTE.
 *
 *   page of an object   vm_object.vmas lists the object's mappings; the offset
 *                       gives the address
 *   anonymous page      frame.index is its virtual page number where the
 *                       mapping was made, the same in every address space
 *                       that inherited it by fork (4.3BSD's core map had the
 *                       same idea). Only the space of page->anon (the first to
 *                       map it, or an ancestor) and its descendants can map it
 *
 *       init ── sh ─┬─ cc ── as          struct anon: one for each space,
 *                   └─ vi                a tree along the forks; exec
 *                                        starts a new tree. A space that has
 *                                        ended and its only child's are one
 *                                        node: what was one is `merged`
 *
 * A mapping that mremap has moved keeps in lens_vma.home the page number at
 * which it was made; a space with such mappings is searched in each of them,
 * and at the address that frame.index gives. */
#pragma once

#include "vm/pte.h"

struct anon {
    struct anon *parent; /* if merged: the node of which this is a part now */
    struct list children, sibling;
    struct space *space; /* NULL when it has ended */
    u64 pages;           /* frames whose page->anon is this, and nodes that are
                          * merged into this one */
    bool merged;         /* not in the tree: until its pages are looked at */
};

/* Returns 0 or -ENOMEM. parent: the space that s was forked from, or NULL. */
int anon_join(struct space *s, const struct space *parent);
void anon_leave(struct space *s);
/* Called when s maps the anonymous page at va, so that rmap_walk finds it. */
void anon_cover(struct page *page, struct space *s, u64 va);
/* Returns the number of page->anon's space; 0: that space has ended, or the
 * page is not mapped. */
u64 rmap_space(const struct page *page);
/* Does what a walk would do first: leaves the nodes that were merged since the
 * last one, and frees those without pages. */
void rmap_settle(struct page *page);
/* Called when the page's last PTE is gone. */
void anon_forget(struct page *page);

/* Calls fn for every PTE that maps the page until fn returns false. Returns the
 * number of calls. fn may remove the PTE; it may be given a leaf of 2 MiB, with
 * the page's own va. => never sleeps */
typedef bool rmap_fn(struct space *s, u64 va, u64 *slot, void *arg);
u64 rmap_walk(struct page *page, rmap_fn *fn, void *arg);

/* True if the page has been used since its marks (A bits, FRAME_F_REF) were
 * last cleared. page_test_clear_ref also clears them (event R_REF_CLEARED). */
bool page_test_ref(struct page *page);
bool page_test_clear_ref(struct page *page);
/* True if a PTE of the page has the D bit. */
bool page_is_mapped_dirty(struct page *page);

/* Unmaps the page from every address space; an anonymous page must have a slot,
 * which the entries then name. A D bit in one of its PTEs makes a page of an
 * object dirty. Always succeeds: refs is 0 afterwards. */
void page_unmap_all(struct page *page, enum reason why);
