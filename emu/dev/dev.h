/* SPDX-License-Identifier: MIT */
/* The board: QEMU's `virt` memory map, and the queue of future events.
 *
 *   map.def     the device map: name, base, size, irq (device tree and bus)
 *   bus.c       finds the device of an address (the engine serves RAM)
 *   events.c    the queue of future events, by cycle
 *   clint.c plic.c uart.c rtc.c finisher.c lens.c htif.c
 *   virtio.c virtio_legacy.c vring.c   virtio-mmio transport, the queue
 *   blk.c blk_config.c                 virtio-blk on it
 *   backing.c write_cache.c faults.c   a disk's storage; power cuts, faults
 *
 * A device gets the time as a parameter (the CLINT reads hart.cycle) and
 * schedules events; it never runs by itself. */
#pragma once

#include "abi.h"
#include "base/base.h"
#include "base/state.h"
#include "hart/hart.h"
#include "time/time.h"

#define RAM_BASE 0x80000000ull

enum device_id {
#define DEVICE(id, name, base, size, irq) DEV_##id,
#include "dev/map.def"
    DEV_COUNT
};

/* ---- events: at most one pending per source ----------------------------- */
#define DISK_SLOTS 8
enum event_id {
    EV_TIMER,   /* mtimecmp or stimecmp is reached, or mtime wraps */
    EV_UART_RX, /* the next byte of pending input may be delivered */
    EV_DISK0,   /* disk_next() of slot 0: a request completes or is chosen */
    EV_DISK7 = EV_DISK0 + 7,
    EV_RTC,   /* the real-time clock's alarm */
    EV_INPUT, /* time to ask console_in: no lens, or a read got no byte yet */
    EV_COUNT
};
#define NEVER (~0ull)
struct events {
    u64 at[EV_COUNT]; /* cycle, or NEVER; at a tie the lower id is first */
};
void events_init(struct events *q);
u64 events_next(const struct events *q);         /* earliest cycle or NEVER */
int events_due(const struct events *q, u64 now); /* an id, or -1 */
void events_state(struct events *q, struct state *s);

/* ---- the host's side: streams only; the host's clock is never read ------ */
/* The machine's output and input. All callbacks may be NULL. An input callback
 * may return HOST_IN_LATER: there is no byte yet, but input has not ended. */
#define HOST_IN_LATER (-2)
struct host_io {
    void *opaque;
    void (*console_out)(void *opaque, u8 byte); /* UART */
    void (*pipe_out)(void *opaque, u8 byte);    /* LENS_OUT */
    void (*pipe_err)(void *opaque, u8 byte);    /* LENS_ERR */
    /* Waits for a byte or the end (-1) of standard input. HOST_IN_LATER:
     * clockhand is about to end, and a saved machine asks again. */
    int (*pipe_in)(void *opaque);
    /* Console input from a file or pipe: as pipe_in, but called only when a
     * program waits (LENS_WANT) or seems to (EV_INPUT). Returns HOST_IN_LATER
     * also if a pipe is silent and need not be waited for. NULL: input comes
     * from a terminal. */
    int (*console_in)(void *opaque);
    /* Called instead of console_out (pipe_out, pipe_err) for a byte that it has
     * got already: the machine was put back and repeats its output. */
    void (*repeated)(void *opaque, bool pipe, u8 byte);
};

/* A kernel event with its cycle. */
struct lens_record {
    u64 cycle, event, va; /* lens_event() packs event */
};
