/* SPDX-License-Identifier: MIT */
/* Answers questions about the machine now: why it stopped, its hart, TLBs,
 * DRAM, its kernel image. Asking changes nothing (inspect.h). */
#pragma once

#include "inspect/inspect.h"

/* ---- reasons for a stop (stop.c) ------------------------------------- */
bool inspect_lens_open(const struct machine *m);
/* True if the kernel's events are seen, through the lens or by probes. */
bool inspect_has_events(const struct machine *m);
/* Returns the event caught last; reason 0: none. While a catch's condition is
 * judged, it is the event that was met. */
struct ins_event inspect_caught(const struct machine *m);
struct ins_event inspect_met(const struct machine *m); /* caught or passed by */
/* As inspect_caught, but returns the recorded event, if found: it also has the
 * frame's owner and the source of a copy on write. */
struct ins_event inspect_caught_recorded(struct machine *m,
                                         struct ins_events *events);
/* The last trap to M-mode if the hart is in M-mode, else the last to S-mode. */
struct ins_trap {
    u64 number; /* of the exception or interrupt */
    bool interrupt;
    bool page_fault;
    const char *name; /* of an exception: "load page fault"; else "?" */
    u64 pc;           /* of the instruction that trapped or was interrupted */
    u64 value;        /* mtval or stval */
    u8 from;          /* the privilege of that instruction */
};
struct ins_trap inspect_trap(const struct machine *m);
/* Returns an exception's name, as ins_trap has it. */
const char *inspect_exception(u64 number);

/* Returns the process on the hart; 0: none is, or the guest does not tell. */
u32 inspect_current_pid(struct machine *m);

/* Gives cycles by cause, in the order of ins_causes. */
void inspect_cycles_by(const struct machine *m, u64 by[INS_CAUSES]);

/* Reads n bytes at a physical address (insn.c); false: not all are in RAM. */
bool inspect_read_pa(struct machine *m, u64 pa, void *p, size_t n);

/* ---- stale translations (kernel/stale.c; mmu/stale.c) ------------------- */
/* A use of a translation that the page table no longer gave, or of a frame that
 * is free. It is a window if the kernel can still flush in time, else a sin. */
struct ins_stale_use {
    struct stale_use use;
    struct stale_source from, by; /* copies of *use.from, *use.by */
    bool sin, by_device; /* by_device: use.pa, .kind, .access, cycle are set */
    char why[120];       /* why it is a sin, or still a window */
    u64 cycle;
    u32 pid;
};
/* Windows and sins of one kind that the writes of one instruction began. */
struct ins_stale_row {
    u64 kind; /* enum stale_kind */
    u64 pc;   /* of that instruction; 0: not the hart's */
    u64 windows, sins, uses;
    u64 longest;    /* the most cycles from a write to a first use */
    u32 length[64]; /* [k]: how many of 2^k..2^(k+1)-1 cycles; [0]: also 0 */
};
struct ins_stale_counts {
    u64 since; /* cycle */
    struct stale_permitted permitted;
    u32 n;
    /* [0]: the sums; the last row also counts kinds and pcs without a row. */
    struct ins_stale_row row[64];
};
extern const char *const ins_stale_kinds[STALE_KINDS];
/* Makes an observer, which inspect_stale_follow starts and stops. */
struct ins_stale *inspect_stale_open(struct machine *m,
                                     struct ins_events *events);
/* Saves or loads the observed translations and their counts, with the machine
 * and when the machine goes back. Called by events.c's save_events. */
void inspect_stale_past(struct machine *m, struct state *s);
void inspect_stale_close(struct ins_stale *t);
void inspect_stale_follow(struct ins_stale *t, bool on);
/* Stops the run (MS_STALE) at the first sin, or window, of each PTE write. */
void inspect_stale_catch(struct ins_stale *t, bool sins, bool windows);
/* Makes the run also stop when a program uses a free frame, or a device reads
 * or writes one; `on` false ends this. */
void inspect_stale_catch_freed(struct ins_stale *t, bool on);
/* Returns the use that stopped the run. */
const struct ins_stale_use *inspect_stale_caught(const struct ins_stale *t);
/* Returns the write that made the entry stale: the write of the PTE, or of satp
 * if satp has another root table now. Its cycle is 0 if entries were not yet
 * followed at that write. */
static inline const struct stale_write *
inspect_stale_write(const struct ins_stale_use *u)
{
    return &u->by.wrote[u->by.moved];
}
const struct ins_stale_counts *inspect_stale_counts(const struct ins_stale *t);
/* Returns an estimate of the median length of the row's windows and sins, in
 * cycles, interpolated within a power of two. */
