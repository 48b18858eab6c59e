/* SPDX-License-Identifier: MIT */
/* Runs interpreter and translator side by side. Two machines with the same
 * program take the same random actions: run, step, stop at breakpoints, traps
 * and walks, go through a walk level by level, change timing, load each other's
 * save. After each action both must be in the same state. Each runs in one go,
 * in pieces or with an observer. A bare program has stops at watched memory,
 * none at walks; now and then one machine goes back in time and returns. Each
 * is at times observed as by `catch stale if 0` and `catch freed if 0`. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "history/past.h"
#include "machine/parts.h"
#include "run.h"

enum { INTERP, JIT };

/* Hears of stale uses, stops at some, and changes nothing. */
struct onlooker {
    struct stale_observer to;
    struct stale_permitted permitted;
    struct engine *engine;
    u64 rng;
    bool may_stop; /* the run in progress goes on after a stop */
};

struct pair {
    struct machine *m[2];
    struct config config[2];
    char isa[ISA_TEXT];
    u64 rng;
    const struct program *p;
    bool timed; /* the program begins in cycle timing */
    unsigned loads;
    enum machine_stop stop[2];
    struct onlooker onlooker[2];
    char elf[40];
    /* a moment of the past, and the whole state then */
    struct {
        struct moment at;
        u64 digest;
    } noted[2];
    bool is_noted;
};

static unsigned under(struct pair *d, unsigned n)
{
    return (unsigned)((rand_step(&d->rng) >> 32) % n);
}

/* ---- the two machines ---- */

/* Chooses core, TLBs, ASIDs and heat (a block's entries before translation). */
static void choose_machine(struct pair *d, struct config *c)
{
    static const char *const cpu[] = {"u54", "u54", "rocket", "u74", "ideal"};
    static const u32 tlb[] = {0, 0, 0, 4, 16};
    static const u64 hz[] = {0, 0, 100000000, 20000000};

    c->cpu = cpu[under(d, ARRAY_LEN(cpu))];
    c->tlb_entries = tlb[under(d, ARRAY_LEN(tlb))];
    c->tlb2_given = c->tlb_entries && under(d, 2);
    c->tlb2_entries = 4 * c->tlb_entries;
    c->asid = under(d, 8) != 0;
    c->clock_hz = d->p->bare ? hz[under(d, ARRAY_LEN(hz))] : 0;
    c->heat = (u8)(under(d, 3) ? 1 : 1 + under(d, 4));
    c->drives[0].memory_bytes = 1 << 20;
    c->ndrives = 1;
    c->disk_model = "nvme"; /* its requests end soon */
}

static void pair_start(struct pair *d, const u8 *image, const struct setting *s)
{
    static const struct host_io io = {0};
    struct config *c = d->config;

    isa_text(s->ours, d->isa);
    config_defaults(&c[INTERP]);
    c[INTERP].elf =
        d->p->bare ? elf_file(d->elf, image, BARE_BYTES) : small_elf();
    c[INTERP].isa = d->isa;
    c[INTERP].ram_bytes = d->p->bare ? 1 << 20 : RAM_SIZE;
    c[INTERP].timing = d->timed ? TIMING_CYCLE : TIMING_FAST;
    c[INTERP].hw_ad = s->hw_ad;
    choose_machine(d, &c[INTERP]);
    c[JIT] = c[INTERP];
    c[INTERP].interpreted = true;
    for (unsigned i = 0; i < 2; i++) {
        d->m[i] = machine_new(&c[i], &io);
        if (!d->p->bare) {
            memcpy(d->m[i]->ram, image, IMAGE_BYTES);
            engine_ram_written(d->m[i]->engine, MONITOR_PA, IMAGE_BYTES);
        }
        history_begin(d->m[i]->past, 64 << 20);
        d->m[i]->past->interval = 20000;
    }
}

static void pair_end(struct pair *d)
{
    machine_free(d->m[INTERP]);
    machine_free(d->m[JIT]);
}

/* ---- comparing ---- */

static bool values_differ(struct pair *d, struct difference *f,
                          const char *what, u64 interp, u64 jit)
{
    if (interp == jit)
        return false;
    *f = (struct difference){.found = true, .ours = jit, .theirs = interp};
    snprintf(f->what, sizeof f->what, "%s", what);
    snprintf(f->text, sizeof f->text,
             "%s%s timing, %s, at cycle %llu, pc %llx (the interpreter's)",
             d->p->bare ? "the bare program, " : "",
             d->timed ? "cycle" : "fast", d->config[JIT].cpu,
             (unsigned long long)d->m[INTERP]->hart.cycle,
             (unsigned long long)d->m[INTERP]->hart.pc);
    return true;
}

