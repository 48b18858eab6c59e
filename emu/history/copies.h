/* SPDX-License-Identifier: MIT */
/* Versions of a large array of equal units, such as the pages of RAM: each
 * version is a tree of 32-fold nodes over copies of units, and what two
 * versions have in common they share. A new version costs what it changes.
 * A store may keep each content once, whatever versions and arrays it is in: a
 * page that goes out to swap, and comes back into another frame, is one copy.
 * A version is a root; NULL: every unit is absent (reads as zeros, or is not
 * there; the array's owner knows). */
#ifndef CLOCKHAND_HISTORY_COPIES_H
#define CLOCKHAND_HISTORY_COPIES_H

#include "base/base.h"

/* Where copies of units of so many bytes lie, each content once if `once`.
 * *bytes counts what all copies and nodes take. Freed when no version is left.
 */
struct copies_store *copies_store_new(u32 unit, bool once, u64 *bytes);
void copies_store_free(struct copies_store *s);
u32 copies_unit(const struct copies_store *s);

struct copies_shape {
    u64 units;
    unsigned levels;
    struct copies_store *store; /* other shapes may have it, too */
};
struct copies_shape copies_shape(u64 units, struct copies_store *store);

/* One more owner of a version; returns it. */
void *copies_hold(void *root);
void copies_drop(const struct copies_shape *c, void *root);
/* A unit's bytes; NULL: it is absent. */
const u8 *copies_at(const struct copies_shape *c, const void *root, u64 i);
/* A unit that takes no copy and is not absent: compare the pointer. */
extern const u8 *const copies_mark;
/* Unit i of the version that *root owns becomes a copy of p (NULL, copies_mark
 * as they are). Other owners of the same nodes see nothing of it. */
void copies_set(const struct copies_shape *c, void **root, u64 i, const u8 *p);
/* Calls fn for each unit in which the versions may differ. */
void copies_differ(const struct copies_shape *c, const void *a, const void *b,
                   void (*fn)(void *opaque, u64 i), void *opaque);

#endif
