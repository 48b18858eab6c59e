/* SPDX-License-Identifier: MIT */
// rooms: time mmu isa base
/* Checks issue and interlocks against hand-counted cases and a second model,
 * which keeps absolute times; tests branch prediction and divides. */
#include "saved.h"

#include "time/core/branch.h"
#include "time/time.h"

/* ---- encodings ---------------------------------------------------------- */

#define R(base, rd, rs1, rs2)                                                  \
    ((u32)(base) | (u32)(rd) << 7 | (u32)(rs1) << 15 | (u32)(rs2) << 20)
#define ADD(rd, a, b)   R(0x00000033, rd, a, b)
#define MUL(rd, a, b)   R(0x02000033, rd, a, b)
#define DIV(rd, a, b)   R(0x02004033, rd, a, b)
#define LD(rd, a)       R(0x00003003, rd, a, 0)
#define LBU(rd, a)      R(0x00004003, rd, a, 0)
#define SD(b, a)        R(0x00003023, 0, a, b)
#define SDO(b, off, a)  R(0x00003023, off, a, b) /* off is below 32 */
#define LDO(rd, off, a) R(0x00003003, rd, a, off)
#define SB(b, off, a)   R(0x00000023, off, a, b)
#define ADDI(rd, a, i)  R(0x00000013, rd, a, i)
#define BEQ(a, b)       R(0x00000063, 0, a, b)
#define FADDD(rd, a, b) R(0x02000053, rd, a, b)
#define FMULS(rd, a, b) R(0x10000053, rd, a, b)
#define FDIVD(rd, a, b) R(0x1a000053, rd, a, b)
#define CSRW(a)         R(0x34001073, 0, a, 0)
#define CSRR(rd)        R(0x34002073, rd, 0, 0)

/* Returns the cycles of straight-line code; sets *wait to those spent in
 * interlocks. */
static unsigned cost(const char *cpu, const u32 *code, unsigned n,
                     unsigned *wait)
{
    const struct pipe_model *p = &cpu_profile_find(cpu)->pipe;
    struct scoreboard sb = {0};
    unsigned cycles = 0, occupies;

    *wait = 0;
    for (unsigned i = 0; i < n; i++) {
        struct insn in;
        isa_decode(code[i], &in);
        assert_int_not_equal(in.op, OP_illegal);
        unsigned w = pipe_issue(p, &sb, &in, &occupies);
        *wait += w;
        cycles += w + occupies;
    }
    return cycles;
}

struct example {
    const char *cpu, *what;
    u32 code[6];
    unsigned cycles;
};

