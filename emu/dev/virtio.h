/* SPDX-License-Identifier: MIT */
/* virtio-mmio transport, version 2 and legacy version 1 (virtio 1.2, 4.2), with
 * one queue, and the block device on it (5.2). Each slot has a struct virtio; a
 * slot without a disk answers with device id 0, as in QEMU.
 *
 *   virtio.c         registers, status, features: common to both versions
 *   virtio_legacy.c  the registers of version 1
 *   vring.[ch]       the rings and chains of descriptors
 *   blk.c            requests        blk_config.c  features, configuration
 *
 * A driver that breaks the rules gets DEVICE_NEEDS_RESET (2.1.2) and no more
 * service until it resets the device. */
#pragma once

#include "dev/backing.h"
#include "dev/faults.h"
#include "dev/plic.h"
#include "dev/vring.h"
#include "dev/write_cache.h"

#include <linux/virtio_mmio.h>

struct vq_segment {
    u64 pa;
    u32 len;
};

/* A request in progress: its decoded chain, and the bytes of a write. */
struct blk_request {
    u16 head; /* descriptor index, for the used ring */
    u16 nseg;
    u8 type;    /* 0 in, 1 out, 4 flush, 8 get id, 11 discard, 13 zeroes */
    u8 status;  /* decided when presented or when completed; 0: ok */
    bool unmap; /* zeroes: the sectors need not stay allocated */
    u64 room;   /* device-writable bytes before the status byte */
    u64 sector, tag, bytes, status_pa; /* tag: its number in the disk model */
    struct vq_segment *seg;
    u8 *data; /* captured from the guest (out), or NULL */
    /* Set when the request is presented, used by a disk with a write cache: */
    bool cached; /* the disk was in write-back mode */
    u64 covers;  /* flush: makes cached sectors below this number durable */
};

struct virtio {
    unsigned slot;
    bool legacy; /* transport version 1 */
    struct plic *plic;
    struct events *events;
    struct dma dma;
    struct backing *disk; /* NULL: no disk in this slot */
    struct disk_model *model;

    u32 status, features_sel, driver_sel, interrupt, queue_sel;
    u64 driver_features; /* as the driver wrote them; legacy: if offered */
    u64 features;        /* in effect; 0 until accepted (legacy: written) */
    bool accepted;       /* features no longer change */
    u32 page_shift;      /* legacy: of QueuePFN; survives a driver's reset */
    u32 align;           /* legacy: of the used ring */
    struct vring q;
    bool writeback; /* a finished write may still be in a cache */
    u64 tags;       /* assigned so far */
    /* Requests in the order presented. */
    struct blk_request request[VQ_MAX];
    u32 count;
    u64 *captured; /* bytes held for writes in progress, by all disks */
    struct write_cache cache;
    struct disk_faults faults;
    /* Called when a request has been presented, and when it has completed
     * (over). Without effect on the machine; not state. */
    void (*watch)(void *, const struct virtio *, const struct blk_request *,
                  bool over);
    void *watch_opaque;
};
/* *v must be all zero; not cleared here, as it is large and mostly unused. */
void virtio_init(struct virtio *v, unsigned slot, struct plic *p,
                 struct events *q, const struct dma *dma, struct backing *disk,
                 struct disk_model *model, bool legacy, u64 *captured);
void virtio_free(struct virtio *v);
void virtio_reset(struct virtio *v); /* by the machine */
void virtio_state(struct virtio *v, struct state *s);
/* Call after the disk model's state was loaded: checks that v and the model
 * know the same requests. */
void virtio_matches_disk(struct virtio *v, struct state *s);
/* These access a register. Widths are QEMU's: control registers take 4 bytes
 * (narrower accesses read 0, write nothing), the configuration takes any width;
 * 8 bytes are two accesses of 4. False (an access fault): beyond 0x200. */
bool virtio_read(struct virtio *v, u64 offset, unsigned bytes, u64 *value);
bool virtio_write(struct virtio *v, u64 offset, unsigned bytes, u64 now,
                  u64 value);
void virtio_event(struct virtio *v, u64 now); /* EV_DISKn */

/* ---- between the files -------------------------------------------------- */
/* Registers are in 4.2.2 (legacy 4.2.4). <linux/virtio_mmio.h> lacks these: */
enum { VIRTIO_MMIO_QUEUE_RESET = 0xc0, VIRTIO_MMIO_END = 0x200 };
#define STATUS_DRIVER_OK   4
#define STATUS_FEATURES_OK 8
#define STATUS_NEEDS_RESET 0x40

#define F_NOTIFY_ON_EMPTY (1ull << 24) /* legacy */
#define F_INDIRECT_DESC   (1ull << 28)
#define F_EVENT_IDX       (1ull << 29)
#define F_VERSION_1       (1ull << 32)
#define F_RING_RESET      (1ull << 40)
static inline bool virtio_has(const struct virtio *v, u64 feature)
{
    return v->features & feature;
}

/* Stops the device until its reset, because the driver broke the rules. */
void virtio_broken(struct virtio *v);
/* Returns a finished chain to the driver; n bytes were written to it. */
void virtio_used(struct virtio *v, u16 head, u32 n);
u64 virtio_offered(const struct virtio *v); /* features */
/* Accepts these features, which no longer change. */
void virtio_accept(struct virtio *v, u64 features);
/* Starts the queue (invalid rings: virtio_broken) or stops it. */
void virtio_queue_start(struct virtio *v);
void virtio_queue_stop(struct virtio *v);

/* The registers that only version 1 has. */
u32 legacy_read(struct virtio *v, u64 offset);
void legacy_write(struct virtio *v, u64 offset, u32 value);

u64 blk_features(const struct virtio *v);
void blk_accepted(struct virtio *v); /* call when features were accepted */
void blk_started(struct virtio *v);  /* call at DRIVER_OK */
u64 blk_config(const struct virtio *v, u64 offset, unsigned bytes);
void blk_config_write(struct virtio *v, u64 offset, unsigned bytes, u64 val);
/* Takes the chain that starts at head. False: it broke the rules. */
bool blk_submit(struct virtio *v, u16 head, u64 now);
void blk_complete(struct virtio *v, u64 tag); /* called when the disk is done */
void blk_drop(struct virtio *v);              /* all requests, as at a reset */
/* Call at the machine's end: brings writes to the disk's file, unseen by the
 * guest. `cut`: carries out the writes in progress; if the disk has a write
 * cache, a power cut then takes back a part of them and of the cached ones.
 * Else the saved machine carries out the writes in progress when it runs on. */
void blk_settle(struct virtio *v, bool cut);
void blk_state(struct virtio *v, struct state *s);
