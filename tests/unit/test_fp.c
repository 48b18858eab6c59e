/* SPDX-License-Identifier: MIT */
// rooms: base isa hart
/* Compares floating point in its three formats with MPFR: values and flags of
 * every operation, in every mode if it rounds, over all pairs of corners and
 * random operands. Arithmetic runs twice, with NX clear and with NX set before,
 * because a set NX opens the host's fast path (fp_fast.c). */
#include <mpfr.h>
#include "unit.h"
#include "hart/fp.h"

/* ---- the operations, and their functions for each format ---------------- */

/* OP(name, number of FP operands (0: an integer x), our call, MPFR's call) */
#define OPERATIONS(OP)                                                         \
    OP(ADD, 2, add(a, b, fs), mpfr_add(r, v[0], v[1], mode))                   \
    OP(SUB, 2, sub(a, b, fs), mpfr_sub(r, v[0], v[1], mode))                   \
    OP(MUL, 2, mul(a, b, fs), mpfr_mul(r, v[0], v[1], mode))                   \
    OP(DIV, 2, div(a, b, fs), mpfr_div(r, v[0], v[1], mode))                   \
    OP(FMA, 3, fma(a, b, c, fs), mpfr_fma(r, v[0], v[1], v[2], mode))          \
    OP(SQRT, 1, sqrt(a, fs), mpfr_sqrt(r, v[0], mode))                         \
    OP(MIN, 2, min(a, b, fs), mpfr_min(r, v[0], v[1], mode))                   \
    OP(MAX, 2, max(a, b, fs), mpfr_max(r, v[0], v[1], mode))                   \
    OP(EQ, 2, eq(a, b, fs), mpfr_equal_p(v[0], v[1]))                          \
    OP(LT, 2, lt(a, b, fs), mpfr_less_p(v[0], v[1]))                           \
    OP(LE, 2, le(a, b, fs), mpfr_lessequal_p(v[0], v[1]))                      \
    OP(CLASS, 1, class(a), class_of(f, x, v[0]))                               \
    OP(TO_S32, 1, to_s32(a, fs), mpfr_rint(r, v[0], mode))                     \
    OP(TO_U32, 1, to_u32(a, fs), mpfr_rint(r, v[0], mode))                     \
    OP(TO_S64, 1, to_s64(a, fs), mpfr_rint(r, v[0], mode))                     \
    OP(TO_U64, 1, to_u64(a, fs), mpfr_rint(r, v[0], mode))                     \
    OP(FROM_S64, 0, from_s64((s64)x, fs), mpfr_set_si(r, (s64)x, mode))        \
    OP(FROM_U64, 0, from_u64(x, fs), mpfr_set_ui(r, x, mode))

#define NAME(id, operands, ours, judge) id,
enum op { OPERATIONS(NAME) OPS };
#undef NAME
static const struct {
    const char *name;
    unsigned operands;
} op_info[] = {
#define NAME(id, operands, ours, judge) {#id, operands},
    OPERATIONS(NAME)
#undef NAME
};

struct format {
    unsigned width, frac; /* in bits; frac lacks the hidden bit */
    u64 (*ours)(enum op, u64, u64, u64, struct fpstate *);
};

#define CASE_16(id, operands, ours, judge)                                     \
    case id:                                                                   \
        return fp16_##ours;
#define CASE_32(id, operands, ours, judge)                                     \
    case id:                                                                   \
        return fp32_##ours;
#define CASE_64(id, operands, ours, judge)                                     \
    case id:                                                                   \
        return fp64_##ours;
