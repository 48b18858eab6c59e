/* SPDX-License-Identifier: MIT */
// rooms: base dwarf expr
/* Compares the monitor's expressions with C: each row is written once, and the
 * compiler and expr.c evaluate it. */
#include "unit.h"

#include "expr/expr.h"

/* ---- a small world ------------------------------------------------------ */

static u8 memory_bytes[64];

static int find_register(UNUSED void *opaque, const char *name)
{
    return !strcmp(name, "a0")     ? 10
           : !strcmp(name, "pc")   ? EXPR_PC
           : !strcmp(name, "satp") ? 100
                                   : -1;
}

static bool read_register(UNUSED void *opaque, int id, u64 *value,
                          bool *is_signed)
{
    *is_signed = id == 10;
    *value = id == 10 ? (u64)-5 : id == EXPR_PC ? 0x80000000 : 8ull << 60;
    return true;
}

static bool symbol(UNUSED void *opaque, const char *name, u64 *value)
{
    *value = 0x1000;
    return !strcmp(name, "table");
}

static bool named_number(void *opaque, const char *name, u64 *value)
{
    u64 *reads = opaque;
    *value = 42;
    if (!strcmp(name, "vm.free"))
        return true;
    if (!strcmp(name, "reads"))
        *value = (*reads)++;
    else if (!strcmp(name, "cycle"))
        *value = 1000;
    else
        return false;
    return true;
}

static bool memory(UNUSED void *opaque, bool physical, u64 addr, unsigned bytes,
                   u64 *value)
{
    u64 base = physical ? 0x9000 : 0x1000;
    if (addr < base || addr - base + bytes > sizeof memory_bytes)
        return false;
    *value = get_le(memory_bytes + (addr - base), bytes);
    return true;
}

static u64 reads;
static const struct expr_env env = {.opaque = &reads,
                                    .clock_hz = 1000000000,
                                    .find_register = find_register,
                                    .read_register = read_register,
                                    .symbol = symbol,
                                    .named_number = named_number,
                                    .memory = memory};

/* Evaluates text; fails the test unless all of it is one valid expression. */
static struct expr_value value(const char *text)
{
    char err[200] = "";
    struct expr_value v = {0, false};
    const char *p = text;
    struct expr *e = expr_compile(&env, &p, err, sizeof err);
    if (!e || *p)
        fail_msg("%s: %s, left: '%s'", text, err, p);
    if (!expr_eval(e, &env, &v, NULL, err, sizeof err))
        fail_msg("%s: %s", text, err);
    expr_free(e);
    return v;
}

/* Returns the error message for text; fails the test if text is accepted. */
static const char *refused(const char *text)
{
    static char err[200];
    struct expr_value v;
    const char *p = text;
    err[0] = 0;
    struct expr *e = expr_compile(&env, &p, err, sizeof err);
    if (e && !*p && expr_eval(e, &env, &v, NULL, err, sizeof err))
        fail_msg("%s is accepted: 0x%llx", text, (unsigned long long)v.bits);
    if (e && *p)
        snprintf(err, sizeof err, "left over: %s", p);
    expr_free(e);
    return err;
}

/* Compilers warn of some rows, but people type such expressions. */
#ifdef __clang__
#pragma clang diagnostic ignored "-Weverything"
#else
#pragma GCC diagnostic ignored "-Wparentheses"
#pragma GCC diagnostic ignored "-Wbool-compare"
#pragma GCC diagnostic ignored "-Wint-in-bool-context"
#pragma GCC diagnostic ignored "-Wbool-operation"
#pragma GCC diagnostic ignored "-Woverflow"
#pragma GCC diagnostic ignored "-Wsign-compare"
#pragma GCC diagnostic ignored "-Wtype-limits"
#pragma GCC diagnostic ignored "-Wduplicated-branches"
#endif

/* ---- the results of C --------------------------------------------------- */

