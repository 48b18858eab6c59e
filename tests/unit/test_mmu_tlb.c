/* SPDX-License-Identifier: MIT */
// rooms: mmu base
/* Compares TLB contents with refmodel.h over random translations and every form
 * of sfence.vma; tests capacity, stale entries, save and load. */
#include "saved.h"

#include "mmu_memory.h"
#pragma GCC diagnostic ignored "-Wunused-function" /* caches are not used */
#include "refmodel.h"

#define RWXAD (PTE_V | PTE_R | PTE_W | PTE_X | PTE_A | PTE_D)

static void same(const struct tlb *t, const struct ref_tlb *m)
{
    for (unsigned i = 0; i < m->sets * m->ways + m->large; i++) {
        const struct tlb_entry *e = &t->e[i];
        const struct ref_page *p = &m->page[i];
        assert_int_equal(e->valid, p->valid);
        if (!p->valid)
            continue;
        assert_int_equal(e->vpn, p->vpn);
        assert_int_equal(e->ppn, p->ppn);
        assert_int_equal(tlb_pages(e), p->pages);
        assert_int_equal(e->asid, p->asid);
        assert_int_equal(
            e->flags, PTE_V | PTE_A | (p->readable ? PTE_R : 0) |
                          (p->writable ? PTE_W : 0) |
                          (p->executable ? PTE_X : 0) | (p->user ? PTE_U : 0) |
                          (p->global ? PTE_G : 0) | (p->dirty ? PTE_D : 0));
    }
    assert_int_equal(t->stats.accesses, m->accesses);
    assert_int_equal(t->stats.misses, m->misses);
}

/* ---- three spaces with every size of page; of each 8 pages, page 5 is global,
 * but pages 32 to 63 are two NAPOT ranges, not global ---------------------- */

static void spaces(struct memory *m)
{
    memset(m, 0, sizeof(*m));
    for (u64 asid = 0; asid < 3; asid++) {
        unsigned root = (unsigned)asid * 4;
        u64 *top = memory_at(m, table_page(root));
        u64 *mid = memory_at(m, table_page(root + 1));
        u64 *low = memory_at(m, table_page(root + 2));
        top[0] = pte_of(table_page(root + 1), PTE_V);
        top[1] = pte_of(asid << 30, RWXAD);
        mid[0] = pte_of(table_page(root + 2), PTE_V);
        for (u64 i = 1; i < 8; i++)
            mid[i] = pte_of((asid * 8 + i) << 21, RWXAD | (i == 5 ? PTE_G : 0));
        for (u64 i = 0; i < 512; i++)
            low[i] = pte_of((asid * 512 + i) << 12,
                            (i & 8 ? RWXAD : RWXAD & ~PTE_D) |
                                (i % 8 == 5 ? PTE_G : 0));
        for (u64 i = 32; i < 64; i++)
            low[i] = PTE_N | pte_of((asid * 512 + (i & ~15ull) + 8) << 12,
                                    i & 16 ? RWXAD : RWXAD & ~PTE_D);
    }
}

static u64 pick_va(u64 *seed)
{
    u64 r = rand_step(seed);

    switch (r % 8) {
    case 0:
        return 1ull << 30 | (r >> 8 & 0x3ffff000);
    case 1:
    case 2:
        return (r >> 8) % 8 << 21 | (r >> 16 & 0x1ff000);
    default:
        return (r >> 8 & 63) << 12;
    }
}

struct pair {
    struct mmu mmu;
    struct refmodel model;
    unsigned evictions, emptied;
    struct memory mem;
};

static void on_evicted(void *opaque, enum l1_tlb tlb, const struct tlb_entry *e)
{
    struct pair *p = opaque;

    assert_true(tlb == L1_ITLB || tlb == L1_DTLB);
    if (!e) {
        p->emptied++; /* a fence without address and ASID */
        return;
    }
    assert_true(e->valid);
    p->evictions++;
}

