/* SPDX-License-Identifier: MIT */
/* Keeps breakpoints, watchpoints and catches in one numbered list, as in gdb;
 * gives them to the engine before the machine runs, and finds the one that
 * caused a stop. */
#include "inspect/parts.h"
#include "inspect/stale.h"
#include "inspect/walk.h"
#include "inspect/words.h"
#include "monitor/run/run.h"

/* Gives the engine breakpoints only when they have changed, because it throws
 * its decoded blocks away for each new set. */
static void give_engine(struct session *s, const u64 *va, size_t nva,
                        const struct engine_watch *watch, size_t nwatch,
                        const struct engine_watch *memory, size_t nmemory)
{
    struct armed *a = &s->run.armed;
    if (nva != a->nva || memcmp(va, a->va, nva * sizeof *va)) {
        engine_breakpoints(s->m->engine, va, nva);
        memcpy(a->va, va, nva * sizeof *va);
        a->nva = nva;
    }
    if (nwatch || a->nwatch)
        engine_watchpoints(s->m->engine, watch, nwatch);
    if (nmemory || a->nmemory)
        engine_watch_memory(s->m->engine, memory, nmemory);
    a->nwatch = nwatch;
    a->nmemory = nmemory;
}

void stoppers_arm(struct session *s)
{
    u64 va[ARMED_MOST], wanted = session_events(s);
    u64 reasons = picture_reasons(&s->show) | wanted;
    struct engine_watch watch[STOPPERS + DEBUGGER_STOPS], memory[STOPPERS];
    size_t nva = 0, nwatch = 0, nmemory = 0;
    bool walk = false, sins = false, windows = false;
    for (unsigned i = 0; i < CONTEXTS; i++)
        walk |= s->run.goals[i].step_walk;
    bool trap = wanted && !inspect_has_events(s->m);
    for (unsigned i = 0; i < STOPPERS; i++) {
        const struct stopper *b = &s->run.stoppers[i];
        if (!b->number)
            continue;
        for (unsigned k = 0; k < b->nat && nva < BREAKS_MOST; k++)
            va[nva++] = b->at[k];
        if (b->kind == BY_BREAK)
            ;
        else if (b->kind == BY_WATCH)
            *(b->physical ? &memory[nmemory++] : &watch[nwatch++]) =
                (struct engine_watch){.va = b->va,
                                      .len = b->len,
                                      .on_read = b->on_read,
                                      .on_write = b->on_write};
        reasons |= b->reasons;
        if (b->moves) /* the fault calls stoppers_follow */
            reasons |= inspect_reason_mask("fault");
        walk |= b->kind == BY_CATCH_WALK;
        sins |= b->kind == BY_CATCH_STALE && !b->freed;
        windows |= b->windows;
        trap |=
            b->kind == BY_CATCH_TRAP || (b->fault && !inspect_has_events(s->m));
    }
    if (s->debugged.port)
        s->debugged.port->arm(s->debugged.d, va, &nva, watch, &nwatch);
    give_engine(s, va, nva, watch, nwatch, memory, nmemory);
    engine_catch_traps(s->m->engine, trap);
    machine_catch_events(s->m, reasons);
    inspect_stale_catch(s->stale, sins, windows);
    s->m->mmu.catch_walk = walk;
}

void stoppers_disarm(struct session *s)
{
    if (s->run.armed.nwatch)
        engine_watchpoints(s->m->engine, NULL, 0);
    if (s->run.armed.nmemory)
        engine_watch_memory(s->m->engine, NULL, 0);
    s->run.armed.nwatch = s->run.armed.nmemory = 0;
    engine_catch_traps(s->m->engine, false);
    machine_catch_events(s->m, 0);
    inspect_stale_catch(s->stale, false, false);
    s->m->mmu.catch_walk = false;
}

enum stop_kind stop_of(const struct stopper *by)
{
    return !by                         ? STOP_DONE
           : by->kind == BY_BREAK      ? STOP_BREAK
           : by->kind == BY_WATCH      ? STOP_WATCH
           : by->kind == BY_CATCH_WALK ? STOP_WALK
                                       : STOP_CATCH;
}

