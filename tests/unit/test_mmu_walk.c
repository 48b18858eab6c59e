/* SPDX-License-Identifier: MIT */
// rooms: mmu base
/* Compares the Sv39 walk with a second one, written from the manual's text
 * (refmodel.h), over random page tables; tests stepping, A and D, faults. */
#include "saved.h"

#include "mmu_memory.h"
#pragma GCC diagnostic ignored "-Wunused-function" /* caches are not used */
#include "refmodel.h"

static const struct mmu_config shape = {.itlb_entries = 8,
                                        .dtlb_entries = 8,
                                        .l2_entries = 32,
                                        .l2_ways = 4,
                                        .l2_hit_cycles = 3,
                                        .pwc_hit_cycles = 1,
                                        .asids = true};

/* ---- refmodel.h's walk: privileged manual 1.12, 4.3.2, and its chapters 5
 * (Svnapot, table 5.1) and 6 (Svpbmt, table 6.1) -------------------------- */

struct verdict {
    bool ok;
    u64 pa;
    u32 cause;
    u64 leaf_pa, leaf; /* the leaf's PTE after the walk */
    unsigned pages, type;
};

struct textbook {
    struct refmodel model;
    struct memory mem;
    enum access access;
    u64 read; /* address of the PTE read last */
};

static void on_pte(void *opaque, uint64_t event)
{
    struct textbook *t = opaque;

    t->read = event & 0xffffffffffffff;
    if (event >> 60 == REF_PTE_UPDATE)
        *memory_at(&t->mem, t->read) |=
            PTE_A | (t->access == ACC_STORE ? PTE_D : 0);
}

static struct verdict textbook(struct textbook *t, const struct mmu_ctx *c,
                               u64 va, enum access acc)
{
    struct ref_context rc = {.root = (c->satp & 0xfffffffffffull) * 4096,
                             .user = c->priv == 0,
                             .sum = c->sum,
                             .mxr = c->mxr,
                             .sets_ad = c->hw_ad,
                             .napot = c->napot,
                             .pbmt = c->pbmt};
    struct ref_page p;
    u64 top = va >> 38, vpn = va >> 12 & 0x7ffffff;

    t->access = acc;
    t->model.refused = false;
    ref_fence(&t->model, false, 0, false, 0); /* no cached pointers */
    if ((top != 0 && top != 0x3ffffff) ||
        !ref_walk(&t->model, &rc, va, (enum ref_access)acc, &p)) {
        static const u8 cause[2][3] = {{12, 13, 15}, {1, 5, 7}};
        return (struct verdict){.cause = cause[t->model.refused][acc]};
    }
    u64 leaf = *memory_at(&t->mem, t->read);
    return (struct verdict){.ok = true,
                            .pa = (p.ppn + vpn - p.vpn) * 4096 + va % 4096,
                            .leaf_pa = t->read,
                            .leaf = leaf,
                            .pages = p.pages,
                            .type = leaf >> 61 & 3};
}

/* ---- random tables ------------------------------------------------------ */

/* Half of the entries mostly make sense; the others may be wrong in any way. */
static u64 random_pte(u64 *seed, unsigned level)
{
    u64 r = rand_step(seed), page = table_page(r >> 20 & (MEM_PAGES - 1));
    u64 flags = r >> 32 & 0xff;

    switch (r % 8) {
    case 0:
        return 0;
    case 1:
        return rand_step(seed); /* garbage */
    case 2:
        return pte_of(page, flags | PTE_V) | 1ull << (54 + (r >> 8) % 10);
    case 3:
        return pte_of(page, flags | (r >> 61 ? PTE_V : 0));
    case 4:
    case 5:
        if (level > 0)
            return pte_of(page, PTE_V | (flags & PTE_G));
        /* fall through */
    default:
        if (r >> 13 & 1) /* any PBMT, even the reserved 3 */
            flags |= (r >> 15 & 3) << 61;
        if ((r >> 28 & 3) && (!level || !(r >> 17 & 7)))
            flags |= 1ull << 63;
        if (flags >> 63 && (r >> 17 & 7)) /* N with a right PPN, mostly */
            page = (page & ~0xffffull) | 0x8000;
        if ((r >> 10 & 7) != 0) /* aligned, mostly */
            page = level == 2   ? (r >> 38 & 0x3ffffff) << 30
                   : level == 0 ? page
                                : page >> (12 + 9 * level) << (12 + 9 * level);
        if (level == 2 && !(r >> 48 & 7))
            page += (r >> 51 & 511) << 21; /* aligned to 2 MiB only */
        return pte_of(page, flags | PTE_V | (r & 1 << 9 ? PTE_R : PTE_X));
    }
}

