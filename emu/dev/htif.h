/* SPDX-License-Identifier: MIT */
/* Spike's host-target interface: two doublewords in RAM, found by symbols. */
#pragma once

#include "dev/bus.h"

struct htif {
    struct dma dma;
    const struct host_io *io;
    void *opaque;
    void (*off)(void *opaque, int status);
    u64 tohost, fromhost; /* physical; tohost 0: none */
};
/* fromhost 0 means tohost + 64. */
void htif_open(struct htif *f, u64 tohost, u64 fromhost);
void htif_state(struct htif *f, struct state *s);
/* Serves a message in tohost; without one, changes nothing. Called after each
 * run of the engine, which stops after a store near tohost. */
void htif_poll(struct htif *f);
