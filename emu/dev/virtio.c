/* SPDX-License-Identifier: MIT */
/* The transport: registers and the split virtqueue. Everything that the
 * driver wrote - ring addresses, indexes, chains - is checked at each use,
 * since it may change it at any time; what is wrong sets DEVICE_NEEDS_RESET
 * (2.1.2) and stops the queue. Section numbers: virtio 1.1. */
#include "dev/virtio.h"

#define MAGIC  0x74726976 /* "virt" */
#define VENDOR 0x554d4551 /* QEMU's, which some drivers insist on */

enum { /* 4.2.2, table 4.1 */
       R_MAGIC = 0x000,
       R_VERSION = 0x004,
       R_DEVICE = 0x008,
       R_VENDOR = 0x00c,
       R_FEATURES = 0x010,
       R_FEATURES_SEL = 0x014,
       R_DRIVER = 0x020,
       R_DRIVER_SEL = 0x024,
       R_QUEUE_SEL = 0x030,
       R_QUEUE_MAX = 0x034,
       R_QUEUE_NUM = 0x038,
       R_QUEUE_READY = 0x044,
       R_NOTIFY = 0x050,
       R_INTERRUPT = 0x060,
       R_ACK = 0x064,
       R_STATUS = 0x070,
       R_DESC_LOW = 0x080,
       R_DESC_HIGH = 0x084,
       R_AVAIL_LOW = 0x090,
       R_AVAIL_HIGH = 0x094,
       R_USED_LOW = 0x0a0,
       R_USED_HIGH = 0x0a4,
       R_GENERATION = 0x0fc,
       R_CONFIG = 0x100
};
#define STATUS_DRIVER_OK   4
#define STATUS_FEATURES_OK 8
#define INT_USED           1
#define INT_CONFIG         2
#define AVAIL_NO_INTERRUPT 1

static void update(struct virtio *v)
{
    plic_set(v->plic, device_map[DEV_DISK0 + v->slot].irq, v->interrupt != 0);
}

void virtio_init(struct virtio *v, unsigned slot, struct plic *p,
                 struct events *q, const struct dma *dma, struct backing *disk,
                 struct disk_model *model)
{
    memset(v, 0, sizeof(*v));
    v->slot = slot;
    v->plic = p;
    v->events = q;
    v->dma = *dma;
    v->disk = disk;
    v->model = model;
    v->writeback = true;
}

void virtio_free(struct virtio *v)
{
    blk_drop(v);
}

void virtio_reset(struct virtio *v)
{
    blk_drop(v);
    v->status = v->features_sel = v->driver_sel = v->interrupt = 0;
    v->queue_sel = v->num = 0;
    v->driver_features = v->desc = v->avail = v->used = 0;
    v->ready = false;
    v->writeback = true;
    v->seen = v->used_idx = 0;
    v->events->at[EV_DISK0 + v->slot] = NEVER;
    update(v);
}

void virtio_broken(struct virtio *v)
{
    v->status |= VIRTIO_NEEDS_RESET;
    if (v->status & STATUS_DRIVER_OK)
        v->interrupt |= INT_CONFIG;
    update(v);
}

/* ---- the rings (2.6) ---------------------------------------------------- */

bool virtio_desc(struct virtio *v, u32 index, struct vq_desc *d)
{
    u8 b[16];
    if (index >= v->num || !dma_read(&v->dma, v->desc + index * 16, b, 16))
        return false;
    d->pa = get_le(b, 8);
    d->len = (u32)get_le(b + 8, 4);
    d->flags = (u16)get_le(b + 12, 2);
    d->next = (u16)get_le(b + 14, 2);
    return true;
}

static bool ring_u16(struct virtio *v, u64 pa, u16 *value)
{
    u8 b[2];
    if (!dma_read(&v->dma, pa, b, 2))
        return false;
    *value = (u16)get_le(b, 2);
    return true;
}

