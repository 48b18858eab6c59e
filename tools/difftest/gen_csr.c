/* SPDX-License-Identifier: MIT */
/* Makes accesses to random CSRs from every privilege, and sets the CSRs that a
 * block starts with. (gen_slice.c accesses each CSR number.)
 *
 * An access is a pair: the first instruction writes a random value and reads
 * the old one, the second writes the old value back and reads what the register
 * has made of the random one. So the register keeps its old value. */
#include "departures.h"
#include "program.h"

u64 gen_menvcfg_bits(const struct gen *g)
{
    u64 exts = g->p->exts;
    return MENVCFG_FIOM | (exts & EXT_BIT(SSTC) ? MENVCFG_STCE : 0) |
           (exts & EXT_BIT(SVPBMT) ? MENVCFG_PBMTE : 0);
}

/* Keeps the fields that exist; of MPP all bits or none. QEMU keeps more
 * (departures.def: mstatus). */
static u64 tamed_status(u64 v, enum op op)
{
    v &= MSTATUS_SIE | MSTATUS_MIE | MSTATUS_SPIE | MSTATUS_MPIE | MSTATUS_SPP |
         MSTATUS_MPP | MSTATUS_FS | MSTATUS_MPRV | MSTATUS_SUM | MSTATUS_MXR |
         MSTATUS_TVM | MSTATUS_TW | MSTATUS_TSR;
    if ((v & MSTATUS_MPP) != MSTATUS_MPP)
        v &= ~MSTATUS_MPP;
    return op == OP_csrrw ? v | 0xaull << 32 : v;
}

/* Returns a random immediate; for some CSRs, of harmless bits only. */
static unsigned tamed_immediate(struct gen *g, unsigned csr)
{
    unsigned v = below(g, 32);
    switch (csr) {
    case CSR_medeleg:
    case CSR_mideleg:
    case CSR_mie:
    case CSR_sie:
    case CSR_mip:
    case CSR_sip:
        return v & 2;
    case CSR_satp:
    case CSR_pmpcfg0:
    case CSR_pmpcfg2:
    case CSR_senvcfg:
    case CSR_menvcfg:
        return v & 1;
    case CSR_mepc:
    case CSR_sepc:
        return v & 30;
    case CSR_mtvec:
    case CSR_stvec:
        return v & 29;
    case CSR_mcountinhibit:
        return v & 5;
    case CSR_mstatus:
    case CSR_sstatus:
        return v & 10;
    default:
        return v;
    }
}

bool csr_is_whole(unsigned csr)
{
    return csr == CSR_satp || csr == CSR_pmpcfg0 || csr == CSR_pmpcfg2;
}

static void put_immediate(struct gen *g, unsigned rd, unsigned csr)
{
    enum op op = PICK(g, ((const u16[]){OP_csrrwi, OP_csrrsi, OP_csrrci}));
    bool whole = csr_is_whole(csr);
    bool status = csr == CSR_mstatus || csr == CSR_sstatus;
    if (whole || (status && op == OP_csrrwi))
        op = whole ? OP_csrrwi : OP_csrrsi;
    put(g, enc_csr(op, rd, csr, tamed_immediate(g, csr)));
}

/* Changes values whose write would end the program, or make it undefined. */
static u64 harmless_value(struct gen *g, unsigned csr, u64 v)
{
    switch (csr) {
    case CSR_satp:
        /* S must be able to go on: a usable satp, or a mode to be ignored */
        return one_in(g, 3) ? gen_satp_value(g, below(g, 3))
                            : (v & ~(15ull << 60)) |
                                  (u64)PICK(g, ((const u8[]){1, 2, 3, 4, 5, 6,
                                                             7, 11, 12, 15}))
                                      << 60;
    case CSR_pmpcfg0:
    case CSR_pmpcfg2:
        /* not locked, nothing reserved: W comes with R */
        return (v & 0x1f1f1f1f1f1f1f1f) | (v >> 1 & 0x0101010101010101);
    case CSR_pmpaddr0 ... CSR_pmpaddr15:
        return v & ((1ull << 54) - 1);
    case CSR_medeleg:
        return v & 0xb3ff;
    case CSR_mtvec:
    case CSR_stvec:
        return v & ~2ull;
    case CSR_mepc:
    case CSR_sepc:
        return v & ~1ull;
    case CSR_menvcfg:
        return v & gen_menvcfg_bits(g);
    case CSR_mie:
    case CSR_sie:
    case CSR_mideleg:
    case CSR_mip:
    case CSR_sip:
        return v & 0xaaa;
    case CSR_mcounteren:
    case CSR_scounteren:
        return (u32)v;
    case CSR_mcountinhibit:
        return v & 5;
    case CSR_senvcfg:
        return v & MENVCFG_FIOM;
    case CSR_mstatus: /* the stacked interrupt bits may be anything */
        return g->irq ? v & ~(MSTATUS_MIE | MSTATUS_SIE) : v;
    default:
        return v;
    }
}

