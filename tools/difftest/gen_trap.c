/* SPDX-License-Identifier: MIT */
/* Makes items that change privilege, and interrupts. One interrupt at a time is
 * pending (departures.def: interrupt-order), and it is taken after an
 * instruction at which both machines test for it: a CSR write, xret, wfi. */
#include "program.h"

#define CODE_TO_U (UCODE_VA - BLOCKS_PA)

/* Puts a step from M or S to a lower privilege: the code continues after xret,
 * at the address where that privilege sees it. In U, puts an illegal sret. */
void gen_lower(struct gen *g)
{
    unsigned a = reg(g), t = reg_not(g, a, 0);
    bool m = g->priv == PRV_M;
    u32 to = m && one_in(g, 2) ? PRV_S : PRV_U;
    bool by_m = m && !one_in(g, 3);
    g->it->kind = K_LOWER;
    if (g->priv == PRV_U) {
        put(g, row_word(OP_sret));
        return;
    }
    unsigned first = g->it->n;
    put_here(g, a, 0);
    if (to == PRV_U && g->b->space != SPACE_BARE) {
        put_li(g, t, CODE_TO_U);
        put(g, enc_r(OP_add, a, a, t));
    }
    put(g, enc_csr(OP_csrrw, 0, by_m ? CSR_mepc : CSR_sepc, a));
    u64 field = by_m ? MSTATUS_MPP : MSTATUS_SPP;
    u64 value = !to ? 0 : by_m ? 1ull << 11 : MSTATUS_SPP;
    unsigned csr = by_m ? CSR_mstatus : CSR_sstatus;
    put_csr_bits(g, OP_csrrc, csr, t, field);
    if (value)
        put_csr_bits(g, OP_csrrs, csr, t, value);
    put(g, row_word(by_m ? OP_mret : OP_sret));
    s32 bytes = (s32)(item_bytes(g->it, g->it->n) - item_bytes(g->it, first));
    g->it->w[first + 1] = enc_i(OP_addi, a, a, bytes);
    if (m || !(g->b->mstatus & MSTATUS_TSR))
        g->priv = to;
}

/* Puts an xret that is illegal in U or S, or in S an sret to the next
 * instruction, which is legal with TSR off; in M a nop. */
void gen_xret(struct gen *g)
{
    g->it->kind = K_XRET;
    if (g->priv == PRV_S && one_in(g, 2)) {
        unsigned a = reg(g), t = reg_not(g, a, 0);
        unsigned first = g->it->n;
        put_here(g, a, 0);
        put(g, enc_csr(OP_csrrw, 0, CSR_sepc, a));
        put_csr_bits(g, OP_csrrs, CSR_sstatus, t, MSTATUS_SPP);
        put(g, row_word(OP_sret));
        s32 n = (s32)(item_bytes(g->it, g->it->n) - item_bytes(g->it, first));
        g->it->w[first + 1] = enc_i(OP_addi, a, a, n);
        return;
    }
    if (g->priv == PRV_M)
        put(g, enc_i(OP_addi, 0, 0, 0));
    else
        put(g, row_word(g->priv == PRV_U && one_in(g, 2) ? OP_sret : OP_mret));
}

/* M waits, with MIE off, for an interrupt that is pending already and is not
 * taken; S and U execute wfi only where it is illegal. */
void gen_wfi(struct gen *g)
{
    unsigned t = reg(g), u = reg_not(g, t, 0);
    g->it->kind = K_WFI;
    if (g->priv != PRV_M) {
        if (g->priv == PRV_U || g->b->mstatus & MSTATUS_TW)
            put(g, row_word(OP_wfi));
        else
            put(g, enc_i(OP_addi, 0, 0, 0));
        return;
    }
    put(g, enc_csr(OP_csrrci, 0, CSR_mstatus, 8));
    put_li(g, t, 1 << IRQ_SSIP);
    put(g, enc_csr(OP_csrrs, u, CSR_mie, t));
    put(g, enc_csr(OP_csrrs, 0, CSR_mip, t));
    put(g, row_word(OP_wfi));
    put(g, enc_csr(OP_csrrc, 0, CSR_mip, t));
    put(g, enc_csr(OP_csrrw, 0, CSR_mie, u));
}

