/* SPDX-License-Identifier: MIT */
/* Packets of gdb's remote serial protocol (gdb manual 13, appendix E.1):
 * $DATA#CC, with + and - between packets and Ctrl-C (byte 3) outside of them.
 * These functions know no socket and no machine; every buffer is bounded. */
#pragma once

#include "base/base.h"

#define PACKET_MAX 0x4000 /* bytes of data in either direction (qSupported) */

enum packet_event {
    PACKET_NONE,      /* more bytes are needed */
    PACKET_WHOLE,     /* data[0..n) is a packet; data[n] is 0 */
    PACKET_BROKEN,    /* wrong checksum, malformed, or over PACKET_MAX bytes */
    PACKET_INTERRUPT, /* Ctrl-C */
    PACKET_ACK,
    PACKET_NAK
};

struct packet_parser {
    enum packet_at {
        PACKET_OUTSIDE,
        PACKET_DATA,
        PACKET_ESCAPED, /* after } */
        PACKET_REPEAT,  /* after * */
        PACKET_SUM1,
        PACKET_SUM2
    } at;
    bool broken;
    u8 sum, said; /* checksums: computed so far; stated by the packet */
    size_t n;
    u8 data[PACKET_MAX + 1];
};

/* Takes the next byte from gdb. A parser starts as all zeros. Outside packets,
 * all bytes but $ + - Ctrl-C are skipped. */
enum packet_event packet_feed(struct packet_parser *p, u8 byte);

/* Puts $DATA#CC into out, which has room for PACKET_FRAME bytes, and returns
 * its length; n is at most PACKET_MAX. Shortens runs of equal bytes. The caller
 * has escaped binary data (packet_escape). */
#define PACKET_FRAME (PACKET_MAX + 4)
size_t packet_frame(const u8 *data, size_t n, u8 *out);
/* Escapes the bytes of binary data that have a meaning in packets. Writes at
 * most `room` bytes to `to` and returns their number. *taken becomes the number
 * of bytes of `from` that they encode. */
size_t packet_escape(const u8 *from, size_t n, u8 *to, size_t room,
                     size_t *taken);

/* Reads hex digits, most significant first, and moves *p after them; false:
 * none, or more than 16. */
bool packet_hex(const u8 **p, const u8 *end, u64 *value);
/* Returns the byte that two hex digits encode; -1: there are no two digits. */
int packet_hex_byte(const u8 *p, const u8 *end);
