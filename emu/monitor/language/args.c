/* SPDX-License-Identifier: MIT */
/* Reads a verb's arguments. Most functions take one argument from the front of
 * the line. If it is missing or wrong, they print one line that says so. */
#include "monitor/language/args.h"
#include "base/word.h"
#include "inspect/process.h"
#include "inspect/words.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define USAGE_MOST 40 /* bytes; longer usages are shown by help only */

/* Prints the verb, the mistake in its arguments, and the verb's usage. */
static void args_fault(struct answer *a, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
static void args_fault(struct answer *a, const char *fmt, ...)
{
    char text[160];
    va_list ap;
    const struct command *c = a->verb;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    if (!c)
        fail(a, CMD_BAD, "%s", text);
    else if (!*c->args || strlen(c->args) > USAGE_MOST)
        fail(a, CMD_BAD, "%s: %s", c->verb, text);
    else
        fail(a, CMD_BAD, "%s: %s (%s %s)", c->verb, text, c->verb, c->args);
}

bool args_more(const char **p)
{
    while (isspace((u8) * *p))
        ++*p;
    return **p;
}

bool args_begin_with(const char *text, const char *word)
{
    size_t n = strlen(word);
    args_more(&text);
    return !strncmp(text, word, n) && (!text[n] || isspace((u8)text[n]));
}

int block_depth(const char *text)
{
    if (args_begin_with(text, "repeat") || args_begin_with(text, "while") ||
        args_begin_with(text, "if"))
        return 1;
    return args_begin_with(text, "end") ? -1 : 0;
}

void args_aloud(struct answer *a, const char **p)
{
    args_more(p);
    if (strncmp(*p, "-v", 2) || ((*p)[2] && !isspace((u8)(*p)[2])))
        return;
    *p += 2;
    a->aloud = true;
}

bool args_end(struct answer *a, const char *p)
{
    if (!args_more(&p))
        return true;
    args_fault(a, "unexpected '%.40s'", p);
    return false;
}

bool args_count(struct answer *a, const char *p, u64 *n)
{
    return (!args_more(&p) || args_amount(a, &p, n, "a count")) &&
           args_end(a, p);
}

bool args_word(struct answer *a, const char **p, char *buf, size_t n,
               const char *what)
{
    size_t len = 0;
    if (!args_more(p)) {
        args_fault(a, "%s is missing", what);
        return false;
    }
    if (**p == '"')
        return args_string(a, p, buf, n, NULL);
    while ((*p)[len] && !isspace((u8)(*p)[len]))
        len++;
    if (len >= n) {
        fail(a, CMD_BAD, "%s is too long", what);
        return false;
    }
    memcpy(buf, *p, len);
    buf[len] = 0;
    *p += len;
    return true;
}

/* Reads the rest of an escape, after its backslash: one of C11 6.4.4.4, e for
 * ESC, or JSON's u00XX, which programs send for control characters. */
static bool escape(const char **p, char *out)
{
    static const char from[] = "abfnrtve\\'\"?",
                      to[] = "\a\b\f\n\r\t\v\x1b\\'\"?";
    const char *at = **p ? strchr(from, **p) : NULL;
    unsigned v = 0, digits = 0;
    if (at) {
        *out = to[at - from];
        ++*p;
        return true;
    }
    if (**p == 'x' || !strncmp(*p, "u00", 3)) {
        *p += **p == 'x' ? 1 : 3;
        for (; isxdigit((u8) * *p) && digits < 2; ++*p, digits++)
            v = v * 16 + (unsigned)(isdigit((u8) * *p)
                                        ? **p - '0'
                                        : tolower((u8) * *p) - 'a' + 10);
    } else {
        for (; **p >= '0' && **p <= '7' && digits < 3; ++*p, digits++)
            v = v * 8 + (unsigned)(**p - '0');
    }
    *out = (char)v;
    return digits && v < 256;
}

bool args_string(struct answer *a, const char **p, char *buf, size_t n,
                 size_t *length)
{
    size_t len = 0;
    if (!args_more(p) || **p != '"') {
        args_fault(a, "a \"text\" in quotes is missing");
        return false;
    }
    for (++*p; **p && **p != '"'; len++) {
        char c = *(*p)++;
        if (c == '\\' && !escape(p, &c)) {
            fail(a, CMD_BAD, "no such escape: \\%.4s", *p);
            return false;
        }
        if (len + 1 >= n) {
            fail(a, CMD_BAD, "a text of more than %zu bytes", n - 1);
            return false;
        }
        buf[len] = c;
    }
    if (**p != '"') {
        fail(a, CMD_BAD, "the quote at the text's end is missing");
        return false;
    }
    ++*p;
    buf[len] = 0;
    if (length)
        *length = len;
    return true;
}

struct expr *args_expr(struct answer *a, const char **p)
{
    char err[200];
    struct expr *e = expr_compile(&a->s->env, p, err, sizeof err);
    if (!e)
        fail(a, CMD_BAD, "%s", err);
    return e;
}

bool evaluate(struct answer *a, const struct expr *e, u64 *value)
{
    char err[200];
    struct expr_value v;
    if (!expr_eval(e, &a->s->env, &v, NULL, err, sizeof err)) {
        fail(a, CMD_BAD, "%s", err);
        return false;
    }
    *value = v.bits;
    a->is_unsigned = v.is_unsigned;
    return true;
}

bool args_value(struct answer *a, const char **p, u64 *value, const char *what)
{
    char err[200] = "", alone[200];
    if (!args_more(p)) {
        args_fault(a, "%s is missing", what);
        return false;
    }
    const char *start = *p;
    struct expr *e = expr_compile(&a->s->env, p, err, sizeof err);
    snprintf(alone, sizeof alone, "expression: '%.*s' " EXPR_NO_NAME,
             (int)strcspn(start, " \t"), start);
    bool no_name =
        !strncmp(err, alone, strlen(alone)) && !strstr(err, "did you mean");
    if (!e && no_name)
        args_fault(a, "'%.*s' is not %s, and " EXPR_NO_NAME,
                   (int)strcspn(start, " \t"), start, what);
    else if (!e)
        fail(a, CMD_BAD, "%s", err);
    bool ok = e && evaluate(a, e, value);
    expr_free(e);
    return ok;
}

bool args_amount(struct answer *a, const char **p, u64 *value, const char *what)
{
    if (!args_value(a, p, value, what))
        return false;
    if ((s64)*value < 0)
        args_fault(a, "%s below 0: %lld", what, *value);
    return (s64)*value >= 0;
}

/* Reads gdb's /[COUNT][LETTER][SIZE], perhaps after blanks. SIZE may also stand
 * before LETTER. */
bool args_format(struct answer *a, const char **p, struct format *f)
{
    const char *at = *p;
    if (!args_more(&at) || *at != '/')
        return true;
    *p = at + 1;
    if (isdigit((u8) * *p)) {
        char *end;
        f->count = strtoull(*p, &end, 10);
        *p = end;
    }
    for (; isalpha((u8) * *p); ++*p) {
        static const char sizes[] = "bhwg";
        const char *size = strchr(sizes, **p);
        if (size) {
            f->size = 1u << (size - sizes);
        } else if (strchr("xduotcaisz", **p)) {
            f->letter = **p;
        } else {
            fail(a, CMD_BAD, "no such format: %c (x d u o t c a i s; b h w g)",
                 **p);
            return false;
        }
    }
    return true;
}

/* Skips a listed word and the blanks after it. False: no listed word comes
 * next, or the line ends after it. */
static bool skip_word(const char **p, const char *const *words, unsigned nwords)
{
    char word[16];
    args_more(p);
    size_t n = strcspn(*p, " \t");
    snprintf(word, sizeof word, "%.*s", n < 15 ? (int)n : 15, *p);
    for (unsigned i = 0; i < nwords; i++)
        if (word_same(word, words[i])) {
            *p += n;
            return args_more(p);
        }
    return false;
}

bool args_event_va(const char *p)
{
    return args_more(&p) && !strncmp(p, "event.va", 8);
}

void args_frame_words(const char **p)
{
    static const char *const said[] = {"frame", "page", "pfn", "number"};
    const char *at = *p;
    while (skip_word(&at, said, ARRAY_LEN(said)))
        if (strcspn(at, " \t") > strcspn(at, "0123456789.$"))
            *p = at;
}

bool args_event(const char **p, char *buf, size_t n)
{
    char word[40];
    size_t at = 0, best = 0;
    args_more(p);
    for (unsigned words = 0; words < 3 && (*p)[at]; words++) {
        at += strspn(*p + at, " \t");
        at += strcspn(*p + at, " \t");
        snprintf(word, sizeof word, "%.*s", at < 39 ? (int)at : 39, *p);
        if (inspect_reason_mask(word) && at < n)
            best = at;
    }
    snprintf(buf, n, "%.*s", (int)best, *p);
    *p += best;
    return best;
}

bool process_named(struct session *s, const char *name, size_t n, u64 *pid)
{
    struct ins_proc procs[256];
    unsigned count =
        isalpha((u8)*name) ? inspect_procs(s->m, procs, ARRAY_LEN(procs)) : 0;
    for (unsigned i = 0; i < count; i++)
        if (strlen(procs[i].name) == n && !memcmp(procs[i].name, name, n)) {
            *pid = procs[i].pid;
            return true;
        }
    return false;
}

/* Reads a pid, or the name of a process. A thread's id means its process. */
bool args_pid(struct answer *a, const char **p, u64 *pid)
{
    static const char *const said[] = {"pid", "process", "of"};
    if (!args_more(p)) {
        args_fault(a, "a process is missing");
        return false;
    }
    skip_word(p, said, ARRAY_LEN(said));
    size_t n = strcspn(*p, " \t");
    if (process_named(a->s, *p, n, pid)) {
        *p += n;
        return true;
    }
    if (!args_value(a, p, pid, "a process (info ps)"))
        return false;
    if (*pid == (u32)*pid)
        *pid = inspect_process_of(a->s->m, (u32)*pid);
    else
        args_fault(a, "%llu is no process (info ps)", *pid);
    return *pid == (u32)*pid;
}

char *args_quote(const char *text, char *buf, size_t n)
{
    size_t at = 0;
    for (; *text && at + 5 < n; text++) {
        if (*text == '\n')
            at = append(buf, n, at, "\\n");
        else if (isprint((u8)*text))
            buf[at++] = *text;
        else
            at = append(buf, n, at, "\\x%02x", (u8)*text);
    }
    buf[at] = 0;
    return buf;
}

/* A comment begins with # at the start or after a blank, outside quotes. */
void args_strip_comment(char *line)
{
    bool quoted = false;
    for (char *p = line; *p; p++) {
        if (*p == '\\' && quoted && p[1])
            p++;
        else if (*p == '"')
            quoted = !quoted;
        else if (*p == '#' && !quoted && (p == line || isspace((u8)p[-1]))) {
            *p = 0;
            break;
        }
    }
    size_t n = strlen(line);
    while (n && isspace((u8)line[n - 1]))
        line[--n] = 0;
}

bool args_name(struct answer *a, const char **args, const char *verb,
               char *name, size_t n)
{
    if (!args_word(a, args, name, n, "a name"))
        return false;
    for (const char *p = name; *p; p++)
        if (!isalnum((u8)*p) && *p != '_') {
            fail(a, CMD_BAD, "%s: %s: letters, digits and _ only", verb, name);
            return false;
        }
    return true;
}
