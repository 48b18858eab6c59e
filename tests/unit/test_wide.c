/* SPDX-License-Identifier: MIT */
// rooms: base
/* Compares base/wide.h, which does 128-bit arithmetic without the compiler's
 * help, and the functions that multiply by it to the compiler's __int128. */
#include "unit.h"

#define WIDE_PORTABLE
#include "base/wide.h"
#include "hart/arith.h"

#ifdef __SIZEOF_INT128__

typedef unsigned __int128 both;

static both native(u128 a)
{
    return (both)a.hi << 64 | a.lo;
}

#define SAME(wide, wanted) assert_true(native(wide) == (both)(wanted))

static void check_pair(u128 a, u128 b, unsigned n)
{
    both x = native(a), y = native(b);
    u64 rest, d = b.lo ? b.lo : 1;

    SAME(wide_of(a.lo), a.lo);
    SAME(wide_mul(a.lo, b.lo), (both)a.lo * b.lo);
    SAME(wide_add(a, b), x + y);
    SAME(wide_sub(a, b), x - y);
    SAME(wide_left(a, n), x << n);
    SAME(wide_right(a, n), x >> n);
    SAME(wide_divide(a, d, &rest), x / d);
    assert_true(rest == (u64)(x % d));
    assert_true(wide_less(a, b) == (x < y));
    assert_true(wide_equal(a, b) == (x == y));
    assert_true(wide_equal(a, a) && !wide_less(a, a));
    assert_true(mul_high_uu(a.lo, b.lo) == (u64)((both)a.lo * b.lo >> 64));
    assert_true(mul_high_ss(a.lo, b.lo) ==
                (u64)((__int128)(s64)a.lo * (s64)b.lo >> 64));
    assert_true(mul_high_su(a.lo, b.lo) ==
                (u64)((__int128)(s64)a.lo * (__int128)b.lo >> 64));
}

static u64 operand(u64 *seed)
{
    static const u64 corner[] = {0,           1,           ~0ull,
                                 ~1ull,       1ull << 63,  ~(1ull << 63),
                                 1ull << 32,  0xffffffff,  1ull << 31,
                                 0x100000001, 0x7fffffff7, 10000000};
    u64 r = rand_step(seed);

    return r & 1 ? corner[(r >> 8) % ARRAY_LEN(corner)]
                 : rand_step(seed) >> (r >> 20 & 63);
}

TEST(test_beside_the_compiler)
{
    u64 seed = 1;

    for (unsigned i = 0; i < 400000; i++) {
        u128 a = {operand(&seed), operand(&seed)};
        u128 b = {operand(&seed), operand(&seed)};
        check_pair(a, b, i % 128);
    }
}

#else

TEST(test_beside_the_compiler)
{
    skip();
}

#endif
