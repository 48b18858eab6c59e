/* SPDX-License-Identifier: MIT */
/* Runs a guest that is short of memory, for display.t. Prints lines with a name
 * and two numbers that must be equal: the display's number, and the answer of
 * another query. argv has `look` or `blind`, then clockhand's options; `blind`
 * asks no such query, so that the hashes at the end can be compared. */
#include <stdio.h>
#include <stdlib.h>

#include "inspect/display.h"
#include "inspect/events.h"
#include "inspect/frames.h"
#include "inspect/policy.h"
#include "inspect/process.h"
#include "inspect/walk.h"

static void same(const char *name, u64 a, u64 b)
{
    printf("%s %llu %llu\n", name, (unsigned long long)a,
           (unsigned long long)b);
}

static int nothing(void *opaque)
{
    (void)opaque;
    return -1;
}

static void quiet(void *opaque, u8 byte)
{
    (void)opaque;
    (void)byte;
}

/* ---- frames to which words apply ---------------------------------------- */

static bool has(const struct ins_row *r, const char *word)
{
    struct ins_condition c;
    return inspect_condition(word, &c) && inspect_row_is(r, &c);
}

/* Counts the frames for which `info frames` (inspect_rows) and the lit frames
 * differ. */
static u64 differing(const struct ins_display *d, const struct ins_rows *rows,
                     const char *const word[4], bool of_pid)
{
    u64 n = 0;
    for (u64 i = 0; i < rows->n; i++) {
        const struct ins_row *r = &rows->row[i];
        bool is = r->state < FS_COUNT && (!of_pid || r->of_pid);
        for (unsigned k = 0; k < 4 && word[k]; k++)
            is &= *word[k] == '!' ? !has(r, word[k] + 1) : has(r, word[k]);
        n += is != (d->lit && d->lit[i]);
    }
    return n;
}

static u64 count(const u8 *bytes, u64 n)
{
    u64 sum = 0;
    for (u64 i = 0; bytes && i < n; i++)
        sum += bytes[i];
    return sum;
}

static void light(struct machine *m, struct ins_display *d, u32 pid)
{
    static const struct {
        const char *words, *word[4];
        bool of_pid;
    } asked[] = {{"dirty", {"dirty"}, false},
                 {"clean file", {"clean", "file"}, false},
                 {"anon, not referenced", {"anon", "!referenced"}, false},
                 {"not mapped and not kernel", {"!mapped", "!kernel"}, false},
                 {"page-table", {"page-table"}, false},
                 {"shared", {"shared"}, false},
                 {"pinned", {"pinned"}, false},
                 {"slot", {"swap-cache"}, false},
                 {"all", {NULL}, false},
                 {"pid %u", {NULL}, true},
                 {"pid %u dirty", {"dirty"}, true},
                 {"where anon && !referenced", {"anon", "!referenced"}, false},
                 {"!mapped&&!kernel", {"!mapped", "!kernel"}, false}};
    u64 nframes = m->ram_bytes >> PAGE_SHIFT;
    char words[80], name[100], err[96] = "";
    struct ins_lit lit;
    struct ins_rows rows;
    inspect_rows(m, pid, &rows);
    for (unsigned i = 0; i < ARRAY_LEN(asked); i++) {
        snprintf(words, sizeof words, "%s", asked[i].words);
        if (asked[i].of_pid)
            snprintf(words, sizeof words, i == 9 ? "pid %u" : "pid %u dirty",
                     pid);
        inspect_display_light(d, words);
        inspect_display_update(m, NULL, d, -1);
        snprintf(name, sizeof name, "lit-%u-as-info-frames", i);
        same(name, differing(d, &rows, asked[i].word, asked[i].of_pid), 0);
        snprintf(name, sizeof name, "lit-%u-counted", i);
        same(name, d->nlit, count(d->lit, nframes));
        snprintf(name, sizeof name, "lit-%u-at-once", i);
        bool ok = inspect_light(m, words, &lit, err, sizeof err);
        same(name, ok && d->lit && !memcmp(lit.frame, d->lit, nframes), 1);
        free(lit.frame);
        if (i == 0)
            same("lit-some", d->nlit > 0, 1);
    }
    inspect_rows_free(&rows);
}

