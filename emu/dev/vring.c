/* SPDX-License-Identifier: MIT */
#include "dev/vring.h"

#define D_NEXT             1
#define D_INDIRECT         4
#define DESC_BYTES         16u
#define AVAIL_NO_INTERRUPT 1

void vring_clear(struct vring *q)
{
    memset(q, 0, sizeof(*q));
    q->num = VQ_DEFAULT;
}

void vring_state(struct vring *q, struct state *s)
{
    state_val(s, q->num);
    state_flag(s, &q->ready);
    state_vals(s, q->desc, q->avail, q->used, q->seen, q->used_idx);
    state_check(s,
                q->num <= VQ_MAX &&
                    (!q->ready || (q->num && !(q->num & (q->num - 1)))),
                "virtio: queue out of range");
    if (state_loading(s) && state_error(s))
        vring_clear(q);
}

bool vring_sound(const struct vring *q, const struct dma *dma, bool events)
{
    u64 n = q->num, event = events ? 2 : 0;
    return n && n <= VQ_MAX && !(n & (n - 1)) && !(q->desc & 15) &&
           !(q->avail & 1) && !(q->used & 3) &&
           dma_ok(dma, q->desc, n * DESC_BYTES) &&
           dma_ok(dma, q->avail, 4 + n * 2 + event) &&
           dma_ok(dma, q->used, 4 + n * 8 + event);
}

void vring_lay_out(struct vring *q, u64 desc, u32 align)
{
    u64 mask = align - 1;
    q->desc = desc;
    q->avail = desc + q->num * DESC_BYTES;
    /* `avail` has flags, idx, ring, used_event. QEMU 7.2 does not count
     * used_event, which matters only for alignments below 16. */
    q->used = (q->avail + 6 + q->num * 2 + mask) & ~mask;
}

/* ---- the rings ---------------------------------------------------------- */

static bool get_u16(const struct dma *dma, u64 pa, u16 *value)
{
    u8 b[2];
    if (!dma_read(dma, pa, b, 2))
        return false;
    *value = (u16)get_le(b, 2);
    return true;
}

bool vring_waiting(const struct vring *q, const struct dma *dma, u16 *n)
{
    u16 idx;
    if (!get_u16(dma, q->avail + 2, &idx))
        return false;
    *n = (u16)(idx - q->seen);
    return *n <= q->num;
}

bool vring_take(struct vring *q, const struct dma *dma, u16 *head)
{
    if (!get_u16(dma, q->avail + 4 + q->seen % q->num * 2ull, head))
        return false;
    q->seen++;
    return *head < q->num;
}

bool vring_give(struct vring *q, const struct dma *dma, u16 head, u32 written)
{
    u8 elem[8], flags_idx[4];
    put_le(elem, head, 4);
    put_le(elem + 4, written, 4);
    u64 slot = q->used_idx % q->num;
    q->used_idx++;
    /* flags 0: notifications are always welcome (2.7.10.2) */
    put_le(flags_idx, (u32)q->used_idx << 16, 4);
    return dma_write(dma, q->used + 4 + slot * 8, elem, 8) &&
           dma_write(dma, q->used, flags_idx, 4);
}

/* 2.7.7.2: with event fields, *wanted is true exactly if the driver waits for
 * the entry just written; the driver's flag is then ignored. */
bool vring_wants_interrupt(const struct vring *q, const struct dma *dma,
                           bool events, bool *wanted)
{
    u16 v;
    if (!get_u16(dma, q->avail + (events ? 4 + q->num * 2ull : 0), &v))
        return false;
    *wanted = events ? v == (u16)(q->used_idx - 1) : !(v & AVAIL_NO_INTERRUPT);
    return true;
}

bool vring_ask(const struct vring *q, const struct dma *dma)
{
    u8 b[2];
    put_le(b, q->seen, 2);
    return dma_write(dma, q->used + 4 + q->num * 8ull, b, 2);
}

/* ---- chains ------------------------------------------------------------- */

/* Reads descriptor `index` of a table of n at pa. */
static bool get_desc(const struct dma *dma, u64 pa, u32 n, u32 index,
                     struct vq_desc *d)
{
    u8 b[DESC_BYTES];
    if (index >= n || !dma_read(dma, pa + index * DESC_BYTES, b, sizeof(b)))
        return false;
    d->pa = get_le(b, 8);
    d->len = (u32)get_le(b + 8, 4);
    d->flags = (u16)get_le(b + 12, 2);
    d->next = (u16)get_le(b + 14, 2);
    return true;
}

static bool add(const struct dma *dma, const struct vq_desc *d,
                struct vq_chain *c)
{
    bool after_writable = c->n && c->d[c->n - 1].flags & VQ_WRITE;
    if (c->n == VQ_MAX || d->len == 0 || !dma_ok(dma, d->pa, d->len) ||
        (after_writable && !(d->flags & VQ_WRITE)))
        return false;
    c->d[c->n++] = *d;
    return true;
}

/* A table's length gives its number of entries; none of them may be a table
 * itself (2.7.5.3.1). A table larger than the queue is served: the standard
 * forbids drivers to make one (2.7.5.3.1), but Linux does when its queue is
 * small, and QEMU serves it. */
static bool open_table(const struct dma *dma, const struct vq_desc *table,
                       struct vq_chain *c)
{
    u32 n = table->len / DESC_BYTES;
    struct vq_desc d = {.next = 0};
    if (n == 0 || table->len % DESC_BYTES ||
        !dma_ok(dma, table->pa, table->len))
        return false;
    for (u32 seen = 0; seen < n; seen++) {
        if (!get_desc(dma, table->pa, n, d.next, &d) || d.flags & D_INDIRECT ||
            !add(dma, &d, c))
            return false;
        if (!(d.flags & D_NEXT))
            return true;
    }
    return false; /* a loop */
}

bool vring_follow(const struct vring *q, const struct dma *dma, u16 head,
                  bool indirect, struct vq_chain *c)
{
    struct vq_desc d = {.next = head};
    c->n = 0;
    for (u32 seen = 0; seen < q->num; seen++) {
        if (!get_desc(dma, q->desc, q->num, d.next, &d))
            return false;
        /* An indirect table may come last in a chain, after any other buffers
         * (2.7.5.3.2); QEMU 7.2 allows it only first. Its write flag is
         * ignored. */
        if (d.flags & D_INDIRECT)
            return indirect && !(d.flags & D_NEXT) && open_table(dma, &d, c);
        if (!add(dma, &d, c))
            return false;
        if (!(d.flags & D_NEXT))
            return true;
    }
    return false; /* a loop */
}
