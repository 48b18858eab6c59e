/* SPDX-License-Identifier: MIT */
/* Serves virtio-blk's requests (virtio 1.2, 5.2.6). A chain is a 16-byte
 * header, data, and one status byte, cut into buffers in any way (2.7.4). A
 * request is decoded when it is presented, and the bytes of a write are
 * captured then. A request completes at the cycle given by the disk model; the
 * bytes of a read move then. Requests complete in the order of the disk model's
 * queue (5.2.6.2 guarantees the driver no order). */
#include "dev/blk.h"

#include <stdlib.h>

#define T_BARRIER (1u << 31) /* legacy; ignored (5.2.6.3) */
#define S_OK      0
#define S_IOERR   1
#define S_UNSUPP  2
#define ID_BYTES  20

_Static_assert(VQ_MAX <= DISK_QUEUE_MAX, "a disk holds a full queue");

/* As in QEMU, bit 0 tells IN from OUT; DISCARD, WRITE_ZEROES need it set. */
static enum blk_type type_of(u32 type)
{
    bool out = type & 1;
    switch (type & ~(T_BARRIER | 1)) {
    case T_IN:
        return out ? T_OUT : T_IN;
    case T_FLUSH:
        return T_FLUSH;
    case T_GET_ID:
        return T_GET_ID;
    case T_DISCARD & ~1:
        return out ? T_DISCARD : T_UNKNOWN;
    case T_WRITE_ZEROES & ~1:
        return out ? T_WRITE_ZEROES : T_UNKNOWN;
    }
    return T_UNKNOWN;
}

/* ---- decoding a chain --------------------------------------------------- */

