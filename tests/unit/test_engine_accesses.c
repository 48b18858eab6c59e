/* SPDX-License-Identifier: MIT */
// rooms: engine time mmu hart isa base
/* Finds accesses for which the engine's fast paths give another result or cost.
 * A random program loads from and stores to pages of every kind, mostly at
 * adjacent addresses off one register, in M-mode (with MPRV), S and U, while
 * spaces, rights, PTEs, PMP and its own code change. Registers, cycles, bytes
 * and TLB entries must be the same if the code runs whole, in steps, in pieces,
 * saved and loaded, stopped by break- and watchpoints or at page walks, and
 * with a listener (which turns the fast paths off). SOAK=1 tries more. */
#include "saved.h"

#include "engine/box.c"
#include "engine/encode.h"

#define RAM    0x80000000ull
#define SKIP   (RAM + 0x8000) /* the handler of all traps */
#define CODE   (RAM + 0x10000)
#define DATA   (RAM + 0x20000)
#define FRAMES 16u
#define TABLES (RAM + 0x100000)
#define SPACES 4u /* two for S-mode, two for U-mode */
#define WINDOW 0x40000000ull
#define PAGES  80u
#define LARGE  (WINDOW + (2u << 20)) /* a page of 2 MiB: RAM's second half */
#define INSNS  120u

/* Manners of running beside box.h's. SAVED: saved and loaded into a new box
 * every 16 trials. WATCHED: stopped by break- and watchpoints. LISTENED: with a
 * listener. CAUGHT: stopped at each walk, which is then stepped up to 7
 * times. */
enum { SAVED = BOX_PIECES + 1, WATCHED, LISTENED, CAUGHT, BOXES };

/* The registers by their contents; P, Q and R hold addresses. */
enum {
    P = 5,
    Q,
    R,
    STEP, /* -4096, 4096, 8192 or 0 */
    V,    /* values */
    LAST = V + 5,
    NOP,  /* addi x0, x0, 0 */
    HERE, /* an address in the code */
    PTES, /* address of a page table, mostly of leaves */
    PTE,  /* a new PTE for it */
    SATP, /* SATP to OTHER: four values of satp */
    OTHER = SATP + 3,
    BITS,  /* bits of mstatus, for csrs and csrc */
    REGION /* a value of pmpaddr0 */
};

static u64 leaf_of(u64 *s, u32 priv)
{
    unsigned usual = priv == PRV_S ? 0xc7 : 0xd7;

    static const u16 flags[16] = {0xc7, 0xc7, 0xc7, 0xc7, 0xcf, 0x47,
                                  0x07, 0xc3, 0x43, 0xe7, 0xd7, 0xd7,
                                  0xc9, 0xc5, 0x00, 0xc7};
    u64 frame = (DATA >> 12) + below(s, FRAMES);

    if (!below(s, 24)) /* a page of 64 KiB (Svnapot) */
        return 1ull << 63 | (DATA >> 12 | 8) << 10 | usual;
    return frame << 10 | (below(s, 8) ? usual : flags[below(s, 16)]) |
           (below(s, 24) ? 0 : 1ull << 61);
}

/* Emits a run of loads or of stores, like those by which a function restores or
 * saves registers; returns the number of instructions, at most `room`. */
static unsigned accesses(u64 *s, u32 *code, unsigned room)
{
    static const u8 loads[] = {3, 3, 3, 2, 2, 6, 1, 5, 0, 4};
    unsigned base = (unsigned)ONE_OF(s, P, P, Q, R), n = 1 + below(s, 6);
    unsigned kind = below(s, 2), size = (unsigned)ONE_OF(s, 3, 3, 3, 2, 1, 0);
    int off = 8 * (int)below(s, 16) - 64;

    n = n < room ? n : room;
    for (unsigned i = 0; i < n; i++, off += ONE_OF(s, 8, 8, 8, 4, 0, -16, 1)) {
        unsigned x = (unsigned)ONE_OF(s, V, V + 1, V + 2, LAST, 0);
        if (!below(s, 100))
            x = base;
        if (kind)
            code[i] = store(below(s, 8) ? size : below(s, 4), base, x, off);
        else if (below(s, 8))
            code[i] = i_type(3, size, x, base, off);
        else
            code[i] = i_type(3, loads[below(s, 10)], x, base, off);
    }
    return n;
}

