/* SPDX-License-Identifier: MIT */
/* The interpreter and the translator side by side: two machines with the same
 * program take the same random actions - run, step, stop at breakpoints, traps
 * and walks, go through a walk level by level, change timing, load each other's
 * save - and after each action both must be in the same state. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "machine_parts.h"
#include "run.h"

enum { INTERP, JIT };

struct pair {
    struct machine *m[2];
    struct config config[2];
    char isa[ISA_TEXT];
    u64 rng;
    const struct program *p;
    bool timed; /* the program begins in cycle timing */
    unsigned loads;
    enum machine_stop stop[2];
};

static unsigned under(struct pair *d, unsigned n)
{
    return (unsigned)((rand_step(&d->rng) >> 32) % n);
}

/* ---- the two machines ---- */

/* Chooses core, TLBs, ASIDs, and the entries after which a block is translated.
 */
static void choose_machine(struct pair *d, struct config *c)
{
    static const char *const cpu[] = {"u54", "u54", "rocket", "u74", "ideal"};
    static const u32 tlb[] = {0, 0, 0, 4, 16};

    c->cpu = cpu[under(d, ARRAY_LEN(cpu))];
    c->tlb_entries = tlb[under(d, ARRAY_LEN(tlb))];
    c->tlb2_given = c->tlb_entries && under(d, 2);
    c->tlb2_entries = 4 * c->tlb_entries;
    c->asid = under(d, 8) != 0;
    c->heat = (u8)(under(d, 3) ? 1 : 1 + under(d, 4));
}

static void pair_start(struct pair *d, const u8 *image, const struct setting *s)
{
    static const struct host_io io = {0};
    struct config *c = d->config;

    isa_text(s->ours, d->isa);
    config_defaults(&c[INTERP]);
    c[INTERP].elf = small_elf();
    c[INTERP].isa = d->isa;
    c[INTERP].ram_bytes = RAM_SIZE;
    c[INTERP].timing = d->timed ? TIMING_CYCLE : TIMING_FAST;
    c[INTERP].hw_ad = s->hw_ad;
    choose_machine(d, &c[INTERP]);
    c[JIT] = c[INTERP];
    c[INTERP].interpreted = true;
    for (unsigned i = 0; i < 2; i++) {
        d->m[i] = machine_new(&c[i], &io);
        memcpy(d->m[i]->ram, image, IMAGE_BYTES);
        engine_ram_written(d->m[i]->engine, MONITOR_PA, IMAGE_BYTES);
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
    *f = (struct difference){.found = true,
                             .ours = jit,
                             .theirs = interp,
                             .epc = d->m[INTERP]->hart.pc};
    snprintf(f->what, sizeof f->what, "%s", what);
    snprintf(f->text, sizeof f->text,
             "%s timing, %s, at cycle %llu, pc %llx (the interpreter's)",
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

/* Compares the two states; all: caches, devices and RAM, too. */
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
    if (all && memcmp(ram, other, RAM_SIZE)) {
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

/* ---- actions ---- */

static void both_run(struct pair *d, u64 cycles)
{
    for (unsigned i = 0; i < 2; i++)
        d->stop[i] = machine_run(d->m[i], d->m[i]->hart.cycle + cycles);
}

static void both_step(struct pair *d, u64 n)
{
    for (unsigned i = 0; i < 2; i++)
        d->stop[i] = machine_step(d->m[i], n);
}

/* An address in a block of the program; if U runs it, as U sees it. */
static u64 code_address(struct pair *d)
{
    const struct program *p = d->p;
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

    for (unsigned i = 0; i < 2; i++)
        machine_set_timing(d->m[i], timed ? TIMING_CYCLE : TIMING_FAST);
}

/* Each machine loads the other's save and continues from it. */
static void exchange(struct pair *d)
{
    char path[2][40], why[200];
    int fd[2];

    if (d->loads++ == 2)
        return;
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

/* Takes one action. Runs are as many cycles long: in fast timing an instruction
 * takes one, in cycle timing several. */
static void act(struct pair *d)
{
    switch (under(d, 64)) {
    case 0 ... 7:
        both_run(d, 1 + under(d, 60));
        break;
    case 8 ... 23:
        both_run(d, 1 + under(d, 2000));
        break;
    case 24 ... 39:
        both_run(d, 1 + under(d, 40000));
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
    default:
        exchange(d);
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
    pair_start(&d, image, s);
    struct hart *h = &d.m[INTERP]->hart;
    do {
        act(&d);
        bool off = d.stop[INTERP] == MS_OFF || d.stop[JIT] == MS_OFF;
        if (states_differ(&d, off || !under(&d, 8), f) || off)
            break;
    } while (h->instret < limit && h->cycle < 20 * limit);
    *translated += engine_host_stats(d.m[JIT]->engine).translated;
    n = f->found || d.stop[INTERP] == MS_OFF ? h->instret : 0;
    pair_end(&d);
    return n;
}