void virtio_used(struct virtio *v, u16 head, u32 n)
{
    u8 elem[8], idx[2];
    u16 flags;
    put_le(elem, head, 4);
    put_le(elem + 4, n, 4);
    u64 slot = v->used_idx % v->num;
    v->used_idx++;
    put_le(idx, v->used_idx, 2);
    if (!dma_write(&v->dma, v->used + 4 + slot * 8, elem, 8) ||
        !dma_write(&v->dma, v->used + 2, idx, 2) ||
        !ring_u16(v, v->avail, &flags)) {
        virtio_broken(v);
        return;
    }
    if (!(flags & AVAIL_NO_INTERRUPT))
        v->interrupt |= INT_USED;
    update(v);
}

/* Takes every chain that the driver made available. */
static void notify(struct virtio *v, u64 now)
{
    u16 idx, head;
    if (!v->disk || !v->ready || v->status & VIRTIO_NEEDS_RESET)
        return;
    if (!ring_u16(v, v->avail + 2, &idx) || (u16)(idx - v->seen) > v->num) {
        virtio_broken(v);
        return;
    }
    while (v->seen != idx) {
        if (!ring_u16(v, v->avail + 4 + v->seen % v->num * 2ull, &head) ||
            head >= v->num || v->count >= v->num || !blk_submit(v, head, now)) {
            virtio_broken(v);
            return;
        }
        v->seen++;
    }
    if (v->count)
        v->events->at[EV_DISK0 + v->slot] = v->request[v->first].done_at;
}

void virtio_event(struct virtio *v, u64 now)
{
    while (v->count && v->request[v->first].done_at <= now)
        blk_complete(v);
    v->events->at[EV_DISK0 + v->slot] =
        v->count ? v->request[v->first].done_at : NEVER;
}

/* ---- registers ---------------------------------------------------------- */

static u64 offered(const struct virtio *v)
{
    return 1ull << 32 /* VERSION_1 */ | blk_features(v);
}

static u32 read_register(struct virtio *v, u64 offset)
{
    bool queue = v->disk && v->queue_sel == 0;
    switch (offset) {
    case R_MAGIC:
        return MAGIC;
    case R_VERSION:
        return 2;
    case R_DEVICE:
        return v->disk ? 2 : 0;
    case R_VENDOR:
        return VENDOR;
    case R_FEATURES:
        if (!v->disk || v->features_sel > 1)
            return 0;
        return (u32)(offered(v) >> v->features_sel * 32);
    case R_QUEUE_MAX:
        return queue ? VQ_MAX : 0;
    case R_QUEUE_READY:
        return queue && v->ready;
    case R_INTERRUPT:
        return v->interrupt;
    case R_STATUS:
        return v->status;
    case R_GENERATION:
        return v->config_generation;
    }
    return 0;
}

bool virtio_read(struct virtio *v, u64 offset, unsigned bytes, u64 *value)
{
    *value = 0;
    if (offset >= R_CONFIG) {
        if (v->disk)
            *value = blk_config(v, offset - R_CONFIG, bytes);
        return true;
    }
    if (bytes != 4)
        return false;
    *value = read_register(v, offset);
    return true;
}

static void set_half(u64 *reg, bool high, u64 value)
{
    unsigned shift = high ? 32 : 0;
    *reg = (*reg & ~(0xffffffffull << shift)) | value << shift;
}

/* The queue's shape may change only while it is not in use (4.2.2.2). */
static void write_queue(struct virtio *v, u64 offset, u64 value)
{
    if (v->queue_sel != 0)
        return;
    if (offset == R_QUEUE_READY) {
        bool sound = v->num && !(v->num & (v->num - 1)) && !(v->desc & 15) &&
                     !(v->avail & 1) && !(v->used & 3);
        if (value & 1 && !sound)
            virtio_broken(v);
        else if (value & 1 && !v->ready)
            v->seen = v->used_idx = 0;
        if (!(value & 1))
            blk_drop(v);
        v->ready = value & 1 && sound;
        return;
    }
    if (v->ready)
        return;
    switch (offset) {
    case R_QUEUE_NUM:
        v->num = value <= VQ_MAX ? (u32)value : 0;
        break;
    case R_DESC_LOW:
    case R_DESC_HIGH:
        set_half(&v->desc, offset == R_DESC_HIGH, value);
        break;
    case R_AVAIL_LOW:
    case R_AVAIL_HIGH:
        set_half(&v->avail, offset == R_AVAIL_HIGH, value);
        break;
    case R_USED_LOW:
    case R_USED_HIGH:
        set_half(&v->used, offset == R_USED_HIGH, value);
        break;
    }
}

