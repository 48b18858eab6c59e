/* SPDX-License-Identifier: MIT */
/* Implements the transport: registers, status, features, the queue's state.
 * Section numbers are those of virtio 1.2. Where QEMU 7.2 deviates from the
 * standard, this file follows the standard and says so. */
#include "dev/virtio.h"

#include <stdlib.h>

#define MAGIC      0x74726976 /* "virt" */
#define VENDOR     0x554d4551 /* QEMU's, which some drivers require */
#define INT_USED   1
#define INT_CONFIG 2

static void update_line(struct virtio *v)
{
    plic_set(v->plic, device_map[DEV_DISK0 + v->slot].irq, v->interrupt != 0);
}

static void schedule_completion(struct virtio *v)
{
    v->events->at[EV_DISK0 + v->slot] = v->count ? disk_next(v->model) : NEVER;
}

void virtio_init(struct virtio *v, unsigned slot, struct plic *p,
                 struct events *q, const struct dma *dma, struct backing *disk,
                 struct disk_model *model, bool legacy, u64 *captured)
{
    v->slot = slot;
    v->legacy = legacy;
    v->plic = p;
    v->events = q;
    v->dma = *dma;
    v->disk = disk;
    v->model = model;
    v->captured = captured;
    v->writeback = true;
    vring_clear(&v->q);
}

void virtio_free(struct virtio *v)
{
    blk_drop(v);
    free(v->cache.ring);
}

/* Resets all but page_shift: a legacy driver sets that once, before a reset. */
static void reset(struct virtio *v)
{
    blk_drop(v);
    v->status = v->features_sel = v->driver_sel = v->interrupt = 0;
    v->queue_sel = v->align = 0;
    v->driver_features = v->features = 0;
    v->accepted = false;
    v->writeback = true;
    vring_clear(&v->q);
    schedule_completion(v);
    update_line(v);
}

void virtio_reset(struct virtio *v)
{
    v->page_shift = 0;
    reset(v);
}

/* See 2.1.2. QEMU 7.2 sets the status only for drivers that accepted VERSION_1,
 * and raises the used interrupt, too. */
void virtio_broken(struct virtio *v)
{
    v->status |= STATUS_NEEDS_RESET;
    if (v->status & STATUS_DRIVER_OK)
        v->interrupt |= INT_CONFIG;
    update_line(v);
}

/* ---- the queue ---------------------------------------------------------- */

void virtio_queue_start(struct virtio *v)
{
    if (!vring_sound(&v->q, &v->dma, virtio_has(v, F_EVENT_IDX))) {
        virtio_broken(v);
        return;
    }
    v->q.seen = v->q.used_idx = 0;
    v->q.ready = true;
}

void virtio_queue_stop(struct virtio *v)
{
    blk_drop(v);
    v->q.ready = false;
}

void virtio_used(struct virtio *v, u16 head, u32 n)
{
    bool wanted;
    u16 waiting;
    if (!vring_give(&v->q, &v->dma, head, n) ||
        !vring_wants_interrupt(&v->q, &v->dma, virtio_has(v, F_EVENT_IDX),
                               &wanted)) {
        virtio_broken(v);
        return;
    }
    if (virtio_has(v, F_NOTIFY_ON_EMPTY) && !v->count &&
        vring_waiting(&v->q, &v->dma, &waiting) && !waiting)
        wanted = true;
    if (wanted)
        v->interrupt |= INT_USED;
    update_line(v);
}

/* Before DRIVER_OK only legacy drivers are served (2.1.2), which may notify
 * before it (3.1.2). QEMU 7.2 serves all drivers before it. */
static bool may_serve(const struct virtio *v)
{
    return v->disk && v->q.ready && !(v->status & STATUS_NEEDS_RESET) &&
           (v->legacy || v->status & STATUS_DRIVER_OK);
}

static bool take_all(struct virtio *v, u64 now)
{
    u16 n, head;
    if (!vring_waiting(&v->q, &v->dma, &n))
        return false;
    while (n--)
        if (!vring_take(&v->q, &v->dma, &head) || v->count >= v->q.num ||
            !blk_submit(v, head, now))
            return false;
    return !virtio_has(v, F_EVENT_IDX) || vring_ask(&v->q, &v->dma);
}

/* Takes every chain that the driver made available. Chains taken before a bad
 * one are still answered. */
static void notify(struct virtio *v, u64 now)
{
    if (!may_serve(v))
        return;
    if (!take_all(v, now))
        virtio_broken(v);
    schedule_completion(v);
}

void virtio_event(struct virtio *v, u64 now)
{
    u64 tag;
    while (v->count && disk_done(v->model, now, &tag))
        blk_complete(v, tag);
    schedule_completion(v);
}

