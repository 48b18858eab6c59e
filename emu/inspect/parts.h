/* SPDX-License-Identifier: MIT */
/* The machine as it stands: why it stopped, its hart, TLBs, DRAM. */
#pragma once

#include "inspect/answers.h"

/* Returns the cycle now. While a walk is being stepped, adds the walk's cycles
 * so far, which hart.cycle gets only when the walk's instruction goes on. */
static inline u64 inspect_cycle(const struct machine *m)
{
    const struct walk *w = &m->mmu.walk;
    return machine_now(m) + (w->phase == WALK_IDLE ? 0 : w->cycles);
}

/* ---- reasons for a stop (stop.c) ---- */
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

/* After a panic of the built kernel: gives the registers that it saved
 * (panic.c), and the pc where the kernel met a trap or called panic. *called:
 * it called panic; pc is then the return address, which may lie in the next
 * function. False: no panic, or another kernel. */
bool inspect_panic(struct machine *m, u64 x[32], u64 *pc, bool *called);
