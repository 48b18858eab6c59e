/* SPDX-License-Identifier: MIT */
/* Verbs that go back in time, and verbs that search the past. */
#include "inspect/events.h"
#include "inspect/process.h"
#include "inspect/walk.h"
#include "inspect/words.h"
#include "monitor/verbs/verbs.h"

/* ---- on the way ------------------------------------------------------ */

/* Ends travel that no stopper has ended. The panel's caption tells of the event
 * before this moment. A command of the panel reports nothing else, unless
 * by_steps is set (reverse-stepi, branch leave). */
static enum command_status arrive(struct past_way *w, enum history_end end,
                                  bool by_steps)
{
    struct session *s = w->s;
    enum command_status st = past_arrive(w, end);
    if (st != CMD_OK)
        return st;
    s->run.stopped = s->m->off ? STOP_OFF : STOP_DONE;
    s->run.stopper = NULL;
    publish_latest(&s->show);
    if (by_steps || w->a->to->who != IN_PANEL)
        session_report(w->a);
    return CMD_OK;
}

static enum command_status to_moment(struct answer *a, struct moment to)
{
    struct session *s = a->s;
    struct past_way w = {.s = s, .a = a};
    if (!past_depart(&w))
        return CMD_BAD;
    return arrive(&w, history_goto(s->m->past, to), false);
}

static enum command_status to_cycle(struct answer *a, u64 cycle)
{
    struct session *s = a->s;
    struct past_way w = {.s = s, .a = a};
    if (history_on(s->m->past) && cycle > history_present(s->m->past).cycle) {
        session_aim(a, (struct goal){.deadline = cycle});
        enum command_status st = session_go(a);
        if (st == CMD_OK && !s->run.going && machine_now(s->m) < cycle)
            return fail(a, CMD_BAD,
                        "goto: the machine stopped before that, at cycle %llu",
                        (unsigned long long)machine_now(s->m));
        return st;
    }
    if (!past_depart(&w))
        return CMD_BAD;
    return arrive(&w, history_goto_cycle(s->m->past, cycle), false);
}

/* ---- to a stop ------------------------------------------------------- */

static enum command_status back_to_stop(struct answer *a)
{
    struct session *s = a->s;
    struct past_way w = {.s = s, .a = a};
    struct history_search search = {s, stoppers_note_values, stoppers_hit, -1};
    if (!past_depart(&w))
        return CMD_BAD;
    stoppers_arm(s);
    enum history_end end = history_find_back(s->m->past, &search);
    enum command_status st = past_arrive(&w, end);
    if (st != CMD_OK)
        return st;
    stoppers_reached(s);
    session_report(a);
    return CMD_OK;
}

/* Goes back to the last stop by a breakpoint, watchpoint or catch, or to the
 * last of g's events. */
static enum command_status to_stop(struct answer *a, struct goal g)
{
    session_aim(a, g);
    enum command_status st = back_to_stop(a);
    session_drop(a->s, a->to->who);
    return st;
}

enum command_status cmd_reverse_continue(struct answer *a, const char *args)
{
    args_aloud(a, &args);
    if (!args_end(a, args))
        return CMD_BAD;
    return to_stop(a, (struct goal){.deadline = NEVER});
}

enum command_status cmd_reverse_stepi(struct answer *a, const char *args)
{
    struct session *s = a->s;
    struct past_way w = {.s = s, .a = a};
    u64 n = 1;
    args_aloud(a, &args);
    if (!args_count(a, args, &n))
        return CMD_BAD;
    if (!n)
        return CMD_OK;
    if (!past_depart(&w))
        return CMD_BAD;
    u64 from = moment_steps(s->stepped),
        now = moment_steps(history_now(s->m->past));
    return arrive(&w,
                  from && from + n == now ? history_goto(s->m->past, s->stepped)
                                          : history_back(s->m->past, n),
                  true);
}