static void no_report(UNUSED void *opaque, UNUSED uint64_t event)
{
}

static void one_translation(struct pair *p, u64 *seed)
{
    struct mmu_port port = port_to(&p->mem);
    u64 va = pick_va(seed), r = rand_step(seed), pa;
    unsigned asid = r % 3;
    enum access acc = (r >> 8) % 3;
    struct mmu_ctx c = {.satp = satp_of(asid * 4, asid * 0x5555),
                        .priv = 1,
                        .hw_ad = true,
                        .napot = true};
    struct tlb_entry *leaf;
    u32 cause, tlb = 0, walk = 0;

    assert_int_equal(mmu_translate(&p->mmu, &c, va, acc, &port, &pa, &leaf,
                                   &cause, &tlb, &walk),
                     MMU_OK);
    struct ref_context rc = {.translated = true,
                             .root = table_page(asid * 4),
                             .asid = asid * 0x5555, /* all 16 bits */
                             .sets_ad = true,
                             .napot = true};
    bool uncached;
    uint64_t want;
    assert_true(ref_translate(&p->model, &rc, va, (enum ref_access)acc, &want,
                              &uncached));
    (acc == ACC_FETCH ? &p->model.itlb : &p->model.dtlb)->accesses++;
    assert_int_equal(pa, want);
}

static void one_fence(struct pair *p, u64 *seed)
{
    u64 r = rand_step(seed), va = pick_va(seed);
    bool has_va = r & 3, has_asid = r & 4 || !has_va;
    u16 asid = (r >> 8) % 3 * 0x5555;

    if (!(r >> 16 & 31)) /* the full fence is rare */
        has_va = has_asid = false;
    mmu_sfence(&p->mmu, has_va, va, has_asid, asid);
    ref_fence(&p->model, has_va, va, has_asid, asid);
}

/* If large > 0, timing is fast, and `large` more entries hold large pages. */
static void contents_follow_the_model(u32 entries, u32 ways, u32 large, u32 l2,
                                      u32 l2_ways)
{
    static struct pair p;
    struct mmu_config shape = {.itlb_entries = entries,
                               .itlb_ways = ways,
                               .dtlb_entries = entries,
                               .dtlb_ways = ways,
                               .l2_entries = l2,
                               .l2_ways = l2_ways,
                               .asids = true,
                               .fast = {large ? entries : 0, ways, large}};
    u64 seed = 42 + entries * 7 + l2;

    memset(&p, 0, sizeof(p));
    mmu_init(&p.mmu, &shape);
    mmu_set_timed(&p.mmu, !large);
    p.mmu.evicted = on_evicted;
    p.mmu.opaque = &p;
    p.model.itlb.sets = entries / ways;
    p.model.itlb.ways = ways;
    p.model.itlb.large = large;
    p.model.dtlb = p.model.itlb;
    p.model.l2tlb.sets = l2 ? l2 / l2_ways : 0;
    p.model.l2tlb.ways = l2_ways;
    p.model.asids = true;
    p.model.ram = (u8 *)p.mem.word;
    p.model.ram_base = MEM_BASE;
    p.model.ram_bytes = sizeof(p.mem.word);
    p.model.report = no_report;
    spaces(&p.mem);
    for (int i = 0; i < 60000; i++) {
        if (rand_step(&seed) % 64 == 0)
            one_fence(&p, &seed);
        else
            one_translation(&p, &seed);
        same(&p.mmu.itlb, &p.model.itlb);
        same(&p.mmu.dtlb, &p.model.dtlb);
        if (l2)
            same(&p.mmu.l2tlb, &p.model.l2tlb);
    }
    assert_true(p.evictions > 1000 && p.emptied > 20);
    mmu_free(&p.mmu);
}

TEST(fully_associative)
{
    contents_follow_the_model(16, 16, 0, 0, 0);
}

TEST(with_a_direct_mapped_l2)
{
    contents_follow_the_model(8, 8, 0, 32, 1);
}