/* Moves n bytes from the readable front of the chain to `to`. */
static bool take_front(struct virtio *v, struct vq_chain *c, u8 *to, u32 n)
{
    unsigned i = 0;
    for (; n; i++) {
        if (i >= c->n || c->d[i].flags & VQ_WRITE)
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

/* Removes the status byte: the chain's last byte, which must be writable. */
static bool take_status(struct vq_chain *c, u64 *pa)
{
    if (c->n == 0)
        return false;
    struct vq_desc *last = &c->d[c->n - 1];
    if (!(last->flags & VQ_WRITE))
        return false;
    *pa = last->pa + --last->len;
    if (last->len == 0)
        c->n--;
    return true;
}

static u64 chain_bytes(const struct vq_chain *c, u16 direction)
{
    u64 n = 0;
    for (unsigned i = 0; i < c->n; i++)
        if ((c->d[i].flags & VQ_WRITE) == direction)
            n += c->d[i].len;
    return n;
}

/* The remaining buffers of one direction are the data; buffers of the other
 * direction are ignored, as in QEMU. */
static void take_data(const struct vq_chain *c, u16 direction,
                      struct blk_request *r)
{
    r->seg = xcalloc(c->n, sizeof(*r->seg));
    for (unsigned i = 0; i < c->n; i++)
        if ((c->d[i].flags & VQ_WRITE) == direction)
            r->seg[r->nseg++] = (struct vq_segment){c->d[i].pa, c->d[i].len};
    r->bytes = chain_bytes(c, direction);
}

/* ---- checks ------------------------------------------------------------- */

static bool in_range(const struct virtio *v, u64 sector, u64 sectors)
{
    return sectors <= BLK_MAX_SECTORS && sector <= v->disk->sectors &&
           sectors <= v->disk->sectors - sector;
}

/* Returns the status of a transfer; S_OK: the transfer can be tried. */
static u8 judge_transfer(const struct virtio *v, const struct blk_request *r)
{
    if (r->bytes % SECTOR_BYTES ||
        !in_range(v, r->sector, r->bytes / SECTOR_BYTES))
        return S_IOERR;
    if (r->type == T_OUT && v->disk->readonly)
        return S_IOERR;
    /* Distinct buffers of all disks cannot exceed RAM: a driver that names the
     * same buffers again and again is not served. */
    if (*v->captured + r->bytes > v->dma.ram_bytes)
        return S_IOERR;
    return S_OK;
}

/* Decodes one struct virtio_blk_discard_write_zeroes (max_discard_seg is 1).
 * Less than one breaks the rules. Not supported: more than one; unknown flags;
 * unmap with a discard (5.2.6.2). QEMU 7.2 checks the range first. */
static bool take_range(struct virtio *v, struct vq_chain *c,
                       struct blk_request *r)
{
    u8 b[16];
    u64 given = chain_bytes(c, 0);
    if (given > sizeof(b)) {
        r->status = S_UNSUPP;
        return true;
    }
    if (given < sizeof(b) || !take_front(v, c, b, sizeof(b)))
        return false;
    u32 sectors = (u32)get_le(b + 8, 4), flags = (u32)get_le(b + 12, 4);
    r->sector = get_le(b, 8);
    r->unmap = flags & 1;
    if (flags & ~1u || (r->unmap && r->type == T_DISCARD))
        r->status = S_UNSUPP;
    else if (!in_range(v, r->sector, sectors) || v->disk->readonly)
        r->status = S_IOERR;
    else
        r->bytes = (u64)sectors * SECTOR_BYTES;
    return true;
}

static void capture(struct virtio *v, struct blk_request *r)
{
    u8 *p = r->data = xcalloc(1, r->bytes);
    for (unsigned i = 0; i < r->nseg; p += r->seg[i++].len)
        dma_read(&v->dma, r->seg[i].pa, p, r->seg[i].len);
    *v->captured += r->bytes;
}

/* ---- submitting --------------------------------------------------------- */

static enum disk_op op_of(const struct blk_request *r)
{
    if (r->status == S_OK && r->bytes)
        switch (r->type) {
        case T_IN:
            return DISK_READ;
        case T_OUT:
            return DISK_WRITE;
        case T_DISCARD:
            return DISK_DISCARD;
        case T_WRITE_ZEROES:
            return r->unmap ? DISK_ZERO_UNMAP : DISK_ZERO;
        }
    return DISK_NOTHING;
}

static void submit(struct virtio *v, struct blk_request *r, u64 now)
{
    enum disk_op op = op_of(r);
    bool moves = op != DISK_NOTHING;
    if (op == DISK_WRITE)
        capture(v, r);
    r->cached = v->writeback;
    r->covers = v->cache.end;
    r->tag = v->tags++;
    v->request[v->count++] = *r;
    disk_submit(v->model, now, r->tag, op, moves ? r->sector : 0,
                moves ? (u32)(r->bytes / SECTOR_BYTES) : 0);
    if (v->watch)
        v->watch(v->watch_opaque, v, r, false);
}

/* Decodes the rest of the chain by type; false: it breaks the rules. */
static bool take_rest(struct virtio *v, struct vq_chain *c,
                      struct blk_request *r)
{
    switch (r->type) {
    case T_IN:
    case T_OUT:
        take_data(c, r->type == T_OUT ? 0 : VQ_WRITE, r);
        r->status = judge_transfer(v, r);
        if (r->status != S_OK)
            r->nseg = 0, r->bytes = 0;
        return true;
    case T_GET_ID:
        take_data(c, VQ_WRITE, r);
        r->bytes = r->bytes < ID_BYTES ? r->bytes : ID_BYTES;
        return true;
    case T_FLUSH:
        return true;
    case T_DISCARD:
    case T_WRITE_ZEROES:
        return take_range(v, c, r);
    }
    r->status = S_UNSUPP;
    return true;
}

bool blk_submit(struct virtio *v, u16 head, u64 now)
{
    struct vq_chain c;
    u8 header[16];
    struct blk_request r = {.head = head, .status = S_OK};
    if (!vring_follow(&v->q, &v->dma, head, virtio_has(v, F_INDIRECT_DESC),
                      &c) ||
        !take_front(v, &c, header, sizeof(header)) ||
        !take_status(&c, &r.status_pa))
        return false;
    r.type = (u8)type_of((u32)get_le(header, 4));
    r.sector = get_le(header + 8, 8);
    r.room = chain_bytes(&c, VQ_WRITE);
    if (!take_rest(v, &c, &r))
        return false;
    submit(v, &r, now);
    return true;
}

/* ---- completing --------------------------------------------------------- */

/* Copies up to n bytes into the request's segments; returns how many. */
static u64 scatter(struct virtio *v, struct blk_request *r, const u8 *p, u64 n)
{
    u64 left = n;
    for (unsigned i = 0; i < r->nseg && left; i++) {
        u64 part = r->seg[i].len < left ? r->seg[i].len : left;
        dma_write(&v->dma, r->seg[i].pa, p, part);
        p += part;
        left -= part;
    }
    return n - left;
}

static bool read_disk(struct virtio *v, struct blk_request *r, u64 *written)
{
    u8 *buf = xcalloc(1, r->bytes);
    bool ok = backing_read(v->disk, r->sector * SECTOR_BYTES, buf, r->bytes);
    if (ok)
        *written = scatter(v, r, buf, r->bytes);
    free(buf);
    return ok;
}

/* Returns the kind under which the option fail= knows the request. */
static enum fault_op fault_op(const struct blk_request *r)
{
    enum disk_op op = op_of(r);
    return op == DISK_READ      ? FAULT_READ
           : op != DISK_NOTHING ? FAULT_WRITE
           : r->type == T_FLUSH ? FAULT_FLUSH
                                : FAULT_NONE;
}

/* Executes the request; false: an error of the host, or one made by fail=. */
static bool perform(struct virtio *v, struct blk_request *r, u64 *written)
{
    u64 at = r->sector * SECTOR_BYTES, sectors = r->bytes / SECTOR_BYTES;
    u8 id[ID_BYTES] = "clockhand0";
    bool ok = true;
    if (faults_strike(&v->faults, fault_op(r), r->sector, sectors))
        return false;
    /* A write is stable when it completes if writeback was 0 from its
     * submission on (5.2.6.2); only submission and completion are checked. */
    if (fault_op(r) == FAULT_WRITE)
        write_cache_add(&v->cache, v->disk, r->sector, sectors,
                        !v->writeback && !r->cached);
    switch (r->type) {
    case T_IN:
        return !r->bytes || read_disk(v, r, written);
    case T_OUT:
        ok = !r->data || backing_write(v->disk, at, r->data, r->bytes);
        return ok && (v->writeback || backing_flush(v->disk));
    case T_FLUSH:
        write_cache_flush(&v->cache, r->covers);
        return backing_flush(v->disk);
    case T_GET_ID: /* padded with zeros (5.2.6) */
        id[9] = (u8)('0' + v->slot);
        *written = scatter(v, r, id, ID_BYTES);
        return true;
    case T_DISCARD:
        return backing_zero(v->disk, at, r->bytes, true);
    case T_WRITE_ZEROES:
        ok = backing_zero(v->disk, at, r->bytes, r->unmap);
        return ok && (v->writeback || backing_flush(v->disk));
    }
    return true;
}

static void release(struct virtio *v, struct blk_request *r)
{
    if (r->data)
        *v->captured -= r->bytes;
    free(r->data);
    free(r->seg);
    memset(r, 0, sizeof(*r));
}

/* The reported length counts the bytes written without a gap from the first
 * writable byte on (2.7.8.2). It excludes the status byte if data before that
 * byte was not written. QEMU 7.2 always reports all writable bytes. */
void blk_complete(struct virtio *v, u64 tag)
{
    u32 i = 0;
    while (i < v->count && v->request[i].tag != tag)
        i++;
    assert(i < v->count);
    struct blk_request *r = &v->request[i];
    u64 written = 0;
    if (r->status == S_OK && !perform(v, r, &written))
        r->status = S_IOERR;
    dma_write(&v->dma, r->status_pa, &r->status, 1);
    if (v->watch)
        v->watch(v->watch_opaque, v, r, true);
    if (written == r->room)
        written++;
    u16 head = r->head;
    release(v, r);
    v->count--;
    memmove(r, r + 1, (v->count - i) * sizeof(*r));
    /* Unused slots must hold NULL: if a load fails, blk_drop frees them. */
    memset(&v->request[v->count], 0, sizeof(*r));
    virtio_used(v, head, (u32)written);
}

void blk_drop(struct virtio *v)
{
    while (v->count)
        release(v, &v->request[--v->count]);
    if (v->model)
        disk_cancel(v->model);
    v->events->at[EV_DISK0 + v->slot] = NEVER;
}

void blk_settle(struct virtio *v, bool cut)
{
    u64 none;
    if (!v->disk || (v->disk->overlay && !v->cache.slots))
        return;
    for (u32 i = 0; cut && i < v->count; i++) {
        struct blk_request *r = &v->request[i];
        r->cached = true; /* no write in progress is durable */
        if (fault_op(r) == FAULT_WRITE)
            perform(v, r, &none);
    }
    if (cut)
        write_cache_cut(&v->cache, v->disk);
    if (v->disk->dirty)
        backing_flush(v->disk);
}

/* ---- state -------------------------------------------------------------- */

static void request_state(struct virtio *v, struct blk_request *r,
                          struct state *s)
{
    u64 held = r->data ? r->bytes : 0;
    state_vals(s, r->head, r->nseg, r->type, r->status);
    state_flag(s, &r->unmap);
    state_vals(s, r->room, r->sector, r->tag, r->bytes, r->status_pa, held);
    if (v->cache.slots) {
        state_flag(s, &r->cached);
        state_val(s, r->covers);
    }
    state_check(s,
                r->nseg <= VQ_MAX &&
                    (r->type >= T_DISCARD || r->bytes <= v->dma.ram_bytes) &&
                    (held == 0 || held == r->bytes) && held <= state_left(s),
                "virtio: request out of range");
    if (state_loading(s)) {
        if (state_error(s)) {
            r->nseg = 0;
            return;
        }
        r->seg = xcalloc(r->nseg, sizeof(*r->seg));
        r->data = held ? xcalloc(1, held) : NULL;
        *v->captured += held;
    }
    for (unsigned i = 0; i < r->nseg; i++) {
        state_vals(s, r->seg[i].pa, r->seg[i].len);
    }
    state_bytes(s, r->data, held);
}

void blk_state(struct virtio *v, struct state *s)
{
    u32 count = v->count;
    state_vals(s, v->tags, count);
    state_check(s, count <= VQ_MAX && (!count || (v->disk && v->q.ready)),
                "virtio: queue out of range");
    if (state_loading(s)) {
        blk_drop(v);
        if (state_error(s))
            return;
        v->count = count;
    }
    for (u32 i = 0; i < count; i++)
        request_state(v, &v->request[i], s);
    if (v->cache.slots)
        write_cache_state(&v->cache, v->disk, s);
    if (v->faults.n) {
        state_vals(s, v->faults.failed, v->faults.matched);
    }
}
