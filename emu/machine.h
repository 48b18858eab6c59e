/* SPDX-License-Identifier: MIT */
/* The machine: owns the parts and the one run loop. Nothing in it knows that
 * anyone is watching; faces go through inspect/ and monitor/. */
#ifndef CLOCKHAND_MACHINE_H
#define CLOCKHAND_MACHINE_H

#include "base/base.h"
#include "base/state.h"
#include "config.h"
#include "dev/dev.h"
#include "engine/engine.h"
#include "hart/hart.h"
#include "mmu/mmu.h"
#include "time/time.h"

enum machine_stop {
    MS_DEADLINE, /* the cycle asked for is reached */
    MS_OFF,      /* the guest powered off; exit_status holds */
    MS_BREAKPOINT,
    MS_WATCHPOINT,
    MS_WALK,
    MS_TRAPPED,
    MS_EVENT,    /* an event that machine_catch_events named */
    MS_ASKED,    /* machine_ask_stop */
    MS_LIMIT,    /* --max-instructions / --max-sim-time */
    MS_REPLAYED, /* a recording that is replayed ends here */
    MS_DEPARTED, /* repeating did not go as before: history_departure */
    MS_HUNG      /* wfi with no event that could ever end it and no input;
                  * no time passes */
};

/* Inspect's, on the host's side only: a kernel without a lens that it reads
 * (linux/reader.h, xv6/reader.h), as the machine was when it was last looked
 * at. */
struct linux_kernel;
struct xv6_kernel;
struct machine_reader {
    struct linux_kernel *kernel; /* NULL: none was found */
    struct xv6_kernel *xv6;      /* likewise */
    bool tried, probed;          /* probed: its events are seen, too */
    unsigned opened;             /* how many have been found so far */
    u64 cycle, instret;
    char why[160]; /* none was */
};

struct machine_parts; /* devices: dev/ headers; machine.c */

struct machine {
    const struct config *config;
    const struct cpu_profile *cpu;
    struct hart hart;
    struct mmu mmu;
    struct memtime mem;
    struct engine *engine;
    struct events events;
    u8 *ram;
    u64 ram_bytes;
    u64 clock_hz;
    bool off;
    int exit_status;
    struct machine_parts *parts;
    struct host_io io;
    /* symbols of the kernel or bare ELF, for faces (boot/elf.h), and the file
     * that they are from; NULL: none */
    struct elf_symbols *symbols;
    const char *symbols_file;
    struct machine_reader reader;
};

/* Builds and resets it: parts, images, device tree. Dies (status 2) with one
 * line on unreadable or malformed images. */
struct machine *machine_new(const struct config *c, const struct host_io *io);
void machine_free(struct machine *m);

/* The cycle of the next event of a device; NEVER: there is none. */
u64 machine_next_event(const struct machine *m);
/* Runs until `deadline` (a cycle; NEVER for none) or a reason to stop. */
enum machine_stop machine_run(struct machine *m, u64 deadline);
/* As engine_step: so many instructions, or so many traps. */
enum machine_stop machine_step(struct machine *m, u64 instructions);
/* After MS_HUNG: lets time pass up to `to`, at most to the next cycle at which
 * somebody is called (machine_on_clock). */
void machine_idle(struct machine *m, u64 to);
struct walk_step machine_step_walk(struct machine *m);
/* From any thread: stop at the next instruction boundary. */
void machine_ask_stop(struct machine *m);

/* Calls fn (host side, no effect on the machine) at the first instruction
 * boundary after every `every` cycles in which the hart was not asleep; and,
 * with `slept`, after each sleep. Sampling does not depend on how runs are
 * cut. every 0: no more. */
void machine_on_sample(struct machine *m, u64 every,
                       void (*fn)(void *, bool slept), void *opaque);

/* Calls fn (host side, no effect on the machine) at the first instruction
 * boundary, asleep or not, at or after each multiple of `every` cycles: the
 * same ones however runs are cut. CLOCK_TRUTH and CLOCK_PROBES leave a
 * sleeping hart alone: they are called once, when the hart has woken. every 0:
 * no more. */
enum machine_clock {
    CLOCK_TRACE,
    CLOCK_COUNTERS,
    CLOCK_FILM,
    CLOCK_TRUTH,
    CLOCK_PROBES,
    CLOCKS
};
void machine_on_clock(struct machine *m, enum machine_clock which, u64 every,
                      void (*fn)(void *), void *opaque);

/* What happens in the machine, as it happens (host side, no effect on it);
 * hart.cycle says when. */
