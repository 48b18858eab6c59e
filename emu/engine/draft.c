/* SPDX-License-Identifier: MIT */
/* Writes host code for statements of hart/semantics.def and ends of blocks. */
#include "engine/draft_value.h"

#if HOST_CODE

/* ---- statements ---- */

void draft_store(struct draft_code *t, unsigned bytes, unsigned va, unsigned v)
{
    draft_probe(t, bytes, true, va);
    host_store(&t->c, draft_operand(t, v, T0), T2, 0, bytes);
}

static void set_guest(struct draft_code *t, unsigned n, enum reg v)
{
    enum reg h = draft_home(n);

    if (h == T0)
        host_store(&t->c, v, HART, X_AT(n), 8);
    else
        host_move(&t->c, h, v);
}

/* Sets an integer row's rd: an x register, or SINK_X (no host register). */
void draft_set(struct draft_code *t, unsigned rd, unsigned v)
{
    enum reg h = draft_home(rd);
    bool load = t->node[v].kind == N_LOAD;
    enum reg d = h != T0 && (load || draft_in_place(t, v, rd)) ? h : T0;

    if (rd == SINK_X && !load)
        return;
    draft_value(t, v, d);
    set_guest(t, rd, d);
}

void draft_set_float(struct draft_code *t, unsigned v)
{
    draft_value(t, v, T0);
    host_store(&t->c, T0, HART, X_AT(32 + t->r->rd), 8);
    host_load(&t->c, T0, HART, IN_HART(mstatus), WIDE);
    host_op_k(&t->c, H_OR, T0, MSTATUS_FS);
    host_store(&t->c, T0, HART, IN_HART(mstatus), 8);
}

static void record(struct draft_code *t, const struct rec *r)
{
    host_const(&t->c, T0, (u64)(uintptr_t)r);
}

void draft_call(struct draft_code *t, const struct rec *r, bool last)
{
    record(t, r);
    if (last)
        host_goto(&t->c, t->s->last);
    else
        host_call(&t->c, t->s->call);
}

void draft_leave(struct draft_code *t, const struct rec *r, const u8 *stub)
{
    record(t, r);
    host_goto(&t->c, stub);
}

/* ---- control ---- */

void draft_edge(struct draft_code *t, struct block **edge, s64 offset)
{
    struct code *c = &t->c;

    if (*edge == t->e->far) { /* never bound: the target is in another page */
        host_load(c, T1, ENGINE, IN_ENGINE(page), WIDE);
        host_op_k(c, H_ADD, T1, (s32)offset);
        host_goto(c, t->s->indirect);
        return;
    }
    host_const(c, T2, (u64)(uintptr_t)edge);
    if (*edge == t->b) { /* b loops to itself: its lines are in L1I */
        host_const(c, T0, (u64)(uintptr_t)t->b);
        stubs_again(c, t->s);
        host_goto(c, t->body);
        return;
    }
    host_load(c, T0, T2, 0, WIDE);
    host_goto_mem(c, T0, IN_BLOCK(code));
}

static struct edges *last_edges(const struct rec *r)
{
    return (struct edges *)(uintptr_t)(r + 2);
}

#define IS_LINK(reg) (((reg) & ~4) == 1) /* ra, t0 */

static void link_to(struct draft_code *t, const struct rec *r)
{
    if (r->rd == SINK_X)
        return;
    enum reg h = draft_home(r->rd), d = h == T0 ? T0 : h;
    host_load(&t->c, d, ENGINE, IN_ENGINE(page), WIDE);
    host_op_k(&t->c, H_ADD, d, r[1].pcoff);
    if (h == T0)
        host_store(&t->c, d, HART, X_AT(r->rd), 8);
}

#define PREDICTOR(member) IN_ENGINE(predictor.member)