enum command_status cmd_previous_event(struct answer *a, const char *args)
{
    struct goal g = {.deadline = NEVER,
                     .events = publish_reasons(&a->s->show, true)};
    char word[32];
    args_aloud(a, &args);
    if (!args_more(&args)) {
        if (stoppers_catch(a->s))
            g.events = 0;
        g.any_event = g.events;
    } else if ((!args_event(&args, word, sizeof word) &&
                !args_word(a, &args, word, sizeof word, "an event")) ||
               !args_end(a, args))
        return CMD_BAD;
    else if (!(g.events = inspect_reason_mask(word)))
        return catch_unknown(a, "previous-event", word);
    return to_stop(a, g);
}

/* ---- goto ------------------------------------------------------------ */

enum command_status cmd_goto(struct answer *a, const char *args)
{
    struct session *s = a->s;
    char word[32];
    u64 n, now = machine_now(s->m);
    args_aloud(a, &args);
    if (!args_more(&args))
        return fail(a, CMD_BAD,
                    "goto: where to? a cycle, -N cycles back, a mark's name, "
                    "an event, or now");
    if (*args == '-') {
        args++;
        if (!args_amount(a, &args, &n, "a time") || !args_end(a, args))
            return CMD_BAD;
        return n > now ? fail(a, CMD_FAILED, "goto: %s",
                              history_words(s->m->past, HISTORY_TOO_EARLY))
                       : to_cycle(a, now - n);
    }
    const char *p = args;
    snprintf(word, sizeof word, "%.*s", (int)strcspn(args, " \t"), args);
    const struct mark *m = mark_find(s, word);
    if (m || !strcmp(word, "now"))
        return args_end(a, args + strlen(word))
                   ? to_moment(a, m ? m->at : history_present(s->m->past))
                   : CMD_BAD;
    if (args_event(&p, word, sizeof word) && !args_more(&p))
        return to_stop(a, (struct goal){.deadline = NEVER,
                                        .events = inspect_reason_mask(word)});
    if (!args_amount(a, &args, &n, "a cycle, a mark or an event") ||
        !args_end(a, args))
        return CMD_BAD;
    return to_cycle(a, n);
}

/* ---- the last write, the first use ----------------------------------- */

struct memory_search {
    struct session *s;
    bool by_hart; /* the last access was the hart's */
    bool by_reset;
    bool first; /* first-touch: a reset does not count as a touch */
    u32 resets; /* m->resets before the last access */
};

static void note_resets(void *memory_search)
{
    struct memory_search *ms = memory_search;
    ms->resets = ms->s->m->resets;
}

static bool memory_hit(void *memory_search, enum machine_stop why)
{
    struct memory_search *ms = memory_search;
    if (why != MS_WATCHPOINT)
        return false;
    ms->by_hart = engine_memory_by_hart(ms->s->m->engine);
    ms->by_reset = ms->s->m->resets != ms->resets;
    note_resets(ms);
    return !(ms->by_reset && ms->first);
}

struct place {
    u64 pa, n;
    char text[40];
};

/* Takes va:X, pa:X or pfn:X. X alone is a virtual address, unless nothing is
 * mapped there and X is less than RAM's number of frames: then it is a pfn. */
static bool args_memory(struct answer *a, const char **p, struct place *at)
{
    struct session *s = a->s;
    static const char *const kinds[] = {"va:", "pa:", "pfn:"};
    unsigned kind = ARRAY_LEN(kinds);
    u64 x;
    if (!args_more(p)) {
        fail(a, CMD_BAD, "last-write: of what? va:X, pa:X or pfn:X");
        return false;
    }
    for (unsigned i = 0; i < ARRAY_LEN(kinds); i++)
        if (!strncmp(*p, kinds[i], strlen(kinds[i]))) {
            kind = i;
            *p += strlen(kinds[i]);
            break;
        }
    if (!args_value(a, p, &x, "an address") || !args_end(a, *p))
        return false;
    if (kind == ARRAY_LEN(kinds)) {
        bool is_address = inspect_va_to_pa(s->m, x, &at->pa);
        kind = is_address || x >= s->m->ram_bytes >> PAGE_SHIFT ? 0 : 2;
    }
    snprintf(at->text, sizeof at->text, kind == 2 ? "%s%llu" : "%s0x%llx",
             kinds[kind], x);
    at->n = 1; /* finds a store that covers this byte, none beside it */
    at->pa = x;
    if (kind == 2) {
        at->pa = x < s->m->ram_bytes >> PAGE_SHIFT
                     ? RAM_BASE + (x << PAGE_SHIFT)
                     : 0;
        at->n = PAGE_BYTES;
    } else if (kind == 0 && !inspect_va_to_pa(s->m, x, &at->pa)) {
        fail(a, CMD_BAD, "last-write: no memory at 0x%llx now", x);
        return false;
    }
    if (at->pa >= RAM_BASE && at->pa - RAM_BASE <= s->m->ram_bytes - at->n)
        return true;
    fail(a, CMD_BAD, "last-write: %s is not in RAM", at->text);
    return false;
}