static u64 digest(struct machine *m, unsigned part)
{
    struct state *s = state_hasher();
    char hex[33];
    u64 v;

    if (part == 0)
        hart_state(&m->hart, s);
    else if (part == 1)
        engine_state(m->engine, s);
    else if (part == 2)
        mmu_state(&m->mmu, s);
    else if (part == 3)
        memtime_state(&m->mem, s);
    else
        machine_state(m, s);
    state_hash_finish(s, hex);
    hex[16] = 0;
    v = strtoull(hex, NULL, 16);
    return v;
}

/* True if the states differ; all: TLBs, caches, devices and RAM count, too. */
static bool states_differ(struct pair *d, bool all, struct difference *f)
{
    static const char *const part[] = {
        "CSRs and the like", "pipeline, predictor, counts", "TLBs and walker",
        "caches and DRAM", "devices"};
    const struct hart *a = &d->m[INTERP]->hart, *b = &d->m[JIT]->hart;
    const u8 *ram = d->m[INTERP]->ram, *other = d->m[JIT]->ram;
    char name[20];

    if (values_differ(d, f, "reason to stop", d->stop[INTERP], d->stop[JIT]) ||
        values_differ(d, f, "pc", a->pc, b->pc) ||
        values_differ(d, f, "instructions", a->instret, b->instret) ||
        values_differ(d, f, "cycle", a->cycle, b->cycle))
        return true;
    for (unsigned i = 0; i < 64; i++) {
        snprintf(name, sizeof name, "%c%u", i < 32 ? 'x' : 'f', i & 31);
        if (values_differ(d, f, name, *(i < 32 ? &a->x[i] : &a->f[i - 32]),
                          *(i < 32 ? &b->x[i] : &b->f[i - 32])))
            return true;
    }
    for (unsigned i = 0; i < 2; i++)
        if (values_differ(d, f, "lines that hold code or followed PTEs", true,
                          engine_lines_agree(d->m[i]->engine)))
            return true;
    if (all && memcmp(ram, other, d->config[JIT].ram_bytes)) {
        u64 at = 0;
        while (!memcmp(ram + at, other + at, 8))
            at += 8;
        snprintf(name, sizeof name, "RAM at %llx", (unsigned long long)at);
        return values_differ(d, f, name, get_le(ram + at, 8),
                             get_le(other + at, 8));
    }
    for (unsigned i = 0; i < (all ? ARRAY_LEN(part) : 2); i++)
        if (values_differ(d, f, part[i], digest(d->m[INTERP], i),
                          digest(d->m[JIT], i)))
            return true;
    return false;
}

/* ---- observers ---- */

static void hear_of_use(void *opaque, UNUSED const struct stale_use *u)
{
    struct onlooker *o = opaque;

    if (o->may_stop && rand_step(&o->rng) >> 62)
        engine_stop_stale(o->engine);
}

static bool any_is_freed(void *opaque, UNUSED u64 pa)
{
    struct onlooker *o = opaque;

    return !(rand_step(&o->rng) >> 62);
}

/* Lets one machine be observed from now on, or no longer. */
static void onlooker_changes(struct pair *d)
{
    unsigned i = under(d, 2), what = under(d, 3);
    struct onlooker *o = &d->onlooker[i];

    o->engine = d->m[i]->engine;
    o->rng = rand_step(&d->rng);
    o->to = (struct stale_observer){o, hear_of_use, any_is_freed, &o->permitted,
                                    what == 2};
    engine_follow_translations(o->engine, what ? &o->to : NULL);
    for (u64 pa = d->m[i]->ram_bytes; what == 2 && pa; pa -= PAGE_BYTES)
        if (!under(d, 8))
            stale_frame_freed(&d->m[i]->mmu, RAM_BASE + pa - PAGE_BYTES);
}

/* Runs to a cycle; a stale use is no reason to stop. */
static enum machine_stop run_on(struct pair *d, struct machine *m, u64 to)
{
    struct onlooker *o = &d->onlooker[m == d->m[JIT]];
    enum machine_stop why;

    o->may_stop = true;
    while ((why = machine_run(m, to)) == MS_STALE)
        continue;
    o->may_stop = false;
    return why;
}

