/* SPDX-License-Identifier: MIT */
/* Compressed instructions: abbreviations of 32-bit ones, their twins. */
#pragma once

#include "isa/isa.h"

/* Expands raw, which has 16 bits and raw & 3 != 3; OP_illegal: no valid row. */
void rvc_decode(u32 raw, struct insn *out);

/* How to print a row of rvc.def. */
struct rvc_text {
    const char *name;
    const char *operands; /* letters of formats.def */
};
/* Returns the row that raw matches; NULL if raw is no instruction. */
const struct rvc_text *rvc_text(u32 raw);
