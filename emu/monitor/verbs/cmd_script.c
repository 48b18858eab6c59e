/* SPDX-License-Identifier: MIT */
/* Verbs for scripted tests, and save, load, hash, quit. */
#include "inspect/logs.h"
#include "inspect/parts.h"
#include "inspect/progress.h"
#include "inspect/words.h"
#include "monitor/verbs/verbs.h"

#include <ctype.h>

/* ---- expect, send ---------------------------------------------------- */

/* Writes the end of the guest's output, on one line, for a message. */
static void tail_of(const struct streams *st, char *buf, size_t n)
{
    size_t from = st->nheard > 60 ? st->nheard - 60 : 0, at = 0;
    for (size_t i = from; i < st->nheard && at + 3 < n; i++) {
        char c = st->heard[i];
        if (c == '\n') {
            buf[at++] = '\\';
            buf[at++] = 'n';
        } else {
            buf[at++] = isprint((u8)c) ? c : '?';
        }
    }
    buf[at] = 0;
}

/* Runs until the guest prints the text, at most to cycle `end`; does not report
 * the stop. */
static void await_text(struct answer *a, const char *text, u64 end)
{
    struct session *s = a->s;
    session_print_fn *print = a->to->print;
    s->streams->expecting = text;
    s->streams->matched = false;
    session_aim(a, (struct goal){.deadline = end});
    a->to->print = NULL;
    session_go(a);
    a->to->print = print;
    s->streams->expecting = NULL;
    s->streams->matched = false;
}

enum command_status cmd_expect(struct answer *a, const char *args)
{
    struct session *s = a->s;
    char text[512], tail[140], loop[400];
    u64 time, end;
    struct streams *st = s->streams;
    if (!args_string(a, &args, text, sizeof text, NULL) ||
        !args_amount(a, &args, &time, "a time") || !args_end(a, args))
        return CMD_BAD;
    if (a->to->who == IN_PANEL || (a->to->who == IN_PROMPT && s->streams->tty))
        return fail(a, CMD_BAD,
                    "expect: only in a file (-x FILE, source FILE); here: "
                    "run-for TIME, or run-until EXPR");
    if (__builtin_add_overflow(machine_now(s->m), time, &end))
        end = NEVER;
    bool found = streams_expect(st, text);
    if (!found && !s->m->off) {
        await_text(a, text, end);
        found = streams_expect(st, text);
    }
    if (found)
        return CMD_OK;
    if (s->quit)
        return CMD_QUIT;
    tail_of(st, tail, sizeof tail);
    return fail(a, CMD_FAILED, "expect: \"%.80s\" did not come (%s); last: %s",
                args_quote(text, (char[170]){0}, 170),
                s->m->off ? "the machine is off"
                : inspect_trap_loop(s->m, loop, sizeof loop) ? loop
                : s->run.stopped == STOP_DONE                ? "time is up"
                : s->run.stopped == STOP_HUNG  ? "the guest waits for ever"
                : s->run.stopped == STOP_LIMIT ? "the limit is reached"
                                               : "the machine stopped",
                *tail ? tail : "nothing");
}

enum command_status cmd_send(struct answer *a, const char *args)
{
    char text[4096];
    size_t n;
    if (!args_string(a, &args, text, sizeof text, &n) || !args_end(a, args))
        return CMD_BAD;
    if (past_refuses(a, "send"))
        return CMD_BAD;
    machine_input(a->s->m, text, n);
    return CMD_OK;
}

/* ---- assert, echo, mark ---------------------------------------------- */

enum command_status cmd_assert(struct answer *a, const char *args)
{
    struct expr_value v;
    struct expr_sides sides;
    char err[200];
    if (!args_more(&args))
        return fail(a, CMD_BAD, "an expression is missing");
    const char *text = args;
    struct expr *e = args_expr(a, &args);
    if (!e || !args_end(a, args)) {
        expr_free(e);
        return CMD_BAD;
    }
    bool ok = expr_eval(e, &a->s->env, &v, &sides, err, sizeof err);
    expr_free(e);
    if (!ok)
        return fail(a, CMD_BAD, "assert: %s", err);
    answer_json(a, "{assert:%s holds:%hhd}", text, v.bits != 0);
    if (v.bits)
        return CMD_OK;
    if (sides.valid)
        return fail(a, CMD_FAILED,
                    "assert: %s: left is %lld (0x%llx), right is %lld (0x%llx)",
                    text, sides.left, sides.left, sides.right, sides.right);
    return fail(a, CMD_FAILED, "assert: %s", text);
}

enum command_status cmd_echo(struct answer *a, const char *args)
{
    char quoted[2048];
    args_more(&args);
    const char *text = *args == '"' ? quoted : args;
    if (text == quoted &&
        (!args_string(a, &args, quoted, sizeof quoted, NULL) ||
         !args_end(a, args)))
        return CMD_BAD;
    say(a, "%s\n", text);
    publish_caption(&a->s->show, text, LENS_NO_PFN, CAPTION_SECONDS);
    return answer_json(a, "{text:%s}", text);
}

