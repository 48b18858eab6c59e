/* SPDX-License-Identifier: MIT */
/* Spike's host-target interface: two doublewords in RAM, found by symbol. */
#ifndef CLOCKHAND_DEV_HTIF_H
#define CLOCKHAND_DEV_HTIF_H

#include "dev/bus.h"

struct htif {
    struct dma dma;
    const struct host_io *io;
    struct events *events;
    void *opaque;
    void (*off)(void *opaque, int status);
    u64 tohost, fromhost; /* physical; 0: none */
};
/* Begins looking at tohost. A fromhost of 0 means tohost + 64. */
void htif_open(struct htif *f, u64 tohost, u64 fromhost);
void htif_state(struct htif *f, struct state *s);
void htif_event(struct htif *f, u64 now); /* EV_HTIF */
/* Looks once. The hart calls for it by going to sleep, too: nothing can change
 * tohost while it does, so the event is not part of what sleep waits for, nor
 * of the state (its time is the next multiple of HTIF_PERIOD). */
void htif_poll(struct htif *f);
#define HTIF_PERIOD 4096 /* cycles between two looks */

#endif