void stopper_forget(struct stopper *b)
{
    if (!b->kept)
        expr_free(b->condition);
    memset(b, 0, sizeof *b);
}

void stoppers_keep(struct session *s, struct stopper kept[STOPPERS])
{
    memcpy(kept, s->run.stoppers, sizeof s->run.stoppers);
    for (unsigned i = 0; i < STOPPERS; i++)
        s->run.stoppers[i].kept = true;
}

void stoppers_back(struct session *s, const struct stopper kept[STOPPERS])
{
    stoppers_free(s);
    memcpy(s->run.stoppers, kept, sizeof s->run.stoppers);
}

void stoppers_free(struct session *s)
{
    for (unsigned i = 0; i < STOPPERS; i++)
        stopper_forget(&s->run.stoppers[i]);
}

bool stoppers_catch(const struct session *s)
{
    for (unsigned i = 0; i < STOPPERS; i++)
        if (s->run.stoppers[i].number && !s->run.stoppers[i].once &&
            s->run.stoppers[i].kind >= BY_CATCH_EVENT)
            return true;
    return false;
}

bool stopper_breaks_at(const struct stopper *b, u64 va)
{
    for (unsigned i = 0; i < b->nat; i++)
        if (b->at[i] == va)
            return true;
    return false;
}

bool breaks_at(const struct session *s, u64 va)
{
    for (unsigned i = 0; i < s->run.armed.nva; i++)
        if (s->run.armed.va[i] == va)
            return true;
    return false;
}

bool stoppers_at(struct session *s, u64 va)
{
    for (unsigned i = 0; i < STOPPERS; i++)
        if (s->run.stoppers[i].number &&
            stopper_breaks_at(&s->run.stoppers[i], va))
            return true;
    return false;
}

static bool condition_holds(struct session *s, const struct stopper *b)
{
    return !b->condition || run_condition(s, b->condition);
}

static u64 watched(struct session *s, const struct stopper *b)
{
    u64 v = 0;
    if (b->physical)
        inspect_read_pa(s->m, b->va, &v, b->len);
    else
        inspect_read_va(s->m, b->va, &v, b->len);
    return v;
}

void stoppers_note_values(void *session)
{
    struct session *s = session;
    for (unsigned i = 0; i < STOPPERS; i++)
        if (s->run.stoppers[i].number && s->run.stoppers[i].kind == BY_WATCH)
            s->run.stoppers[i].old = watched(s, &s->run.stoppers[i]);
}

/* True: the access that stopped the machine is of b's kind and touches b. */
static bool accessed(const struct stopper *b, struct engine_watched w)
{
    return (w.store ? b->on_write : b->on_read) &&
           (w.va - b->va < b->len || b->va - w.va < w.bytes);
}

/* As in gdb, a write of the same value is no hit of a write-only watchpoint. */
static bool watch_hit(struct session *s, struct stopper *b)
{
    u64 now = watched(s, b), old = b->old;
    b->old = now;
    if (b->on_read ? !b->physical && !accessed(b, engine_watched(s->m->engine))
                   : now == old)
        return false;
    if (now == old)
        snprintf(s->run.stop_text, sizeof s->run.stop_text, "%s is 0x%llx",
                 b->text, now);
    else
        snprintf(s->run.stop_text, sizeof s->run.stop_text,
                 "%s was 0x%llx, is 0x%llx", b->text, old, now);
    return true;
}

static bool trap_hit(struct session *s)
{
    struct ins_trap t = inspect_trap(s->m);
    if (t.interrupt)
        snprintf(s->run.stop_text, sizeof s->run.stop_text,
                 "interrupt %llu at 0x%llx", t.number, t.pc);
    else
        snprintf(s->run.stop_text, sizeof s->run.stop_text,
                 "trap: %s at 0x%llx, tval 0x%llx", t.name, t.pc, t.value);
    return true;
}

/* True: the trap is a page fault of a guest whose events are not seen. */
static bool fault_hit(struct session *s)
{
    return !inspect_has_events(s->m) && inspect_trap(s->m).page_fault &&
           trap_hit(s);
}

