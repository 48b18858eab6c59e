/* SPDX-License-Identifier: MIT */
/* Models a memory controller that gets one access at a time: one write queue of
 * 32, open page, first-ready first-come-first-served. A read is answered before
 * the next access is presented. Writes are posted: their rows are opened
 * between reads; a read that finds more than DRAM_DRAIN_LOW writes lets the
 * surplus go first. Nothing is simulated clock by clock: each call gives the
 * time, and the commands before that time follow from the waiting writes.
 *
 * - A write whose row is open, or has just been opened for it, is promised the
 *   bus: it joins the line (dram_line.h). A write that hits joins at once,
 *   unless its row may be closed for another write before its column is sent.
 * - Of the waiting writes, the one whose row may be opened soonest comes next,
 *   of several the oldest (rows_next); with its ACT the write leaves the queue.
 * - If a request waits for another row, the open row is closed as soon as
 *   allowed. PRE takes no slot of the command bus: only ACT, RD and WR compete.
 * - A read's turn lasts until its row is open or, if it is open already, until
 *   RD. Until then rows change only for this read, and promises to writes that
 *   hit are put off, or revoked if the read needs another row in their bank.
 * - Promised columns go before a refresh that has become due, and so does a
 *   read that hits and came before the refresh was due. If a read's row cannot
 *   be opened before the refresh is due, the refresh goes first.
 *
 * A request accepted at clock t sends its first command at t + 1 at the
 * earliest. */
#include "time/dram/dram_line.h"

#define NEVER 0xffffffff

/* Computes undelayed_from. */
ALWAYS void update_undelayed(struct dram *d)
{
    const struct dram_distances *after = &d->after;
    u32 t = most(d->wr + after->wr_most, d->rd + after->rd_most);

    d->undelayed_from = (d->base + t) | (0ull - !!d->waiting);
}

/* ---- writes' rows ------------------------------------------------------- */

/* Promises the bus to the waiting writes that hit the row, which is open now.
 * Returns the clock at which the row may be closed: `pre` if no write hits. */
static __attribute__((noinline)) u32 join_hits(struct dram *d, u32 bank,
                                               u64 hit, u32 from, u32 pre)
{
    for (; hit; hit &= hit - 1) {
        u32 place = (u32)__builtin_ctzll(hit);
        u64 line = d->line_of[place];
        u32 col = line_join(d, (struct dram_promise){.line = line,
                                                     .from = (u16)from,
                                                     .pre = (u16)pre,
                                                     .bank = (u8)bank,
                                                     .hit = true});
        pre = most(pre, col + d->after.wr_pre);
        d->sieve[dram_sieve(line)]--;
        d->first[DRAM_RD][bank]++;
        d->waiting--;
    }
    return pre;
}

/* Sends ACT for a write. */
ALWAYS void open_row(struct dram *d, struct next_row next)
{
    const struct dram_distances *after = &d->after;
    u32 place = next.place, bank = d->bank_of[place];
    u32 row = d->row_of[place], from = next.clock + after->rcd;
    u64 line = d->line_of[place], all = d->of[bank] & ~(1ull << place);
    u64 hit = same_row(d, row, all);

    static_assert(!DRAM_PRE && DRAM_ACT == 1, "PRE if a row is open, else ACT");
    d->first[~d->open >> bank & 1][bank]++;
    d->waiting--;
    d->sieve[dram_sieve(line)]--;
    rows_activate(d, bank, row, next.clock);
    u32 col =
        line_join(d, (struct dram_promise){
                         .line = line, .from = (u16)from, .bank = (u8)bank});
    u32 pre = most(next.clock + after->ras, col + after->wr_pre);
    if (unlikely(hit))
        pre = join_hits(d, bank, hit, from, pre);
    rows_free(d, bank, pre);
    rows_wait(d, bank, all & ~hit);
}

/* Opens rows for writes up to clock t. */
static __attribute__((noinline)) void drain(struct dram *d, u32 t)
{
    for (;;) {
        struct next_row next = rows_next(d);
        d->quiet = next.clock;
        if (d->quiet > t)
            break;
        open_row(d, next);
    }
}

/* Performs the refreshes due by now, except one that must wait for a promised
 * column later than now. */
static __attribute__((noinline)) void overdue(struct dram *d, u64 now)
{
    while (now >= d->base + d->due) {
        drain(d, d->due - 1);
        d->quiet = NEVER;
        if ((s64)(now - d->base) < d->wr) /* 64 bits: `now` may be an hour
                                           * later */
            return;
        if (d->waiting)
            dram_refresh(d);
        else
            dram_refresh_idle(d, now);
    }
}