/* ---- reading ------------------------------------------------------------ */

u64 virtio_offered(const struct virtio *v)
{
    return blk_features(v) | F_INDIRECT_DESC | F_EVENT_IDX |
           (v->legacy ? F_NOTIFY_ON_EMPTY : F_VERSION_1 | F_RING_RESET);
}

static u32 read_modern(struct virtio *v, u64 offset)
{
    if (offset == VIRTIO_MMIO_QUEUE_READY)
        return v->queue_sel == 0 && v->q.ready;
    /* QEMU 7.2 reads 0 here. */
    return offset == VIRTIO_MMIO_SHM_BASE_LOW ||
                   offset == VIRTIO_MMIO_SHM_BASE_HIGH
               ? ~0u
               : 0;
}

static u32 read_register(struct virtio *v, u64 offset)
{
    switch (offset) {
    case VIRTIO_MMIO_MAGIC_VALUE:
        return MAGIC;
    case VIRTIO_MMIO_VERSION:
        return v->legacy ? 1 : 2;
    case VIRTIO_MMIO_VENDOR_ID:
        return VENDOR;
    }
    if (!v->disk)
        return 0;
    switch (offset) {
    case VIRTIO_MMIO_DEVICE_ID:
        return 2;
    case VIRTIO_MMIO_DEVICE_FEATURES:
        /* QEMU 7.2 treats a selector above 1 as 1. */
        return v->features_sel > !v->legacy
                   ? 0
                   : (u32)(virtio_offered(v) >> v->features_sel * 32);
    case VIRTIO_MMIO_QUEUE_NUM_MAX:
        return v->queue_sel == 0 ? VQ_MAX : 0;
    case VIRTIO_MMIO_INTERRUPT_STATUS:
        return v->interrupt;
    case VIRTIO_MMIO_STATUS:
        return v->status;
    case VIRTIO_MMIO_SHM_LEN_LOW:
    case VIRTIO_MMIO_SHM_LEN_HIGH:
        return ~0u; /* no shared memory */
    }
    return v->legacy ? legacy_read(v, offset) : read_modern(v, offset);
}

bool virtio_read(struct virtio *v, u64 offset, unsigned bytes, u64 *value)
{
    u64 high;
    *value = 0;
    if (offset + bytes > VIRTIO_MMIO_END)
        return false;
    if (bytes == 8) {
        virtio_read(v, offset, 4, value);
        virtio_read(v, offset + 4, 4, &high);
        *value |= high << 32;
    } else if (offset >= VIRTIO_MMIO_CONFIG) {
        if (v->disk)
            *value = blk_config(v, offset - VIRTIO_MMIO_CONFIG, bytes);
    } else if (bytes == 4) {
        *value = read_register(v, offset);
    }
    return true;
}

/* ---- writing ------------------------------------------------------------ */

static void set_half(u64 *reg, bool high, u64 value)
{
    unsigned shift = high ? 32 : 0;
    *reg = (*reg & ~(0xffffffffull << shift)) | value << shift;
}

static void write_ready(struct virtio *v, u32 value)
{
    if (!value)
        virtio_queue_stop(v);
    else if (!v->q.ready)
        virtio_queue_start(v);
}

/* The queue's shape may change only while it is not in use (4.2.2.2). */
static void write_shape(struct virtio *v, u64 offset, u32 value)
{
    if (v->q.ready)
        return;
    switch (offset) {
    case VIRTIO_MMIO_QUEUE_DESC_LOW:
    case VIRTIO_MMIO_QUEUE_DESC_HIGH:
        set_half(&v->q.desc, offset == VIRTIO_MMIO_QUEUE_DESC_HIGH, value);
        break;
    case VIRTIO_MMIO_QUEUE_AVAIL_LOW:
    case VIRTIO_MMIO_QUEUE_AVAIL_HIGH:
        set_half(&v->q.avail, offset == VIRTIO_MMIO_QUEUE_AVAIL_HIGH, value);
        break;
    case VIRTIO_MMIO_QUEUE_USED_LOW:
    case VIRTIO_MMIO_QUEUE_USED_HIGH:
        set_half(&v->q.used, offset == VIRTIO_MMIO_QUEUE_USED_HIGH, value);
        break;
    }
}

static void write_modern(struct virtio *v, u64 offset, u32 value)
{
    if (offset == VIRTIO_MMIO_DRIVER_FEATURES) {
        if (v->driver_sel <= 1 && !v->accepted)
            set_half(&v->driver_features, v->driver_sel == 1, value);
        return;
    }
    if (v->queue_sel != 0)
        return;
    if (offset == VIRTIO_MMIO_QUEUE_READY) {
        write_ready(v, value);
    } else if (offset == VIRTIO_MMIO_QUEUE_RESET) { /* 2.6.1 */
        if (value && virtio_has(v, F_RING_RESET)) {
            virtio_queue_stop(v);
            vring_clear(&v->q);
        }
    } else {
        write_shape(v, offset, value);
    }
}

