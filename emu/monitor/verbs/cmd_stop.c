/* SPDX-License-Identifier: MIT */
/* Breakpoints, watchpoints, catches: one numbered list, as in gdb. */
#include "monitor/session/step.h"

#include <stdlib.h>

/* The engine throws its decoded blocks away for each new set: only when it is
 * new. */
static void give_engine(struct session *s, const u64 *va, size_t nva,
                        const struct engine_watch *watch, size_t nwatch,
                        const struct engine_watch *memory, size_t nmemory)
{
    struct armed *a = &s->armed;
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

bool lens_open(const struct session *s)
{
    const struct lens_view *v = machine_lens(s->m);
    return v && v->open;
}

bool has_events(const struct session *s)
{
    return lens_open(s) || inspect_probed(s->m);
}

bool without_events(struct session *s)
{
    if (has_events(s) || !inspect_told(s->m))
        return false;
    if (!s->json)
        say(s, "  how it came about is not known: this kernel tells of no "
               "events\n");
    return true;
}

void stoppers_arm(struct session *s)
{
    u64 va[ARMED_MOST], reasons = picture_reasons(s) | s->goal.events;
    struct engine_watch watch[STOPPERS + REMOTE_STOPS], memory[STOPPERS];
    size_t nva = 0, nwatch = 0, nmemory = 0;
    bool walk = s->goal.step_walk, trap = s->goal.events && !has_events(s);
    for (unsigned i = 0; i < STOPPERS; i++) {
        const struct stopper *b = &s->stoppers[i];
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
        if (b->moves) /* stoppers_follow */
            reasons |= inspect_reason_mask("fault");
        walk |= b->kind == BY_CATCH_WALK;
        trap |= b->kind == BY_CATCH_TRAP || (b->fault && !has_events(s));
    }
    for (unsigned i = 0;
         s->goal.stepping && s->stepper->running && i < s->stepper->nplaces;
         i++)
        va[nva++] = s->stepper->place[i].va;
    remote_arm(s, va, &nva, watch, &nwatch);
    give_engine(s, va, nva, watch, nwatch, memory, nmemory);
    engine_catch_traps(s->m->engine, trap);
    machine_catch_events(s->m, reasons);
    s->m->mmu.catch_walk = walk;
}

void stoppers_rest(struct session *s)
{
    if (s->armed.nwatch)
        engine_watchpoints(s->m->engine, NULL, 0);
    if (s->armed.nmemory)
        engine_watch_memory(s->m->engine, NULL, 0);
    s->armed.nwatch = s->armed.nmemory = 0;
    engine_catch_traps(s->m->engine, false);
    machine_catch_events(s->m, 0);
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

static void forget(struct stopper *b)
{
    if (!b->kept)
        expr_free(b->condition);
    memset(b, 0, sizeof *b);
}

void stoppers_keep(struct session *s, struct stopper kept[STOPPERS])
{
    memcpy(kept, s->stoppers, sizeof s->stoppers);
    for (unsigned i = 0; i < STOPPERS; i++)
        s->stoppers[i].kept = true;
}

void stoppers_back(struct session *s, const struct stopper kept[STOPPERS])
{
    stoppers_free(s);
    memcpy(s->stoppers, kept, sizeof s->stoppers);
}

void stoppers_free(struct session *s)
{
    for (unsigned i = 0; i < STOPPERS; i++)
        forget(&s->stoppers[i]);
}

u64 stoppers_reasons(const struct session *s)
{
    u64 reasons = 0;
    for (unsigned i = 0; i < STOPPERS; i++)
        if (s->stoppers[i].number && !s->stoppers[i].once)
            reasons |= s->stoppers[i].reasons;
    return reasons;
}

bool stopper_breaks_at(const struct stopper *b, u64 va)
{
    for (unsigned i = 0; i < b->nat; i++)
        if (b->at[i] == va)
            return true;
    return false;
}

bool stoppers_at(struct session *s, u64 va)
{
    for (unsigned i = 0; i < STOPPERS; i++)
        if (s->stoppers[i].number && stopper_breaks_at(&s->stoppers[i], va))
            return true;
    return false;
}

/* ---- why it stopped ----------------------------------------------------- */

static bool condition_holds(struct session *s, const struct stopper *b)
{
    u64 v;
    return !b->condition || !evaluate(s, b->condition, &v) || v;
}

static u64 watched(struct session *s, const struct stopper *b)
{
    u64 v = 0;
    if (b->physical)
        machine_peek(s->m, b->va, &v, b->len);
    else
        inspect_read_va(s->m, b->va, &v, b->len);
    return v;
}

void stoppers_look(struct session *s)
{
    for (unsigned i = 0; i < STOPPERS; i++)
        if (s->stoppers[i].number && s->stoppers[i].kind == BY_WATCH)
            s->stoppers[i].old = watched(s, &s->stoppers[i]);
}

/* A write that changes nothing does not count, as in gdb. */
static bool watch_hit(struct session *s, struct stopper *b)
{
    u64 now = watched(s, b), old = b->old;
    b->old = now;
    if (now == old && !b->on_read)
        return false;
    if (now == old)
        snprintf(s->stop_text, sizeof s->stop_text, "%s is 0x%llx", b->text,
                 (unsigned long long)now);
    else
        snprintf(s->stop_text, sizeof s->stop_text, "%s was 0x%llx, is 0x%llx",
                 b->text, (unsigned long long)old, (unsigned long long)now);
    return true;
}

static bool trap_hit(struct session *s)
{
    const struct hart *h = &s->m->hart;
    u64 cause = h->priv == PRV_M ? h->mcause : h->scause;
    u64 tval = h->priv == PRV_M ? h->mtval : h->stval;
    u64 epc = h->priv == PRV_M ? h->mepc : h->sepc;
    if (cause & CAUSE_INTERRUPT)
        snprintf(s->stop_text, sizeof s->stop_text, "interrupt %llu at 0x%llx",
                 (unsigned long long)(cause & ~CAUSE_INTERRUPT),
                 (unsigned long long)epc);
    else
        snprintf(s->stop_text, sizeof s->stop_text,
                 "trap: %s at 0x%llx, tval 0x%llx",
                 cause < 16 && hart_cause_name[cause] ? hart_cause_name[cause]
                                                      : "?",
                 (unsigned long long)epc, (unsigned long long)tval);
    return true;
}

/* The trap just taken is a page fault, of a guest that does not tell. */
static bool fault_hit(struct session *s)
{
    const struct hart *h = &s->m->hart;
    u64 cause = h->priv == PRV_M ? h->mcause : h->scause;
    return !has_events(s) &&
           (cause == CAUSE_FETCH_PAGE || cause == CAUSE_LOAD_PAGE ||
            cause == CAUSE_STORE_PAGE) &&
           trap_hit(s);
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
    default:
        if (why == MS_TRAPPED)
            return b->fault && fault_hit(s);
        if (why != MS_EVENT)
            return false;
        struct lens_record r = machine_caught(s->m);
        unsigned reason = inspect_event_of(&r).reason;
        return reason < 64 && b->reasons >> reason & 1 && condition_holds(s, b);
    }
}

/* next-event is there: told as a catch would, but nobody has set one. */
static struct stopper *next_event(struct session *s, enum machine_stop why)
{
    struct stopper b = {.kind = BY_CATCH_EVENT,
                        .once = true,
                        .fault = !has_events(s),
                        .reasons = s->goal.events};
    snprintf(b.text, sizeof b.text, "next-event");
    if (!b.reasons || !is_hit(s, &b, why))
        return NULL;
    s->once = b;
    return &s->once;
}

struct stopper *stoppers_find(struct session *s, enum machine_stop why)
{
    struct stopper *hit = NULL, remote;
    bool of_remote = remote_judge(s, why, &remote);
    if (why == MS_EVENT)
        stoppers_follow(s);
    for (unsigned i = 0; i < STOPPERS; i++)
        if (s->stoppers[i].number && is_hit(s, &s->stoppers[i], why) && !hit)
            hit = &s->stoppers[i];
    if (of_remote) { /* it speaks for others at the same place */
        s->once = remote;
        return &s->once;
    }
    return hit ? hit : next_event(s, why);
}

void stoppers_stand(struct session *s)
{
    struct stopper *by = s->stopper ? &s->stoppers[0] : NULL;
    while (by && by < s->stoppers + STOPPERS && by != s->stopper)
        by++;
    if (by && by < s->stoppers + STOPPERS)
        by->hits++;
    s->stopped = stop_of(s->stopper);
}

struct stopper *stoppers_judge(struct session *s, enum machine_stop why)
{
    struct stopper *hit = stoppers_find(s, why);
    if (hit == &s->once && why == MS_EVENT) {
        struct lens_record r = machine_caught(s->m);
        publish_told(s, inspect_event_of(&r).reason);
    }
    if (hit && hit != &s->once && hit->once) { /* reported from a copy */
        s->once = *hit;
        s->once.condition = NULL;
        forget(hit);
        hit = &s->once;
    }
    return hit;
}

/* ---- verbs
 * ---------------------------------------------------------------------------------
 */

static struct stopper *add(struct session *s, const struct stopper *like)
{
    unsigned places = like->nat;
    for (unsigned i = 0; i < STOPPERS; i++)
        places += s->stoppers[i].nat;
    if (places > BREAKS_MOST) {
        fail(s, CMD_BAD, "breakpoints at %u places are enough", BREAKS_MOST);
        return NULL;
    }
    for (unsigned i = 0; i < STOPPERS; i++) {
        if (s->stoppers[i].number)
            continue;
        s->stoppers[i] = *like;
        s->stoppers[i].number = s->next_number++;
        s->stoppers[i].of_panel = s->context == IN_PANEL;
        if (s->running)
            stoppers_arm(s);
        return &s->stoppers[i];
    }
    fail(s, CMD_BAD, "%u breakpoints are enough", STOPPERS);
    return NULL;
}

static enum command_status added(struct session *s, const struct stopper *b,
                                 const char *what)
{
    if (!b)
        return CMD_BAD;
    if (s->json) {
        struct json j = {0};
        json_open(&j, NULL, '{');
        json_u64(&j, "number", b->number);
        json_str(&j, "kind", what);
        json_str(&j, "what", b->text);
        json_close(&j, '}');
        say_json(s, &j);
    } else if (!stops_silently(s)) {
        say(s, "%s %u: %s\n", what, b->number, b->text);
    }
    return CMD_OK;
}

/* The rest of the line, if there is one: "if EXPR". */
static bool take_condition(struct session *s, const char *args,
                           struct stopper *b)
{
    if (!args_more(&args))
        return true;
    char of_process[80];
    u64 pid;
    if (b->kind == BY_CATCH_EVENT && !strncmp(args, "pid ", 4)) {
        if (!args_pid(s, &args, &pid) || !args_end(s, args))
            return false;
        snprintf(of_process, sizeof of_process,
                 "if event.pid == %u || event.owner == %u", (u32)pid, (u32)pid);
        args = of_process;
        size_t at = strlen(b->text);
        snprintf(b->text + at, sizeof b->text - at, " by or of pid %u",
                 (u32)pid);
    }
    if (strncmp(args, "if ", 3)) {
        fail(s, CMD_BAD, "unexpected '%.40s'", args);
        return false;
    }
    if (args != of_process) {
        size_t at = strlen(b->text);
        snprintf(b->text + at, sizeof b->text - at, " %s", args);
    }
    args += 3;
    b->condition = args_expr(s, &args);
    if (b->condition && args_end(s, args))
        return true;
    expr_free(b->condition);
    return false;
}

/* `break on page fault`: an event is no place in the program. */
static bool of_event(struct session *s, const char *args)
{
    static const char *const empty[] = {"on ", "at ", "a ", "when "};
    char event[40], word[40];
    u64 at;
    for (unsigned i = 0; i < ARRAY_LEN(empty); i++)
        if (!strncmp(args, empty[i], strlen(empty[i])))
            args += strlen(empty[i]);
    snprintf(word, sizeof word, "%.*s", (int)strcspn(args, " \t"), args);
    if (inspect_symbol(s->m, word, &at) ||
        !args_event(&args, event, sizeof event))
        return false;
    fail(s, CMD_BAD, "%s: %s: an event; did you mean catch %s?", s->verb->verb,
         event, event);
    return true;
}

static enum command_status add_break(struct session *s, const char *args,
                                     bool once)
{
    struct stopper b = {.kind = BY_BREAK, .once = once};
    struct location to;
    if (args_more(&args) && of_event(s, args))
        return CMD_BAD;
    if (!args_location(s, &args, &to))
        return CMD_BAD;
    b.va = to.va[0];
    b.nat = b.places = to.n;
    memcpy(b.at, to.va, sizeof b.at);
    b.program = to.code.user ? to.code.source : NULL;
    b.moves = to.code.user && to.code.moves;
    b.bias = to.code.bias;
    s->scope_va = b.va;
    s->scope_code = to.code;
    snprintf(b.text, sizeof b.text, "%s", to.text);
    bool whole = take_condition(s, args, &b);
    s->scope_va = 0;
    return whole ? added(s, add(s, &b), "breakpoint") : CMD_BAD;
}

enum command_status cmd_break(struct session *s, const char *args)
{
    return add_break(s, args, false);
}

enum command_status cmd_tbreak(struct session *s, const char *args)
{
    return add_break(s, args, true);
}

static enum command_status add_watch(struct session *s, const char *args,
                                     bool on_read, bool on_write)
{
    struct stopper b = {
        .kind = BY_WATCH, .on_read = on_read, .on_write = on_write};
    struct expr_place place;
    char err[200];
    args_more(&args);
    snprintf(b.text, sizeof b.text, "%.79s", args);
    struct expr *e = args_expr(s, &args);
    if (!e)
        return CMD_BAD;
    bool ok = expr_place(e, &s->env, &place, err, sizeof err);
    expr_free(e);
    if (!ok)
        return fail(s, CMD_BAD, "%s", err);
    if (!args_end(s, args))
        return CMD_BAD;
    b.va = place.addr;
    b.len = place.bytes;
    b.physical = place.physical;
    bool there = b.physical ? machine_peek(s->m, b.va, &b.old, b.len)
                            : inspect_read_va(s->m, b.va, &b.old, b.len);
    if (b.physical && !there)
        return fail(s, CMD_BAD, "%s: no RAM at pa:0x%llx", s->verb->verb,
                    (unsigned long long)b.va);
    enum command_status status = added(s, add(s, &b), "watchpoint");
    if (status == CMD_OK && !there && s->context == IN_PROMPT && !s->json)
        say(s, "(there is no memory at 0x%llx now; it reads as 0)\n",
            (unsigned long long)b.va);
    return status;
}

enum command_status cmd_watch(struct session *s, const char *args)
{
    return add_watch(s, args, false, true);
}

enum command_status cmd_rwatch(struct session *s, const char *args)
{
    return add_watch(s, args, true, false);
}

enum command_status cmd_awatch(struct session *s, const char *args)
{
    return add_watch(s, args, true, true);
}

void catch_words(void (*fn)(void *, const char *), void *opaque)
{
    fn(opaque, "walk");
    fn(opaque, "trap");
    for (unsigned i = 0; i < ins_nevent_groups; i++)
        fn(opaque, ins_event_groups[i].word);
    for (unsigned i = 1; i < R_COUNT; i++) {
        fn(opaque, ins_reasons[i].word);
        fn(opaque, ins_reasons[i].kind);
    }
}

enum command_status catch_unknown(struct session *s, const char *verb,
                                  const char *word)
{
    struct word_nearest near = {.typed = word};
    char text[80];
    if (!strcmp(word, "off"))
        return fail(s, CMD_BAD,
                    "%s: off: delete ends catches (delete fault; alone: all)",
                    verb);
    catch_words(nearest_offer, &near);
    return fail(s, CMD_BAD, "%s: %s: no event, kind or reason%s", verb, word,
                *near.best ? word_hint(&near, text, sizeof text)
                           : " (catch alone lists them)");
}

static void kind_list(struct session *s, struct json *j)
{
    for (unsigned i = 1; i < R_COUNT; i++) {
        const struct ins_reason_word *r = &ins_reasons[i];
        json_open(j, NULL, '{');
        json_str(j, "word", r->word);
        json_str(j, "kind", r->kind);
        json_str(j, "sentence", r->sentence);
        json_close(j, '}');
        if (!s->json)
            say(s, "  %-13s %-8s %s\n", r->word, r->kind, r->sentence);
    }
}

static enum command_status catch_list(struct session *s)
{
    struct json j = {0};
    if (!s->json) {
        say(s, "catch EVENT [if EXPR] stops at\n"
               "  walk                   the hart's next page walk "
               "(then step-walk)\n"
               "  trap                   any trap or interrupt\n");
        for (unsigned i = 0; i < ins_nevent_groups; i++)
            say(s, "  %-22s %s\n", ins_event_groups[i].word,
                ins_event_groups[i].sentence);
        say(s, "or at events by their reason, or all of a kind:\n"
               "  reason        kind\n");
    }
    json_open(&j, NULL, '[');
    kind_list(s, &j);
    json_close(&j, ']');
    return finish_json(s, &j);
}

static enum command_status add_catch(struct session *s, const char *args,
                                     bool once)
{
    struct stopper b = {.kind = BY_CATCH_EVENT, .once = once};
    u64 at;
    if (!args_more(&args))
        return catch_list(s);
    if (!args_event(&args, b.text, sizeof b.text) &&
        !args_word(s, &args, b.text, sizeof b.text, "an event"))
        return CMD_BAD;
    if (!strcmp(b.text, "walk"))
        b.kind = BY_CATCH_WALK;
    else if (!strcmp(b.text, "trap"))
        b.kind = BY_CATCH_TRAP;
    else if (!(b.reasons = inspect_reason_mask(b.text)))
        return catch_unknown(s, once ? "tcatch" : "catch", b.text);
    b.fault = b.reasons == inspect_reason_mask("fault");
    if (b.kind != BY_CATCH_EVENT ? !args_end(s, args)
                                 : !take_condition(s, args, &b))
        return CMD_BAD;
    enum command_status status = added(s, add(s, &b), "catch");
    if (status == CMD_OK && b.fault && s->context == IN_PROMPT && !s->json &&
        inspect_symbol(s->m, "page_fault", &at))
        say(s, "(a fault is told when it has been served; break page_fault "
               "stops before)\n");
    return status;
}

enum command_status cmd_catch(struct session *s, const char *args)
{
    return add_catch(s, args, false);
}

enum command_status cmd_tcatch(struct session *s, const char *args)
{
    return add_catch(s, args, true);
}

/* `delete fault`: the catches of that word. False: there is none. */
static bool delete_catches(struct session *s, const char *word)
{
    bool found = false;
    u64 reasons = inspect_reason_mask(word);
    for (unsigned i = 0; i < STOPPERS; i++) {
        struct stopper *b = &s->stoppers[i];
        if (b->number && b->kind >= BY_CATCH_EVENT &&
            (!strcmp(b->text, word) || (reasons && b->reasons == reasons))) {
            forget(b);
            found = true;
        }
    }
    if (found && s->running)
        stoppers_arm(s);
    return found;
}

enum command_status cmd_delete(struct session *s, const char *args)
{
    u64 number = 0;
    unsigned found = 0;
    bool all = !args_more(&args) || word_same(args, "all");
    if (!all && delete_catches(s, args))
        return CMD_OK;
    if (!all && (!args_value(s, &args, &number,
                             "a breakpoint's number or a caught event") ||
                 !args_end(s, args)))
        return CMD_BAD;
    for (unsigned i = 0; i < STOPPERS; i++)
        if (s->stoppers[i].number && (all || s->stoppers[i].number == number)) {
            forget(&s->stoppers[i]);
            found++;
        }
    if (s->running)
        stoppers_arm(s);
    if (all && s->context == IN_PROMPT && !s->json) /* files need no answer */
        say(s, "%u deleted\n", found);
    if (!found && !all)
        return fail(s, CMD_BAD, "delete: no breakpoint or catch %llu",
                    (unsigned long long)number);
    return CMD_OK;
}

enum command_status info_breakpoints(struct session *s, const char *args)
{
    static const char *const kinds[] = {"breakpoint", "watchpoint", "catch",
                                        "catch", "catch"};
    struct json j = {0};
    if (!args_end(s, args))
        return CMD_BAD;
    json_open(&j, NULL, '[');
    for (unsigned i = 0; i < STOPPERS; i++) {
        const struct stopper *b = &s->stoppers[i];
        if (!b->number)
            continue;
        json_open(&j, NULL, '{');
        json_u64(&j, "number", b->number);
        json_str(&j, "kind", kinds[b->kind]);
        json_str(&j, "what", b->text);
        json_u64(&j, "hits", b->hits);
        json_close(&j, '}');
        if (!s->json)
            say(s, "%-4u %-10s %-30s %llu hit%s%s\n", b->number, kinds[b->kind],
                b->text, (unsigned long long)b->hits, b->hits == 1 ? "" : "s",
                b->once ? ", once" : "");
    }
    json_close(&j, ']');
    if (s->json)
        say_json(s, &j);
    else
        json_free(&j);
    return CMD_OK;
}
