/* SPDX-License-Identifier: MIT */
/* A message's length precedes its bytes but is known only after them. Four
 * bytes are reserved for it, the first three with the continuation bit set. The
 * format allows such padded numbers; Perfetto's own writer uses them. */
#include "inspect/logs/protobuf.h"

#include <stdlib.h>

enum { WIRE_VARINT, WIRE_FIXED64, WIRE_LENGTH };
#define LENGTH_BYTES 4

static u8 *room(struct pb *p, size_t n)
{
    if (p->n + n > p->capacity) {
        p->capacity = 2 * (p->n + n) + 1024;
        p->bytes = xrealloc(p->bytes, p->capacity);
    }
    u8 *at = p->bytes + p->n;
    p->n += n;
    return at;
}

static void varint(struct pb *p, u64 v)
{
    for (; v > 0x7f; v >>= 7)
        *room(p, 1) = (u8)(v | 0x80);
    *room(p, 1) = (u8)v;
}

static void tag(struct pb *p, unsigned field, unsigned wire)
{
    varint(p, (u64)field << 3 | wire);
}

void pb_free(struct pb *p)
{
    free(p->bytes);
    *p = (struct pb){0};
}

void pb_clear(struct pb *p)
{
    assert(!p->depth);
    p->n = 0;
}

void pb_uint(struct pb *p, unsigned field, u64 v)
{
    tag(p, field, WIRE_VARINT);
    varint(p, v);
}

void pb_int(struct pb *p, unsigned field, s64 v)
{
    pb_uint(p, field, (u64)v); /* negative numbers take ten bytes */
}

void pb_fixed64(struct pb *p, unsigned field, u64 v)
{
    tag(p, field, WIRE_FIXED64);
    put_le(room(p, 8), v, 8);
}

void pb_bytes(struct pb *p, unsigned field, const void *v, size_t n)
{
    tag(p, field, WIRE_LENGTH);
    varint(p, n);
    if (n)
        memcpy(room(p, n), v, n);
}

void pb_text(struct pb *p, unsigned field, const char *v)
{
    pb_bytes(p, field, v, strlen(v));
}

void pb_begin(struct pb *p, unsigned field)
{
    assert(p->depth < PB_DEPTH);
    tag(p, field, WIRE_LENGTH);
    p->open[p->depth++] = p->n;
    room(p, LENGTH_BYTES);
}

void pb_end(struct pb *p)
{
    size_t at = p->open[--p->depth], n = p->n - at - LENGTH_BYTES;
    assert(n < 1u << 7 * LENGTH_BYTES);
    for (unsigned i = 0; i < LENGTH_BYTES; i++)
        p->bytes[at + i] =
            (u8)((n >> 7 * i & 0x7f) | (i < LENGTH_BYTES - 1 ? 0x80 : 0));
}