/* Writes branch_push() of time/core/branch.h. */
static void push_return(struct draft_code *t, const struct rec *r)
{
    struct code *c = &t->c;

    host_load(c, T0, ENGINE, PREDICTOR(ras_top), SMALL(4));
    host_op_k(c, H_ADD, T0, 1);
    host_compare_k(c, T0, (s32)t->e->predictor.returns);
    jump within = host_jump_if(c, C_LTU);
    host_const(c, T0, 0);
    host_land(c, within);
    host_store(c, T0, ENGINE, PREDICTOR(ras_top), 4);
    host_op_k(c, H_SLL, T0, 3);
    host_op(c, H_ADD, T0, ENGINE);
    host_load(c, T1, ENGINE, IN_ENGINE(page), WIDE);
    host_op_k(c, H_ADD, T1, r[1].pcoff);
    host_store(c, T1, T0, PREDICTOR(ras), 8);
}

void draft_csr(struct draft_code *t, const struct rec *r, bool writes,
               unsigned v)
{
    struct code *c = &t->c;
    s32 least = r->imm >> 8 & 3; /* privilege */

    if (least) {
        host_load(c, T0, HART, IN_HART(priv), SMALL(sizeof(t->e->h->priv)));
        host_compare_k(c, T0, least);
        draft_slow(t, host_jump_if(c, C_LTU));
    }
    if (writes) {
        draft_value(t, v, T0);
        host_op_k(c, H_AND, T0, ~(s32)r->rs3);
    }
    if (r->rd != SINK_X)
        host_load(c, T1, HART, X_AT(r->rs2), WIDE);
    if (writes)
        host_store(c, T0, HART, X_AT(r->rs2), 8);
    if (r->rd != SINK_X)
        set_guest(t, r->rd, T1);
    draft_edge(t, &last_edges(r)->fall, r[1].pcoff);
}

void draft_jump(struct draft_code *t, const struct rec *r)
{
    if (t->timed && IS_LINK(r->rd))
        push_return(t, r);
    link_to(t, r);
    draft_edge(t, &last_edges(r)->taken, r->pcoff + r->imm);
}

/* Charges the cycles lost at a transfer. The table of struct branch_outcome is
 * at ENGINE + at; T2 is ENGINE plus the row's offset in this table. */
static void emit_branch_charge(struct code *c, s32 at)
{
    host_op_mem(c, H_SUB, BUDGET, T2,
                at + (s32)offsetof(struct branch_outcome, cost));
    host_sums(c, H_ADD, BRANCH_SUMS, T2,
              at + (s32)offsetof(struct branch_outcome, sums));
}

/* Writes branch_pop() of time/core/branch.h; the target is in T1. */
static void pop_return(struct draft_code *t)
{
    struct code *c = &t->c;

    host_load(c, T0, ENGINE, PREDICTOR(ras_top), SMALL(4));
    host_load_indexed(c, T2, ENGINE, T0, 3, PREDICTOR(ras), WIDE);
    host_compare_k(c, T0, 0);
    jump not_first = host_jump_if(c, C_NE);
    host_const(c, T0, t->e->predictor.returns);
    host_land(c, not_first);
    host_op_k(c, H_SUB, T0, 1);
    host_store(c, T0, ENGINE, PREDICTOR(ras_top), 4);
    host_compare(c, T2, T1);
    host_set(c, C_NE, T2);
    host_op_k(c, H_MUL, T2, sizeof(struct branch_outcome));
    host_op(c, H_ADD, T2, ENGINE);
    emit_branch_charge(c, IN_ENGINE(indirect));
}

/* In cycle timing only returns are translated: other indirect jumps need the
 * target predictor, which is a C function. */
void draft_indirect(struct draft_code *t, const struct rec *r, unsigned to)
{
    bool back = r->rd == SINK_X && IS_LINK(r->rs1);

    if (t->timed && !back) {
        draft_leave(t, r, t->s->last);
        return;
    }
    draft_value(t, to, T1);
    if (t->timed)
        pop_return(t);
    link_to(t, r);
    host_goto(&t->c, t->s->indirect);
}

