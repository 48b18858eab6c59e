/* SPDX-License-Identifier: MIT */
/* The memory controller: one read and one write queue of 32, open page,
 * first-ready first-come-first-served; writes are posted, and drained when
 * there is no read or the queue is full; a drain ends with few left. It has no
 * clock of its own: each call says until when, and commands are issued in the
 * order of their clocks, so that a stop in between changes nothing.
 *
 * A request accepted at clock t sends its first command at t + 1 at the
 * earliest; its latency ends with the last beat of data. */
#include <stdio.h>
#include <stdlib.h>

#include "time/dram.h"

/* A drain once begun goes on until this many writes are left, reads or not:
 * turning the bus round for each would cost more. */
#define DRAIN_LOW 6

static const struct dram_part parts[] = {
#define PART(name_, mhz_, tck, cl_, cwl_, rcd_, rp_, ras_, rc_, rfc_, refi_,   \
             faw_, rrds, rrdl, ccds, ccdl, wr_, wtrs, wtrl, rtp_, bl, col,     \
             groups, banks_)                                                   \
    {.name = name_,                                                            \
     .tck_ns = tck,                                                            \
     .mhz = mhz_,                                                              \
     .cl = cl_,                                                                \
     .cwl = cwl_,                                                              \
     .rcd = rcd_,                                                              \
     .rp = rp_,                                                                \
     .ras = ras_,                                                              \
     .rc = rc_,                                                                \
     .rfc = rfc_,                                                              \
     .refi = refi_,                                                            \
     .faw = faw_,                                                              \
     .rrd_s = rrds,                                                            \
     .rrd_l = rrdl,                                                            \
     .ccd_s = ccds,                                                            \
     .ccd_l = ccdl,                                                            \
     .wr = wr_,                                                                \
     .wtr_s = wtrs,                                                            \
     .wtr_l = wtrl,                                                            \
     .rtp = rtp_,                                                              \
     .burst = bl,                                                              \
     .column_bits = col,                                                       \
     .bank_groups = groups,                                                    \
     .banks = banks_},
#include "time/dram_parts.def"
#undef PART
};

const struct dram_part *dram_part_find(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(parts); i++)
        if (!strcmp(parts[i].name, name))
            return &parts[i];
    return NULL;
}

void dram_part_list(void)
{
    printf("DRAM parts; clocks, from public speed bins. One channel, one "
           "rank, open page,\nFR-FCFS, queues of %d (ours: writes drained "
           "to %d; 2 clocks of bus turn-round).\n",
           DRAM_QUEUE, DRAIN_LOW);
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        const struct dram_part *p = &parts[i];
        printf("%-12s %u MHz (tCK %g ns), CL %u CWL %u RCD %u RP %u RAS %u "
               "RC %u RFC %u REFI %u\n"
               "%12s FAW %u RRD %u/%u CCD %u/%u WR %u WTR %u/%u RTP %u, "
               "burst %u clocks,\n"
               "%12s %u groups of %u banks, rows of %u bytes\n",
               p->name, p->mhz, p->tck_ns, p->cl, p->cwl, p->rcd, p->rp, p->ras,
               p->rc, p->rfc, p->refi, "", p->faw, p->rrd_s, p->rrd_l, p->ccd_s,
               p->ccd_l, p->wr, p->wtr_s, p->wtr_l, p->rtp, p->burst, "",
               p->bank_groups, p->banks, 64u << p->column_bits);
    }
}

struct dram *dram_new(const struct dram_part *part)
{
    struct dram *d = xcalloc(1, sizeof(*d));

    d->part = part;
    dram_rank_init(&d->rank, part);
    return d;
}

void dram_free(struct dram *d)
{
    free(d);
}

/* Address mapping from the low end: line offset, column, bank group, bank,
 * row (one channel, one rank). */
static struct dram_request locate(const struct dram_part *p, u64 pa)
{
    u64 line = pa >> LINE_SHIFT, x = line >> p->column_bits;
    unsigned group = (unsigned)(x % p->bank_groups);
    unsigned bank = (unsigned)(x / p->bank_groups % p->banks);

    return (struct dram_request){.line = line,
                                 .row = (u32)(x / p->bank_groups / p->banks),
                                 .bank = (u8)(group * p->banks + bank)};
}

