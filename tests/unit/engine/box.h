/* SPDX-License-Identifier: MIT */
/* The smallest machine around an engine, for its tests: RAM at 0x80000000, a
 * finisher at 0x100000, a timer where the CLINT's is. Runs a program whole, in
 * single steps or in random pieces, and computes a digest of all its state. */
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
    u64 poke_at; /* cycle of an extra MTIP pulse, or ~0 */
    bool done;
    u64 code;
};

struct box_options {
    bool timed;
    const char *cpu;
    unsigned tlb_entries; /* 0: the profile's */
    /* in both timings, with this L2 TLB; no entries: the profile's */
    struct tlb_shape dtlb, l2tlb;
    bool one_space;   /* no ASIDs */
    u32 arena_bytes;  /* 0: the usual */
    u32 epoch;        /* cycles; 0: the profile's 1 ms */
    bool interpreted; /* no block is translated; else as soon as entered */
};

struct box *box_new(const struct box_options *o);
void box_free(struct box *b);
/* Compiles tests/unit/engine/SOURCE with `flags` for the target and loads it;
 * the binary is kept for further boxes. */
void box_load(struct box *b, const char *source, const char *flags);
/* Loads assembly text at 0x80000000. */
void box_asm(struct box *b, const char *text);

enum box_manner { BOX_WHOLE, BOX_STEPS, BOX_PIECES };
/* Runs until the finisher is written or `limit` cycles have passed. */
void box_run(struct box *b, enum box_manner how, u64 seed, u64 limit);
/* As box_run, by one call of engine_run or engine_step at most. */
enum engine_stop box_once(struct box *b, u64 deadline, bool step);
void box_state(struct box *b, struct state *s);
void box_hash(struct box *b, char hex[33]);
/* A digest of hart, MMU and engine alone, without RAM and caches. */
void box_hash_hart(struct box *b, char hex[33]);
u64 box_cycles_sum(const struct box *b);
