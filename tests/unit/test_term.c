/* SPDX-License-Identifier: MIT */
// rooms: base console
/* The console's screen is as a VT100 would show it. */
#include "unit.h"

#include "console/term.h"

static struct term t;

static void put(const char *s)
{
    while (*s)
        term_put(&t, (u8)*s++);
}

static void fresh(const char *s)
{
    term_init(&t);
    put(s);
}

/* Returns row r without the blanks at its end. */
static const char *row(unsigned r)
{
    static char out[INS_CONSOLE_ROWS][INS_CONSOLE_COLS + 1];
    term_copy(&t, out);
    size_t n = strlen(out[r]);
    while (n && out[r][n - 1] == ' ')
        out[r][--n] = 0;
    return out[r];
}

/* Fails unless row r is `is` after this text, on an empty screen. */
#define shows(text, r, is) (fresh(text), assert_string_equal(row(r), is))

TEST(plain)
{
    shows("hello\r\nworld\b!\t9", 0, "hello");
    assert_string_equal(row(1), "worl!   9");
    assert_int_equal(t.row, 1);
    assert_int_equal(t.col, 9);
    fresh("\r\na\nb"); /* after a \r\n, \n alone keeps the column */
    assert_string_equal(row(2), " b");
}

/* While a guest has sent no \r\n (xv6), \n also returns to column 0. */
TEST(bare_newlines)
{
    shows("one\ntwo\nthree", 1, "two");
    assert_string_equal(row(2), "three");
    put("\r\nfour\nfive"); /* from here on the guest sends its own \r */
    assert_string_equal(row(3), "four");
    assert_string_equal(row(4), "    five");
    fresh("a\rb\nc"); /* but a \r without \n does not show this */
    assert_string_equal(row(0), "b");
    assert_string_equal(row(1), "c");
}

TEST(wraps_late)
{
    fresh("");
    for (int i = 0; i < INS_CONSOLE_COLS; i++)
        put("x");
    assert_int_equal(t.row, 0); /* it wraps at the next letter */
    put("\r\ny");
    assert_string_equal(row(1), "y");
    fresh("");
    for (int i = 0; i < INS_CONSOLE_COLS; i++)
        put("x");
    put("z");
    assert_string_equal(row(1), "z");
}

TEST(scrolls)
{
    char line[16];
    fresh("");
    for (int i = 0; i < 30; i++) {
        snprintf(line, sizeof line, "line %d\r\n", i);
        put(line);
    }
    assert_string_equal(row(0), "line 7");
    assert_string_equal(row(22), "line 29");
    assert_string_equal(row(23), "");
    shows("\x1b[2;4rA\x1b[2;1Hone\r\ntwo\r\nthree\r\nfour", 0, "A");
    assert_string_equal(row(1), "two");
    assert_string_equal(row(3), "four");
    assert_string_equal(row(4), "");
    put("\x1b[2;1H\x1bM"); /* reverse line feed at the region's top */
    assert_string_equal(row(1), "");
    assert_string_equal(row(2), "two");
}

TEST(moves_and_erases)
{
    shows("\x1b[3;5Hx\x1b[Ay\x1b[2Dz\x1b[10;10H\x1b[B\x1b[Cw", 2, "    x");
    assert_string_equal(row(1), "    zy");
    assert_string_equal(row(10), "          w");
    shows("abcdef\x1b[3G\x1b[K", 0, "ab");
    shows("abcdef\x1b[3G\x1b[1K", 0, "   def");
    shows("one\r\ntwo\r\nthree\x1b[2;2H\x1b[J", 0, "one");
    assert_string_equal(row(1), "t");
    assert_string_equal(row(2), "");
    shows("one\r\ntwo\x1b[2J", 0, "");
    shows("abcdef\x1b[2G\x1b[2P", 0, "adef");
    shows("abcdef\x1b[2G\x1b[2@", 0, "a  bcdef");
    shows("1\r\n2\r\n3\x1b[2;1H\x1b[L", 1, "");
    assert_string_equal(row(2), "2");
    put("\x1b[M");
    assert_string_equal(row(1), "2");
    fresh("\x1b[5;5H\x1b[s\x1b[Hx\x1b[uy\x1b"
          "7\x1b[Hz\x1b"
          "8w");
    assert_string_equal(row(4), "    yw");
    assert_string_equal(row(0), "z");
}

TEST(swallows)
{
    fresh("\x1b[1;31mred\x1b[0m\x1b[?25l\x1b[?1049h\x1b]0;title\a!\x1b(B.");
    assert_string_equal(row(0), "red!.");
    shows("caf\xc3\xa9 \xe2\x82\xac\xf0\x9f\x98\x80|", 0, "caf? ??|");
}

/* After any bytes the cursor is inside and all cells are printable. */
TEST(any_bytes)
{
    static const char likely_bytes[] =
        "\x1b[;?0123456789HJKLMPSTXrsuABCD@m\r\n";
    u64 seed = 7;
    term_init(&t);
    for (int i = 0; i < 3000000; i++) {
        u64 r = rand_step(&seed);
        term_put(
            &t, r & 1 ? (u8)(r >> 8)
                      : (u8)likely_bytes[(r >> 8) % (sizeof likely_bytes - 1)]);
        assert_true(t.row < INS_CONSOLE_ROWS && t.col < INS_CONSOLE_COLS);
        assert_true(t.top < t.bottom && t.bottom < INS_CONSOLE_ROWS);
    }
    for (unsigned r = 0; r < INS_CONSOLE_ROWS; r++)
        for (unsigned c = 0; c < INS_CONSOLE_COLS; c++)
            assert_true(t.cell[r][c] >= 0x20 && t.cell[r][c] < 0x7f);
}
