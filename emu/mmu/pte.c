/* SPDX-License-Identifier: MIT */
#include "mmu/pte.h"

const char *const memtype_name[4] = {"", "NC", "IO", "?"};

const char *const pte_verdict_words[PTE_VERDICTS] = {
    [PTE_ABSENT] = "not present: V is clear",
    [PTE_WRITE_ONLY] = "W is set without R, which is reserved",
    [PTE_BITS_RESERVED] = "one of the reserved bits 63 to 54 is set",
    [PTE_NAPOT_WRONG] = "N (Svnapot) is set, but not allowed in this entry",
    [PTE_TYPE_WRONG] = "its memory type (Svpbmt) is not allowed",
    [PTE_POINTER_MARKED] = "a pointer may not have A, D or U",
    [PTE_NO_LEAF] = "a pointer in the last level, where a page must be",
    [PTE_OF_USER] =
        "not allowed: U is set, and supervisor mode may not execute "
        "user pages, nor touch them without SUM",
    [PTE_OF_SUPERVISOR] =
        "not allowed: U is clear, so user mode may not use the page",
    [PTE_NOT_EXECUTABLE] = "not allowed: X is clear",
    [PTE_NOT_READABLE] = "not allowed: R is clear",
    [PTE_NOT_WRITABLE] = "not allowed: W is clear",
    [PTE_MISALIGNED] = "a large page whose address is no multiple of its size",
    [PTE_NOT_ACCESSED] = "A is clear, and the walker sets no A bits here",
    [PTE_NOT_DIRTY] = "D is clear, and the walker sets no D bits here"};