TEST(agrees_with_c)
{
#define ROW(...)                                                               \
    {                                                                          \
#__VA_ARGS__, (u64)(__VA_ARGS__)                                       \
    }
    static const struct {
        const char *text;
        u64 value;
    } rows[] = {
        ROW(1 + 2 * 3),
        ROW((1 + 2) * 3),
        ROW(10 - 3 - 2),
        ROW(100 / 7 / 2),
        ROW(-7 / 2),
        ROW(-7 % 3),
        ROW(7 % -3),
        ROW(1 << 4 << 2),
        ROW(1L << 40),
        ROW(-1L >> 3),
        ROW(~0L),
        ROW(!5),
        ROW(!0),
        ROW(!!7),
        ROW(3 < 5),
        ROW(5 <= 5),
        ROW(-1 < 1),
        ROW(-1L < 1UL),
        ROW(2 > 1 > 0),
        ROW(1 == 1 != 0),
        ROW(6 & 3 | 8),
        ROW(6 ^ 3 & 1),
        ROW(1 | 2 ^ 3 & 4),
        ROW(5 & 4 == 4),
        ROW(1 && 0 || 1),
        ROW(0 || 0 && 1),
        ROW(2 && 4),
        ROW(1 ? 2 : 3),
        ROW(0 ? 2 : 3),
        ROW(1 ? 0 ? 5 : 6 : 7),
        ROW(0   ? 1
            : 0 ? 2
                : 3),
        ROW(1 + (2 ? 3 : 4)),
        ROW(- -5),
        ROW(-~5),
        ROW(0x10 + 010 + 10),
        ROW(0b101),
        ROW('a'),
        ROW('\n'),
        ROW('\0'),
        ROW(0xffffffffffffffff),
        ROW(0x8000000000000000 / 3),
        ROW(0xffffffffffffffff > 0),
        ROW(-1L > 0),
        ROW(0xffffffffffffffff >> 60),
        ROW(12345678901 * 3),
        ROW((unsigned char)300),
        ROW((signed char)200),
        ROW((short)70000L),
        ROW((unsigned)-1L),
        ROW((int)0x80000000L),
        ROW((unsigned long)-1),
        ROW(1UL - 2 > 0),
        ROW((long)(1UL - 2) > 0),
        ROW(7 - -3),
        ROW(+4 - +3),
        ROW((((((((1)))))))),
        ROW(1 < 2 ? 3 < 4 ? 5 : 6 : 7),
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        u64 v = value(rows[i].text).bits;
        if (v != rows[i].value)
            fail_msg("%s: C says 0x%llx, we 0x%llx", rows[i].text,
                     (unsigned long long)rows[i].value, (unsigned long long)v);
    }
}

/* C leaves these results open. Here `char` is unsigned, a shift by 64 moves
 * every bit out, and the least number / -1 is itself, % -1 is 0. */
TEST(where_c_is_silent)
{
    assert_int_equal(value("(char)200").bits, 200); /* RISC-V's is unsigned */
    assert_int_equal(value("1 << 63").bits, 1ull << 63);
    assert_int_equal(value("1 << 64").bits, 0);
    assert_int_equal(value("-1 >> 64").bits, ~0ull);
    assert_int_equal(value("0xffffffffffffffff >> 64").bits, 0);
    assert_int_equal(value("(-0x7fffffffffffffff - 1) / -1").bits, 1ull << 63);
    assert_int_equal(value("(-0x7fffffffffffffff - 1) % -1").bits, 0);
}

/* tree() writes a random expression of + - * & | ^ == < over small numbers,
 * without the brackets that C's precedence makes needless, and computes its
 * value on the way. */
static u64 seed = 1;
static const struct {
    const char *op;
    int level;
} random_ops[] = {{"*", 8},  {"+", 7}, {"-", 7}, {"<", 5},
                  {"==", 4}, {"&", 3}, {"^", 2}, {"|", 1}};

static s64 apply(unsigned op, s64 a, s64 b)
{
    switch (op) {
    case 0:
        return (s64)((u64)a * (u64)b);
    case 1:
        return (s64)((u64)a + (u64)b);
    case 2:
        return (s64)((u64)a - (u64)b);
    case 3:
        return a < b;
    case 4:
        return a == b;
    case 5:
        return a & b;
    case 6:
        return a ^ b;
    default:
        return a | b;
    }
}