u64 csr_value(struct gen *g, unsigned csr, enum op op, u64 v)
{
    v = harmless_value(g, csr, v);
    return csr == CSR_mstatus || csr == CSR_sstatus ? tamed_status(v, op) : v;
}

/* True if an item must not access the CSR, because its rule depends on the
 * privilege, which is not certain here. */
static bool is_kept_from(const struct gen *g, unsigned csr)
{
    enum csr_rule rule = departs_csr(csr);
    return rule == CSR_ZERO ||
           (rule == CSR_SSTC && g->p->exts & EXT_BIT(SSTC)) ||
           (rule == CSR_HPM && !(g->p->exts & EXT_BIT(ZIHPM)));
}

static unsigned some_csr(struct gen *g)
{
    unsigned csr;
    do {
        csr = below(g, 4096);
        if (!one_in(g, 4))
            while (!hart_csr_name(csr))
                csr = below(g, 4096);
    } while (is_kept_from(g, csr));
    return csr;
}

/* True if a write to the CSR may let an interrupt come, which must not separate
 * the two instructions of a pair. */
static bool is_interrupt_csr(unsigned csr)
{
    return csr == CSR_mstatus || csr == CSR_sstatus || csr == CSR_mie ||
           csr == CSR_sie || csr == CSR_mip || csr == CSR_sip ||
           csr == CSR_mideleg || csr == CSR_stimecmp || csr == CSR_menvcfg;
}

void gen_csr(struct gen *g)
{
    unsigned csr;
    do
        csr = some_csr(g);
    while (g->irq && is_interrupt_csr(csr));
    bool counts = departs_csr(csr) != CSR_SAME;
    bool read_only = (csr >> 10 & 3) == 3;
    unsigned old = reg(g), v = reg_not(g, old, 0), now = reg_not(g, old, v);
    g->it->kind = K_CSR;
    switch (below(g, read_only || counts ? 6 : 4)) {
    case 0:
        put_immediate(g, old, csr);
        break;
    case 4:
    case 5: /* only read */
        put(g,
            enc_csr(PICK(g, ((const u16[]){OP_csrrs, OP_csrrc})), old, csr, 0));
        break;
    default: {
        enum op op = PICK(g, ((const u16[]){OP_csrrw, OP_csrrs, OP_csrrc}));
        if (csr_is_whole(csr))
            op = OP_csrrw;
        u64 value =
            csr_value(g, csr, op, one_in(g, 2) ? special_value(g) : any(g));
        put_li(g, v, value | (read_only ? 1 : 0));
        put(g, enc_csr(op, old, csr, v));
    }
    }
    if (!read_only)
        put(g, enc_csr(OP_csrrw, now, csr, old));
    if (counts) {
        put_li(g, old, 0);
        put_li(g, now, 0);
    }
}

u64 gen_satp_value(const struct gen *g, unsigned space)
{
    if (space == SPACE_BARE)
        return 0;
    return SATP_MODE_SV39 << 60 | (u64)g->asid[space] << 44 |
           (TABLES_PA + (space == SPACE_B) * 4096ull) >> 12;
}

/* Puts a switch to space A or B (maybe the current one), one access there, and
 * the switch back; no fence is needed. Only in S and M (gen.c, allowed). */
void gen_satp(struct gen *g)
{
    unsigned a = reg(g), b = reg_not(g, a, 0);
    u8 space = g->b->space;
    put_li(g, a, gen_satp_value(g, 1 + below(g, 2)));
    put(g, enc_csr(OP_csrrw, b, CSR_satp, a));
    /* root[3] differs */
    put_li(g, a, 0xc0000000ull + 4096ull * below(g, 16) + 8 * below(g, 16));
    put(g, one_in(g, 2) ? enc_i(OP_ld, a, a, 0) : enc_s(OP_sd, a, b, 0));
    put_li(g, b, gen_satp_value(g, space));
    put(g, enc_csr(OP_csrrw, a, CSR_satp, b));
    g->it->kind = K_SATP;
}

/* ---- a block's set-up: in M, with t0 and t1 ---- */

void gen_begin(struct gen *g)
{
    assert(g->b->nsetup < SETUP_MAX);
    g->it = &g->b->setup[g->b->nsetup++];
    *g->it = (struct item){.kind = K_SETUP};
}