struct machine_request { /* of a disk */
    unsigned disk;
    u64 tag;         /* its name among the disk's */
    unsigned others; /* in flight beside it */
    bool over;       /* else it was presented */
    bool failed;
    u8 type; /* as struct disk_request's */
    u64 sector, bytes;
};
struct machine_watcher {
    void *opaque;
    /* A trap was taken; or returned from: cause ENGINE_RETURNED. */
    void (*trap)(void *, u64 cause, u64 tval);
    void (*sleep)(void *); /* wfi, and time is about to pass */
    /* pages: page frames of RAM that it reads or writes; n of them. */
    void (*request)(void *, const struct machine_request *, const u32 *pages,
                    unsigned n);
};
/* One at a time; NULL: nobody. w stays the caller's. */
void machine_watch(struct machine *m, const struct machine_watcher *w);

/* The one list of state: saves, loads, hashes. */
void machine_state(struct machine *m, struct state *s);
void machine_hash(struct machine *m, char hex[33]);
/* The state, then what is told of the machine's past, which has no part in its
 * future: when each frame was last used, the event that was caught, and what
 * machine_on_past names. False with a message in err (size n). */
bool machine_save(struct machine *m, const char *path, char *err, size_t n);
bool machine_load(struct machine *m, const char *path, char *err, size_t n);

/* Inputs from outside; each enters the input log with its cycle. */
void machine_input(struct machine *m, const void *bytes, size_t n); /* keys */
bool machine_break(struct machine *m); /* a BREAK on the line; false: off */
bool machine_poke(struct machine *m, u64 pa, const void *p, size_t n);
bool machine_peek(struct machine *m, u64 pa, void *p, size_t n); /* RAM only */
void machine_set_timing(struct machine *m, enum timing t);
/* Writes a register as a debugger does: by gdb's numbers (x0 stays 0, a CSR
 * keeps what is legal in it, priv is the privilege). False: there is none, it
 * is read-only, or the machine is off. */
enum {
    MACHINE_PC = 32,
    MACHINE_F = 33,
    MACHINE_CSR = 65,
    MACHINE_PRIV = MACHINE_CSR + 4096
};
bool machine_set_register(struct machine *m, u32 number, u64 value);

/* Kernel events from the lens. The hook is called as each arrives (host
 * side, no effect on the machine). */
struct lens_view {
    bool open;
    const struct lens_info *info; /* checked; pointers lie within RAM */
    u64 info_pa;
    const u8 *shadow; /* enum frame_state per frame, from events only */
    const u64 *count; /* [FS_COUNT]: how many frames have which there */
    u64 nframes;      /* RAM frames */
    u64 events;       /* how many so far */
};
const struct lens_view *machine_lens(const struct machine *m);
bool machine_lens_busy(const struct machine *m);
void machine_on_event(struct machine *m,
                      void (*fn)(void *, const struct lens_record *),
                      void *opaque);
/* Stop (MS_EVENT) after an event whose reason bit is set (1 << enum reason);
 * machine_caught tells which it was. */
void machine_catch_events(struct machine *m, u64 reasons);
/* The same for an event that a watcher has seen, and no lens. */
void machine_seen(struct machine *m, const struct lens_record *r);
struct lens_record machine_caught(const struct machine *m);
/* fn saves and loads (base/state.h) what a watcher of events remembers. A
 * machine that has a watcher loads only what one with a watcher has saved. */
void machine_on_past(struct machine *m, void (*fn)(void *, struct state *),
                     void *opaque);

/* A request in flight, oldest first. */
struct disk_request {
    u8 type; /* virtio-blk's: 0 in, 1 out, 4 flush, 8 get id, 11 discard,
              * 13 write zeroes */
    u64 sector, bytes;
    u64 pa;      /* where its data begins; 0: none */
    u64 done_at; /* cycle, if no other request comes */
    bool waits;  /* not chosen by the disk yet */
};
#define DISK_REQUESTS 16 /* that a view shows at most; queued may be more */
struct disk_view {
    bool present;
    struct disk_stats stats;
    u64 sectors;
    u32 queued;
    u64 done_at;
    const char *file;
    unsigned nrequests;
    struct disk_request request[DISK_REQUESTS];
};
/* The run is over: what the guest has given its disks to write is in their
 * files. Tells each file of which a write has failed, in this run or now, with
 * the reason. */
void machine_settle_disks(struct machine *m,
                          void (*failed)(const char *file, const char *why));
/* Where the kernel's table of tunables is in RAM (struct lens_tunable);
 * returns how many rows it has: 0 without one. */
u64 machine_tunables(const struct machine *m, u64 *pa);
/* What is on a disk now, whole sectors; for faces. False: no such bytes. */
bool machine_disk_read(struct machine *m, unsigned disk, u64 at, void *to,
                       u64 n);
unsigned machine_disks(const struct machine *m, struct disk_view *out,
                       unsigned max);

#endif
