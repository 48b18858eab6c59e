/* SPDX-License-Identifier: MIT */
/* Verbs for scripted tests, and save, load, hash, quit. */
#include "inspect/output.h"
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
static void await_text(struct session *s, const char *text, u64 end)
{
    void (*output)(void *, const char *) = s->output;
    s->streams->expecting = text;
    s->streams->matched = false;
    session_aim(s, (struct goal){.deadline = end});
    s->output = NULL;
    session_go(s);
    s->output = output;
    s->streams->expecting = NULL;
    s->streams->matched = false;
}

enum command_status cmd_expect(struct session *s, const char *args)
{
    char text[512], tail[140], loop[400];
    u64 time, end;
    struct streams *st = s->streams;
    if (!args_string(s, &args, text, sizeof text, NULL) ||
        !args_amount(s, &args, &time, "a time") || !args_end(s, args))
        return CMD_BAD;
    if (s->context == IN_PANEL || (s->context == IN_PROMPT && s->streams->tty))
        return fail(s, CMD_BAD,
                    "expect: only in a file (-x FILE, source FILE); here: "
                    "run-for TIME, or run-until EXPR");
    if (__builtin_add_overflow(machine_now(s->m), time, &end))
        end = NEVER;
    bool found = streams_expect(st, text);
    if (!found && !s->m->off) {
        await_text(s, text, end);
        found = streams_expect(st, text);
    }
    if (found)
        return CMD_OK;
    if (s->quit)
        return CMD_QUIT;
    tail_of(st, tail, sizeof tail);
    return fail(s, CMD_FAILED, "expect: \"%.80s\" did not come (%s); last: %s",
                args_quote(text, (char[170]){0}, 170),
                s->m->off ? "the machine is off"
                : inspect_trap_loop(s->m, loop, sizeof loop) ? loop
                : s->run.stopped == STOP_DONE                ? "time is up"
                : s->run.stopped == STOP_HUNG  ? "the guest waits for ever"
                : s->run.stopped == STOP_LIMIT ? "the limit is reached"
                                               : "the machine stopped",
                *tail ? tail : "nothing");
}

enum command_status cmd_send(struct session *s, const char *args)
{
    char text[4096];
    size_t n;
    if (!args_string(s, &args, text, sizeof text, &n) || !args_end(s, args))
        return CMD_BAD;
    if (past_refuses(s, "send"))
        return CMD_BAD;
    machine_input(s->m, text, n);
    return CMD_OK;
}

/* ---- assert, echo, mark ---------------------------------------------- */

enum command_status cmd_assert(struct session *s, const char *args)
{
    struct expr_value v;
    struct expr_sides sides;
    char err[200];
    if (!args_more(&args))
        return fail(s, CMD_BAD, "an expression is missing");
    const char *text = args;
    struct expr *e = args_expr(s, &args);
    if (!e || !args_end(s, args)) {
        expr_free(e);
        return CMD_BAD;
    }
    bool ok = expr_eval(e, &s->env, &v, &sides, err, sizeof err);
    expr_free(e);
    if (!ok)
        return fail(s, CMD_BAD, "assert: %s", err);
    answer_json(s, "{assert:%s holds:%hhd}", text, v.bits != 0);
    if (v.bits)
        return CMD_OK;
    if (sides.valid)
        return fail(s, CMD_FAILED,
                    "assert: %s: left is %lld (0x%llx), right is %lld (0x%llx)",
                    text, sides.left, sides.left, sides.right, sides.right);
    return fail(s, CMD_FAILED, "assert: %s", text);
}

enum command_status cmd_echo(struct session *s, const char *args)
{
    char quoted[2048];
    args_more(&args);
    const char *text = *args == '"' ? quoted : args;
    if (text == quoted &&
        (!args_string(s, &args, quoted, sizeof quoted, NULL) ||
         !args_end(s, args)))
        return CMD_BAD;
    say(s, "%s\n", text);
    publish_caption(s, text, LENS_NO_PFN, CAPTION_SECONDS);
    return answer_json(s, "{text:%s}", text);
}

enum command_status cmd_caption(struct session *s, const char *args)
{
    char text[sizeof s->show.caption], event[32] = "";
    u64 reasons = 0;
    if (!args_string(s, &args, text, sizeof text, NULL))
        return CMD_BAD;
    if (args_event(&args, event, sizeof event))
        reasons = inspect_reason_mask(event);
    if (!args_end(s, args))
        return CMD_BAD;
    story_card(s, text, reasons);
    publish_caption(s, text, LENS_NO_PFN, CAPTION_SECONDS);
    publish_chapter(s);
    return CMD_OK;
}

