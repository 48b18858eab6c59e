/* SPDX-License-Identifier: MIT */
/* How instructions are run fast; never what they do (hart/semantics.def) nor
 * what they cost (time/). README.md is its plan.
 *
 * The engine is the only writer of hart.cycle. It stops exactly: an interrupt
 * is taken before the first instruction that starts at or after its cycle. */
#ifndef CLOCKHAND_ENGINE_H
#define CLOCKHAND_ENGINE_H

#include <stdio.h>

#include "base/base.h"
#include "base/state.h"
#include "hart/hart.h"
#include "mmu/mmu.h"
#include "time/time.h"

/* Physical memory as the engine sees it: one RAM, everything else by call. */
struct engine_port {
    void *opaque;
    u8 *ram;
    u64 ram_base, ram_bytes;
    /* Device access at hart.cycle (exact when called). False: access fault.
     * After either call the engine rechecks interrupts and the deadline. */
    bool (*mmio_read)(void *opaque, u64 pa, unsigned bytes, u64 *value);
    bool (*mmio_write)(void *opaque, u64 pa, unsigned bytes, u64 value);
    /* hart.mip, mie, stimecmp or the like changed (csr_effect HE_TIMER |
     * HE_INTERRUPT): the machine reschedules its timer event. */
    void (*hart_changed)(void *opaque, unsigned effect);
};

enum engine_stop {
    ENGINE_DEADLINE,   /* hart.cycle >= deadline */
    ENGINE_WFI,        /* waiting; hart.wfi is set */
    ENGINE_BREAKPOINT, /* at a breakpoint, before executing it */
    ENGINE_WATCHPOINT, /* after the access */
    ENGINE_WALK,       /* catch_walk: mmu.walk is WALK_ARMED, pc before it */
    ENGINE_TRAPPED,    /* catch_traps: a trap has just been taken */
    ENGINE_ASKED       /* engine_ask_stop() was called */
};

/* Where cycles went; sums to hart.cycle. issue and interlock come from the
 * blocks, the others are charged as they happen. */
struct cycles_by {
    u64 issue, interlock, branch, icache, dcache, walk, dram, trap, idle;
};

struct engine_watch {
    u64 va, len;
    bool on_read, on_write;
    bool on_fetch; /* of engine_watch_memory alone */
};

/* The access for which a run has stopped with ENGINE_WATCHPOINT: the first one
 * of the instruction that is watched. */
struct engine_watched {
    u64 va;
    unsigned bytes;
    bool store;
};

/* One retired instruction, for --commit-log and exact reference strings:
 * called per instruction when set (single-step speed), with the hart as the
 * instruction has left it. */
struct engine_commit {
    u64 pc;
    u32 raw;
    u8 len, priv; /* priv: that it ran with */
    u16 op;       /* enum op */
    u16 csr;      /* the CSR that a csrr* names; */
    bool csr_written;
    bool mstatus_written; /* by mret, sret, or FS becoming Dirty */
    u8 fflags;            /* exception flags that it raised */
    s8 xrd, frd;          /* -1: none */
    u64 value;
    bool load, store; /* an AMO does both */
    u64 addr;         /* virtual */
    u8 bytes;
    u64 data; /* stored: low `bytes` bytes, at most 8 (cbo.zero: 0) */
};

struct engine;
struct engine_config {
    struct hart *hart;
    struct mmu *mmu;
    struct memtime *mem;
    const struct cpu_profile *cpu;
    struct engine_port port;
    bool timed;
    u32 arena_bytes; /* for decoded blocks; 0: the usual. No effect but speed */
    /* Entered so many times, a block becomes code for the host, which takes as
     * long as executing it some hundred times. 0: never. No effect but speed */
    u8 heat;
    /* Names of host code, in the form of perf's /tmp/perf-PID.map; or NULL */
    FILE *code_names;
};
#define ENGINE_HEAT 40
/* Whether there is a translator for this host, and the host lets code be made
 * (a policy of SELinux may forbid it, or prctl's PR_SET_MDWE). */
bool engine_translates(void);
struct engine *engine_new(const struct engine_config *c);
void engine_free(struct engine *e);
/* Scoreboard, branch predictor, fetch position, cycles_by, timing. The hart's
 * own state comes first. */
void engine_state(struct engine *e, struct state *s);
/* The hart begins anew: nothing is on its way. (Whoever only sets hart.pc need
 * not tell, but a save before it runs on would not know.) */
void engine_restart(struct engine *e);

/* Runs until hart.cycle >= deadline or something else stops it. The first
 * instruction is executed without looking for interrupts if a stepped walk is
 * in progress (mmu.walk.phase != WALK_IDLE). */
enum engine_stop engine_run(struct engine *e, u64 deadline);
/* Until n steps are done: an instruction that retires is one, and a trap that
 * is taken. ENGINE_DEADLINE when done. */
