/* SPDX-License-Identifier: MIT */
// rooms: base isa hart
/* Half precision (Zfh) against a reference that computes the exact value in
 * 113 bits (sums, products and fused sums of halves fit, quotients and roots
 * cannot come near a tie without being one) and rounds it once, on a grid. All
 * 65536 values where there is one operand; else corners in all pairs, and
 * random ones; every rounding mode; values and flags. */
#include <fenv.h>
#include <math.h>
#include "unit.h"
#include "fp_operands.h"

#ifdef __SIZEOF_FLOAT128__
typedef __float128 wide;
#else
typedef long double wide; /* 113 bits on the other 64-bit machines */
#endif

struct answer {
    u16 value;
    u8 flags;
};

static unsigned long cases, wrong;

/* ---- the reference ------------------------------------------------------ */

static bool is_nan16(u16 a)
{
    return (a & 0x7fff) > 0x7c00;
}

static bool snan16(u16 a)
{
    return is_nan16(a) && !(a & 0x200);
}

static double value16(u16 a)
{
    int e = a >> 10 & 31, frac = a & 1023;
    double m = e == 31 ? (frac ? (double)NAN : INFINITY)
               : e     ? ldexp(1024 + frac, e - 25)
                       : ldexp(frac, -24);
    return a >> 15 ? -m : m;
}

/* v > 0, rounded to a whole number of 2^ulp, which is below 2^62. */
static u64 on_grid(wide v, int ulp, bool sign, unsigned rm, bool *inexact)
{
    wide q = v * (wide)ldexp(1, -ulp);
    u64 below = (u64)q;
    wide rest = q - (wide)below;

    *inexact = rest != 0;
    switch (rm) {
    case FRM_RNE:
        return below + (rest > 0.5 || (rest == 0.5 && below & 1));
    case FRM_RMM:
        return below + (rest >= 0.5);
    case FRM_RDN:
        return below + (sign && rest != 0);
    case FRM_RUP:
        return below + (!sign && rest != 0);
    default:
        return below;
    }
}

/* The half of an exact value that is not 0. */
static struct answer round_once(wide exact, unsigned rm)
{
    bool sign = exact < 0, inexact, unused;
    wide v = sign ? -exact : exact;
    struct answer r = {sign ? 0x8000 : 0, 0};
    int e; /* 2^e <= v < 2^(e + 1) */

    if (v >= 65536) {
        r.flags = FFLAG_OF | FFLAG_NX;
    } else {
        frexp((double)v, &e);
        e--;
        e -= v < (wide)ldexp(1, e); /* the double was rounded up to it */
        int ulp = e < -14 ? -24 : e - 10;
        u64 n = on_grid(v, ulp, sign, rm, &inexact);
        bool tiny =
            e < -15 || (e == -15 && on_grid(v, -25, sign, rm, &unused) < 2048);
        r.flags = inexact ? FFLAG_NX : 0;
        if (inexact && tiny)
            r.flags |= FFLAG_UF;
        if (n >> 11) { /* it carried */
            n >>= 1;
            ulp++;
        }
        if (ulp <= 5) {
            r.value |= n >> 10 ? (u16)((unsigned)(ulp + 25) << 10 | (n & 1023))
                               : (u16)n;
            return r;
        }
        r.flags = FFLAG_OF | FFLAG_NX;
    }
    bool finite =
        rm == FRM_RTZ || (rm == FRM_RDN && !sign) || (rm == FRM_RUP && sign);
    r.value |= finite ? 0x7bff : 0x7c00;
    return r;
}

enum kind { ADD, SUB, MUL, DIV, SQRT, FMA, KINDS };
static const char *const kind_name[KINDS] = {"add", "sub",  "mul",
                                             "div", "sqrt", "fma"};

static wide exact_value(enum kind k, wide x, wide y, wide z)
{
    switch (k) {
    case ADD:
        return x + y;
    case SUB:
        return x - y;
    case MUL:
        return x * y;
    case DIV:
        return x / y;
    case SQRT:
        return sqrtl((long double)x);
    default:
        return x * y + z;
    }
}

