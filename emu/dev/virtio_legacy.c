/* SPDX-License-Identifier: MIT */
/* Implements the transport's version 1 (virtio 1.2, 4.2.4): the queue is one
 * piece of memory, given by the number of its first page. Its drivers have no
 * FEATURES_OK: until DRIVER_OK, the features that they write take effect at
 * once. */
#include "dev/virtio.h"

#define ALIGN 4096u /* the default, as in QEMU */

u32 legacy_read(struct virtio *v, u64 offset)
{
    if (offset == VIRTIO_MMIO_QUEUE_PFN && v->queue_sel == 0 && v->q.ready)
        return (u32)(v->q.desc >> v->page_shift);
    return 0;
}

/* A pfn of 0 removes the queue. (QEMU 7.2 then resets the whole device.) */
static void place_queue(struct virtio *v, u32 pfn)
{
    if (pfn == 0) {
        virtio_queue_stop(v);
        return;
    }
    if (v->q.ready)
        return;
    u32 align = v->align ? v->align : ALIGN;
    if (align & (align - 1)) {
        virtio_broken(v);
        return;
    }
    vring_lay_out(&v->q, (u64)pfn << v->page_shift, align);
    virtio_queue_start(v);
}

void legacy_write(struct virtio *v, u64 offset, u32 value)
{
    switch (offset) {
    case VIRTIO_MMIO_DRIVER_FEATURES:
        if (v->driver_sel == 0 && !v->accepted) {
            v->features = v->driver_features = value & virtio_offered(v);
            blk_accepted(v);
        }
        break;
    case VIRTIO_MMIO_GUEST_PAGE_SIZE:
        v->page_shift = value ? (u32)__builtin_ctz(value) : 0;
        break;
    case VIRTIO_MMIO_QUEUE_ALIGN:
        if (v->queue_sel == 0 && !v->q.ready)
            v->align = value;
        break;
    case VIRTIO_MMIO_QUEUE_PFN:
        if (v->queue_sel == 0)
            place_queue(v, value);
        break;
    }
}