static u32 csr(unsigned what, unsigned number, unsigned rs1)
{
    return number << 20 | rs1 << 15 | what << 12 | 0x73;
}

/* Returns an instruction that changes translation, rights or the code. */
static u32 change(u64 *s, bool machine)
{
    unsigned base = (unsigned)ONE_OF(s, P, Q, R);

    switch (below(s, machine ? 12 : 9)) {
    case 0:
        return 0x12000073; /* sfence.vma */
    case 1:
        return 0x12000073 | base << 15;
    case 2:
        return 0x12000073 | (unsigned)ONE_OF(s, BITS, 0) << 20;
    case 3:
    case 4:
        return csr(1, CSR_satp, SATP + below(s, 4));
    case 5:
    case 6:
        return csr(2 + below(s, 2), CSR_sstatus, BITS);
    case 7:
        return store(3, PTES, PTE, 8 * (int)below(s, PAGES));
    case 8:
        return store(2, HERE, NOP, 4 * (int)below(s, 60) - 120);
    case 9:
    case 10:
        return csr(2 + below(s, 2), CSR_mstatus, BITS);
    default:
        return csr(1, CSR_pmpaddr0, REGION);
    }
}

static u32 other(u64 *s)
{
    unsigned x = (unsigned)ONE_OF(s, V, V + 1, V + 2, LAST);
    unsigned base = (unsigned)ONE_OF(s, P, Q, R);

    switch (below(s, 11)) {
    case 0:
    case 1:
        return i_type(0x13, 0, base, base, ONE_OF(s, 8, -8, 64, 2040, -2048));
    case 2:
        return r_type(0, 0, base, base, STEP);
    case 3:
        return r_type(0, 0, base, 0, (unsigned)ONE_OF(s, P, Q, R));
    case 9:
    case 10:
        return u_type(base, (unsigned)(WINDOW >> 12) + below(s, PAGES));
    case 4:
        return i_type(0x13, 0, x, (unsigned)ONE_OF(s, V, V + 1, 0), 5);
    case 5: /* fld, fsd */
        return i_type(7, 3, x, base, 8);
    case 6:
        return store(3, base, x, 16) | 4;
    case 7: /* amoadd, lr, sc */
        return (unsigned)ONE_OF(s, 0, 2, 3) << 27 | base << 15 | 3 << 12 |
               x << 7 | 0x2f;
    default:
        return branch(below(s, 2), x, (unsigned)ONE_OF(s, 0, V),
                      8 + 4 * (int)below(s, 6));
    }
}

struct trial {
    u32 code[INSNS + 8];
    u64 x[32], pc, mstatus, satp, cycles, pte[PAGES];
    u32 priv, space;
    bool hw_ad;
};

static void invent_code(struct trial *t, u64 *s)
{
    unsigned n = 0;

    while (n < INSNS)
        if (below(s, 3))
            n += accesses(s, t->code + n, INSNS - n);
        else if (below(s, 6))
            t->code[n++] = other(s);
        else
            t->code[n++] = change(s, t->priv == PRV_M);
    for (unsigned i = 0; i < 8; i++, n++) /* back to the start */
        t->code[n] = jump(-4 * (int)n);
}

static u64 satp_of(u64 *s, u32 priv)
{
    unsigned space = priv == PRV_M   ? below(s, 4)
                     : priv == PRV_S ? below(s, 2)
                                     : 2 + below(s, 2);
    unsigned asid = space / 2 * 3 + below(s, 3);
    u64 root = (TABLES >> 12) + 8 * space;

    return below(s, 40) ? SATP_MODE_SV39 << 60 | (u64)asid << 44 | root : 0;
}

static u64 address(u64 *s)
{
    if (!below(s, 12))
        return LARGE + 8 * below(s, 1u << 18);
    if (!below(s, 40)) /* not canonical */
        return WINDOW | 1ull << (38 + below(s, 26));
    return WINDOW + 4096 * below(s, PAGES) +
           (below(s, 3) ? 8 * below(s, 512) : 4096 - below(s, 80));
}

/* Points PTES to the root or to the window's middle table, and makes PTE a
 * pointer for that table, valid or not, or a leaf. */
