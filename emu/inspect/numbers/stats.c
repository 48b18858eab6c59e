/* SPDX-License-Identifier: MIT */
/* Visits the numbers of --stats in one order: visit_all() serves both the JSON
 * and the counters that expressions name (`print walker.cycles`). */
#include "inspect/frames.h"
#include "inspect/internal.h"
#include "inspect/json.h"
#include "inspect/kernel.h"
#include "inspect/numbers.h"
#include "inspect/policy.h"
#include "inspect/stale.h"
#include "inspect/truth.h"
#include "inspect/words.h"

#include <stdio.h>

struct sink {
    struct machine *m;
    double host_seconds, startup_seconds;
    const struct ins_truth *truth; /* NULL: not counted */
    void (*open)(void *, const char *name, char bracket);
    void (*close)(void *, char bracket);
    void (*count)(void *, const char *name, u64 v);
    void (*real)(void *, const char *name, double v);
    void *opaque;
};

static void visit_tlb(struct sink *s, const char *name, const struct tlb *t)
{
    s->open(s->opaque, name, '{');
    s->count(s->opaque, "entries", t->entries);
    s->count(s->opaque, "accesses", t->stats.accesses);
    s->count(s->opaque, "misses", t->stats.misses);
    s->count(s->opaque, "flushes", t->stats.flushes);
    s->close(s->opaque, '}');
}

static void visit_cache(struct sink *s, const char *name, struct cache_stats c)
{
    s->open(s->opaque, name, '{');
    s->count(s->opaque, "accesses", c.accesses);
    s->count(s->opaque, "misses", c.misses);
    s->count(s->opaque, "writebacks", c.writebacks);
    s->close(s->opaque, '}');
}

/* Makes DRAM_row_hit of a word such as "DRAM row hit". */
const char *ins_key(const char *word, char *buf, size_t n)
{
    size_t i = 0;
    for (; i < n - 1 && word[i]; i++)
        buf[i] = word[i] == ' ' || word[i] == '-' ? '_' : word[i];
    buf[i] = 0;
    return buf;
}

static void visit_walker(struct sink *s)
{
    const struct mmu *mmu = &s->m->mmu;
    char buf[40];
    s->open(s->opaque, "walker", '{');
    s->count(s->opaque, "walks", mmu->walks);
    s->count(s->opaque, "pte_reads", mmu->pte_reads);
    s->count(s->opaque, "cycles", mmu->walk_cycles);
    s->open(s->opaque, "served", '{');
    for (unsigned i = SERVED_NONE + 1; i < SERVED_COUNT; i++)
        s->count(s->opaque, ins_key(served_name[i], buf, sizeof buf),
                 mmu->served[i]);
    s->close(s->opaque, '}');
    s->close(s->opaque, '}');
}

static void visit_memory(struct sink *s)
{
    struct memtime_stats t = memtime_stats(&s->m->mem);
    visit_cache(s, "icache", t.l1i);
    visit_cache(s, "dcache", t.l1d);
    visit_cache(s, "l2", t.l2);
    const struct branch_predictor *b = engine_branch(s->m->engine);
    s->open(s->opaque, "branch", '{');
    s->count(s->opaque, "branches", b ? b->branches : 0);
    s->count(s->opaque, "mispredicts", b ? b->mispredicts : 0);
    s->close(s->opaque, '}');
    s->open(s->opaque, "dram", '{');
    s->count(s->opaque, "reads", t.dram.reads);
    s->count(s->opaque, "writes", t.dram.writes);
    s->count(s->opaque, "row_hits", t.dram.row_hits);
    s->count(s->opaque, "row_closed", t.dram.row_closed);
    s->count(s->opaque, "row_conflicts", t.dram.row_conflicts);
    s->count(s->opaque, "refreshes", t.dram.refreshes);
    s->real(s->opaque, "mean_latency_clocks",
            t.dram.reads
                ? (double)t.dram.read_latency_clocks / (double)t.dram.reads
                : 0);
    s->close(s->opaque, '}');
}

