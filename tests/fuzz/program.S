/* SPDX-License-Identifier: MIT */
/* A seed for fuzz_elf: small, with a table of each kind. */
    .section .text
    .globl _start, main
_start:
main:
    j main
    .section .data
    .globl __tunables_start, __tunables_end, __policies_start, __policies_end
    .balign 8
__tunables_start:
1:  .asciz "fuzz.one"
    .zero 40 - (. - 1b)
    .dword 1, 1, 0, 3
2:  .asciz "pages"
    .zero 16 - (. - 2b)
3:  .asciz "a tunable"
    .zero 96 - (. - 3b)
__tunables_end:
__policies_start:
4:  .asciz "clock"
    .zero 16 - (. - 4b)
5:  .asciz "one hand"
    .zero 80 - (. - 5b)
__policies_end:
