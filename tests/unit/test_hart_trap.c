/* SPDX-License-Identifier: MIT */
// rooms: base isa hart
/* Tests traps, delegation, xret, interrupt priority; integer arithmetic. */
#include "unit.h"
#include "hart/arith.h"
#include "hart/hart.h"

static struct hart new_hart(u32 priv)
{
    struct hart h = {.clock_hz = 1, .timebase_hz = 1, .exts = isa_default()};
    hart_reset(&h, 0x1236);
    h.priv = priv;
    h.mtvec = 0x80001000;
    h.stvec = 0x80002000;
    return h;
}

static const u32 privs[] = {PRV_U, PRV_S, PRV_M};

/* Takes exceptions 0 to 15 from every privilege, delegated and not, with IE on
 * and off. A trap must replace what an earlier one left in xPP and xPIE. */
TEST(exceptions)
{
    for (unsigned n = 0; n < 3 * 16 * 8; n++) {
        u32 priv = privs[n % 3];
        u64 cause = n / 3 % 16;
        bool delegated = n / 48 & 1, enabled = n / 96 & 1;
        struct hart h = new_hart(priv);
        h.medeleg = delegated ? 1ull << cause : ~(1ull << cause);
        h.mstatus |= enabled ? MSTATUS_MIE | MSTATUS_SIE : 0;
        if (n / 192)
            h.mstatus |=
                MSTATUS_MPP | MSTATUS_MPIE | MSTATUS_SPP | MSTATUS_SPIE;
        u64 status = h.mstatus;
        hart_trap(&h, cause, 0x55);
        if (delegated && priv != PRV_M) {
            assert_int_equal(h.priv, PRV_S);
            assert_int_equal(h.pc, 0x80002000);
            assert_int_equal(h.sepc, 0x1236);
            assert_int_equal(h.scause, cause);
            assert_int_equal(h.stval, 0x55);
            assert_int_equal(h.mcause | h.mepc | h.mtval, 0);
            status &= ~(MSTATUS_SIE | MSTATUS_SPIE | MSTATUS_SPP);
            status |= enabled ? MSTATUS_SPIE : 0;
            status |= priv == PRV_S ? MSTATUS_SPP : 0;
        } else {
            assert_int_equal(h.priv, PRV_M);
            assert_int_equal(h.pc, 0x80001000);
            assert_int_equal(h.mepc, 0x1236);
            assert_int_equal(h.mcause, cause);
            assert_int_equal(h.mtval, 0x55);
            assert_int_equal(h.scause | h.sepc | h.stval, 0);
            status &= ~(MSTATUS_MIE | MSTATUS_MPIE | MSTATUS_MPP);
            status |= enabled ? MSTATUS_MPIE : 0;
            status |= (u64)priv << 11;
        }
        assert_int_equal(h.mstatus, status);
    }
}

TEST(vectored)
{
    struct hart h = new_hart(PRV_U);
    h.mtvec |= 1;
    h.stvec |= 1;
    h.mideleg = 0x222;
    hart_trap(&h, CAUSE_INTERRUPT | IRQ_MTIP, 0);
    assert_int_equal(h.pc, 0x80001000 + 4 * 7);
    assert_int_equal(h.mcause, CAUSE_INTERRUPT | 7);
    h.priv = PRV_U;
    hart_trap(&h, CAUSE_INTERRUPT | IRQ_SEIP, 0);
    assert_int_equal(h.pc, 0x80002000 + 4 * 9);
    assert_int_equal(h.priv, PRV_S);
    hart_trap(&h, CAUSE_ILLEGAL, 0); /* exceptions go to the base */
    assert_int_equal(h.pc, 0x80001000);
}

TEST(machine_return)
{
    for (unsigned n = 0; n < 6; n++) {
        u32 to = privs[n % 3];
        bool pie = n / 3;
        struct hart h = new_hart(PRV_M);
        h.mepc = 0x4000;
        h.mstatus |= (u64)to << 11 | MSTATUS_MPRV | (pie ? MSTATUS_MPIE : 0);
        assert_true(hart_mret(&h));
        assert_int_equal(h.pc, 0x4000);
        assert_int_equal(h.priv, to);
        assert_int_equal(!!(h.mstatus & MSTATUS_MIE), pie);
        assert_true(h.mstatus & MSTATUS_MPIE);
        assert_int_equal(h.mstatus & MSTATUS_MPP, 0);
        assert_int_equal(!!(h.mstatus & MSTATUS_MPRV), to == PRV_M);
    }
    struct hart h = new_hart(PRV_S);
    struct hart before = h;
    assert_false(hart_mret(&h));
    assert_memory_equal(&h, &before, sizeof h);
}

