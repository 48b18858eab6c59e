/* SPDX-License-Identifier: MIT */
/* Writes code that all translated blocks share. While translated code runs,
 * eight guest registers, the budget, the branch history and two vectors of
 * counts are in host registers. Before a C function runs, all of them are
 * stored in memory; but before the C function of a miss (make_miss), only
 * budget and counts are. */
#include "engine/block_unwind.h"
#include "engine/data.h"
#include "engine/stubs.h"

#if HOST_CODE

/* Moves budget and counts to memory (store), or back. */
static void move_counts(struct code *c, bool store)
{
    if (store)
        host_store(c, BUDGET, ENGINE, IN_ENGINE(budget), 8);
    else
        host_load(c, BUDGET, ENGINE, IN_ENGINE(budget), WIDE);
    host_sums_move(c, BLOCK_SUMS, IN_ENGINE(acc), store);
    host_sums_move(c, BRANCH_SUMS, IN_ENGINE(branch_acc), store);
}

static void spill(struct code *c)
{
    for (unsigned i = 0; i < HOST_GUESTS; i++)
        host_store(c, G0 + i, HART, X_AT(host_guest[i]), 8);
    host_store(c, HISTORY, ENGINE, IN_ENGINE(predictor.history), 1);
    move_counts(c, true);
}

static void fill(struct code *c)
{
    for (unsigned i = 0; i < HOST_GUESTS; i++)
        host_load(c, G0 + i, HART, X_AT(host_guest[i]), WIDE);
    host_load(c, HISTORY, ENGINE, IN_ENGINE(predictor.history), SMALL(1));
    move_counts(c, false);
}

static void pay(struct code *c, const struct stubs *s)
{
    host_op_mem(c, H_SUB, BUDGET, T0, IN_BLOCK(cost));
    host_goto_if(c, C_LT, s->lost);
}

void stubs_entry(struct code *c, const struct stubs *s, bool timed)
{
    pay(c, s);
    if (timed) {
        host_load(c, T1, T0, IN_BLOCK(fetch_map), WIDE);
        host_load(c, T1, T1, 0, WIDE);
        host_op_k(c, H_XOR, T1, -1);
        host_op_mem(c, H_AND, T1, T0, IN_BLOCK(lines));
        host_compare_k(c, T1, 0);
        host_goto_if(c, C_NE, s->lost);
    }
    host_sums(c, H_ADD, BLOCK_SUMS, T0, IN_BLOCK(sums));
    host_store(c, T0, ENGINE, IN_ENGINE(b), 8);
}

void stubs_again(struct code *c, const struct stubs *s)
{
    pay(c, s);
    host_sums(c, H_ADD, BLOCK_SUMS, T0, IN_BLOCK(sums));
}

/* ---- functions of C that the stubs call ---- */

static const struct rec *call_handler(struct engine *e, const struct rec *r)
{
    return (e->timed ? handlers_cycle : handlers_fast)[r->op](e, r);
}

/* Executes r, whose miss function returned NOT_DONE. Leaves the block after r
 * if then the budget is overdrawn or e->leave is set. */
static const struct rec *call_missed(struct engine *e, const struct rec *r)
{
    const struct rec *next = call_handler(e, r);

    return next == r + 1 && (overdrawn(e) || e->leave) ? exec_leave_after(e, r)
                                                       : next;
}

/* Returns the target of an edge at the end of e->b, or of a side exit. */
static u64 target_of(const struct engine *e, struct block *const *edge)
{
    struct block *b = e->b;
    const struct rec *end = block_insns(b) + b->n, *r = end - 1;
    const struct edges *edges = (const struct edges *)(end + 1);

    if (edge == &edges->fall)
        return e->page + end->pcoff;
    if (edge != &edges->taken)
        for (unsigned i = (unsigned)((struct side_exit *)b - 1 -
                                     (const struct side_exit *)edge);
             !(isa_info[r->op].class == IC_BRANCH && r->rs3 && r->rd == i);)
            r--;
    return e->page + r->pcoff +
           (u64)(s64)(isa_info[r->op].class == IC_BRANCH ? r->offset : r->imm);
}

static const struct rec *lose(struct engine *e, struct block *b,
                              struct block **edge)
{
    return exec_enter_failed(e, b, edge ? target_of(e, edge) : e->jump_to,
                             edge);
}

/* ---- the stubs ---- */

/* Writes code that continues in e->b's code, or returns to C if e->b has none
 * or T0 is NULL. The registers have been spilled. */
static void onward(struct code *c, const u8 *back)
{
    host_compare_k(c, T0, 0);
    host_goto_if(c, C_EQ, back);
    host_load(c, T2, ENGINE, IN_ENGINE(b), WIDE);
    host_load(c, T1, T2, IN_BLOCK(body), WIDE);
    host_compare_k(c, T1, 0);
    host_goto_if(c, C_EQ, back);
    fill(c);
    host_goto_mem(c, T2, IN_BLOCK(body));
}

/* Writes a call of fn. During the call the stack has the record and, twice (see
 * host_stub), the block. The caller's code goes on only if fn returns the next
 * record and e->b is still that block. (If a new block has taken that block's
 * memory, fn returns the new block's first record.) */