enum engine_stop engine_step(struct engine *e, u64 n, u64 deadline);
u64 engine_traps(const struct engine *e); /* taken so far; not state */
void engine_set_traps(struct engine *e, u64 taken);

/* Performs one level of the armed or running walk, in machine time. */
struct walk_step engine_step_walk(struct engine *e);

void engine_ask_stop(struct engine *e); /* at the next instruction boundary */
/* After a store to the 64-byte line of pa has retired the run stops
 * (ENGINE_ASKED): for tohost. 0: no such line. Not state; costs nothing. */
void engine_watch_line(struct engine *e, u64 pa);
/* Lowers the deadline of the run in progress: for the callbacks of
 * engine_port, when a device schedules an event that comes sooner. */
void engine_set_deadline(struct engine *e, u64 deadline);
void engine_set_timed(struct engine *e, bool timed);
bool engine_timed(const struct engine *e);
/* Somebody else (DMA, monitor, restore) wrote RAM: decoded code and the
 * reservation go (the caches are the caller's: memtime_dma). Or changed what
 * decides about translation: CSRs, PMP (not needed for mip or x registers). */
void engine_ram_written(struct engine *e, u64 pa, u64 bytes);
void engine_context_changed(struct engine *e);

void engine_breakpoints(struct engine *e, const u64 *va, size_t n);
void engine_watchpoints(struct engine *e, const struct engine_watch *w,
                        size_t n);
/* Stops (ENGINE_WATCHPOINT) after an access to RAM at one of n physical
 * addresses (va is one here), at whatever address the hart
 * has them: on_fetch of an instruction, too; writes of others, too (DMA, the
 * walker, engine_ram_written). Costs what is accessed in their frames. */
void engine_watch_memory(struct engine *e, const struct engine_watch *w,
                         size_t n);
/* RAM was put back as it was (history): that is nobody's access. */
void engine_memory_forget(struct engine *e);
/* Was the last such access the hart's own? */
bool engine_memory_by_hart(const struct engine *e);
struct engine_watched engine_watched(const struct engine *e);
void engine_catch_traps(struct engine *e, bool on);
void engine_on_commit(struct engine *e,
                      void (*fn)(void *, const struct engine_commit *),
                      void *opaque);

/* fn (host side, no effect on the machine) hears of each trap that was taken,
 * with hart.cycle as its entry has left it, and of each return from one (mret,
 * sret: cause ENGINE_RETURNED). */
#define ENGINE_RETURNED (~0ull)
void engine_on_turn(struct engine *e, void (*fn)(void *, u64 cause, u64 tval),
                    void *opaque);

/* fn (host side, no effect on the machine) hears of each page of a program
 * (Sv39, PTE_U) that the hart comes to: va, what for, with hart.cycle. It may
 * hear of consecutive uses of a page for the same more than once; an atomic is
 * a store. And, before it is taken, of each page fault (faults). */
void engine_on_touch(struct engine *e,
                     void (*fn)(void *, u64 va, enum access access,
                                bool faults),
                     void *opaque);
/* The next load or store of a program is told, wherever the last one was. */
void engine_touch_again(struct engine *e);
/* fn hears, before the instruction at pc is executed, of each visit of an
 * address that engine_probe has been given, with the hart as it is then; it
 * may add more. Their code is mapped at physical + delta. Called anew: there
 * are none. */
void engine_on_probe(struct engine *e, u64 delta, void (*fn)(void *, u64 pc),
                     void *opaque);
void engine_probe(struct engine *e, u64 va);

struct cycles_by engine_cycles_by(const struct engine *e);
struct branch_predictor *engine_branch(struct engine *e);
/* Adds idle cycles (wfi skips ahead): hart.cycle = to. */
void engine_idle_until(struct engine *e, u64 to);

/* Last epoch (1 ms of simulated time) in which each RAM frame was used by the
 * hart: 0 never, else 1 + cycle / (clock_hz / 1000). Indexed by frame. */
const u32 *engine_last_use(const struct engine *e);
/* Saves and loads it: it influences nothing, so engine_state has none of it.
 * Comes after the hart's cycle. */
void engine_past(struct engine *e, struct state *s);

/* A byte for each RAM frame, not 0 when it may have been written, by anybody,
 * since its owner last cleared it; who clears some calls engine_written_clear
 * for the others, too, and then the host TLB begins anew. */
u8 *engine_written(struct engine *e);
void engine_written_clear(struct engine *e);

/* Debug access through the current translation, as the hart would see it,
 * without side effects. False: no translation or not RAM. */
bool engine_peek_va(struct engine *e, u64 va, enum access access, u64 *pa);

/* Host-side figures for the bench: blocks decoded, chained, slow accesses. */
struct engine_host_stats {
    u64 blocks, flushes, translated;
    u64 pages; /* that have come to the host TLB */
};
struct engine_host_stats engine_host_stats(const struct engine *e);

#endif