/* Sends all commands up to now; returns now as counted from d->base. */
ALWAYS u32 advance(struct dram *d, u64 now)
{
    if (unlikely(now >= d->base + d->due))
        overdue(d, now);
    u32 t = dram_clock(d, now);
    if (t >= d->quiet)
        drain(d, t);
    d->clock = now > d->clock ? now : d->clock;
    return t;
}

void dram_advance(struct dram *d, u64 now)
{
    advance(d, now);
    update_undelayed(d);
}

/* Performs the due refresh; returns clock t as counted from the new base. */
static __attribute__((noinline)) u32 refresh_now(struct dram *d, u32 t)
{
    u64 clock = d->base + t;

    dram_refresh(d);
    return dram_clock(d, clock);
}

/* True if more than `few` writes wait, including those that hit. */
ALWAYS bool too_many(const struct dram *d, u32 t, u32 few)
{
    return (d->waiting > few) || hits_after(d, t, few - d->waiting + 1);
}

/* Opens rows until no more than `few` writes wait; returns that clock. */
ALWAYS u32 until_few(struct dram *d, u32 t, u32 few)
{
    while (too_many(d, t, few)) {
        u32 over = few - d->waiting + 1; /* so many unsent hits are too many */
        u32 hit =
            d->waiting <= few ? d->hit_at[(d->hits - over) % DRAM_LINE] : NEVER;
        struct next_row next = rows_next(d);
        if (hit <= next.clock || (hit != NEVER && next.clock >= d->due)) {
            t = hit; /* promised, so it precedes a refresh, too */
        } else if (next.clock >= d->due) {
            t = refresh_now(d, t);
        } else {
            open_row(d, next);
            t = most(t, next.clock);
        }
    }
    d->quiet = 0;
    return t;
}

static __attribute__((noinline)) u32 until_room(struct dram *d, u32 t)
{
    return until_few(d, t, DRAM_QUEUE - 1);
}

static __attribute__((noinline)) u32 until_low(struct dram *d, u32 t)
{
    return until_few(d, t, DRAM_DRAIN_LOW);
}

/* ---- a write ------------------------------------------------------------ */

static __attribute__((noinline)) bool line_is_there(const struct dram *d,
                                                    u32 bank, u64 line, u32 t)
{
    for (u64 left = d->of[bank]; left; left &= left - 1)
        if (d->line_of[__builtin_ctzll(left)] == line)
            return true;
    return line_has(d, line, t);
}

/* True if a write of this line has not sent its column. */
ALWAYS bool line_waits(const struct dram *d, const struct dram_place *at, u32 t)
{
    u32 h = dram_sieve(at->line), now = (u32)d->base + t;
    bool sure = !d->sieve[h] & ((s32)(d->sieve_col[h] - now) <= 0);

    return unlikely(!sure) && line_is_there(d, at->bank, at->line, t);
}

ALWAYS void wait_for_row(struct dram *d, const struct dram_place *at, u32 from)
{
    u32 bank = at->bank;

    if (unlikely(d->next == DRAM_PLACES))
        dram_places_pack(d, 0);
    u32 place = d->next++;
    u64 all = d->of[bank];
    dram_wait(d, place, at->line, at->row, bank);
    d->undelayed_from = ~0ull;
    /* keeps the waits in rows_next's keys below their limit of 1022 */
    d->act_from = most(d->act_from, from - 1);
    u32 open = d->open >> bank & 1;
    u32 pre = open ? most(d->pre_at[bank], from) : 0;
    u32 act = most(d->act_at[bank], open ? pre + d->after.rp : from);
    if (!all) { /* the bank's first waiting write */
        d->pre_at[bank] = (u16)pre;
        d->act_at[bank] = (u16)act;
        d->quiet = least(d->quiet, most(act, d->act_from));
    }
}

u64 dram_write(struct dram *d, u64 pa, u64 now)
{
    struct dram_place at = dram_place_of(&d->map, pa);
    u32 b = at.bank, t = advance(d, now);

    d->stats.writes++;
    if (line_waits(d, &at, t)) {
        update_undelayed(d);
        return now;
    }
    if (unlikely(too_many(d, t, DRAM_QUEUE - 1))) {
        t = until_room(d, t);
        d->clock = now = d->base + t;
    }
    /* one branch only, since the host cannot predict it */
    u32 from = t + 1, pre = d->pre_at[b], open = d->open >> b & 1;
    bool free = !d->of[b] | (write_clock(d, b, from) <= pre);
    if (open & (d->row[b] == at.row) & free & (t < d->due)) {
        line_join_held(d, (struct dram_promise){.line = at.line,
                                                .from = (u16)from,
                                                .pre = (u16)pre,
                                                .bank = (u8)b,
                                                .hit = true});
        d->first[DRAM_RD][b]++;
        update_undelayed(d);
    } else {
        wait_for_row(d, &at, from);
    }
    return now;
}

