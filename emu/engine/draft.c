/* SPDX-License-Identifier: MIT */
/* Code for trees and statements of hart/semantics.def. */
#include "engine/draft.h"

#if HOST_CODE

/* ---- values ---- */

/* The host's register that holds x register n all the time, or T0: none. */
static enum reg home(unsigned n)
{
    for (unsigned i = 0; i < HOST_GUESTS; i++)
        if (host_guest[i] == n)
            return G0 + i;
    return T0;
}

static bool fits(u64 k)
{
    return (s64)k == (s32)k;
}

/* One that nobody uses while d is being computed. */
static enum reg other(enum reg d)
{
    assert(d != T2);
    return d == T0 ? T1 : d == T1 ? T2 : T0;
}

static bool mentions(const struct draft_code *t, unsigned v, unsigned reg)
{
    const struct node *n = &t->node[v];

    switch (n->kind) {
    case N_CONST:
    case N_PC:
        return false;
    case N_GUEST:
        return n->reg == reg;
    case N_EXTEND:
    case N_LOAD:
        return mentions(t, n->a, reg);
    case N_OP:
    case N_COMPARE:
        return mentions(t, n->a, reg) || mentions(t, n->b, reg);
    default:
        return true;
    }
}

/* Whether v may be computed in the register that is x[reg]'s home: nothing of
 * it is written before all of it that is needed has been read. */
static bool in_place(const struct draft_code *t, unsigned v, unsigned reg)
{
    const struct node *n = &t->node[v];

    switch (n->kind) {
    case N_OP:
        return in_place(t, n->a, reg) && !mentions(t, n->b, reg);
    case N_EXTEND:
        return in_place(t, n->a, reg);
    case N_SELECT:
    case N_LOAD: /* the function that may do it writes it, too */
        return false;
    default:
        return true;
    }
}

static void value(struct draft_code *t, const struct rec *r, unsigned v,
                  enum reg d);

/* Where v is; in tmp if it must be somewhere. */
static enum reg operand(struct draft_code *t, unsigned v, enum reg tmp)
{
    const struct node *n = &t->node[v];

    if (n->kind == N_GUEST && home(n->reg) != T0)
        return home(n->reg);
    value(t, NULL, v, tmp);
    return tmp;
}

static void arithmetic(struct draft_code *t, const struct node *n, enum reg d)
{
    const struct node *b = &t->node[n->b];
    bool small = b->kind == N_CONST && fits(b->k);

    value(t, NULL, n->a, d);
    if (small)
        host_op_k(&t->c, n->op, d, (s32)b->k);
    else
        host_op(&t->c, n->op, d, operand(t, n->b, other(d)));
}

/* Sets the flags; d and what comes after it may be used. */
static void compare(struct draft_code *t, unsigned v, enum reg d)
{
    const struct node *n = &t->node[v], *b = &t->node[n->b];

    assert(n->kind == N_COMPARE);
    enum reg a = operand(t, n->a, d);
    if (b->kind == N_CONST && fits(b->k))
        host_compare_k(&t->c, a, (s32)b->k);
    else
        host_compare(&t->c, a, operand(t, n->b, other(d)));
}

static void select(struct draft_code *t, const struct node *n)
{
    enum reg a = T1;

    compare(t, n->c, T0);
    /* neither changes the flags: moves and loads */
    value(t, NULL, n->b, T0);
    a = operand(t, n->a, a);
    host_select(&t->c, t->node[n->c].op, T0, a);
}

static void extend(struct draft_code *t, const struct node *n, enum reg d)
{
    const struct node *a = &t->node[n->a];

    if (a->kind == N_GUEST && home(a->reg) == T0)
        host_load(&t->c, d, HART, X_AT(a->reg), n->w);
    else if (a->kind == N_GUEST)
        host_extend(&t->c, d, home(a->reg), n->w);
    else {
        value(t, NULL, n->a, d);
        host_extend(&t->c, d, d, n->w);
    }
}

/* ---- memory ---- */