/* ---- a mapping, an inode, a slot ---------------------------------------- */

static u64 lit_of(struct machine *m, struct ins_display *d, const char *words)
{
    inspect_display_light(d, words);
    inspect_display_update(m, NULL, d, -1);
    return d->lit ? d->nlit : ~0ull;
}

/* Counts the ptes that name one slot, from the rows of `info swap slots`. */
struct outs {
    struct ins_out last;
    u32 slot; /* the slot whose ptes are counted */
    u64 n, sum;
};

static void count_slot_ptes(void *opaque, const struct ins_out *o)
{
    struct outs *all = opaque;
    all->last = *o;
    if (o->slot != all->slot)
        return;
    all->n++;
    all->sum += o->pid + o->va;
}

static void light_slot_out(struct machine *m, struct ins_display *d)
{
    struct outs all = {.slot = INS_NO_SLOT};
    char words[40];
    u64 sum = 0;
    inspect_swapped(m, count_slot_ptes, &all);
    same("outs-known-of-no-slot", d->outs_known, 0);
    all.slot = (u32)all.last.slot;
    inspect_swapped(m, count_slot_ptes, &all);
    snprintf(words, sizeof words, "slot %u", all.slot);
    lit_of(m, d, words);
    same("outs-known", d->outs_known, 1);
    same("outs", d->nouts, all.n);
    for (unsigned i = 0; i < d->nouts && i < INS_OUTS; i++)
        sum += d->out[i].pid + d->out[i].va;
    same("outs-pages", d->nouts <= INS_OUTS ? sum : all.sum, all.sum);
}

static void light_more(struct machine *m, struct ins_display *d, u32 pid)
{
    static struct ins_vma v[64];
    char words[96], name[40];
    u64 inode = 0, of_inode = 0;
    unsigned n = inspect_vmas(m, pid, v, ARRAY_LEN(v));
    for (unsigned i = 0; i < n; i++) {
        snprintf(words, sizeof words, "pid %u va 0x%llx-0x%llx mapped", pid,
                 (unsigned long long)v[i].start, (unsigned long long)v[i].end);
        snprintf(name, sizeof name, "lit-mapping-%u", i);
        /* Pages of zeros share a frame. */
        same(name, lit_of(m, d, words) <= v[i].resident, 1);
        inode = v[i].inode ? v[i].inode : inode;
    }
    struct ins_rows rows;
    inspect_rows(m, 0, &rows);
    for (u64 i = 0; i < rows.n; i++)
        of_inode += rows.row[i].object == inode;
    inspect_rows_free(&rows);
    snprintf(words, sizeof words, "inode %llu", (unsigned long long)inode);
    same("lit-inode", lit_of(m, d, words), of_inode);
    same("lit-inode-some", of_inode > 0, 1);
    light_slot_out(m, d);
    u32 slot = INS_NO_SLOT;
    for (u64 i = 1; i < d->nslots && slot == INS_NO_SLOT; i++)
        if (d->slot[i] == SLOT_CACHED)
            slot = (u32)i;
    snprintf(words, sizeof words, "slot %u", slot);
    if (slot != INS_NO_SLOT)
        same("lit-slot", lit_of(m, d, words), 1);
    struct ins_frame f, other;
    u64 there = 0;
    inspect_frame(m, d->nframes / 3, &f);
    for (u64 i = 0; i < d->nframes; i++)
        there += inspect_frame(m, i, &other) && other.dram_row == f.dram_row &&
                 other.dram_bank == f.dram_bank;
    snprintf(words, sizeof words, "bank %u row 0x%x", f.dram_bank, f.dram_row);
    same("lit-row", lit_of(m, d, words), there);
    same("lit-either", lit_of(m, d, "dirty || clean") == ~0ull && *d->lit_error,
         1);
    same("lit-misspelt", lit_of(m, d, "dirrty") == ~0ull && *d->lit_error, 1);
    same("lit-nobody", lit_of(m, d, "pid 9999") == ~0ull && *d->lit_error, 1);
    same("lit-none", lit_of(m, d, "") == ~0ull && !*d->lit_error, 1);
}