enum command_status cmd_card(struct session *s, const char *args)
{
    char word[16];
    bool next;
    if (!args_word(s, &args, word, sizeof word, "next or back") ||
        !args_end(s, args))
        return CMD_BAD;
    next = !strcmp(word, "next");
    if (!next && strcmp(word, "back"))
        return fail(s, CMD_BAD, "card: %s: next or back", word);
    return next ? story_next(s) : story_back(s);
}

bool let_set(struct session *s, const char *name, u64 value)
{
    unsigned i;
    for (i = 0; i < s->lets.n && strcmp(s->lets.at[i].name, name); i++)
        ;
    if (i == LETS) {
        fail(s, CMD_BAD, "let: at most %d names", LETS);
        return false;
    }
    if (i == s->lets.n)
        s->lets.n++;
    snprintf(s->lets.at[i].name, sizeof s->lets.at[i].name, "%s", name);
    s->lets.at[i].value = value;
    return true;
}

enum command_status cmd_let(struct session *s, const char *args)
{
    char name[32];
    u64 value;
    if (!args_name(s, &args, "let", name, sizeof name) ||
        !args_value(s, &args, &value, "a value") || !args_end(s, args))
        return CMD_BAD;
    return let_set(s, name, value) ? CMD_OK : CMD_BAD;
}