static void random_memory(struct memory *m, u64 *seed)
{
    memset(m, 0, sizeof(*m));
    for (unsigned i = 0; i < ARRAY_LEN(m->word); i++) {
        unsigned page = i / 512;
        m->word[i] = random_pte(seed, page < 8 ? 2 : page < 24 ? 1 : 0);
    }
}

static u64 random_va(u64 *seed)
{
    u64 r = rand_step(seed), va = r & 0x7fffffffffull;

    if (r >> 60 == 0)
        return rand_step(seed); /* seldom canonical */
    return (u64)sext(va, 39);
}

static struct mmu_ctx random_ctx(u64 *seed)
{
    u64 r = rand_step(seed);
    return (struct mmu_ctx){.satp = satp_of(r & 7, r >> 8 & 3),
                            .priv = r >> 4 & 1,
                            .sum = r >> 5 & 1,
                            .mxr = r >> 6 & 1,
                            .hw_ad = r >> 7 & 1,
                            .napot = r >> 10 & 1,
                            .pbmt = r >> 11 & 1};
}

static enum mmu_verdict ask(struct mmu *m, struct memory *mem,
                            const struct mmu_ctx *c, u64 va, enum access acc,
                            u64 *pa, u32 *cause, u32 *cycles)
{
    struct mmu_port port = port_to(mem);
    struct tlb_entry *leaf;

    return mmu_translate(m, c, va, acc, &port, pa, &leaf, cause, cycles,
                         cycles);
}

/* Returns the address of the PTE that the walk reads `down` pointers below the
 * root, or of the last PTE if there are fewer. If a level 0 PTE looks like a
 * pointer, the address may lie below level 0, where no walk reads. */
static u64 pte_read(struct memory *m, const struct mmu_ctx *c, u64 va,
                    unsigned down)
{
    u64 pa = (c->satp & 0xfffffffffffull) * 4096 + (va >> 30 & 511) * 8;

    for (unsigned i = 0; i < down; i++) {
        u64 *pte = memory_at(m, pa);
        if (!pte || (*pte & 0xf) != PTE_V)
            break;
        pa = (*pte >> 10 & 0xfffffffffffull) * 4096 +
             (va >> (21 - 9 * i) & 511) * 8;
    }
    return pa;
}

TEST(walks_follow_the_manual)
{
    static struct memory mem;
    static struct textbook book; /* its memory must change as `mem` does */
    u64 seed = 20261120, filled = 0, faulted = 0, set = 0, napot = 0;
    u64 type[4] = {0}, refused[3] = {0};

    MMU(m, &shape);
    book.model = (struct refmodel){.ram = (u8 *)book.mem.word,
                                   .ram_base = MEM_BASE,
                                   .ram_bytes = sizeof(book.mem.word),
                                   .report = on_pte,
                                   .opaque = &book};
    for (int round = 0; round < 60; round++) {
        random_memory(&mem, &seed);
        book.mem = mem;
        for (int n = 0; n < 4000; n++) {
            struct mmu_ctx c = random_ctx(&seed);
            u64 va = random_va(&seed), pa = 0, r = rand_step(&seed);
            enum access acc = r % 3;
            u32 cause = 0, cycles = 0;
            struct walk probe;

            mem.refuse = r >> 8 & 15 ? 0 : pte_read(&mem, &c, va, r >> 16 & 3);
            mem.refuse_write = r >> 40 & 1 ? mem.refuse : 0;
            mmu_probe(&c, va, acc, memory_peek, &mem, &probe);
            book.model.refuse_read = mem.refuse;
            book.model.refuse_write = mem.refuse_write;
            struct verdict want = textbook(&book, &c, va, acc);
            mmu_flush_all(&m);
            enum mmu_verdict got =
                ask(&m, &mem, &c, va, acc, &pa, &cause, &cycles);
            assert_int_equal(got, want.ok ? MMU_OK : MMU_FAULT);
            if (want.ok) {
                assert_int_equal(pa, want.pa);
                assert_int_equal(tlb_pages(&m.walk.filled), want.pages);
                assert_int_equal(m.walk.filled.type, want.type);
                napot += want.pages == NAPOT_PAGES;
                type[want.type]++;
                filled++;
            } else {
                assert_int_equal(cause, want.cause);
                faulted++;
                refused[acc] += cause == 1 || cause == 5 || cause == 7;
            }
            set += mem.updates;
            mem.updates = 0;
            if (want.ok)
                assert_int_equal(*memory_at(&mem, want.leaf_pa), want.leaf);
            if (mem.refuse_write && !want.ok && cause != 12 && cause != 13 &&
                cause != 15)
                continue; /* a probe does not try to write */
            assert_int_equal(probe.phase, want.ok ? WALK_FILLED : WALK_FAULTED);
            if (want.ok)
                assert_int_equal(probe.filled.flags | PTE_A | PTE_D,
                                 (want.leaf & 0xff) | PTE_A | PTE_D);
            else
                assert_int_equal(probe.cause, want.cause);
        }
        assert_memory_equal(mem.word, book.mem.word, sizeof(mem.word));
    }
    assert_true(filled > 5000 && faulted > 20000 && set > 1000);
    for (unsigned i = 0; i < 3; i++) /* access faults */
        assert_true(refused[i] > 1000);
    print_message("# %llu filled: %llu of 64 KiB, %llu NC, %llu IO\n", filled,
                  napot, type[MEMTYPE_NC], type[MEMTYPE_IO]);
    assert_true(napot > 100 && type[MEMTYPE_NC] > 300 &&
                type[MEMTYPE_IO] > 300 && !type[MEMTYPE_RESERVED]);
}

