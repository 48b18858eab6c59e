/* SPDX-License-Identifier: MIT */
/* Reads, for a display, the frame table, the ages of frames, and the policy's
 * belief about their use. If the kernel has a lens, its events report every
 * change and keep kinds up to date. */
#include "inspect/display/update.h"
#include "inspect/walk.h"

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
 * eight frames of one state are counted at once. */
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

/* Most frames have not changed, so eight are compared at once. */
void ins_update_kinds(struct machine *m, struct ins_display *d)
{
    const struct lens_view *lens = ins_lens(m);
    if (!lens)
        return;
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

void ins_update_rows(struct machine *m, struct ins_display *d)
{
    u64 have, stride, skip = 0, n = d->nframes;
    const u8 *row = ins_kernel_rows(m, 0, n, &have, &stride);
    u8 *kind = d->kind, *flags = d->flags, *shared = d->update->shared;
    memset(d->buddy, 0, sizeof d->buddy);
    d->buddy_known = true;
    for (u64 pfn = 0; pfn < n; pfn++) {
        struct lens_frame f = {.state = 0xff};
        if (row && pfn < have)
            memcpy(&f, row + pfn * stride, sizeof f);
        if (kind[pfn] != f.state)
            set_kind(d, pfn, f.state < FS_COUNT ? f.state : 0xff);
        flags[pfn] = f.flags;
        shared[pfn] = f.refs > 1;
        if (pfn >= skip) /* not in a block counted before */
            skip = pfn + ins_free_run(&f, d->buddy);
    }
}

void ins_update_belief(struct ins_display *d)
{
    bool lists = d->vm.notions >> NOTION_LISTS & 1;
    const u8 *accessed = d->update->accessed;
    u64 n[2][2] = {{0}};
    for (u64 i = 0; d->buddy_known && i < d->nframes; i++) {
        enum ins_believed is =
            ins_believed(d->kind[i], d->flags[i], lists, accessed[i]);
        if (is != NO_BELIEF)
            n[is == HOT][d->age[i] < INS_RECENT_AGE]++;
    }
    d->belief.lists = lists;
    d->belief.hot_used = n[1][1];
    d->belief.hot_idle = n[1][0];
    d->belief.cold_used = n[0][1];
    d->belief.cold_idle = n[0][0];
}

/* ---- ages --------------------------------------------------------------- */

/* Returns about 8 * log2(1 + epochs since the last use), <= 254; 255: never. */
static u8 age_code(u32 last, u64 now)
{
    if (!last)
        return 255;
    u64 since = now - last + 1;
    unsigned log = 63 - (unsigned)__builtin_clzll(since);
    unsigned code = 8 * log + (unsigned)((since << 3 >> log) & 7);
    return code < 254 ? (u8)code : 254;
}

/* Neighbouring frames were mostly used in the same epoch, or never, so a code
 * is computed only when the epoch changes. */
void ins_update_ages(struct machine *m, struct ins_display *d)
{
    u64 epoch = cycles_per_ms(m->clock_hz);
    u64 now = 1 + machine_now(m) / epoch;
    const u64 *last = engine_last_use(m->engine);
    u64 before = 0;
    u8 code = 255, *age = d->age;
    for (u64 pfn = 0; pfn < d->nframes; pfn++) {
        if (last[pfn] != before)
            code = age_code(before = last[pfn], now);
        age[pfn] = code;
    }
}