/* Ends a search. Prints what made the access that has just happened: an
 * instruction, a reset, or, without saying which, a device, the walker or the
 * monitor. */
static enum command_status tell_access(struct past_way *w, enum history_end end,
                                       const char *verb, const char *text,
                                       const struct memory_search *ms)
{
    struct answer *a = w->a;
    struct session *s = a->s;
    enum command_status st = past_arrive(w, end);
    if (st != CMD_OK)
        return st;
    s->run.stopped = STOP_DONE;
    s->run.stopper = NULL;
    char where[220] = "a device (DMA), the walker or the monitor";
    bool by_hart = ms->by_hart;
    char line[220] = "";
    /* pid stays 0 if the access was not the hart's. */
    u64 pc = s->m->hart.pc, pid = 0;
    if (ms->by_reset)
        snprintf(where, sizeof where, "the machine's reset");
    if (by_hart && history_back(s->m->past, 1) == HISTORY_THERE) {
        pc = s->m->hart.pc;
        pid = inspect_current_pid(s->m);
        session_position(s, where, sizeof where);
        if (session_line(s, line, sizeof line))
            line[strcspn(line, "\t")] = 0;
        machine_step(s->m, 1);
    }
    json_open(&a->j, NULL, '{');
    json_str(&a->j, verb, text);
    json_add(&a->j, "cycle:%llu hart:%hhd", machine_now(s->m), by_hart);
    if (by_hart)
        json_hex(&a->j, "pc", pc);
    if (pid)
        json_u64(&a->j, "pid", pid);
    json_str(&a->j, "text", where);
    if (*line)
        json_str(&a->j, "line", line);
    json_close(&a->j, '}');
    struct ins_proc p;
    if (a->to->who == IN_PANEL) {             /* a sentence for the caption */
        s->show.answer_until = (double)NEVER; /* until the next command */
        say(a, "%s: by %s%s%s", text, where, *line ? ", " : "", line);
        if (by_hart && pid && inspect_proc(s->m, (u32)pid, &p))
            say(a, ", for %s (pid %u)", p.name, p.pid);
        say(a, "\n");
        return finish_json(a);
    }
    say(a, "%s by %s", text, where);
    if (*line)
        say(a, ", %s", line);
    if (pid)
        say(a, ", pid %llu", pid);
    say(a, "  cycle %llu\n", machine_now(s->m));
    return finish_json(a);
}

enum command_status cmd_last_write(struct answer *a, const char *args)
{
    struct session *s = a->s;
    struct past_way w = {.s = s, .a = a};
    struct memory_search ms = {.s = s};
    struct place at;
    char text[80];
    if (!args_memory(a, &args, &at))
        return CMD_BAD;
    struct history_search search = {&ms, note_resets, memory_hit,
                                    (s64)((at.pa - RAM_BASE) >> PAGE_SHIFT)};
    if (!past_depart(&w))
        return CMD_BAD;
    struct engine_watch written = {.va = at.pa, .len = at.n, .on_write = true};
    engine_watch_memory(s->m->engine, &written, 1);
    enum history_end end = history_find_back(s->m->past, &search);
    engine_watch_memory(s->m->engine, NULL, 0);
    snprintf(text, sizeof text, "%s written", at.text);
    return tell_access(&w, end, "last_write", text, &ms);
}