static void invent_pointer(struct trial *t, u64 *s)
{
    u64 root = TABLES + t->space * 0x8000;
    static const u64 low[] = {
        1, 1,    1,    0x21,           0x41,          0x11,
        0, 0xc7, 0xd7, 1 | 1ull << 54, 1 | 1ull << 63};
    static const u8 table[] = {3, 3, 3, 4, 2, 1};

    t->x[PTES] = root + (below(s, 3) ? 0x2000 : 0);
    t->x[PTE] = ((root >> 12) + table[below(s, 6)]) << 10 | low[below(s, 11)];
}

/* Returns a pmpaddr to forbid a page of data or a part of the leaf table. */
static u64 region(const struct trial *t, u64 *s)
{
    u64 leaves = TABLES + t->space * 0x8000 + 0x3000;

    if (below(s, 4))
        return (DATA + 4096 * below(s, FRAMES)) >> 2 | 0x1ff;
    return (leaves + 64 * below(s, 10)) >> 2 | (u64)ONE_OF(s, 0, 1, 7);
}

static void invent(struct trial *t, u64 *s)
{
    memset(t, 0, sizeof(*t));
    t->priv = (u32)ONE_OF(s, PRV_M, PRV_S, PRV_S, PRV_U);
    t->pc = CODE + 4 * below(s, 15000); /* 60 KB: L1I holds less */
    t->cycles = 100 + below(s, 4000);
    t->mstatus = (u64)below(s, 4) << 18 | MSTATUS_FS;
    if (t->priv == PRV_M)
        t->mstatus |= MSTATUS_MPRV | (u64)ONE_OF(s, 0, 1, 1, 3) << 11;
    for (unsigned i = P; i <= R; i++)
        t->x[i] = address(s);
    t->x[STEP] = (u64)ONE_OF(s, -4096, 4096, 8192, 0);
    for (unsigned i = V; i <= LAST; i++)
        t->x[i] = below(s, 4) ? rand_step(s) : address(s);
    t->x[NOP] = 0x13;
    t->x[HERE] = t->pc + 256;
    for (unsigned i = SATP; i <= OTHER; i++)
        t->x[i] = satp_of(s, t->priv);
    t->satp = t->x[SATP];
    t->space = (u32)(t->satp >> 3 & 3);
    t->x[PTES] = TABLES + t->space * 0x8000 + 0x3000;
    t->x[PTE] = leaf_of(s, t->priv);
    if (!below(s, 6))
        invent_pointer(t, s);
    t->hw_ad = below(s, 2);
    t->x[BITS] = (u64)below(s, 4) << 18;
    if (t->priv == PRV_M && !below(s, 3))
        t->x[BITS] |= MSTATUS_MPRV | (u64)below(s, 4) << 11;
    t->x[REGION] = region(t, s);
    for (unsigned i = 0; i < PAGES; i++)
        t->pte[i] = leaf_of(s, t->priv);
    invent_code(t, s);
}

/* Writes each space's upper tables, which map the window, and RAM to itself. */
static void point(struct box *b)
{
    for (u64 i = 0; i < SPACES; i++) {
        u64 *t = (u64 *)(b->ram + (TABLES - RAM) + i * 0x8000);
        u64 at = (TABLES + i * 0x8000) >> 12;
        memset(t, 0, 3 * 4096);
        t[1] = (at + 2) << 10 | 1;
        t[2] = (at + 1) << 10 | 1;
        t[512] = (at + 4) << 10 | 1;
        t[1024] = (at + 3) << 10 | 1;
        t[1025] = (RAM + BOX_RAM / 2) >> 12 << 10 | (i < 2 ? 0xc7 : 0xd7);
    }
}

static void set_up(struct box *b)
{
    static const u32 skip[] = {0x340f9ff3, /* csrrw x31, mscratch, x31 */
                               0x34102ff3, /* csrr x31, mepc */
                               0x004f8f93, /* addi x31, x31, 4 */
                               0x341f9073, /* csrw mepc, x31 */
                               0x340f9ff3, 0x30200073 /* mret */};

    memcpy(b->ram + (SKIP - RAM), skip, sizeof(skip));
    for (u64 i = 0; i < SPACES; i++) {
        u64 *t = (u64 *)(b->ram + (TABLES - RAM) + i * 0x8000);
        for (u64 k = 0; k < 512; k++)
            t[2048 + k] = ((RAM >> 12) + k) << 10 | (i < 2 ? 0xcf : 0xdf);
    }
    b->hart.mtvec = SKIP;
    b->hart.menvcfg |= MENVCFG_PBMTE;
    b->hart.pmpaddr[0] = DATA >> 2 | 0x1ff; /* a page: no access at all */
    b->hart.pmpaddr[1] = ~0ull >> 10;
    b->hart.pmpcfg[0] = PMP_NAPOT;
    b->hart.pmpcfg[1] = PMP_NAPOT | PMP_R | PMP_W | PMP_X;
}

