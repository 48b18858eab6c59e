/* SPDX-License-Identifier: MIT */
/* Verbs that make the machine run, and the report of why it stopped. */
#include "monitor/session/step.h"

#include <stdlib.h>

/* ---- reports ------------------------------------------------------------ */

/* "0x80200000 <start+0x4> addi a0,a0,1" */
void session_position(struct session *s, char *buf, size_t n)
{
    char where[80], text[100] = "(its page is not in memory)";
    struct insn in;
    u32 raw = 0;
    u64 pc = s->m->hart.pc;
    /* A compressed instruction may be the last of a page. */
    if (inspect_read_va(s->m, pc, &raw, 4) ||
        inspect_read_va(s->m, pc, &raw, 2)) {
        isa_decode(raw, &in);
        isa_disasm(&in, pc, text, sizeof text);
    }
    if (inspect_name_at(s->sources, pc, where, sizeof where))
        snprintf(buf, n, "0x%llx <%s> %s", (unsigned long long)pc, where, text);
    else
        snprintf(buf, n, "0x%llx %s", (unsigned long long)pc, text);
}

static const char *const stop_words[] = {
    [STOP_NONE] = "running",      [STOP_DONE] = "done",
    [STOP_OFF] = "off",           [STOP_BREAK] = "breakpoint",
    [STOP_WATCH] = "watchpoint",  [STOP_CATCH] = "catch",
    [STOP_WALK] = "walk",         [STOP_LIMIT] = "limit",
    [STOP_HUNG] = "hung",         [STOP_HALT] = "halted",
    [STOP_ENDED] = "ended",       [STOP_REPLAYED] = "replayed",
    [STOP_DEPARTED] = "departed",
};

/* The event that stopped the machine, as it was recorded: with the frame's
 * owner and the copy's source. */
struct ins_event event_caught(struct session *s)
{
    struct lens_record r = machine_caught(s->m);
    struct ins_event e = inspect_event_of(&r), known[32];
    unsigned n =
        inspect_events_recent(s->events, e.pfn, known, ARRAY_LEN(known));
    for (unsigned i = 0; i < n; i++)
        if (known[i].cycle == e.cycle && known[i].reason == e.reason)
            return known[i];
    return e;
}

bool event_under_way(struct session *s, struct ins_event *e)
{
    static const u64 maps = 1ull << R_DEMAND_ZERO | 1ull << R_STACK_GROW |
                            1ull << R_COW_COPY | 1ull << R_PAGE_IN |
                            1ull << R_SWAP_IN | 1ull << R_FAULT_HUGE |
                            1ull << R_COLLAPSE;
    if (s->running || s->stopped != STOP_CATCH || !s->stopper ||
        !s->stopper->reasons || !lens_open(s))
        return false;
    *e = event_caught(s);
    return e->reason < 64 && maps >> e->reason & 1 && e->pfn != LENS_NO_PFN;
}

/* The device's register is written in lens_report, which says nothing: who
 * called it, innermost first. False: the call stack cannot be read. */
static bool event_place(struct session *s, char *buf, size_t n)
{
    static const char *const tells[] = {"lens_report", "page_set_state"};
    u64 pc[16];
    unsigned depth = inspect_backtrace(s->m, pc, ARRAY_LEN(pc)), shown = 0;
    char where[80];
    size_t at = 0;
    for (unsigned i = 0; i < depth && shown < 4 && at < n; i++) {
        bool skip = false;
        if (!inspect_symbol_at(s->m, i ? pc[i] - 1 : pc[i], where,
                               sizeof where))
            break;
        where[strcspn(where, "+")] = 0;
        for (unsigned k = 0; k < ARRAY_LEN(tells); k++)
            skip |= !strcmp(where, tells[k]);
        if (!skip)
            at = append(buf, n, at, "%s%s",
                        shown++ ? " < " : "in the kernel's ", where);
    }
    return shown;
}

/* Where the machine stands: at an event, the function that made it and the
 * program's instruction for which it did, if that is known. */
static void place(struct session *s, char *buf, size_t n)
{
    if (s->stopped == STOP_CATCH && s->stopper && s->stopper->reasons &&
        lens_open(s) && event_place(s, buf, n)) {
        struct ins_event e = event_caught(s);
        size_t at = strlen(buf);
        if (e.pc)
            snprintf(buf + at, n - at,
                     ", for the program's instruction at 0x%llx",
                     (unsigned long long)e.pc);
        return;
    }
    session_position(s, buf, n);
}