enum command_status cmd_first_touch(struct answer *a, const char *args)
{
    struct session *s = a->s;
    struct past_way w = {.s = s, .a = a};
    struct memory_search ms = {.s = s, .first = true};
    u64 pfn;
    char text[80];
    if (!args_frame(a, &args, "first-touch", &pfn) || !args_end(a, args))
        return CMD_BAD;
    struct moment origin = history_now(s->m->past),
                  first = history_first(s->m->past);
    struct history_search search = {&ms, note_resets, memory_hit, -1};
    u64 from = inspect_events_taken(s->events, (u32)pfn);
    if (!past_depart(&w))
        return CMD_BAD;
    enum history_end end = from > first.cycle
                               ? history_goto_cycle(s->m->past, from)
                               : history_goto(s->m->past, first);
    if (end == HISTORY_THERE) {
        struct engine_watch used = {RAM_BASE + (pfn << PAGE_SHIFT), PAGE_BYTES,
                                    true, true, true};
        engine_watch_memory(s->m->engine, &used, 1);
        end = history_find_on(s->m->past, &search, origin);
        engine_watch_memory(s->m->engine, NULL, 0);
        if (end != HISTORY_THERE && end != HISTORY_DEPARTED)
            history_goto(s->m->past, origin);
    }
    snprintf(text, sizeof text, "frame %llu first touched%s", pfn,
             from > first.cycle ? " since it was taken" : "");
    return tell_access(&w, end, "first_touch", text, &ms);
}

/* ---- another future -------------------------------------------------- */

/* Puts the marks aside; keeps those up to now, which both futures share. */
static void put_marks_aside(struct session *s)
{
    struct marks *from = &s->marks_aside;
    *from = s->marks;
    s->marks.n = 0;
    for (unsigned i = 0; i < from->n; i++)
        if (moment_compare(from->at[i].at, history_now(s->m->past)) <= 0)
            s->marks.at[s->marks.n++] = from->at[i];
}

enum command_status cmd_branch(struct answer *a, const char *args)
{
    struct session *s = a->s;
    char word[16];
    if (!args_more(&args)) {
        if (history_branch(s->m->past)) {
            cards_branch(&s->show);
            put_marks_aside(s);
            session_went(s, "branch");
            return CMD_OK;
        }
        return fail(a, CMD_BAD, "branch: %s",
                    history_branched(s->m->past)
                        ? "one future is put aside already: branch leave goes "
                          "back to it"
                        : "the machine stands at its present: goto goes back");
    }
    if (!args_word(a, &args, word, sizeof word, "leave") || !args_end(a, args))
        return CMD_BAD;
    if (strcmp(word, "leave"))
        return fail(a, CMD_BAD, "branch: %s: branch alone, or branch leave",
                    word);
    if (!history_branched(s->m->past))
        return fail(a, CMD_BAD, "branch: %s",
                    history_words(s->m->past, HISTORY_NOT_ASIDE));
    struct past_way w = {.s = s, .a = a};
    if (!past_depart(&w))
        return CMD_BAD;
    history_leave_branch(s->m->past);
    s->show.cards = s->show.aside;
    s->marks = s->marks_aside;
    session_went(s, "branch-leave");
    return arrive(&w, HISTORY_THERE, true);
}

enum command_status info_history(struct answer *a, const char *args)
{
    struct session *s = a->s;
    if (!args_end(a, args))
        return CMD_BAD;
    struct history_figures f = history_figures(s->m->past);
    u64 first = history_first(s->m->past).cycle,
        now = history_now(s->m->past).cycle;
    u64 present = history_present(s->m->past).cycle;
    json_add(&a->j,
             "{kept:%hhd snapshots:%llu bytes:%llu bound:%llu first:%llu "
             "now:%llu present:%llu past:%hhd branched:%hhd}",
             history_on(s->m->past), f.snapshots, f.bytes, f.bound, first, now,
             present, history_past(s->m->past), history_branched(s->m->past));
    if (!history_on(s->m->past))
        say(a, "no past is kept here\n");
    else
        say(a,
            "%llu snapshot%s since cycle %llu, %.1f of %llu MiB\n%s at cycle "
            "%llu%s\n",
            f.snapshots, f.snapshots == 1 ? "" : "s", first,
            (double)f.bytes / (1 << 20), f.bound >> 20,
            history_past(s->m->past) ? "in the past," : "the present,", now,
            history_branched(s->m->past) ? "; another future is put aside"
                                         : "");
    return finish_json(a);
}
