/* SPDX-License-Identifier: MIT */
#include "coverage.h"

#include <stdio.h>

static const char *const count_name[N_COUNTS] = {
#define COUNT(id, what) [C_##id] = what,
#include "coverage.def"
#undef COUNT
};

/* ---- instructions ---------------------------------------------------------
 */

static void count_result(struct coverage *c, const struct engine_commit *log)
{
    bool d = log->value >> 32 != 0xffffffff;
    u64 exponent = d ? log->value >> 52 & 0x7ff : log->value >> 23 & 0xff;
    u64 fraction = d ? log->value << 12 : log->value << 41;
    if (exponent == (d ? 0x7ff : 0xff))
        c->count[fraction ? C_RESULT_NAN : C_RESULT_INFINITE]++;
    else if (!exponent && fraction)
        c->count[C_RESULT_SUBNORMAL]++;
}

static void count_fp(struct coverage *c, const struct engine_commit *log,
                     const struct insn *in)
{
    static const u8 modes[8] = {C_RM_RNE, C_RM_RTZ, C_RM_RDN, C_RM_RUP,
                                C_RM_RMM, N_COUNTS, N_COUNTS, C_RM_DYN};
    unsigned format = isa_info[in->op].format;
    bool rounds = format == IF_FRM || format == IF_FR4 || format == IF_F1 ||
                  format == IF_FX || format == IF_XF;
    if (rounds && modes[in->rm] != N_COUNTS)
        c->count[modes[in->rm]]++;
    if (log->frd >= 0)
        count_result(c, log);
}

static void count_memory(struct coverage *c, const struct engine_commit *log)
{
    const struct hart *h = &c->m->hart;
    unsigned n = log->bytes;
    if (!(log->load || log->store) || !n)
        return;
    c->count[C_MISALIGNED] += (log->addr & (n - 1)) != 0;
    c->count[C_CROSSING] += (log->addr & 4095) + n > 4096;
    c->count[C_LOAD_MPRV] += log->priv == PRV_M && h->mstatus & MSTATUS_MPRV;
}

static void count_commit(void *coverage, const struct engine_commit *log)
{
    struct coverage *c = coverage;
    struct insn in;
    c->all++;
    if (!code_pa(log->pc)) {
        c->fs = c->m->hart.mstatus >> 13 & 3;
        return;
    }
    c->retired++;
    isa_decode(log->raw, &in);
    c->op[in.op]++;
    coverage_retired(c, log, &in);
    unsigned class = isa_info[in.op].class;
    if (class >= IC_FADDS)
        count_fp(c, log, &in);
    if (class == IC_CSR)
        c->csr[in.imm & 0xfff] |= (u8)(1u << log->priv);
    if (in.op == OP_sfence_vma)
        c->count[C_FENCE_ALL + (in.rs1 != 0) + 2 * (in.rs2 != 0)]++;
    count_memory(c, log);
}

void coverage_watch(struct coverage *c, struct machine *m)
{
    c->m = m;
    engine_on_commit(m->engine, count_commit, c);
    engine_catch_traps(m->engine, true);
}

/* ---- traps ------------------------------------------------------------------
 */

static u64 pte_at(const struct machine *m, u64 pa)
{
    return pa - MONITOR_PA < END_PA - MONITOR_PA
               ? get_le(m->ram + (pa - MONITOR_PA), 8)
               : 0;
}

/* The reason why the leaf forbids an access; kind: 1 load, 2 store, 4 fetch. */
static enum count leaf_kind(const struct hart *h, u64 pte, unsigned level,
                            unsigned kind, unsigned priv)
{
    bool sum = h->mstatus & MSTATUS_SUM, mxr = h->mstatus & MSTATUS_MXR;
    if (pte >> 63)
        return C_PTE_N;
    if (pte >> 61 & 3)
        return C_PTE_PBMT;
    if (level && pte >> 10 & ((1u << 9 * level) - 1))
        return level == 1 ? C_PTE_MISALIGNED_2M : C_PTE_MISALIGNED_1G;
    if (priv == PRV_U && !(pte & PTE_U))
        return C_PTE_SUPERVISOR;
    if (priv == PRV_S && pte & PTE_U && kind == 4)
        return C_PTE_USER_FETCH;
    if (priv == PRV_S && pte & PTE_U && !sum)
        return C_PTE_USER;
    if (kind == 4)
        return C_PTE_NO_X;
    if (kind == 1 && !(pte & PTE_R) && !(mxr && pte & PTE_X))
        return C_PTE_NO_R;
    return C_PTE_NO_W;
}

