/* SPDX-License-Identifier: MIT */
/* Executes a line: blanks, `json`, a verb, its arguments, perhaps a comment. */
#include "inspect/numbers.h"
#include "inspect/parts.h"
#include "inspect/symbols.h"
#include "monitor/verbs/verbs.h"

#include <ctype.h>
#include <stdlib.h>

static const char info_topics[] =
#define INFO(topic, args, help) "|" #topic args
#include "monitor/verbs/infos.def"
    ;
#define INFO_TOPICS (info_topics + 1)

const struct command commands[] = {
#define COMMAND(verb, args, complete, fn, help, example)                       \
    {verb, args, complete, cmd_##fn, help, example},
#include "monitor/verbs/commands.def"
};
const unsigned ncommands = ARRAY_LEN(commands);

/* Other names, mostly gdb's short forms, which are no unique beginnings. */
static const struct {
    const char *alias, *verb;
} aliases[] = {{"c", "continue"},   {"b", "break"},
               {"p", "print"},      {"i", "info"},
               {"si", "stepi"},     {"q", "quit"},
               {"h", "help"},       {"d", "delete"},
               {"sw", "step-walk"}, {"?", "help"},
               {"run", "run-for"},  {"rsi", "reverse-stepi"},
               {"frame", "page"},   {"rc", "reverse-continue"}};

static bool begins(const char *word, const char *with, size_t n)
{
    char cut[40];
    if (n >= sizeof cut)
        return false;
    memcpy(cut, with, n);
    cut[n] = 0;
    return word_begins(word, cut);
}

/* Writes the message for an unknown verb: what everyday.def says, else the
 * verbs that begin so, if there are several, else the nearest verb. */
static void explain_unknown(const char *verb, size_t n, char *err, size_t size)
{
    char cut[40], near_text[80];
    struct word_nearest near = {.typed = cut};
    size_t at = 0, matches = 0;
    snprintf(cut, sizeof cut, "%.*s", n < 39 ? (int)n : 39, verb);
    const char *type = everyday(cut, ""), *answer = everyday_told(cut);
    if (answer) {
        snprintf(err, size, "%s: unknown verb; %s", cut, answer);
        return;
    }
    if (type) {
        snprintf(err, size, "%s: unknown verb; did you mean %s?", cut, type);
        return;
    }
    for (unsigned i = 0; i < ncommands; i++) {
        matches += begins(commands[i].verb, verb, n);
        word_offer(&near, commands[i].verb);
    }
    if (!*near.best && (type = everyday_near(cut)))
        snprintf(near.best, sizeof near.best, "%s", type);
    if (matches < 2) {
        snprintf(err, size, "%s: unknown verb%s", cut,
                 *near.best ? word_hint(&near, near_text, sizeof near_text)
                            : " (see help)");
        return;
    }
    at = append(err, size, 0, "%s: more than one verb begins so:", cut);
    for (unsigned i = 0; i < ncommands; i++)
        if (begins(commands[i].verb, verb, n))
            at = append(err, size, at, " %s", commands[i].verb);
}

const struct command *command_find(const char *verb, size_t n, char *err,
                                   size_t size)
{
    const struct command *found = NULL;
    unsigned matches = 0;
    char word[40];
    snprintf(word, sizeof word, "%.*s", n < 39 ? (int)n : 39, verb);
    for (size_t i = 0; i < ARRAY_LEN(aliases); i++)
        if (strlen(aliases[i].alias) == n && begins(aliases[i].alias, verb, n))
            return command_find(aliases[i].verb, strlen(aliases[i].verb), err,
                                size);
    for (unsigned i = 0; i < ncommands; i++) {
        if (!begins(commands[i].verb, verb, n))
            continue;
        if (strlen(commands[i].verb) == n)
            return &commands[i];
        found = &commands[i];
        matches++;
    }
    /* `go` means continue to most people, and is no abbreviation of goto; next
     * is gdb's, not next-event. */
    if (matches == 1 && !everyday(word, "") && !everyday_told(word))
        return found;
    explain_unknown(verb, n, err, size);
    return NULL;
}

/* True for commands of the guest that people type here by mistake. */
static bool guest_has(const char *word)
{
    static const char *const has[] = {
        "ls",    "cat", "df",    "kill",  "cd",   "mkdir", "rm",     "cp",
        "mv",    "dd",  "mount", "uname", "id",   "pwd",   "sleep",  "hog",
        "chase", "vi",  "grep",  "head",  "tail", "sar",   "busybox"};
    for (unsigned i = 0; i < ARRAY_LEN(has); i++)
        if (!strcmp(word, has[i]))
            return true;
    return false;
}

/* True: a letter before `rest` may be a verb, as in "i ps", but not in "i
 * think" or "b or c". */
static bool letter_fits(struct session *s, const char *rest)
{
    char word[40];
    u64 at;
    if (*rest == '/' || !args_more(&rest))
        return true;
    snprintf(word, sizeof word, "%.*s", (int)strcspn(rest, " \t"), rest);
    return strpbrk(word, "0123456789.$*[(") || explain_knows(s, word) ||
           info_find(word, strlen(word)) || everyday(word, "info ") ||
           inspect_symbol(s->m, word, &at);
}

bool session_knows(struct session *s, const char *line)
{
    char err[200];
    size_t n = strcspn(line, " \t/");
    if (n == 1 && (isupper((u8)*line) || !letter_fits(s, line + n)))
        return false;
    return command_find(line, n, err, sizeof err) || info_find(line, n) ||
           explain_knows(s, line) || strstr(err, "did you mean");
}

/* Finds a verb whose hyphen was typed as a blank: `next event`, `step walk`. */
static const struct command *two_words(const char *p, size_t *n)
{
    const char *second = p + *n;
    if (!args_more(&second))
        return NULL;
    size_t both = (size_t)(second - p) + strcspn(second, " \t/");
    for (unsigned i = 0; i < ncommands; i++)
        if (strlen(commands[i].verb) == both && strchr(commands[i].verb, '-') &&
            begins(commands[i].verb, p, both))
            return *n = both, &commands[i];
    return NULL;
}

/* Executes a verb; `ps`, `frames dirty` mean `info ps`, `info frames dirty`. */
static enum command_status execute(struct answer *a, const char *p)
{
    char err[300], word[40];
    size_t n = 0;
    u64 number;
    if (!args_more(&p))
        return CMD_OK;
    while (p[n] && !isspace((u8)p[n]) && p[n] != '/')
        n++;
    const struct command *c = two_words(p, &n);
    if (!c)
        c = command_find(p, n, err, sizeof err);
    a->verb = c;
    if (!c && info_find(p, n))
        return cmd_info(a, p);
    if (!c && !strncmp(p, "--", 2))
        return fail(a, CMD_BAD,
                    "%.40s: options are for the command line: clockhand %.40s",
                    p, p);
    snprintf(word, sizeof word, "%.*s", n < 39 ? (int)n : 39, p);
    if (!c && guest_has(*p == '!' ? word + 1 : word))
        return fail(a, CMD_BAD,
                    "%.40s: unknown verb; a command of the guest's: send "
                    "\"%.60s\\n\" types it there (or continue)",
                    word, *p == '!' ? p + 1 : p);
    bool figure = strchr(word, '.') || inspect_counter_id(word) >= 0;
    if (!c && !p[n] && figure && inspect_counter(a->s->m, word, &number))
        return fail(a, CMD_BAD, "%.40s: unknown verb; print %.40s", word, word);
    if (!c && !everyday(word, "") && explain_knows(a->s, p))
        return fail(a, CMD_BAD,
                    "%.40s: unknown verb; explain %.40s tells what it is", p,
                    p);
    if (!c)
        return fail(a, CMD_BAD, "%s", err);
    return c->fn(a, p + n);
}

enum command_status session_execute(struct session *s, struct asker *by,
                                    const char *line)
{
    struct answer a = {.s = s, .to = by};
    char *copy = xstrdup(line);
    args_strip_comment(copy);
    by->error[0] = 0;
    by->told = false;
    enum command_status st = execute(&a, copy);
    json_free(&a.j);
    session_flush(s);
    free(copy);
    return st;
}

enum command_status session_command(struct session *s, const char *line)
{
    return session_execute(s, &s->lead, line);
}

enum command_status cmd_json(struct answer *a, const char *args)
{
    const struct session *s = a->s;
    a->json = true;
    enum command_status st = execute(a, args);
    json_free(&a->j);             /* a failed verb may leave a part of it */
    if (!a->printed && a->json) { /* no JSON was printed: print the status */
        json_add(&a->j, "{ok:%hhd", st == CMD_OK || st == CMD_QUIT);
        if (*a->to
                 ->error) { /* a program that asks may not see standard error */
            json_add(&a->j, "error:%s cycle:%llu pc:%#llx", a->to->error,
                     inspect_cycle(s->m), s->m->hart.pc);
        }
        json_close(&a->j, '}');
        finish_json(a);
    }
    a->json = false;
    return st;
}