TEST(supervisor_return)
{
    for (unsigned n = 0; n < 2 * 2 * 2 * 3; n++) {
        bool spp = n & 1, pie = n >> 1 & 1, tsr = n >> 2 & 1;
        u32 priv = privs[n / 8];
        struct hart h = new_hart(priv);
        h.sepc = 0x4000;
        h.mstatus |= (spp ? MSTATUS_SPP : 0) | (pie ? MSTATUS_SPIE : 0) |
                     (tsr ? MSTATUS_TSR : 0) | MSTATUS_MPRV;
        struct hart before = h;
        bool may = priv == PRV_M || (priv == PRV_S && !tsr);
        assert_int_equal(hart_sret(&h), may);
        if (!may) {
            assert_memory_equal(&h, &before, sizeof h);
            continue;
        }
        assert_int_equal(h.pc, 0x4000);
        assert_int_equal(h.priv, spp ? PRV_S : PRV_U);
        assert_int_equal(!!(h.mstatus & MSTATUS_SIE), pie);
        assert_true(h.mstatus & MSTATUS_SPIE);
        assert_false(h.mstatus & (MSTATUS_SPP | MSTATUS_MPRV));
    }
}

TEST(waiting)
{
    for (unsigned tw = 0; tw < 2; tw++) {
        struct hart h = new_hart(PRV_M);
        h.mstatus |= tw ? MSTATUS_TW : 0;
        assert_true(hart_wfi_allowed(&h));
        h.priv = PRV_S;
        assert_int_equal(hart_wfi_allowed(&h), !tw);
        h.priv = PRV_U;
        assert_false(hart_wfi_allowed(&h));
    }
}

TEST(data_privilege)
{
    struct hart h = new_hart(PRV_M);
    h.mstatus |= 1ull << 11; /* MPP = S */
    assert_int_equal(hart_data_priv(&h), PRV_M);
    h.mstatus |= MSTATUS_MPRV;
    assert_int_equal(hart_data_priv(&h), PRV_S);
    h.priv = PRV_U;
    assert_int_equal(hart_data_priv(&h), PRV_U);
}

/* Returns the interrupt to take, or 0, by the text of 3.1.9: interrupt i traps
 * to M if enabled there and not delegated; interrupts to M come first, then the
 * order is MEI MSI MTI SEI SSI STI. */
static u64 expected(const struct hart *h)
{
    static const unsigned order[] = {11, 3, 7, 9, 1, 5};
    for (int to_m = 1; to_m >= 0; to_m--)
        for (unsigned k = 0; k < 6; k++) {
            u64 bit = 1ull << order[k];
            bool delegated = h->mideleg & bit;
            bool on;
            if (delegated == to_m)
                continue;
            if (to_m)
                on = h->priv < PRV_M || h->mstatus & MSTATUS_MIE;
            else
                on = h->priv == PRV_U ||
                     (h->priv == PRV_S && h->mstatus & MSTATUS_SIE);
            if (on && h->mip & bit && h->mie & bit)
                return CAUSE_INTERRUPT | order[k];
        }
    return 0;
}

TEST(interrupt_priority)
{
    u64 seed = 11;
    unsigned taken = 0;
    for (int n = 0; n < 200000; n++) {
        u64 r = rand_step(&seed);
        struct hart h = new_hart(privs[(r >> 60) % 3]);
        h.mip = r & 0xaaa;
        h.mie = r >> 12 & 0xaaa;
        h.mideleg = r >> 24 & 0x222;
        h.mstatus |= r >> 40 & (MSTATUS_MIE | MSTATUS_SIE);
        u64 want = expected(&h);
        assert_int_equal(hart_interrupt(&h), want);
        taken += want != 0;
    }
    assert_true(taken > 50000);
}