/* ---- address spaces and swap -------------------------------------------- */

struct out {
    struct ins_display *d;
    u64 of[INS_PROCS_MAX], all, unused;
};

static void count_swapped(void *opaque, const struct ins_out *o)
{
    struct out *out = opaque;
    u64 at = inspect_slot_index(out->d, o->slot < ~0u ? (u32)o->slot : ~0u);
    for (unsigned i = 0; i < out->d->nspaces; i++)
        if (out->d->spaces[i].pid == o->pid)
            out->of[i]++;
    out->all++;
    out->unused += at >= out->d->nslots || (out->d->slot[at] != SLOT_USED &&
                                            out->d->slot[at] != SLOT_CACHED);
}

static bool in_area(const struct ins_space *s, u64 va)
{
    for (unsigned i = 0; i < s->nareas; i++)
        if ((va - s->area[i].start) >> PAGE_SHIFT < s->area[i].pages)
            return true;
    return false;
}

static void strip(struct machine *m, const struct ins_space *s)
{
    static struct ins_vma v[512];
    u64 pages = 0, resident = 0, shared = 0, cells = 0, lost = 0;
    u64 before = 0, mixed = 0;
    unsigned n = inspect_vmas(m, s->pid, v, ARRAY_LEN(v));
    for (unsigned i = 0; i < n; i++) {
        pages += (v[i].end - v[i].start) >> PAGE_SHIFT;
        resident += v[i].resident;
        shared += v[i].shared;
        lost += !in_area(s, v[i].start) || !in_area(s, v[i].end - 1);
    }
    for (unsigned i = 0; i < s->nareas; i++) {
        mixed += s->area[i].start < before || s->area[i].first != cells;
        before = s->area[i].start + (s->area[i].pages << PAGE_SHIFT);
        cells += s->area[i].cells;
    }
    same("space-pages", s->pages, pages);
    same("space-resident", s->resident, resident);
    same("space-shared", s->shared, shared);
    same("space-cells", s->ncells, cells);
    same("space-cells-fit", s->ncells <= INS_STRIP, 1);
    same("space-areas-mixed-up", mixed, 0);
    same("space-mappings-lost", lost, 0);
}

/* Returns the address of a cell if each cell is one page; 0: in no area. */
static u64 cell_va(const struct ins_space *s, unsigned cell)
{
    for (unsigned i = 0; i < s->nareas; i++)
        if (cell - s->area[i].first < s->area[i].cells)
            return s->area[i].start +
                   ((u64)(cell - s->area[i].first) << PAGE_SHIFT);
    return 0;
}

/* Counts cells that differ from the page tables, if each cell is one page. */
static u64 wrong_cells(struct machine *m, const struct ins_display *d,
                       const struct ins_space *s)
{
    u64 wrong = 0;
    for (unsigned c = 0; c < s->ncells && s->pages_a_cell == 1; c++) {
        struct walk w;
        u64 pa, pte = 0;
        inspect_walk(m, cell_va(s, c), s->pid, ACC_LOAD, &w, &pa);
        for (unsigned i = 0; i < w.nsteps; i++)
            if (w.steps[i].pte_pa)
                pte = w.steps[i].pte;
        u64 pfn = (PTE_PPN(pte) << PAGE_SHIFT) - RAM_BASE;
        u8 want = STRIP_NEVER;
        if (pte & PTE_V && pte & (PTE_R | PTE_X)) {
            pfn >>= PAGE_SHIFT;
            want =
                d->kind[pfn] | (d->age[pfn] < INS_RECENT_AGE ? STRIP_HOT : 0);
        } else if (!(pte & PTE_V) && pte & 2) {
            want = STRIP_SWAP;
        }
        wrong += s->cell[c] != want;
    }
    return wrong;
}