/* Updates the counter (branch_counter_of()) and charges the branch. */
static void emit_learn(struct draft_code *t, const struct rec *r, bool taken)
{
    struct code *c = &t->c;
    s32 row =
        IN_ENGINE(conditional) + taken * (s32)sizeof(t->e->conditional[0]);

    if (!t->timed)
        return;
    host_extend(c, T2, HISTORY, SMALL(1));
    host_load_indexed(c, T0, ENGINE, T2, 2, PREDICTOR(fold), SMALL(4));
    host_op_k(c, H_XOR, T0, r->slot);
    host_op(c, H_ADD, T0, ENGINE);
    host_op(c, H_ADD, HISTORY, HISTORY);
    if (taken)
        host_op_k(c, H_ADD, HISTORY, 1);
    host_load(c, T2, T0, PREDICTOR(bht), SMALL(1));
    host_const(c, T1, t->e->counter_next[taken]);
    host_op(c, H_SRL, T1, T2);
    host_store(c, T1, T0, PREDICTOR(bht), 1);
    static_assert(sizeof(struct branch_outcome) == BRANCH_STEP << 2,
                  "a counter's value << 2 is the offset of its row");
    host_op_k(c, H_SLL, T2, 2);
    host_op(c, H_ADD, T2, ENGINE);
    emit_branch_charge(c, row);
}

/* Writes a branch's taken path, in the middle or at the end of its block. */
static void emit_taken(struct draft_code *t, const struct rec *r)
{
    struct code *c = &t->c;

    emit_learn(t, r, true);
    if (!r->rs3) {
        draft_edge(t, &last_edges(r)->taken, r->pcoff + r->offset);
        return;
    }
    struct side_exit *out = block_exit(t->b, r->rd);
    host_const(c, T0, (u64)(uintptr_t)out);
    host_op_mem(c, H_ADD, BUDGET, T0, offsetof(struct side_exit, refund));
    host_sums(c, H_SUB, BLOCK_SUMS, T0, offsetof(struct side_exit, sums));
    draft_edge(t, &out->to, r->pcoff + r->offset);
}

void draft_branch(struct draft_code *t, const struct rec *r, unsigned cond)
{
    struct code *c = &t->c;

    draft_compare(t, cond, T0);
    draft_late(t, (struct late){.kind = LATE_TAKEN,
                                .from = host_jump_if(c, t->node[cond].op),
                                .r = r});
    emit_learn(t, r, false);
    if (!r->rs3) {
        draft_edge(t, &last_edges(r)->fall, r[1].pcoff);
        return;
    }
    if (!t->timed)
        return;
    host_const(c, T0, (u64)t->b->least);
    host_compare(c, BUDGET, T0);
    draft_late(t, (struct late){.kind = LATE_LEAVE,
                                .from = host_jump_if(c, C_LT),
                                .r = r});
}

/* ---- late code ---- */

void draft_resume(struct draft_code *t, const struct rec *r)
{
    for (unsigned i = t->lates; i-- && t->late[i].r == r;)
        t->late[i].resume = t->c.at;
}

void draft_lates(struct draft_code *t)
{
    struct code *c = &t->c;

    for (unsigned i = 0; i < t->lates; i++) {
        const struct late *l = &t->late[i];
        host_land(c, l->from);
        switch (l->kind) {
        case LATE_MISS:
            host_const(c, T1, (u64)(uintptr_t)l->r);
            host_call(c, l->stub);
            host_compare_k(c, T0, (s32)NOT_DONE);
            host_goto_if(c, C_NE, l->again);
            host_call(c, t->s->call_missed);
            host_goto(c, l->resume);
            break;
        case LATE_CALL:
            draft_call(t, l->r, l->last);
            if (!l->last)
                host_goto(c, l->resume);
            break;
        case LATE_LEAVE:
            draft_leave(t, l->r, t->s->leave_after);
            break;
        case LATE_TAKEN:
            emit_taken(t, l->r);
            break;
        }
    }
}

#endif
