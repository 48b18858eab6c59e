/* SPDX-License-Identifier: MIT */
// rooms: base isa hart dev mmu time
/* Tests UART, RTC and finisher: registers as drivers use them, time, state. */
#include <fcntl.h>

#include "saved.h"

#include "dev/finisher.h"
#include "dev/rtc.h"
#include "dev/uart.h"

#define HZ 1000000000ull

static char said[256];
static size_t nsaid;
static void hear(UNUSED void *opaque, u8 byte)
{
    if (nsaid < sizeof(said) - 1)
        said[nsaid++] = (char)byte;
}

struct board {
    struct hart hart;
    struct plic plic;
    struct events q;
    struct host_io io;
    struct uart u;
};

static void setup(struct board *b)
{
    memset(b, 0, sizeof(*b));
    b->hart.clock_hz = HZ;
    b->hart.timebase_hz = 10000000;
    b->io.console_out = hear;
    events_init(&b->q);
    plic_init(&b->plic, &b->hart);
    uart_init(&b->u, &b->plic, &b->q, &b->io, HZ);
    memset(said, 0, sizeof(said));
    nsaid = 0;
}

static void teardown(struct board *b)
{
    uart_free(&b->u);
}
#define BOARD(b)                                                               \
    struct board b __attribute__((cleanup(teardown)));                         \
    setup(&b)

static u64 rd(struct board *b, unsigned r)
{
    u64 v;
    assert_true(uart_read(&b->u, r, 1, 0, &v));
    return v;
}

static void wr(struct board *b, unsigned r, u64 v)
{
    assert_true(uart_write(&b->u, r, 1, 0, v));
}

static bool line(const struct board *b)
{
    return b->plic.level[0] >> 10 & 1;
}

static void run(struct board *b, u64 until)
{
    while (b->q.at[EV_UART_RX] <= until)
        uart_event(&b->u, b->q.at[EV_UART_RX]);
}

/* A save of a few bytes that claims a GiB of input is refused before the host
 * allocates room for it (found by fuzzing). */
TEST(save_with_more_input_than_bytes)
{
    BOARD(b);
    uart_input(&b.u, (const u8 *)"ab", 2, 0);
    SAVE(uart_state(&b.u, s));
    /* the count stands before the two bytes of input, and these before the
     * checksum's 16 */
    u8 file[4096];
    int fd = open(saved_path(), O_RDWR);
    ssize_t n = read(fd, file, sizeof file);
    assert_in_range(n, 100, sizeof file - 1);
    put_le(file + n - 26, 1 << 30, 8);
    state_seal(file, (size_t)n);
    assert_int_equal(pwrite(fd, file, (size_t)n, 0), n);
    close(fd);
    REFUSE("uart: too much input", uart_state(&b.u, s));
    assert_true(b.u.wire_cap < 1000);
}

TEST(output)
{
    BOARD(b);
    wr(&b, 3, 0x83);
    wr(&b, 0, 2); /* the divisor is not output */
    wr(&b, 1, 0);
    assert_int_equal(rd(&b, 0), 2);
    wr(&b, 3, 3);
    assert_int_equal(rd(&b, 5), 0x60);
    wr(&b, 1, 2);
    assert_true(line(&b)); /* empty transmitter */
    assert_int_equal(rd(&b, 2) & 15, 2);
    assert_false(line(&b)); /* reading the cause has cleared it */
    for (const char *s = "hello"; *s; s++) {
        wr(&b, 0, (u8)*s);
        assert_true(line(&b)); /* raised again by each byte */
        assert_int_equal(rd(&b, 2) & 15, 2);
        assert_int_equal(rd(&b, 2) & 15, 1);
    }
    assert_string_equal(said, "hello");
    wr(&b, 7, 0x5a);
    assert_int_equal(rd(&b, 7), 0x5a);
}

