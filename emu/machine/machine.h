/* SPDX-License-Identifier: MIT */
/* The machine owns its parts and the one run loop. It does not depend on
 * observers; faces (panel, gdb) go through inspect/ and monitor/. */
#pragma once

#include "base/base.h"
#include "base/state.h"
#include "config/config.h"
#include "dev/dev.h"
#include "engine/engine.h"
#include "hart/hart.h"
#include "history/history.h"
#include "mmu/mmu.h"
#include "time/time.h"

/* The reader of a kernel without a lens (linux/reader.h, xv6/reader.h), and the
 * moment of its last use. inspect/ uses it; the machine only closes it. */
struct linux_kernel;
struct xv6_kernel;
struct machine_reader {
    struct linux_kernel *kernel; /* NULL: none was found */
    struct xv6_kernel *xv6;      /* likewise */
    bool tried, probed;          /* probed: probes observe its events */
    unsigned opened;             /* number of kernels found so far */
    u64 cycle, instret;
    char why[160]; /* the reason if none was found */
};

struct machine_parts; /* parts.h: devices, the current run */

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
    /* Not state. `resets` goes back with the machine. `loads` also counts loads
     * that broke off halfway; after a load all data read before it is stale. */
    u32 resets, loads;
    struct machine_parts *parts;
    struct history *past;
    struct host_io io;
    /* Symbols of the kernel or bare ELF, for faces (boot/elf.h), and their
     * file; NULL: none. */
    struct elf_symbols *symbols;
    const char *symbols_file;
    struct machine_reader reader;
    struct ins_stale *stale; /* of inspect/; NULL: it seeks no stale uses */
};

/* Builds and resets a machine: parts, images, device tree. Ends the program
 * (status 2) with one line if an option or image cannot be used. */
struct machine *machine_new(const struct config *c, const struct host_io *io);
void machine_free(struct machine *m);

/* Returns the cycle of the next event of a device; NEVER: there is none. */
u64 machine_next_event(const struct machine *m);
/* Runs until `deadline` (a cycle; NEVER for none) or a reason to stop. */
enum machine_stop machine_run(struct machine *m, u64 deadline);
/* Runs this many steps (instructions and traps), as engine_step does. */
enum machine_stop machine_step(struct machine *m, u64 instructions);
/* After MS_HUNG: lets time pass up to cycle `to`, but at most up to the next
 * call of an observer's function by a clock (machine_on_clock). */
void machine_idle(struct machine *m, u64 to);
struct walk_step machine_step_walk(struct machine *m);
/* Asks, from any thread, for a stop at the next instruction boundary. */
void machine_ask_stop(struct machine *m);

/* Calls fn (without effect on the machine) at the first instruction boundary
 * not before cycle `first`, then after every `every` cycles in which the hart
 * was not asleep. Calls fn also, with `slept`, after each sleep, which puts off
 * the next call. Sampling does not depend on how runs are cut. fn is also
 * called while the machine repeats its past: the caller makes its own state go
 * back, too (history_also). every 0: ends the calls. */
void machine_on_sample(struct machine *m, u64 every, u64 first,
                       void (*fn)(void *, bool slept), void *opaque);
u64 machine_next_sample(const struct machine *m); /* NEVER: none */

/* Calls fn (without effect on the machine) at the first instruction boundary at
 * or after each multiple of `every` cycles, asleep or not. The boundaries do
 * not depend on how runs are cut. CLOCK_TRUTH, CLOCK_PROBES and CLOCK_SAMPLES
 * do not call fn in a sleep, but once when the hart has woken. every 0: ends
 * the calls. */
enum machine_clock {
    CLOCK_TRACE,
    CLOCK_COUNTERS,
    CLOCK_SAMPLES,
    CLOCK_FILM, /* after CLOCK_SAMPLES: pictures show these samples */
    CLOCK_TRUTH,
    CLOCK_PROBES,
    CLOCKS
};
void machine_on_clock(struct machine *m, enum machine_clock which, u64 every,
                      void (*fn)(void *), void *opaque);

/* machine_watcher's callbacks are called at each trap, sleep and disk request,
 * without effect on the machine; machine_now is the time. */
struct machine_request { /* of a disk */
    unsigned disk;
    u64 tag;         /* distinguishes the requests of a disk */
    unsigned others; /* number of other requests in flight */
    bool over;       /* completed; false: submitted now */
    bool failed;
    u8 type; /* as in struct disk_request */
    u64 sector, bytes;
};
struct machine_watcher {
    void *opaque;
    /* A trap was taken; cause ENGINE_RETURNED: the hart returned from one. */
    void (*trap)(void *, u64 cause, u64 tval);
    void (*sleep)(void *); /* in a wfi, time is about to pass */
    /* pages: the n RAM frames (at most 1024) that it reads or writes. */
    void (*request)(void *, const struct machine_request *, const u32 *pages,
                    unsigned n);
};
/* Calls fn (without effect on the machine) after each access of a device to
 * RAM. fn NULL ends this. */
void machine_on_dma(struct machine *m,
                    void (*fn)(void *, u64 pa, u64 bytes, bool write),
                    void *opaque);