static void watch(struct box *b, const struct trial *t)
{
    u64 at[] = {t->pc + 4 * (t->cycles % INSNS), t->pc + 4 * (t->pc % INSNS)};
    struct engine_watch w[] = {
        {.va = t->x[P] & ~63ull, .len = 64, .on_read = true},
        {.va = t->x[Q], .len = 8, .on_write = true}};

    engine_breakpoints(b->engine, at, t->cycles % 3);
    engine_watchpoints(b->engine, w, t->cycles / 3 % 3);
}

static void run_caught(struct box *b, u64 seed, u64 limit)
{
    const struct walk *w = &b->mmu.walk;

    b->mmu.catch_walk = true;
    /* the first half of an access may use up the time; if the walk for its
     * second half is caught after that, this walk is still finished */
    while (b->hart.cycle < limit || w->phase != WALK_IDLE)
        if (box_once(b, limit, false) == ENGINE_WALK)
            for (u64 n = rand_step(&seed) >> 9 & 7;
                 n && (w->phase == WALK_ARMED || w->phase == WALK_RUNNING); n--)
                engine_step_walk(b->engine);
    b->mmu.catch_walk = false;
}

static void perform(struct box *b, const struct trial *t, unsigned how)
{
    struct hart *h = &b->hart;
    u64 limit = h->cycle + t->cycles;

    memcpy(b->ram + (t->pc - RAM), t->code, sizeof(t->code));
    engine_ram_written(b->engine, t->pc, sizeof(t->code));
    point(b);
    memcpy(b->ram + (TABLES - RAM) + t->space * 0x8000 + 0x3000, t->pte,
           sizeof(t->pte));
    h->hw_ad = t->hw_ad;
    memcpy(h->x, t->x, sizeof(t->x));
    h->pc = t->pc;
    h->priv = t->priv;
    h->satp = t->satp;
    h->mstatus = t->mstatus;
    engine_context_changed(b->engine);
    if (how == WATCHED)
        watch(b, t);
    if (how == CAUGHT)
        run_caught(b, t->cycles, limit);
    else
        box_run(b, how > BOX_PIECES ? BOX_WHOLE : (enum box_manner)how,
                t->cycles, limit);
}

static void nothing(UNUSED void *opaque, UNUSED const struct engine_commit *c)
{
}

/* Fails unless a is in the state of b, whose digest is `whole`. */
static void same(struct box *a, struct box *b, const char *whole,
                 unsigned trial, unsigned how)
{
    const struct hart *h = &a->hart, *o = &b->hart;
    char digest[33];

    box_hash_hart(a, digest);
    if (!strcmp(digest, whole))
        return;
    for (unsigned i = 0; i < 32; i++)
        if (h->x[i] != o->x[i])
            printf("x%u %llx, whole %llx\n", i, h->x[i], o->x[i]);
    printf("pc %llx %llx cycle %llu %llu instret %llu %llu\n", h->pc, o->pc,
           h->cycle, o->cycle, h->instret, o->instret);
    fail_msg("trial %u, manner %u", trial, how);
}

static void same_all(struct box *a, struct box *b, const char *whole)
{
    char digest[33];

    box_hash(a, digest);
    assert_string_equal(digest, whole);
    assert_int_equal(a->mmu.dtlb.stats.accesses, b->mmu.dtlb.stats.accesses);
    assert_int_equal(a->mmu.itlb.stats.accesses, b->mmu.itlb.stats.accesses);
    assert_int_equal(box_cycles_sum(a), a->hart.cycle);
}

/* Compares the frames' times of last use, which are exact but not in a save. */
static void same_use(struct box *a, struct box *b)
{
    assert_memory_equal(engine_last_use(a->engine), engine_last_use(b->engine),
                        BOX_RAM / 4096 * sizeof(u64));
}

static struct box *saved_and_loaded(const struct box_options *o, struct box *b)
{
    struct box *fresh = box_new(o);