TEST(input)
{
    u8 bytes[40];
    BOARD(b);
    for (unsigned i = 0; i < sizeof(bytes); i++)
        bytes[i] = (u8)(i + 1);
    wr(&b, 2, 1 | 3 << 6); /* FIFO on, trigger at 14 */
    wr(&b, 1, 1);
    uart_input(&b.u, bytes, sizeof(bytes), 0);
    assert_int_equal(b.q.at[EV_UART_RX], HZ / 11520); /* one character time */
    run(&b, HZ / 11520);
    assert_true(line(&b));
    assert_int_equal(rd(&b, 2) & 15, 12); /* below the trigger: timeout */
    run(&b, HZ);
    assert_int_equal(rd(&b, 2) & 15, 4);
    assert_true(b.q.at[EV_UART_RX] == NEVER); /* FIFO full: the rest waits */
    for (unsigned i = 0; i < sizeof(bytes); i++) {
        assert_int_equal(rd(&b, 5) & 1, 1);
        assert_int_equal(rd(&b, 0), i + 1); /* nothing lost */
        run(&b, HZ);
    }
    assert_false(line(&b));
    assert_int_equal(rd(&b, 5) & 1, 0);
    assert_true(uart_hungry(&b.u));
}

/* With the FIFO off the receiver holds one byte, and the next byte stays on the
 * wire until the first has been read. */
TEST(one_byte_without_fifo)
{
    BOARD(b);
    uart_input(&b.u, (const u8 *)"ab", 2, 0);
    run(&b, HZ);
    assert_int_equal(b.u.count, 1);
    assert_int_equal(rd(&b, 0), 'a');
    assert_int_equal(rd(&b, 5) & 1, 0);
    run(&b, 2 * HZ);
    assert_int_equal(rd(&b, 0), 'b');
}

TEST(loopback_and_widths)
{
    u64 v;
    BOARD(b);
    wr(&b, 4, 0x10);
    wr(&b, 0, 'x');
    assert_int_equal(nsaid, 0);
    assert_int_equal(rd(&b, 0), 'x');
    wr(&b, 4, 0x1f);
    assert_int_equal(rd(&b, 6) & 0xf0, 0xf0);
    wr(&b, 4, 8);
    assert_int_equal(rd(&b, 6) & 0xf0, 0xb0);
    /* an access of any width reaches one register; there are only eight */
    assert_true(uart_write(&b.u, 7, 4, 0, 0x12345678));
    assert_true(uart_read(&b.u, 7, 2, 0, &v));
    assert_int_equal(v, 0x78);
    for (unsigned r = 8; r < 256; r++) {
        assert_false(uart_read(&b.u, r, 1, 0, &v));
        assert_false(uart_write(&b.u, r, 1, 0, 0xff));
    }
}

TEST(a_break)
{
    BOARD(b);
    wr(&b, 2, 1);
    wr(&b, 1, 5); /* data and line status */
    uart_break(&b.u);
    assert_int_equal(rd(&b, 2) & 15, 6); /* line status comes first */
    assert_int_equal(rd(&b, 5) & 0x11, 0x11);
    assert_int_equal(rd(&b, 5) & 0x11, 1); /* reported once */
    assert_int_equal(rd(&b, 0), 0);
    assert_false(line(&b));
}

/* Bytes typed before a BREAK are received before it, later bytes after it. */
TEST(a_break_keeps_its_place)
{
    BOARD(b);
    wr(&b, 2, 1);
    uart_input(&b.u, (const u8 *)"ab", 2, 0);
    uart_break(&b.u);
    uart_input(&b.u, (const u8 *)"m", 1, 0);
    assert_false(uart_hungry(&b.u));
    run(&b, 2 * HZ / 11520 + 1);
    assert_int_equal(rd(&b, 5) & 0x11, 1); /* no break yet */
    assert_int_equal(rd(&b, 0), 'a');
    assert_int_equal(rd(&b, 0), 'b');
    run(&b, 5 * HZ / 11520);
    assert_int_equal(rd(&b, 5) & 0x11, 0x11);
    assert_int_equal(rd(&b, 0), 0);
    assert_int_equal(rd(&b, 0), 'm');
    assert_int_equal(rd(&b, 5) & 0x11, 0);
}