/* ---- a read ------------------------------------------------------------- */

/* A read has its turn from `from` to `until`: rows that writes would have
 * closed in that time are closed after it. */
ALWAYS void turn_of_reads(struct dram *d, u32 from, u32 until)
{
    for (u32 left = d->waits; left; left &= left - 1) {
        u32 bank = (u32)__builtin_ctz(left);
        if (d->pre_at[bank] >= from)
            rows_hold(d, bank, until + 1);
    }
}

/* Returns the clock of RD, `min` or later, of a read that follows all promises
 * in line. Until then opens rows for writes whose columns can precede RD. */
static u32 read_last(struct dram *d, u32 bank, u32 min)
{
    u32 rd = read_clock(d, bank, min);

    while (d->waiting && rd > min) {
        struct next_row next = rows_next(d);
        u32 from = next.clock + d->after.rcd;
        if (next.clock >= least(rd, d->due) ||
            write_clock(d, d->bank_of[next.place], from) > rd)
            break;
        open_row(d, next);
        rd = read_clock(d, bank, min);
    }
    return rd;
}

/* Returns the clock of RD among the line's columns at `from` and later. Writes
 * whose rows were opened for them keep their clocks, except those after RD.
 * Writes that hit are put off until `act`, when the read's row is opened, or,
 * if `act` is 0, until RD. */
static __attribute__((noinline)) u32 read_among(struct dram *d, u32 bank,
                                                u32 from, u32 min, u32 act)
{
    struct dram_promise cut[DRAM_LINE];
    u32 n = line_cut(d, from, cut), left = 0, i = 0, rd;
    bool all = true; /* so far all writes that do not hit precede RD */

    for (u32 k = 0; k < n; k++) {
        u32 own = 0u - (!act & !cut[k].hit & (cut[k].bank == bank));
        min = most(min, cut[k].from & own);
    }
    for (u32 k = 0; k < n; k++) {
        if (all & !cut[k].hit && cut[k].col <= read_clock(d, bank, min)) {
            line_keep(d, &cut[k]);
        } else {
            all &= cut[k].hit;
            cut[left++] = cut[k];
        }
    }
    for (; act && all && i < left; i++) {
        u32 free = most(cut[i].from, act + 1);
        if (write_clock(d, cut[i].bank, free) > read_clock(d, bank, min))
            break;
        cut[i].from = (u16)free;
        line_join_held(d, cut[i]);
    }
    rd = act && i == left ? read_last(d, bank, min) : read_clock(d, bank, min);
    d->rd = (u16)rd;
    for (; i < left; i++) {
        u32 free = most(cut[i].from, act ? act + 1 : rd + 1);
        cut[i].from = (u16)(cut[i].hit ? free : cut[i].from);
        line_join_held(d, cut[i]);
    }
    return rd;
}

/* Sends RD; the row is open. Returns its clock, or 0: the refresh is first. */
static u32 read_hit(struct dram *d, const struct dram_place *at, u32 t)
{
    u32 b = at->bank, from = t + 1, rd;

    if (from >= d->due)
        return 0;
    rd = likely(d->wr < from) ? read_clock(d, b, from)
                              : read_among(d, b, from, from, 0);
    d->rd = (u16)rd;
    bus_taken(d, rd);
    turn_of_reads(d, from, rd);
    rows_hold(d, b, rd + d->after.rtp);
    d->act_from = most(d->act_from, rd + 1);
    d->first[DRAM_RD][b]++;
    return rd;
}

/* Returns the clock at which the bank's row could be closed without the unsent
 * promises to writes that hit. */
static u32 pre_without_hits(const struct dram *d, u32 bank, u32 from)
{
    u32 pre = d->pre_at[bank];
    u32 any = 0;

    for (u32 i = d->tail - 1; d->line[i % DRAM_LINE].col >= from; i--) {
        const struct dram_promise *p = &d->line[i % DRAM_LINE];
        u32 who =
            0u - (p->hit & (p->bank == bank)); /* no branch: unpredictable */
        pre ^= (pre ^ p->pre) & who;
        any |= who;
    }
    for (u32 i = d->tail - 1; any; i--) {
        const struct dram_promise *p = &d->line[i % DRAM_LINE];
        if (p->col + d->after.wr_pre <= from)
            break;
        if (p->bank == bank && !(p->hit && p->col >= from))
            pre = most(pre, p->col + d->after.wr_pre);
    }
    return pre;
}

/* True if the column at `clock` belongs to a hit, which will be put off. */
static bool only_hit_at(const struct dram *d, u32 clock)
{
    u32 i = d->tail - 1;

    while (d->line[i % DRAM_LINE].col > clock)
        i--;
    return d->line[i % DRAM_LINE].hit;
}