    SAVE(box_state(b, s));
    fresh->hart.hw_ad = b->hart.hw_ad; /* or the load would be refused */
    LOAD(box_state(fresh, s));
    box_free(b);
    return fresh;
}

static void trials(const struct box_options *o, unsigned n, bool switches)
{
    static struct trial t;
    struct box *b[BOXES];
    u64 seed = 4711;

    if (getenv("SEED"))
        seed += strtoul(getenv("SEED"), NULL, 0);
    for (unsigned i = 0; i < BOXES; i++) {
        b[i] = box_new(o);
        set_up(b[i]);
    }
    engine_on_commit(b[LISTENED]->engine, nothing, NULL);
    for (unsigned i = 0; i < n; i++) {
        char whole[33];

        invent(&t, &seed);
        perform(b[0], &t, 0);
        box_hash_hart(b[0], whole);
        for (unsigned how = 1; how < BOXES; how++) {
            perform(b[how], &t, how);
            same(b[how], b[0], whole, i, how);
        }
        if (i % 16 == 7)
            b[SAVED] = saved_and_loaded(o, b[SAVED]);
        if (i % 32 == 31)
            box_hash(b[0], whole);
        for (unsigned how = 1; how < BOXES && i % 32 == 31; how++) {
            same_all(b[how], b[0], whole);
            if (how != SAVED)
                same_use(b[how], b[0]);
        }
        for (unsigned how = 0; how < BOXES && switches && i % 16 == 5; how++)
            engine_set_timed(b[how]->engine, !engine_timed(b[how]->engine));
    }
    if (getenv("SHOW"))
        printf("%s: %llu traps %llu cycles %llu instret %llu refills %llu "
               "blocks\n",
               o->cpu, engine_traps(b[0]->engine), b[0]->hart.cycle,
               b[0]->hart.instret, engine_host_stats(b[0]->engine).pages,
               engine_host_stats(b[0]->engine).blocks);
    for (unsigned i = 0; i < BOXES; i++)
        box_free(b[i]);
}

#define TRIALS      80
#define TRIALS_SOAK 1000

static unsigned how_many(void)
{
    if (getenv("TRIALS"))
        return (unsigned)atoi(getenv("TRIALS"));
    return getenv("SOAK") ? TRIALS_SOAK : TRIALS;
}

TEST(test_fast)
{
    trials(&(struct box_options){.timed = false}, how_many(), false);
    trials(&(struct box_options){.timed = false, .tlb_entries = 3}, how_many(),
           false);
}

TEST(test_shapes)
{
    static const struct box_options o[] = {
        {.dtlb = {6, 2}},
        {.dtlb = {7, 1}},
        {.dtlb = {1, 1}},
        {.dtlb = {16, 4}, .l2tlb = {32, 2}},
        {.dtlb = {4, 4}, .l2tlb = {16, 1}},
        {.dtlb = {4, 4}, .l2tlb = {16, 16}, .one_space = true},
        {.dtlb = {8, 2, 2}},
        {.dtlb = {16, 1, 1}},
        {.dtlb = {4, 4, 4}, .one_space = true},
    };
    for (unsigned i = 0; i < 2 * ARRAY_LEN(o); i++) {
        struct box_options timed = o[i / 2];
        timed.timed = i & 1;
        trials(&timed, how_many() / 4, false);
    }
}

TEST(test_cycle)
{
    static const char *const cpus[] = {"u54", "rocket", "u74", "ideal"};
    for (unsigned i = 0; i < ARRAY_LEN(cpus); i++)
        trials(&(struct box_options){.timed = true, .cpu = cpus[i]}, how_many(),
               false);
}

TEST(test_few_entries)
{
    for (unsigned n = 1; n <= 7; n += 3)
        trials(&(struct box_options){.timed = true, .tlb_entries = n},
               how_many(), false);
}

/* Short epochs often empty the host TLBs while a program runs. */
TEST(test_short_epochs)
{
    static const char *const cpus[] = {"u54", "rocket", "u74"};
    trials(&(struct box_options){.timed = false, .epoch = 300}, how_many(),
           false);
    for (unsigned i = 0; i < ARRAY_LEN(cpus); i++)
        trials(
            &(struct box_options){.timed = true, .cpu = cpus[i], .epoch = 500},
            how_many(), false);
}

/* The timing switches every 16 trials. */
TEST(test_switching)
{
    trials(&(struct box_options){.timed = true, .cpu = "u54"}, how_many(),
           true);
}
