/* SPDX-License-Identifier: MIT */
/* Puts a file into the program when it is compiled: the bytes from `symbol` up
 * to `symbol_end`. */
#pragma once

#include "base/base.h"

#ifdef __wasm__ /* wasm's assembler has no stack of sections */
#define EMBED_BEGIN(symbol) ".section .rodata." symbol ",\"\",@\n"
#define EMBED_OVER          ".text\n"
#else
#define EMBED_BEGIN(symbol) ".pushsection .rodata\n"
#define EMBED_OVER          ".popsection\n"
#endif

#define EMBED(symbol, file)                                                    \
    __asm__(EMBED_BEGIN(#symbol) ".p2align 4\n"                                \
                                 ".type " #symbol ",@object\n" #symbol         \
                                 ":.incbin \"" file "\"\n"                     \
                                 ".size " #symbol ", .-" #symbol "\n"          \
                                 ".type " #symbol "_end,@object\n" #symbol     \
                                 "_end: .byte 0\n"                             \
                                 ".size " #symbol "_end, 1\n" EMBED_OVER);     \
    extern const u8 symbol[], symbol##_end[]
#define EMBED_BYTES(symbol) ((uintptr_t)symbol##_end - (uintptr_t)symbol)
