/* SPDX-License-Identifier: MIT */
/* Internal to source/: location expressions. */
#ifndef CLOCKHAND_SOURCE_VALUE_H
#define CLOCKHAND_SOURCE_VALUE_H

#include "source/internal.h"

/* Evaluates an expression whose result is a number. cfa: the value of
 * DW_OP_call_frame_cfa, or NULL. False: the result cannot be determined. */
bool value_compute(const Dwarf_Op *op, size_t n, const struct source_frame *f,
                   const struct source_memory *mem, const u64 *cfa, u64 *value);

/* The context in which an expression is evaluated. */
struct value_at {
    const struct source_frame *f;
    const struct source_memory *mem;
    Dwarf_Die *function; /* the frame's; NULL: none */
    unsigned depth;      /* callers visited so far for values at entry */
};
/* The number that an attribute's expression computes. NULL: done; else the
 * reason. */
const char *value_of(struct source *s, Dwarf_Attribute *a, struct value_at at,
                     u64 *value);
/* The number of the register that the location names; -1: not a register. */
int value_register(const Dwarf_Op *op);
/* A register's value at the entry of the frame's function (entry.c); false: the
 * call site does not describe it. */
bool entry_register(struct source *s, unsigned number, struct value_at at,
                    u64 *value);

#endif