/* The walk of the stop before was for the same access, and page faults have
 * been served since: that walk ended in one, and the instruction is retried. */
static bool walks_again(struct session *s)
{
    const struct hart *h = &s->m->hart;
    struct walk_told *told = s->walks_told,
                     now = {h->cycle, s->m->mmu.walk.va, h->pc, h->satp, 0};
    inspect_counter(s->m, "pgfault", &now.faults);
    if (told[0].cycle != now.cycle) {
        told[1] = told[0];
        told[0] = now;
    }
    return told[1].va == now.va && told[1].pc == now.pc &&
           told[1].satp == now.satp && told[1].faults < now.faults;
}

static void reason(struct session *s, char *buf, size_t n)
{
    const struct walk *w = &s->m->mmu.walk;
    const struct stopper *by = s->stopper;
    struct ins_event e;
    size_t at;
    *buf = 0;
    switch (s->stopped) {
    case STOP_OFF:
        snprintf(buf, n, "the machine is off, status %d", s->m->exit_status);
        break;
    case STOP_HUNG:
        snprintf(buf, n, "%s",
                 lens_open(s) ? "the guest is at rest: it waits for a key, and "
                                "nothing else can wake it"
                              : "the hart waits for an interrupt that cannot "
                                "come");
        break;
    case STOP_REPLAYED:
        snprintf(buf, n, "the recording ends here");
        break;
    case STOP_DEPARTED:
        snprintf(buf, n, "%s", history_departure(s->m));
        break;
    case STOP_LIMIT:
        snprintf(buf, n, "the limit of the command line is reached");
        break;
    case STOP_BREAK:
        snprintf(buf, n, "breakpoint %u", by->number);
        break;
    case STOP_WATCH:
        snprintf(buf, n, "watchpoint %u: %s", by->number, s->stop_text);
        break;
    case STOP_CATCH:
        at = by->number ? append(buf, n, 0, "catch %u: ", by->number) : 0;
        if (by->kind == BY_CATCH_TRAP || (by->fault && !has_events(s))) {
            snprintf(buf + at, n - at, "%s", s->stop_text);
            break;
        }
        e = event_caught(s);
        inspect_caption(s->m, &e, buf + at, n - at);
        break;
    default:
        if (w->phase == WALK_ARMED)
            snprintf(buf, n, "before the walk of a %s at 0x%llx%s",
                     w->access == ACC_FETCH  ? "fetch"
                     : w->access == ACC_LOAD ? "load"
                                             : "store",
                     (unsigned long long)w->va,
                     walks_again(s) ? ", again: the walk before ended in a "
                                      "page fault, which has been served"
                                    : "");
    }
}

/* The frame that the event was about which stopped the machine. */
static u32 caught_frame(struct session *s)
{
    struct lens_record r = machine_caught(s->m);
    return s->stopper->reasons ? inspect_event_of(&r).pfn : LENS_NO_PFN;
}

static void report_json(struct session *s, const char *text)
{
    struct json j = {0};
    const struct hart *h = &s->m->hart;
    struct source_row row;
    struct ins_code code;
    json_open(&j, NULL, '{');
    json_str(&j, "stop", stop_words[s->stopped]);
    if (s->stopper && s->stopper->number)
        json_u64(&j, "number", s->stopper->number);
    if (*text)
        json_str(&j, "text", text);
    json_hex(&j, "pc", h->pc);
    json_u64(&j, "cycle", h->cycle);
    json_u64(&j, "instret", h->instret);
    if (s->stopped == STOP_OFF)
        json_s64(&j, "exit_status", s->m->exit_status);
    if (s->m->mmu.walk.phase == WALK_ARMED)
        json_hex(&j, "va", s->m->mmu.walk.va);
    if (s->stopped != STOP_OFF && line_here(s, &code, &row)) {
        json_str(&j, "file", row.file);
        json_u64(&j, "line", row.line);
    }
    if (s->goal.stepping && *s->stepper->returned)
        json_str(&j, "returned", s->stepper->returned);
    json_close(&j, '}');
    say_json(s, &j);
}

bool stops_silently(const struct session *s)
{
    return s->in_file && !s->aloud && !s->config->verbose && !s->json;
}