static void late(struct draft_code *t, struct late l)
{
    assert(t->lates < LATES);
    t->late[t->lates++] = l;
}

static void slow(struct draft_code *t, const struct rec *r, jump from)
{
    late(t, (struct late){.kind = LATE_CALL, .from = from, .r = r});
}

/* T2: the host's address of the access at va, a hit. If it is none, r is
 * executed by its function. T0 and T1 are used. */
static void probe(struct draft_code *t, const struct rec *r, unsigned bytes,
                  bool store, unsigned va)
{
    struct code *c = &t->c;
    s32 tag = store ? offsetof(struct host_page, store)
                    : offsetof(struct host_page, load);

    value(t, NULL, va, T0);
    host_move(c, T2, T0);
    host_op_k(c, H_SRL, T2, PAGE_SHIFT - 5);
    host_op_k(c, H_AND, T2, (HOST_PAGES_USED(t->timed) - 1) << 5);
    host_op(c, H_ADD, T2, PAGES);
    host_move(c, T1, T0);
    host_op_k(c, H_AND, T1, -(s32)PAGE_BYTES | (s32)(bytes - 1));
    host_compare_mem(c, T1, T2, tag);
    slow(t, r, host_jump_if(c, C_NE));
    if (t->timed || store) {
        host_load(c, T1, T2, offsetof(struct host_page, lines), WIDE);
        host_load(c, T1, T1,
                  !t->timed ? 0
                  : store   ? (s32)offsetof(struct frame_lines, wr_ok)
                            : (s32)offsetof(struct frame_lines, rd_ok),
                  WIDE);
    }
    host_load(c, T2, T2, offsetof(struct host_page, host), WIDE);
    host_op(c, H_ADD, T2, T0);
    if (t->timed || store) {
        host_op_k(c, H_SRL, T0, LINE_SHIFT);
        jump from = host_jump_if_bit(c, T1, T0, !t->timed);
        late(t, (struct late){.kind = !t->timed ? LATE_CALL
                                      : store   ? LATE_MISSED_STORE
                                                : LATE_MISSED_LOAD,
                              .from = from,
                              .again = c->at,
                              .r = r});
    }
}

void draft_store(struct draft_code *t, const struct rec *r, unsigned bytes,
                 unsigned va, unsigned v)
{
    probe(t, r, bytes, true, va);
    host_store(&t->c, operand(t, v, T0), T2, 0, bytes);
}

static void value(struct draft_code *t, const struct rec *r, unsigned v,
                  enum reg d)
{
    const struct node *n = &t->node[v];
    struct code *c = &t->c;

    switch (n->kind) {
    case N_CONST:
        host_const(c, d, n->k);
        break;
    case N_PC:
        host_load(c, d, ENGINE, IN_ENGINE(page), WIDE);
        host_op_k(c, H_ADD, d, (s32)n->k);
        break;
    case N_GUEST:
        if (home(n->reg) != T0)
            host_move(c, d, home(n->reg));
        else
            host_load(c, d, HART, X_AT(n->reg), WIDE);
        break;
    case N_OP:
        arithmetic(t, n, d);
        break;
    case N_COMPARE:
        compare(t, v, d >= G0 ? T0 : d);
        host_set(c, n->op, d);
        break;
    case N_EXTEND:
        extend(t, n, d);
        break;
    case N_SELECT:
        assert(d == T0);
        select(t, n);
        break;
    case N_LOAD:
        probe(t, r, n->w.bytes, false, n->a);
        host_load(c, d, T2, 0, n->w);
        break;
    }
}

/* ---- statements ---- */

/* rs2 and rd of integer rows are x registers; the sink, x0, has no home. */
void draft_set(struct draft_code *t, const struct rec *r, unsigned rd,
               unsigned v)
{
    enum reg h = home(rd);
    bool load = t->node[v].kind == N_LOAD;
    enum reg d = h != T0 && (load || in_place(t, v, rd)) ? h : T0;

    if (rd == SINK_X && !load)
        return;
    value(t, r, v, d);
    if (h == T0)
        host_store(&t->c, d, HART, X_AT(rd), 8);
    else
        host_move(&t->c, h, d);
}