/* In doubles: right about NaNs, infinities and the signs of zeros. */
static double in_double(enum kind k, double a, double b, double c)
{
    volatile double x = a, y = b, z = c, r;
    switch (k) {
    case ADD:
        r = x + y;
        break;
    case SUB:
        r = x - y;
        break;
    case MUL:
        r = x * y;
        break;
    case DIV:
        r = x / y;
        break;
    case SQRT:
        r = sqrt(x);
        break;
    default:
        r = fma(x, y, z);
    }
    return r;
}

static struct answer reference(enum kind k, unsigned rm, u16 a, u16 b, u16 c)
{
    double x = value16(a), y = value16(b), z = value16(c);
    bool two = k != SQRT, three = k == FMA;
    bool snan = snan16(a) || (two && snan16(b)) || (three && snan16(c));
    bool nan = isnan(x) || (two && isnan(y)) || (three && isnan(z));
    bool no_product = three && ((x == 0 && isinf(y)) || (isinf(x) && y == 0));

    fesetround(host_mode[rm]);
    double r = in_double(k, x, y, z);
    fesetround(FE_TONEAREST);
    if (isnan(r))
        return (struct answer){FP16_NAN,
                               snan || !nan || no_product ? FFLAG_NV : 0};
    if (isinf(r))
        return (struct answer){signbit(r) ? 0xfc00 : 0x7c00,
                               k == DIV && y == 0 && !isinf(x) ? FFLAG_DZ : 0};
    if (k == DIV && isinf(y))
        return (struct answer){signbit(r) ? 0x8000 : 0, 0};
    wide exact = exact_value(k, x, y, z);
    if (exact == 0)
        return (struct answer){signbit(r) ? 0x8000 : 0, 0};
    return round_once(exact, rm);
}

/* ---- arithmetic --------------------------------------------------------- */

static u16 ours(enum kind k, u16 a, u16 b, u16 c, struct fpstate *fs)
{
    switch (k) {
    case ADD:
        return fp16_add(a, b, fs);
    case SUB:
        return fp16_sub(a, b, fs);
    case MUL:
        return fp16_mul(a, b, fs);
    case DIV:
        return fp16_div(a, b, fs);
    case SQRT:
        return fp16_sqrt(a, fs);
    default:
        return fp16_fma(a, b, c, fs);
    }
}

static void check(enum kind k, unsigned rm, u16 a, u16 b, u16 c)
{
    struct answer want = reference(k, rm, a, b, c);
    struct fpstate fs = {.rm = (u8)rm};
    u16 got = ours(k, a, b, c, &fs);

    cases++;
    if ((got != want.value || fs.flags != want.flags) && wrong++ < 20)
        print_message("# %s rm %u: %04x %04x %04x -> %04x flags %x, want %04x "
                      "flags %x\n",
                      kind_name[k], rm, a, b, c, got, fs.flags, want.value,
                      want.flags);
}

TEST(arithmetic)
{
    for (enum kind k = ADD; k < KINDS; k++) {
        cases = wrong = 0;
        for (unsigned rm = 0; rm < 5; rm++) {
            for (size_t i = 0; i < CORNERS16; i++)
                for (size_t j = 0; j < CORNERS16; j++)
                    check(k, rm, pick_corner16(i), pick_corner16(j),
                          pick_corner16((i * 31 + j * 17) % CORNERS16));
            for (unsigned n = 0; n < 60000; n++)
                check(k, rm, random16(), random16(), random16());
        }
        print_message("# %s: %lu cases\n", kind_name[k], cases);
        assert_int_equal(wrong, 0);
    }
}