static void spaces(struct machine *m, struct ins_display *d)
{
    static struct out out;
    u64 wrong = 0, out_of = 0;
    out = (struct out){.d = d};
    inspect_swapped(m, count_swapped, &out);
    same("spaces", d->nspaces, d->nprocs);
    for (unsigned i = 0; i < d->nspaces; i++) {
        const struct ins_space *s = &d->spaces[i];
        same("space-pid", s->pid, d->procs[i].pid);
        same("space-rss", s->resident, d->procs[i].rss);
        same("space-vsize", s->pages << PAGE_SHIFT, d->procs[i].vsize);
        same("space-in-swap", s->in_swap, out.of[i]);
        same("thread-or-areas", s->nareas == 0, d->procs[i].satp == 0);
        strip(m, s);
        wrong += wrong_cells(m, d, s);
        out_of += s->in_swap;
    }
    same("space-wrong-cells", wrong, 0);
    same("some-in-swap", out_of > 100, 1);
    same("slots-of-ptes-unused", out.unused, 0);
}

static void slots(const struct ins_display *d)
{
    u64 n[4] = {0};
    for (u64 i = 0; i < d->nslots; i++)
        n[d->slot[i]]++;
    same("slots-used", n[SLOT_USED] + n[SLOT_CACHED], d->vm.swap_used);
    same("slots-all", d->nslots - n[SLOT_BAD], d->vm.swap_total);
    same("slots-header", d->slot && d->slot[0] == SLOT_BAD, 1);
    same("slots-index", inspect_slot_index(d, 77), 77);
    same("slots-no-index", inspect_slot_index(d, INS_NO_SLOT), d->nslots);
    same("slots-cached", n[SLOT_CACHED], d->histogram[FS_SWAPCACHE]);
}

/* Checks that each swap event names a slot, that no other event but reclaim
 * does, and that a page is written to the slot that it was given. */
static void event_slots(const struct ins_display *d)
{
    static u32 given[1 << 16];
    u64 none = 0, other = 0, n = 0, foreign = 0;
    for (unsigned i = d->nevents; i-- > 0;) { /* oldest first */
        const struct ins_event *e = &d->events[i];
        bool anon = e->to == FS_SWAPCACHE || e->from == FS_SWAPCACHE;
        bool swaps = e->reason == R_SWAP_ADD || e->reason == R_SWAP_OUT ||
                     e->reason == R_SWAP_IN || e->reason == R_SWAP_MAP ||
                     e->reason == R_SWAP_AHEAD || e->reason == R_SWAP_KEEP;
        if (!anon || !swaps) {
            foreign += e->slot != INS_NO_SLOT && e->reason != R_RECLAIM;
            continue;
        }
        n++;
        none += inspect_slot_index(d, e->slot) >= d->nslots;
        if (e->reason == R_SWAP_ADD)
            given[e->pfn] = e->slot;
        else if (e->reason == R_SWAP_OUT && given[e->pfn])
            other += given[e->pfn] != e->slot;
    }
    same("event-slots-some", n > 20, 1);
    same("event-slots-missing", none, 0);
    same("event-slots-wrong", other, 0);
    same("event-slots-foreign", foreign, 0);
}

static void frames(struct machine *m, const struct ins_display *d)
{
    const u32 takable = 1u << FS_ANON | 1u << FS_COW | 1u << FS_FILE_CLEAN |
                        1u << FS_FILE_DIRTY | 1u << FS_SWAPCACHE |
                        1u << FS_SHMEM;
    const struct ins_belief *b = &d->belief;
    struct ins_rows rows;
    u64 blocks[INS_ORDERS], free_frames = 0, hot = 0, used = 0, all = 0;
    u64 counted[FS_COUNT];
    inspect_buddy(m, blocks);
    same("buddy-known", d->buddy_known, 1);
    for (unsigned i = 0; i < INS_ORDERS; i++) {
        same("buddy-order", d->buddy[i], blocks[i]);
        free_frames += d->buddy[i] << i;
    }
    same("buddy-frames", free_frames, d->histogram[FS_FREE]);
    inspect_frames_by_state(m, counted);
    same("histogram", memcmp(counted, d->histogram, sizeof counted), 0);
    inspect_rows(m, 0, &rows); /* with the A bits of all PTEs */
    for (u64 i = 0; i < d->nframes; i++) {
        if (d->kind[i] >= FS_COUNT || !(takable >> d->kind[i] & 1) ||
            d->flags[i] & FRAME_F_CACHED)
            continue;
        all++;
        hot += b->lists ? (d->flags[i] & FRAME_F_ACTIVE) != 0
                        : d->flags[i] & FRAME_F_REF || rows.row[i].pte & PTE_A;
        used += d->age[i] < INS_RECENT_AGE;
    }
    inspect_rows_free(&rows);
    same("belief-all", b->hot_used + b->hot_idle + b->cold_used + b->cold_idle,
         all);
    same("belief-hot", b->hot_used + b->hot_idle, hot);
    same("belief-used", b->hot_used + b->cold_used, used);
    same("belief-some", all > 500 && used > 0, 1);
}

