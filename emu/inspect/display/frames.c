/* SPDX-License-Identifier: MIT */
/* The frame table and the ages of frames, for a display: while the machine
 * runs, a part of them each update. Kinds are taken from events, which report
 * every change, so they are always up to date. */
#include "inspect/display/update.h"

#include <stdlib.h>

struct ins_range ins_part_due(u64 *at, u64 all, u64 at_once, bool whole)
{
    struct ins_range r = {whole || *at >= all ? 0 : *at, all};
    if (!whole && all - r.from > at_once)
        r.to = r.from + at_once;
    *at = r.to;
    return r;
}

/* ---- kinds -------------------------------------------------------------- */

static inline void set_kind(struct ins_display *d, u64 pfn, u8 kind)
{
    u8 *is = &d->kind[pfn];
    if (*is == kind)
        return;
    d->update->kinds[*is]--;
    d->update->kinds[kind]++;
    *is = kind;
}

/* Counts n frames by state. Large stretches of memory are in one state, so
 * eight equal ones are counted at once. */
static void count_states(const u8 *state, u64 n, u64 of[256])
{
    u64 i = 0, eight;
    memset(of, 0, 256 * sizeof *of);
    for (; i + 8 <= n; i += 8) {
        memcpy(&eight, state + i, 8);
        bool alike = eight == state[i] * 0x0101010101010101ull;
        of[state[i]] += alike ? 8 : 0;
        for (unsigned k = 0; !alike && k < 8; k++)
            of[state[i + k]]++;
    }
    for (; i < n; i++)
        of[state[i]]++;
}

void ins_update_recount(struct ins_display *d)
{
    _Static_assert(ARRAY_LEN(d->update->kinds) == 256, "a count for each byte");
    count_states(d->kind, d->nframes, d->update->kinds);
}

/* Most frames have not changed: eight are compared at once. */
static void from_events(struct ins_display *d, const struct lens_view *lens)
{
    u64 n = d->nframes < lens->nframes ? d->nframes : lens->nframes;
    u64 i = 0, was, is;
    for (; i + 8 <= n; i += 8) {
        memcpy(&was, d->kind + i, 8);
        memcpy(&is, lens->shadow + i, 8);
        for (unsigned k = 0; was != is && k < 8; k++)
            set_kind(d, i + k, lens->shadow[i + k]);
    }
    for (; i < n; i++)
        set_kind(d, i, lens->shadow[i]);
}

/* ---- rows --------------------------------------------------------------- */

#define ST(state) (1u << FS_##state)
bool ins_takable(u8 state)
{
    static const u32 takable = ST(ANON) | ST(COW) | ST(FILE_CLEAN) |
                               ST(FILE_DIRTY) | ST(SWAPCACHE) | ST(SHMEM);
    return state < FS_COUNT && takable >> state & 1;
}

enum ins_believed ins_believed(u8 state, u8 flags, bool lists, bool accessed)
{
    u8 hot = lists ? FRAME_F_ACTIVE : FRAME_F_REF;
    if (!ins_takable(state) || flags & FRAME_F_CACHED)
        return NO_BELIEF;
    return flags & hot || (!lists && accessed) ? HOT : COLD;
}

void ins_accessed_leaf(const struct ins_leaf *l, u8 *accessed, u64 nframes)
{
    u64 pfn = (l->pa - RAM_BASE) >> PAGE_SHIFT, pages = 1ull << 9 * l->level;
    if (l->pa < RAM_BASE || !(l->pte & PTE_A))
        return;
    for (u64 i = pfn; i < pfn + pages && i < nframes; i++)
        accessed[i] = 1;
}

static void read_rows(struct machine *m, struct ins_display *d, u64 from,
                      u64 to)
{
    struct ins_update *update = d->update;
    u64 have, stride,
        skip = from ? update->part[from / PART_FRAMES - 1].skip : 0;
    const u8 *row = ins_kernel_rows(m, from, to, &have, &stride);
    const struct ins_filter *filter = update->filtered ? &update->filter : NULL;
    u8 *kind = d->kind, *flags = d->flags, *fact = update->fact;
    struct ins_part part = {.skip = 0};
    for (u64 pfn = from; pfn < to; pfn++) {
        struct lens_frame f = {.state = 0xff};
        const u8 *bytes = row && pfn < have ? row + pfn * stride : NULL;
        if (bytes)
            memcpy(&f, bytes, sizeof f);
        if (kind[pfn] != f.state)
            set_kind(d, pfn, f.state < FS_COUNT ? f.state : 0xff);
        flags[pfn] = f.flags;
        fact[pfn] = ins_facts(filter, pfn, &f, bytes, stride);
        if (pfn >= skip)
            skip = pfn + ins_free_run(&f, part.buddy);
    }
    part.skip = skip;
    update->part[from / PART_FRAMES] = part;
}