static void write_status(struct virtio *v, u64 value)
{
    if (value == 0) {
        virtio_reset(v);
        return;
    }
    u32 keep = v->status & VIRTIO_NEEDS_RESET;
    /* Features that were not offered are not accepted (2.2.2). */
    if (v->driver_features & ~offered(v))
        value &= ~(u64)STATUS_FEATURES_OK;
    v->status = (u32)(value & 0xff) | keep;
}

bool virtio_write(struct virtio *v, u64 offset, unsigned bytes, u64 now,
                  u64 value)
{
    if (offset >= R_CONFIG) {
        if (v->disk)
            blk_config_write(v, offset - R_CONFIG, bytes, value);
        return true;
    }
    if (bytes != 4)
        return false;
    if (!v->disk)
        return true;
    switch (offset) {
    case R_FEATURES_SEL:
        v->features_sel = (u32)value;
        break;
    case R_DRIVER_SEL:
        v->driver_sel = (u32)value;
        break;
    case R_DRIVER:
        if (v->driver_sel <= 1 && !(v->status & STATUS_FEATURES_OK))
            set_half(&v->driver_features, v->driver_sel == 1, value);
        break;
    case R_QUEUE_SEL:
        v->queue_sel = (u32)value;
        break;
    case R_NOTIFY:
        if (value == 0)
            notify(v, now);
        break;
    case R_ACK:
        v->interrupt &= ~(u32)value;
        update(v);
        break;
    case R_STATUS:
        write_status(v, value);
        break;
    default:
        write_queue(v, offset, value);
    }
    return true;
}

/* ---- state -------------------------------------------------------------- */

static void request_state(struct virtio *v, struct blk_request *r,
                          struct state *s)
{
    u64 held = r->data ? r->bytes : 0;
    state_val(s, r->head);
    state_val(s, r->nseg);
    state_val(s, r->type);
    state_val(s, r->status);
    state_val(s, r->sector);
    state_val(s, r->done_at);
    state_val(s, r->bytes);
    state_val(s, r->status_pa);
    state_val(s, held);
    state_check(s,
                r->nseg <= VQ_MAX && r->bytes <= v->dma.ram_bytes &&
                    (held == 0 || held == r->bytes),
                "virtio: request out of range");
    if (state_loading(s)) {
        if (state_error(s)) {
            r->nseg = 0;
            return;
        }
        r->seg = xcalloc(r->nseg, sizeof(*r->seg));
        r->data = held ? xcalloc(1, held) : NULL;
        v->captured += held;
    }
    for (unsigned i = 0; i < r->nseg; i++) {
        state_val(s, r->seg[i].pa);
        state_val(s, r->seg[i].len);
    }
    state_bytes(s, r->data, held);
}

void virtio_state(struct virtio *v, struct state *s)
{
    u32 count = v->count;
    state_tag(s, "virtio");
    state_val(s, v->status);
    state_val(s, v->features_sel);
    state_val(s, v->driver_sel);
    state_val(s, v->interrupt);
    state_val(s, v->queue_sel);
    state_val(s, v->config_generation);
    state_val(s, v->driver_features);
    state_val(s, v->num);
    state_flag(s, &v->ready);
    state_val(s, v->desc);
    state_val(s, v->avail);
    state_val(s, v->used);
    state_val(s, v->seen);
    state_val(s, v->used_idx);
    state_flag(s, &v->writeback);
    state_val(s, count);
    state_check(s,
                count <= VQ_MAX && v->num <= VQ_MAX &&
                    (!v->ready || (v->num && !(v->num & (v->num - 1)))) &&
                    (!count || v->num),
                "virtio: queue out of range");
    if (state_loading(s)) {
        blk_drop(v);
        if (state_error(s)) {
            v->num = 0;
            v->ready = false;
            return;
        }
        v->count = count;
    }
    for (u32 i = 0; i < count; i++)
        request_state(v, &v->request[(v->first + i) % VQ_MAX], s);
}