enum command_status cmd_caption(struct answer *a, const char *args)
{
    struct session *s = a->s;
    char text[sizeof s->show.caption], event[32] = "";
    u64 reasons = 0;
    if (!args_string(a, &args, text, sizeof text, NULL))
        return CMD_BAD;
    if (args_event(&args, event, sizeof event))
        reasons = inspect_reason_mask(event);
    if (!args_end(a, args))
        return CMD_BAD;
    card_tell(a, text, reasons);
    publish_caption(&s->show, text, LENS_NO_PFN, CAPTION_SECONDS);
    publish_chapter(s);
    return CMD_OK;
}

bool let_set(struct answer *a, const char *name, u64 value)
{
    struct session *s = a->s;
    unsigned i;
    for (i = 0; i < s->lets.n && strcmp(s->lets.at[i].name, name); i++)
        ;
    if (i == LETS) {
        fail(a, CMD_BAD, "let: at most %d names", LETS);
        return false;
    }
    if (i == s->lets.n)
        s->lets.n++;
    snprintf(s->lets.at[i].name, sizeof s->lets.at[i].name, "%s", name);
    s->lets.at[i].value = value;
    return true;
}

enum command_status cmd_let(struct answer *a, const char *args)
{
    char name[32];
    u64 value;
    if (!args_name(a, &args, "let", name, sizeof name) ||
        !args_value(a, &args, &value, "a value") || !args_end(a, args))
        return CMD_BAD;
    return let_set(a, name, value) ? CMD_OK : CMD_BAD;
}

enum command_status cmd_mark(struct answer *a, const char *args)
{
    struct session *s = a->s;
    char name[32];
    if (!args_name(a, &args, "mark", name, sizeof name) || !args_end(a, args))
        return CMD_BAD;
    if (!strcmp(name, "now"))
        return fail(a, CMD_BAD, "mark: now is the present");
    struct mark *mark = mark_find(s, name);
    if (!mark && s->marks.n == MARKS)
        return fail(a, CMD_BAD, "mark: at most %d marks", MARKS);
    if (!mark)
        mark = &s->marks.at[s->marks.n++];
    memcpy(mark->name, name, sizeof name);
    mark->cycle = machine_now(s->m);
    mark->at = history_now(s->m->past);
    inspect_trace_mark(s->logs.trace, name);
    return CMD_OK;
}

#define HEAR_MS 1000 /* of simulated time, for a line to end */

/* Takes the heard line's next number. False: none, or more than 64 bits. */
static bool next_number(const struct streams *st, size_t *at, u64 *value)
{
    while (*at < st->nheard && st->heard[*at] != '\n' &&
           !isdigit((u8)st->heard[*at]))
        ++*at;
    if (*at == st->nheard || st->heard[*at] == '\n')
        return false;
    for (*value = 0; *at < st->nheard && isdigit((u8)st->heard[*at]); ++*at)
        if (__builtin_mul_overflow(*value, 10, value) ||
            __builtin_add_overflow(*value, st->heard[*at] - '0', value))
            return false;
    return true;
}

/* Runs until the guest has ended its line. False: it does not end. */
static bool await_line(struct answer *a)
{
    struct session *s = a->s;
    struct streams *st = s->streams;
    u64 end = machine_now(s->m) + cycles_per_ms(s->m->clock_hz) * HEAR_MS;
    if (!memchr(st->heard, '\n', st->nheard) && !s->m->off)
        await_text(a, "\n", end);
    return memchr(st->heard, '\n', st->nheard);
}

/* Sets the next name at *args (_: no name) to the next number after *at. */
static enum command_status hear_one(struct answer *a, const char **args,
                                    size_t *at, struct json *j)
{
    char name[32];
    u64 value;
    if (!args_name(a, args, "hear", name, sizeof name))
        return CMD_BAD;
    if (!next_number(a->s->streams, at, &value))
        return fail(a, CMD_FAILED,
                    "hear: the line has no number of 64 bits for %s", name);
    if (!strcmp(name, "_"))
        return CMD_OK;
    json_u64(j, name, value);
    return let_set(a, name, value) ? CMD_OK : CMD_BAD;
}

enum command_status cmd_hear(struct answer *a, const char *args)
{
    struct streams *st = a->s->streams;
    size_t at = 0;
    if (a->to->who == IN_PANEL || (a->to->who == IN_PROMPT && st->tty))
        return fail(a, CMD_BAD, "hear: in a script only");
    if (!args_more(&args))
        return fail(a, CMD_BAD, "a name is missing");
    if (!await_line(a))
        return fail(a, CMD_FAILED, "hear: the guest's line does not end");
    json_open(&a->j, NULL, '{');
    while (args_more(&args)) {
        enum command_status status = hear_one(a, &args, &at, &a->j);
        if (status != CMD_OK)
            return status;
    }
    st->nheard -= at;
    memmove(st->heard, st->heard + at, st->nheard);
    st->taken = st->nall - st->nheard;
    json_close(&a->j, '}');
    return finish_json(a);
}

