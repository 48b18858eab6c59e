/* SPDX-License-Identifier: MIT */
/* The library of site_pic.c without position-independent code: the called
 * function's address lies beside the call, in the text, so that the dynamic
 * linker must write into each of the 64 pages (DT_TEXTREL). */
#include "sites.h"

#define SITE(n)                                                                \
    __asm__(".text\n.balign 4096\n.globl inside_" #n "\n"                      \
            ".type inside_" #n ", @function\n"                                 \
            "inside_" #n ":\n"                                                 \
            "addi sp, sp, -16\n"                                               \
            "sd ra, 8(sp)\n"                                                   \
            "ld t0, 1f\n"                                                      \
            "jalr t0\n"                                                        \
            "ld ra, 8(sp)\n"                                                   \
            "addi sp, sp, 16\n"                                                \
            "ret\n"                                                            \
            ".balign 8\n"                                                      \
            "1: .dword outside_" #n "\n"                                       \
            ".size inside_" #n ", . - inside_" #n "\n");
SITES(SITE)