TEST(set_associative)
{
    contents_follow_the_model(16, 4, 0, 32, 4);
}

TEST(large_pages_apart)
{
    contents_follow_the_model(16, 4, 5, 0, 0);
    contents_follow_the_model(64, 1, 8, 0, 0);
    contents_follow_the_model(64, 4, 64, 0, 0);
}

/* ---- capacity and staleness --------------------------------------------- */

static u64 misses_of_round(struct mmu *m, struct memory *mem, unsigned pages)
{
    struct mmu_port port = port_to(mem);
    struct mmu_ctx c = {.satp = satp_of(0, 0), .priv = 1, .hw_ad = true};
    struct tlb_entry *leaf;
    u64 before = m->dtlb.stats.misses, pa;
    u32 cause, tlb = 0, walk = 0;

    for (unsigned i = 0; i < pages; i++)
        mmu_translate(m, &c, (64 + i) * PAGE_BYTES, ACC_LOAD, &port, &pa, &leaf,
                      &cause, &tlb, &walk);
    return m->dtlb.stats.misses - before;
}

TEST(n_pages_fit_and_one_more_does_not)
{
    static struct memory mem;

    spaces(&mem);
    for (unsigned n = 1; n <= 40; n += 13) {
        struct mmu_config shape = {
            .itlb_entries = n, .dtlb_entries = n, .asids = true};
        MMU(m, &shape);
        assert_int_equal(misses_of_round(&m, &mem, n), n);
        assert_int_equal(misses_of_round(&m, &mem, n), 0);
        misses_of_round(&m, &mem, n + 1);
        for (int i = 0; i < 5; i++)
            assert_int_equal(misses_of_round(&m, &mem, n + 1), n + 1);
    }
}

TEST(l2_capacity_likewise)
{
    static struct memory mem;
    struct mmu_config shape = {.itlb_entries = 4,
                               .dtlb_entries = 4,
                               .l2_entries = 64,
                               .l2_ways = 64,
                               .l2_hit_cycles = 3,
                               .asids = true};

    spaces(&mem);
    MMU(m, &shape);
    misses_of_round(&m, &mem, 64);
    u64 walks = m.walks;
    assert_int_equal(misses_of_round(&m, &mem, 64), 64);
    assert_int_equal(m.walks, walks);
    misses_of_round(&m, &mem, 65);
    walks = m.walks;
    misses_of_round(&m, &mem, 65);
    assert_int_equal(m.walks, walks + 65);
}

static u64 look(struct mmu *m, struct memory *mem, u64 va, enum access acc)
{
    struct mmu_port port = port_to(mem);
    struct mmu_ctx c = {
        .satp = satp_of(0, 0), .priv = 1, .hw_ad = true, .napot = true};
    struct tlb_entry *leaf;
    u64 pa;
    u32 cause, tlb = 0, walk = 0;

    return mmu_translate(m, &c, va, acc, &port, &pa, &leaf, &cause, &tlb,
                         &walk) == MMU_OK
               ? pa
               : 0;
}

/* A changed PTE is seen after sfence.vma or eviction, and not before; and the
 * walker's cache keeps a pointer's old value even after an sfence with va. */
