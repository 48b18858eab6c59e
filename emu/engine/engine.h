/* SPDX-License-Identifier: MIT */
/* Executes instructions fast. hart/semantics.def defines their effect, time/
 * their cost. README.md gives an overview.
 *
 * While the hart runs, only the engine writes hart.cycle. Interrupts are exact:
 * each is taken before any instruction that starts at or after its cycle. */
#pragma once

#include <stdio.h>

#include "base/base.h"
#include "base/state.h"
#include "hart/hart.h"
#include "mmu/stale.h"
#include "time/time.h"

/* Physical memory: one RAM, and devices, which callbacks serve. */
struct engine_port {
    void *opaque;
    u8 *ram;
    u64 ram_base, ram_bytes;
    /* These access a device at hart.cycle, which is exact at the call. False:
     * access fault. After a call the engine looks for interrupts and events. */
    bool (*mmio_read)(void *opaque, u64 pa, unsigned bytes, u64 *value);
    bool (*mmio_write)(void *opaque, u64 pa, unsigned bytes, u64 value);
    /* Called when hart.mip, mie, stimecmp or the like was written (hart_effect
     * HE_TIMER | HE_INTERRUPT): the machine reschedules its timer event. */
    void (*hart_changed)(void *opaque, unsigned effect);
};

enum engine_stop {
    ENGINE_DEADLINE,   /* hart.cycle >= deadline */
    ENGINE_WFI,        /* waiting; hart.wfi is set */
    ENGINE_BREAKPOINT, /* before the instruction at a breakpoint */
    ENGINE_WATCHPOINT, /* after the access */
    ENGINE_WALK,       /* catch_walk: mmu.walk is WALK_ARMED, to be resumed */
    ENGINE_TRAPPED,    /* catch_traps: a trap has just been taken */
    ENGINE_STALE,      /* engine_stop_stale() was called: after the access */
    ENGINE_ASKED       /* by engine_ask_stop() or engine_watch_line() */
};

/* All cycles by cause; their sum is hart.cycle. A block charges its issue and
 * interlock at once; the other causes are charged as they happen. */
struct cycles_by {
    u64 issue, interlock, branch, icache, dcache, walk, dram, trap, idle;
};

struct engine_watch {
    u64 va, len;
    bool on_read, on_write;
    bool on_fetch; /* heeded by engine_watch_memory only */
};

/* The access at which engine_watchpoints (not engine_watch_memory) stopped a
 * run: the first watched access of its instruction. */
struct engine_watched {
    u64 va;
    unsigned bytes;
    bool store;
};

/* One retired instruction, for --commit-log and exact reference strings. With a
 * listener the engine runs at single-step speed; the listener is called after
 * each instruction. */
struct engine_commit {
    u64 pc;
    u32 raw;
    u8 len, priv; /* priv: before it was executed */
    u16 op;       /* enum op */
    u16 csr;      /* the CSR of a csrr* instruction */
    bool csr_written;
    bool mstatus_written; /* by mret or sret, or mstatus has changed */
    u8 fflags;            /* exception flags raised by the instruction */
    s8 xrd, frd;          /* x and f register written; -1: none */
    u64 value;
    bool load, store; /* an AMO does both */
    u64 addr;         /* virtual */
    u8 bytes;
    u64 data; /* stored, else loaded: low `bytes` bytes (cbo.zero: 0) */
};

struct engine;
struct engine_config {
    struct hart *hart;
    struct mmu *mmu;
    struct memtime *mem;
    const struct cpu_profile *cpu;
    struct engine_port port;
    bool timed;
    u32 arena_bytes; /* for decoded blocks; 0: default. Affects only speed */
    /* Entries after which a block is translated to host code; a translation
     * takes as long as some hundred executions. 0: never. Affects only speed */
    u8 heat;
    /* Gets the names of host code in the form of /tmp/perf-PID.map; or NULL */
    FILE *code_names;
};
#define ENGINE_HEAT 40
/* True if there is a translator for this host and the host permits new code (a
 * policy of SELinux may forbid it, or prctl's PR_SET_MDWE). */
bool engine_translates(void);
struct engine *engine_new(const struct engine_config *c);
void engine_free(struct engine *e);
/* Saves or loads scoreboard, branch predictor, fetch position, cycles_by and
 * timing. Save or load the hart's own state before. */
void engine_state(struct engine *e, struct state *s);
/* Empties the pipeline after a reset of the hart. A caller that only sets
 * hart.pc need not call it, unless it saves the state before the hart runs. */
void engine_restart(struct engine *e);

/* Runs until hart.cycle >= deadline or something else stops it. The first
 * instruction is executed without looking for interrupts if a stepped walk is
 * in progress (mmu.walk.phase != WALK_IDLE). */
enum engine_stop engine_run(struct engine *e, u64 deadline);
/* Runs n steps: a step is a retired instruction or a trap taken. Returns
 * ENGINE_DEADLINE when done. */
enum engine_stop engine_step(struct engine *e, u64 n, u64 deadline);
u64 engine_traps(const struct engine *e); /* taken since power-on */
void engine_set_traps(struct engine *e, u64 taken);
/* The first trap since an instruction was retired last. */
struct engine_first {
    u64 instret;   /* when it was taken; another one: it is over */
    u64 pc, cause; /* of the interrupted instruction */
    u32 priv;      /* the interrupted mode */
    u32 n;         /* traps since, this one included */
    bool known;    /* false: the hart came here by goto or a load */
};
struct engine_first engine_first(const struct engine *e);