static void visit_disks(struct sink *s)
{
    struct disk_view d[DISK_SLOTS];
    unsigned n = machine_disks(s->m, d, DISK_SLOTS);
    double ms = 1e3 / (double)s->m->clock_hz;
    s->open(s->opaque, "disks", '[');
    for (unsigned i = 0; i < n; i++) {
        if (!d[i].present)
            continue;
        s->open(s->opaque, NULL, '{');
        s->count(s->opaque, "reads", d[i].stats.reads);
        s->count(s->opaque, "writes", d[i].stats.writes);
        s->count(s->opaque, "bytes",
                 d[i].stats.read_bytes + d[i].stats.write_bytes);
        s->count(s->opaque, "read_bytes", d[i].stats.read_bytes);
        s->count(s->opaque, "write_bytes", d[i].stats.write_bytes);
        s->count(s->opaque, "discards", d[i].stats.discards);
        s->count(s->opaque, "discard_bytes", d[i].stats.discard_bytes);
        s->real(s->opaque, "seek_ms", (double)d[i].stats.seek_cycles * ms);
        s->real(s->opaque, "busy_ms", (double)d[i].stats.busy_cycles * ms);
        s->count(s->opaque, "failed", d[i].failed);
        s->count(s->opaque, "unflushed_bytes", d[i].unflushed);
        s->close(s->opaque, '}');
    }
    s->close(s->opaque, ']');
}

static void visit_kernel(struct sink *s)
{
    s->open(s->opaque, "kernel", '{');
    for (unsigned i = 0; i < C_COUNT; i++) {
        u64 v;
        if (ins_kernel_counter(s->m, i, &v))
            s->count(s->opaque, ins_counters[i].name, v);
    }
    s->close(s->opaque, '}');
}

static void visit_causes(struct sink *s)
{
    struct cycles_by c = engine_cycles_by(s->m->engine);
    s->open(s->opaque, "cycles_by", '{');
    s->count(s->opaque, "issue", c.issue);
    s->count(s->opaque, "interlock", c.interlock);
    s->count(s->opaque, "branch", c.branch);
    s->count(s->opaque, "icache", c.icache);
    s->count(s->opaque, "dcache", c.dcache);
    s->count(s->opaque, "walk", c.walk);
    s->count(s->opaque, "dram", c.dram);
    s->count(s->opaque, "trap", c.trap);
    s->count(s->opaque, "idle", c.idle);
    s->close(s->opaque, '}');
}

static void visit_belief(struct sink *s, const struct ins_truth *t)
{
    s->open(s->opaque, "belief", '{');
    s->count(s->opaque, "victims", t->victims);
    s->open(s->opaque, "turned", '[');
    for (unsigned i = 0; i < INS_TURNS; i++)
        s->count(s->opaque, NULL, t->turned[i]);
    s->close(s->opaque, ']');
    s->open(s->opaque, "horizons", '[');
    for (unsigned i = 0; i < INS_HORIZONS; i++) {
        const struct ins_horizon *h = &t->horizon[i];
        s->open(s->opaque, NULL, '{');
        s->count(s->opaque, "ms", h->ms);
        s->count(s->opaque, "looks", h->looks);
        s->count(s->opaque, "cold", h->cold);
        s->count(s->opaque, "cold_used", h->cold_used);
        s->count(s->opaque, "hot", h->hot);
        s->count(s->opaque, "hot_idle", h->hot_idle);
        s->count(s->opaque, "regretted", h->regretted);
        s->close(s->opaque, '}');
    }
    s->close(s->opaque, ']');
    s->open(s->opaque, "working_set", '{');
    s->count(s->opaque, "looks", t->working_set.looks);
    s->count(s->opaque, "frames", t->working_set.truth);
    s->count(s->opaque, "sampled", t->working_set.sampled);
    s->count(s->opaque, "frames_sum", t->working_set.truth_sum);
    s->count(s->opaque, "sampled_sum", t->working_set.sampled_sum);
    s->close(s->opaque, '}');
    s->close(s->opaque, '}');
}

