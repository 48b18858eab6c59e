/* SPDX-License-Identifier: MIT */
#include "sbi.h"

#define INTERRUPT (1ul << 63)
enum { MSI = 3, MTI = 7, ECALL_S = 9 };

/* Enters the kernel's handler for a trap of S or U that was not delegated, as
 * the hart would have done (manual 3.1.6.1 and 4.1.1). */
static void pass_on(struct frame *f, u64 cause)
{
    u64 s = f->mstatus, from_s = (s & MSTATUS_MPP) == MSTATUS_MPP_S;
    csr_write(sepc, f->mepc);
    csr_write(scause, cause);
    csr_write(stval, csr_read(mtval));
    f->mepc = csr_read(stvec) & ~3ul;
    u64 spie = s & MSTATUS_SIE ? MSTATUS_SPIE : 0;
    s &= ~(MSTATUS_SIE | MSTATUS_SPIE | MSTATUS_SPP | MSTATUS_MPP);
    f->mstatus = s | spie | (from_s ? MSTATUS_SPP : 0) | MSTATUS_MPP_S;
}

/* Legacy calls return one value and do not change a1 (chapter 5). */
static void call(struct frame *f)
{
    f->mepc += 4;
    if (f->x[17] <= LEGACY_SHUTDOWN) {
        f->x[10] = (u64)sbi_legacy(f);
        return;
    }
    struct ret r = sbi_call(f);
    f->x[10] = (u64)r.error;
    f->x[11] = r.value;
}

void trapped(struct frame *f)
{
    u64 cause = csr_read(mcause);
    if (cause == (INTERRUPT | MTI)) {
        csr_clear(mie, MIP_MTIP);
        csr_set(mip, MIP_STIP);
    } else if (cause == (INTERRUPT | MSI)) {
        *(volatile u32 *)MSIP = 0;
        csr_set(mip, MIP_SSIP);
    } else if (cause == ECALL_S) {
        call(f);
    } else {
        pass_on(f, cause);
    }
}

_Noreturn void fatal(void)
{
    for (const char *s = "firmware: unexpected trap\r\n"; *s; s++)
        console_put((u8)*s);
    finish(2u << 16 | FINISHER_FAIL);
}