static bool stale_hit(struct session *s, const struct stopper *b)
{
    const struct ins_stale_use *u = inspect_stale_caught(s->stale);
    bool freed = u->use.kind == STALE_FREED;
    return freed == b->freed && (u->sin || b->windows);
}

static bool is_hit(struct session *s, struct stopper *b, enum machine_stop why)
{
    switch (b->kind) {
    case BY_BREAK:
        return why == MS_BREAKPOINT && stopper_breaks_at(b, s->m->hart.pc) &&
               stopper_in_program(s, b) && condition_holds(s, b);
    case BY_WATCH:
        return why == MS_WATCHPOINT && watch_hit(s, b);
    case BY_CATCH_WALK:
        return why == MS_WALK;
    case BY_CATCH_TRAP:
        return why == MS_TRAPPED && trap_hit(s);
    case BY_CATCH_STALE:
        return why == MS_STALE && stale_hit(s, b) && condition_holds(s, b);
    default:
        if (why == MS_TRAPPED)
            return b->fault && fault_hit(s);
        if (why != MS_EVENT)
            return false;
        unsigned reason = inspect_caught(s->m).reason;
        return reason < 64 && b->reasons >> reason & 1 && condition_holds(s, b);
    }
}

/* If the machine stands at an event that this goal's next-event wants, returns
 * s->run.once, a catch that is not in the list; else NULL. */
static struct stopper *next_event(struct session *s, enum context whose,
                                  enum machine_stop why)
{
    struct stopper b = {.kind = BY_CATCH_EVENT,
                        .once = true,
                        .fault = !inspect_has_events(s->m),
                        .of_panel = whose == IN_PANEL,
                        .reasons = s->run.goals[whose].events};
    snprintf(b.text, sizeof b.text, "next-event");
    if (!b.reasons || !is_hit(s, &b, why))
        return NULL;
    s->run.once = b;
    return &s->run.once;
}

/* first, last: the goals whose events count. */
static struct stopper *find(struct session *s, enum machine_stop why,
                            unsigned first, unsigned last)
{
    struct stopper *hit = NULL, remote;
    const struct debugged *d = &s->debugged;
    bool of_remote = d->port && d->port->judge(d->d, why, &remote);
    struct lens_record before = machine_caught(s->m);
    if (why == MS_EVENT) {
        machine_set_caught(s->m, machine_met(s->m)); /* for conditions */
        stoppers_follow(s);
    }
    for (unsigned i = STOPPERS; i--;) /* the first hit writes stop_text last */
        if (s->run.stoppers[i].number && is_hit(s, &s->run.stoppers[i], why))
            hit = &s->run.stoppers[i];
    if (of_remote) { /* the debugger's stop has precedence */
        s->run.once = remote;
        return &s->run.once;
    }
    for (unsigned i = first; i <= last && !hit; i++)
        hit = next_event(s, i, why);
    if (!hit) /* event.* stay those of the event caught last */
        machine_set_caught(s->m, before);
    return hit;
}

struct stopper *stoppers_find(struct session *s, enum machine_stop why)
{
    return find(s, why, 0, CONTEXTS - 1);
}

bool stoppers_hit(void *session, enum machine_stop why)
{
    struct session *s = session;
    struct stopper *by = find(s, why, s->run.seeks, s->run.seeks);
    if (by)
        s->run.stopper = by;
    return by;
}

void stoppers_reached(struct session *s)
{
    struct stopper *by = s->run.stopper ? &s->run.stoppers[0] : NULL;
    while (by && by < s->run.stoppers + STOPPERS && by != s->run.stopper)
        by++;
    if (by && by < s->run.stoppers + STOPPERS)
        by->hits++;
    s->run.stopped = stop_of(s->run.stopper);
}

struct stopper *stoppers_judge(struct session *s, enum machine_stop why)
{
    struct stopper *hit = stoppers_find(s, why);
    if (hit == &s->run.once && why == MS_EVENT)
        publish_note_example(&s->show, inspect_caught(s->m).reason);
    if (hit && hit != &s->run.once && hit->once) { /* reported from a copy */
        s->run.once = *hit;
        s->run.once.condition = NULL;
        stopper_forget(hit);
        hit = &s->run.once;
    }
    return hit;
}