void session_report(struct session *s)
{
    char text[260], at[220], line[300];
    reason(s, text, sizeof text);
    if (*text) {
        publish_caption(s, text,
                        s->stopped == STOP_CATCH && has_events(s)
                            ? caught_frame(s)
                            : LENS_NO_PFN,
                        0);
        s->caption_cycle = inspect_cycle(s->m); /* it tells of this stop */
    }
    if (s->json) {
        report_json(s, text);
        return;
    }
    /* A guest that waits for ever is an accident, which a script must hear. */
    if (stops_silently(s) && s->stopped != STOP_HUNG)
        return;
    place(s, at, sizeof at);
    if (*text)
        say(s, "%s\n", text);
    if (s->stopped != STOP_OFF)
        say(s, "%s  cycle %llu\n", at, (unsigned long long)inspect_cycle(s->m));
    if ((s->goal.stepping || s->stopped == STOP_BREAK) &&
        s->stopped != STOP_OFF && session_line(s, line, sizeof line))
        say(s, "%s\n", line);
    if (s->goal.stepping && *s->stepper->returned)
        say(s, "returned: %s\n", s->stepper->returned);
}

/* ---- verbs -------------------------------------------------------------- */

/* Says once, to people, that the machine could be faster. */
static void pace_told(struct session *s)
{
    if (s->context != IN_PROMPT || !s->streams->tty || s->m->off ||
        s->pace <= 0 || s->told_of_pace)
        return;
    s->told_of_pace = true;
    say(s, PACE_HINT);
}

/* Towards an end that may be far: at the prompt it says once how to stop. */
static enum command_status go_far(struct session *s)
{
    if (s->context == IN_PROMPT && s->streams->tty && !s->m->off &&
        !s->told_how_to_stop) {
        s->told_how_to_stop = true;
        say(s, RUN_HINT);
    }
    pace_told(s);
    return session_go(s);
}

enum command_status cmd_continue(struct session *s, const char *args)
{
    args_aloud(s, &args);
    if (!args_end(s, args))
        return CMD_BAD;
    if (s->context == IN_PANEL && s->running)
        return CMD_OK;
    if (s->context == IN_PANEL && (s->nesting || s->prompt_waits)) {
        session_resume(s); /* what was halted goes on */
        return CMD_OK;
    }
    session_new_goal(s, (struct goal){.deadline = NEVER});
    if (s->context == IN_PROMPT && !s->m->off)
        say(s, CONSOLE_HINT);
    pace_told(s);
    return session_go(s);
}

enum command_status cmd_next_event(struct session *s, const char *args)
{
    struct goal g = {.deadline = NEVER, .events = publish_reasons(s)};
    char word[32];
    args_aloud(s, &args);
    if (!args_more(&args)) {
        if (stoppers_reasons(s)) /* somebody has said which */
            g.events = 0;
        g.any_event = g.events;
    } else if ((!args_event(&args, word, sizeof word) &&
                !args_word(s, &args, word, sizeof word, "an event")) ||
               !args_end(s, args))
        return CMD_BAD;
    else if (!(g.events = inspect_reason_mask(word)))
        return catch_unknown(s, "next-event", word);
    if (s->context == IN_PANEL && s->running && !g.events)
        return CMD_OK; /* it is on its way */
    session_new_goal(s, g);
    s->told_how_to_stop = false; /* an idle guest may never come to it */
    return go_far(s);
}

enum command_status cmd_halt(struct session *s, const char *args)
{
    if (!args_end(s, args))
        return CMD_BAD;
    if (s->running) {
        s->running = false;
        s->stopped = STOP_HALT;
    }
    if (s->context == IN_PANEL) /* Enter's way to an event is given up, too */
        session_old_goal(s);
    return CMD_OK;
}

enum command_status cmd_stepi(struct session *s, const char *args)
{
    u64 n = 1;
    args_aloud(s, &args);
    if (!args_count(s, args, &n))
        return CMD_BAD;
    if (!n)
        return CMD_OK;
    session_new_goal(s, (struct goal){.deadline = NEVER, .steps = n});
    return session_go(s);
}

/* `300 ms`: without the blank into line, else "". True: a number without a unit
 * is all that there is. */