/* Walks the tables again for the PTE that caused the page fault. */
static enum count fault_kind(const struct machine *m, u64 va, unsigned kind,
                             unsigned priv)
{
    u64 table = (m->hart.satp & ((1ull << 44) - 1)) << 12;
    if ((u64)sext(va, 39) != va)
        return C_NOT_CANONICAL;
    for (int level = 2; level >= 0; level--) {
        u64 pte = pte_at(m, table + 8 * (va >> (12 + 9 * level) & 511));
        if (!(pte & PTE_V))
            return C_PTE_INVALID;
        if ((pte & (PTE_R | PTE_W)) == PTE_W)
            return C_PTE_W_ONLY;
        if (pte >> 54 & 0x7f)
            return C_PTE_UPPER;
        if (pte & (PTE_R | PTE_X))
            return leaf_kind(&m->hart, pte, (unsigned)level, kind, priv);
        if (level == 0)
            return C_PTE_LAST;
        if (pte >> 63)
            return C_PTE_N;
        if (pte >> 61 & 3)
            return C_PTE_PBMT;
        if (pte & (PTE_A | PTE_D | PTE_U))
            return C_PTE_POINTER;
        table = PTE_PPN(pte) << 12;
    }
    return C_PTE_INVALID;
}

/* The reason for an access fault: no RAM at the address, or PMP. */
static enum count access_kind(const struct machine *m, u64 va, unsigned priv)
{
    const struct hart *h = &m->hart;
    u64 table = (h->satp & ((1ull << 44) - 1)) << 12, pa = va;
    for (int level = 2; level >= 0 && priv < PRV_M && h->satp >> 60; level--) {
        u64 at = table + 8 * (va >> (12 + 9 * level) & 511);
        if (!hart_pmp_ok(h, at, 8, 1, PRV_S))
            return C_ACCESS_TABLE;
        u64 pte = pte_at(m, at), size = 1ull << (12 + 9 * level);
        table = pa = PTE_PPN(pte) << 12;
        if (pte & (PTE_R | PTE_X)) {
            pa = (pa & ~(size - 1)) | (va & (size - 1));
            break;
        }
    }
    return pa - MONITOR_PA < RAM_SIZE ? C_ACCESS_PMP : C_ACCESS_HOLE;
}

void coverage_trap(struct coverage *c, struct machine *m)
{
    const struct hart *h = &m->hart;
    bool to_m = h->priv == PRV_M;
    u64 cause = to_m ? h->mcause : h->scause;
    u64 tval = to_m ? h->mtval : h->stval, epc = to_m ? h->mepc : h->sepc;
    unsigned from = to_m ? h->mstatus >> 11 & 3 : h->mstatus >> 8 & 1;
    unsigned seen = from == PRV_M && h->mstatus & MSTATUS_MPRV ? 4 : from;
    if (cause >> 63) {
        c->irq[cause & 15][from][h->priv]++;
        coverage_interrupt(c, cause);
        return;
    }
    c->trap[cause & 15][from][h->priv]++;
    coverage_failed(c, cause, epc, tval, seen);
    if (cause == CAUSE_FETCH_PAGE && tval == epc + 2)
        c->count[C_FETCH_CROSSING]++;
    if (seen == 4) /* under MPRV: the privilege of the access is lost */
        return;
    if (cause == CAUSE_FETCH_PAGE || cause == CAUSE_LOAD_PAGE ||
        cause == CAUSE_STORE_PAGE)
        c->count[fault_kind(m, tval,
                            cause == CAUSE_FETCH_PAGE  ? 4
                            : cause == CAUSE_LOAD_PAGE ? 1
                                                       : 2,
                            seen)]++;
    if (cause == CAUSE_FETCH_ACCESS || cause == CAUSE_LOAD_ACCESS ||
        cause == CAUSE_STORE_ACCESS)
        c->count[access_kind(m, tval, seen)]++;
}

/* ---- the report -------------------------------------------------------------
 */

/* The privileges from which and to which traps must have gone, at least once.
 */