/* Performs one step of the armed or running walk: reads a PTE or sets A and D.
 * hart.cycle stands still; the retried instruction is charged for the walk. */
struct walk_step engine_step_walk(struct engine *e);

void engine_ask_stop(struct engine *e); /* soon, between two instructions */
/* Makes the run stop (ENGINE_ASKED) at once, and then after each write to the
 * 64-byte line of pa (for tohost). pa 0 ends this. Not saved; costs no time. */
void engine_watch_line(struct engine *e, u64 pa);
/* True if memtime.code, and what memtime derives from it, are what decoded
 * blocks, followed PTEs and the watched line demand. Visits each frame. */
bool engine_lines_agree(const struct engine *e);
/* Lowers the deadline of the run in progress. A callback of engine_port calls
 * it if a device has scheduled an event that comes sooner. */
void engine_set_deadline(struct engine *e, u64 deadline);
void engine_set_timed(struct engine *e, bool timed);
bool engine_timed(const struct engine *e);
/* Call after DMA, the monitor or a restore wrote RAM: drops decoded code there
 * and a reservation there. The caller also tells the caches (memtime_dma). */
void engine_ram_written(struct engine *e, u64 pa, u64 bytes);
/* Call after another part of the machine changed the privilege or a CSR that
 * decides about translation or PMP; not needed for mip or x registers. */
void engine_context_changed(struct engine *e);

/* Each function with a list replaces the whole old list; n 0: an empty list. */
void engine_breakpoints(struct engine *e, const u64 *va, size_t n);
/* The next run does not stop at a breakpoint at which it begins. */
void engine_pass_breakpoint(struct engine *e);
void engine_watchpoints(struct engine *e, const struct engine_watch *w,
                        size_t n);
/* Makes runs stop (ENGINE_WATCHPOINT) after an access to RAM, by any virtual
 * address, in one of n ranges of physical addresses (in engine_watch.va).
 * on_fetch: after an instruction fetched from there. on_write: also after
 * writes by DMA, the walker and engine_ram_written. Only accesses to the
 * watched frames, and misses of the host TLB, become slower. */
void engine_watch_memory(struct engine *e, const struct engine_watch *w,
                         size_t n);
/* Forgets reasons to stop that no run has returned yet: an instruction may give
 * several, of which a run returns one. Call it after a load, whose writes must
 * not count as accesses. */
void engine_forget_stops(struct engine *e);
/* True if the access at which engine_watch_memory stopped was the hart's. */
bool engine_memory_by_hart(const struct engine *e);
struct engine_watched engine_watched(const struct engine *e);
void engine_catch_traps(struct engine *e, bool on);
/* Makes the engine call to->used for each access by a translation that the page
 * table no longer gives (mmu/stale.h). hart.cycle is exact then. No effect on
 * the machine. `to` NULL ends this. */
void engine_follow_translations(struct engine *e,
                                const struct stale_observer *to);
/* Stops the run after the access in progress. */
void engine_stop_stale(struct engine *e);
void engine_on_commit(struct engine *e,
                      void (*fn)(void *, const struct engine_commit *),
                      void *opaque);

/* Makes the engine call fn for each trap taken, with hart.cycle as after trap
 * entry, and for each return from a trap (mret, sret: cause ENGINE_RETURNED).
 * No effect on the machine. */
#define ENGINE_RETURNED (~0ull)
void engine_on_trap(struct engine *e, void (*fn)(void *, u64 cause, u64 tval),
                    void *opaque);

/* Makes the engine call fn when the hart comes to a page of a program (Sv39,
 * PTE_U); hart.cycle is exact. No effect on the machine. Consecutive uses of a
 * page for the same kind of access may be reported more than once; an AMO is a
 * store. Also calls fn before a page fault is taken (faults: true). */
void engine_on_touch(struct engine *e,
                     void (*fn)(void *, u64 va, enum access access,
                                bool faults),
                     void *opaque);
/* Makes fn hear of the program's next load or store, even to the same page. */
void engine_touch_again(struct engine *e);
/* Makes the engine call fn before each execution of an instruction at an
 * address given to engine_probe, with the hart up to date; fn may add probes.
 * The probed code's virtual address is physical + delta. Drops old probes. */
void engine_on_probe(struct engine *e, u64 delta, void (*fn)(void *, u64 pc),
                     void *opaque);
void engine_probe(struct engine *e, u64 va);

struct cycles_by engine_cycles_by(const struct engine *e);
struct branch_predictor *engine_branch(struct engine *e);
/* Advances hart.cycle to `to`, unless it is past; the cycles count as idle. */
void engine_idle_until(struct engine *e, u64 to);

/* Returns for each frame of RAM the last epoch (1 ms of simulated time) in
 * which the hart used it: 0: never, else 1 + cycle / (clock_hz / 1000). */
const u64 *engine_last_use(const struct engine *e);
/* Saves or loads last uses and the number of traps; engine_state omits them,
 * because they influence nothing. Call it after the hart's cycle is loaded. */
void engine_past(struct engine *e, struct state *s);

/* Returns a byte for each RAM frame. A byte is not 0 if anything may have
 * written to its frame since the byte was cleared. Only engine_written_clear
 * may clear bytes: it clears all, and flushes the host TLB. */
u8 *engine_written(struct engine *e);
void engine_written_clear(struct engine *e);

/* Figures about the host's work, for the bench. */
struct engine_host_stats {
    u64 blocks, flushes, translated;
    u64 pages; /* entered into the host TLB */
};
struct engine_host_stats engine_host_stats(const struct engine *e);