static bool unit_joined(const char *args, char *line, size_t n)
{
    static const char *const units[] = {"ns", "us", "ms", "s"};
    size_t digits = strspn(args, "0123456789.");
    const char *unit = args + digits;
    *line = 0;
    if (!digits || !args_more(&unit))
        return digits;
    for (unsigned i = 0; i < ARRAY_LEN(units); i++)
        if (word_same(unit, units[i]))
            snprintf(line, n, "%.*s%s", (int)digits, args, units[i]);
    if (word_same(unit, "cycles"))
        snprintf(line, n, "%.*s", (int)digits, args);
    return false;
}

enum command_status cmd_run_for(struct session *s, const char *args)
{
    u64 cycles, end;
    char line[80];
    args_aloud(s, &args);
    if (!args_more(&args))
        return fail(s, CMD_BAD,
                    "run-for: a time is missing (run-for 300ms); continue runs "
                    "until something stops it");
    bool plain = unit_joined(args, line, sizeof line);
    const char *p = *line ? line : args;
    if (!args_amount(s, &p, &cycles, "a time") || !args_end(s, p))
        return CMD_BAD;
    if (plain && s->context == IN_PROMPT && !s->json)
        say(s, "(%llu cycles; with a unit it is time: run-for %llums)\n",
            (unsigned long long)cycles, (unsigned long long)cycles);
    if (__builtin_add_overflow(s->m->hart.cycle, cycles, &end))
        return fail(s, CMD_BAD, "a time of more cycles than there are");
    session_new_goal(s, (struct goal){.deadline = end});
    return go_far(s);
}

/* Conditions on cycle, instret and $pc need no look at every instruction. */
static enum command_status until_shape(struct session *s, enum expr_shape shape,
                                       u64 n)
{
    const struct hart *h = &s->m->hart;
    struct goal g = {.deadline = NEVER};
    if (shape == SHAPE_CYCLE)
        g.deadline = n;
    else if (shape == SHAPE_INSTRET)
        g.steps = n > h->instret ? n - h->instret : 0, g.instret = n;
    if (shape == SHAPE_CYCLE ? n <= h->cycle : !g.steps)
        return CMD_OK;
    session_new_goal(s, g);
    return go_far(s);
}

enum command_status cmd_run_until(struct session *s, const char *args)
{
    u64 n, every = 0;
    args_aloud(s, &args);
    if (args_more(&args) && !strncmp(args, "every ", 6)) {
        args += 6;
        if (!args_amount(s, &args, &every, "a time"))
            return CMD_BAD;
    }
    if (!args_more(&args))
        return fail(s, CMD_BAD, "an expression is missing");
    if (s->context == IN_PANEL)
        return fail(s, CMD_BAD, "run-until: from the prompt or a script");
    struct expr *e = args_expr(s, &args);
    if (!e || !args_end(s, args)) {
        expr_free(e);
        return CMD_BAD;
    }
    enum expr_shape shape = expr_shape(e, &n);
    if (shape == SHAPE_CYCLE || shape == SHAPE_INSTRET) {
        expr_free(e);
        return until_shape(s, shape, n);
    }
    expr_free(s->until);
    s->until = e;
    session_new_goal(
        s, (struct goal){.deadline = NEVER, .until = e, .every = every});
    enum command_status st = go_far(s);
    return st == CMD_OK && s->until_failed ? CMD_BAD : st;
}

enum command_status cmd_timing(struct session *s, const char *args)
{
    char word[16];
    if (!args_word(s, &args, word, sizeof word, "fast or cycle") ||
        !args_end(s, args))
        return CMD_BAD;
    if (strcmp(word, "fast") && strcmp(word, "cycle"))
        return fail(s, CMD_BAD, "timing: %s: neither fast nor cycle", word);
    if (past_refuses(s, "timing"))
        return CMD_BAD;
    machine_set_timing(s->m, *word == 'f' ? TIMING_FAST : TIMING_CYCLE);
    return CMD_OK;
}

enum command_status cmd_pace(struct session *s, const char *args)
{
    char word[32], *end;
    double pace = 0;
    if (!args_word(s, &args, word, sizeof word, "a pace") || !args_end(s, args))
        return CMD_BAD;
    if (strcmp(word, "max")) {
        pace = strtod(word, &end);
        if (*end || !(pace > 0) || pace > 1e6)
            return fail(s, CMD_BAD, "pace: %s: neither max nor a ratio", word);
    }
    s->pace = pace;
    session_pace_restart(s);
    return CMD_OK;
}
