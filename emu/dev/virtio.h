/* SPDX-License-Identifier: MIT */
/* virtio-mmio transport, version 2 (virtio 1.1, 4.2.2), with one queue, and
 * the block device on it (5.2). One struct per slot; slots without a disk
 * answer with device id 0, as QEMU's. */
#ifndef CLOCKHAND_DEV_VIRTIO_H
#define CLOCKHAND_DEV_VIRTIO_H

#include "dev/backing.h"
#include "dev/bus.h"
#include "dev/plic.h"

#define VQ_MAX      128 /* descriptors */
#define BLK_SEG_MAX (VQ_MAX - 2)

struct vq_segment {
    u64 pa;
    u32 len;
};

/* A request in flight: what its chain said, and for writes the bytes. */
struct blk_request {
    u16 head; /* descriptor index, for the used ring */
    u16 nseg;
    u8 type;   /* 0 in, 1 out, 4 flush, 8 get id */
    u8 status; /* decided when submitted, 0 ok */
    u64 sector, done_at, bytes, status_pa;
    struct vq_segment *seg;
    u8 *data; /* captured from the guest (out), or NULL */
};

struct virtio {
    unsigned slot;
    struct plic *plic;
    struct events *events;
    struct dma dma;
    struct backing *disk; /* NULL: no disk in this slot */
    struct disk_model *model;

    u32 status, features_sel, driver_sel, interrupt, queue_sel;
    u32 config_generation;
    u64 driver_features;
    u32 num; /* queue size chosen by the driver */
    bool ready;
    u64 desc, avail, used;
    u16 seen; /* avail ring entries taken so far */
    u16 used_idx;
    bool writeback;
    /* Requests in the order presented: a ring of VQ_MAX. */
    struct blk_request request[VQ_MAX];
    u32 first, count;
    u64 captured; /* bytes held for writes in flight */
};
void virtio_init(struct virtio *v, unsigned slot, struct plic *p,
                 struct events *q, const struct dma *dma, struct backing *disk,
                 struct disk_model *model);
void virtio_free(struct virtio *v);
void virtio_reset(struct virtio *v);
void virtio_state(struct virtio *v, struct state *s);
bool virtio_read(struct virtio *v, u64 offset, unsigned bytes, u64 *value);
bool virtio_write(struct virtio *v, u64 offset, unsigned bytes, u64 now,
                  u64 value);
void virtio_event(struct virtio *v, u64 now); /* EV_DISKn */

/* ---- between virtio.c and blk.c ----------------------------------------- */
#define VIRTIO_NEEDS_RESET 0x40
/* The driver broke the rules: the device stops until it is reset. */
void virtio_broken(struct virtio *v);
/* Hands a finished chain back: n bytes were written to it. */
void virtio_used(struct virtio *v, u16 head, u32 n);
/* Fields of descriptor `index`; false when the table is not there. */
struct vq_desc {
    u64 pa;
    u32 len;
    u16 flags, next;
};
bool virtio_desc(struct virtio *v, u32 index, struct vq_desc *d);

u64 blk_features(const struct virtio *v);
u64 blk_config(const struct virtio *v, u64 offset, unsigned bytes);
void blk_config_write(struct virtio *v, u64 offset, unsigned bytes, u64 val);
/* Takes the chain that starts at head. False: it broke the rules. */
bool blk_submit(struct virtio *v, u16 head, u64 now);
void blk_complete(struct virtio *v); /* the oldest request */
void blk_drop(struct virtio *v);     /* all of them: a reset */

#endif