static s64 tree(char *to, size_t n, int depth, int level)
{
    if (depth == 0) {
        s64 v = (s64)(rand_step(&seed) % 1000);
        snprintf(to, n, "%lld", (long long)v);
        return v;
    }
    char a[4096], b[4096];
    unsigned op = rand_step(&seed) % ARRAY_LEN(random_ops);
    int mine = random_ops[op].level;
    s64 x = tree(a, sizeof a, depth - 1, mine);
    s64 y = tree(b, sizeof b, depth - 1, mine + 1);
    const char *open = mine < level ? "(" : "",
               *close = mine < level ? ")" : "";
    snprintf(to, n, "%s%.1900s %s %.1900s%s", open, a, random_ops[op].op, b,
             close);
    return apply(op, x, y);
}

TEST(random_trees)
{
    for (int i = 0; i < 2000; i++) {
        char text[4096];
        s64 v = tree(text, sizeof text, 1 + i % 5, 0);
        if ((s64)value(text).bits != v)
            fail_msg("%s: 0x%llx expected", text, (unsigned long long)v);
    }
}

/* ---- names and memory --------------------------------------------------- */

TEST(names)
{
    assert_int_equal(value("$a0").bits, -5);
    assert_true(value("$a0 < 0").bits);
    assert_true(value("$satp > 0").bits); /* CSRs are unsigned */
    assert_int_equal(value("table").bits, 0x1000);
    assert_int_equal(value("vm.free").bits, 42);
    assert_int_equal(value("10us").bits, 10000);
    assert_int_equal(value("1.5ms + 1").bits, 1500001);
    assert_int_equal(value("2s").bits, 2000000000);
    assert_int_equal(value("cycle + 1ns").bits, 1001);
}

TEST(places)
{
    for (unsigned i = 0; i < sizeof memory_bytes; i++)
        memory_bytes[i] = (u8)(0xf0 + i);
    assert_int_equal(value("u8[table]").bits, 0xf0);
    assert_int_equal(value("s8[table]").bits, -16);
    assert_int_equal(value("u16[table + 1]").bits, 0xf2f1);
    assert_int_equal(value("s32[table]").bits, (s32)0xf3f2f1f0);
    assert_int_equal(value("*(int *)table").bits, (s32)0xf3f2f1f0);
    assert_int_equal(value("*(unsigned int *)table").bits, 0xf3f2f1f0);
    assert_true(value("*table").bits == 0xf7f6f5f4f3f2f1f0);
    assert_true(value("*table > 0").bits);
    assert_int_equal(value("((u16 *)table)[2]").bits, 0xf5f4);
    assert_int_equal(value("*((u16 *)table + 2)").bits, 0xf5f4);
    assert_int_equal(value("u8[pa:0x9002]").bits, 0xf2);
    assert_int_equal(value("u8[va:0x1002]").bits, 0xf2);
    assert_int_equal(value("&u32[table + 8]").bits, 0x1008);
    assert_int_equal(value("&((u64 *)table)[3]").bits, 0x1018);
    assert_int_equal(value("(u64 *)8 - (u64 *)16").bits, -1);
    assert_int_equal(value("1 + (u64 *)table").bits, 0x1008);
    /* Short circuits do not read memory. */
    assert_int_equal(value("0 && u8[0]").bits, 0);
    assert_int_equal(value("1 || 1 / 0").bits, 1);
    assert_int_equal(value("1 ? 5 : u8[0]").bits, 5);
    reads = 0;
    /* expr_compile reads three times (does the name exist?), expr_eval once. */
    assert_int_equal(value("reads + (0 && reads) + (1 ? 0 : reads)").bits, 3);
    assert_int_equal(reads, 4);
}

