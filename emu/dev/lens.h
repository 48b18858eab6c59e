/* SPDX-License-Identifier: MIT */
/* The device of the lens, through which the guest describes itself (abi.h). */
#pragma once

#include "dev/bus.h"

struct lens {
    struct dma dma;
    const struct host_io *io;
    const char *run; /* --run's command, or NULL */
    void *opaque;
    void (*want)(void *opaque);            /* LENS_WANT was written */
    void (*off)(void *opaque, int status); /* LENS_EXIT */
    void (*caught)(void *opaque, const struct lens_record *r);
    int (*pipe_in)(void *opaque); /* serves LENS_IN, as host_io's pipe_in */

    u64 run_at; /* bytes of `run` that the guest has read */
    u64 info_pa;
    u64 event_va;
    bool open;
    struct lens_info info;       /* checked copy, taken at LENS_OPEN */
    u8 *shadow;                  /* each frame's state, by the events alone */
    u64 frames, count[FS_COUNT]; /* in all; by state in shadow */
    u64 events;

    /* Watchers, not state. */
    void (*hook)(void *opaque, const struct lens_record *r);
    void *hook_opaque;
    u64 catch; /* the reasons to be caught, 1 << reason each */
};
void lens_init(struct lens *l, const struct dma *dma);
void lens_free(struct lens *l);
void lens_reset(struct lens *l);
void lens_state(struct lens *l, struct state *s);
bool lens_read(struct lens *l, u64 offset, unsigned bytes, u64 now, u64 *value);
bool lens_write(struct lens *l, u64 offset, unsigned bytes, u64 now, u64 value);
/* True while the guest changes its tables, and while there is no lens. */
bool lens_busy(const struct lens *l);
