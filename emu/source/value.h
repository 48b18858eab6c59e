/* SPDX-License-Identifier: MIT */
/* Internal to source/: location expressions. */
#ifndef CLOCKHAND_SOURCE_VALUE_H
#define CLOCKHAND_SOURCE_VALUE_H

#include "source/internal.h"

/* An expression that computes a number, all of it. cfa: what
 * DW_OP_call_frame_cfa is, or NULL. False: it cannot be told. */
bool value_compute(const Dwarf_Op *op, size_t n, const struct source_frame *f,
                   const struct source_memory *mem, const u64 *cfa, u64 *value);

/* Where an expression is evaluated. */
struct value_at {
    const struct source_frame *f;
    const struct source_memory *mem;
    Dwarf_Die *function; /* the frame's; NULL: none */
    unsigned depth;      /* of values that need a caller's values */
};
/* The number that an attribute's expression computes. NULL: done; else why
 * not. */
const char *value_of(struct source *s, Dwarf_Attribute *a, struct value_at at,
                     u64 *value);
/* The register that a location is; -1: it is something else. */
int value_register(const Dwarf_Op *op);
/* What a register held when the frame's function was called (entry.c); false:
 * the caller does not tell. */
bool entry_register(struct source *s, unsigned number, struct value_at at,
                    u64 *value);

#endif