/* ---- one tidy space for the tests below --------------------------------- */

enum { VA_4K = 0x1000, VA_2M = 0x200000, VA_1G = 0x40000000 };

/* Makes a root on page 0 and tables on pages 1 and 2: VAs below 2 MiB map to
 * pages from page 16 on; VA_2M and VA_1G have leaves of 2 MiB and 1 GiB. */
static void tidy(struct memory *m, u64 flags)
{
    memset(m, 0, sizeof(*m));
    *memory_at(m, table_page(0)) = pte_of(table_page(1), PTE_V);
    *memory_at(m, table_page(0) + 8) = pte_of(0x80000000, flags);
    *memory_at(m, table_page(1)) = pte_of(table_page(2), PTE_V);
    *memory_at(m, table_page(1) + 8) = pte_of(0x80200000, flags);
    for (unsigned i = 0; i < 512; i++)
        *memory_at(m, table_page(2) + i * 8) =
            pte_of(MEM_BASE + 0x10000 + i * 0x1000, flags);
}

static const struct mmu_ctx kernel = {
    .satp = 0x8000000000080000, .priv = 1, .hw_ad = true};
#define RWX   (PTE_V | PTE_R | PTE_W | PTE_X)
#define RWXAD (RWX | PTE_A | PTE_D)

/* A walk stepped level by level, then retried, leaves the same contents and
 * counters as a plain walk, and takes as many cycles. */
TEST(stepping_changes_nothing)
{
    static struct memory mem[2];
    static const u64 vas[] = {VA_4K + 8,    VA_4K + 8, VA_2M + 64,
                              VA_1G + 4096, 0x5000,    0x7fffffff000,
                              0x80000000};
    struct mmu m[2];
    char hex[2][33];
    u64 steps = 0;

    for (int i = 0; i < 2; i++) {
        mmu_init(&m[i], &shape);
        tidy(&mem[i], RWX);
    }
    for (unsigned k = 0; k < ARRAY_LEN(vas) * 3; k++) {
        u64 va = vas[k / 3], pa[2] = {0};
        u32 cause[2] = {0}, cycles[2] = {0};
        enum access acc = k % 3;

        enum mmu_verdict whole = ask(&m[0], &mem[0], &kernel, va, acc, &pa[0],
                                     &cause[0], &cycles[0]);
        m[1].catch_walk = true;
        enum mmu_verdict stepped = ask(&m[1], &mem[1], &kernel, va, acc, &pa[1],
                                       &cause[1], &cycles[1]);
        if (stepped == MMU_CAUGHT) {
            struct mmu_port port = port_to(&mem[1]);
            u32 sum = 0;
            assert_int_equal(m[1].walk.phase, WALK_ARMED);
            assert_int_equal(cycles[1], 0);
            do {
                sum += mmu_walk_step(&m[1], &port).cycles;
                steps++;
            } while (m[1].walk.phase == WALK_RUNNING);
            stepped = ask(&m[1], &mem[1], &kernel, va, acc, &pa[1], &cause[1],
                          &cycles[1]);
            assert_int_equal(sum, cycles[1]);
        }
        assert_int_equal(stepped, whole);
        assert_int_equal(pa[0], pa[1]);
        assert_int_equal(cause[0], cause[1]);
        assert_int_equal(cycles[0], cycles[1]);
        for (int i = 0; i < 2; i++)
            DIGEST(hex[i], mmu_state(&m[i], s));
        assert_string_equal(hex[0], hex[1]);
        assert_memory_equal(mem[0].word, mem[1].word, sizeof(mem[0].word));
    }
    assert_true(steps > 20);
    mmu_free(&m[0]);
    mmu_free(&m[1]);
}

