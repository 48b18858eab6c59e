/* SPDX-License-Identifier: MIT */
// rooms: base isa hart
/* Floating point that is not arithmetic, against the host: conversions from
 * and to integers in all rounding modes, comparison, minimum, maximum,
 * classes, NaN boxing; values and flags. */
#include <fenv.h>
#include <float.h>
#include <math.h>
#include "unit.h"
#include "fp_operands.h"

typedef long double wide; /* at least 64 bits of precision */

struct answer {
    u64 value;
    u8 flags;
};

static unsigned long cases, wrong;

/* ---- integers ----------------------------------------------------------- */
/* rint of the library: gcc's own expansion works on |x|, which is wrong in
 * directed modes. */
static double (*volatile const library_rint)(double) = rint;

/* x rounded to an integral value: the host's rint, or round for ties away. */
static double integral(double x, unsigned rm)
{
    volatile double v = x, r;
    fesetround(host_mode[rm]);
    r = rm == FRM_RMM ? round(v) : library_rint(v);
    fesetround(FE_TONEAREST);
    return r;
}

static void check_to_int(double x, bool single, unsigned rm, bool is_signed,
                         unsigned width)
{
    double lo = is_signed ? -ldexp(1, (int)width - 1) : 0;
    double hi = ldexp(1, (int)width - (is_signed ? 1 : 0)); /* not included */
    double r = integral(x, rm);
    struct answer want = {0, 0};
    if (isnan(x) || r >= hi) {
        want.value = is_signed ? ~0ull >> (65 - width) : ~0ull >> (64 - width);
        want.flags = FFLAG_NV;
    } else if (r < lo) {
        want.value = is_signed ? 1ull << (width - 1) : 0;
        want.flags = FFLAG_NV;
    } else {
        want.value = is_signed ? (u64)(s64)r : (u64)r;
        want.flags = r != x ? FFLAG_NX : 0;
    }
    if (width == 32)
        want.value = (u64)(s32)want.value;

    struct fpstate fs = {.rm = (u8)rm};
    u64 a = bits64(x), got;
    u32 b = bits32((float)x);
    if (width == 32)
        got = is_signed ? single ? fp32_to_s32(b, &fs) : fp64_to_s32(a, &fs)
              : single ? fp32_to_u32(b, &fs)
                        : fp64_to_u32(a, &fs);
    else
        got = is_signed ? single ? fp32_to_s64(b, &fs) : fp64_to_s64(a, &fs)
              : single ? fp32_to_u64(b, &fs)
                        : fp64_to_u64(a, &fs);
    cases++;
    if (got != want.value || fs.flags != want.flags)
        if (wrong++ < 20)
            print_message("# %a to %c%u rm %u: %llx flags %x, want %llx %x\n",
                          x, is_signed ? 's' : 'u', width, rm,
                          (unsigned long long)got, fs.flags,
                          (unsigned long long)want.value, want.flags);
}

TEST(to_integers)
{
    cases = wrong = 0;
    for (unsigned n = 0; n < 100000 + CORNERS64; n++) {
        double d = value64(n < CORNERS64 ? pick_corner64(n) : random64());
        float f = value32(n < CORNERS32 ? pick_corner32(n) : random32());
        for (unsigned k = 0; k < 20; k++) {
            check_to_int(d, false, k % 5, k / 5 & 1, k / 10 ? 64 : 32);
            check_to_int(f, true, k % 5, k / 5 & 1, k / 10 ? 64 : 32);
        }
    }
    print_message("# to integers: %lu cases\n", cases);
    assert_int_equal(wrong, 0);
}

/* Directed rounding gives the two neighbours; they are compared exactly in 64
 * bits. The host rounds from a wide number: from u64 compilers take several
 * steps, which are right to nearest only. */
static void check_from_int(u64 v, bool is_signed, bool single, unsigned rm)
{
    volatile wide exact = is_signed ? (wide)(s64)v : (wide)v;
    double dir[5];
    for (unsigned m = 0; m < 5; m++) {
        fesetround(host_mode[m]);
        dir[m] = single ? (float)exact : (double)exact;
    }
    fesetround(FE_TONEAREST);
    double want = dir[rm];
    wide lo = dir[FRM_RDN], hi = dir[FRM_RUP];
    if (rm == FRM_RMM && lo != hi && exact - lo == hi - exact)
        want = (double)(exact < 0 ? lo : hi);
    struct fpstate fs = {.rm = (u8)rm};
    double got;
    if (single)
        got = value32(is_signed ? fp32_from_s64((s64)v, &fs)
                                : fp32_from_u64(v, &fs));
    else
        got = value64(is_signed ? fp64_from_s64((s64)v, &fs)
                                : fp64_from_u64(v, &fs));
    cases++;
    if (bits64(got) != bits64(want) || fs.flags != (lo != hi ? FFLAG_NX : 0))
        if (wrong++ < 20)
            print_message("# %llx signed %d single %d rm %u: %a flags %x, "
                          "want %a\n",
                          (unsigned long long)v, is_signed, single, rm, got,
                          fs.flags, want);
}