/* ---- actions ---- */

static void hear(UNUSED void *opaque, UNUSED const struct engine_commit *c)
{
}

/* Runs to a cycle: in one go, in pieces, or with an observer of each
 * instruction. The result must be the same. */
static enum machine_stop run_in_a_manner(struct pair *d, struct machine *m,
                                         u64 to)
{
    enum machine_stop why = MS_DEADLINE;
    unsigned longest = 1 + under(d, 400);

    switch (under(d, d->p->bare ? 4 : 40)) {
    case 0:
        engine_on_commit(m->engine, hear, NULL);
        why = run_on(d, m, to);
        engine_on_commit(m->engine, NULL, NULL);
        return why;
    case 1:
        while (why == MS_DEADLINE && m->hart.cycle < to) {
            u64 part = m->hart.cycle + 1 + under(d, longest);
            why = run_on(d, m, part < to ? part : to);
        }
        return why;
    default:
        return run_on(d, m, to);
    }
}

static void both_run(struct pair *d, u64 cycles)
{
    for (unsigned i = 0; i < 2; i++)
        d->stop[i] = run_in_a_manner(d, d->m[i], d->m[i]->hart.cycle + cycles);
}

static void both_step(struct pair *d, u64 n)
{
    for (unsigned i = 0; i < 2; i++)
        d->stop[i] = machine_step(d->m[i], n);
}

/* Returns an address in a block of the program, as its privilege sees it. */
static u64 code_address(struct pair *d)
{
    const struct program *p = d->p;

    if (p->bare)
        return MONITOR_PA + (under(d, BARE_BYTES / 4) & ~1u);
    const struct block *b = &p->block[under(d, p->nblocks)];
    if (b->dropped || b->end == b->at)
        return S_PA;
    u64 pa = b->at + (under(d, (unsigned)(b->end - b->at)) & ~1u);
    return b->priv == PRV_U && b->space != SPACE_BARE
               ? pa - BLOCKS_PA + UCODE_VA
               : pa;
}

static void to_breakpoints(struct pair *d)
{
    u64 at[4];
    unsigned n = 1 + under(d, ARRAY_LEN(at));

    for (unsigned i = 0; i < n; i++)
        at[i] = code_address(d);
    for (unsigned i = 0; i < 2; i++)
        engine_breakpoints(d->m[i]->engine, at, n);
    both_run(d, 20000);
    if (under(d, 2)) /* continue from there, past the stop */
        both_run(d, 20000);
    for (unsigned i = 0; i < 2; i++)
        engine_breakpoints(d->m[i]->engine, NULL, 0);
}

static void to_trap(struct pair *d)
{
    for (unsigned i = 0; i < 2; i++)
        engine_catch_traps(d->m[i]->engine, true);
    both_run(d, 20000);
    for (unsigned i = 0; i < 2; i++)
        engine_catch_traps(d->m[i]->engine, false);
}

/* Stops before a walk, then takes some of its steps. */
static void to_walk(struct pair *d)
{
    unsigned steps = under(d, 5);

    if (d->p->bare) /* the log of the past has no steps of a walk */
        return;
    for (unsigned i = 0; i < 2; i++) {
        struct mmu *u = &d->m[i]->mmu;
        u->catch_walk = true;
        d->stop[i] = machine_run(d->m[i], d->m[i]->hart.cycle + 20000);
        u->catch_walk = false;
        for (unsigned k = 0; k < steps && (u->walk.phase == WALK_ARMED ||
                                           u->walk.phase == WALK_RUNNING);
             k++)
            machine_step_walk(d->m[i]);
    }
}

static void other_timing(struct pair *d)
{
    bool timed = !engine_timed(d->m[INTERP]->engine);

    d->is_noted = false; /* a moment noted just now gets another state */
    for (unsigned i = 0; i < 2; i++)
        machine_set_timing(d->m[i], timed ? TIMING_CYCLE : TIMING_FAST);
}

/* Stops after a write to the finisher, before the reset that it asks for, or
 * after any write to memory that the walker or the disk writes. */
static void to_watched(struct pair *d)
{
    const struct program *p = d->p;
    bool memory = p->nspots && under(d, 2);
    struct engine_watch w = {.len = 8, .on_write = true};
    void (*watch)(struct engine *, const struct engine_watch *, size_t) =
        memory ? engine_watch_memory : engine_watchpoints;

    w.va = memory ? p->spot[under(d, p->nspots)] & ~7ull : FINISHER;
    for (unsigned i = 0; i < 2; i++)
        watch(d->m[i]->engine, &w, 1);
    both_run(d, 10000);
    for (unsigned i = 0; i < 2; i++)
        watch(d->m[i]->engine, NULL, 0);
}