static const struct example examples[] = {
    {"u54", "independent", {ADD(1, 2, 3), ADD(4, 5, 6), ADD(7, 8, 9)}, 3},
    {"u54", "ALU to ALU", {ADD(1, 2, 3), ADD(4, 1, 1)}, 2},
    {"u54", "load to use", {LD(1, 2), ADD(3, 1, 1)}, 3},
    {"u54", "load, one between", {LD(1, 2), ADD(4, 5, 6), ADD(3, 1, 1)}, 3},
    {"u54", "byte to use", {LBU(1, 2), ADD(3, 1, 1)}, 4},
    {"u54", "load to store", {LD(1, 2), SD(1, 3)}, 3},
    {"u54", "load into x0", {LD(0, 2), ADD(3, 0, 0)}, 2},
    {"u54", "chase", {LD(1, 1), LD(1, 1), LD(1, 1)}, 5},
    {"u54", "multiply to use", {MUL(1, 2, 3), ADD(4, 1, 1)}, 6},
    {"u54", "multiply, multiply", {MUL(1, 2, 3), MUL(4, 5, 6)}, 2},
    {"u54", "overwritten at once", {MUL(1, 2, 3), ADD(1, 4, 5)}, 5},
    {"u54", "divide holds", {DIV(1, 2, 3), ADD(4, 5, 6)}, 3},
    {"u54", "CSR write", {CSRW(1)}, 5},
    {"u54", "CSR read", {CSRR(1)}, 3},
    {"u54", "CSR read into x0", {CSRR(0)}, 1},
    {"u54", "FP and x files differ", {LD(1, 2), FADDD(3, 1, 1)}, 2},
    {"u54", "load of a store", {SD(1, 2), LD(3, 2)}, 7},
    {"u54", "store, one between", {SD(1, 2), ADD(4, 5, 6), LD(3, 2)}, 8},
    {"u54",
     "store committed meanwhile",
     {SD(1, 2), ADD(4, 5, 6), ADD(4, 5, 6), LD(3, 2)},
     4},
    {"u54", "no cycle to commit", {SD(1, 2), LD(3, 4), LD(3, 4), LD(3, 2)}, 9},
    {"u54",
     "store committed between loads",
     {SD(1, 2), LD(3, 4), ADD(5, 6, 7), LD(3, 2)},
     4},
    {"u54", "load beside a store", {SD(1, 2), LDO(3, 8, 2)}, 2},
    {"u54", "load overlaps a store", {SB(1, 7, 2), LD(3, 2)}, 7},
    {"u54", "another address", {SD(1, 2), ADDI(2, 2, 8), LD(3, 2)}, 3},
    {"u54", "same address", {SDO(1, 16, 2), ADDI(2, 2, 8), LDO(3, 8, 2)}, 8},
    {"u54", "unknown address", {SD(1, 2), ADD(2, 4, 5), LD(3, 2)}, 3},
    {"u54", "forgotten at a transfer", {SD(1, 2), BEQ(0, 0), LD(3, 2)}, 3},
    {"u74", "forwarded", {SD(1, 2), LD(3, 2)}, 2},
    {"rocket", "multiply to use", {MUL(1, 2, 3), ADD(4, 1, 1)}, 5},
    {"rocket", "divide to use", {DIV(1, 2, 3), ADD(4, 1, 1)}, 34},
    {"rocket", "FP add D to use", {FADDD(1, 2, 3), FADDD(4, 1, 1)}, 7},
    {"rocket", "FP multiply S", {FMULS(1, 2, 3), FMULS(4, 1, 1)}, 6},
    {"rocket", "FP divides queue", {FDIVD(1, 2, 3), FDIVD(4, 5, 6)}, 21},
    {"rocket", "FP add beside a divide", {FDIVD(1, 2, 3), FADDD(4, 5, 6)}, 2},
    {"u74",
     "two a cycle",
     {ADD(1, 2, 3), ADD(4, 5, 6), ADD(7, 8, 9), ADD(10, 11, 12)},
     2},
    {"u74", "late ALU joins", {ADD(1, 2, 3), ADD(4, 1, 1)}, 1},
    {"u74", /* the order of writes to one register costs nothing here */
     "one register, late, again and again",
     {ADD(1, 1, 1), ADD(1, 1, 1), ADD(1, 1, 1), ADD(1, 1, 1)},
     3},
    {"u74", "load to late ALU", {LD(1, 2), ADD(3, 1, 1)}, 2},
    {"u74", "load to address", {LD(1, 2), LD(3, 1)}, 4},
    {"u74", "late result to address", {LD(1, 2), ADD(3, 1, 1), LD(4, 3)}, 5},
    {"u74", "one memory pipe", {LD(1, 2), LD(3, 4)}, 2},
    {"u74", "load beside ALU", {LD(1, 2), ADD(3, 4, 5)}, 1},
    {"u74", "multiply to address", {MUL(1, 2, 3), LD(4, 1)}, 4},
    {"u74", "ends in a branch", {ADD(1, 2, 3), BEQ(4, 5)}, 1},
    {"ideal",
     "always one cycle",
     {LD(1, 1), LD(1, 1), DIV(1, 1, 1), FDIVD(1, 1, 1), CSRW(1)},
     5},
};

TEST(counted_by_hand)
{
    for (unsigned i = 0; i < ARRAY_LEN(examples); i++) {
        const struct example *e = &examples[i];
        unsigned n = 0, wait;
        while (n < ARRAY_LEN(e->code) && e->code[n])
            n++;
        unsigned got = cost(e->cpu, e->code, n, &wait);
        if (got != e->cycles)
            print_error("%s: %s: %u cycles\n", e->cpu, e->what, got);
        assert_int_equal(got, e->cycles);
    }
}

/* ---- the relative scoreboard against a pipeline with a clock ------------- */

struct clocked {
    u64 now;       /* the next issue slot */
    u64 ready[65]; /* 64: the FP divider */
    struct {
        u64 from;
        int base; /* -1: the address is not known any more */
    } store[64];  /* the last stores, all at offset 0 and of 8 bytes */
    unsigned stores;
    u64 load[64]; /* the slots of the last loads */
    unsigned loads;
};

static bool loaded_at(const struct clocked *c, u64 t)
{
    for (unsigned i = 0; i < 64; i++)
        if (c->load[i] == t && i < c->loads)
            return true;
    return false;
}

