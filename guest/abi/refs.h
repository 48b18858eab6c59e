/* SPDX-License-Identifier: MIT */
/* The file of --refs: every page that programs touch, in order, and every call
 * that crosses vm/policy.h. Written by emu/inspect/output/refs*.c, read by
 * tools/vmsim/refs_read.c. It is zstd (RFC 8878); inside:
 *
 *   "CHrefs01"  8 bytes
 *   records     a byte (its low three bits: the type; the others: see below),
 *               then numbers of 7 bits a byte, lowest first, the top bit set
 *               in all bytes but the last; numbers marked +- may be negative
 *               and have their sign in bit 0 (2n, or -2n - 1)
 *   REFS_END    the last record; a file without it was cut short
 *
 * Not every touch is written. A fetch is written if its page or process is not
 * that of the last fetch written; so a process executes in the page of its last
 * fetch record until its next one. A load or store is written if its page or
 * process is not that of the last load or store written: a run begins. It is
 * also written if its kind (load or store, the program's or the kernel's) is
 * new in its run. In other words: all touches of one kind in a run are one
 * record, which changes no decision of the LRU family's policies. If a touch
 * faults, its successful repetition is always written. An atomic operation is a
 * store. An access that crosses a page boundary is two touches, one of each
 * page.
 *
 * The kernel's touches are its accesses to a program's memory: through the
 * program's own addresses, or (in our kernel) by vm/uaccess.c. Not in the file:
 * the kernel's accesses to its own memory, and the firmware's accesses. */
#pragma once

#include <stdint.h>

#define REFS_MAGIC "CHrefs01"

enum refs_type {
    /* a number: the count of REFS_TOUCH records */
    REFS_END,
    /* bits 3-4: enum refs_kind; 5: by the kernel; 6: repeated after a fault. A
     * number +-: the distance of its page from that of the fetch before (for a
     * load or store: of the load or store before). A page: an address >> 12. */
    REFS_TOUCH,
    /* The process of the touches that follow: its pid; if the kernel reports no
     * pids, the number of its page table, from 1 in order of first use. */
    REFS_PROCESS,
    /* cycles since the last such record (or reset): at most one record a ms */
    REFS_CYCLES,
    /* A call across the seam: bits 3-4: enum refs_part; 5: the kernel stack is
     * not that of the call before, and its number comes first. Then the row
     * (abi/seam.def). At entry: parameter by parameter, the values that the
     * callee reads. At return: the result and, parameter by parameter, the
     * values that the callee has filled in. */
    REFS_SEAM,
    /* The kernel, not the policy, changed a list: bits 3-4: enum refs_list; the
     * list's number (not with REFS_OFF), and the frame. */
    REFS_LIST,
    /* text: the number of bytes, and the bytes: "NAME VALUE" */
    REFS_TEXT,
    /* The kernel has given a process a page of zeros: the pid, the page. A
     * former page at this address is not used again; its end has no record of
     * its own. (A page of 2 MiB gets no REFS_BORN.) */
    REFS_BORN
};
enum refs_kind { REFS_FETCH, REFS_LOAD, REFS_STORE };
/* If no other record is written during a call, the call is one record,
 * REFS_WHOLE; else it is two, REFS_ENTER and REFS_LEAVE. */
enum refs_part { REFS_WHOLE, REFS_ENTER, REFS_LEAVE };
enum refs_list { REFS_OFF, REFS_HEAD, REFS_TAIL };

/* The touched page of a process as one number, for simulators that know one
 * address space: Sv39's user half has 2^26 pages. */
#define REFS_PAGE_BITS 26
static inline uint64_t refs_number(uint32_t process, uint64_t page)
{
    return (uint64_t)process << REFS_PAGE_BITS |
           (page & ((1u << REFS_PAGE_BITS) - 1));
}

enum seam_row {
#define SEAM_OP(name, text, ...)   SEAM_OP_##name,
#define SEAM_RUN(i)                SEAM_RUN_##i,
#define SEAM_CALL(name, text, ...) SEAM_##name,
#include "seam.def"
    SEAM_ROWS
};
#define SEAM_RUN_TEXT "n>t"
#define SEAM_RUNS     4  /* POLICY_THREADS */
#define SEAM_WORDS    32 /* more than any part of a call has */

static inline uint64_t refs_fold(int64_t v)
{
    return (uint64_t)v << 1 ^ (v < 0 ? ~UINT64_C(0) : 0);
}
static inline int64_t refs_unfold(uint64_t v)
{
    return (int64_t)(v >> 1 ^ -(v & 1));
}
/* Converts a parameter's or result's register to the word in the file, by its
 * letter in seam.def, and back. */
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