/* Lets one machine go back to the noted moment, and return to the present. */
static void there_and_back(struct pair *d, struct difference *f)
{
    unsigned i = under(d, 2);
    struct machine *m = d->m[i];
    u64 now = digest(m, 5);

    if (!d->is_noted)
        return;
    if (values_differ(d, f, "the way back in time", HISTORY_THERE,
                      history_goto(m->past, d->noted[i].at)) ||
        values_differ(d, f, "state, back in time", d->noted[i].digest,
                      digest(m, 5)) ||
        values_differ(d, f, "the way to the present", HISTORY_THERE,
                      history_goto(m->past, history_present(m->past))))
        return;
    values_differ(d, f, "state, back in the present", now, digest(m, 5));
}

static void note(struct pair *d)
{
    for (unsigned i = 0; i < 2; i++) {
        d->noted[i].at = history_now(d->m[i]->past);
        d->noted[i].digest = digest(d->m[i], 5);
    }
    d->is_noted = true;
}

/* Lets each machine load the other's save and continue from it. */
static void exchange(struct pair *d)
{
    char path[2][40], why[200];
    int fd[2];

    if (d->loads++ == (d->p->bare ? 20 : 2))
        return;
    d->is_noted = false;
    for (unsigned i = 0; i < 2; i++) {
        fd[i] = memfd_create("save", 0);
        snprintf(path[i], sizeof path[i], "/proc/self/fd/%d", fd[i]);
        if (fd[i] < 0 || !machine_save(d->m[i], path[i], why, sizeof why))
            die("difftest", "cannot save: %s", why);
    }
    for (unsigned i = 0; i < 2; i++)
        if (!machine_load(d->m[i], path[!i], why, sizeof why))
            die("difftest", "cannot load what has just been saved: %s", why);
    close(fd[0]);
    close(fd[1]);
}

/* Takes one action. A run lasts equally many cycles in both timings, although
 * an instruction takes one in fast timing and several in cycle timing. */
static void act(struct pair *d, struct difference *f)
{
    if (d->p->bare && !under(d, 8)) { /* then may go back in time at once */
        to_watched(d);
        if (under(d, 2))
            there_and_back(d, f);
        return;
    }
    if (!under(d, 16))
        onlooker_changes(d);
    switch (under(d, d->p->bare ? 68 : 64)) {
    case 0 ... 7:
        both_run(d, 1 + under(d, 60));
        break;
    case 8 ... 23:
        both_run(d, 1 + under(d, 2000));
        break;
    case 24 ... 39:
        both_run(d, 1 + under(d, d->p->bare ? 4000 : 40000));
        break;
    case 40 ... 44:
        both_step(d, 1 + under(d, 40));
        break;
    case 45 ... 51:
        to_breakpoints(d);
        break;
    case 52 ... 55:
        to_trap(d);
        break;
    case 56 ... 61:
        to_walk(d);
        break;
    case 62:
        other_timing(d);
        break;
    case 63:
        exchange(d);
        break;
    case 64:
        note(d);
        break;
    default:
        there_and_back(d, f);
    }
}

u64 run_engines(const u8 *image, const struct program *p, bool timed,
                const struct setting *s, u64 limit, struct difference *f,
                u64 *translated)
{
    struct pair d = {.rng = (p->seed + 1) * 0x9e3779b97f4a7c15 + timed,
                     .p = p,
                     .timed = timed};
    u64 n;

    *f = (struct difference){0};
    if (p->bare) /* a bare program does not end */
        limit = 60000;
    pair_start(&d, image, s);
    struct hart *h = &d.m[INTERP]->hart;
    do {
        act(&d, f);
        bool off = d.stop[INTERP] == MS_OFF || d.stop[JIT] == MS_OFF;
        if (f->found || states_differ(&d, off || !under(&d, 8), f) || off)
            break;
    } while (h->instret + engine_traps(d.m[INTERP]->engine) < limit &&
             h->cycle < 20 * limit);
    *translated += engine_host_stats(d.m[JIT]->engine).translated;
    n = f->found || p->bare || d.stop[INTERP] == MS_OFF ? h->instret : 0;
    pair_end(&d);
    return n;
}