TEST(stale_until_fenced)
{
    static struct memory mem;
    struct mmu_config shape = {
        .itlb_entries = 4, .dtlb_entries = 4, .asids = true};

    spaces(&mem);
    MMU(m, &shape);
    u64 *pte = memory_at(&mem, table_page(2) + 8 * 9);
    u64 old = look(&m, &mem, 0x9000, ACC_LOAD);
    *pte += 1ull << 10;
    assert_int_equal(look(&m, &mem, 0x9000, ACC_LOAD), old);
    mmu_sfence(&m, true, 0xa000, false, 0);              /* another page */
    mmu_sfence(&m, true, 1ull << 39 | 0x9000, false, 0); /* no effect: 4.2.1 */
    assert_int_equal(look(&m, &mem, 0x9000, ACC_LOAD), old);
    mmu_sfence(&m, true, 0x9000, false, 0);
    assert_int_equal(look(&m, &mem, 0x9000, ACC_LOAD), old + 4096);
    *pte -= 1ull << 10;
    for (u64 va = 0x10000; va < 0x14000; va += 4096)
        look(&m, &mem, va, ACC_LOAD); /* four others evict it */
    assert_int_equal(look(&m, &mem, 0x9000, ACC_LOAD), old);

    u64 *pointer = memory_at(&mem, table_page(1));
    *pointer = pte_of(table_page(6), PTE_V); /* the tables of space 1 */
    mmu_sfence(&m, true, 0x9000, false, 0);
    assert_int_equal(look(&m, &mem, 0x9000, ACC_LOAD), old);
    mmu_sfence(&m, false, 0, false, 0);
    assert_int_equal(look(&m, &mem, 0x9000, ACC_LOAD), old + 512 * 4096);
}

/* A NAPOT range is one entry: one walk for its 16 pages. If any of its PTEs has
 * changed, the old entry serves all pages until a fence of any of its
 * addresses, which drops the whole range. */
TEST(napot_is_one_entry_stale_as_one)
{
    static struct memory mem;
    struct mmu_config shape = {
        .itlb_entries = 4, .dtlb_entries = 4, .l2_entries = 8, .asids = true};

    spaces(&mem);
    MMU(m, &shape);
    u64 *pte = memory_at(&mem, table_page(2) + 8 * 48);
    u64 base = look(&m, &mem, 0x30000, ACC_LOAD);
    for (u64 va = 0x30000; va < 0x40000; va += 0xff8)
        assert_int_equal(look(&m, &mem, va, ACC_LOAD), base + va - 0x30000);
    assert_int_equal(m.walks, 1);
    assert_int_equal(m.dtlb.stats.misses, 1);
    for (unsigned i = 0; i < 16; i++)
        pte[i] = pte_of((0x100 + i) << 12, RWXAD); /* sixteen small pages now */
    assert_int_equal(look(&m, &mem, 0x3b123, ACC_LOAD), base + 0xb123);
    mmu_sfence(&m, true, 0x40000, false, 0); /* just beyond */
    mmu_sfence(&m, true, 0x2f000, false, 0); /* just before */
    assert_int_equal(look(&m, &mem, 0x3b123, ACC_LOAD), base + 0xb123);
    mmu_sfence(&m, true, 0x31000, false, 0); /* another page of the range */
    for (u64 i = 0; i < 16; i++)
        assert_int_equal(look(&m, &mem, 0x30000 + (i << 12), ACC_LOAD),
                         (0x100 + i) << 12);
    /* a range again: its entry replaces those of the small pages in it */
    for (unsigned i = 0; i < 16; i++)
        pte[i] = PTE_N | pte_of(0x208ull << 12, RWXAD);
    mmu_sfence(&m, true, 0x30000, false, 0);
    assert_int_equal(look(&m, &mem, 0x3f000, ACC_LOAD), 0x10f000); /* stale */
    assert_int_equal(look(&m, &mem, 0x30000, ACC_LOAD), 0x200000);
    assert_int_equal(look(&m, &mem, 0x3f000, ACC_LOAD), 0x20f000);
}

/* With --asid off all spaces share an ASID: only sfence.vma separates them. */
TEST(without_asids_spaces_mix)
{
    static struct memory mem;
    struct mmu_config shape = {.itlb_entries = 4, .dtlb_entries = 4};
    struct mmu_ctx c = {.satp = satp_of(4, 1), .priv = 1, .hw_ad = true};
    struct mmu_port port = port_to(&mem);
    struct tlb_entry *leaf;
    u64 first, pa;
    u32 cause, cycles = 0;

    spaces(&mem);
    MMU(m, &shape);
    first = look(&m, &mem, 0x9000, ACC_LOAD);
    mmu_translate(&m, &c, 0x9000, ACC_LOAD, &port, &pa, &leaf, &cause, &cycles,
                  &cycles);
    assert_int_equal(pa, first);
    mmu_sfence(&m, false, 0, true, 1);
    mmu_translate(&m, &c, 0x9000, ACC_LOAD, &port, &pa, &leaf, &cause, &cycles,
                  &cycles);
    assert_int_equal(pa, first + 512 * 4096);
}