TEST(lvalues)
{
    static const struct {
        const char *text;
        u64 addr;
        unsigned bytes;
        bool place;
    } rows[] = {{"u32[table+4]", 0x1004, 4, true},
                {"*(short *)0x1002", 0x1002, 2, true},
                {"(u8[table])", 0x1000, 1, true},
                {"u8[table] + 0", 0, 0, false},
                {"1 ? u8[table] : u8[table]", 0, 0, false},
                {"table", 0, 0, false}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char err[200];
        const char *p = rows[i].text;
        struct expr_place at;
        struct expr *e = expr_compile(&env, &p, err, sizeof err);
        assert_non_null(e);
        assert_int_equal(expr_place(e, &env, &at, err, sizeof err),
                         rows[i].place);
        if (rows[i].place) {
            assert_int_equal(at.addr, rows[i].addr);
            assert_int_equal(at.bytes, rows[i].bytes);
        }
        expr_free(e);
    }
}

TEST(mistakes)
{
    /* clang-format off */
    static const char *const rows[] = {
        "", "1 +", "(1", "1)", "* ", "$", "$nix", "nothing", "1 2", "u32", "0x",
        "09", "1x", "'ab'", "'", "1 ? 2", "u8[1", "1[2]", "@", "1 = 2",
        "99999999999999999999", "u8[0]", "1/0", "1%0", "5 / (3 - 3)",
        "mark.none", "1 ** 2", "&1 2", "(u8", "10parsecs", "&&", "!"};
    /* clang-format on */
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_true(*refused(rows[i]));
    char deep[3000];
    memset(deep, '(', sizeof deep - 1);
    deep[sizeof deep - 1] = 0;
    assert_non_null(strstr(refused(deep), "deep"));
    memset(deep, '-', sizeof deep - 1);
    assert_non_null(strstr(refused(deep), "deep"));
    /* The evaluation's stack is bounded, too. */
    char wide[400] = "";
    for (int i = 0; i < 10; i++) /* each bracket holds eight operands back */
        strcat(wide, "1|1^1&1==1<1<<1+1*(");
    assert_non_null(strstr(refused(wide), "too long"));
}

TEST(never_crashes)
{
    static const char letters[] = "0123 x'$u8[]()*&+-/%<>=!?:|^~,table.cycle\\";
    for (int i = 0; i < 200000; i++) {
        char text[40], err[200];
        size_t n = rand_step(&seed) % (sizeof text - 1);
        for (size_t k = 0; k < n; k++)
            text[k] = letters[rand_step(&seed) % (sizeof letters - 1)];
        text[n] = 0;
        const char *p = text;
        struct expr_value v;
        struct expr *e = expr_compile(&env, &p, err, sizeof err);
        assert_true(p >= text && p <= text + n);
        if (e)
            expr_eval(e, &env, &v, NULL, err, sizeof err);
        expr_free(e);
    }
}

TEST(shapes)
{
    static const struct {
        const char *text;
        enum expr_shape shape;
        u64 n;
    } rows[] = {{"cycle >= 500", SHAPE_CYCLE, 500},
                {"cycle > 500", SHAPE_CYCLE, 501},
                {"cycle >= 1us", SHAPE_CYCLE, 1000},
                {"cycle < 5", SHAPE_OTHER, 0},
                {"cycle >= 5 + 1", SHAPE_CYCLE, 6},
                {"cycle >= (1 ? 5 : 6) + 1", SHAPE_OTHER, 0},
                {"vm.free >= 5", SHAPE_OTHER, 0}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char err[200];
        u64 n = 0;
        const char *p = rows[i].text;
        struct expr *e = expr_compile(&env, &p, err, sizeof err);
        assert_non_null(e);
        assert_int_equal(expr_shape(e, &n), rows[i].shape);
        if (rows[i].shape != SHAPE_OTHER)
            assert_int_equal(n, rows[i].n);
        expr_free(e);
    }
}

TEST(sides)
{
    char err[200];
    struct expr_value v;
    struct expr_sides s;
    const char *p = "vm.free + 1 == 7";
    struct expr *e = expr_compile(&env, &p, err, sizeof err);
    assert_true(expr_eval(e, &env, &v, &s, err, sizeof err));
    assert_true(s.valid && s.left == 43 && s.right == 7 && !v.bits);
    expr_free(e);
    p = "(1 == 2) + 0";
    e = expr_compile(&env, &p, err, sizeof err);
    assert_true(expr_eval(e, &env, &v, &s, err, sizeof err) && !s.valid);
    expr_free(e);
}