/* Lets the bank's row be closed for a read: the writes that hit, with columns
 * at `from` or later, wait again, before all other waiting writes. */
static __attribute__((noinline)) void revoke(struct dram *d, u32 bank, u32 from,
                                             u32 pre)
{
    struct dram_promise cut[DRAM_LINE];
    u32 n = line_cut(d, from, cut), of = 0, place = 0;

    for (u32 i = 0; i < n; i++)
        of += cut[i].hit & (cut[i].bank == bank);
    dram_places_pack(d, of);
    for (u32 i = 0; i < n; i++) {
        const struct dram_promise *p = &cut[i];
        if (!p->hit | (p->bank != bank)) {
            line_keep(d, p);
            continue;
        }
        dram_wait(d, place++, p->line, d->row[bank], bank);
        d->first[DRAM_RD][bank]--;
    }
    rows_wait(d, bank, d->of[bank]);
    rows_free(d, bank, most(pre, from));
}

/* Returns the clock at which a read's row may be opened. `open`: another row
 * must be closed first. */
static u32 read_act(const struct dram *d, u32 bank, u32 from, bool open,
                    bool hits, u32 *pre)
{
    u32 act = d->act_at[bank];

    *pre = d->pre_at[bank];
    if (open) {
        *pre = hits ? pre_without_hits(d, bank, from) : *pre;
        act = most(*pre, from) + d->after.rp;
    }
    act = most(act, most(d->act_from, from));
    return act + (bus_has(d, act) && !(hits && only_hit_at(d, act)));
}

/* Returns the clock of RD; the read's row is open from `act` on. */
static u32 read_opened(struct dram *d, u32 bank, u32 from, u32 act, bool hits)
{
    u32 min = act + d->after.rcd, rd;

    rd = ((d->wr >= from) & (hits | (d->wr > min)))
             ? read_among(d, bank, from, min, act)
             : read_last(d, bank, min);
    d->rd = (u16)rd;
    bus_taken(d, rd);
    rows_free(d, bank, most(act + d->after.ras, rd + d->after.rtp));
    return rd;
}

/* Does read_hit's work if the read's row must be opened. theirs: the row that
 * seems open has been closed for the bank's oldest waiting write. */
static u32 read_miss(struct dram *d, const struct dram_place *at, u32 t,
                     bool theirs, enum served *where)
{
    u32 b = at->bank, from = t + 1, pre;
    bool open = !theirs && d->open >> b & 1, hits = hits_after(d, t, 1);
    u32 act = read_act(d, b, from, open, hits, &pre);

    if (act >= d->due)
        return 0;
    if (open & hits && pre != d->pre_at[b])
        revoke(d, b, from, pre);
    turn_of_reads(d, from, act);
    rows_activate(d, b, at->row, act);
    /* the bank opens no other row until RD */
    d->act_at[b] = DRAM_NOBODY;
    u64 all = d->of[b], hit = same_row(d, at->row, all);
    if (unlikely(hit))
        rows_wait(d, b, all & ~hit);
    u32 rd = read_opened(d, b, from, act, hits);
    if (unlikely(hit)) {
        /* theirs: the oldest write's first command was PRE, not its column */
        u32 first = theirs && hit & all & -all;
        d->first[DRAM_PRE][b] += first;
        d->first[DRAM_RD][b] -= first;
        pre = join_hits(d, b, hit, rd,
                        most(act + d->after.ras, rd + d->after.rtp));
        rows_hold(d, b, pre);
    }
    d->first[!open][b]++;
    *where = open ? SERVED_DRAM_CONFLICT : SERVED_DRAM_CLOSED;
    return rd;
}

u64 dram_read_line(struct dram *d, u64 pa, u64 now, enum served *where)
{
    struct dram_place at = dram_place_of(&d->map, pa);
    u32 b = at.bank, t = advance(d, now), rd;

    d->stats.reads++;
    *where = SERVED_DRAM_HIT;
    if (line_waits(d, &at, t)) {
        d->stats.read_latency_clocks++;
        update_undelayed(d);
        return now + 1;
    }
    if (unlikely(too_many(d, t, DRAM_DRAIN_LOW)))
        t = until_low(d, t);
    for (;;) {
        u32 open = d->open >> b & 1;
        bool theirs = open && d->of[b] && d->pre_at[b] <= t;
        rd = (open & !theirs & (d->row[b] == at.row))
                 ? read_hit(d, &at, t)
                 : read_miss(d, &at, t, theirs, where);
        if (likely(rd))
            break;
        drain(d, d->due - 1);
        t = refresh_now(d, t);
    }
    d->quiet = d->waiting ? 0 : NEVER;
    update_undelayed(d);
    u64 end = d->base + rd + d->after.rd_end;
    d->stats.read_latency_clocks += end - now;
    return end;
}