static int find_line(const struct dram_queue *q, u64 line)
{
    for (u32 i = 0; i < q->count; i++)
        if (q->r[i].line == line)
            return (int)i;
    return -1;
}

bool dram_accept(struct dram *d, bool write, u64 pa, u64 id, u64 clock,
                 struct dram_done *done, bool *answered)
{
    struct dram_queue *q = write ? &d->writes : &d->reads;
    struct dram_request r = locate(d->part, pa);

    *answered = false;
    if (find_line(&d->writes, r.line) >= 0) {
        /* a read is forwarded, a write merged: no DRAM is touched */
        *answered = true;
        *done = (struct dram_done){.id = id,
                                   .accepted = clock,
                                   .finished = clock + 1,
                                   .where = SERVED_DRAM_HIT,
                                   .write = write};
    } else if (q->count == DRAM_QUEUE) {
        return false;
    } else {
        r.id = id;
        r.accepted = clock;
        q->r[q->count++] = r;
        /* a read that finds the bus in use for writes waits for the drain */
        if (write ? q->count == DRAM_QUEUE
                  : q->count == 1 && d->writes.count > DRAIN_LOW)
            d->draining = true;
    }
    if (write) {
        d->stats.writes++;
    } else {
        d->stats.reads++;
        d->stats.read_latency_clocks += *answered;
    }
    if (d->clock <= clock)
        d->clock = clock + 1;
    return true;
}

struct candidate {
    u64 at;
    u32 index;
    enum dram_command command;
};

/* The command that goes next: of those in the queue the one legal first; of
 * those legal in the same clock a column command, then the oldest. A row with
 * waiting hits is not closed. */
static bool choose(const struct dram *d, const struct dram_queue *q, bool write,
                   struct candidate *best)
{
    u32 hits = 0, seen = 0; /* banks: with a hit waiting; already asked for */
    enum dram_command column = write ? DRAM_WR : DRAM_RD;
    bool found = false;

    for (u32 i = 0; i < q->count; i++) {
        const struct dram_bank *b = &d->rank.bank[q->r[i].bank];
        if (b->open && b->row == q->r[i].row)
            hits |= 1u << q->r[i].bank;
    }
    for (u32 i = 0; i < q->count; i++) {
        unsigned bank = q->r[i].bank;
        const struct dram_bank *b = &d->rank.bank[bank];
        struct candidate c = {.index = i, .command = column};

        if (seen >> bank & 1)
            continue;
        if (hits >> bank & 1) {
            if (b->row != q->r[i].row)
                continue;
        } else {
            c.command = b->open ? DRAM_PRE : DRAM_ACT;
        }
        seen |= 1u << bank;
        c.at = dram_legal(&d->rank, d->part, c.command, bank, d->clock);
        if (!found || c.at < best->at ||
            (c.at == best->at && c.command == column &&
             best->command != column))
            *best = c;
        found = true;
    }
    return found;
}

static void take_out(struct dram_queue *q, u32 i)
{
    q->count--;
    memmove(&q->r[i], &q->r[i + 1], (q->count - i) * sizeof(q->r[0]));
    memset(&q->r[q->count], 0, sizeof(q->r[0])); /* state */
}

/* What the first command says of the row, counted once for each request. */
static void classify(struct dram *d, struct dram_request *r,
                     enum dram_command c)
{
    struct dram_bank *b = &d->rank.bank[r->bank];

    if (r->touched)
        return;
    if (c == DRAM_PRE) {
        r->touched = SERVED_DRAM_CONFLICT;
        d->stats.row_conflicts++;
        b->conflicts++;
    } else if (c == DRAM_ACT) {
        r->touched = SERVED_DRAM_CLOSED;
        d->stats.row_closed++;
    } else {
        r->touched = SERVED_DRAM_HIT;
        d->stats.row_hits++;
        b->hits++;
    }
}

static void finish(struct dram *d, bool write, u32 index, u64 at,
                   struct dram_done *done)
{
    struct dram_queue *q = write ? &d->writes : &d->reads;
    const struct dram_request *r = &q->r[index];
    const struct dram_part *p = d->part;

    *done =
        (struct dram_done){.id = r->id,
                           .accepted = r->accepted,
                           .finished = at + (write ? p->cwl : p->cl) + p->burst,
                           .where = r->touched,
                           .write = write};
    if (!write)
        d->stats.read_latency_clocks += done->finished - done->accepted;
    take_out(q, index);
    if (write && q->count <= DRAIN_LOW)
        d->draining = false;
}