/* ---- save and load ------------------------------------------------------ */

static void saved_and_loaded(u32 l2_entries, bool timed)
{
    static struct memory mem;
    struct mmu_config shape = {.itlb_entries = 4,
                               .dtlb_entries = 4,
                               .l2_entries = l2_entries,
                               .l2_ways = 2,
                               .asids = true,
                               .fast = {16, 2, 4}};
    char before[33], after[33];
    struct mmu a, b, other;

    spaces(&mem);
    mmu_init(&a, &shape);
    mmu_init(&b, &shape); /* b starts in cycle timing, a's save may be fast */
    mmu_set_timed(&a, timed);
    for (u64 i = 0; i < 48; i++)
        look(&a, &mem, i * 4096, i % 3);
    a.catch_walk = true;
    look(&a, &mem, 0x300000, ACC_LOAD); /* stops before its walk */
    DIGEST(before, mmu_state(&a, s));
    SAVE(mmu_state(&a, s));
    LOAD(mmu_state(&b, s));
    DIGEST(after, mmu_state(&b, s));
    assert_string_equal(before, after);
    assert_int_equal(b.timed, timed);
    assert_int_equal(b.dtlb.entries, timed ? 4 : 16);
    a.catch_walk = false;
    /* both MMUs go on alike */
    for (u64 i = 0; i < 40; i++)
        assert_int_equal(look(&a, &mem, i * 8192, i % 3),
                         look(&b, &mem, i * 8192, i % 3));
    /* a TLB of another shape refuses the save */
    shape.dtlb_entries = 8;
    shape.fast.large = 5;
    mmu_init(&other, &shape);
    REFUSE("", mmu_state(&other, s));
    mmu_free(&a);
    mmu_free(&b);
    mmu_free(&other);
}

TEST(saved_and_loaded_alike)
{
    saved_and_loaded(16, true);
    saved_and_loaded(0, true);
    saved_and_loaded(16, false);
}

/* Each timing has its own TLBs; a switch empties them and keeps the counts. */
TEST(timing_decides_about_the_shape)
{
    static struct memory mem;
    struct mmu_config shape = {.itlb_entries = 4,
                               .dtlb_entries = 4,
                               .l2_entries = 8,
                               .asids = true,
                               .fast = TLB_FAST};
    struct mmu m;

    spaces(&mem);
    mmu_init(&m, &shape);
    look(&m, &mem, 0x9000, ACC_LOAD);
    mmu_set_timed(&m, false);
    assert_int_equal(m.dtlb.entries, 4096);
    assert_int_equal(m.dtlb.ways, 4);
    assert_int_equal(m.dtlb.large, 64);
    assert_int_equal(m.l2tlb.entries, 0);
    for (u64 i = 0; i < 80; i++)
        look(&m, &mem, (i & 31) * 4096, ACC_LOAD);
    assert_int_equal(m.dtlb.stats.accesses, 81);
    assert_int_equal(m.dtlb.stats.misses, 33);
    mmu_set_timed(&m, true);
    assert_int_equal(m.dtlb.entries, 4);
    assert_int_equal(m.l2tlb.entries, 8);
    assert_int_equal(m.dtlb.stats.misses, 33);
    mmu_free(&m);
    shape.fast.entries = 0; /* as with --tlb: the same TLBs in both timings */
    mmu_init(&m, &shape);
    mmu_set_timed(&m, false);
    assert_int_equal(m.dtlb.entries, 4);
    assert_int_equal(m.l2tlb.entries, 8);
    mmu_free(&m);
}