/* ---- interrupts ---- */

/* Raises an interrupt by mip, taken at once, or when MIE is set, or not at
 * all. */
static void by_mip(struct gen *g)
{
    unsigned t = reg(g);
    u64 bit =
        PICK(g, ((const u64[]){1 << IRQ_SSIP, 1 << IRQ_STIP, 1 << IRQ_SEIP}));
    put_li(g, t, bit);
    put(g, enc_csr(OP_csrrs, 0, CSR_mip, t));
    if (one_in(g, 2))
        put(g, enc_csr(OP_csrrsi, 0, CSR_mstatus, 8));
    put(g, enc_i(OP_addi, 0, 0, 0));
    put(g, enc_csr(OP_csrrci, 0, CSR_mstatus, 8));
    put(g, enc_csr(OP_csrrc, 0, CSR_mip, t));
}

/* Raises a software or timer interrupt of M, by the CLINT. */
static void by_clint(struct gen *g)
{
    unsigned t = reg(g), v = reg_not(g, t, 0);
    bool timer = one_in(g, 2);
    put(g, enc_csr(OP_csrrci, 0, CSR_mstatus, 8));
    put_li(g, t, timer ? MTIMECMP : MSIP);
    put_li(g, v, timer ? 0 : 1);
    put(g, enc_s(timer ? OP_sd : OP_sw, t, v, 0));
    put(g, enc_csr(OP_csrrsi, 0, CSR_mstatus, 8));
    put(g, enc_i(OP_addi, 0, 0, 0));
    put(g, enc_csr(OP_csrrci, 0, CSR_mstatus, 8));
    put_li(g, v, timer ? ~0ull : 0);
    put(g, enc_s(timer ? OP_sd : OP_sw, t, v, 0));
}

/* Makes an interrupt pending when M enters a lower privilege: S or M takes it
 * at once, or never. S's handler disables an interrupt that it cannot clear. */
static void on_the_way_down(struct gen *g)
{
    unsigned t = reg(g);
    u64 bit =
        PICK(g, ((const u64[]){1 << IRQ_SSIP, 1 << IRQ_STIP, 1 << IRQ_SEIP}));
    put(g, enc_csr(OP_csrrci, 0, CSR_mstatus, 8));
    put_li(g, t, bit);
    put(g, enc_csr(OP_csrrs, 0, CSR_mip, t));
    gen_lower(g);
    g->pending = true;
}

/* In S, raises SSIP by sip, if delegated; sie and SIE decide when it is
 * taken. In U these accesses are illegal. */
static void by_sip(struct gen *g)
{
    if (g->pending) { /* M may have left an interrupt pending: one is enough */
        put(g, enc_csr(OP_csrrsi, 0, CSR_sstatus, 2));
        put(g, enc_i(OP_addi, 0, 0, 0));
        put(g, enc_csr(OP_csrrci, 0, CSR_sstatus, 2));
        return;
    }
    put(g, enc_csr(OP_csrrsi, 0, CSR_sip, 2));
    if (one_in(g, 2))
        put(g, enc_csr(OP_csrrsi, 0, CSR_sie, 2));
    if (one_in(g, 2))
        put(g, enc_csr(OP_csrrsi, 0, CSR_sstatus, 2));
    put(g, enc_i(OP_addi, 0, 0, 0));
    put(g, enc_csr(OP_csrrci, 0, CSR_sip, 2));
    if (one_in(g, 2))
        put(g, enc_csr(OP_csrrci, 0, CSR_sstatus, 2));
}