TEST(timer_interrupt)
{
    struct hart h = new_hart(PRV_S);
    h.mie = 1 << IRQ_STIP;
    h.mideleg = 1 << IRQ_STIP;
    h.mstatus |= MSTATUS_SIE;
    h.menvcfg = MENVCFG_STCE;
    h.stimecmp = 10;
    h.cycle = 9;
    assert_int_equal(hart_interrupt(&h), 0);
    h.cycle = 10;
    assert_int_equal(hart_interrupt(&h), CAUSE_INTERRUPT | IRQ_STIP);
    h.stimecmp = 11;
    assert_int_equal(hart_interrupt(&h), 0);
}

TEST(trap_ends_wfi)
{
    struct hart h = new_hart(PRV_S);
    h.wfi = true;
    hart_trap(&h, CAUSE_INTERRUPT | IRQ_MTIP, 0);
    assert_false(h.wfi);
}

/* Returns bits 127..64 of a * b by long multiplication of halves. */
static u64 high_by_halves(u64 a, u64 b)
{
    u64 al = (u32)a, ah = a >> 32, bl = (u32)b, bh = b >> 32;
    u64 mid = (al * bl >> 32) + (u32)(ah * bl) + (u32)(al * bh);
    return ah * bh + (ah * bl >> 32) + (al * bh >> 32) + (mid >> 32);
}

TEST(multiply)
{
    u64 seed = 3;
    for (int n = 0; n < 100000; n++) {
        u64 a = rand_step(&seed), b = rand_step(&seed) >> (n % 64);
        u64 u = high_by_halves(a, b);
        assert_int_equal(mul_high_uu(a, b), u);
        assert_int_equal(mul_high_su(a, b), u - ((s64)a < 0 ? b : 0));
        assert_int_equal(mul_high_ss(a, b),
                         u - ((s64)a < 0 ? b : 0) - ((s64)b < 0 ? a : 0));
    }
    assert_int_equal(mul_high_su(~0ull, ~0ull), ~0ull); /* -1 * (2^64 - 1) */
    assert_int_equal(mul_high_ss(1ull << 63, 1ull << 63), 1ull << 62);
    assert_int_equal(mul_high_su(1ull << 63, ~0ull), 1ull << 63);
}

/* Table 7.1: division by zero and overflow. */
TEST(divide)
{
    const u64 min = 1ull << 63, minus = ~0ull;
    assert_int_equal(div_u64(5, 0), ~0ull);
    assert_int_equal(rem_u64(5, 0), 5);
    assert_int_equal(div_s64(5, 0), minus);
    assert_int_equal(rem_s64(min, 0), min);
    assert_int_equal(div_s64(min, minus), min);
    assert_int_equal(rem_s64(min, minus), 0);
    assert_int_equal(div_s64((u64)-7, 2), (u64)-3);
    assert_int_equal(rem_s64((u64)-7, 2), (u64)-1);
    assert_int_equal(rem_s64(7, (u64)-2), 1);
    assert_int_equal(div_s64(7, minus), (u64)-7);
    /* words: upper halves are ignored, results sign extended */
    assert_int_equal(div_s32(0x80000000, minus), -2147483648ll);
    assert_int_equal(rem_s32(0x80000000, minus), 0);
    assert_int_equal(div_s32(9, 1ull << 32), -1);
    assert_int_equal(rem_s32(0xdeadbeef80000000, 0), -2147483648ll);
    assert_int_equal(div_u32(0x180000000, 1), -2147483648ll);
    assert_int_equal(div_u32(1, 0x100000000), -1);
    assert_int_equal(rem_u32(0x1ffffffff, 0), -1);
    assert_int_equal(rem_u32(0xffffffff, 0x80000000), 0x7fffffff);
    u64 seed = 8;
    for (int n = 0; n < 100000; n++) {
        u64 a = rand_step(&seed), b = rand_step(&seed) >> (n % 64);
        if (!b || !(u32)b)
            continue;
        assert_int_equal(div_u64(a, b) * b + rem_u64(a, b), a);
        assert_int_equal(div_s64(a, b) * b + rem_s64(a, b), a);
        assert_true(rem_u64(a, b) < b);
        assert_int_equal((u32)(div_s32(a, b) * (s64)b + rem_s32(a, b)), (u32)a);
        assert_int_equal((u32)(div_u32(a, b) * (s64)b + rem_u32(a, b)), (u32)a);
        assert_true((u32)rem_u32(a, b) < (u32)b);
    }
}