bool dram_step(struct dram *d, u64 until, struct dram_done *done)
{
    for (;;) {
        bool write = d->reads.count == 0 || d->draining;
        struct dram_queue *q = write ? &d->writes : &d->reads;
        struct candidate c = {0};

        if (!choose(d, q, write, &c)) {
            dram_refresh(&d->rank, d->part, d->clock, until);
            return false;
        }
        if (c.at >= d->rank.refresh_at && d->rank.refresh_at <= until) {
            /* due first: only this one, then look again */
            dram_refresh(&d->rank, d->part, d->clock, d->rank.refresh_at);
            continue;
        }
        if (c.at > until)
            return false;
        struct dram_request *r = &q->r[c.index];
        classify(d, r, c.command);
        dram_issue(&d->rank, d->part, c.command, r->bank, r->row, c.at);
        d->clock = c.at + 1;
        if (c.command == DRAM_RD || c.command == DRAM_WR) {
            finish(d, write, c.index, c.at, done);
            return true;
        }
    }
}

void dram_advance(struct dram *d, u64 now)
{
    struct dram_done done;

    while (dram_step(d, now, &done))
        continue;
}

u64 dram_read(struct dram *d, u64 pa, u64 now, enum served *where)
{
    struct dram_done done;
    bool answered;

    dram_advance(d, now);
    bool ok = dram_accept(d, false, pa, 0, now, &done, &answered);
    assert(ok); /* one read at a time */
    if (!answered)
        while (!dram_step(d, ~0ull, &done) || done.write)
            continue;
    *where = done.where;
    return done.finished;
}

u64 dram_write(struct dram *d, u64 pa, u64 now)
{
    struct dram_done done;
    bool answered;

    dram_advance(d, now);
    while (!dram_accept(d, true, pa, 0, now, &done, &answered)) {
        dram_step(d, ~0ull, &done); /* full: until one has gone */
        now = d->clock - 1;
    }
    return now;
}

struct dram_stats dram_stats(const struct dram *d)
{
    struct dram_stats s = d->stats;
    s.refreshes = d->rank.refreshes;
    return s;
}

unsigned dram_banks(const struct dram *d, struct dram_bank_view *out,
                    unsigned max)
{
    unsigned n = (unsigned)d->part->bank_groups * d->part->banks;

    for (unsigned i = 0; i < n && i < max; i++) {
        const struct dram_bank *b = &d->rank.bank[i];
        out[i] = (struct dram_bank_view){.open = b->open,
                                         .row = b->row,
                                         .hits = b->hits,
                                         .conflicts = b->conflicts};
    }
    return n < max ? n : max;
}

static void queue_state(struct dram_queue *q, unsigned banks, struct state *s)
{
    state_val(s, q->count);
    state_check(s, q->count <= DRAM_QUEUE, "a DRAM queue");
    if (q->count > DRAM_QUEUE)
        q->count = 0;
    for (u32 i = 0; i < q->count; i++) {
        struct dram_request *r = &q->r[i];
        state_val(s, r->line);
        state_val(s, r->id);
        state_val(s, r->accepted);
        state_val(s, r->row);
        state_val(s, r->bank);
        state_val(s, r->touched);
        state_check(s, r->bank < banks && r->touched < SERVED_COUNT,
                    "a DRAM request");
        if (r->bank >= banks)
            r->bank = 0;
    }
}

static void rank_state(struct dram_rank *r, unsigned banks, struct state *s)
{
    for (unsigned i = 0; i < banks; i++) {
        struct dram_bank *b = &r->bank[i];
        state_val(s, b->open);
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
    u64 most = d->clock + (1 << 16); /* far beyond any constraint */
    bool ok = d->clock < 1ull << 62 && d->clock <= r->refresh_at + (1 << 16) &&
              r->refresh_at <= most && r->act_at <= most && r->rd_at <= most &&
              r->wr_at <= most;

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
    queue_state(&d->writes, banks, s);
    state_flag(s, &d->draining);
    state_val(s, d->clock);
    state_val(s, d->stats);
    bool ok = times_ok(d, banks);
    state_check(s, ok, "the DRAM's times");
    if (state_loading(s) && !ok) {
        dram_rank_init(&d->rank, d->part);
        d->writes.count = 0;
        d->clock = 0;
    }
}