/* Raises STIP by stimecmp: 0 has long passed, all ones is never reached. */
static void by_stimecmp(struct gen *g)
{
    unsigned t = reg(g);
    if (!g->stce) {
        gen_plain(g);
        return;
    }
    put(g, enc_csr(OP_csrrw, 0, CSR_stimecmp, 0));
    if (g->priv == PRV_M && one_in(g, 2))
        put(g, enc_csr(OP_csrrsi, 0, CSR_mstatus, 8));
    put(g, enc_i(OP_addi, 0, 0, 0));
    put_li(g, t, ~0ull);
    put(g, enc_csr(OP_csrrw, 0, CSR_stimecmp, t));
    put(g, enc_csr(OP_csrrci, 0, g->priv == PRV_M ? CSR_mstatus : CSR_sstatus,
                   g->priv == PRV_M ? 8 : 2));
}

static void put_store(struct gen *g, enum op op, unsigned base, u64 at,
                      unsigned v, u64 value)
{
    put_li(g, base, at);
    put_li(g, v, value);
    put(g, enc_s(op, base, v, 0));
}

/* Makes the UART interrupt one of the PLIC's contexts, if priority and
 * threshold allow it: enables the interrupt of the UART's empty transmitter. It
 * comes in wfi, or when M sets MIE, or when M enters a lower privilege. In the
 * last case it stays pending until the monitor removes it before the next
 * pass. */
void gen_external(struct gen *g)
{
    unsigned a = reg(g), v = reg_not(g, a, 0), way = below(g, 4);
    unsigned context = below(g, 2), other = !context;
    u64 bit = context ? 1 << IRQ_SEIP : 1 << IRQ_MEIP;
    bool low = way == 0 || !one_in(g, 4); /* threshold 0: let it come */
    put(g, enc_csr(OP_csrrci, 0, CSR_mstatus, 8));
    put_store(g, OP_sw, a, PLIC + 4 * UART_IRQ, v, 1 + below(g, 7));
    put_store(g, OP_sw, a, PLIC_ENABLE(other), v, 0);
    put_store(g, OP_sw, a, PLIC_ENABLE(context), v, 1 << UART_IRQ);
    put_store(g, OP_sw, a, PLIC_CONTEXT(context), v, low ? 0 : below(g, 8));
    if (way == 0 || !one_in(g, 4))
        put_csr_bits(g, OP_csrrs, CSR_mie, v, bit);
    put_store(g, OP_sb, a, UART + 1, v, 2);
    if (way > 1) {
        gen_lower(g);
        g->pending = true;
        g->it->kind = K_EXTERNAL;
        return;
    }
    put(g, way == 0 ? row_word(OP_wfi) : enc_csr(OP_csrrs, v, CSR_mip, 0));
    put(g, enc_csr(OP_csrrsi, 0, CSR_mstatus, 8));
    put(g, enc_i(OP_addi, 0, 0, 0));
    put(g, enc_csr(OP_csrrci, 0, CSR_mstatus, 8));
    /* departures.def: plic-threshold */
    put_store(g, OP_sw, a, PLIC_CONTEXT(context), v, 0);
    put(g, enc_i(OP_lw, reg_not(g, a, v), a, PLIC_CLAIM));
    if (one_in(g, 2))
        put(g, enc_i(OP_lw, reg_not(g, a, v), a, PLIC_CLAIM));
    put_store(g, OP_sb, a, UART + 1, v, 0);
    put_store(g, OP_sw, a, PLIC_CONTEXT(context) + PLIC_CLAIM, v, UART_IRQ);
    g->it->kind = K_EXTERNAL;
}

void gen_interrupt(struct gen *g)
{
    if (g->priv == PRV_M)
        switch (below(g, 12)) {
        case 0:
        case 1:
        case 2:
            by_mip(g);
            break;
        case 3:
        case 4:
            by_clint(g);
            break;
        case 5:
            by_stimecmp(g);
            break;
        case 6:
        case 7:
        case 8:
            gen_external(g);
            return;
        default:
            on_the_way_down(g);
        }
    else if (!g->pending && one_in(g, 3))
        by_stimecmp(g);
    else
        by_sip(g);
    g->it->kind = K_INTERRUPT;
}