void gen_set_csr(struct gen *g, unsigned csr, u64 value)
{
    gen_begin(g);
    put_li(g, T0, value);
    put(g, enc_csr(OP_csrrw, 0, csr, T0));
}

/* Returns the delegated causes. At least one of `ways` is not among them: S's
 * handler enters M by the first that is not delegated. */
static u64 delegation(struct gen *g)
{
    const u64 ways =
        1 << CAUSE_ILLEGAL | 1 << CAUSE_BREAKPOINT | 1 << CAUSE_ECALL_S;
    u64 v = one_in(g, 3) ? 0 : one_in(g, 2) ? 0xb3ff : any(g) & 0xb3ff;
    /* an AMO's fault may be a load's or a store's (departures.def) */
    v &= ~(1ull << CAUSE_STORE_PAGE | 1ull << CAUSE_STORE_ACCESS);
    v |= (v & (1 << CAUSE_LOAD_PAGE | 1 << CAUSE_LOAD_ACCESS)) << 2;
    if ((v & ways) == ways)
        v &= ~(u64)(PICK(
            g, ((const u16[]){1 << CAUSE_ILLEGAL, 1 << CAUSE_BREAKPOINT,
                              1 << CAUSE_ECALL_S})));
    return v;
}

static u64 block_mstatus(struct gen *g, u64 medeleg, u64 mideleg)
{
    u64 m = (u64)g->b->priv << 11;
    unsigned fs = one_in(g, 12) ? 0 : one_in(g, 16) ? 1 + below(g, 2) : 3;
    m |= (u64)fs << 13;
    g->fs_odd = fs == 1 || fs == 2;
    m |= any(g) & (MSTATUS_SUM | MSTATUS_MXR);
    /* S's handler, entered only by delegation, needs its sret */
    if (!medeleg && !mideleg && one_in(g, 2))
        m |= any(g) & (MSTATUS_TVM | MSTATUS_TW | MSTATUS_TSR);
    g->tvm = m & MSTATUS_TVM;
    if (g->irq)
        m |= any(g) & (MSTATUS_MPIE | MSTATUS_SIE | MSTATUS_SPIE);
    return m;
}

static u64 counters(struct gen *g)
{
    u64 all = g->p->exts & EXT_BIT(ZIHPM) ? 0xffffffff : 7;
    return one_in(g, 2) ? all : any(g) & all;
}

/* Makes a block's set-up, which clears what other blocks left enabled, too. */
void gen_setup(struct gen *g)
{
    u64 medeleg = delegation(g);
    g->mideleg = g->mie = 0;
    if (g->irq) {
        g->mideleg = any(g) & 0x222;
        g->mie = 0xaaa & (one_in(g, 2) ? ~0ull : any(g));
    }
    g->b->mstatus = block_mstatus(g, medeleg, g->mideleg);
    gen_set_csr(g, CSR_mie, 0);
    gen_set_csr(g, CSR_mip, 0);
    gen_set_csr(g, CSR_medeleg, medeleg);
    gen_set_csr(g, CSR_mideleg, g->mideleg);
    gen_set_csr(g, CSR_mtvec, (MONITOR_PA + 0x100) | below(g, 2));
    gen_set_csr(g, CSR_stvec, S_PA | below(g, 2));
    gen_set_csr(g, CSR_mcounteren, counters(g));
    gen_set_csr(g, CSR_scounteren, counters(g));
    u64 menvcfg = any(g) & gen_menvcfg_bits(g);
    menvcfg |= gen_menvcfg_bits(g) & MENVCFG_PBMTE;
    g->stce = menvcfg & MENVCFG_STCE;
    gen_set_csr(g, CSR_menvcfg, menvcfg);
    gen_set_csr(g, CSR_senvcfg, any(g) & 1);
    if (g->p->exts & EXT_BIT(SSTC))
        gen_set_csr(g, CSR_stimecmp, ~0ull);
    g->aligned = g->p->holes || g->locked;
    g->within = g->locked;
    g->nedges = g->nlocked_edges;
    if (one_in(g, 3))
        gen_protect(g);
    else
        gen_set_csr(g, CSR_pmpcfg0, 0);
    if (one_in(g, 8))
        gen_lock(g);
    for (unsigned n = below(g, 6); n; n--) {
        gen_begin(g);
        gen_poke(g, T0, T1);
    }
    gen_set_csr(g, CSR_satp, gen_satp_value(g, g->b->space));
    gen_begin(g);
    put(g, row_word(OP_sfence_vma));
    gen_set_csr(g, CSR_mie, g->mie);
}