/* a * b + c where c is near -a * b. */
TEST(fma_cancellation)
{
    cases = wrong = 0;
    for (unsigned n = 0; n < 100000; n++) {
        u16 a = random16(), b = random16();
        struct fpstate fs = {0};
        u16 c =
            (u16)((fp16_mul(a, b, &fs) ^ FP16_SIGN) + rand_step(&seed) % 5 - 2);
        check(FMA, n % 5, a, b, c);
    }
    assert_int_equal(wrong, 0);
}

TEST(square_roots_of_all)
{
    cases = wrong = 0;
    for (unsigned a = 0; a < 0x10000; a++)
        for (unsigned rm = 0; rm < 5; rm++)
            check(SQRT, rm, (u16)a, 0, 0);
    assert_int_equal(wrong, 0);
}

/* ---- conversions -------------------------------------------------------- */

TEST(widening_of_all)
{
    for (unsigned n = 0; n < 0x10000; n++) {
        u16 a = (u16)n;
        struct fpstate fs = {.rm = (u8)(n % 5)}, fd = {.rm = (u8)(n % 5)};
        double v = value16(a);
        u32 s = fp32_from_fp16(a, &fs);
        u64 d = fp64_from_fp16(a, &fd);
        assert_int_equal(s, isnan(v) ? FP32_NAN : bits32((float)v));
        assert_int_equal(d, isnan(v) ? FP64_NAN : bits64(v));
        assert_int_equal(fs.flags, snan16(a) ? FFLAG_NV : 0);
        assert_int_equal(fd.flags, fs.flags);
    }
}

static struct answer narrowed(double v, bool snan, unsigned rm)
{
    if (isnan(v))
        return (struct answer){FP16_NAN, snan ? FFLAG_NV : 0};
    if (isinf(v) || v == 0)
        return (struct answer){
            (u16)((isinf(v) ? 0x7c00 : 0) | (signbit(v) ? 0x8000 : 0)), 0};
    return round_once(v, rm);
}

static void narrow64(u64 a)
{
    bool snan = isnan(value64(a)) && !(a >> 51 & 1);
    for (unsigned rm = 0; rm < 5; rm++) {
        struct answer want = narrowed(value64(a), snan, rm);
        struct fpstate fs = {.rm = (u8)rm};
        u16 got = fp16_from_fp64(a, &fs);
        cases++;
        if ((got != want.value || fs.flags != want.flags) && wrong++ < 20)
            print_message("# %016llx rm %u -> %04x %x, want %04x %x\n",
                          (unsigned long long)a, rm, got, fs.flags, want.value,
                          want.flags);
    }
}

static void narrow32(u32 a)
{
    bool snan = isnan(value32(a)) && !(a >> 22 & 1);
    for (unsigned rm = 0; rm < 5; rm++) {
        struct answer want = narrowed((double)value32(a), snan, rm);
        struct fpstate fs = {.rm = (u8)rm};
        u16 got = fp16_from_fp32(a, &fs);
        cases++;
        if ((got != want.value || fs.flags != want.flags) && wrong++ < 20)
            print_message("# %08x rm %u -> %04x %x, want %04x %x\n", a, rm, got,
                          fs.flags, want.value, want.flags);
    }
}

/* Every half, every middle between two, and the values just beside them. */
TEST(narrowing)
{
    cases = wrong = 0;
    for (unsigned n = 0; n < 0x7c00; n++) {
        double v = value16((u16)n);
        double middle = v + ldexp(1, n < 0x400 ? -25 : (int)(n >> 10) - 26);
        u64 sign = (u64)(n & 1) << 63;
        for (int near = -1; near <= 1; near++) {
            narrow64((bits64(v) + (u64)near) ^ sign);
            narrow64((bits64(middle) + (u64)near) ^ sign);
            narrow32((bits32((float)v) + (u32)near) ^ (u32)(sign >> 32));
            narrow32((bits32((float)middle) + (u32)near) ^ (u32)(sign >> 32));
        }
    }
    for (size_t i = 0; i < CORNERS64; i++)
        narrow64(pick_corner64(i));
    for (size_t i = 0; i < CORNERS32; i++)
        narrow32(pick_corner32(i));
    for (unsigned n = 0; n < 30000; n++) {
        narrow64(random64());
        narrow32(random32());
    }
    print_message("# narrowing: %lu cases\n", cases);
    assert_int_equal(wrong, 0);
}

