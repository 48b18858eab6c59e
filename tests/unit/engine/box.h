/* SPDX-License-Identifier: MIT */
/* The smallest machine around an engine, for its tests: RAM at 0x80000000, a
 * finisher at 0x100000, a timer where the CLINT's is. Runs a program whole, in
 * single steps or in random pieces, and gives the whole machine's digest. */
#pragma once

#include "engine/engine.h"

#define BOX_RAM (4u << 20)

struct box {
    struct hart hart;
    struct mmu mmu;
    struct memtime mem;
    struct engine *engine;
    const struct cpu_profile *cpu;
    u8 *ram;
    u64 mtimecmp;
    u64 poke_at; /* cycle at which MTIP is set without the timer, or ~0 */
    bool done;
    u64 code;
};

struct box_options {
    bool timed;
    const char *cpu;
    unsigned tlb_entries; /* of each L1 TLB, with no L2; 0: the usual TLBs */
    /* TLB shapes for both timings; if dtlb.entries is 0, the usual shapes */
    struct tlb_shape dtlb, l2tlb;
    bool one_space;   /* the hart has no ASIDs */
    u32 arena_bytes;  /* for translated code; 0: the usual size */
    u32 epoch;        /* cycles of 1 ms, an epoch; 0: as in the profile */
    bool interpreted; /* no block is translated; else each at its first entry */
};

struct box *box_new(const struct box_options *o);
void box_free(struct box *b);
/* Compiles tests/unit/engine/SOURCE with `flags` for the target and loads it.
 * The binary is kept until another program is loaded. */
void box_load(struct box *b, const char *source, const char *flags);
/* Loads assembly text at 0x80000000. */
void box_asm(struct box *b, const char *text);

enum box_manner { BOX_WHOLE, BOX_STEPS, BOX_PIECES };
/* Runs until the finisher is written or cycle `limit` is reached. */
void box_run(struct box *b, enum box_manner how, u64 seed, u64 limit);
/* Raises due events, runs one step or up to the next event or `deadline`, and
 * idles after wfi. Returns why the engine stopped. */
enum engine_stop box_once(struct box *b, u64 deadline, bool step);
void box_state(struct box *b, struct state *s);
void box_hash(struct box *b, char hex[33]);
/* Gives a digest of hart, MMU and engine, without RAM, caches and timer. */
void box_hash_hart(struct box *b, char hex[33]);
u64 box_cycles_sum(const struct box *b);
