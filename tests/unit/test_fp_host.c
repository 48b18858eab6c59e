/* SPDX-License-Identifier: MIT */
// rooms: base isa hart
/* Floating point against the host's FPU: values and flags of every operation
 * in its four rounding modes, over corner operands in all pairs and millions
 * of random ones. The host has no ties-away: its result is then the nearest,
 * except where computing with more bits, rounded down and up, shows a tie.
 * Each case runs twice, with NX clear and with NX set before, because the
 * latter takes the fast path through the host (fp_fast.c). */
#include <fenv.h>
#include <float.h>
#include <math.h>
#include "unit.h"
#include "fp_operands.h"

typedef long double wide; /* at least 64 bits of precision */

#define RANDOM_CASES 150000

/* ---- the host ----------------------------------------------------------- */
static u8 host_flags(void)
{
    int e = fetestexcept(FE_ALL_EXCEPT);
    return (u8)((e & FE_INEXACT ? FFLAG_NX : 0) |
                (e & FE_UNDERFLOW ? FFLAG_UF : 0) |
                (e & FE_OVERFLOW ? FFLAG_OF : 0) |
                (e & FE_DIVBYZERO ? FFLAG_DZ : 0) |
                (e & FE_INVALID ? FFLAG_NV : 0));
}

enum kind { ADD, SUB, MUL, DIV, SQRT, FMA, NARROW, WIDEN, KINDS };
static const char *const kind_name[KINDS] = {"add",  "sub", "mul",    "div",
                                             "sqrt", "fma", "narrow", "widen"};

/* volatile keeps the compiler from computing under another mode. */
static double host64(enum kind k, u64 a, u64 b, u64 c)
{
    volatile double x = value64(a), y = value64(b), z = value64(c), r = 0;
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
    case FMA:
        r = fma(x, y, z);
        break;
    default:
        break;
    }
    return r;
}

static float host32(enum kind k, u64 a, u64 b, u64 c)
{
    volatile float x = value32((u32)a), y = value32((u32)b),
                   z = value32((u32)c), r = 0;
    volatile double d = value64(a);
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
        r = sqrtf(x);
        break;
    case FMA:
        r = fmaf(x, y, z);
        break;
    case NARROW:
        r = (float)d;
        break;
    default:
        break;
    }
    return r;
}

static wide host_wide(enum kind k, wide a, wide b, wide c)
{
    volatile wide x = a, y = b, z = c, r = 0;
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
        r = sqrtl(x);
        break;
    case FMA:
        r = fmal(x, y, z);
        break;
    default:
        r = x;
        break;
    }
    return r;
}

/* True if the exact result is the middle of lo and hi: with more bits it is
 * then exact, in whichever direction it is rounded. */
static bool is_tie(enum kind k, wide a, wide b, wide c, wide lo, wide hi)
{
    fesetround(FE_DOWNWARD);
    wide down = host_wide(k, a, b, c);
    fesetround(FE_UPWARD);
    wide up = host_wide(k, a, b, c);
    fesetround(FE_TONEAREST);
    return down == up && isfinite(lo) && isfinite(hi) && lo != hi &&
           down == lo + (hi - lo) / 2;
}

struct answer {
    u64 value;
    u8 flags;
};

/* IEEE 754 leaves it open whether inf * 0 + quiet NaN is invalid: to RISC-V
 * it is (F, 11.6), to x86 not. */
static u8 invalid_product(enum kind k, double x, double y)
{
    bool zero_inf = (x == 0 && isinf(y)) || (y == 0 && isinf(x));
    return k == FMA && zero_inf ? FFLAG_NV : 0;
}

static struct answer reference64(enum kind k, unsigned rm, u64 a, u64 b, u64 c)
{
    struct answer r;
    fesetround(host_mode[rm]);
    feclearexcept(FE_ALL_EXCEPT);
    volatile double v = host64(k, a, b, c);
    r.flags = host_flags() | invalid_product(k, value64(a), value64(b));
    if (rm == FRM_RMM && r.flags & FFLAG_NX && isfinite(v)) {
        fesetround(FE_DOWNWARD);
        double lo = host64(k, a, b, c);
        fesetround(FE_UPWARD);
        double hi = host64(k, a, b, c);
        if (is_tie(k, value64(a), value64(b), value64(c), lo, hi))
            v = fabs(lo) > fabs(hi) ? lo : hi;
    }
    fesetround(FE_TONEAREST);
    r.value = isnan(v) ? FP64_NAN : bits64(v);
    return r;
}

static struct answer reference32(enum kind k, unsigned rm, u64 a, u64 b, u64 c)
{
    struct answer r;
    fesetround(host_mode[rm]);
    feclearexcept(FE_ALL_EXCEPT);
    volatile float v = host32(k, a, b, c);
    r.flags =
        host_flags() | invalid_product(k, value32((u32)a), value32((u32)b));
    if (rm == FRM_RMM && r.flags & FFLAG_NX && isfinite(v)) {
        fesetround(FE_DOWNWARD);
        float lo = host32(k, a, b, c);
        fesetround(FE_UPWARD);
        float hi = host32(k, a, b, c);
        wide x = k == NARROW ? (wide)value64(a) : (wide)value32((u32)a);
        if (is_tie(k, x, value32((u32)b), value32((u32)c), lo, hi))
            v = fabsf(lo) > fabsf(hi) ? lo : hi;
    }
    fesetround(FE_TONEAREST);
    r.value = isnan(v) ? FP32_NAN : bits32(v);
    return r;
}

