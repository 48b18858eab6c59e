/* SPDX-License-Identifier: MIT */
/* The reverse map: from a frame to every PTE that maps it, without a word of
 * memory per PTE.
 *
 *   page of an object   the mappings of the object hang on its list
 *                       (vm_object.vmas); the offset gives the address
 *   anonymous page      frame.index is its virtual page number where the
 *                       mapping was made, the same in every address space
 *                       that inherited it by fork (4.3BSD's core map had the
 *                       same idea). page->anon is the space that first mapped
 *                       it: only that one and its descendants can
 *
 *       init ── sh ─┬─ cc ── as          struct anon: one for each space,
 *                   └─ vi                a tree along the forks; exec
 *                                        starts a new tree
 *
 * A mapping that mremap moved remembers its home (vma.home); in an address
 * space that has such mappings the page is looked for in each of them. */
#ifndef VM_RMAP_H
#define VM_RMAP_H

#include "vm/pte.h"

struct anon {
    struct anon *parent;
    struct list children, sibling;
    struct space *space; /* NULL when it has ended */
    u64 pages;           /* frames whose page->anon is this */
};

/* 0, -ENOMEM. parent: the space that s was forked from, or NULL. */
int anon_join(struct space *s, const struct space *parent);
void anon_leave(struct space *s);
/* s is about to map the anonymous page at va: now or later it can be found
 * there. */
void anon_cover(struct page *page, struct space *s, u64 va);
/* The number of the space that first mapped it; 0: that has ended. */
u64 rmap_space(const struct page *page);
/* Nobody maps it any more. */
void anon_forget(struct page *page);

/* Calls fn for every PTE that maps the page until it says no. Returns how
 * many there were. fn may take the PTE away; it may be given a leaf of 2 MiB,
 * with the page's own va. => never sleeps */
typedef bool rmap_fn(struct space *s, u64 va, u64 *slot, void *arg);
u64 rmap_walk(struct page *page, rmap_fn *fn, void *arg);

/* Has it been used since the marks (A bits, FRAME_F_REF) were last cleared?
 * The second clears them, and reports it if there were any. */
bool page_test_ref(struct page *page);
bool page_test_clear_ref(struct page *page);
/* Is a PTE's D bit set? */
bool page_is_mapped_dirty(struct page *page);

/* Takes the page out of every address space; an anonymous one must have a
 * slot, which the PTEs then name. What the D bits knew of a page of an object
 * goes to its state. Always succeeds: refs is 0 then. */
void page_unmap_all(struct page *page, enum reason why);

#endif
