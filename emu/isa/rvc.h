/* SPDX-License-Identifier: MIT */
/* Compressed instructions: abbreviations of 32-bit ones, their twins. */
#pragma once

#include "isa/isa.h"

/* raw < 0x10000 and raw & 3 != 3. */
void rvc_decode(u32 raw, struct insn *out);

/* The row of rvc.def that raw matches. */
struct rvc_text {
    const char *name;
    const char *operands; /* letters of disasm.c */
};
/* NULL if raw is no instruction. */
const struct rvc_text *rvc_text(u32 raw);