static void banks(struct machine *m, const struct ins_display *d)
{
    struct dram_stats s = memtime_stats(&m->mem).dram;
    u64 hits = 0, misses = 0, conflicts = 0, late = 0;
    bool timed = engine_timed(m->engine);
    for (unsigned i = 0; i < d->nbanks; i++) {
        hits += d->bank[i].hits;
        misses += d->bank[i].misses;
        conflicts += d->bank[i].conflicts;
        late += d->bank[i].last > d->cycle;
    }
    same("banks-timed", d->nbanks > 0, timed);
    same("banks-hits", hits, timed ? s.row_hits : 0);
    same("banks-misses", misses, timed ? s.row_closed : 0);
    same("banks-conflicts", conflicts, timed ? s.row_conflicts : 0);
    same("banks-late", late, 0);
    same("banks-part", strcmp(d->dram, m->config->dram), 0);
}

static void sliders(struct machine *m, const struct ins_display *d)
{
    struct lens_tunable t;
    u64 wrong = 0, others = 0, mixed = 0;
    for (unsigned i = 0; i < d->ntunables; i++) {
        const struct ins_slider *s = &d->tunable[i];
        bool own = inspect_tunable_of(d->policy, s->name);
        wrong += !inspect_tunable(m, s->name, &t, NULL) ||
                 t.value != s->value || t.min != s->min || t.max != s->max ||
                 t.preset != s->preset || strcmp(t.unit, s->unit);
        mixed += own && others;
        others += !own;
    }
    same("sliders", d->ntunables, INS_TUNABLES);
    same("sliders-wrong", wrong, 0);
    same("sliders-own-behind", mixed, 0);
    same("sliders-own", d->ntunables > others, 1);
}

/* ---- while it runs ------------------------------------------------------ */

static u64 unlike_series(const struct ins_series *a, const struct ins_series *b)
{
    return a->n != b->n || a->step != b->step ||
           memcmp(a->at, b->at, a->n * sizeof *a->at);
}

static u64 unlike(const struct ins_display *a, const struct ins_display *b)
{
    u64 n = a->nframes;
    return unlike_series(&a->samples.whole, &b->samples.whole) +
           unlike_series(&a->samples.recent, &b->samples.recent) +
           (a->nevents != b->nevents) +
           (memcmp(a->events, b->events, a->nevents * sizeof *a->events) != 0) +
           (memcmp(a->kind, b->kind, n) != 0) +
           (memcmp(a->flags, b->flags, n) != 0) +
           (memcmp(a->age, b->age, n) != 0) + (!a->lit != !b->lit) +
           (a->lit && b->lit && memcmp(a->lit, b->lit, n)) +
           (a->nslots != b->nslots) +
           (a->slot && b->slot && memcmp(a->slot, b->slot, a->nslots)) +
           (memcmp(a->spaces, b->spaces, sizeof a->spaces) != 0);
}