void draft_set_float(struct draft_code *t, const struct rec *r, unsigned v)
{
    const struct node *n = &t->node[v];

    /* a narrow one is boxed: what is loaded is not at the top of its tree */
    if (n->kind == N_OP && t->node[n->a].kind == N_LOAD) {
        value(t, r, n->a, T0);
        host_const(&t->c, T1, t->node[n->b].k);
        host_op(&t->c, n->op, T0, T1);
    } else {
        value(t, r, v, T0);
    }
    host_store(&t->c, T0, HART, X_AT(32 + r->rd), 8);
    host_load(&t->c, T0, HART, IN_HART(mstatus), WIDE);
    host_op_k(&t->c, H_OR, T0, MSTATUS_FS);
    host_store(&t->c, T0, HART, IN_HART(mstatus), 8);
}

void draft_float_on(struct draft_code *t, const struct rec *r)
{
    host_load(&t->c, T0, HART, IN_HART(mstatus), WIDE);
    host_op_k(&t->c, H_AND, T0, MSTATUS_FS);
    host_compare_k(&t->c, T0, 0);
    slow(t, r, host_jump_if(&t->c, C_EQ));
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

    if (*edge == t->e->far) { /* for ever: another page */
        host_load(c, T1, ENGINE, IN_ENGINE(page), WIDE);
        host_op_k(c, H_ADD, T1, (s32)offset);
        host_goto(c, t->s->indirect);
        return;
    }
    host_const(c, T2, (u64)(uintptr_t)edge);
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
    enum reg h = home(r->rd), d = h == T0 ? T0 : h;
    host_load(&t->c, d, ENGINE, IN_ENGINE(page), WIDE);
    host_op_k(&t->c, H_ADD, d, r[1].pcoff);
    if (h == T0)
        host_store(&t->c, d, HART, X_AT(r->rd), 8);
}

#define BP(member) IN_ENGINE(bp.member)
#define SMALL(n)   ((struct width){n, false})

/* branch_push(), time/branch.h */
static void push_return(struct draft_code *t, const struct rec *r)
{
    struct code *c = &t->c;

    host_load(c, T0, ENGINE, BP(ras_top), SMALL(4));
    host_op_k(c, H_ADD, T0, 1);
    host_compare_k(c, T0, (s32)t->e->bp.returns);
    jump within = host_jump_if(c, C_LTU);
    host_const(c, T0, 0);
    host_land(c, within);
    host_store(c, T0, ENGINE, BP(ras_top), 4);
    host_op_k(c, H_SLL, T0, 3);
    host_op(c, H_ADD, T0, ENGINE);
    host_load(c, T1, ENGINE, IN_ENGINE(page), WIDE);
    host_op_k(c, H_ADD, T1, r[1].pcoff);
    host_store(c, T1, T0, BP(ras), 8);
}

void draft_jump(struct draft_code *t, const struct rec *r)
{
    if (t->timed && IS_LINK(r->rd))
        push_return(t, r);
    link_to(t, r);
    draft_edge(t, &last_edges(r)->taken, r->pcoff + r->imm);
}

/* Cycles lost at a transfer: T2 is ENGINE and, further, so many bytes as its
 * row is behind the first one, which is at `at`. */
static void suffer(struct code *c, s32 at)
{
    host_op_mem(c, H_SUB, BUDGET, T2,
                at + (s32)offsetof(struct branch_outcome, cost));
    host_sums(c, H_ADD, BRANCH_SUMS, T2,
              at + (s32)offsetof(struct branch_outcome, sums));
}

