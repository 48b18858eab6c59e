/* SPDX-License-Identifier: MIT */
/* virtio-blk (virtio 1.1, 5.2). A chain is a 16-byte header, data, and one
 * status byte. What it asks is decided when it is presented - and for writes
 * its bytes are captured then; it completes at the cycle that the disk model
 * says, and for reads the bytes move then. Requests complete in order. */
#include "dev/virtio.h"

#include <stdlib.h>

#define T_IN       0
#define T_OUT      1
#define T_FLUSH    4
#define T_GET_ID   8
#define S_OK       0
#define S_IOERR    1
#define S_UNSUPP   2
#define F_SEG_MAX  (1ull << 2)
#define F_RO       (1ull << 5)
#define F_BLK_SIZE (1ull << 6)
#define F_FLUSH    (1ull << 9)
#define D_NEXT     1
#define D_WRITE    2
#define D_INDIRECT 4
#define ID_BYTES   20

u64 blk_features(const struct virtio *v)
{
    u64 f = F_SEG_MAX | F_BLK_SIZE | F_FLUSH;
    return v->disk->readonly ? f | F_RO : f;
}

/* struct virtio_blk_config: capacity at 0, seg_max at 12, blk_size at 20. */
u64 blk_config(const struct virtio *v, u64 offset, unsigned bytes)
{
    u8 c[64] = {0};
    put_le(c, v->disk->sectors, 8);
    put_le(c + 12, BLK_SEG_MAX, 4);
    put_le(c + 20, SECTOR_BYTES, 4);
    return offset + bytes <= sizeof(c) ? get_le(c + offset, bytes) : 0;
}

/* Nothing in it is the driver's to write: CONFIG_WCE is not offered. */
void blk_config_write(struct virtio *v, u64 offset, unsigned bytes, u64 val)
{
    (void)v, (void)offset, (void)bytes, (void)val;
}

/* ---- chains ------------------------------------------------------------- */

struct chain {
    unsigned n;
    struct vq_desc d[VQ_MAX];
};

/* Follows the chain; false on a loop, an index outside the table, memory
 * outside RAM, a zero length, or a device-readable part after a writable one
 * (2.6.4.2). */
static bool follow(struct virtio *v, u16 head, struct chain *c)
{
    u32 index = head;
    bool writable = false;
    for (c->n = 0; c->n < v->num; index = c->d[c->n - 1].next) {
        struct vq_desc *d = &c->d[c->n];
        if (!virtio_desc(v, index, d) || d->flags & D_INDIRECT || d->len == 0 ||
            !dma_ok(&v->dma, d->pa, d->len))
            return false;
        if (writable && !(d->flags & D_WRITE))
            return false;
        writable = d->flags & D_WRITE;
        c->n++;
        if (!(d->flags & D_NEXT))
            return true;
    }
    return false; /* longer than the table: a loop */
}

/* Takes n bytes off the readable front of the chain (headers may be laid out
 * in any way, 2.6.4). */
static bool take_front(struct virtio *v, struct chain *c, u8 *to, u32 n)
{
    unsigned i = 0;
    for (; n; i++) {
        if (i >= c->n || c->d[i].flags & D_WRITE)
            return false;
        u32 part = c->d[i].len < n ? c->d[i].len : n;
        if (!dma_read(&v->dma, c->d[i].pa, to, part))
            return false;
        to += part;
        n -= part;
        c->d[i].pa += part;
        c->d[i].len -= part;
        if (c->d[i].len)
            break;
    }
    memmove(c->d, c->d + i, (c->n - i) * sizeof(c->d[0]));
    c->n -= i;
    return true;
}

/* The status byte: the last one of the chain, which must be writable. */
static bool take_status(struct chain *c, u64 *pa)
{
    if (c->n == 0)
        return false;
    struct vq_desc *last = &c->d[c->n - 1];
    if (!(last->flags & D_WRITE))
        return false;
    *pa = last->pa + --last->len;
    if (last->len == 0)
        c->n--;
    return true;
}

/* ---- requests ----------------------------------------------------------- */

/* What remains of the chain is data; it must go the way the type says. False
 * breaks the rules. */
static bool take_data(const struct chain *c, struct blk_request *r)
{
    u16 want = r->type == T_OUT ? 0 : D_WRITE;
    r->seg = xcalloc(c->n, sizeof(*r->seg));
    for (unsigned i = 0; i < c->n; i++) {
        if ((c->d[i].flags & D_WRITE) != want)
            return false;
        r->seg[i] = (struct vq_segment){c->d[i].pa, c->d[i].len};
        r->bytes += c->d[i].len;
    }
    r->nseg = (u16)c->n;
    return true;
}

