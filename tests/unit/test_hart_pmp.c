/* SPDX-License-Identifier: MIT */
// rooms: base isa hart
/* Compares PMP with a reference that matches one byte at a time, as section
 * 3.7.1 of the manual reads; tests write and lock rules. */
#include "unit.h"
#include "hart/hart.h"

enum { R = 1, W = 2, X = 4, TOR = 8, NA4 = 16, NAPOT = 24, L = 128 };

static struct hart new_hart(void)
{
    struct hart h = {.clock_hz = 1, .timebase_hz = 1};
    hart_reset(&h, 0);
    return h;
}

/* True if entry i matches this byte, by table 3.11 (not copied from pmp.c). */
static bool byte_matches(const struct hart *h, unsigned i, u64 byte)
{
    u64 a = h->pmpaddr[i], below = i ? h->pmpaddr[i - 1] : 0;
    switch (h->pmpcfg[i] >> 3 & 3) {
    case 1:
        return byte >> 2 >= below && byte >> 2 < a;
    case 2:
        return byte >> 2 == a;
    case 3: { /* yyy0 and n ones: 2^(n + 3) bytes */
        unsigned ones = 0;
        while (ones < 54 && a >> ones & 1)
            ones++;
        return byte >> (ones + 3) == a << 2 >> (ones + 3);
    }
    }
    return false;
}

static bool reference(const struct hart *h, u64 pa, unsigned size,
                      unsigned kind, u32 priv)
{
    for (unsigned i = 0; i < PMP_ENTRIES; i++) {
        unsigned hits = 0;
        for (unsigned b = 0; b < size; b++)
            hits += byte_matches(h, i, pa + b);
        if (!hits)
            continue;
        if (hits < size)
            return false;
        if (priv == PRV_M && !(h->pmpcfg[i] & L))
            return true;
        return (h->pmpcfg[i] & kind) == kind;
    }
    return priv == PRV_M;
}

/* Puts all entries near 0x1000..0x3000, so that ranges meet. */
static void random_setup(struct hart *h, u64 *seed)
{
    *h = new_hart();
    for (unsigned i = 0; i < PMP_ENTRIES; i++) {
        u64 r = rand_step(seed);
        u64 addr = 0x400 + (r & 0x7ff);
        if (r >> 20 & 1)
            addr |= (1ull << (r >> 24 & 15)) - 1;
        if (r >> 28 & 1)
            addr &= ~0x3full;
        h->pmpaddr[i] = addr;
        h->pmpcfg[i] = (u8)(r >> 40) & (L | 0x1f);
        if (r >> 50 & 3)
            h->pmpcfg[i] &= (u8)~0x18; /* most are off */
    }
}

TEST(matches_the_reference)
{
    static const u32 privs[] = {PRV_U, PRV_S, PRV_M};
    u64 seed = 31;
    unsigned denied = 0, allowed = 0;
    for (int n = 0; n < 20000; n++) {
        struct hart h;
        random_setup(&h, &seed);
        for (int k = 0; k < 50; k++) {
            u64 r = rand_step(&seed), pa = 0xff0 + (r & 0x202f);
            unsigned size = 1u << (r >> 20 & 3), kind = 1u << (r >> 24) % 3;
            u32 priv = privs[(r >> 30) % 3];
            bool want = reference(&h, pa, size, kind, priv);
            assert_int_equal(hart_pmp_ok(&h, pa, size, kind, priv), want);
            want ? allowed++ : denied++;
        }
    }
    assert_true(allowed > 100000 && denied > 100000);
}

/* In a region, all accesses of one kind and privilege have one answer, whatever
 * their size and place. The reference gives this answer for each of them. */
TEST(regions_match_the_reference)
{
    static const u32 privs[] = {PRV_U, PRV_S, PRV_M};
    u64 seed = 47;
    unsigned inside = 0, bounded = 0;
    for (int n = 0; n < 20000; n++) {
        struct hart h;
        random_setup(&h, &seed);
        u64 r = rand_step(&seed), at = 0xff0 + (r & 0x202f);
        struct pmp_region g = hart_pmp_region(&h, at);
        assert_true(g.from <= at && at < g.end);
        bounded += g.from > 0 && g.end < 0x10000;
        for (int k = 0; k < 20; k++) {
            r = rand_step(&seed);
            u64 pa = at - 64 + (r & 127);
            unsigned size = 1u << (r >> 20 & 3), kind = 1u << (r >> 24) % 3;
            u32 priv = privs[(r >> 30) % 3];
            if (pa < g.from || pa + size > g.end)
                continue;
            inside++;
            assert_int_equal(hart_pmp_region_ok(&g, kind, priv),
                             reference(&h, pa, size, kind, priv));
        }
    }
    assert_true(inside > 100000 && bounded > 1000);
}