TEST(all_to_integers)
{
    static const double least[4] = {-0x1p31, 0, -0x1p63, 0};
    static const double beyond[4] = {0x1p31, 0x1p32, 0x1p63, 0x1p64};
    static const u64 lowest[4] = {~0ull << 31, 0, 1ull << 63, 0};
    static const u64 highest[4] = {0x7fffffff, ~0ull, ~0ull >> 1, ~0ull};
    static u64 (*const convert[4])(u16, struct fpstate *) = {
        fp16_to_s32, fp16_to_u32, fp16_to_s64, fp16_to_u64};

    for (unsigned n = 0; n < 0x10000; n++)
        for (unsigned rm = 0; rm < 5; rm++)
            for (unsigned to = 0; to < 4; to++) {
                double v = value16((u16)n), r = v;
                bool inexact = false;
                if (v != 0 && isfinite(v)) {
                    r = (double)on_grid(fabs(v), 0, v < 0, rm, &inexact);
                    r = v < 0 ? -r : r;
                }
                u64 want = r < 0 ? 0 - (u64)-r : (u64)(isfinite(r) ? r : 0);
                u8 flags = inexact ? FFLAG_NX : 0;
                if (isnan(v) || r >= beyond[to]) {
                    want = highest[to];
                    flags = FFLAG_NV;
                } else if (r < least[to]) {
                    want = lowest[to];
                    flags = FFLAG_NV;
                }
                struct fpstate fs = {.rm = (u8)rm};
                assert_int_equal(convert[to]((u16)n, &fs), want);
                assert_int_equal(fs.flags, flags);
            }
}

TEST(from_integers)
{
    for (unsigned n = 0; n < 200000; n++) {
        u64 r = rand_step(&seed), v = rand_step(&seed) >> (r & 63);
        if (n < 70000)
            v = n; /* each whole number up to beyond overflow */
        for (unsigned m = 0; m < 10; m++) {
            unsigned rm = m % 5;
            bool is_signed = m / 5;
            s64 s = r >> 63 ? (s64)(0 - v) : (s64)v;
            wide exact = is_signed ? (wide)s : (wide)v;
            struct answer want = {0, 0};
            if (exact != 0)
                want = round_once(exact, rm);
            struct fpstate fs = {.rm = (u8)rm};
            u16 got = is_signed ? fp16_from_s64(s, &fs) : fp16_from_u64(v, &fs);
            assert_int_equal(got, want.value);
            assert_int_equal(fs.flags, want.flags);
        }
    }
}

/* ---- no rounding -------------------------------------------------------- */

static u64 class_of(u16 a)
{
    double v = value16(a);
    unsigned n = a >> 15 ? 0 : 4;
    if (isnan(v))
        return a & 0x200 ? 1 << 9 : 1 << 8;
    if (isinf(v))
        return n ? 1 << 7 : 1;
    if (v == 0)
        return n ? 1 << 4 : 1 << 3;
    if (fabs(v) < 0x1p-14)
        return n ? 1 << 5 : 1 << 2;
    return n ? 1 << 6 : 1 << 1;
}

TEST(classes_of_all)
{
    for (unsigned n = 0; n < 0x10000; n++)
        assert_int_equal(fp16_class((u16)n), class_of((u16)n));
}

static u16 extreme(u16 a, u16 b, bool max)
{
    double x = value16(a), y = value16(b);
    if (isnan(x) && isnan(y))
        return FP16_NAN;
    if (isnan(x) || isnan(y))
        return isnan(x) ? b : a;
    if (x == y)
        return signbit(x) != (int)max ? a : b; /* only matters for zeros */
    return (x < y) != max ? a : b;
}