u64 inspect_stale_median(const struct ins_stale_row *r);
/* inspect_stale_words writes a sentence about the use, inspect_stale_fence the
 * fence that is missing. */
void inspect_stale_words(struct machine *m, const struct ins_stale_use *u,
                         char *buf, size_t n);
void inspect_stale_fence(const struct ins_stale_use *u, char *buf, size_t n);

/* ---- instructions (insn.c) ------------------------------------------- */
struct ins_insn {
    u32 raw;
    unsigned bytes; /* 2 or 4 */
    char text[120]; /* as objdump prints it */
};
/* Decodes the instruction at addr, which is physical or virtual (as the hart
 * translates now). False: not in memory. */
bool inspect_insn(struct machine *m, u64 addr, bool physical,
                  struct ins_insn *out);

/* ---- registers (registers.c) ----------------------------------------- */
/* Returns the number of a register (MACHINE_*, for machine_set_register) by its
 * name, like x10, a0, f10, fa0, fp, pc, priv, satp; -1: there is none. */
int inspect_register_number(const char *name);
/* These return the ABI's name of x or f register n. */
const char *inspect_x_name(unsigned n);
const char *inspect_f_name(unsigned n);
/* False: no register has the number, or it cannot be read. */
bool inspect_register(const struct machine *m, u32 number, u64 *value);

/* ---- page walks (walk.c) --------------------------------------------- */
/* Why a walk ended in a fault. */
struct ins_walk_fault {
    enum {
        INS_WALK_ABSENT,       /* V is clear */
        INS_WALK_NOT_WRITABLE, /* a store, but W is clear */
        INS_WALK_OF_USER,      /* U is set, but the supervisor may not use it */
        INS_WALK_CLOSED,       /* U is clear, and user mode may not use it */
        INS_WALK_OTHER
    } kind;
    const char *why; /* the cause: "not present: V is clear" */
};
struct ins_walk_fault inspect_walk_fault(const struct walk *w);
/* Gives the PTE that the walk read last; false: it has read none. */
bool inspect_walk_entry(const struct walk *w, u64 *pte);
/* Returns the words for the memory that served a PTE: "L1", "DRAM row hit". */
const char *inspect_served(unsigned where);
/* Returns a memory type by bits 62..61 of a PTE: "NC", "IO"; "": the PMA's. */
const char *inspect_memory_type(unsigned type);

/* ---- TLBs (tlbs.c) --------------------------------------------------- */
enum { INS_ITLB, INS_DTLB, INS_L2TLB, INS_TLBS };
struct ins_tlb {
    const char *name;   /* itlb, dtlb, l2tlb */
    u32 entries, large; /* places; further places for larger pages */
    u32 ways;           /* == entries: fully associative */
    u64 accesses, misses;
};
struct ins_tlb_entry {
    u64 va, pa, bytes; /* of the page */
    u32 asid, level;
    u64 flags;        /* as a PTE's bits 7..0 */
    const char *type; /* "NC", "IO"; "": the memory's own */
};
struct ins_tlb inspect_tlb(const struct machine *m, unsigned tlb);
/* Gives the entry in place i < entries + large; false: none is valid there. */
bool inspect_tlb_entry(const struct machine *m, unsigned tlb, u32 i,
                       struct ins_tlb_entry *out);

/* ---- DRAM (dram.c) --------------------------------------------------- */
#define INS_DRAM_BANKS 64
struct ins_dram {
    u64 reads, writes, row_hits, row_closed, row_conflicts, refreshes;
    unsigned nbanks; /* 0: no DRAM is modelled */
    struct ins_dram_bank {
        bool open;
        u32 row;
        u64 hits, conflicts;
    } bank[INS_DRAM_BANKS];
};
void inspect_dram(struct machine *m, struct ins_dram *out);

/* ---- the kernel ------------------------------------------------------ */
/* Calls fn for each policy of the kernel image until fn returns false
 * (policies.c). */
void inspect_policies(const struct machine *m,
                      bool (*fn)(void *, const char *name, const char *line),
                      void *opaque);
/* Writes inspect_policies' line of that policy; false: no such policy. */
bool inspect_policy_line(const struct machine *m, const char *name, char *buf,
                         size_t n);
/* Reads a decimal or hexadecimal number, also a negative one; false: none. */
bool inspect_tunable_number(const char *text, s64 *value);
/* After a panic of the built kernel: gives the registers that it saved
 * (panic.c), and the pc where the kernel met a trap or called panic. *called:
 * it called panic; pc is then the return address, which may lie in the next
 * function. False: no panic, or another kernel. */
bool inspect_panic(struct machine *m, u64 x[32], u64 *pc, bool *called);
