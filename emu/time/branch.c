/* SPDX-License-Identifier: MIT */
/* Branch prediction: a table of 2-bit counters for conditional branches, a
 * direct-mapped target buffer for indirect jumps, and a return stack. Direct
 * targets are known when fetched, so only direction can be wrong there.
 * Everything starts at 0: counters strongly not taken. */
#include "time/branch.h"

bool branch_conditional(struct branch_predictor *b, u64 pc, bool taken)
{
    return branch_learn(b, pc, taken);
}

void branch_call(struct branch_predictor *b, u64 return_to)
{
    b->ras_top = b->ras_top + 1 < RAS_ENTRIES ? b->ras_top + 1 : 0;
    b->ras[b->ras_top] = return_to;
}

/* A stack that overflows forgets its oldest; one that underflows repeats
 * itself: as a ring of registers does. */
static u64 pop(struct branch_predictor *b)
{
    u64 target = b->ras[b->ras_top];
    b->ras_top = (b->ras_top ? b->ras_top : RAS_ENTRIES) - 1;
    return target;
}

bool branch_indirect(struct branch_predictor *b, u64 pc, u64 target,
                     bool is_call, bool is_return, u64 return_to)
{
    bool wrong;

    if (is_return) {
        wrong = pop(b) != target;
    } else {
        unsigned i = branch_slot(pc, BTB_ENTRIES);
        wrong = b->btb_pc[i] != pc || b->btb_target[i] != target;
        b->btb_pc[i] = pc;
        b->btb_target[i] = target;
    }
    if (is_call)
        branch_call(b, return_to);
    b->branches++;
    b->mispredicts += wrong;
    return wrong;
}

void branch_state(struct branch_predictor *b, struct state *s)
{
    state_tag(s, "branch");
    state_val(s, b->bht);
    state_val(s, b->btb_pc);
    state_val(s, b->btb_target);
    state_val(s, b->ras);
    state_val(s, b->ras_top);
    state_val(s, b->branches);
    state_val(s, b->mispredicts);
    for (unsigned i = 0; i < BHT_ENTRIES; i++)
        state_check(s, b->bht[i] < 4, "branch counter");
    state_check(s, b->ras_top < RAS_ENTRIES, "return stack");
}
