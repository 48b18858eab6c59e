/* SPDX-License-Identifier: MIT */
/* The body of a big program: 1152 functions, each at the beginning of a page
 * of its own, 4.5 MiB in all. pressure.c calls them one by one, so that each
 * page comes in when it is executed. Each is u64 f(u64 n) and returns n + 1. */
#define PAGES 1152
    .text
    .balign 4096
    .globl text_pages
text_pages:
    .rept PAGES
    addi a0, a0, 1
    ret
    .balign 4096
    .endr
    .section .rodata
    .balign 8
    .globl text_page_count
text_page_count:
    .dword PAGES
    .section .note.GNU-stack, "", @progbits
