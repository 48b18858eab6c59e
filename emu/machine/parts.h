/* SPDX-License-Identifier: MIT */
/* The parts of a machine, for the files of this folder. */
#pragma once

#include <stdatomic.h>

#include "boot/boot.h"
#include "dev/backing.h"
#include "dev/bus.h"
#include "dev/clint.h"
#include "dev/finisher.h"
#include "dev/htif.h"
#include "dev/lens.h"
#include "dev/plic.h"
#include "dev/rtc.h"
#include "dev/uart.h"
#include "dev/virtio.h"
#include "history/history.h"
#include "machine/machine.h"

struct machine_parts {
    struct bus bus;
    struct clint clint;
    struct plic plic;
    struct uart uart;
    struct rtc rtc;
    struct finisher finisher;
    struct lens lens;
    struct htif htif;
    struct virtio virtio[DISK_SLOTS];
    struct backing backing[DISK_SLOTS];
    struct disk_model *model[DISK_SLOTS];
    unsigned ndisks;
    u64 captured; /* see `captured` in struct virtio */
    u8 rom[ROM_BYTES];
    struct boot_input boot;
    struct boot_result booted;
    /* lens.run and boot.append of a loaded machine; `loading` has them until
     * the load has succeeded. */
    struct loaded_texts {
        char *run, *append;
    } loaded, loading;
    const struct dram_part *dram;

    FILE *code_names; /* --perf-map */

    u64 dispatched; /* events, inputs and resets so far; not state */
    u64 file_writes[DISK_SLOTS]; /* number of writes to disks' own files */
    struct host_io live; /* while the machine repeats: the io of its present */

    /* The run in progress. */
    u64 deadline;      /* the engine's */
    bool reset_wanted; /* the guest has asked for a reset */
    bool caught;       /* an event is to stop the run: `met` */
    struct lens_record met, caught_record; /* machine.h: machine_caught */
    atomic_bool asked;

    /* machine_on_sample; not state */
    struct {
        u64 every, at; /* in cycles; at: when the next sample is due */
        void (*fn)(void *, bool slept);
        void *opaque;
    } sample;

    /* machine_on_clock, machine_watch; not state */
    struct {
        u64 every, at; /* in cycles; at: when fn is due next */
        void (*fn)(void *);
        void *opaque;
    } clock[CLOCKS];
    const struct machine_watcher *watcher;

    void (*on_dma)(void *, u64 pa, u64 bytes, bool write); /* not state */
    void *dma_opaque;
    /* machine_on_past; not state */
    struct {
        void (*fn)(void *, struct state *);
        void *opaque;
    } past;

    bool console_owed; /* a program's read of the console got HOST_IN_LATER; a
                        * loaded machine asks again */

    bool console_ended;    /* the host's side of input, so not state */
    struct lens_view view; /* machine_lens's answer; no state, either */
};

static inline u64 earlier(u64 a, u64 b)
{
    return a < b ? a : b;
}

/* watch.c: the clocks of observers. */
u64 machine_next_clock(const struct machine *m);
u64 machine_next_clock_asleep(const struct machine *m); /* in a sleep */
void machine_tick(struct machine *m); /* clocks that are due */

/* new.c: resets memory, images, every part, but not the time. */
void machine_reset(struct machine *m);
/* new.c: serves engine_port's hart_changed. */
void machine_hart_changed(struct machine *m, unsigned effect);
/* input.c: gives the UART the next line of the console's file or pipe.
 * io.console_in must not be NULL. */
void machine_fetch_line(struct machine *m);
/* Handles EV_INPUT: for guests without the lens, and for a read that is owed.
 * machine_may_feed: true if machine_feed could deliver a line. */
void machine_feed(struct machine *m);
/* Call when the hart is about to sleep until `to`. */
void machine_feed_asleep(struct machine *m, u64 to);
bool machine_may_feed(const struct machine *m);
int machine_pipe_in(void *machine);
/* Applies a log entry of a kind that comes between two instructions. */
void machine_repeat_input(struct machine *m, const struct input_entry *e);
void machine_repeat_poke(struct machine *m, const struct input_entry *e);
/* Logs input. If the machine did not ask for it, it counts as an event, so that
 * the moments before and after it differ. */
void machine_log_input(struct machine *m, enum input_kind kind, const void *p,
                       size_t n);
/* past.c: makes m->past and registers the machine's own memories. */
void machine_make_past(struct machine *m);

/* state.c: visits all data that may differ between two moments of one run, and
 * the records of the past (machine_save); large memories only if the visitor
 * wants them. */
void machine_visit(struct machine *m, struct state *s);
/* Sets *bytes (the caller frees them) to what all machines that replay one
 * input log must share: the configuration, and digests of the disks' files
 * as they were when the log began (digest_at_start). Returns the length. */
size_t machine_configuration(struct machine *m, u8 **bytes);
/* Compares such bytes with this machine. False, with the difference in err. */
bool machine_same_configuration(struct machine *m, const u8 *bytes, size_t n,
                                char *err, size_t size);
