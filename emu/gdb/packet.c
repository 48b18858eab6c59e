/* SPDX-License-Identifier: MIT */
#include "gdb/packet.h"

#define CTRL_C     3
#define ESCAPE_XOR 0x20

/* A run's count is a printable character: the number of repeats + RUN_BIAS. */
#define RUN_BIAS  29
#define RUN_LEAST 3
#define RUN_MOST  (126 - RUN_BIAS)

static int digit(u8 c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* ---- receiving ---------------------------------------------------------- */

static void keep(struct packet_parser *p, u8 byte)
{
    if (p->n == PACKET_MAX)
        p->broken = true;
    else
        p->data[p->n++] = byte;
}

static void begin(struct packet_parser *p)
{
    p->at = PACKET_DATA;
    p->n = 0;
    p->sum = p->said = 0;
    p->broken = false;
}

static enum packet_event outside(struct packet_parser *p, u8 byte)
{
    switch (byte) {
    case '$':
        begin(p);
        return PACKET_NONE;
    case '+':
        return PACKET_ACK;
    case '-':
        return PACKET_NAK;
    case CTRL_C:
        return PACKET_INTERRUPT;
    default:
        return PACKET_NONE;
    }
}

/* Repeats the last byte: count is the number of repeats + RUN_BIAS. */
static void repeat(struct packet_parser *p, u8 count)
{
    if (!p->n || count < RUN_BIAS + RUN_LEAST || count > RUN_BIAS + RUN_MOST) {
        p->broken = true;
        return;
    }
    u8 last = p->data[p->n - 1];
    for (unsigned i = RUN_BIAS; i < count; i++)
        keep(p, last);
}

static void inside(struct packet_parser *p, u8 byte)
{
    enum packet_at at = p->at;
    if (byte == '$') { /* the previous packet was cut off */
        begin(p);
        return;
    }
    if (byte == '#') {
        p->broken |= at != PACKET_DATA;
        p->at = PACKET_SUM1;
        return;
    }
    p->sum = (u8)(p->sum + byte);
    p->at = PACKET_DATA;
    if (at == PACKET_ESCAPED)
        keep(p, byte ^ ESCAPE_XOR);
    else if (at == PACKET_REPEAT)
        repeat(p, byte);
    else if (byte == '}')
        p->at = PACKET_ESCAPED;
    else if (byte == '*')
        p->at = PACKET_REPEAT;
    else
        keep(p, byte);
}

enum packet_event packet_feed(struct packet_parser *p, u8 byte)
{
    int d = digit(byte);
    switch (p->at) {
    case PACKET_OUTSIDE:
        return outside(p, byte);
    case PACKET_SUM1:
        p->broken |= d < 0;
        p->said = (u8)((unsigned)d << 4);
        p->at = PACKET_SUM2;
        return PACKET_NONE;
    case PACKET_SUM2:
        p->broken |= d < 0 || (p->said | (unsigned)d) != p->sum;
        p->at = PACKET_OUTSIDE;
        p->data[p->n] = 0;
        return p->broken ? PACKET_BROKEN : PACKET_WHOLE;
    default:
        inside(p, byte);
        return PACKET_NONE;
    }
}

/* ---- sending ------------------------------------------------------------ */

/* Returns the length of the run of equal bytes at `at`, at most RUN_MOST + 1:
 * the byte and its repeats. */
static size_t run_length(const u8 *data, size_t at, size_t n)
{
    size_t end = at + 1;
    while (end < n && data[end] == data[at] && end - at <= RUN_MOST)
        end++;
    return end - at;
}

/* Returns the count after *, or 0: the run is too short. A count that would
 * read as $, #, + or - is replaced by the next lower valid one. */
static u8 run_count(size_t length)
{
    size_t more = length - 1;
    while (more >= RUN_LEAST && strchr("$#+-", (int)(more + RUN_BIAS)))
        more--;
    return more < RUN_LEAST ? 0 : (u8)(more + RUN_BIAS);
}

size_t packet_frame(const u8 *data, size_t n, u8 *out)
{
    static const char hex[] = "0123456789abcdef";
    size_t to = 0;
    u8 sum = 0;
    assert(n <= PACKET_MAX);
    out[to++] = '$';
    for (size_t at = 0; at < n;) {
        /* no run at an escape: gdb repeats the byte before it is decoded */
        bool plain = data[at] != '}' && !(at && data[at - 1] == '}');
        u8 count = plain ? run_count(run_length(data, at, n)) : 0;
        out[to++] = data[at];
        if (count) {
            out[to++] = '*';
            out[to++] = count;
        }
        at += count ? (size_t)(count - RUN_BIAS) + 1 : 1;
    }
    for (size_t i = 1; i < to; i++)
        sum = (u8)(sum + out[i]);
    out[to++] = '#';
    out[to++] = (u8)hex[sum >> 4];
    out[to++] = (u8)hex[sum & 15];
    return to;
}

size_t packet_escape(const u8 *from, size_t n, u8 *to, size_t room,
                     size_t *taken)
{
    size_t put = 0, i = 0;
    for (; i < n; i++) {
        bool special = memchr("$#}*", from[i], 4);
        if (put + 1 + special > room)
            break;
        if (special)
            to[put++] = '}';
        to[put++] = special ? from[i] ^ ESCAPE_XOR : from[i];
    }
    *taken = i;
    return put;
}

/* ---- hex ---------------------------------------------------------------- */

bool packet_hex(const u8 **p, const u8 *end, u64 *value)
{
    unsigned n = 0;
    *value = 0;
    for (; *p < end && digit(**p) >= 0; ++*p, n++) {
        if (n == 16)
            return false;
        *value = *value << 4 | (unsigned)digit(**p);
    }
    return n;
}

int packet_hex_byte(const u8 *p, const u8 *end)
{
    if (end - p < 2 || digit(p[0]) < 0 || digit(p[1]) < 0)
        return -1;
    return digit(p[0]) << 4 | digit(p[1]);
}