/* True if a load at t through `base` meets an uncommitted store through it. A
 * store commits in the first cycle without a load, at least two after issue. */
static bool store_at(const struct clocked *c, u64 t, int base)
{
    for (unsigned i = 0; i < 64 && i < c->stores; i++) {
        u64 gone = c->store[i].from + 2;
        while (loaded_at(c, gone))
            gone++;
        if (c->store[i].base == base && t <= gone)
            return true;
    }
    return false;
}

static void clocked_stores(struct clocked *c, const struct insn *in, u64 at)
{
    for (unsigned i = 0; i < 64 && isa_uses(in) & USE_XRD && in->rd; i++)
        if (c->store[i].base == in->rd)
            c->store[i].base = -1;
    if (in->op == OP_sd) {
        c->store[c->stores % 64].from = at;
        c->store[c->stores++ % 64].base = in->rs1;
    }
    if (in->op == OP_ld || in->op == OP_lbu)
        c->load[c->loads++ % 64] = at;
    if (isa_ends_block(in))
        c->stores = c->loads = 0;
}

static unsigned in_flight(const struct clocked *c, u64 at)
{
    unsigned n = 0;
    for (unsigned r = 0; r < 65; r++)
        n += c->ready[r] > at;
    return n;
}

static u64 clocked_issue(struct clocked *c, const struct pipe_model *p,
                         const struct insn *in)
{
    unsigned class = isa_info[in->op].class, use = isa_uses(in);
    unsigned lat = p->latency[class], occ = p->occupancy[class];
    bool fdiv = class >= IC_FDIVS && class <= IC_FSQRTD;
    int dst = use & USE_FRD             ? 32 + in->rd
              : use & USE_XRD && in->rd ? in->rd
                                        : -1;
    u64 at = c->now;

#define NEEDS(bit, reg)                                                        \
    if (use & (bit) && (reg) && c->ready[reg] > at)                            \
    at = c->ready[reg]
    NEEDS(USE_XRS1, in->rs1);
    NEEDS(USE_XRS2, in->rs2);
    NEEDS(USE_FRS1, in->rs1 + 32);
    NEEDS(USE_FRS2, in->rs2 + 32);
    NEEDS(USE_FRS3, in->rs3 + 32);
    if (fdiv && c->ready[64] > at)
        at = c->ready[64];
    while (dst >= 0 && at + lat < c->ready[dst])
        at++;
    if (p->store_hit && (in->op == OP_ld || in->op == OP_lbu) &&
        store_at(c, at, in->rs1))
        at += p->store_hit;
    if (in->op == OP_csrrw)
        occ += p->csr_flush;
    while (in_flight(c, at + occ) + (dst >= 0) + fdiv > SCOREBOARD_MAX)
        at++;
    u64 wait = at - c->now;
    clocked_stores(c, in, at);
    c->now = at + occ;
    if (dst >= 0)
        c->ready[dst] = at + lat;
    if (fdiv)
        c->ready[64] = at + lat;
    if (isa_ends_block(in))
        memset(c->ready, 0, sizeof(c->ready));
    return wait;
}

static u32 random_code(u64 *seed)
{
    u64 r = rand_step(seed);
    unsigned d = r >> 8 & 7, a = r >> 11 & 7, b = r >> 14 & 7;

    switch (r >> 20 & 15) {
    case 0:
    case 1:
    case 2:
        return ADD(d, a, b);
    case 3:
    case 4:
        return LD(d, a);
    case 5:
        return LBU(d, a);
    case 6:
        return SD(d, a);
    case 7:
        return MUL(d, a, b);
    case 8:
        return r >> 30 & 7 ? MUL(d, a, b) : DIV(d, a, b);
    case 9:
        return FDIVD(d, a, b);
    case 10:
    case 11:
        return FADDD(d, a, b);
    case 12:
        return FMULS(d, a, b);
    case 13:
        return r >> 30 & 7 ? FADDD(d, a, b) : CSRW(a);
    case 14:
        return r >> 30 & 3 ? LD(d, a) : BEQ(a, b);
    default:
        return R(0x02000043, d, a, b) | (r >> 40 & 7) << 27;
    }
}

