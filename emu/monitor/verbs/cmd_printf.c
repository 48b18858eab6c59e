/* SPDX-License-Identifier: MIT */
/* printf, as in gdb, writes several values in one line, as tables need them.
 * Numbers are EXPR (expr.h). %f takes two and writes their quotient, rounded; a
 * division in EXPR would cut the fraction off. %s writes the word for
 * vm.policy, event.reason, event.actor, or a frame state (event.from, event.to,
 * page.state, state.WORD, let.NAME). */
#include "inspect/parts.h"
#include "inspect/policy.h"
#include "inspect/words.h"
#include "monitor/verbs/verbs.h"

#include <ctype.h>

struct line {
    char text[2048];
    size_t n;
};

static void put_char(struct line *l, char c)
{
    if (l->n + 1 < sizeof l->text)
        l->text[l->n++] = c;
    l->text[l->n] = 0;
}

/* Takes flags, width and precision of a conversion ("%-8.3", up to 99), for C's
 * printf. False: one of them or the letter that follows is not allowed. */
static bool take_form(const char **f, char *form, size_t n)
{
    size_t len = 0;
    form[len++] = '%';
    while (**f && strchr("-0+ #", **f) && len + 8 < n)
        form[len++] = *(*f)++;
    for (int part = 0; part < 2; part++) {
        for (int digits = 0; isdigit((u8) * *f); digits++) {
            if (digits == 2)
                return false;
            form[len++] = *(*f)++;
        }
        if (part || **f != '.')
            break;
        form[len++] = *(*f)++;
    }
    while (**f == 'l') /* all numbers have 64 bits */
        ++*f;
    form[len] = 0;
    return **f && strchr("diuxXocsf", **f);
}

/* Gives the word that %s stands for. False: there is none. */
static bool word_of(struct session *s, const char *start, const char *end,
                    u64 value, const char **word, char *buf, size_t n)
{
    struct ins_policy policy;
    struct ins_event e = inspect_caught(s->m);
    char name[32];
    while (end > start && isspace((u8)end[-1]))
        end--;
    snprintf(name, sizeof name, "%.*s", (int)(end - start), start);
    if (!strcmp(name, "vm.policy")) {
        if (!inspect_policy(s->m, &policy))
            return false;
        snprintf(buf, n, "%s", policy.name);
        *word = buf;
    } else if (!strcmp(name, "event.reason"))
        *word = inspect_reason_word(e.reason);
    else if (!strcmp(name, "event.actor"))
        *word = inspect_actor_word(e.actor);
    else if (!strcmp(name, "event.from") || !strcmp(name, "event.to") ||
             !strcmp(name, "page.state") || !strncmp(name, "let.", 4) ||
             (!strncmp(name, "state.", 6) &&
              !name[6 + strspn(name + 6, "abcdefghijklmnopqrstuvwxyz_")]))
        *word = inspect_state_word((u32)value);
    return *word;
}

/* True: start begins with vm.policy, which is a word and no number. */
static bool names_policy(const char *start, size_t *length)
{
    *length = strlen("vm.policy");
    return !strncmp(start, "vm.policy", *length) &&
           !isalnum((u8)start[*length]) && start[*length] != '_';
}

/* Writes one conversion, with the next argument from *args. */
static enum command_status convert(struct answer *a, struct line *l,
                                   const char *form, char letter,
                                   const char **args)
{
    u64 value = 0, by = 1;
    double whole;
    size_t length;
    char text[160], full[40], policy[16];
    const char *word = NULL;
    snprintf(full, sizeof full, "%s%s%c", form,
             strchr("fsc", letter) ? "" : "ll", letter);
    args_more(args);
    if (**args != ',')
        return fail(a, CMD_BAD, "printf: more %% than values");
    ++*args;
    args_more(args);
    const char *start = *args;
    if (letter == 's' && names_policy(start, &length))
        *args += length;
    else if (!args_value(a, args, &value, "a value for each %"))
        return CMD_BAD;
    if (letter == 'f') {
        whole = a->is_unsigned ? (double)value : (double)(s64)value;
        args_more(args);
        if (**args != ',')
            return fail(a, CMD_BAD, "printf: %%f takes two values: A, B");
        ++*args;
        if (!args_value(a, args, &by, "a second value for %f"))
            return CMD_BAD;
        if (!by)
            return fail(a, CMD_BAD, "printf: %%f: division by 0");
        snprintf(text, sizeof text, full,
                 whole / (a->is_unsigned ? (double)by : (double)(s64)by));
    } else if (letter == 's') {
        if (!word_of(a->s, start, *args, value, &word, policy, sizeof policy))
            return fail(a, CMD_BAD, "printf: %%s: no word for %.40s", start);
        snprintf(text, sizeof text, full, word);
    } else if (letter == 'c') {
        snprintf(text, sizeof text, full, (int)(value & 0x7f));
    } else {
        snprintf(text, sizeof text, full, value);
    }
    for (const char *c = text; *c; c++)
        put_char(l, *c);
    return CMD_OK;
}

enum command_status args_printf(struct answer *a, const char **args, char *text,
                                size_t n)
{
    char format[512], form[32];
    struct line l = {.n = 0};
    enum command_status st;
    if (!args_string(a, args, format, sizeof format, NULL))
        return CMD_BAD;
    for (const char *f = format; *f; f++) {
        if (*f != '%') {
            put_char(&l, *f);
            continue;
        }
        if (*++f == '%') {
            put_char(&l, '%');
            continue;
        }
        if (!take_form(&f, form, sizeof form))
            return fail(a, CMD_BAD,
                        "printf: %% and what? d i u x X o c s f, with a "
                        "width up to 99, or %%%%");
        if ((st = convert(a, &l, form, *f, args)) != CMD_OK)
            return st;
    }
    args_more(args);
    if (**args == ',')
        return fail(a, CMD_BAD, "printf: more values than %%");
    snprintf(text, n, "%s", l.text);
    return CMD_OK;
}

enum command_status cmd_printf(struct answer *a, const char *args)
{
    char text[2048];
    enum command_status st = args_printf(a, &args, text, sizeof text);
    if (st != CMD_OK)
        return st;
    if (!args_end(a, args))
        return CMD_BAD;
    say(a, "%s", text);
    return answer_json(a, "{text:%s}", text);
}
