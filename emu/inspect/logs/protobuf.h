/* SPDX-License-Identifier: MIT */
/* Writes messages in protocol buffers' wire format (protobuf.dev, Encoding):
 * one field after another. A field is a tag (number << 3 | wire type), then a
 * value. That of a text or inner message is its length, then its bytes. */
#pragma once

#include "base/base.h"

#define PB_DEPTH 8
struct pb {
    u8 *bytes; /* owned; pb_free */
    size_t n, capacity;
    size_t open[PB_DEPTH]; /* places of open messages' lengths */
    unsigned depth;
};

void pb_free(struct pb *p);
void pb_clear(struct pb *p); /* after the bytes are used; no message is open */
void pb_uint(struct pb *p, unsigned field, u64 v); /* also bool, enum */
void pb_int(struct pb *p, unsigned field, s64 v);  /* int32, int64 */
void pb_fixed64(struct pb *p, unsigned field, u64 v);
void pb_text(struct pb *p, unsigned field, const char *v);
void pb_bytes(struct pb *p, unsigned field, const void *v, size_t n);
/* Begins a message that is a field. All calls until pb_end add to it. */
void pb_begin(struct pb *p, unsigned field);
void pb_end(struct pb *p);
