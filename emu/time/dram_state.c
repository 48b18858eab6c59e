/* SPDX-License-Identifier: MIT */
/* What is saved of the DRAM: the rank's times and the writes that wait. */
#include "time/dram.h"

static void rank_state(struct dram_rank *r, unsigned banks, struct state *s)
{
    for (unsigned i = 0; i < banks; i++) {
        struct dram_bank *b = &r->bank[i];
        state_val(s, b->open);
        r->open = i ? r->open | (u32)(b->open & 1) << i : b->open & 1u;
        state_val(s, b->row);
        state_val(s, b->act_at);
        state_val(s, b->pre_at);
        state_val(s, b->col_at);
        state_val(s, b->hits);
        state_val(s, b->conflicts);
    }
    state_val(s, r->group_act_at);
    state_val(s, r->group_rd_at);
    state_val(s, r->group_wr_at);
    state_val(s, r->act_at);
    state_val(s, r->rd_at);
    state_val(s, r->wr_at);
    state_val(s, r->faw);
    state_val(s, r->faw_next);
    state_val(s, r->refresh_at);
    state_val(s, r->refreshes);
    state_check(s, r->faw_next < ARRAY_LEN(r->faw), "DRAM activations");
    if (r->faw_next >= ARRAY_LEN(r->faw))
        r->faw_next = 0;
}

/* Times lie near each other in any state that was reached by running; one
 * that was made up could keep the host in a loop over refreshes. */
static bool times_ok(const struct dram *d, unsigned banks)
{
    const struct dram_rank *r = &d->rank;
    const u64 far = 1 << 16; /* beyond any constraint */
    u64 most = (d->clock > r->refresh_at ? d->clock : r->refresh_at) + far;
    bool ok = d->clock < 1ull << 62 && r->refresh_at < 1ull << 62 &&
              d->clock <= r->refresh_at + far && r->act_at <= most &&
              r->rd_at <= most && r->wr_at <= most;

    for (unsigned i = 0; i < banks; i++) {
        const struct dram_bank *b = &r->bank[i];
        ok &= b->open <= 1 && b->act_at <= most && b->pre_at <= most &&
              b->col_at <= most;
    }
    for (unsigned i = 0; i < DRAM_GROUPS; i++)
        ok &= r->group_act_at[i] <= most && r->group_rd_at[i] <= most &&
              r->group_wr_at[i] <= most && r->faw[i] <= most;
    return ok;
}

void dram_state(struct dram *d, struct state *s)
{
    unsigned banks = (unsigned)d->part->bank_groups * d->part->banks;

    state_tag(s, d->part->name);
    rank_state(&d->rank, banks, s);
    assert(d->reads.count == 0); /* a read is over when it returns */
    queue_state(&d->writes, &d->rank, banks, s);
    if (state_loading(s))
        d->order = d->writes.count;
    state_flag(s, &d->writing);
    state_val(s, d->clock);
    if (state_loading(s))
        d->quiet = 0;
    state_val(s, d->stats);
    bool ok = times_ok(d, banks);
    state_check(s, ok, "the DRAM's times");
    if (state_loading(s) && !ok) {
        dram_rank_init(&d->rank, d->part);
        d->writes = (struct dram_queue){0};
        d->clock = 0;
    }
}