static void visit_stale(struct sink *s)
{
    const struct ins_stale_counts *c = inspect_stale_counts(s->m->stale);
    s->open(s->opaque, "stale", '{');
    s->count(s->opaque, "sins", c->row->sins);
    s->count(s->opaque, "windows", c->row->windows);
    s->count(s->opaque, "uses", c->row->uses);
    s->count(s->opaque, "longest_cycles", c->row->longest);
    s->count(s->opaque, "median_cycles", inspect_stale_median(c->row));
    s->count(s->opaque, "permitted_faults", c->permitted.faults);
    s->count(s->opaque, "permitted_uses", c->permitted.harmless);
    s->close(s->opaque, '}');
}

static void visit_all(struct sink *s)
{
    const struct hart *h = &s->m->hart;
    double cycles = (double)h->cycle, instret = (double)h->instret;
    s->count(s->opaque, "instructions", h->instret);
    s->count(s->opaque, "cycles", h->cycle);
    s->real(s->opaque, "simulated_seconds", cycles / (double)s->m->clock_hz);
    s->real(s->opaque, "host_seconds", s->host_seconds);
    s->real(s->opaque, "startup_seconds", s->startup_seconds);
    s->real(s->opaque, "mips", instret / s->host_seconds / 1e6);
    s->real(s->opaque, "ipc", instret / cycles);
    s->open(s->opaque, "tlb", '{');
    visit_tlb(s, "itlb", &s->m->mmu.itlb);
    visit_tlb(s, "dtlb", &s->m->mmu.dtlb);
    visit_tlb(s, "l2tlb", &s->m->mmu.l2tlb);
    s->close(s->opaque, '}');
    visit_walker(s);
    visit_memory(s);
    visit_disks(s);
    visit_kernel(s);
    if (s->truth)
        visit_belief(s, s->truth);
    if (s->m->stale)
        visit_stale(s);
    visit_causes(s);
}

/* ---- as JSON ------------------------------------------------------------ */

static void j_open(void *j, const char *name, char bracket)
{
    json_open(j, name, bracket);
}
static void j_close(void *j, char bracket)
{
    json_close(j, bracket);
}
static void j_count(void *j, const char *name, u64 v)
{
    json_u64(j, name, v);
}
static void j_real(void *j, const char *name, double v)
{
    json_double(j, name, v);
}

/* Writes the states of all frames, in order: "free", 12, "kernel-data", 3 and
 * so on. A frame without events was in its state from the run's start on. */
static void frame_states(struct json *j, struct machine *m)
{
    u64 n = ins_nframes(m), same = 0;
    struct lens_frame f, next;
    json_open(j, "frame_states", '[');
    for (u64 pfn = 0; pfn < n && ins_kernel_frame(m, pfn, &f); pfn++) {
        same++;
        if (pfn + 1 < n && ins_kernel_frame(m, pfn + 1, &next) &&
            next.state == f.state)
            continue;
        json_str(j, NULL, inspect_state_word(f.state));
        json_u64(j, NULL, same);
        same = 0;
    }
    json_close(j, ']');
}

void inspect_stats_json(struct machine *m, const struct ins_truth *truth,
                        double host_seconds, double startup_seconds,
                        char **text)
{
    struct json j = {0};
    struct sink s = {m,       host_seconds, startup_seconds, truth, j_open,
                     j_close, j_count,      j_real,          &j};
    json_open(&j, NULL, '{');
    visit_all(&s);
    frame_states(&j, m);
    json_close(&j, '}');
    *text = j.text;
}

/* ---- by dotted name ----------------------------------------------------- */

#define DEPTH 8
struct names {
    void (*fn)(void *, const char *name, u64 value);
    void *opaque;
    char path[160];
    size_t length[DEPTH]; /* of path, at each depth */
    int index[DEPTH];     /* next element, or -1 in an object */
    unsigned depth;
};

static void extend(struct names *n, const char *name)
{
    size_t at = n->length[n->depth];
    char number[16];
    if (!name && n->index[n->depth] >= 0) {
        snprintf(number, sizeof number, "%d", n->index[n->depth]++);
        name = number;
    }
    snprintf(n->path + at, sizeof n->path - at, "%s%s", at ? "." : "",
             name ? name : "");
}

static void n_open(void *opaque, const char *name, char bracket)
{
    struct names *n = opaque;
    extend(n, name);
    assert(n->depth + 1 < DEPTH);
    n->depth++;
    n->length[n->depth] = strlen(n->path);
    n->index[n->depth] = bracket == '[' ? 0 : -1;
}