/* Sets the only watcher; NULL: none. w stays the caller's. */
void machine_watch(struct machine *m, const struct machine_watcher *w);

/* The machine's time, in cycles. A hart's own clock is hart.cycle: what that
 * hart does is timed by it. With one hart they are equal. */
static inline u64 machine_now(const struct machine *m)
{
    return m->hart.cycle;
}
struct moment machine_moment(const struct machine *m);
/* Call before the first run: notes the disks' content, for the log. */
void machine_note_disks(struct machine *m);

/* Saves, loads or hashes all state. */
void machine_state(struct machine *m, struct state *s);
void machine_hash(struct machine *m, char hex[33]);
/* These save and load a file. It has the state, then records of the past that
 * do not influence the future: last uses of frames, numbers of traps and
 * resets, the event caught, and a watcher's records (machine_on_past). False
 * with a message in err (n). */
bool machine_save(struct machine *m, const char *path, char *err, size_t n);
bool machine_load(struct machine *m, const char *path, char *err, size_t n);

/* Inputs from outside (not machine_peek); each enters the input log with its
 * moment. machine_poke: false if not all is RAM, or in the machine's past. */
void machine_input(struct machine *m, const void *bytes, size_t n); /* keys */
bool machine_break(struct machine *m); /* false: off or in its past */
bool machine_poke(struct machine *m, u64 pa, const void *p, size_t n);
bool machine_peek(struct machine *m, u64 pa, void *p, size_t n); /* RAM only */
void machine_set_timing(struct machine *m, enum timing t);
/* Writes a register as a debugger does: by gdb's numbers (x0 stays 0, a CSR
 * takes only its legal values, priv is the privilege). False: no such register
 * or privilege, it is read-only, or the machine is off or in its past. */
enum {
    MACHINE_PC = 32,
    MACHINE_F = 33,
    MACHINE_CSR = 65,
    MACHINE_PRIV = MACHINE_CSR + 4096
};
bool machine_set_register(struct machine *m, u32 number, u64 value);

/* Kernel events from the lens. machine_on_event's fn is called as each arrives,
 * without effect on the machine. */
struct lens_view {
    bool open;
    const struct lens_info *info; /* checked; pointers lie within RAM */
    u64 info_pa;
    const u8 *shadow; /* enum frame_state per frame, by the events alone */
    const u64 *count; /* [FS_COUNT]: frames of `shadow` by state */
    u64 nframes;      /* RAM frames */
    u64 events;       /* number of events so far */
};
const struct lens_view *machine_lens(const struct machine *m);
bool machine_lens_busy(const struct machine *m);
void machine_on_event(struct machine *m,
                      void (*fn)(void *, const struct lens_record *),
                      void *opaque);
/* Makes runs stop (MS_EVENT) after an event whose reason's bit is set (1 <<
 * enum reason); machine_met returns that event. */
void machine_catch_events(struct machine *m, u64 reasons);
struct lens_record machine_met(const struct machine *m);
/* Catches r, an event that a watcher (not the lens) saw, if asked for. */
void machine_seen(struct machine *m, const struct lens_record *r);
/* The event caught last: not every event that is met is what the caller looks
 * for. It is saved with the machine. */
struct lens_record machine_caught(const struct machine *m);
void machine_set_caught(struct machine *m, struct lens_record r);
/* Registers fn, which saves and loads (base/state.h) the memory of a watcher of
 * events. A file saved with a watcher loads only into a machine with one, and a
 * file saved without only into a machine without. */
void machine_on_past(struct machine *m, void (*fn)(void *, struct state *),
                     void *opaque);

/* A request in flight; disk_view lists the oldest first. */
struct disk_request {
    u8 type; /* virtio-blk's: 0 in, 1 out, 4 flush, 8 get id, 11 discard,
              * 13 write zeroes */
    u64 sector, bytes;
    u64 pa;      /* start of its data; 0: none */
    u64 done_at; /* cycle of completion if no other request comes */
    bool waits;  /* not chosen by the disk yet */
};
#define DISK_REQUESTS 16 /* a view lists at most so many of `queued` */
struct disk_view {
    bool present;
    struct disk_stats stats;
    u64 sectors;
    u32 queued;
    u64 done_at;
    const char *file;
    u64 failed;    /* requests that failed as fail= asks */
    u64 unflushed; /* bytes of writes that a power cut may take back (cut=) */
    unsigned nrequests;
    struct disk_request request[DISK_REQUESTS];
};
/* Call when the run is over: flushes the guest's writes to its disks' files.
 * `cut`: the power is cut; else the writes in progress are left in the machine.
 * For each file of which a write or flush failed, calls `failed` with why. */
void machine_settle_disks(struct machine *m, bool cut,
                          void (*failed)(const char *file, const char *why));
/* Finds the kernel's table of tunables in RAM (struct lens_tunable) and returns
 * the number of its rows; 0: there is no table. */
u64 machine_tunables(const struct machine *m, u64 *pa);
/* Reads whole sectors of a disk, for faces. False: no such bytes. */
bool machine_disk_read(struct machine *m, unsigned disk, u64 at, void *to,
                       u64 n);
unsigned machine_disks(const struct machine *m, struct disk_view *out,
                       unsigned max);