void virtio_accept(struct virtio *v, u64 features)
{
    v->features = features;
    v->accepted = true;
}

/* If the driver asks for a feature that was not offered, FEATURES_OK stays 0
 * (2.2.2, 3.1.1); QEMU 7.2 ignores the feature silently. */
static void write_status(struct virtio *v, u32 value, u64 now)
{
    if ((value & 0xff) == 0) {
        reset(v);
        return;
    }
    u32 fresh = value & ~v->status;
    value &= 0xff & ~(u32)STATUS_NEEDS_RESET;
    if (!v->legacy && fresh & STATUS_FEATURES_OK && !v->accepted) {
        if (v->driver_features & ~virtio_offered(v)) {
            value &= ~(u32)STATUS_FEATURES_OK;
        } else {
            virtio_accept(v, v->driver_features);
            blk_accepted(v);
        }
    }
    v->status = value | (v->status & STATUS_NEEDS_RESET);
    if (fresh & value & STATUS_DRIVER_OK) {
        virtio_accept(v, v->features);
        blk_started(v);
        notify(v, now); /* takes chains made available too early */
    }
}

static void write_register(struct virtio *v, u64 offset, u32 value, u64 now)
{
    switch (offset) {
    case VIRTIO_MMIO_DEVICE_FEATURES_SEL:
        v->features_sel = value;
        break;
    case VIRTIO_MMIO_DRIVER_FEATURES_SEL:
        v->driver_sel = value;
        break;
    case VIRTIO_MMIO_QUEUE_SEL:
        v->queue_sel = value;
        break;
    case VIRTIO_MMIO_QUEUE_NUM:
        if (v->queue_sel == 0 && !v->q.ready)
            v->q.num = value <= VQ_MAX ? value : 0;
        break;
    case VIRTIO_MMIO_QUEUE_NOTIFY:
        if (value == 0)
            notify(v, now);
        break;
    case VIRTIO_MMIO_INTERRUPT_ACK:
        v->interrupt &= ~value;
        update_line(v);
        break;
    case VIRTIO_MMIO_STATUS:
        write_status(v, value, now);
        break;
    default:
        if (v->legacy)
            legacy_write(v, offset, value);
        else
            write_modern(v, offset, value);
    }
}

bool virtio_write(struct virtio *v, u64 offset, unsigned bytes, u64 now,
                  u64 value)
{
    if (offset + bytes > VIRTIO_MMIO_END)
        return false;
    if (bytes == 8) {
        virtio_write(v, offset, 4, now, value & 0xffffffff);
        virtio_write(v, offset + 4, 4, now, value >> 32);
    } else if (!v->disk) {
        return true;
    } else if (offset >= VIRTIO_MMIO_CONFIG) {
        blk_config_write(v, offset - VIRTIO_MMIO_CONFIG, bytes, value);
    } else if (bytes == 4) {
        write_register(v, offset, (u32)value, now);
    }
    return true;
}

/* ---- state -------------------------------------------------------------- */

void virtio_state(struct virtio *v, struct state *s)
{
    bool legacy = v->legacy;
    state_tag(s, "virtio");
    state_flag(s, &legacy);
    state_check(s, legacy == v->legacy, "a disk has another transport");
    state_vals(s, v->status, v->features_sel, v->driver_sel, v->interrupt,
               v->queue_sel, v->driver_features, v->features);
    state_flag(s, &v->accepted);
    state_vals(s, v->page_shift, v->align);
    state_check(s, v->page_shift < 32, "virtio: page size out of range");
    state_flag(s, &v->writeback);
    vring_state(&v->q, s);
    blk_state(v, s);
}

void virtio_matches_disk(struct virtio *v, struct state *s)
{
    if (!state_loading(s) || state_error(s))
        return;
    struct disk_outlook *o = xcalloc(VQ_MAX + 1, sizeof(*o));
    unsigned n = v->disk ? disk_outlook(v->model, o, VQ_MAX + 1) : 0;
    bool same = n == v->count;
    for (unsigned i = 0; same && i < n; i++)
        same = o[i].tag == v->request[i].tag && o[i].tag < v->tags &&
               (!i || o[i - 1].tag < o[i].tag);
    free(o);
    bool fits = *v->captured <= v->dma.ram_bytes;
    if (!same || !fits)
        blk_drop(v);
    state_check(s, fits, "virtio: more data than RAM has");
    state_check(s, same, "virtio: requests that the disk does not have");
}