/* A retry of the caught access completes an armed walk without stepping. */
TEST(an_armed_walk_is_not_caught_twice)
{
    static struct memory mem;
    u64 pa;
    u32 cause, cycles = 0;

    MMU(m, &shape);
    tidy(&mem, RWXAD);
    m.catch_walk = true;
    assert_int_equal(
        ask(&m, &mem, &kernel, VA_4K, ACC_LOAD, &pa, &cause, &cycles),
        MMU_CAUGHT);
    assert_int_equal(m.dtlb.stats.accesses, 0);
    assert_int_equal(
        ask(&m, &mem, &kernel, VA_4K, ACC_LOAD, &pa, &cause, &cycles), MMU_OK);
    assert_int_equal(m.dtlb.stats.accesses, 1);
    assert_int_equal(m.dtlb.stats.misses, 1);
    /* another access drops a walk in progress */
    assert_int_equal(
        ask(&m, &mem, &kernel, VA_2M, ACC_LOAD, &pa, &cause, &cycles),
        MMU_CAUGHT);
    assert_int_equal(
        ask(&m, &mem, &kernel, VA_1G, ACC_LOAD, &pa, &cause, &cycles),
        MMU_CAUGHT);
    assert_int_equal(m.walk.va, VA_1G);
}

TEST(steps_tell_what_happened)
{
    static struct memory mem;
    struct mmu_port port = port_to(&mem);
    u64 pa;
    u32 cause, cycles = 0;

    MMU(m, &shape);
    tidy(&mem, RWX);
    m.catch_walk = true;
    ask(&m, &mem, &kernel, VA_4K, ACC_STORE, &pa, &cause, &cycles);
    static const u8 kind[] = {STEP_READ, STEP_READ, STEP_READ, STEP_SET_AD};
    static const u8 level[] = {2, 1, 0, 0};
    u64 at[] = {table_page(0), table_page(1), table_page(2) + 8,
                table_page(2) + 8};
    for (unsigned i = 0; i < 4; i++) {
        struct walk_step s = mmu_walk_step(&m, &port);
        assert_int_equal(s.kind, kind[i]);
        assert_int_equal(s.level, level[i]);
        assert_int_equal(s.pte_pa, at[i]);
        assert_int_equal(s.pte, *memory_at(&mem, at[i]));
    }
    assert_int_equal(m.walk.phase, WALK_FILLED);
    assert_int_equal(m.walk.nsteps, 4);
    assert_int_equal(m.walk.filled.flags & 0xff, RWXAD);
    assert_int_equal(*memory_at(&mem, at[3]) & 0xff, RWXAD);
    ask(&m, &mem, &kernel, VA_4K, ACC_STORE, &pa, &cause, &cycles);
    assert_int_equal(cycles, m.walk.cycles);
    /* another page of the same table: the walker's cache serves two levels */
    u64 served = m.served[SERVED_PWC];
    m.catch_walk = false;
    cycles = 0;
    ask(&m, &mem, &kernel, VA_4K + 0x1000, ACC_LOAD, &pa, &cause, &cycles);
    assert_int_equal(m.served[SERVED_PWC], served + 2);
    assert_int_equal(m.walk.steps[0].cycles + m.walk.steps[1].cycles, 2);
    /* the PTE changes between reading and setting: that level is read again */
    mem.snatch = table_page(2) + 24;
    ask(&m, &mem, &kernel, VA_4K + 0x2000, ACC_LOAD, &pa, &cause, &cycles);
    assert_int_equal(*memory_at(&mem, table_page(2) + 24) & 0x1ff,
                     RWX | PTE_A | 1 << 8);
    assert_int_equal(m.walk.nsteps, 6);
}

