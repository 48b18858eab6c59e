/* SPDX-License-Identifier: MIT */
/* Verbs that make the machine run. */
#include "inspect/words.h"
#include "monitor/verbs/verbs.h"

#include <stdlib.h>

/* CONSOLE_HINT is printed when `continue` gives the keys to the guest. RUN_HINT
 * is printed before a run that has an end, in which the guest has the keys: the
 * first such run, and each next-event. */
#define CONSOLE_HINT                                                           \
    "the guest has the keys: Ctrl-A c comes back here, Ctrl-A x quits\n"
#define RUN_HINT                                                               \
    "the guest has the keys until the machine stops: Ctrl-A c stops it\n"
/* Printed once, if a pace limits the speed of simulated time. */
#define PACE_HINT "(the pace limits the speed; pace max: as fast as it goes)\n"

static void tell_pace(struct answer *a)
{
    struct session *s = a->s;
    if (a->to->who != IN_PROMPT || !s->streams->tty || s->m->off ||
        s->run.pace <= 0 || s->run.told_of_pace)
        return;
    s->run.told_of_pace = true;
    say(a, PACE_HINT);
}

/* Runs towards a goal that may be far; at the prompt says once how to stop. */
static enum command_status go_far(struct answer *a)
{
    struct session *s = a->s;
    if (a->to->who == IN_PROMPT && s->streams->tty && !s->m->off &&
        !s->run.told_how_to_stop) {
        s->run.told_how_to_stop = true;
        say(a, RUN_HINT);
    }
    tell_pace(a);
    return session_go(a);
}

enum command_status cmd_continue(struct answer *a, const char *args)
{
    struct session *s = a->s;
    args_aloud(a, &args);
    if (!args_end(a, args))
        return CMD_BAD;
    if (a->to->who == IN_PANEL && s->run.going)
        return CMD_OK;
    if (a->to->who == IN_PANEL && (s->led || s->prompt_waits)) {
        session_resume(s); /* the halted verb goes on */
        return CMD_OK;
    }
    session_aim(a, (struct goal){.deadline = NEVER});
    if (a->to->who == IN_PROMPT && s->streams->tty && !s->m->off)
        say(a, CONSOLE_HINT);
    tell_pace(a);
    return session_go(a);
}

enum command_status cmd_next_event(struct answer *a, const char *args)
{
    struct session *s = a->s;
    struct goal g = {.deadline = NEVER,
                     .events =
                         publish_reasons(&s->show, history_past(s->m->past))};
    char word[32];
    args_aloud(a, &args);
    if (!args_more(&args)) {
        if (stoppers_catch(s)) /* then only the catches stop it */
            g.events = 0;
        g.any_event = g.events;
    } else if ((!args_event(&args, word, sizeof word) &&
                !args_word(a, &args, word, sizeof word, "an event")) ||
               !args_end(a, args))
        return CMD_BAD;
    else if (!(g.events = inspect_reason_mask(word)))
        return catch_unknown(a, "next-event", word);
    if (a->to->who == IN_PANEL && s->run.going && !g.events)
        return CMD_OK; /* the machine is on its way */
    session_aim(a, g);
    s->run.told_how_to_stop =
        false; /* an idle guest may never reach an event */
    return go_far(a);
}

enum command_status cmd_halt(struct answer *a, const char *args)
{
    struct session *s = a->s;
    if (!args_end(a, args))
        return CMD_BAD;
    if (s->run.going) {
        s->run.going = false;
        s->run.stopped = STOP_HALT;
    }
    if (a->to->who == IN_PANEL) /* the run that Enter began is given up */
        session_drop(s, IN_PANEL);
    return CMD_OK;
}

enum command_status cmd_stepi(struct answer *a, const char *args)
{
    u64 n = 1;
    args_aloud(a, &args);
    if (!args_count(a, args, &n))
        return CMD_BAD;
    if (!n)
        return CMD_OK;
    a->s->stepped = history_now(a->s->m->past);
    session_aim(a, (struct goal){.deadline = NEVER, .steps = n});
    return session_go(a);
}