TEST(relative_equals_clocked)
{
    static const char *const cpus[] = {"u54", "rocket", "ideal"};

    for (int i = 0; i < 3; i++) {
        const struct pipe_model *p = &cpu_profile_find(cpus[i])->pipe;
        struct scoreboard sb = {0};
        struct clocked c = {0};
        u64 seed = 31 + (u64)i, waits = 0;
        unsigned used = 0;

        for (int n = 0; n < 200000; n++) {
            struct insn in;
            unsigned occupies;
            u64 before = c.now;
            isa_decode(random_code(&seed), &in);
            u64 want = clocked_issue(&c, p, &in);
            used |= isa_uses(&in);
            unsigned got = pipe_issue(p, &sb, &in, &occupies);
            assert_int_equal(got, want);
            assert_int_equal(got + occupies, c.now - before);
            assert_int_equal(sb.count, in_flight(&c, c.now));
            waits += got;
        }
        if (~used & (USE_ZIMM - 1))
            fail_msg("random_code has no instruction with registers %x",
                     ~used & (USE_ZIMM - 1));
        if (i < 2)
            assert_true(waits > 100000);
        else
            assert_int_equal(waits, 0);
    }
}

/* Dual issue takes fewer cycles than the same core with single issue, and never
 * issues three instructions in a cycle. */
TEST(dual_issue_within_bounds)
{
    struct pipe_model two = cpu_profile_find("u74")->pipe, one = two;
    struct scoreboard a = {0}, b = {0};
    u64 seed = 8, cycles2 = 0, cycles1 = 0, n = 200000;
    bool joined = false;

    one.issue_width = 1;
    for (u64 i = 0; i < n; i++) {
        struct insn in;
        unsigned o2, o1;
        isa_decode(random_code(&seed), &in);
        cycles2 += pipe_issue(&two, &a, &in, &o2) + o2;
        cycles1 += pipe_issue(&one, &b, &in, &o1) + o1;
        assert_false(joined && o2 == 0); /* never three */
        joined = o2 == 0;
        assert_true(a.count <= SCOREBOARD_MAX);
        if (isa_ends_block(&in))
            assert_true(scoreboard_empty(&a));
    }
    assert_true(cycles2 < cycles1 && cycles2 > n / 2);
}

/* ---- divide, branches --------------------------------------------------- */

/* Each class needs a latency in profile.def (else it would take one cycle), but
 * those in `without` have none: they have a rule of their own, or no result. */
TEST(classes_have_a_latency)
{
#define AT(m) offsetof(struct cpu_profile, m)
    static const size_t rows[] = {
#define FIELD(m, ...) AT(m),
#include "time/core/profile.def"
    };
    u64 without = 1ull << IC_DIV | 1ull << IC_STORE | 1ull << IC_FSTORE |
                  1ull << IC_BRANCH | 1ull << IC_JAL | 1ull << IC_JALR |
                  1ull << IC_FENCE | 1ull << IC_SYSTEM;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        for (unsigned c = 0; c < IC_COUNT; c++)
            if (rows[i] == AT(pipe.latency[0]) + c)
                without ^= 1ull << c;
    for (int c = 0; c < IC_COUNT; c++)
        if (!(without >> c & 1))
            fail_msg("class %d: no latency in profile.def, or needs none", c);
}

TEST(divides_take_what_they_need)
{
    const struct pipe_model *u54 = &cpu_profile_find("u54")->pipe;
    const struct pipe_model *rocket = &cpu_profile_find("rocket")->pipe;
    const struct pipe_model *u74 = &cpu_profile_find("u74")->pipe;

    assert_int_equal(pipe_divide(u54, 5, 0, true, false), 0);
    assert_int_equal(pipe_divide(u54, 5, 100, true, false), 0);
    assert_int_equal(pipe_divide(u54, 100, 100, true, false), 1);
    assert_int_equal(pipe_divide(u54, ~0ull, 1, false, false), 63);
    assert_int_equal(pipe_divide(u54, ~0ull, 1, true, false), 1); /* -1 / 1 */
    assert_int_equal(pipe_divide(u54, ~0ull, 1, false, true), 32);
    assert_int_equal(pipe_divide(u54, 1ull << 63, ~0ull, true, false), 63);
    assert_int_equal(pipe_divide(rocket, 9, 3, true, false), 0);
    assert_int_equal(pipe_divide(rocket, 9, 3, true, true), 1);
    assert_int_equal(pipe_divide(u74, ~0ull, 3, false, false), 0);
}

static struct branch_predictor a, b;

/* As the engine treats a conditional branch; true: the prediction was wrong. */
static bool conditional(struct branch_predictor *p,
                        const struct branch_model *m, u64 pc, bool taken)
{
    bool wrong;
    u32 history = p->history;
    u8 *counter = branch_counter_of(p, &history, branch_slot(p, pc), taken);
    p->history = (u8)history;
    *counter = (u8)(BRANCH_STEP *
                    branch_next(m, *counter / BRANCH_STEP, taken, &wrong));
    p->branches++;
    p->mispredicts += wrong;
    return wrong;
}

