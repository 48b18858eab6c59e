/* SPDX-License-Identifier: MIT */
/* The file of --refs: every page that programs touch, in order, and every call
 * that crosses vm/policy.h. Written by emu/inspect/output/refs*.c, read by
 * tools/vmsim/refs_read.c. It is zstd (RFC 8878); inside:
 *
 *   "CHrefs01"  8 bytes
 *   records     a byte (its low three bits: the type; the others: see below),
 *               then numbers of 7 bits a byte, lowest first, the top bit set
 *               in all bytes but the last; those marked +- may be negative and
 *               have their sign in bit 0 (2n, or -2n - 1)
 *   REFS_END    the last one; a file without it was cut short
 *
 * What a touch is. A fetch is written when it is from another page, or of
 * another process, than the last fetch that was written; so each process
 * executes in the page of its last fetch until its next fetch. A load or store
 * is written when it is to another page or of another process than the last
 * load or store that was written, or of a kind (load or store, the program's
 * or the kernel's) that has not been written since the first touch of that
 * page. In other words: consecutive touches of one page by one process and kind
 * are one record, which no policy of the LRU family can tell. A touch that has
 * faulted is always written, when it is repeated with success. An atomic
 * operation is a store; one that crosses a page is a touch of each page.
 *
 * The kernel's touches are its accesses to a program's memory: through that
 * program's own addresses, or (this kernel) by vm/uaccess.c. The kernel's
 * accesses to its own memory, and the firmware, are not in the file. */
#ifndef CLOCKHAND_REFS_H
#define CLOCKHAND_REFS_H

#include <stdint.h>

#define REFS_MAGIC "CHrefs01"

enum refs_type {
    /* a number: how many touches there were */
    REFS_END,
    /* bits 3-4: enum refs_kind; 5: the kernel's; 6: it had faulted before.
     * +-: its page, less that of the fetch before (of another touch: of the
     * load or store before). A page is an address >> 12. */
    REFS_TOUCH,
    /* The touches that follow are this process's: its pid; or, of a kernel
     * that does not say, the number of its page table, from 1 as they come. */
    REFS_PROCESS,
    /* cycles since the last such record (or reset): every ms at most */
    REFS_CYCLES,
    /* A call across the seam: bits 3-4: enum refs_part; 5: it is on another
     * kernel stack than the one before: its number comes first. Then the row
     * (abi/seam.def), and what belongs to the part, parameter by parameter:
     * what the callee reads when it is entered; then the result and, parameter
     * by parameter, what it has filled when it has returned. */
    REFS_SEAM,
    /* Mechanism has changed a list: bits 3-4: enum refs_list; its number
     * (not of REFS_OFF), and the frame. */
    REFS_LIST,
    /* bytes of text: their number, and they: "NAME VALUE" */
    REFS_TEXT,
    REFS_TYPES
};
enum refs_kind { REFS_FETCH, REFS_LOAD, REFS_STORE };
/* A call in which nothing else of its stack happens is whole, else it has two
 * records. */
enum refs_part { REFS_WHOLE, REFS_ENTER, REFS_LEAVE };
enum refs_list { REFS_OFF, REFS_HEAD, REFS_TAIL };

/* The touched page of a process as one number, for simulators of a single
 * memory: Sv39's user half has 2^26 pages. */
#define REFS_PAGE_BITS 26
static inline uint64_t refs_number(uint32_t process, uint64_t page)
{
    return (uint64_t)process << REFS_PAGE_BITS |
           (page & ((1u << REFS_PAGE_BITS) - 1));
}

enum seam_row {
#define SEAM_OP(name, text)   SEAM_OP_##name,
#define SEAM_RUN(i)           SEAM_RUN_##i,
#define SEAM_CALL(name, text) SEAM_##name,
#include "seam.def"
#undef SEAM_OP
#undef SEAM_RUN
#undef SEAM_CALL
    SEAM_ROWS
};
#define SEAM_RUN_TEXT "n>t"
#define SEAM_RUNS     4  /* POLICY_THREADS */
#define SEAM_WORDS    32 /* more than any part has */

static inline uint64_t refs_fold(int64_t v)
{
    return (uint64_t)v << 1 ^ (v < 0 ? ~UINT64_C(0) : 0);
}
static inline int64_t refs_unfold(uint64_t v)
{
    return (int64_t)(v >> 1 ^ -(v & 1));
}
/* A parameter's or result's register as the word of the file that a letter of
 * seam.def has for it, and back. */
static inline uint64_t refs_word(char letter, uint64_t v)
{
    switch (letter) {
    case 'u':
        return (uint32_t)v;
    case 'b':
        return v & 1;
    case 'i':
        return refs_fold((int32_t)v);
    case 's':
        return refs_fold((int64_t)v);
    default:
        return v;
    }
}
static inline uint64_t refs_unword(char letter, uint64_t word)
{
    return letter == 'i' || letter == 's' ? (uint64_t)refs_unfold(word) : word;
}

#endif
