/* SPDX-License-Identifier: MIT */
/* Internal to source/: location expressions. */
#ifndef CLOCKHAND_SOURCE_VALUE_H
#define CLOCKHAND_SOURCE_VALUE_H

#include "source/internal.h"

/* An expression that computes a number, all of it. cfa: what
 * DW_OP_call_frame_cfa is, or NULL. False: it cannot be told. */
bool value_compute(const Dwarf_Op *op, size_t n, const struct source_frame *f,
                   const struct source_memory *mem, const u64 *cfa, u64 *value);

#endif