static enum command_status unheard(struct answer *a, const char *line)
{
    session_print_fn *print = a->to->print;
    a->to->print = NULL;
    enum command_status st = session_execute(a->s, a->to, line);
    a->to->print = print;
    return st;
}

enum command_status cmd_quietly(struct answer *a, const char *args)
{
    if (a->to->who == IN_PANEL)
        return fail(a, CMD_BAD, "quietly: not in the panel");
    enum command_status st = unheard(a, args);
    if (*a->to->error && a->to->who != IN_SCRIPT && !a->to->refusing)
        say(a, "%s\n", a->to->error); /* in a script, fail() has printed it */
    return st;
}

enum command_status cmd_refuse(struct answer *a, const char *args)
{
    char want[sizeof a->to->error], got[sizeof a->to->error];
    if (a->to->who == IN_PANEL)
        return fail(a, CMD_BAD, "refuse: not in the panel");
    if (!args_string(a, &args, want, sizeof want, NULL))
        return CMD_BAD;
    args_more(&args);
    bool outer = a->to->refusing;
    a->to->refusing = true;
    enum command_status st = unheard(a, args);
    a->to->refusing = outer;
    if (st == CMD_QUIT)
        return st;
    if (st == CMD_OK)
        return fail(a, CMD_FAILED, "refuse: %s: it was done", args);
    snprintf(got, sizeof got, "%s", a->to->error); /* fail() writes there */
    if (!strstr(got, want))
        return fail(a, CMD_FAILED, "refuse: %s: another message: %.300s", args,
                    got);
    a->to->error[0] = 0;
    return CMD_OK;
}

enum command_status cmd_console(struct answer *a, const char *args)
{
    char word[8];
    if (!args_more(&args))
        return fail(a, CMD_BAD,
                    "console: on or off is missing (the guest gets the keys "
                    "with continue, or Ctrl-A c)");
    if (!args_word(a, &args, word, sizeof word, "on or off") ||
        !args_end(a, args))
        return CMD_BAD;
    if (strcmp(word, "on") && strcmp(word, "off"))
        return fail(a, CMD_BAD, "console: %s: neither on nor off", word);
    a->s->streams->muted = word[1] == 'f' && !a->s->config->verbose;
    return CMD_OK;
}

enum command_status cmd_block(struct answer *a, UNUSED const char *args)
{
    const char *verb = a->verb->verb;
    if (!block_depth(verb) || *verb == 'e')
        return fail(a, CMD_BAD, "%s: there is no block that it belongs to",
                    verb);
    return fail(a, CMD_BAD, "%s: only in a file (-x FILE, source FILE)", verb);
}

/* ---- whole machines -------------------------------------------------- */

enum command_status cmd_hash(struct answer *a, const char *args)
{
    char hex[33];
    if (!args_end(a, args))
        return CMD_BAD;
    machine_hash(a->s->m, hex);
    say(a, "hash %s\n", hex);
    return answer_json(a, "{hash:%s cycle:%llu}", hex, machine_now(a->s->m));
}

static bool file_name(struct answer *a, const char *args, char *file, size_t n)
{
    return args_word(a, &args, file, n, "a file") && args_end(a, args);
}

enum command_status cmd_save(struct answer *a, const char *args)
{
    struct session *s = a->s;
    char file[4096], err[200];
    if (!file_name(a, args, file, sizeof file))
        return CMD_BAD;
    if (!machine_save(s->m, file, err, sizeof err))
        return fail(a, CMD_BAD, "save: %s: %s", file, err);
    s->saved = inspect_cycle(s->m);
    if (a->to->who == IN_PROMPT)
        say(a, "saved at cycle %llu\n", inspect_cycle(s->m));
    return CMD_OK;
}

enum command_status cmd_load(struct answer *a, const char *args)
{
    struct session *s = a->s;
    char file[4096], err[200];
    if (!file_name(a, args, file, sizeof file))
        return CMD_BAD;
    if (s->config->record)
        return fail(a, CMD_BAD,
                    "load: not with --record: a recording begins "
                    "where the machine began");
    if (keep_waits(s))
        return fail(a, CMD_BAD,
                    "load: a question or a card waits, and this machine "
                    "comes back to it");
    if (!session_load(s, file, err, sizeof err))
        return fail(a, CMD_BAD, "load: %s: %s", file, err);
    session_went(s, "load");
    if (a->to->who == IN_PROMPT)
        say(a, "the machine stands at cycle %llu\n", inspect_cycle(s->m));
    return CMD_OK;
}

enum command_status cmd_source(struct answer *a, const char *args)
{
    char file[4096];
    if (!file_name(a, args, file, sizeof file))
        return CMD_BAD;
    return a->s->run.port->file(a, file);
}

enum command_status cmd_quit(struct answer *a, const char *args)
{
    u64 status = 0;
    if (args_more(&args) && !args_value(a, &args, &status, "a status"))
        return CMD_BAD;
    if (!args_end(a, args))
        return CMD_BAD;
    if (status > 255)
        return fail(a, CMD_BAD, "quit: a status is 0 to 255");
    a->s->exit_status = (int)status;
    a->s->ended = true;
    return CMD_QUIT;
}
