/* SPDX-License-Identifier: MIT */
/* Compressed instructions, which are short forms of 32-bit instructions. */
#pragma once

#include "isa/isa.h"

/* Expands raw (16 bits, raw & 3 != 3) and returns the short form's extension.
 * OP_illegal: reserved, or no row. */
enum insn_ext rvc_decode(u32 raw, struct insn *out);

/* The text of a row of rvc.def. */
struct rvc_text {
    const char *name;
    const char *operands; /* letters of formats.def */
};
/* Returns the row that raw matches; NULL if raw is no instruction. */
const struct rvc_text *rvc_text(u32 raw);
