/* SPDX-License-Identifier: MIT */
/* Counts compressed (short) forms, CSR numbers, FS, PMP and the PLIC. (Rows of
 * insns.def, causes and page faults: coverage.c.) */
#include <stdio.h>

#include "coverage.h"

/* ---- short forms ---- */

static void count_short(struct coverage *c, u32 raw)
{
    assert(nshort_rows <= ARRAY_LEN(c->short_op));
    for (unsigned i = 0; i < nshort_rows; i++)
        if ((raw & short_rows[i].mask) == short_rows[i].match) {
            c->short_op[i]++;
            return;
        }
}

static unsigned print_short(const struct coverage *c, u64 exts)
{
    unsigned zeros = 0;
    printf("compressed:");
    for (unsigned i = 0; i < nshort_rows; i++) {
        if (!(exts >> short_rows[i].ext & 1))
            continue;
        printf(" %s %llu", short_rows[i].name,
               (unsigned long long)c->short_op[i]);
        zeros += !c->short_op[i];
    }
    printf("\n");
    return zeros;
}

/* ---- CSR numbers ---- */

enum { READ, WRITTEN, SET, CLEARED, WAYS };
static const char *const way_name[WAYS] = {"read", "written", "set", "cleared"};

static unsigned way_of(const struct insn *in)
{
    switch (in->op) {
    case OP_csrrs:
    case OP_csrrsi:
        return in->rs1 ? SET : READ;
    case OP_csrrc:
    case OP_csrrci:
        return in->rs1 ? CLEARED : READ;
    default:
        return WRITTEN;
    }
}

static void try_csr(struct coverage *c, const struct insn *in, unsigned priv)
{
    c->tried[in->imm & 0xfff] |= (u16)(1u << (4 * priv + way_of(in)));
}

static unsigned print_csrs(const struct coverage *c)
{
    unsigned zeros = 0;
    for (unsigned bit = 0; bit < 16; bit++) {
        unsigned n = 0;
        if (bit / 4 == 2)
            continue;
        for (unsigned i = 0; i < 4096; i++)
            n += c->tried[i] >> bit & 1;
        printf("CSR numbers %s from %c: %u of 4096\n", way_name[bit % 4],
               "US?M"[bit / 4], n);
        zeros += 4096 - n;
    }
    return zeros;
}

/* ---- retired instructions ------------------------------------------------ */

static void count_fs(struct coverage *c, const struct insn *in)
{
    unsigned fs = c->m->hart.mstatus >> 13 & 3;
    if (isa_info[in->op].class >= IC_FLOAD && c->fs == 1)
        c->count[fs == 3 ? C_FS_INITIAL : C_FS_INITIAL_STAYS]++;
    if (isa_info[in->op].class >= IC_FLOAD && c->fs == 2)
        c->count[fs == 3 ? C_FS_CLEAN : C_FS_CLEAN_STAYS]++;
    c->fs = (u8)fs;
}

static bool writes_locked(const struct hart *h, unsigned csr)
{
    if (csr == CSR_pmpcfg0)
        for (unsigned i = 0; i < 8; i++)
            if (h->pmpcfg[i] & 0x80)
                return true;
    return csr - CSR_pmpaddr0 < PMP_ENTRIES &&
           hart_pmpaddr_locked(h, csr - CSR_pmpaddr0);
}

/* True if PMP divides the data page at va, where va is the physical address,
 * too: without translation, or in S's mapping of RAM to itself. */
static bool divides(const struct hart *h, u64 va)
{
    struct pmp_region g = hart_pmp_region(h, va);
    return va - DATA_PA < 4096 * DATA_PAGES && !hart_pmp_uniform(&g, va);
}

void coverage_retired(struct coverage *c, const struct engine_commit *log,
                      const struct insn *in)
{
    const struct hart *h = &c->m->hart;
    if (in->len == 2)
        count_short(c, log->raw);
    if (isa_info[in->op].class == IC_CSR)
        try_csr(c, in, log->priv);
    if (log->csr_written && isa_info[in->op].class == IC_CSR)
        c->count[C_PMP_LOCKED_CSR] += writes_locked(h, log->csr);
    if (log->load || log->store)
        c->count[C_PMP_DIVIDED] += divides(h, log->addr);
    if (log->load && (log->addr == PLIC_CONTEXT(0) + PLIC_CLAIM ||
                      log->addr == PLIC_CONTEXT(1) + PLIC_CLAIM))
        c->count[log->value ? C_PLIC_CLAIM : C_PLIC_CLAIM_NONE]++;
    if (log->store && log->addr == UART + 1 && log->data & 2)
        c->count[C_PLIC_MASKED] +=
            !h->seip && !(hart_pending(h) >> IRQ_MEIP & 1);
    if (in->op == OP_wfi)
        c->count[C_PLIC_WFI] += h->seip || hart_pending(h) >> IRQ_MEIP & 1;
    count_fs(c, in);
}

/* ---- trapped instructions ---- */

static u32 word_at(const struct coverage *c, u64 epc)
{
    u64 pa = code_pa(epc);
    return pa ? (u32)get_le(c->m->ram + (pa - MONITOR_PA), 4) : 0;
}

/* from: a privilege, or 4 for M under MPRV. */
void coverage_failed(struct coverage *c, u64 cause, u64 epc, u64 tval,
                     unsigned from)
{
    const struct hart *h = &c->m->hart;
    struct insn in;
    u32 raw = word_at(c, epc);
    bool ram = tval - MONITOR_PA < RAM_SIZE;
    isa_decode(raw, &in);
    if (cause == CAUSE_BREAKPOINT && in.len == 2)
        count_short(c, raw & 0xffff);
    if (cause == CAUSE_ILLEGAL && raw) {
        if (isa_info[in.op].class == IC_CSR)
            try_csr(c, &in, from < 4 ? from : PRV_M);
        if (isa_info[in.op].class >= IC_FLOAD)
            c->count[C_FS_OFF] += !(h->mstatus & MSTATUS_FS);
    }
    if (cause == CAUSE_FETCH_ACCESS && from == PRV_M && ram)
        c->count[C_PMP_LOCKED_FETCH]++;
    if (cause == CAUSE_LOAD_ACCESS || cause == CAUSE_STORE_ACCESS) {
        c->count[C_PMP_LOCKED_DATA] += from == PRV_M && ram;
        c->count[C_PMP_DIVIDED_NOT] += divides(h, tval);
    }
}

void coverage_interrupt(struct coverage *c, u64 cause)
{
    const struct hart *h = &c->m->hart;
    if ((cause & 63) == IRQ_SEIP && h->seip)
        c->count[h->priv == PRV_M ? C_PLIC_TO_M : C_PLIC_TO_S]++;
}

unsigned coverage_print_system(const struct coverage *c, u64 exts)
{
    return print_short(c, exts) + print_csrs(c);
}