static const u8 *make_call(struct code *c, const void *fn, const u8 *on)
{
    const u8 *at = c->at;

    host_stub(c);
    host_push(c, T0);
    host_load(c, T1, ENGINE, IN_ENGINE(b), WIDE);
    host_push(c, T1);
    host_push(c, T1);
    spill(c);
    host_call_c(c, fn, T0, T1);
    host_pop(c, T1);
    host_pop(c, T1);
    host_pop(c, T2);
    host_op_k(c, H_ADD, T2, sizeof(struct rec));
    host_compare(c, T0, T2);
    jump other = host_jump_if(c, C_NE);
    host_compare_mem(c, T1, ENGINE, IN_ENGINE(b));
    jump elsewhere = host_jump_if(c, C_NE);
    fill(c);
    host_return(c);
    host_land(c, other);
    host_land(c, elsewhere);
    host_forget(c);
    host_goto(c, on);
    return at;
}

static void make_miss(struct code *c, const u8 **stub, enum reg at, miss_fn fn)
{
    *stub = c->at;
    host_stub(c);
    move_counts(c, true);
    host_call_kept(c, (const void *)fn, at, T1);
    move_counts(c, false);
    host_return(c);
}

/* Writes jump_index() (host_tlb.h), and a jump to the target or e->unbound. */
static void make_indirect(struct code *c, struct stubs *s)
{
    s->indirect = c->at;
    host_move(c, T0, T1);
    host_op_k(c, H_SRL, T0, PAGE_SHIFT);
    host_move(c, T2, T1);
    host_op_k(c, H_SRL, T2, 40);
    host_op(c, H_XOR, T0, T2);
    host_op_k(c, H_AND, T0, JUMP_PAGES - 1);
    host_op_k(c, H_MUL, T0, JUMP_PER_PAGE);
    host_move(c, T2, T1);
    host_op_k(c, H_SRL, T2, 6);
    host_op(c, H_XOR, T2, T1);
    host_op_k(c, H_SRL, T2, 1);
    host_op_k(c, H_AND, T2, JUMP_PER_PAGE - 1);
    host_op(c, H_ADD, T0, T2);
    host_op_k(c, H_MUL, T0, sizeof(struct jump_target));
    host_op_mem(c, H_ADD, T0, ENGINE, IN_ENGINE(jumps));
    host_load(c, T2, ENGINE, IN_ENGINE(fctx), WIDE);
    host_store(c, T1, ENGINE, IN_ENGINE(jump_to), 8);
    host_compare_mem(c, T1, T0, offsetof(struct jump_target, va));
    jump miss = host_jump_if(c, C_NE);
    host_compare_mem(c, T2, T0, offsetof(struct jump_target, ctx));
    jump foreign = host_jump_if(c, C_NE);
    host_load(c, T0, T0, offsetof(struct jump_target, block), WIDE);
    jump hit = host_jump(c);
    host_land(c, miss);
    host_land(c, foreign);
    host_load(c, T0, ENGINE, IN_ENGINE(unbound), WIDE);
    host_land(c, hit);
    host_op_k(c, H_AND, T1, -(s32)PAGE_BYTES);
    host_store(c, T1, ENGINE, IN_ENGINE(page), 8);
    host_const(c, T2, 0);
    host_goto_mem(c, T0, IN_BLOCK(code));
}

static const u8 *make_way(struct code *c, const void *fn, const u8 *on)
{
    const u8 *at = c->at;

    spill(c);
    host_call_c(c, fn, T0, T2);
    host_goto(c, on);
    return at;
}

void stubs_make(struct code *c, struct stubs *s, bool timed)
{
    const u8 *leave, *back, *on;

    s->enter = (const struct rec *(*)(struct engine *, struct block *))c->at;
    host_enter(c);
    host_load(c, HART, ENGINE, IN_ENGINE(h), WIDE);
    host_op_k(c, H_ADD, HART, HART_BIAS);
    fill(c);
    host_goto_mem(c, T0, IN_BLOCK(body));
    leave = c->at;
    spill(c);
    back = c->at;
    host_leave(c);
    on = c->at;
    onward(c, back);
    s->call = make_call(c, (const void *)call_handler, on);
    s->call_missed = c->at;
    host_load(c, T0, ENGINE, IN_ENGINE(r), WIDE);
    make_call(c, (const void *)call_missed, on);
    for (unsigned store = 0; store < 2; store++) {
        make_miss(c, &s->page[store], T0, data_page_missed[timed][store]);
        make_miss(c, &s->line[store], T2, data_line_missed[timed][store]);
    }
    s->last = make_way(c, (const void *)call_handler, on);
    s->leave_after = make_way(c, (const void *)exec_leave_after, on);
    s->lost = make_way(c, (const void *)lose, on);
    make_indirect(c, s);
    s->interpreted = c->at;
    stubs_entry(c, s, timed);
    host_op_k(c, H_ADD, T0, IN_BLOCK(rec));
    host_goto(c, leave);
    assert(!c->full);
}

#endif
