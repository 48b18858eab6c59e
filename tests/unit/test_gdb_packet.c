/* SPDX-License-Identifier: MIT */
// rooms: base gdb
/* Tests how packets of gdb's protocol are parsed and framed. */
#include "unit.h"

#include "gdb/packet.h"

static struct packet_parser p;

/* Feeds bytes; returns the last event other than PACKET_NONE, if any. */
static enum packet_event feed(const char *bytes)
{
    enum packet_event last = PACKET_NONE;
    for (; *bytes; bytes++) {
        enum packet_event e = packet_feed(&p, (u8)*bytes);
        last = e ? e : last;
    }
    return last;
}

static void holds(const char *data)
{
    assert_int_equal(p.n, strlen(data));
    assert_string_equal((char *)p.data, data);
}

TEST(a_packet)
{
    assert_int_equal(feed("$g#67"), PACKET_WHOLE);
    holds("g");
    assert_int_equal(feed("junk+"), PACKET_ACK);
    assert_int_equal(feed("-"), PACKET_NAK);
    assert_int_equal(feed("\003"), PACKET_INTERRUPT);
    assert_int_equal(feed("$#00"), PACKET_WHOLE);
    holds("");
}

TEST(a_wrong_checksum)
{
    assert_int_equal(feed("$g#68"), PACKET_BROKEN);
    assert_int_equal(feed("$g#77"), PACKET_BROKEN);
    assert_int_equal(feed("$g#6g"), PACKET_BROKEN);
    assert_int_equal(feed("$g#x7"), PACKET_BROKEN);
    assert_int_equal(feed("$g#67"), PACKET_WHOLE);
}

TEST(one_that_was_cut_off)
{
    assert_int_equal(feed("$m80$g#67"), PACKET_WHOLE);
    holds("g");
}

TEST(escapes)
{
    assert_int_equal(feed("$a}\003#e1"), PACKET_WHOLE);
    holds("a#");
    assert_int_equal(feed("$a}#de"), PACKET_BROKEN);
}

TEST(runs)
{
    assert_int_equal(feed("$0* #7a"), PACKET_WHOLE);
    holds("0000");
    assert_int_equal(feed("$* #4a"), PACKET_BROKEN); /* no byte to repeat */
    assert_int_equal(feed("$0*\037#79"), PACKET_BROKEN);
}

/* A run whose count would be sent as $, #, + or - is sent in shorter runs; runs
 * of each length come back unchanged. */
TEST(every_run_there_and_back)
{
    u8 data[300], out[PACKET_FRAME];
    for (size_t n = 1; n <= sizeof data; n++) {
        memset(data, '0', n);
        size_t length = packet_frame(data, n, out);
        enum packet_event e = PACKET_NONE;
        for (size_t i = 0; i < length; i++) {
            assert_true(i == 0 || i == length - 3 || !strchr("$#+-", out[i]));
            e = packet_feed(&p, out[i]);
        }
        assert_int_equal(e, PACKET_WHOLE);
        assert_int_equal(p.n, n);
        assert_memory_equal(p.data, data, n);
    }
    assert_true(packet_frame(data, sizeof data, out) < 20);
}

TEST(any_bytes_there_and_back)
{
    u8 from[512], data[PACKET_MAX], out[PACKET_FRAME];
    size_t taken;
    for (unsigned i = 0; i < sizeof from; i++)
        from[i] = i < 256 ? (u8)i : "}}}}####**$$"[i % 12];
    size_t n = packet_escape(from, sizeof from, data, sizeof data, &taken);
    assert_int_equal(taken, sizeof from);
    size_t length = packet_frame(data, n, out);
    enum packet_event e = PACKET_NONE;
    for (size_t i = 0; i < length; i++)
        e = packet_feed(&p, out[i]);
    assert_int_equal(e, PACKET_WHOLE);
    assert_int_equal(p.n, sizeof from);
    assert_memory_equal(p.data, from, sizeof from);
    /* no escape is cut in two */
    n = packet_escape((const u8 *)"ab#", 3, data, 3, &taken);
    assert_int_equal(n, 2);
    assert_int_equal(taken, 2);
}

TEST(one_that_is_too_long)
{
    packet_feed(&p, '$');
    for (unsigned i = 0; i < PACKET_MAX; i++)
        assert_int_equal(packet_feed(&p, 0), PACKET_NONE);
    assert_int_equal(feed("#00"), PACKET_WHOLE);
    assert_int_equal(p.n, PACKET_MAX);
    packet_feed(&p, '$');
    for (unsigned i = 0; i < 2 * PACKET_MAX; i++)
        packet_feed(&p, 0);
    assert_int_equal(feed("#00"), PACKET_BROKEN);
    packet_feed(&p, '$');
    packet_feed(&p, 'x');
    for (unsigned i = 0; i < PACKET_MAX / 90; i++)
        feed("*~");
    assert_int_equal(feed("#00"), PACKET_BROKEN);
}

TEST(numbers)
{
    const u8 text[] = "fFff,12345678123456781";
    const u8 *at = text, *end = text + sizeof text - 1;
    u64 v;
    assert_true(packet_hex(&at, end, &v));
    assert_int_equal(v, 0xffff);
    assert_ptr_equal(at, text + 4);
    assert_false(packet_hex(&at, end, &v));
    at++;
    assert_false(packet_hex(&at, end, &v)); /* 17 digits */
    assert_int_equal(packet_hex_byte(text, text + 2), 0xff);
    assert_int_equal(packet_hex_byte(text, text + 1), -1);
    assert_int_equal(packet_hex_byte(text + 3, end), -1);
}

BEFORE_EACH
{
    memset(&p, 0, sizeof p);
}
