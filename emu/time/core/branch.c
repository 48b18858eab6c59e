/* SPDX-License-Identifier: MIT */
/* Predicts branches, with tables of the profile's sizes: counters for
 * conditional branches, found by address and history; a fully associative
 * target buffer for indirect jumps; and a return stack. Direct targets are
 * known when fetched, so a direct branch mispredicts only its direction. */
#include "time/core/branch.h"

/* Hashes a history as Rocket does (BTB.scala): the upper fraction bits of its
 * product with sqrt(3)/2. If the index takes all bits, no hash is needed. */
static u32 hash_history(const struct branch_model *m, u32 history)
{
    u32 mask = (1u << m->history) - 1;

    if (m->history_bits == m->history)
        return history;
    u32 k = (u32)(.8660254037844386 * (double)(1u << m->history));
    return (k * history & mask) >> (m->history - m->history_bits);
}

/* Reverses the bits of a history. In a saved or hashed history the youngest
 * outcome is the top bit, else the lowest. */
static u32 reverse_history(u32 history)
{
    u32 turned = 0;

    for (unsigned i = 0; i < HISTORY_MAX; i++)
        turned |= (history >> i & 1) << (HISTORY_MAX - 1 - i);
    return turned;
}

void branch_init(struct branch_predictor *b, const struct branch_model *m)
{
    memset(b, 0, sizeof(*b));
    b->slots = (u32)m->counters << (m->first_bit - 1);
    b->pc_bits = (b->slots - 1) & ~(m->fetch_bytes / 2u - 1);
    b->targets = m->targets;
    b->returns = m->returns;
    assert(m->counters && !(b->slots & (b->slots - 1)));
    assert(m->fetch_bytes >= 1u << m->first_bit);
    assert(b->slots <= BHT_MAX && m->history <= HISTORY_MAX);
    assert(m->history_bits <= m->history && m->counter_bits <= 2);
    assert(m->targets && m->targets <= BTB_MAX);
    assert(m->returns && m->returns <= RAS_MAX);
    for (u32 h = 0; m->history && h < ARRAY_LEN(b->fold); h++)
        b->fold[h] =
            (hash_history(m, reverse_history(h) >> (HISTORY_MAX - m->history)) *
             (b->slots >> m->history_bits));
}

/* Returns the target buffer's entry for pc; a new entry replaces the oldest. */
static unsigned target_entry(struct branch_predictor *b, u64 pc)
{
    u8 *way = &b->way[pc >> 1 & (ARRAY_LEN(b->way) - 1)];

    if (b->btb_pc[*way] == pc)
        return *way;
    for (unsigned i = 0; i < b->targets; i++)
        if (b->btb_pc[i] == pc)
            return *way = (u8)i;
    *way = (u8)b->btb_next;
    b->btb_next = b->btb_next + 1 < b->targets ? b->btb_next + 1 : 0;
    b->btb_pc[*way] = pc;
    b->btb_target[*way] = ~0ull; /* odd: no target yet */
    return *way;
}

bool branch_target(struct branch_predictor *b, u64 pc, u64 target, bool is_call,
                   bool is_return, u64 return_to)
{
    bool wrong;

    if (is_return) {
        wrong = branch_pop(b) != target;
    } else {
        unsigned i = target_entry(b, pc);
        wrong = b->btb_target[i] != target;
        b->btb_target[i] = target;
    }
    if (is_call)
        branch_push(b, return_to);
    return wrong;
}

void branch_state(struct branch_predictor *b, const struct branch_model *m,
                  struct state *s)
{
    u32 history = reverse_history(b->history);
    u8 counters[BHT_MAX];
    bool ok = true;

    for (unsigned i = 0; i < b->slots; i++)
        counters[i] = b->bht[i] / BRANCH_STEP;
    state_tag(s, "branch");
    state_val(s, history);
    state_bytes(s, counters, b->slots);
    state_bytes(s, b->btb_pc, b->targets * sizeof(*b->btb_pc));
    state_bytes(s, b->btb_target, b->targets * sizeof(*b->btb_target));
    state_val(s, b->btb_next);
    state_bytes(s, b->ras, b->returns * sizeof(*b->ras));
    state_vals(s, b->ras_top, b->branches, b->mispredicts);
    for (unsigned i = 0; i < b->slots; i++)
        ok &= counters[i] >> m->counter_bits == 0;
    state_check(s, ok, "branch counter");
    ok &= history < ARRAY_LEN(b->fold) && b->btb_next < b->targets &&
          b->ras_top < b->returns;
    state_check(s, ok, "branch predictor");
    if (!state_loading(s))
        return;
    b->history = (u8)reverse_history(history);
    for (unsigned i = 0; i < b->slots; i++)
        b->bht[i] = (u8)(counters[i] * BRANCH_STEP);
    if (!ok)
        branch_init(b, m);
}
