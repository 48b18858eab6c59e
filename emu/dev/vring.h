/* SPDX-License-Identifier: MIT */
/* The split virtqueue as a device sees it (virtio 1.2, 2.7; other section
 * numbers are virtio 1.2's, too). The driver may change all of it at any time,
 * so each function checks values when it reads them. False always means that
 * the driver broke the rules, or that the ring is not in RAM. */
#pragma once

#include "dev/bus.h"

#define VQ_MAX     1024 /* descriptors, as in QEMU's virtio-mmio */
#define VQ_DEFAULT 256  /* unless the driver chooses, as in QEMU's disk */

struct vring {
    u32 num; /* queue size */
    bool ready;
    u64 desc, avail, used; /* physical addresses of the three parts */
    u16 seen;              /* available ring entries taken so far */
    u16 used_idx;          /* used ring entries written so far */
};
void vring_clear(struct vring *q); /* as after a reset */
void vring_state(struct vring *q, struct state *s);

/* True if the size is valid and the three parts are aligned and all in RAM.
 * `events`: the rings end with event fields (2.7.7, 2.7.10). */
bool vring_sound(const struct vring *q, const struct dma *dma, bool events);
/* Places the parts as in version 1: one after another from `desc` on, but the
 * used ring at the next multiple of `align`, a power of two (2.7.2). */
void vring_lay_out(struct vring *q, u64 desc, u32 align);

/* Sets *n to the number of chains not yet taken. False also if they are more
 * than the queue's size. */
bool vring_waiting(const struct vring *q, const struct dma *dma, u16 *n);
/* Takes the next chain: *head is its first descriptor; `seen` advances. */
bool vring_take(struct vring *q, const struct dma *dma, u16 *head);
/* Returns a chain to the driver; the device wrote `written` bytes to it. */
bool vring_give(struct vring *q, const struct dma *dma, u16 head, u32 written);
/* Sets *wanted: does the driver want an interrupt for the chain just given? */
bool vring_wants_interrupt(const struct vring *q, const struct dma *dma,
                           bool events, bool *wanted);
/* By the event field, asks to be notified of the next chain (2.7.10). */
bool vring_ask(const struct vring *q, const struct dma *dma);

/* ---- descriptors (2.7.5) ------------------------------------------------ */
#define VQ_WRITE 2 /* flags: device-writable */
struct vq_desc {
    u64 pa;
    u32 len;
    u16 flags, next;
};
struct vq_chain {
    unsigned n;
    struct vq_desc d[VQ_MAX];
};
/* Follows the whole chain that starts at `head`, including an indirect table at
 * its end (only if `indirect`). False on a loop, an index outside the table,
 * memory outside RAM, an empty buffer, more than VQ_MAX buffers, a
 * device-readable buffer after a writable one (2.7.4.2), a bad or forbidden
 * indirect table (2.7.5.3). */
bool vring_follow(const struct vring *q, const struct dma *dma, u16 head,
                  bool indirect, struct vq_chain *c);
