/* SPDX-License-Identifier: MIT */
/* Branch prediction: a table of 2-bit counters for conditional branches, a
 * direct-mapped target buffer for indirect jumps, and a return stack. Direct
 * targets are known when fetched, so only direction can be wrong there.
 * Everything starts at 0: counters strongly not taken. */
#include "time/branch.h"

static bool count(struct branch_predictor *b, bool wrong)
{
    b->branches++;
    b->mispredicts += wrong;
    return wrong;
}

bool branch_conditional(struct branch_predictor *b, u64 pc, bool taken)
{
    u8 *counter = branch_counter(b, pc);
    bool wrong;

    *counter = branch_next(*counter, taken, &wrong);
    return count(b, wrong);
}

void branch_call(struct branch_predictor *b, u64 return_to)
{
    branch_push(b, return_to);
}

bool branch_target(struct branch_predictor *b, u64 pc, u64 target, bool is_call,
                   bool is_return, u64 return_to)
{
    bool wrong;

    if (is_return) {
        wrong = branch_pop(b) != target;
    } else {
        unsigned i = branch_slot(pc, BTB_ENTRIES);
        wrong = b->btb_pc[i] != pc || b->btb_target[i] != target;
        b->btb_pc[i] = pc;
        b->btb_target[i] = target;
    }
    if (is_call)
        branch_push(b, return_to);
    return wrong;
}

bool branch_indirect(struct branch_predictor *b, u64 pc, u64 target,
                     bool is_call, bool is_return, u64 return_to)
{
    return count(b,
                 branch_target(b, pc, target, is_call, is_return, return_to));
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