static void n_close(void *opaque, UNUSED char bracket)
{
    struct names *n = opaque;
    n->depth--;
    n->path[n->length[n->depth]] = 0;
}

static void n_count(void *opaque, const char *name, u64 v)
{
    struct names *n = opaque;
    /* Kernel counters have no prefix: pgfault, not kernel.pgfault. */
    bool kernel = !strcmp(n->path, "kernel");
    extend(n, name);
    n->fn(n->opaque, n->path + (kernel ? 7 : 0), v);
    n->path[n->length[n->depth]] = 0;
}

static void n_real(void *opaque, const char *name, double v)
{
    (void)opaque, (void)name, (void)v; /* expressions have integers only */
}

/* Visits the policy's gauges (vm.low ...), vm.swap_total, vm.swap_used,
 * vm.hand0 and vm.hand1. */
static void policy_names(struct machine *m,
                         void (*fn)(void *, const char *, u64), void *opaque)
{
    struct ins_policy p;
    char buf[40];
    inspect_policy(m, &p);
    for (unsigned i = 0; i < p.ngauges; i++) {
        snprintf(buf, sizeof buf, "vm.%s", p.gauge[i].name);
        fn(opaque, buf, p.gauge[i].value);
    }
    if (p.swap) {
        fn(opaque, "vm.swap_total", p.swap_total);
        fn(opaque, "vm.swap_used", p.swap_used);
    }
    for (unsigned i = 0; i < 2; i++)
        if (p.hand[i] != LENS_NO_PFN)
            fn(opaque, i ? "vm.hand1" : "vm.hand0", p.hand[i]);
}

/* Visits an unmodified kernel's numbers: linux.nr_active_file, xv6.free. */
static void unmodified_names(struct machine *m,
                             void (*fn)(void *, const char *, u64),
                             void *opaque)
{
    char buf[64];
    const char *name;
    bool known;
    u64 v;
    for (unsigned i = 0; (name = inspect_unmodified_counter(m, i, &v, &known));
         i++) {
        snprintf(buf, sizeof buf, "%s.%s", inspect_unmodified_name(m), name);
        if (known)
            fn(opaque, buf, v);
    }
}

static void vm_names(struct machine *m, void (*fn)(void *, const char *, u64),
                     void *opaque)
{
    u64 count[FS_COUNT], frames;
    char buf[40], word[24];
    if (!ins_kernel_free(m, &frames))
        return;
    fn(opaque, "vm.free", frames);
    fn(opaque, "vm.frames", inspect_frames_by_state(m, count));
    for (unsigned i = 0; i < FS_COUNT; i++) {
        if (i == FS_FREE)
            continue; /* vm.free is the kernel's own count */
        snprintf(buf, sizeof buf, "vm.%s",
                 ins_key(ins_states[i].word, word, sizeof word));
        fn(opaque, buf, count[i]);
    }
    policy_names(m, fn, opaque);
    unmodified_names(m, fn, opaque);
}

void inspect_counter_names(struct machine *m,
                           void (*fn)(void *, const char *name, u64 value),
                           void *opaque)
{
    struct names n = {.fn = fn, .opaque = opaque, .index = {-1}};
    struct sink s = {m, 1, 1, NULL, n_open, n_close, n_count, n_real, &n};
    vm_names(m, fn, opaque);
    visit_all(&s);
}

struct wanted {
    const char *name;
    u64 value;
    bool found;
};

static void match_name(void *opaque, const char *name, u64 value)
{
    struct wanted *w = opaque;
    if (!w->found && !strcmp(w->name, name)) {
        w->found = true;
        w->value = value;
    }
}

bool inspect_counter(struct machine *m, const char *name, u64 *value)
{
    struct wanted w = {.name = name};
    /* Conditions read vm.free and kernel counters at every step: be quick. */
    if (!strcmp(name, "vm.free"))
        return ins_kernel_free(m, value);
    for (unsigned i = 0; i < C_COUNT; i++)
        if (!strcmp(name, ins_counters[i].name))
            return ins_kernel_counter(m, i, value);
    inspect_counter_names(m, match_name, &w);
    *value = w.value;
    return w.found;
}
