/* SPDX-License-Identifier: MIT */
/* Makes random requests, several at once: good and bad kinds, sectors, lengths;
 * header, data and status cut into descriptors at random, in the queue's table
 * or an indirect one. Some rounds use event fields. Prints after each round
 * a digest of all answers and of the data read: QEMU's must be the same. */
#include "virtio_driver.h"

#ifndef SEED
#define SEED 1
#endif
#ifndef ROUNDS
#define ROUNDS 40
#endif
#define BATCH     4
#define MAX_DATA  8192
#define MAX_PARTS 16 /* most descriptors of a contiguous part of a request */

static u64 rng = 88172645463325252ull + 2 * SEED;
static u64 sectors, digest = FNV;

static u64 any(u64 n)
{
    rng ^= rng << 13, rng ^= rng >> 7, rng ^= rng << 17;
    return (rng >> 11) % n;
}

struct work {
    u32 type, len, head, count;
    u64 sector;
    u8 *header, *data, *status;
    u8 memory[MAX_DATA + 512] __attribute__((aligned(16)));
    struct desc d[4 * MAX_PARTS] __attribute__((aligned(16)));
};
static struct work work[BATCH];

static void store(u8 *to, u64 v, u32 n)
{
    for (; n--; v >>= 8)
        *to++ = (u8)v;
}

/* ---- one request -------------------------------------------------------- */

static u32 length(u32 type)
{
    switch (type) {
    case IN:
    case OUT:
        return any(6) ? (u32)any(MAX_DATA / 512 + 1) * 512 : (u32)any(MAX_DATA);
    case GET_ID:
        return (u32)any(21);
    case DISCARD:
    case ZEROES:
        return any(8) ? 16 : 17 + (u32)any(40);
    }
    return 0;
}

/* Returns a sector. Each request of a batch has its own part of the disk, or
 * lies beyond the end, so the order of service does not matter. */
static u64 place(u32 slot, u32 of)
{
    u64 part = sectors / BATCH;
    if (any(10))
        return slot * part + any(part - 20);
    if (of == 1 && any(2))
        return sectors - any(20);
    return any(2) ? ~any(9) : sectors + 1 + any(9);
}

/* Puts header, data and status at random places of w->memory, or adjacent. */
static void lay_out(struct work *w)
{
    bool out = w->type & 1;
    w->header = w->memory + any(40);
    w->data = w->memory + 64 + any(64);
    w->status = w->memory + MAX_DATA + 300 + any(64);
    if (out && !any(3))
        w->data = w->header + 16;
    if (!out && !any(3))
        w->status = w->data + w->len;
    store(w->header, w->type, 4);
    store(w->header + 8, w->sector, 8);
    for (u32 i = 0; i < w->len; i++)
        w->data[i] = (u8)(i * 7 + digest + w->type);
    if (w->type == DISCARD || w->type == ZEROES) {
        store(w->data, w->sector, 8);
        store(w->data + 8, any(20), 4);
        /* Flags and range are never both wrong: the standard then wants UNSUPP,
         * QEMU says IOERR. */
        u64 flags = any(9) ? any(2) : any(9);
        store(w->data + 12, w->sector < sectors - 20 ? flags : 0, 4);
    }
    *w->status = 0xee;
}

static void cut(struct work *w, u8 *from, u32 len, u16 flags)
{
    for (u32 part, left = 1 + (u32)any(MAX_PARTS); len;
         from += part, len -= part) {
        part = left-- > 1 ? 1 + (u32)any(len) : len;
        w->d[w->count++] = (struct desc){(u64)from, part, flags, 0};
    }
}

static void make(struct work *w, u32 slot, u32 of)
{
    static const u32 types[] = {IN,    OUT,    IN,      OUT,    IN, OUT,
                                FLUSH, GET_ID, DISCARD, ZEROES, 77, 12};
    w->type = types[any(12)];
    w->len = length(w->type);
    w->sector = place(slot, of);
    lay_out(w);
    w->count = 0;
    if (w->type & 1 && w->data == w->header + 16) {
        cut(w, w->header, 16 + w->len, 0);
    } else {
        cut(w, w->header, 16, 0);
        if (w->type & 1)
            cut(w, w->data, w->len, 0);
    }
    if (!(w->type & 1) && w->status == w->data + w->len) {
        cut(w, w->data, w->len + 1, WRITE);
    } else {
        if (!(w->type & 1))
            cut(w, w->data, w->len, WRITE);
        cut(w, (u8 *)w->status, 1, WRITE);
    }
    chain(w->d, w->count);
}

/* ---- several requests --------------------------------------------------- */

static void present(u32 n)
{
    u32 at = 0;
    for (u32 i = 0; i < n; i++) {
        struct work *w = &work[i];
        w->head = at;
        if (at + w->count + n > num || any(2)) {
            ring_desc[at++] =
                (struct desc){(u64)w->d, w->count * 16, INDIRECT, 0};
        } else {
            for (u32 k = 0; k < w->count; k++, at++) {
                ring_desc[at] = w->d[k];
                ring_desc[at].next = (u16)(at + 1);
            }
        }
        make_available((u16)w->head);
    }
    REG(NOTIFY) = 0;
}

static void take_answer(struct work *w, u32 written)
{
    u8 s = *(volatile u8 *)w->status;
    digest = fnv(digest, &s, 1);
#ifdef LOUD
    hex(w->type, 2), hex(w->sector, 16), hex(w->len, 4), hex(s, 2);
    hex(s ? 0 : written, 4), hex(digest, 16);
    put('\n');
#endif
    if (s)
        return;
    digest = fnv(digest, &written, 4);
    if (w->type == IN)
        digest = fnv(digest, w->data, w->len);
    if (w->type == GET_ID) /* the ID has 10 bytes; QEMU writes no more */
        digest = fnv(digest, w->data, w->len < 10 ? w->len : 10);
}

static void batch(u32 n)
{
    u32 written[BATCH] = {0};
    for (u32 i = 0; i < n; i++)
        make(&work[i], i, n);
    present(n);
    for (u32 i = 0; i < n; i++) {
        if (!wait_for(60)) { /* QEMU's time is the (busy) host's */
            text("no answer\n");
            end();
        }
        for (u32 k = 0; k < n; k++)
            if (used_entry()[0] == work[k].head)
                written[k] = used_entry()[1];
    }
    for (u32 i = 0; i < n; i++)
        take_answer(&work[i], written[i]);
    /* A discard may leave anything: write zeros to the range. */
    for (u32 i = 0; i < n; i++)
        if (work[i].type == DISCARD) {
            static u8 r[16];
            for (u32 k = 0; k < 12; k++)
                r[k] = work[i].data[k];
            u8 s = request(ZEROES, 0, r, 16);
            digest = fnv(digest, &s, 1);
        }
}

void run(void)
{
    u64 features = offered() & ~(1ull << 40 | 1ull << 24);
    sectors = REG64(CONFIG);
    for (u32 round = 0; round < ROUNDS; round++) {
        u32 size = 32u << any(6);
        set_up(any(2) ? features : features & ~EVENT_IDX, size);
        for (u32 i = 0; i < 30; i++)
            batch(1 + (u32)any(BATCH));
        hex(digest, 16);
        put('\n');
    }
    text("end\n");
    end();
}