/* Copies `300 ms` into line without its blank, `300 cycles` as 300; else line
 * is empty. True: args is a number alone, without a unit. */
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

enum command_status cmd_run_for(struct answer *a, const char *args)
{
    u64 cycles, end;
    char line[80];
    args_aloud(a, &args);
    if (!args_more(&args))
        return fail(a, CMD_BAD,
                    "run-for: a time is missing (run-for 300ms); continue runs "
                    "until something stops it");
    bool plain = unit_joined(args, line, sizeof line);
    const char *p = *line ? line : args;
    if (!args_amount(a, &p, &cycles, "a time") || !args_end(a, p))
        return CMD_BAD;
    if (plain && a->to->who == IN_PROMPT)
        say(a, "(%llu cycles; with a unit it is time: run-for %llums)\n",
            cycles, cycles);
    if (__builtin_add_overflow(machine_now(a->s->m), cycles, &end))
        return fail(a, CMD_BAD, "run-for: the end lies beyond cycle 2^64");
    session_aim(a, (struct goal){.deadline = end});
    return go_far(a);
}

/* Runs to cycle or instret n, without a test before each instruction. */
static enum command_status until_shape(struct answer *a, enum expr_shape shape,
                                       u64 n)
{
    const struct hart *h = &a->s->m->hart;
    struct goal g = {.deadline = NEVER};
    if (shape == SHAPE_CYCLE)
        g.deadline = n;
    else if (shape == SHAPE_INSTRET)
        g.steps = n > h->instret ? n - h->instret : 0, g.instret = n;
    if (shape == SHAPE_CYCLE ? n <= machine_now(a->s->m) : !g.steps)
        return CMD_OK;
    session_aim(a, g);
    return go_far(a);
}

enum command_status cmd_run_until(struct answer *a, const char *args)
{
    u64 n, every = 0;
    args_aloud(a, &args);
    if (args_more(&args) && !strncmp(args, "every ", 6)) {
        args += 6;
        if (!args_amount(a, &args, &every, "a time"))
            return CMD_BAD;
    }
    if (!args_more(&args))
        return fail(a, CMD_BAD, "an expression is missing");
    if (a->to->who == IN_PANEL)
        return fail(a, CMD_BAD, "run-until: from the prompt or a script");
    struct expr *e = args_expr(a, &args);
    if (!e || !args_end(a, args)) {
        expr_free(e);
        return CMD_BAD;
    }
    enum expr_shape shape = expr_shape(e, &n);
    if (shape == SHAPE_CYCLE || shape == SHAPE_INSTRET) {
        expr_free(e);
        return until_shape(a, shape, n);
    }
    *a->s->run.failed = 0;
    session_aim(a,
                (struct goal){.deadline = NEVER, .until = e, .every = every});
    enum command_status st = go_far(a);
    return st == CMD_OK && *a->s->run.failed ? CMD_BAD : st;
}

enum command_status cmd_timing(struct answer *a, const char *args)
{
    char word[16];
    if (!args_word(a, &args, word, sizeof word, "fast or cycle") ||
        !args_end(a, args))
        return CMD_BAD;
    if (strcmp(word, "fast") && strcmp(word, "cycle"))
        return fail(a, CMD_BAD, "timing: %s: neither fast nor cycle", word);
    if (past_refuses(a, "timing"))
        return CMD_BAD;
    machine_set_timing(a->s->m, *word == 'f' ? TIMING_FAST : TIMING_CYCLE);
    return CMD_OK;
}

enum command_status cmd_pace(struct answer *a, const char *args)
{
    char word[32], *end;
    double pace = 0;
    if (!args_word(a, &args, word, sizeof word, "a pace") || !args_end(a, args))
        return CMD_BAD;
    if (strcmp(word, "max")) {
        pace = strtod(word, &end);
        if (*end || !(pace > 0) || pace > 1e6)
            return fail(a, CMD_BAD, "pace: %s: neither max nor a ratio", word);
    }
    a->s->run.pace = pace;
    session_pace_restart(a->s);
    return CMD_OK;
}
