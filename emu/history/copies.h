/* SPDX-License-Identifier: MIT */
/* Keeps versions of an array of units of one size, such as the pages of RAM. A
 * version is a tree of 32-fold nodes over copies of units. Versions share their
 * common nodes and copies, so that a new version costs only its changes. A
 * store may keep each content once for all versions and arrays: a page that is
 * written to swap and read into another frame is then one copy. A version is
 * known by its root; NULL: every unit is absent (the array's owner decides
 * whether that means zeros). */
#pragma once

#include "base/base.h"

/* Makes a store for copies of units of `unit` bytes; `once`: it keeps each
 * content once. *bytes counts the bytes of all copies and nodes. Free the store
 * when no version is left. */
struct copies_store *copies_store_new(u32 unit, bool once, u64 *bytes);
void copies_store_free(struct copies_store *s);
u32 copies_unit(const struct copies_store *s);

struct copies_shape {
    u64 units;
    unsigned levels;
    struct copies_store *store; /* other shapes may use it, too */
};
struct copies_shape copies_shape(u64 units, struct copies_store *store);

/* Adds an owner to a version, and returns the version. */
void *copies_hold(void *root);
void copies_drop(const struct copies_shape *c, void *root);
/* Returns unit i's bytes; NULL: it is absent. */
const u8 *copies_at(const struct copies_shape *c, const void *root, u64 i);
/* Stands for a unit of zeros, of which no copy is kept: not to be read from. */
extern const u8 *const copies_mark;
/* Sets unit i of the version *root to a copy of p; absent if p is NULL; marked
 * if p is copies_mark. Other owners of the same nodes do not see the change. */
void copies_set(const struct copies_shape *c, void **root, u64 i, const u8 *p);
/* Calls fn for each unit in which the versions may differ. */
void copies_differ(const struct copies_shape *c, const void *a, const void *b,
                   void (*fn)(void *opaque, u64 i), void *opaque);