/* Status for a transfer; S_OK means that it can be tried. */
static u8 judge(const struct virtio *v, const struct blk_request *r)
{
    u64 n = r->bytes / SECTOR_BYTES;
    if (r->bytes % SECTOR_BYTES || r->sector > v->disk->sectors ||
        n > v->disk->sectors - r->sector)
        return S_IOERR;
    if (r->type == T_OUT && v->disk->readonly)
        return S_IOERR;
    /* Distinct buffers cannot add up to more than there is RAM: a driver
     * that names the same ones again and again is not served. */
    if (v->captured + r->bytes > v->dma.ram_bytes)
        return S_IOERR;
    return S_OK;
}

static void capture(struct virtio *v, struct blk_request *r)
{
    u8 *p = r->data = xcalloc(1, r->bytes);
    for (unsigned i = 0; i < r->nseg; p += r->seg[i++].len)
        dma_read(&v->dma, r->seg[i].pa, p, r->seg[i].len);
    v->captured += r->bytes;
}

static void submit(struct virtio *v, struct blk_request *r, u64 now)
{
    r->done_at = now;
    switch (r->type) {
    case T_IN:
    case T_OUT:
        r->status = judge(v, r);
        if (r->status != S_OK || r->bytes == 0)
            break;
        if (r->type == T_OUT)
            capture(v, r);
        r->done_at =
            disk_service(v->model, now, r->sector,
                         (u32)(r->bytes / SECTOR_BYTES), r->type == T_OUT);
        break;
    case T_FLUSH:
    case T_GET_ID:
        r->status = S_OK;
        break;
    default:
        r->status = S_UNSUPP;
    }
    /* In order, and never within the store that asked. */
    if (r->done_at <= now)
        r->done_at = now + 1;
    if (v->count > 1) {
        struct blk_request *before =
            &v->request[(v->first + v->count - 2) % VQ_MAX];
        if (r->done_at < before->done_at)
            r->done_at = before->done_at;
    }
}

bool blk_submit(struct virtio *v, u16 head, u64 now)
{
    struct chain c;
    u8 header[16];
    struct blk_request r = {.head = head};
    if (!follow(v, head, &c) || !take_front(v, &c, header, 16) ||
        !take_status(&c, &r.status_pa))
        return false;
    u32 type = (u32)get_le(header, 4);
    r.type = type > 0xff ? 0xff : (u8)type;
    r.sector = get_le(header + 8, 8);
    bool known = r.type == T_IN || r.type == T_OUT || r.type == T_GET_ID;
    if (known && !take_data(&c, &r)) {
        free(r.seg);
        return false;
    }
    struct blk_request *slot = &v->request[(v->first + v->count) % VQ_MAX];
    v->count++;
    *slot = r;
    submit(v, slot, now);
    return true;
}

/* Spreads n bytes over the request's segments; false if it does not all fit
 * into RAM (it was checked, so it does). */
static u32 scatter(struct virtio *v, struct blk_request *r, const u8 *p, u64 n)
{
    u64 left = n;
    for (unsigned i = 0; i < r->nseg && left; i++) {
        u64 part = r->seg[i].len < left ? r->seg[i].len : left;
        dma_write(&v->dma, r->seg[i].pa, p, part);
        p += part;
        left -= part;
    }
    return (u32)(n - left);
}

static u32 perform(struct virtio *v, struct blk_request *r)
{
    u64 at = r->sector * SECTOR_BYTES;
    u32 written = 0;
    if (r->status != S_OK)
        return 0;
    if (r->type == T_IN && r->bytes) {
        u8 *buf = xcalloc(1, r->bytes);
        if (backing_read(v->disk, at, buf, r->bytes))
            written = scatter(v, r, buf, r->bytes);
        else
            r->status = S_IOERR;
        free(buf);
    } else if (r->type == T_OUT && r->data) {
        if (!backing_write(v->disk, at, r->data, r->bytes))
            r->status = S_IOERR;
    } else if (r->type == T_FLUSH) {
        if (!backing_flush(v->disk))
            r->status = S_IOERR;
    } else if (r->type == T_GET_ID) {
        u8 id[ID_BYTES] = "clockhand0";
        id[9] = (u8)('0' + v->slot);
        written = scatter(v, r, id, ID_BYTES);
    }
    return written;
}

static void release(struct virtio *v, struct blk_request *r)
{
    if (r->data)
        v->captured -= r->bytes;
    free(r->data);
    free(r->seg);
    memset(r, 0, sizeof(*r));
}

void blk_complete(struct virtio *v)
{
    struct blk_request *r = &v->request[v->first];
    u32 n = perform(v, r);
    dma_write(&v->dma, r->status_pa, &r->status, 1);
    u16 head = r->head;
    release(v, r);
    v->first = (v->first + 1) % VQ_MAX;
    v->count--;
    virtio_used(v, head, n + 1);
}

void blk_drop(struct virtio *v)
{
    for (; v->count; v->count--) {
        release(v, &v->request[v->first]);
        v->first = (v->first + 1) % VQ_MAX;
    }
    v->captured = 0;
    v->events->at[EV_DISK0 + v->slot] = NEVER;
}