TEST(from_integers)
{
    assert_true(LDBL_MANT_DIG >= 64);
    cases = wrong = 0;
    for (unsigned n = 0; n < 100000; n++) {
        u64 k = rand_step(&seed), v = rand_step(&seed) >> (k & 63);
        if (k >> 62 == 0)
            v &= ~0ull << (k >> 6 & 63);
        if (k >> 62 == 1)
            v = (1ull << (k & 63)) + (k >> 6 & 3) - 1;
        if (k >> 61 & 1)
            v = 0 - v;
        for (unsigned m = 0; m < 20; m++)
            check_from_int(v, m / 5 & 1, m / 10, m % 5);
    }
    print_message("# from integers: %lu cases\n", cases);
    assert_int_equal(wrong, 0);
}

/* ---- no rounding ------------------------------------------------------- */
static bool snan64(u64 a)
{
    return isnan(value64(a)) && !(a >> 51 & 1);
}
static bool snan32(u32 a)
{
    return isnan(value32(a)) && !(a >> 22 & 1);
}

static u64 class_of(double x, bool snan, double least_normal)
{
    unsigned n = signbit(x) ? 0 : 4;
    if (isnan(x))
        return snan ? 1 << 8 : 1 << 9;
    if (isinf(x))
        return n ? 1 << 7 : 1;
    if (x == 0)
        return n ? 1 << 4 : 1 << 3;
    if (fabs(x) < least_normal)
        return n ? 1 << 5 : 1 << 2;
    return n ? 1 << 6 : 1 << 1;
}

/* IEEE 754-201x minimumNumber, as F 2.2 asks. */
static u64 extreme(double x, double y, u64 a, u64 b, bool max, u64 nan)
{
    if (isnan(x) && isnan(y))
        return nan;
    if (isnan(x) || isnan(y))
        return isnan(x) ? b : a;
    if (x == y)
        return signbit(x) != (int)max ? a : b; /* only matters for zeros */
    return (x < y) != max ? a : b;
}

#define COMPARE(width, T)                                                      \
    static void compare##width(T a, T b)                                       \
    {                                                                          \
        double x = value##width(a), y = value##width(b);                       \
        bool snan = snan##width(a) || snan##width(b);                          \
        bool nan = isnan(x) || isnan(y);                                       \
        struct fpstate fs[5] = {{0, 0, 0}};                                    \
        assert_int_equal(fp##width##_eq(a, b, &fs[0]), x == y);                \
        assert_int_equal(fp##width##_lt(a, b, &fs[1]), x < y);                 \
        assert_int_equal(fp##width##_le(a, b, &fs[2]), x <= y);                \
        assert_int_equal(fp##width##_min(a, b, &fs[3]),                        \
                         extreme(x, y, a, b, false, FP##width##_NAN));         \
        assert_int_equal(fp##width##_max(a, b, &fs[4]),                        \
                         extreme(x, y, a, b, true, FP##width##_NAN));          \
        for (int i = 0; i < 5; i++) {                                          \
            bool quiet = i != 1 && i != 2;                                     \
            assert_int_equal(fs[i].flags,                                      \
                             (quiet ? snan : nan) ? FFLAG_NV : 0);             \
        }                                                                      \
    }
COMPARE(64, u64)
COMPARE(32, u32)

TEST(comparisons)
{
    for (size_t i = 0; i < CORNERS64; i++)
        for (size_t j = 0; j < CORNERS64; j++)
            compare64(pick_corner64(i), pick_corner64(j));
    for (size_t i = 0; i < CORNERS32; i++)
        for (size_t j = 0; j < CORNERS32; j++)
            compare32(pick_corner32(i), pick_corner32(j));
    for (int n = 0; n < 200000; n++) {
        u64 a = random64(), b = n % 3 ? random64() : a ^ (1ull << (n % 64));
        u32 c = random32(), d = n % 3 ? random32() : c ^ (1u << (n % 32));
        compare64(a, b);
        compare32(c, d);
    }
}

TEST(classes)
{
    for (size_t n = 0; n < 200000; n++) {
        u64 a = n < CORNERS64 ? pick_corner64(n) : random64();
        u32 b = n < CORNERS32 ? pick_corner32(n) : random32();
        assert_int_equal(fp64_class(a),
                         class_of(value64(a), snan64(a), DBL_MIN));
        assert_int_equal(fp32_class(b),
                         class_of(value32(b), snan32(b), FLT_MIN));
    }
}

/* Widening is exact, but a signalling NaN is invalid and every NaN becomes
 * canonical. */
TEST(widening)
{
    for (size_t n = 0; n < 200000; n++) {
        u32 a = n < CORNERS32 ? pick_corner32(n) : random32();
        volatile float f = value32(a);
        struct fpstate fs = {.rm = (u8)(n % 5)};
        u64 want = isnan(f) ? FP64_NAN : bits64(f);
        assert_int_equal(fp64_from_fp32(a, &fs), want);
        assert_int_equal(fs.flags, snan32(a) ? FFLAG_NV : 0);
    }
}

TEST(boxing)
{
    assert_int_equal(fp32_unbox(0xffffffff3f800000ull), 0x3f800000);
    assert_int_equal(fp32_unbox(0xfffffffe3f800000ull), FP32_NAN);
    assert_int_equal(fp32_unbox(0x000000003f800000ull), FP32_NAN);
    assert_int_equal(fp32_unbox(0x7fffffffff800000ull), FP32_NAN);
    assert_int_equal(fp32_unbox(fp32_box(0x80000000)), 0x80000000);
}