/* branch_pop(), time/branch.h; the target is in T1 */
static void pop_return(struct draft_code *t)
{
    struct code *c = &t->c;

    host_load(c, T0, ENGINE, BP(ras_top), SMALL(4));
    host_move(c, T2, T0);
    host_op_k(c, H_SLL, T2, 3);
    host_op(c, H_ADD, T2, ENGINE);
    host_load(c, T2, T2, BP(ras), WIDE);
    host_compare_k(c, T0, 0);
    jump not_first = host_jump_if(c, C_NE);
    host_const(c, T0, t->e->bp.returns);
    host_land(c, not_first);
    host_op_k(c, H_SUB, T0, 1);
    host_store(c, T0, ENGINE, BP(ras_top), 4);
    host_compare(c, T2, T1);
    host_set(c, C_NE, T2);
    host_op_k(c, H_MUL, T2, sizeof(struct branch_outcome));
    host_op(c, H_ADD, T2, ENGINE);
    suffer(c, IN_ENGINE(indirect));
}

/* In cycle timing only returns: others ask a predictor of many places. */
void draft_indirect(struct draft_code *t, const struct rec *r, unsigned to)
{
    bool back = r->rd == SINK_X && IS_LINK(r->rs1);

    if (t->timed && !back) {
        draft_leave(t, r, t->s->last);
        return;
    }
    value(t, NULL, to, T1);
    if (t->timed)
        pop_return(t);
    link_to(t, r);
    host_goto(&t->c, t->s->indirect);
}

/* The predictor's counter, and what it costs: branch_counter_of() and
 * branch_row(). */
static void learn(struct draft_code *t, const struct rec *r, bool taken)
{
    struct code *c = &t->c;
    s32 row =
        IN_ENGINE(conditional) + taken * (s32)sizeof(t->e->conditional[0]);

    if (!t->timed)
        return;
    host_load(c, T2, ENGINE, BP(history), SMALL(1));
    host_move(c, T0, T2);
    host_op_k(c, H_SLL, T0, 2);
    host_op(c, H_ADD, T0, ENGINE);
    host_load(c, T0, T0, BP(fold), SMALL(4));
    host_op_k(c, H_XOR, T0, r->slot);
    host_op(c, H_ADD, T0, ENGINE);
    host_op(c, H_ADD, T2, T2);
    if (taken)
        host_op_k(c, H_ADD, T2, 1);
    host_store(c, T2, ENGINE, BP(history), 1);
    host_load(c, T2, T0, BP(bht), SMALL(1));
    host_op(c, H_ADD, T2, ENGINE);
    host_load(c, T1, T2, row + (s32)offsetof(struct branch_outcome, next),
              SMALL(1));
    host_store(c, T1, T0, BP(bht), 1);
    suffer(c, row);
}

/* Taken, from the middle of the block or from its end. */
static void taken(struct draft_code *t, const struct rec *r)
{
    struct code *c = &t->c;

    learn(t, r, true);
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

    compare(t, cond, T0);
    late(t, (struct late){.kind = LATE_TAKEN,
                          .from = host_jump_if(c, t->node[cond].op),
                          .r = r});
    learn(t, r, false);
    if (!r->rs3) {
        draft_edge(t, &last_edges(r)->fall, r[1].pcoff);
        return;
    }
    if (!t->timed)
        return;
    host_const(c, T0, (u64)t->b->least);
    host_compare(c, BUDGET, T0);
    late(t, (struct late){
                .kind = LATE_LEAVE, .from = host_jump_if(c, C_LT), .r = r});
}

/* ---- what is behind ---- */

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
        case LATE_MISSED_LOAD:
        case LATE_MISSED_STORE:
            host_call(c, t->s->missed[l->kind == LATE_MISSED_STORE]);
            host_compare_k(c, T0, 0);
            host_goto_if(c, C_EQ, l->again);
            __attribute__((fallthrough));
        case LATE_CALL:
            draft_call(t, l->r, false);
            host_goto(c, l->resume);
            break;
        case LATE_LEAVE:
            draft_leave(t, l->r, t->s->leave_after);
            break;
        case LATE_TAKEN:
            taken(t, l->r);
            break;
        }
    }
}

#endif