/* A load leaves the dirty bit clear; a store through a clean entry walks again
 * and sets the bit, or faults if A and D are left to software. */
TEST(dirty_by_hardware_or_fault)
{
    static struct memory mem;
    struct mmu_ctx fault = kernel;
    u64 pa, *pte;
    u32 cause = 0, cycles = 0;

    fault.hw_ad = false;
    MMU(m, &shape);
    tidy(&mem, RWX);
    pte = memory_at(&mem, table_page(2) + 8);
    ask(&m, &mem, &kernel, VA_4K, ACC_LOAD, &pa, &cause, &cycles);
    assert_int_equal(*pte & 0xff, RWX | PTE_A);
    ask(&m, &mem, &kernel, VA_4K, ACC_STORE, &pa, &cause, &cycles);
    assert_int_equal(*pte & 0xff, RWXAD);
    assert_int_equal(m.walks, 2);
    ask(&m, &mem, &kernel, VA_4K, ACC_STORE, &pa, &cause, &cycles);
    assert_int_equal(m.walks, 2);

    mmu_flush_all(&m);
    *pte = (*pte & ~0xffull) | RWX;
    assert_int_equal(
        ask(&m, &mem, &fault, VA_4K, ACC_LOAD, &pa, &cause, &cycles),
        MMU_FAULT);
    assert_int_equal(cause, 13);
    *pte |= PTE_A;
    assert_int_equal(
        ask(&m, &mem, &fault, VA_4K, ACC_LOAD, &pa, &cause, &cycles), MMU_OK);
    assert_int_equal(
        ask(&m, &mem, &fault, VA_4K, ACC_STORE, &pa, &cause, &cycles),
        MMU_FAULT);
    assert_int_equal(cause, 15);
    assert_int_equal(*pte & 0xff, RWX | PTE_A);
}

/* Non-canonical accesses count, but do not miss or walk, even if stepped. */
TEST(not_canonical_faults_without_a_walk)
{
    static struct memory mem;
    static const u64 vas[] = {1ull << 38, ~0ull << 39, 1ull << 39 | VA_4K,
                              1ull << 63 | VA_4K, ~(1ull << 38)};
    u64 pa;
    u32 cause = 0, cycles = 0;

    MMU(m, &shape);
    tidy(&mem, RWXAD);
    ask(&m, &mem, &kernel, VA_4K, ACC_LOAD, &pa, &cause, &cycles);
    m.catch_walk = true;
    for (unsigned i = 0; i < ARRAY_LEN(vas); i++) {
        assert_int_equal(
            ask(&m, &mem, &kernel, vas[i], ACC_LOAD, &pa, &cause, &cycles),
            MMU_FAULT);
        assert_int_equal(cause, 13);
    }
    assert_int_equal(m.walks, 1);
    assert_int_equal(m.dtlb.stats.misses, 1);
    assert_int_equal(m.dtlb.stats.accesses, 1 + ARRAY_LEN(vas));
}

TEST(why_a_walk_faulted)
{
    static const struct {
        u32 cause, access, priv;
        u64 pte;
        const char *words;
    } faults[] = {
        {15, ACC_STORE, 0, 0, "V is clear"},
        {15, ACC_STORE, 0, 0x20119c53, "W is clear"},
        {12, ACC_FETCH, 0, 0x20119c57, "X is clear"},
        {13, ACC_LOAD, 0, 0x20119c47, "U is clear"},
        {13, ACC_LOAD, 1, 0x20119c57, "U is set"},
        {15, ACC_STORE, 0, 0x20119c17, "A is clear"},
        {15, ACC_STORE, 0, 0x20119c57, "D is clear"},
        {13, ACC_LOAD, 0, 0x20119c55, "W is set without R"},
        {7, ACC_STORE, 0, 0, "could not be read"},
    };
    struct walk w = {.phase = WALK_FAULTED, .nsteps = 3};
    w.steps[2] = (struct walk_step){.kind = STEP_FAULT, .pte_pa = 8};
    for (unsigned i = 0; i < ARRAY_LEN(faults); i++) {
        w.cause = faults[i].cause;
        w.access = (u8)faults[i].access;
        w.ctx.priv = faults[i].priv;
        w.steps[2].pte = faults[i].pte;
        assert_non_null(strstr(mmu_walk_why(&w), faults[i].words));
    }
    w.va = 1ull << 40;
    assert_non_null(strstr(mmu_walk_why(&w), "must equal bit 38"));
}