static const struct {
    u8 irq, cause, from, to;
} wanted[] = {
    {0, 1, 0, 3},  {0, 1, 1, 3},  {0, 1, 3, 3},  {0, 2, 0, 1},  {0, 2, 0, 3},
    {0, 2, 1, 1},  {0, 2, 1, 3},  {0, 2, 3, 3},  {0, 3, 0, 1},  {0, 3, 0, 3},
    {0, 3, 1, 1},  {0, 3, 1, 3},  {0, 3, 3, 3},  {0, 5, 0, 3},  {0, 5, 1, 3},
    {0, 5, 3, 3},  {0, 7, 0, 3},  {0, 7, 1, 3},  {0, 7, 3, 3},  {0, 8, 0, 1},
    {0, 8, 0, 3},  {0, 9, 1, 1},  {0, 9, 1, 3},  {0, 11, 3, 3}, {0, 12, 0, 1},
    {0, 12, 0, 3}, {0, 12, 1, 1}, {0, 12, 1, 3}, {0, 13, 0, 1}, {0, 13, 0, 3},
    {0, 13, 1, 1}, {0, 13, 1, 3}, {0, 13, 3, 3}, {0, 15, 0, 1}, {0, 15, 0, 3},
    {0, 15, 1, 1}, {0, 15, 1, 3}, {0, 15, 3, 3}, {1, 1, 0, 1},  {1, 1, 0, 3},
    {1, 1, 1, 1},  {1, 1, 1, 3},  {1, 1, 3, 3},  {1, 3, 3, 3},  {1, 5, 0, 1},
    {1, 5, 0, 3},  {1, 5, 1, 1},  {1, 5, 1, 3},  {1, 5, 3, 3},  {1, 7, 3, 3},
    {1, 9, 0, 1},  {1, 9, 0, 3},  {1, 9, 1, 1},  {1, 9, 1, 3},  {1, 9, 3, 3},
    {1, 11, 0, 3}, {1, 11, 1, 3}, {1, 11, 3, 3},
};

static unsigned print_ops(const struct coverage *c, u64 exts)
{
    unsigned zeros = 0;
    for (unsigned e = 0; e < EXT_COUNT; e++) {
        unsigned n = 0;
        if (!(exts >> e & 1))
            continue;
        for (unsigned i = 0; i < nrows; i++) {
            const struct row *r = &rows[i];
            if (r->ext != e)
                continue;
            if (!n++)
                printf("%s:",
                       *isa_exts[e].name ? isa_exts[e].name : "privileged");
            printf(" %s %llu", isa_info[r->op].name,
                   (unsigned long long)c->op[r->op]);
            /* ecall and ebreak always trap */
            zeros += !c->op[r->op] && r->op != OP_ecall && r->op != OP_ebreak;
        }
        if (n)
            printf("\n");
    }
    return zeros;
}

static unsigned print_traps(const struct coverage *c)
{
    unsigned zeros = 0;
    for (unsigned i = 0; i < ARRAY_LEN(wanted); i++) {
        unsigned cause = wanted[i].cause, f = wanted[i].from, t = wanted[i].to;
        u64 n = wanted[i].irq ? c->irq[cause][f][t] : c->trap[cause][f][t];
        printf("%s %u from %c to %c: %llu\n",
               wanted[i].irq ? "interrupt" : "cause", cause, "US?M"[f],
               "US?M"[t], (unsigned long long)n);
        zeros += !n;
    }
    return zeros;
}

static void count_csrs(struct coverage *c)
{
    static const u8 of[4] = {C_CSR_U, C_CSR_S, N_COUNTS, C_CSR_M};
    for (unsigned p = 0; p < 4; p++)
        for (unsigned i = 0; i < 4096 && of[p] != N_COUNTS; i++)
            c->count[of[p]] += c->csr[i] >> p & 1;
}

unsigned coverage_print(struct coverage *c, u64 exts)
{
    unsigned zeros = print_ops(c, exts);
    zeros += coverage_print_system(c) + print_traps(c);
    count_csrs(c);
    for (unsigned i = 0; i < N_COUNTS; i++) {
        printf("%s: %llu\n", count_name[i], (unsigned long long)c->count[i]);
        zeros += !c->count[i];
    }
    printf("instructions retired under test: %llu, in all %llu\n",
           (unsigned long long)c->retired, (unsigned long long)c->all);
    return zeros;
}