void ins_update_rows(struct machine *m, struct ins_display *d, bool whole)
{
    u64 n = d->nframes / 40 / PART_FRAMES * PART_FRAMES;
    u64 at_once = n > PART_FRAMES ? n : PART_FRAMES;
    if (d->nframes > at_once && !whole && ins_lens(m))
        from_events(d, ins_lens(m));
    d->belief.lists = d->vm.notions >> NOTION_LISTS & 1;
    struct ins_range r =
        ins_part_due(&d->update->rows_at, d->nframes, at_once, whole);
    d->update->rows = r;
    for (u64 at = r.from; at < r.to; at += PART_FRAMES)
        read_rows(m, d, at, at + PART_FRAMES < r.to ? at + PART_FRAMES : r.to);
}

void ins_update_sums(struct machine *m, struct ins_display *d)
{
    memcpy(d->histogram, d->update->kinds, sizeof d->histogram);
    memset(d->buddy, 0, sizeof d->buddy);
    d->buddy_known = inspect_tables_known(m);
    for (u64 i = 0; d->buddy_known && i < d->update->nparts; i++) {
        const struct ins_part *p = &d->update->part[i];
        for (unsigned k = 0; k < INS_ORDERS; k++)
            d->buddy[k] += p->buddy[k];
    }
}

static void part_belief(struct ins_display *d, u64 from, u64 to)
{
    struct ins_part *p = &d->update->part[from / PART_FRAMES];
    const u8 *accessed = d->update->accessed;
    memset(p->belief, 0, sizeof p->belief);
    for (u64 i = from; i < to; i++) {
        enum ins_believed is =
            ins_believed(d->kind[i], d->flags[i], d->belief.lists, accessed[i]);
        if (is != NO_BELIEF)
            p->belief[is == HOT][d->age[i] < INS_RECENT_AGE]++;
    }
}

void ins_update_belief(struct ins_display *d)
{
    struct ins_range r = d->update->rows;
    struct ins_belief *b = &d->belief;
    u64 sum[2][2] = {{0}};
    for (u64 at = r.from; d->buddy_known && at < r.to; at += PART_FRAMES)
        part_belief(d, at, at + PART_FRAMES < r.to ? at + PART_FRAMES : r.to);
    for (u64 i = 0; d->buddy_known && i < d->update->nparts; i++)
        for (unsigned k = 0; k < 4; k++)
            sum[k / 2][k % 2] += d->update->part[i].belief[k / 2][k % 2];
    b->hot_used = sum[1][1];
    b->hot_idle = sum[1][0];
    b->cold_used = sum[0][1];
    b->cold_idle = sum[0][0];
}

/* ---- ages --------------------------------------------------------------- */

/* 8 * log2(1 + epochs since), 255 for never. */
static u8 age_code(u32 last, u64 now)
{
    if (!last)
        return 255;
    u64 since = now - last + 1;
    unsigned log = 63 - (unsigned)__builtin_clzll(since);
    unsigned code = 8 * log + (unsigned)((since << 3 >> log) & 7);
    return code < 254 ? (u8)code : 254;
}

/* Neighbouring frames were mostly used in the same epoch, or never: their code
 * is computed once. */
void ins_update_ages(struct machine *m, struct ins_display *d, bool whole)
{
    u64 epoch = cycles_per_ms(m->clock_hz);
    u64 now = 1 + m->hart.cycle / epoch;
    const u64 *last = engine_last_use(m->engine);
    u64 before = 0;
    u8 code = 255, *age = d->age;
    struct ins_range r =
        ins_part_due(&d->update->ages_at, d->nframes, AGES_AT_ONCE, whole);
    d->update->ages = r;
    for (u64 pfn = r.from; pfn < r.to; pfn++) {
        if (last[pfn] != before)
            code = age_code(before = last[pfn], now);
        age[pfn] = code;
    }
}