TEST(saved_input)
{
    struct board a, b;
    setup(&a);
    setup(&b);
    wr(&a, 2, 1);
    wr(&a, 1, 1);
    uart_input(&a.u, (const u8 *)"abcdefghijklmnopqrstuvwxyz", 26, 0);
    run(&a, 3 * HZ / 11520);
    SAVE(uart_state(&a.u, s), events_state(&a.q, s));
    LOAD(uart_state(&b.u, s), events_state(&b.q, s));
    for (char c = 'a'; c <= 'z'; c++) {
        assert_int_equal(rd(&b, 0), c);
        run(&b, HZ);
    }
    uart_free(&a.u);
    uart_free(&b.u);
}

/* ---- RTC ---------------------------------------------------------------- */

static u64 rtc_rd(struct rtc *r, u64 off, u64 now)
{
    u64 v;
    assert_true(rtc_read(r, off, 4, now, &v));
    return v;
}

TEST(clock_and_alarm)
{
    struct board b;
    struct rtc r;
    u64 t, alarm;
    setup(&b);
    rtc_init(&r, &b.plic, &b.q, HZ, 946684800);
    rtc_reset(&r);
    t = rtc_rd(&r, 0, HZ * 3 / 2);
    t |= rtc_rd(&r, 4, HZ * 900) << 32; /* latched with the low half */
    assert_true(t == 946684801500000000);
    alarm = t + 1000;
    rtc_write(&r, 0x0c, 4, HZ * 2, alarm >> 32);
    rtc_write(&r, 0x08, 4, HZ * 3 / 2, alarm & 0xffffffff);
    rtc_write(&r, 0x10, 4, HZ * 3 / 2, 1);
    assert_int_equal(rtc_rd(&r, 0x18, HZ * 3 / 2), 1);
    assert_int_equal(b.q.at[EV_RTC], HZ * 3 / 2 + 1000);
    rtc_event(&r, b.q.at[EV_RTC]);
    assert_true(b.plic.level[0] >> 11 & 1);
    assert_int_equal(rtc_rd(&r, 0x18, HZ * 2), 0);
    rtc_write(&r, 0x1c, 4, HZ * 2, 1);
    assert_false(b.plic.level[0] >> 11 & 1);
    rtc_write(&r, 4, 4, HZ, 0); /* setting the clock: by halves */
    rtc_write(&r, 0, 4, HZ, 77);
    assert_int_equal(rtc_rd(&r, 0, HZ), 77);
    assert_int_equal(rtc_rd(&r, 4, HZ), 0);
    assert_false(rtc_read(&r, 0, 8, HZ, &t));
}

/* ---- finisher ----------------------------------------------------------- */

static int off_status, resets;
static void on_off(UNUSED void *opaque, int status)
{
    off_status = status;
}
static void on_reset(UNUSED void *opaque)
{
    resets++;
}

TEST(finish)
{
    struct finisher f = {NULL, on_off, on_reset};
    off_status = -1;
    assert_true(finisher_write(&f, 0, 4, 0x1234));
    assert_int_equal(off_status, -1);
    finisher_write(&f, 0, 4, 0x5555);
    assert_int_equal(off_status, 0);
    finisher_write(&f, 0, 4, 7 << 16 | 0x3333);
    assert_int_equal(off_status, 7);
    finisher_write(&f, 0, 4, 0x3333);
    assert_int_equal(off_status, 1);
    finisher_write(&f, 0, 4, 0x100 << 16 | 0x3333); /* 1, not 256 & 255 = 0 */
    assert_int_equal(off_status, 1);
    finisher_write(&f, 0, 4, 0x7777);
    assert_int_equal(resets, 1);
}