static void compare(u16 a, u16 b)
{
    double x = value16(a), y = value16(b);
    u8 quiet = snan16(a) || snan16(b) ? FFLAG_NV : 0;
    u8 loud = isnan(x) || isnan(y) ? FFLAG_NV : 0;
    struct fpstate fs[5] = {{0, 0, 0}};

    assert_int_equal(fp16_eq(a, b, &fs[0]), x == y);
    assert_int_equal(fp16_lt(a, b, &fs[1]), x < y);
    assert_int_equal(fp16_le(a, b, &fs[2]), x <= y);
    assert_int_equal(fp16_min(a, b, &fs[3]), extreme(a, b, false));
    assert_int_equal(fp16_max(a, b, &fs[4]), extreme(a, b, true));
    for (unsigned i = 0; i < 5; i++)
        assert_int_equal(fs[i].flags, i == 1 || i == 2 ? loud : quiet);
    assert_int_equal(fp16_sgnj(a, b), (a & 0x7fff) | (b & 0x8000));
}

TEST(comparisons)
{
    for (size_t i = 0; i < CORNERS16; i++)
        for (size_t j = 0; j < CORNERS16; j++)
            compare(pick_corner16(i), pick_corner16(j));
    for (unsigned n = 0; n < 0x10000; n++) {
        compare((u16)n, (u16)n);
        compare((u16)n, (u16)(n ^ FP16_SIGN));
        compare((u16)n, (u16)(n + 1));
        compare((u16)n, random16());
        compare(random16(), random16());
    }
}

TEST(boxing)
{
    for (unsigned n = 0; n < 0x10000; n++) {
        assert_int_equal(fp16_unbox(fp16_box((u16)n)), n);
        for (unsigned bit = 16; bit < 64; bit++)
            assert_int_equal(fp16_unbox(fp16_box((u16)n) ^ 1ull << bit),
                             FP16_NAN);
        assert_int_equal(fp32_unbox(fp16_box((u16)n)), 0xffff0000 | n);
    }
}

/* Landmarks of the format, worked out by hand: the reference knows them, and
 * so does the hart. */
TEST(the_reference_knows_the_landmarks)
{
    static const struct {
        double v;
        unsigned rm, value, flags;
    } known[] = {
        {65504, FRM_RNE, 0x7bff, 0},
        {65519.99, FRM_RNE, 0x7bff, FFLAG_NX},
        {65520, FRM_RNE, 0x7c00, FFLAG_OF | FFLAG_NX},
        {65535, FRM_RTZ, 0x7bff, FFLAG_NX},
        {65536, FRM_RTZ, 0x7bff, FFLAG_OF | FFLAG_NX},
        {-65505, FRM_RDN, 0xfc00, FFLAG_OF | FFLAG_NX},
        {0x1p-14, FRM_RNE, 0x0400, 0},
        {0x1p-24, FRM_RNE, 0x0001, 0},
        {0x1p-25, FRM_RNE, 0x0000, FFLAG_UF | FFLAG_NX},
        {0x1p-25, FRM_RMM, 0x0001, FFLAG_UF | FFLAG_NX},
        {0x1p-60, FRM_RUP, 0x0001, FFLAG_UF | FFLAG_NX},
        /* rounds to the least normal number with or without a bound on e */
        {0x1.fffp-15, FRM_RNE, 0x0400, FFLAG_NX},
        /* rounds to it only because of the bound: tiny */
        {0x1.ffbp-15, FRM_RUP, 0x0400, FFLAG_UF | FFLAG_NX},
    };

    for (size_t i = 0; i < ARRAY_LEN(known); i++) {
        struct answer r = round_once(known[i].v, known[i].rm);
        struct fpstate fs = {.rm = (u8)known[i].rm};
        assert_int_equal(r.value, known[i].value);
        assert_int_equal(r.flags, known[i].flags);
        assert_int_equal(fp16_from_fp64(bits64(known[i].v), &fs), r.value);
        assert_int_equal(fs.flags, r.flags);
    }
}
