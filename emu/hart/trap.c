/* SPDX-License-Identifier: MIT */
/* Takes traps and returns from them, delegates, chooses interrupts: manual
 * 3.1.6 to 3.1.9, 3.3, 4.1. */
#include "hart/internal.h"

const char *const hart_cause_name[16] = {
    "instruction address misaligned",
    "instruction access fault",
    "illegal instruction",
    "breakpoint",
    "load address misaligned",
    "load access fault",
    "store/AMO address misaligned",
    "store/AMO access fault",
    "environment call from U",
    "environment call from S",
    "reserved 10",
    "environment call from M",
    "instruction page fault",
    "load page fault",
    "reserved 14",
    "store/AMO page fault",
};

/* Returns the handler's address: in mode 1, a different one per interrupt. */
static u64 vector(u64 tvec, u64 cause)
{
    u64 base = tvec & ~3ull;
    if (tvec & 1 && cause & CAUSE_INTERRUPT)
        return base + 4 * (cause & ~CAUSE_INTERRUPT);
    return base;
}

/* Returns `word` with the bit of `mask` set to `value`. */
static u64 with_bit(u64 word, u64 mask, bool value)
{
    return value ? word | mask : word & ~mask;
}

static void trap_to_s(struct hart *h, u64 cause, u64 tval)
{
    u64 s = h->mstatus;
    s = with_bit(s, MSTATUS_SPIE, s & MSTATUS_SIE);
    s = with_bit(s, MSTATUS_SPP, h->priv != PRV_U);
    h->mstatus = s & ~MSTATUS_SIE;
    h->sepc = h->pc;
    h->scause = cause;
    h->stval = tval;
    h->priv = PRV_S;
    h->pc = vector(h->stvec, cause);
}

static void trap_to_m(struct hart *h, u64 cause, u64 tval)
{
    u64 s = h->mstatus;
    s = with_bit(s, MSTATUS_MPIE, s & MSTATUS_MIE);
    s = (s & ~MSTATUS_MPP) | (u64)h->priv << 11;
    h->mstatus = s & ~MSTATUS_MIE;
    h->mepc = h->pc;
    h->mcause = cause;
    h->mtval = tval;
    h->priv = PRV_M;
    h->pc = vector(h->mtvec, cause);
}

/* A trap never lowers the privilege: one from M-mode is not delegated. */
void hart_trap(struct hart *h, u64 cause, u64 tval)
{
    u64 delegated = cause & CAUSE_INTERRUPT ? h->mideleg : h->medeleg;
    h->wfi = false;
    if (h->priv <= PRV_S && delegated >> (cause & 63) & 1)
        trap_to_s(h, cause, tval);
    else
        trap_to_m(h, cause, tval);
}

bool hart_mret(struct hart *h)
{
    if (h->priv != PRV_M)
        return false;
    u64 s = h->mstatus;
    h->priv = (u32)(s >> 11 & 3);
    s = with_bit(s, MSTATUS_MIE, s & MSTATUS_MPIE);
    s = (s | MSTATUS_MPIE) & ~MSTATUS_MPP;
    if (h->priv != PRV_M)
        s &= ~MSTATUS_MPRV;
    h->mstatus = s;
    h->pc = h->mepc;
    return true;
}

bool hart_sret(struct hart *h)
{
    if (h->priv == PRV_U || (h->priv == PRV_S && h->mstatus & MSTATUS_TSR))
        return false;
    u64 s = h->mstatus;
    h->priv = s & MSTATUS_SPP ? PRV_S : PRV_U;
    s = with_bit(s, MSTATUS_SIE, s & MSTATUS_SPIE);
    h->mstatus = (s | MSTATUS_SPIE) & ~(MSTATUS_SPP | MSTATUS_MPRV);
    h->pc = h->sepc;
    return true;
}

/* In U-mode wfi is illegal, since there is S-mode and the wait has no bound. */
bool hart_wfi_allowed(const struct hart *h)
{
    return h->priv == PRV_M || (h->priv == PRV_S && !(h->mstatus & MSTATUS_TW));
}

/* In U-mode wrs is allowed, too; TW forbids wrs.nto below M (Zawrs 1.01). */
bool hart_wrs_allowed(const struct hart *h, enum wrs kind)
{
    return kind == WRS_STO || h->priv == PRV_M || !(h->mstatus & MSTATUS_TW);
}

bool hart_cbo_allowed(const struct hart *h, enum cbo op)
{
    static const u64 field[] = {[CBO_INVAL] = MENVCFG_CBIE,
                                [CBO_CLEAN] = MENVCFG_CBCFE,
                                [CBO_FLUSH] = MENVCFG_CBCFE,
                                [CBO_ZERO] = MENVCFG_CBZE};
    return (h->priv == PRV_M || h->menvcfg & field[op]) &&
           (h->priv != PRV_U || h->senvcfg & field[op]);
}

bool hart_sfence_allowed(const struct hart *h)
{
    return h->priv == PRV_M ||
           (h->priv == PRV_S && !(h->mstatus & MSTATUS_TVM));
}

void hart_set_irq(struct hart *h, unsigned irq, bool level)
{
    if (irq == IRQ_SEIP)
        h->seip = level;
    else
        h->mip = with_bit(h->mip, 1ull << irq, level);
}

u64 hart_pending(const struct hart *h)
{
    u64 mip = h->mip | (u64)h->seip << IRQ_SEIP;
    if (h->menvcfg & MENVCFG_STCE)
        mip = with_bit(mip, 1ull << IRQ_STIP, hart_mtime(h) >= h->stimecmp);
    return mip;
}

u64 hart_interrupt(const struct hart *h)
{
    static const u8 priority[] = {IRQ_MEIP, IRQ_MSIP, IRQ_MTIP,
                                  IRQ_SEIP, IRQ_SSIP, IRQ_STIP};
    u64 ready = hart_pending(h) & h->mie;
    if (likely(!ready))
        return 0;
    bool m_on = h->priv < PRV_M || h->mstatus & MSTATUS_MIE;
    bool s_on =
        h->priv < PRV_S || (h->priv == PRV_S && h->mstatus & MSTATUS_SIE);
    u64 to_m = m_on ? ready & ~h->mideleg : 0;
    u64 to_s = s_on ? ready & h->mideleg : 0;
    u64 take = to_m ? to_m : to_s;
    for (size_t k = 0; k < ARRAY_LEN(priority); k++)
        if (take >> priority[k] & 1)
            return CAUSE_INTERRUPT | priority[k];
    return 0;
}
