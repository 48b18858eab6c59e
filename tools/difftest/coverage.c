/* SPDX-License-Identifier: MIT */
#include "coverage.h"

#include <stdio.h>

#include "run.h"

static const char *const count_name[N_COUNTS] = {
#define COUNT(id, what) [C_##id] = what,
#include "coverage.def"
};

/* ---- instructions ---- */

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
    bool rounds = isa_operands[isa_info[in->op].format] & USE_RM;
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

/* ---- traps ---- */

/* Counts why the access faulted, by a walk of the tables as they are now. */
static void count_fault(struct coverage *c, u64 va, enum access access,
                        u32 priv)
{
    struct walk w;
    probe(c->m, &c->m->hart, va, access, priv, &w);
    enum pte_verdict v = mmu_walk_verdict(&w);
    if (v >= PTE_FAULTS)
        c->fault[v]++;
    c->count[C_NOT_CANONICAL] += (u64)sext(va, 39) != va;
    const struct walk_step *leaf = mmu_walk_last_read(&w);
    unsigned level = v == PTE_MISALIGNED ? leaf->level : 0;
    c->count[C_PTE_UPPER] += v == PTE_BITS_RESERVED && leaf->pte & PTE_RESERVED;
    c->count[C_PTE_MISALIGNED_2M] += level == 1;
    c->count[C_PTE_MISALIGNED_1G] += level == 2;
    c->count[C_PTE_USER_FETCH] += v == PTE_OF_USER && access == ACC_FETCH;
}

/* Returns why an access fault came: PMP, no RAM, or a PTE that PMP hides. */
static enum count access_kind(struct machine *m, u64 va, enum access access,
                              u32 priv)
{
    struct walk w;
    u64 pa = va;
    if (priv < PRV_M && m->hart.satp >> 60) {
        probe(m, &m->hart, va, access, priv, &w);
        if (w.phase != WALK_FILLED)
            return C_ACCESS_TABLE;
        pa = tlb_pa(&w.filled, va);
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
        count_fault(c, tval, access_of(cause), seen);
    if (cause == CAUSE_FETCH_ACCESS || cause == CAUSE_LOAD_ACCESS ||
        cause == CAUSE_STORE_ACCESS)
        c->count[access_kind(m, tval, access_of(cause), seen)]++;
}

/* ---- the report ---- */

/* Traps that must be taken at least once: cause, from and to privilege. */
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
    zeros += coverage_print_system(c, exts) + print_traps(c);
    count_csrs(c);
    /* The walker sets A and D: their absence is no fault. */
    for (unsigned v = PTE_FAULTS; v < PTE_NOT_ACCESSED; v++) {
        printf("PTE: %s: %llu\n", pte_verdict_words[v],
               (unsigned long long)c->fault[v]);
        zeros += !c->fault[v];
    }
    for (unsigned i = 0; i < N_COUNTS; i++) {
        printf("%s: %llu\n", count_name[i], (unsigned long long)c->count[i]);
        zeros += !c->count[i];
    }
    printf("instructions retired under test: %llu, in all %llu\n",
           (unsigned long long)c->retired, (unsigned long long)c->all);
    return zeros;
}
