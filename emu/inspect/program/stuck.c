/* SPDX-License-Identifier: MIT */
/* Detects a hart that can never make progress again, in cases that leave no
 * doubt. A guest that computes for ever or waits for a key is not stuck. */
#include "inspect/progress.h"
#include "inspect/walk.h"

#include <stdio.h>

#include "dev/bus.h"
#include "machine/parts.h"

/* True if the console's receive interrupt would wake the hart. It ends a wfi
 * even if mstatus masks it (privileged manual, 3.3.3). */
static bool key_wakes(const struct machine *m)
{
    const struct plic *p = &m->parts->plic;
    const struct hart *h = &m->hart;
    const u64 external[PLIC_CONTEXTS] = {1ull << IRQ_MEIP, 1ull << IRQ_SEIP};
    u32 irq = device_map[DEV_UART].irq;
    if (!(m->parts->uart.ier & 1))
        return false;
    for (unsigned i = 0; i < PLIC_CONTEXTS; i++)
        if (h->mie & external[i] && p->enable[i][irq / 32] >> irq % 32 & 1 &&
            p->priority[irq] > p->threshold[i])
            return true;
    return false;
}

/* True if some interrupt would be taken if pending (3.1.6.1, 3.1.8). */
static bool interruptible(const struct hart *h)
{
    bool in_m = h->priv == PRV_M;
    bool m = !in_m || h->mstatus & MSTATUS_MIE;
    bool s = !in_m && (h->priv < PRV_S || h->mstatus & MSTATUS_SIE);
    return (m && h->mie & ~h->mideleg) || (s && h->mie & h->mideleg);
}

/* True if the instruction at pc is jal x0, 0 or c.j 0. */
static bool jumps_to_itself(struct machine *m)
{
    u8 raw[4] = {0};
    u64 pc = m->hart.pc;
    if (inspect_read_va(m, pc, raw, 2) && get_le(raw, 2) == 0xa001)
        return true;
    return inspect_read_va(m, pc, raw, 4) && get_le(raw, 4) == 0x6f;
}

bool inspect_asleep_for_ever(struct machine *m, char *buf, size_t n)
{
    if (key_wakes(m))
        return false;
    snprintf(buf, n,
             "the hart waits at pc 0x%llx for an interrupt that cannot come: "
             "no timer is set, no disk request is pending, no key reaches it",
             m->hart.pc);
    return true;
}

struct ins_progress inspect_progress(const struct machine *m)
{
    return (struct ins_progress){m->hart.pc, m->hart.instret,
                                 engine_traps(m->engine)};
}

/* More traps in a row than any chain of handlers makes before one of them
 * retires an instruction. */
#define LOOP 16

bool inspect_trap_loop(const struct machine *m, char *buf, size_t n)
{
    static const char mode[] = {[PRV_U] = 'U', [PRV_S] = 'S', [PRV_M] = 'M'};
    const struct hart *h = &m->hart;
    struct engine_first first = engine_first(m->engine);
    u64 cause = h->priv == PRV_M ? h->mcause : h->scause;
    const char *name = cause < 16 ? hart_cause_name[cause] : NULL;
    bool pmp = false;
    if (first.n < LOOP || first.instret != h->instret)
        return false;
    int at = snprintf(buf, n,
                      "the hart makes no progress: the instruction at pc "
                      "0x%llx traps (%s), and so does the trap handler's first "
                      "instruction",
                      h->pc, name ? name : "no cause");
    if (!first.known || first.pc == h->pc)
        return true;
    for (unsigned i = 0; i < PMP_ENTRIES; i++)
        pmp |= h->pmpcfg[i] & PMP_A;
    bool denied =
        !pmp && first.priv != PRV_M &&
        (first.cause == CAUSE_FETCH_ACCESS ||
         first.cause == CAUSE_LOAD_ACCESS || first.cause == CAUSE_STORE_ACCESS);
    snprintf(buf + at, n - (size_t)at,
             "; the first trap was at pc 0x%llx in %c-mode (%s%s)", first.pc,
             mode[first.priv],
             first.cause < 16 ? hart_cause_name[first.cause] : "interrupt",
             denied ? ": no PMP entry is on, so only M-mode may access memory"
                    : "");
    return true;
}

bool inspect_no_progress(struct machine *m, const struct ins_progress *before,
                         char *buf, size_t n)
{
    const struct hart *h = &m->hart;
    if (inspect_trap_loop(m, buf, n))
        return true;
    if (engine_traps(m->engine) != before->traps || h->pc != before->pc ||
        !jumps_to_itself(m) || interruptible(h))
        return false;
    snprintf(buf, n,
             "the hart makes no progress: at pc 0x%llx it jumps to itself, "
             "and interrupts are off",
             h->pc);
    return true;
}