#define OURS(w)                                                                \
    static u64 ours##w(enum op op, u64 x, u64 y, u64 z, struct fpstate *fs)    \
    {                                                                          \
        u##w a = (u##w)x, b = (u##w)y, c = (u##w)z;                            \
        switch (op) {                                                          \
            OPERATIONS(CASE_##w)                                               \
        default:                                                               \
            return 0;                                                          \
        }                                                                      \
    }
OURS(16)
OURS(32)
OURS(64)
static const struct format formats[] = {
    {16, 10, ours16}, {32, 23, ours32}, {64, 52, ours64}};

/* ---- bits and numbers ---------------------------------------------------- */

static u64 sign_of(const struct format *f)
{
    return 1ull << (f->width - 1);
}

static u64 infinity(const struct format *f)
{
    return sign_of(f) - (1ull << f->frac);
}

static u64 nan_of(const struct format *f)
{
    return infinity(f) | 1ull << (f->frac - 1);
}

static bool is_nan(const struct format *f, u64 a)
{
    return (a & ~sign_of(f)) > infinity(f);
}

static bool is_snan(const struct format *f, u64 a)
{
    return is_nan(f, a) && !(a >> (f->frac - 1) & 1);
}

/* MPFR's exponents of the largest and the least normal number; MPFR's fractions
 * begin at 1/2. */
static int most_exp(const struct format *f)
{
    return 1 << (f->width - f->frac - 2);
}

static int least_exp(const struct format *f)
{
    return 3 - most_exp(f);
}

static void number(const struct format *f, u64 a, mpfr_t x)
{
    u64 sig = a & ((1ull << f->frac) - 1), exp = (a & ~sign_of(f)) >> f->frac;

    if (is_nan(f, a))
        mpfr_set_nan(x);
    else if ((a & ~sign_of(f)) == infinity(f))
        mpfr_set_inf(x, 1);
    else
        mpfr_set_ui_2exp(x, exp ? sig | 1ull << f->frac : sig,
                         (int)(exp ? exp : 1) + 1 - most_exp(f) - (int)f->frac,
                         MPFR_RNDN);
    mpfr_setsign(x, x, (a & sign_of(f)) != 0, MPFR_RNDN);
}

static u64 bits_of(const struct format *f, mpfr_t x)
{
    u64 sign = mpfr_signbit(x) ? sign_of(f) : 0, sig;

    if (mpfr_nan_p(x))
        return nan_of(f);
    if (mpfr_inf_p(x))
        return sign | infinity(f);
    if (mpfr_zero_p(x))
        return sign;
    int exp = (int)mpfr_get_exp(x), least = least_exp(f);
    bool normal = exp >= least;
    mpfr_t whole;
    mpfr_init2(whole, 64);
    mpfr_mul_2si(whole, x, (int)f->frac + 1 - (normal ? exp : least),
                 MPFR_RNDN);
    mpfr_abs(whole, whole, MPFR_RNDN);
    sig = mpfr_get_ui(whole, MPFR_RNDN);
    mpfr_clear(whole);
    /* the hidden bit adds one to the exponent */
    return sign | (sig + ((u64)(normal ? exp - least : 0) << f->frac));
}

/* ---- the reference ------------------------------------------------------- */

struct answer {
    u64 value;
    u8 flags;
};

static const mpfr_rnd_t mpfr_mode[] = {MPFR_RNDN, MPFR_RNDZ, MPFR_RNDD,
                                       MPFR_RNDU, MPFR_RNDN};

/* Moves x away from zero by half a unit of its last place. */
static void nudge(mpfr_t x)
{
    mpfr_prec_round(x, mpfr_get_prec(x) + 1, MPFR_RNDN);
    if (mpfr_signbit(x))
        mpfr_nextbelow(x);
    else
        mpfr_nextabove(x);
}

/* Rounds, once, an exact value or a value nudged because bits were lost. In RMM
 * a nudge moves a tie away from zero. A result is tiny if it is below
 * the least normal number when rounded as if exponents had no bound. */
static struct answer rounded(const struct format *f, mpfr_t exact, unsigned rm)
{
    mpfr_rnd_t mode = mpfr_mode[rm];
    mpfr_t x, from;

    mpfr_init2(x, f->frac + 1);
    mpfr_init2(from, mpfr_get_prec(exact));
    mpfr_set(from, exact, MPFR_RNDN);
    if (rm == FRM_RMM && mpfr_regular_p(from))
        nudge(from);
    int lost = mpfr_set(x, from, mode);
    bool tiny = mpfr_regular_p(x) && mpfr_get_exp(x) < least_exp(f);
    mpfr_set_emin(least_exp(f) - (int)f->frac);
    mpfr_set_emax(most_exp(f));
    mpfr_clear_flags();
    lost = mpfr_check_range(x, lost, mode);
    mpfr_subnormalize(x, lost, mode);
    bool over = mpfr_overflow_p(), inexact = !mpfr_equal_p(x, exact);
    mpfr_set_emin(mpfr_get_emin_min());
    mpfr_set_emax(mpfr_get_emax_max());
    struct answer r = {bits_of(f, x), 0};
    r.flags |= inexact ? FFLAG_NX : 0;
    r.flags |= over ? FFLAG_OF : tiny && inexact ? FFLAG_UF : 0;
    mpfr_clears(x, from, NULL);
    return r;
}

static int class_of(const struct format *f, u64 a, mpfr_t x)
{
    unsigned rank = mpfr_zero_p(x)                   ? 0
                    : mpfr_inf_p(x)                  ? 3
                    : mpfr_get_exp(x) < least_exp(f) ? 1
                                                     : 2;

    if (is_nan(f, a))
        return is_snan(f, a) ? 1 << 8 : 1 << 9;
    return 1 << (mpfr_signbit(x) ? 3 - rank : 4 + rank);
}

/* Applies MPFR's operation to v. Comparisons and class return their result; the
 * other operations leave it in r, and arithmetic returns 0 if r is exact. */
static int judge(const struct format *f, enum op op, u64 x, mpfr_t *v, mpfr_t r,
                 mpfr_rnd_t mode)
{
    switch (op) {
#define CASE(id, operands, ours, judge)                                        \
    case id:                                                                   \
        return judge;
        OPERATIONS(CASE)
#undef CASE
    default:
        return 0;
    }
}

static struct answer arithmetic(const struct format *f, enum op op, unsigned rm,
                                mpfr_t *v, mpfr_t r, bool nan, bool snan)
{
    bool lost = judge(f, op, 0, v, r, MPFR_RNDZ);
    bool no_product = op == FMA && ((mpfr_inf_p(v[0]) && mpfr_zero_p(v[1])) ||
                                    (mpfr_zero_p(v[0]) && mpfr_inf_p(v[1])));
    bool by_zero = op == DIV && mpfr_regular_p(v[0]) && mpfr_zero_p(v[1]);

    if (mpfr_nan_p(r)) /* inf * 0 + NaN is invalid, too (F 11.6) */
        return (struct answer){nan_of(f),
                               snan || !nan || no_product ? FFLAG_NV : 0};
    if (mpfr_inf_p(r))
        return (struct answer){bits_of(f, r), by_zero ? FFLAG_DZ : 0};
    if (mpfr_zero_p(r)) /* the rounding mode decides zero's sign */
        judge(f, op, 0, v, r, mpfr_mode[rm]);
    if (lost)
        nudge(r);
    return rounded(f, r, rm);
}

/* Returns whole, the rounded x, as an integer; out of range, by table 11.4. */
static struct answer to_integer(enum op op, mpfr_t x, mpfr_t whole)
{
    static const struct limits {
        double least, beyond;
        u64 lowest, highest;
    } limits[] = {{-0x1p31, 0x1p31, ~0ull << 31, 0x7fffffff},
                  {0, 0x1p32, 0, ~0ull},
                  {-0x1p63, 0x1p63, 1ull << 63, ~0ull >> 1},
                  {0, 0x1p64, 0, ~0ull}};
    const struct limits *to = &limits[op - TO_S32];

    if (mpfr_nan_p(whole) || mpfr_cmp_d(whole, to->beyond) >= 0)
        return (struct answer){to->highest, FFLAG_NV};
    if (mpfr_cmp_d(whole, to->least) < 0)
        return (struct answer){to->lowest, FFLAG_NV};
    u8 flags = mpfr_equal_p(x, whole) ? 0 : FFLAG_NX;
    bool minus = mpfr_signbit(whole);
    mpfr_abs(whole, whole, MPFR_RNDN);
    u64 v = mpfr_get_ui(whole, MPFR_RNDN);
    v = op == TO_U32 ? (u64)(s32)v : v;
    return (struct answer){minus ? 0 - v : v, flags};
}

static struct answer reference(const struct format *f, enum op op, unsigned rm,
                               const u64 *operand)
{
    static mpfr_t v[3], r;
    static bool made;
    bool nan = false, snan = false;

    if (!made)
        mpfr_inits2(64, v[0], v[1], v[2], r, NULL);
    made = true;
    for (unsigned i = 0; i < op_info[op].operands; i++) {
        number(f, operand[i], v[i]);
        nan |= is_nan(f, operand[i]);
        snan |= is_snan(f, operand[i]);
    }
    mpfr_set_prec(r, op <= SQRT ? 128 : 64);
    if (op <= SQRT)
        return arithmetic(f, op, rm, v, r, nan, snan);
    int said = judge(f, op, operand[0], v, r, mpfr_mode[rm]);
    if (op >= FROM_S64)
        return rounded(f, r, rm);
    if (op >= TO_S32) {
        if (rm == FRM_RMM)
            mpfr_round(r, v[0]);
        return to_integer(op, v[0], r);
    }
    bool loud = op == LT || op == LE, mute = op == CLASS;
    u8 flags = !mute && (snan || (nan && loud)) ? FFLAG_NV : 0;
    return (struct answer){op <= MAX ? bits_of(f, r) : (u64)said, flags};
}

/* ---- operands ------------------------------------------------------------ */

static u64 seed = 1985;

/* corner(f, i), i < CORNERS, has a fraction at an end or in the middle and an
 * exponent near that of subnormals, 1, the limits of integers, or infinity. */
#define CORNERS (2 * 5 * 14u)
static u64 corner(const struct format *f, unsigned i)
{
    u64 ones = (1ull << f->frac) - 1, one = (u64)most_exp(f) - 1;
    const u64 frac[] = {0, 1, ones, ones - 1, 1ull << (f->frac - 1)};
    const u64 exp[] = {0,        1,          2,        one - f->frac - 1,
                       one - 1,  one,        one + 1,  one + f->frac,
                       one + 31, one + 32,   one + 63, one + 64,
                       2 * one,  2 * one + 1};

    return ((exp[i / 10] << f->frac | frac[i / 2 % 5]) & (sign_of(f) - 1)) |
           (i & 1 ? sign_of(f) : 0);
}

/* Returns a number with random bits, with few fraction bits (for ties), with an
 * exponent near 1's, a subnormal, a whole number, or a corner. */
static u64 any(const struct format *f)
{
    u64 r = rand_step(&seed) >> (64 - f->width), k = rand_step(&seed);
    u64 no_exp = r & (sign_of(f) | ((1ull << f->frac) - 1));
    u64 one = (u64)most_exp(f) - 1, spread = f->frac + 8;

    switch (k >> 61) {
    case 0:
    case 1:
        return r;
    case 2:
        return r & ~0ull << k % f->width;
    case 3:
        return no_exp | (one - 4 + (k & 7)) << f->frac;
    case 4:
        return no_exp | ((one - spread + k % (2 * spread)) % (2 * one + 1))
                            << f->frac;
    case 5: /* subnormal, or the least normal ones */
        return no_exp | (k & 1) << f->frac;
    case 6: /* whole numbers */
        return (no_exp & ~0ull << (k & 15) % f->frac) |
               (one + (k >> 8) % (one < 64 ? one : 64)) << f->frac;
    default:
        return corner(f, (unsigned)(k % CORNERS));
    }
}

static u64 any_integer(void)
{
    u64 k = rand_step(&seed), v = rand_step(&seed) >> (k & 63);

    if (k >> 62 == 0)
        v &= ~0ull << (k >> 6 & 63);
    if (k >> 62 == 1)
        v = (1ull << (k & 63)) + (k >> 6 & 3) - 1;
    return k >> 61 & 1 ? 0 - v : v;
}

/* ---- comparison ---------------------------------------------------------- */

static unsigned long cases, wrong;

static void compare(const char *what, const struct format *f, unsigned rm,
                    const u64 *operand, struct answer got, struct answer want)
{
    cases++;
    if (got.value == want.value && got.flags == want.flags)
        return;
    if (wrong++ < 20)
        print_message("# f%u %s rm %u: %llx %llx %llx -> %llx flags %x, MPFR "
                      "%llx flags %x\n",
                      f->width, what, rm, (unsigned long long)operand[0],
                      (unsigned long long)operand[1],
                      (unsigned long long)operand[2],
                      (unsigned long long)got.value, got.flags,
                      (unsigned long long)want.value, want.flags);
}

static void check(const struct format *f, enum op op, unsigned rm, u64 a, u64 b,
                  u64 c)
{
    u64 operand[] = {a, b, c};
    struct answer want = reference(f, op, rm, operand);

    for (u8 sticky = 0; sticky <= (op <= SQRT ? FFLAG_NX : 0); sticky++) {
        struct fpstate fs = {.rm = (u8)rm, .sticky = sticky};
        struct answer got = {f->ours(op, a, b, c, &fs), 0};
        got.flags = fs.flags | sticky;
        want.flags |= sticky;
        compare(op_info[op].name, f, rm, operand, got, want);
    }
}

static void check_operation(const struct format *f, enum op op)
{
    unsigned n = op_info[op].operands;
    bool rounds = op < MIN || op > CLASS;

    for (unsigned rm = 0; rm < (rounds ? 5 : 1); rm++) {
        for (unsigned i = 0; n && i < CORNERS; i++)
            for (unsigned j = 0; j < (n > 1 ? CORNERS : 1); j++)
                check(f, op, rm, corner(f, i), corner(f, j),
                      corner(f, (i * 31 + j * 17) % CORNERS));
        for (u64 a = 0; n < 2 && f->width == 16 && a < 0x10000; a++)
            check(f, op, rm, a, 0, 0);
        for (unsigned i = 0; i < 40000; i++)
            check(f, op, rm, n ? any(f) : any_integer(), any(f), any(f));
    }
}

static void check_format(const struct format *f)
{
    wrong = 0;
    for (enum op op = ADD; op < OPS; op++) {
        cases = 0;
        check_operation(f, op);
        print_message("# f%u %s: %lu cases\n", f->width, op_info[op].name,
                      cases);
    }
    assert_int_equal(wrong, 0);
}

TEST(halves)
{
    check_format(&formats[0]);
}

TEST(singles)
{
    check_format(&formats[1]);
}

TEST(doubles)
{
    check_format(&formats[2]);
}

/* c is near -a * b, so that a * b + c cancels down to the last bits. */
TEST(fma_cancellation)
{
    wrong = 0;
    for (unsigned n = 0; n < 300000; n++) {
        const struct format *f = &formats[n % 3];
        struct fpstate fs = {.rm = FRM_RNE};
        u64 a = any(f), b = any(f), ab = f->ours(MUL, a, b, 0, &fs);
        u64 c = (ab ^ sign_of(f)) + rand_step(&seed) % 5 - 2;
        check(f, FMA, n / 3 % 5, a, b, c & (2 * sign_of(f) - 1));
    }
    assert_int_equal(wrong, 0);
}

/* ---- from format to format ----------------------------------------------- */

static u64 converted(unsigned to, unsigned from, u64 a, struct fpstate *fs)
{
    switch (to << 8 | from) {
    case 0x1020:
        return fp16_from_fp32((u32)a, fs);
    case 0x1040:
        return fp16_from_fp64(a, fs);
    case 0x2010:
        return fp32_from_fp16((u16)a, fs);
    case 0x2040:
        return fp32_from_fp64(a, fs);
    case 0x4010:
        return fp64_from_fp16((u16)a, fs);
    default:
        return fp64_from_fp32((u32)a, fs);
    }
}

static void check_conversion(const struct format *to, const struct format *from,
                             u64 a)
{
    mpfr_t x;

    mpfr_init2(x, 53);
    for (unsigned rm = 0; rm < 5; rm++) {
        struct fpstate fs = {.rm = (u8)rm};
        struct answer got = {converted(to->width, from->width, a, &fs), 0};
        got.flags = fs.flags;
        number(from, a, x);
        struct answer want = {nan_of(to), is_snan(from, a) ? FFLAG_NV : 0};
        if (!is_nan(from, a))
            want = rounded(to, x, rm);
        compare("conversion", to, rm, (u64[]){a, from->width, 0}, got, want);
    }
    mpfr_clear(x);
}

/* Widens all halves or many singles. Narrows the same values, the midpoints
 * between neighbours, the wide values just beside both, and random values. */
TEST(between_formats)
{
    mpfr_t v, next;

    cases = wrong = 0;
    mpfr_inits2(53, v, next, NULL);
    for (unsigned pair = 0; pair < 3; pair++) {
        const struct format *narrow = &formats[pair == 2];
        const struct format *wide = &formats[pair == 1 ? 1 : 2];
        for (unsigned n = 0; n < 0x10000; n++) {
            u64 a = narrow->width == 16 ? n : any(narrow);
            check_conversion(wide, narrow, a);
            check_conversion(narrow, wide, any(wide));
            number(narrow, a, v);
            number(narrow, a + 1, next);
            mpfr_add(next, next, v, MPFR_RNDN);
            mpfr_div_2ui(next, next, 1, MPFR_RNDN);
            for (u64 near = 0; near < 3; near++) {
                check_conversion(narrow, wide, bits_of(wide, v) + near - 1);
                check_conversion(narrow, wide, bits_of(wide, next) + near - 1);
            }
        }
    }
    mpfr_clears(v, next, NULL);
    print_message("# %lu cases\n", cases);
    assert_int_equal(wrong, 0);
}

TEST(boxing)
{
    for (unsigned n = 0; n < 0x10000; n++) {
        u32 single = n << 16 | n;
        assert_int_equal(fp16_unbox(fp16_box((u16)n)), n);
        assert_int_equal(fp32_unbox(fp32_box(single)), single);
        for (unsigned bit = 16; bit < 64; bit++) {
            assert_int_equal(fp16_unbox(fp16_box((u16)n) ^ 1ull << bit),
                             FP16_NAN);
            if (bit >= 32)
                assert_int_equal(fp32_unbox(fp32_box(single) ^ 1ull << bit),
                                 FP32_NAN);
        }
        assert_int_equal(fp16_sgnj((u16)n, (u16)~n), n ^ 0x8000);
    }
}