enum command_status cmd_mark(struct session *s, const char *args)
{
    char name[32];
    if (!args_name(s, &args, "mark", name, sizeof name) || !args_end(s, args))
        return CMD_BAD;
    if (!strcmp(name, "now"))
        return fail(s, CMD_BAD, "mark: now is the present");
    struct mark *mark = mark_find(s, name);
    if (!mark && s->marks.n == MARKS)
        return fail(s, CMD_BAD, "mark: at most %d marks", MARKS);
    if (!mark)
        mark = &s->marks.at[s->marks.n++];
    memcpy(mark->name, name, sizeof name);
    mark->cycle = machine_now(s->m);
    mark->at = history_now(s->m->past);
    inspect_trace_mark(s->trace, name);
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
static bool await_line(struct session *s)
{
    struct streams *st = s->streams;
    u64 end = machine_now(s->m) + cycles_per_ms(s->m->clock_hz) * HEAR_MS;
    if (!memchr(st->heard, '\n', st->nheard) && !s->m->off)
        await_text(s, "\n", end);
    return memchr(st->heard, '\n', st->nheard);
}

/* Sets the next name at *args (_: no name) to the next number after *at. */
static enum command_status hear_one(struct session *s, const char **args,
                                    size_t *at, struct json *j)
{
    char name[32];
    u64 value;
    if (!args_name(s, args, "hear", name, sizeof name))
        return CMD_BAD;
    if (!next_number(s->streams, at, &value))
        return fail(s, CMD_FAILED,
                    "hear: the line has no number of 64 bits for %s", name);
    if (!strcmp(name, "_"))
        return CMD_OK;
    json_u64(j, name, value);
    return let_set(s, name, value) ? CMD_OK : CMD_BAD;
}

enum command_status cmd_hear(struct session *s, const char *args)
{
    struct streams *st = s->streams;
    size_t at = 0;
    if (s->context == IN_PANEL || (s->context == IN_PROMPT && st->tty))
        return fail(s, CMD_BAD, "hear: in a script only");
    if (!args_more(&args))
        return fail(s, CMD_BAD, "a name is missing");
    if (!await_line(s))
        return fail(s, CMD_FAILED, "hear: the guest's line does not end");
    json_open(&s->j, NULL, '{');
    while (args_more(&args)) {
        enum command_status status = hear_one(s, &args, &at, &s->j);
        if (status != CMD_OK)
            return status;
    }
    st->nheard -= at;
    memmove(st->heard, st->heard + at, st->nheard);
    st->taken = st->nall - st->nheard;
    json_close(&s->j, '}');
    return finish_json(s);
}

static enum command_status unheard(struct session *s, const char *line)
{
    void (*output)(void *, const char *) = s->output;
    s->output = NULL;
    enum command_status st = session_command(s, line);
    s->output = output;
    return st;
}

enum command_status cmd_quietly(struct session *s, const char *args)
{
    if (s->context == IN_PANEL)
        return fail(s, CMD_BAD, "quietly: not in the panel");
    enum command_status st = unheard(s, args);
    if (*s->error && s->context != IN_SCRIPT && !s->refusing)
        say(s, "%s\n", s->error); /* in a script, fail() has printed it */
    return st;
}

enum command_status cmd_refuse(struct session *s, const char *args)
{
    char want[sizeof s->error], got[sizeof s->error];
    if (s->context == IN_PANEL)
        return fail(s, CMD_BAD, "refuse: not in the panel");
    if (!args_string(s, &args, want, sizeof want, NULL))
        return CMD_BAD;
    args_more(&args);
    bool outer = s->refusing;
    s->refusing = true;
    enum command_status st = unheard(s, args);
    s->refusing = outer;
    if (st == CMD_QUIT)
        return st;
    if (st == CMD_OK)
        return fail(s, CMD_FAILED, "refuse: %s: it was done", args);
    snprintf(got, sizeof got, "%s", s->error); /* fail() writes there */
    if (!strstr(got, want))
        return fail(s, CMD_FAILED, "refuse: %s: another message: %.300s", args,
                    got);
    s->error[0] = 0;
    return CMD_OK;
}

enum command_status cmd_console(struct session *s, const char *args)
{
    char word[8];
    if (!args_more(&args))
        return fail(s, CMD_BAD,
                    "console: on or off is missing (the guest gets the keys "
                    "with continue, or Ctrl-A c)");
    if (!args_word(s, &args, word, sizeof word, "on or off") ||
        !args_end(s, args))
        return CMD_BAD;
    if (strcmp(word, "on") && strcmp(word, "off"))
        return fail(s, CMD_BAD, "console: %s: neither on nor off", word);
    s->streams->muted = word[1] == 'f' && !s->config->verbose;
    return CMD_OK;
}

enum command_status cmd_block(struct session *s, UNUSED const char *args)
{
    const char *verb = s->verb->verb;
    if (!block_depth(verb) || *verb == 'e')
        return fail(s, CMD_BAD, "%s: there is no block that it belongs to",
                    verb);
    return fail(s, CMD_BAD, "%s: only in a file (-x FILE, source FILE)", verb);
}

/* ---- whole machines -------------------------------------------------- */

enum command_status cmd_hash(struct session *s, const char *args)
{
    char hex[33];
    if (!args_end(s, args))
        return CMD_BAD;
    machine_hash(s->m, hex);
    say(s, "hash %s\n", hex);
    return answer_json(s, "{hash:%s cycle:%llu}", hex, machine_now(s->m));
}

static bool file_name(struct session *s, const char *args, char *file, size_t n)
{
    return args_word(s, &args, file, n, "a file") && args_end(s, args);
}

enum command_status cmd_save(struct session *s, const char *args)
{
    char file[4096], err[200];
    if (!file_name(s, args, file, sizeof file))
        return CMD_BAD;
    if (!machine_save(s->m, file, err, sizeof err))
        return fail(s, CMD_BAD, "save: %s: %s", file, err);
    s->saved = inspect_cycle(s->m);
    if (s->context == IN_PROMPT)
        say(s, "saved at cycle %llu\n", inspect_cycle(s->m));
    return CMD_OK;
}

enum command_status cmd_load(struct session *s, const char *args)
{
    char file[4096], err[200];
    if (!file_name(s, args, file, sizeof file))
        return CMD_BAD;
    if (s->config->record)
        return fail(s, CMD_BAD,
                    "load: not with --record: a recording begins "
                    "where the machine began");
    if (keep_waits(s))
        return fail(s, CMD_BAD,
                    "load: a question or a card waits, and this machine "
                    "comes back to it");
    if (!session_load(s, file, err, sizeof err))
        return fail(s, CMD_BAD, "load: %s: %s", file, err);
    session_went(s, "load");
    if (s->context == IN_PROMPT)
        say(s, "the machine stands at cycle %llu\n", inspect_cycle(s->m));
    return CMD_OK;
}

enum command_status cmd_source(struct session *s, const char *args)
{
    char file[4096];
    if (!file_name(s, args, file, sizeof file))
        return CMD_BAD;
    return script_run(s, file);
}

enum command_status cmd_quit(struct session *s, const char *args)
{
    u64 status = 0;
    if (args_more(&args) && !args_value(s, &args, &status, "a status"))
        return CMD_BAD;
    if (!args_end(s, args))
        return CMD_BAD;
    if (status > 255)
        return fail(s, CMD_BAD, "quit: a status is 0 to 255");
    s->exit_status = (int)status;
    s->ended = true;
    return CMD_QUIT;
}