/* In a uniform page, the reference has one answer per kind and privilege. */
TEST(uniform_pages)
{
    static const u32 privs[] = {PRV_U, PRV_M};
    u64 seed = 77;
    unsigned uniform = 0;
    for (int n = 0; n < 300; n++) {
        struct hart h;
        random_setup(&h, &seed);
        for (u64 page = 0; page < 0x5000; page += 0x1000) {
            u64 pa = page + (u64)n % 4096;
            struct pmp_region g = hart_pmp_region(&h, pa);
            if (!hart_pmp_uniform(&g, pa))
                continue;
            uniform++;
            for (unsigned k = 0; k < 2; k++)
                for (unsigned kind = 1; kind <= 4; kind *= 2) {
                    bool first = reference(&h, page, 4, kind, privs[k]);
                    for (u64 at = 0; at < 0x1000; at += 4)
                        assert_int_equal(
                            reference(&h, page + at, 4, kind, privs[k]), first);
                }
        }
    }
    assert_true(uniform > 100);
}

TEST(whole_address_space)
{
    struct hart h = new_hart();
    assert_true(hart_pmp_ok(&h, 0x80000000, 8, R | W, PRV_M));
    assert_false(hart_pmp_ok(&h, 0x80000000, 8, R, PRV_S)); /* none matches */
    assert_int_equal(hart_csr_write(&h, CSR_pmpaddr0, ~0ull), HE_CONTEXT);
    assert_int_equal(h.pmpaddr[0], ~0ull >> 10);
    assert_int_equal(hart_csr_write(&h, CSR_pmpcfg0, NAPOT | R | W | X),
                     HE_CONTEXT);
    assert_true(hart_pmp_ok(&h, 0, 8, R | W | X, PRV_U));
    assert_true(hart_pmp_ok(&h, (1ull << 56) - 8, 8, R | W | X, PRV_U));
    struct pmp_region g = hart_pmp_region(&h, 0x80000000);
    assert_true(hart_pmp_uniform(&g, 0x80000000));
    /* with TOR the first entry matches all below its top */
    hart_csr_write(&h, CSR_pmpcfg0, TOR | R);
    assert_true(hart_pmp_ok(&h, 0, 8, R, PRV_U));
    assert_false(hart_pmp_ok(&h, 0, 8, X, PRV_U));
}

TEST(legal_values)
{
    struct hart h = new_hart();
    u64 v;
    hart_csr_write(&h, CSR_pmpcfg0, 0x6060606060606060);
    hart_csr_read(&h, CSR_pmpcfg0, &v);
    assert_int_equal(v, 0); /* bits 5 and 6 stay 0 */
    hart_csr_write(&h, CSR_pmpcfg0, W | (W | X) << 8 | (W | R) << 16);
    hart_csr_read(&h, CSR_pmpcfg0, &v);
    assert_int_equal(v, X << 8 | (W | R) << 16); /* W needs R */
    hart_csr_write(&h, CSR_pmpcfg2, (u64)(NA4 | R) << 56);
    assert_int_equal(h.pmpcfg[15], NA4 | R);
    assert_int_equal(hart_csr_write(&h, CSR_pmpcfg1, 0), HE_TRAP);
    assert_int_equal(hart_csr_write(&h, CSR_pmpaddr16, 0), HE_TRAP);
}

TEST(locked_entries_stay)
{
    struct hart h = new_hart();
    hart_csr_write(&h, CSR_pmpaddr0, 0x100);
    hart_csr_write(&h, CSR_pmpaddr1, 0x200);
    hart_csr_write(&h, CSR_pmpcfg0, (L | TOR | R) << 8 | (R << 16));
    hart_csr_write(&h, CSR_pmpaddr0, 0x111); /* lower bound of a locked TOR */
    hart_csr_write(&h, CSR_pmpaddr1, 0x222);
    hart_csr_write(&h, CSR_pmpaddr2, 0x333);
    assert_int_equal(h.pmpaddr[0], 0x100);
    assert_int_equal(h.pmpaddr[1], 0x200);
    assert_int_equal(h.pmpaddr[2], 0x333);
    hart_csr_write(&h, CSR_pmpcfg0, W | R | (W | R | X) << 8 | X << 16);
    assert_int_equal(h.pmpcfg[0], W | R);
    assert_int_equal(h.pmpcfg[1], L | TOR | R);
    assert_int_equal(h.pmpcfg[2], X);
    /* a locked entry binds M, too */
    assert_false(hart_pmp_ok(&h, 0x400, 4, W, PRV_M));
    assert_true(hart_pmp_ok(&h, 0x400, 4, R, PRV_M));
    /* a locked NA4 does not lock its neighbour's address */
    h = new_hart();
    hart_csr_write(&h, CSR_pmpcfg0, (L | NA4) << 8);
    hart_csr_write(&h, CSR_pmpaddr0, 0x123);
    assert_int_equal(h.pmpaddr[0], 0x123);
}