static void running(struct machine *m, struct ins_events *e,
                    struct ins_display *d)
{
    static const char *const words[] = {"dirty", "", "pid 1", "nonsense"};
    struct ins_display *copy = inspect_display_new(m);
    u64 bad = 0, counts = 0, kinds = 0, unlisted = 0;
    struct ins_series *whole = &d->samples.whole;
    d->running = true;
    for (unsigned i = 0; i < 40; i++) {
        machine_run(m, m->hart.cycle + m->clock_hz / 2000);
        if (i % 10 == 5)
            inspect_display_light(d, words[i / 10]);
        inspect_sample(m, e, &d->samples);
        if (i == 30) /* as if the series dropped its older half */
            d->samples.recent.at[0] = d->samples.recent.at[1];
        inspect_display_update(m, e, d, -1);
        unlisted += d->events[0].number + 1 != inspect_events_count(e);
        if (i != 20) /* leave one copy out */
            inspect_display_copy(copy, d);
        bad += i != 20 && unlike(copy, d);
        if (i == 34) { /* a sample in the future; the next sample replaces it */
            whole->at[whole->n - 1].cycle += m->clock_hz;
            copy->samples.whole = *whole;
        }
        counts += d->lit && d->nlit != count(d->lit, d->nframes);
        for (unsigned k = 0; k < FS_COUNT; k++) {
            u64 n = 0;
            for (u64 f = 0; f < d->nframes; f++)
                n += d->kind[f] == k;
            kinds += n != d->histogram[k];
        }
    }
    same("copies-unlike", bad, 0);
    same("copies-unlisted", unlisted, 0);
    same("copies-counts", counts, 0);
    same("copies-histogram", kinds, 0);
    inspect_display_free(copy);
    d->running = false;
}

/* Checks that a drawn fork has a child, whichever of its frames the caption
 * describes; returns how many frames were tried. */
static unsigned forks(struct machine *m, struct ins_events *e,
                      struct ins_display *d)
{
    unsigned asked = 0;
    u64 childless = 0, hz = m->clock_hz;
    inspect_display_update(m, e, d, -1);
    m->clock_hz = 100; /* makes each event a moment of its own */
    for (unsigned i = 0; i < d->nevents; i++) {
        if (d->events[i].reason != R_COW_SHARE)
            continue;
        d->caption_pfn = d->events[i].pfn;
        d->caption_cycle = m->hart.cycle;
        d->child = 0;
        inspect_display_update(m, e, d, -1);
        childless += d->nforked && !d->child;
        asked++;
    }
    d->caption_pfn = LENS_NO_PFN;
    m->clock_hz = hz;
    if (asked)
        same("forks-without-a-child", childless, 0);
    return asked;
}

int main(int argc, char **argv)
{
    bool look = !strcmp(argv[1], "look");
    struct host_io io = {
        .console_out = quiet, .pipe_out = quiet, .pipe_in = nothing};
    static struct config c;
    char hash[33];
    argv[1] = argv[0];
    config_parse(&c, argc - 1, argv + 1);
    struct machine *m = machine_new(&c, &io);
    struct ins_events *e = inspect_events_open(m, NULL);
    struct ins_display *d = inspect_display_new(m);
    struct ins_policy p = {.swap_used = 0};
    unsigned forked = 0;
    /* Runs until 300 slots are used; then until the kernel changes no table. */
    for (unsigned i = 0; i < 4000 && p.swap_used < 300; i++) {
        machine_run(m, m->hart.cycle + m->clock_hz / 1000);
        inspect_policy(m, &p);
        if (look && i % 4 == 0)
            forked += forks(m, e, d);
    }
    if (look)
        same("forks-were-seen", forked > 0, 1);
    for (unsigned round = 0; round < 2; round++) {
        while (machine_lens_busy(m))
            machine_run(m, m->hart.cycle + 1000);
        if (look) {
            inspect_display_update(m, e, d, -1);
            slots(d);
            spaces(m, d);
            frames(m, d);
            banks(m, d);
            sliders(m, d);
            event_slots(d);
            light(m, d, d->procs[d->nprocs - 1].pid);
            light_more(m, d, d->procs[d->nprocs - 1].pid);
            running(m, e, d);
        } else {
            for (unsigned i = 0; i < 40; i++)
                machine_run(m, m->hart.cycle + m->clock_hz / 2000);
        }
    }
    machine_hash(m, hash);
    printf("hash %s\n", hash);
    inspect_display_free(d);
    inspect_events_close(e);
    machine_free(m);
    return 0;
}