/* ---- ours --------------------------------------------------------------- */
static u64 ours64(enum kind k, u64 a, u64 b, u64 c, struct fpstate *fs)
{
    switch (k) {
    case ADD:
        return fp64_add(a, b, fs);
    case SUB:
        return fp64_sub(a, b, fs);
    case MUL:
        return fp64_mul(a, b, fs);
    case DIV:
        return fp64_div(a, b, fs);
    case SQRT:
        return fp64_sqrt(a, fs);
    default:
        return fp64_fma(a, b, c, fs);
    }
}

static u64 ours32(enum kind k, u64 a, u64 b, u64 c, struct fpstate *fs)
{
    u32 x = (u32)a, y = (u32)b;
    switch (k) {
    case ADD:
        return fp32_add(x, y, fs);
    case SUB:
        return fp32_sub(x, y, fs);
    case MUL:
        return fp32_mul(x, y, fs);
    case DIV:
        return fp32_div(x, y, fs);
    case SQRT:
        return fp32_sqrt(x, fs);
    case NARROW:
        return fp32_from_fp64(a, fs);
    default:
        return fp32_fma(x, y, (u32)c, fs);
    }
}

static unsigned long cases, wrong;

/* x86 and RISC-V detect tininess after rounding; ARM before. */
static u8 comparable(u8 flags)
{
#ifdef __x86_64__
    return flags;
#else
    return flags & (u8)~FFLAG_UF;
#endif
}

static void check(int width, enum kind k, unsigned rm, u64 a, u64 b, u64 c)
{
    struct answer want =
        width == 64 ? reference64(k, rm, a, b, c) : reference32(k, rm, a, b, c);
    for (unsigned sticky = 0; sticky <= FFLAG_NX; sticky++) {
        struct fpstate fs = {.rm = (u8)rm, .sticky = (u8)sticky};
        u64 got =
            width == 64 ? ours64(k, a, b, c, &fs) : ours32(k, a, b, c, &fs);
        cases++;
        if (got == want.value && comparable(fs.flags | (u8)sticky) ==
                                     comparable(want.flags | (u8)sticky))
            continue;
        if (wrong++ < 20)
            print_message("# f%d %s rm %u sticky %u: %llx %llx %llx -> %llx "
                          "flags %x, host %llx flags %x\n",
                          width, kind_name[k], rm, sticky,
                          (unsigned long long)a, (unsigned long long)b,
                          (unsigned long long)c, (unsigned long long)got,
                          fs.flags, (unsigned long long)want.value, want.flags);
    }
}

static void check_kind(int width, enum kind k)
{
    bool unary = k == SQRT || k == NARROW;
    bool from64 = width == 64 || k == NARROW;
    size_t corners = from64 ? CORNERS64 : CORNERS32;
    cases = wrong = 0;
    for (unsigned rm = 0; rm < 5; rm++) {
        for (size_t i = 0; i < corners; i++)
            for (size_t j = 0; j < (unary ? 1 : corners); j++) {
                size_t l = (i * 31 + j * 17) % corners;
                check(width, k, rm,
                      from64 ? pick_corner64(i) : pick_corner32(i),
                      from64 ? pick_corner64(j) : pick_corner32(j),
                      from64 ? pick_corner64(l) : pick_corner32(l));
            }
        for (unsigned n = 0; n < RANDOM_CASES; n++)
            check(width, k, rm, from64 ? random64() : random32(),
                  from64 ? random64() : random32(),
                  from64 ? random64() : random32());
    }
    print_message("# f%d %s: %lu cases\n", width, kind_name[k], cases);
    assert_int_equal(wrong, 0);
}

TEST(doubles)
{
    for (enum kind k = ADD; k <= FMA; k++)
        check_kind(64, k);
}

TEST(singles)
{
    for (enum kind k = ADD; k <= NARROW; k++)
        check_kind(32, k);
}

/* a * b + c where c is near -a * b: cancellation down to the last bits. */
TEST(fma_cancellation)
{
    cases = wrong = 0;
    for (unsigned n = 0; n < 200000; n++) {
        u64 a = random64(), b = random64();
        u64 c = bits64(-(value64(a) * value64(b))) + rand_step(&seed) % 5 - 2;
        check(64, FMA, n % 5, a, b, c);
        u32 d = random32(), e = random32();
        u32 f = bits32(-(value32(d) * value32(e))) +
                (u32)(rand_step(&seed) % 5) - 2;
        check(32, FMA, n % 5, d, e, f);
    }
    assert_int_equal(wrong, 0);
}