/* Returns the wrong predictions in the last of `turns` runs of a loop of n. */
static unsigned loop(const struct branch_model *m, int n, int turns)
{
    unsigned wrong = 0;

    for (int turn = 0; turn < turns; turn++) {
        wrong = 0;
        for (int i = 0; i < n; i++)
            wrong += conditional(&b, m, 0x1000, i < n - 1);
    }
    return wrong;
}

/* Each step of a loop of seven has its own history of eight outcomes, and its
 * own three bits that Rocket hashes from it: no error. Without history, two-bit
 * counters err once a run. In a loop of 100 they err once, one-bit twice. */
TEST(loops_are_learnt)
{
    static const struct {
        const char *cpu;
        unsigned seven, hundred;
    } want[] = {
        {"u54", 0, 1}, {"rocket", 0, 2}, {"u74", 0, 1}, {"ideal", 1, 1}};

    for (unsigned i = 0; i < ARRAY_LEN(want); i++) {
        const struct branch_model *m = &cpu_profile_find(want[i].cpu)->branch;
        branch_init(&b, m);
        assert_int_equal(loop(m, 7, 40), want[i].seven);
        branch_init(&b, m);
        assert_int_equal(loop(m, 100, 40), want[i].hundred);
    }
}

/* The predictor keeps as many returns and targets as the profile says. */
TEST(sizes_are_the_profiles)
{
    static const char *const cpus[] = {"u54", "rocket", "u74", "ideal"};

    for (unsigned k = 0; k < ARRAY_LEN(cpus); k++) {
        const struct branch_model *m = &cpu_profile_find(cpus[k])->branch;
        for (u64 n = m->returns - 1u; n <= m->returns + 1u; n++) {
            branch_init(&b, m);
            for (u64 i = 0; i < n; i++)
                branch_push(&b, 0x2000 + i * 4);
            for (u64 i = n; i-- > 0;)
                assert_int_equal(
                    branch_target(&b, 0x3000, 0x2000 + i * 4, false, true, 0),
                    i + m->returns < n);
        }
        for (u64 n = m->targets - 1u; n <= m->targets + 1u; n++) {
            branch_init(&b, m);
            for (u64 i = 0; i < 3 * n; i++)
                assert_int_equal(branch_target(&b, 0x4000 + i % n * 6,
                                               0x8000 + i % n * 8, false, false,
                                               0),
                                 i < n || n > m->targets);
        }
        /* predicts a jump's last target, for a return the pc after its call */
        branch_init(&b, m);
        assert_true(branch_target(&b, 0x4000, 0x5000, false, false, 0));
        assert_false(branch_target(&b, 0x4000, 0x5000, false, false, 0));
        assert_true(branch_target(&b, 0x4000, 0x6000, true, false, 0x4004));
        assert_false(branch_target(&b, 0x6010, 0x4004, false, true, 0));
    }
}

TEST(predictor_saved_and_loaded)
{
    const struct branch_model *m = &cpu_profile_find("rocket")->branch;
    u64 seed = 6;

    branch_init(&a, m);
    branch_init(&b, m);
    for (int i = 0; i < 5000; i++) {
        u64 r = rand_step(&seed);
        conditional(&a, m, r & 0xffe, r >> 20 & 1);
        branch_target(&a, r & 0x7e, r >> 30 & 0xffe, r >> 50 & 1, r >> 51 & 1,
                      r & 0xfe);
    }
    SAVE(branch_state(&a, m, s));
    LOAD(branch_state(&b, m, s));
    for (int i = 0; i < 5000; i++) {
        u64 r = rand_step(&seed), pc = r & 0x7e, to = r >> 30 & 0xe;
        bool call = r >> 50 & 1, ret = r >> 51 & 1, taken = r >> 20 & 1;
        assert_int_equal(conditional(&a, m, r & 0xffe, taken),
                         conditional(&b, m, r & 0xffe, taken));
        assert_int_equal(branch_target(&a, pc, to, call, ret, pc + 4),
                         branch_target(&b, pc, to, call, ret, pc + 4));
    }
    assert_int_equal(a.mispredicts, b.mispredicts);
    a.ras_top = m->returns;
    SAVE(branch_state(&a, m, s));
    REFUSE("", branch_state(&b, m, s));
}
