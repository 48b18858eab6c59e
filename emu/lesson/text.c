/* SPDX-License-Identifier: MIT */
/* Handles the text of lessons: values in braces, a question's parts, paragraphs
 * at a terminal's width, and typed numbers. */
#include "lesson/internal.h"

#include "console/wrap.h"
#include "monitor/drive.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define WIDTH 78 /* longer lines are hard to read */

char *text_trimmed(char *text)
{
    size_t n = strlen(text);
    while (n && isspace((u8)text[n - 1]))
        text[--n] = 0;
    return text + strspn(text, " \t");
}

unsigned lines_before(const char *text, const char *at)
{
    unsigned n = 0;
    for (; text < at; text++)
        n += *text == '\n';
    return n;
}

/* ---- a question ------------------------------------------------------ */

const char *choice_at(const char *text, size_t nth)
{
    for (const char *p = text; *p; p += strcspn(p, "\n"), p += *p == '\n')
        if (islower((u8)p[0]) && p[1] == '.' && p[2] == ' ' && !nth--)
            return p;
    return NULL;
}

void choices_of(const char *text, char choices[CHOICES_MAX])
{
    const char *at;
    size_t n = 0;
    while (n + 1 < CHOICES_MAX && (at = choice_at(text, n)))
        choices[n++] = *at;
    choices[n] = 0;
}

char *question_only(const char *text)
{
    const char *choices = choice_at(text, 0);
    size_t n = choices ? (size_t)(choices - text) : strlen(text);
    char *copy = strndup(text, n);
    for (char *p = copy; *p; p++)
        if (*p == '\n')
            *p = ' ';
    text_trimmed(copy);
    return copy;
}

/* True at the end of a sentence: ". ", "? ", but not in "4.3BSD". */
static bool is_stop(const char *p)
{
    return strchr(".?!", p[0]) && p[1] == ' ';
}

bool question_sentence(const char *text, char *to, size_t n)
{
    char *all = question_only(text), *end = strrchr(all, '?');
    const char *from = all;
    size_t k = 0;
    for (const char *p = all; end && p < end; p++)
        if (is_stop(p))
            from = p + 2;
    for (; end && from <= end && k + 1 < n; from++)
        if (*from != '`' && *from != '*')
            to[k++] = *from;
    to[k] = 0;
    bool whole = end && from > end;
    free(all);
    return whole;
}

/* ---- values ---------------------------------------------------------- */

bool number_read(const struct expr_env *env, const char *text,
                 struct number *to, char *err, size_t n)
{
    *to = (struct number){0};
    if (text[0] == '/' && text[1]) {
        to->hex = text[1] == 'x';
        to->digits = text[1] >= '1' && text[1] <= '9' ? text[1] - '0' : 0;
        if ((!to->hex && !to->digits) || text[2] != ' ') {
            snprintf(err, n, "neither {/x EXPR} nor {/2 EXPR}");
            return false;
        }
        text += 3;
    }
    struct expr *e = expr_compile(env, &text, err, n);
    bool ok = e && !text[strspn(text, " \t")];
    if (e && !ok)
        snprintf(err, n, "unexpected '%.40s'", text);
    ok = ok && expr_eval(e, env, &to->v, NULL, err, n);
    expr_free(e);
    return ok;
}

char *number_text(struct number n, char *buf, size_t size)
{
    bool minus = !n.v.is_unsigned && (s64)n.v.bits < 0;
    u64 unit = 1, all = minus ? -n.v.bits : n.v.bits;
    for (int i = 0; i < n.digits; i++)
        unit *= 10;
    size_t at =
        n.hex ? append(buf, size, 0, "0x%llx", n.v.bits)
              : append(buf, size, 0, "%s%llu", minus ? "-" : "", all / unit);
    if (n.digits)
        append(buf, size, at, ".%0*llu", n.digits, all % unit);
    return buf;
}

double number_value(struct number n)
{
    char buf[40];
    return strtod(number_text(n, buf, sizeof buf), NULL);
}

/* Reads the value of the expression in braces at *p, and moves *p after it.
 * False: err says why not. */
static bool fill(const struct expr_env *env, const char **p, struct number *to,
                 char *err, size_t n)
{
    char why[200];
    size_t inside = strcspn(*p, "}\n");
    if ((*p)[inside] != '}') {
        snprintf(err, n, "a brace that is not closed");
        return false;
    }
    char *expr = strndup(*p + 1, inside - 1);
    bool ok = number_read(env, expr, to, why, sizeof why);
    if (ok)
        *p += inside + 1;
    else
        snprintf(err, n, "{%s}: %s", expr, why);
    free(expr);
    return ok;
}

char *text_filled(const struct expr_env *env, const char *text, bool lenient,
                  unsigned *line, char *err, size_t n)
{
    char *all, is[40];
    size_t size;
    FILE *to = open_memstream(&all, &size);
    for (const char *p = text; *p;) {
        struct number number;
        if (*p != '{') {
            putc(*p++, to);
        } else if (fill(env, &p, &number, err, n)) {
            fputs(number_text(number, is, sizeof is), to);
        } else if (lenient) {
            putc(*p++, to);
        } else {
            *line += lines_before(text, p);
            fclose(to);
            free(all);
            return NULL;
        }
    }
    fclose(to);
    return all;
}

static bool in_name(char c)
{
    return isalnum((u8)c) || c == '_' || c == '.';
}

/* Returns the length of `let.NAME` or `mark.NAME` where text begins, or 0. */
static size_t noted_name(const char *text)
{
    size_t n = 0;
    if (strncmp(text, "let.", 4) && strncmp(text, "mark.", 5))
        return 0;
    while (in_name(text[n]))
        n++;
    return n;
}

char *text_noted(const struct expr_env *env, const char *text)
{
    char *all, err[200], is[40];
    size_t size, n;
    FILE *to = open_memstream(&all, &size);
    bool counts = !strncmp(text, "print", 5) && strncmp(text, "print/", 6);
    for (const char *p = text; *p; p += n) {
        struct number v;
        n = p > text && in_name(p[-1]) ? 0 : noted_name(p);
        char *name = strndup(p, n);
        if (n && number_read(env, name, &v, err, sizeof err)) {
            v.hex = !counts && v.v.bits >= 0x10000;
            fputs(number_text(v, is, sizeof is), to);
        } else {
            putc(*p, to);
            n = 1;
        }
        free(name);
    }
    fclose(to);
    return all;
}

/* ---- paragraphs ------------------------------------------------------ */

static size_t width(void)
{
    struct winsize w;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) || w.ws_col < 20 ||
        w.ws_col > WIDTH)
        return WIDTH;
    return w.ws_col - 1u;
}

static bool is_item(const char *line)
{
    bool dot = line[0] && line[1] == '.' && line[2] == ' ';
    return ((*line == '-' || *line == '*') && line[1] == ' ') ||
           (dot && (islower((u8)*line) || isdigit((u8)*line)));
}

/* True for lines of lists, tables and code, headings and empty lines, which are
 * not joined to the paragraph before them. */
static bool stands_alone(const char *line)
{
    return (*line && strchr(" |\t#\n", *line)) || is_item(line);
}

void text_print(const char *text)
{
    char *copy = xstrdup(text), *end;
    bool any = false, gap = false;
    for (char *p = copy; *p; p = end) {
        bool alone = stands_alone(p), item = is_item(p);
        end = p + strcspn(p, "\n");
        gap |= end == p;
        while (!alone && *end && end[1] && !stands_alone(end + 1)) {
            *end = ' '; /* joins the paragraph's next line */
            end += strcspn(end, "\n");
        }
        if (*end)
            *end++ = 0;
        if (!*p)
            continue;
        fputs(gap && any ? "\n" : "", stdout);
        any = true;
        gap = false;
        wrap_line(stdout, p, alone && !item ? SIZE_MAX : width(), item ? 3 : 0);
    }
    free(copy);
}

/* ---- numbers --------------------------------------------------------- */

/* True for a comma between thousands; in "1,5" it may be a decimal point. */
static bool is_thousands(const char *comma, const char *plain, size_t n)
{
    return n && memcmp(plain, "0", n) && isdigit((u8)comma[1]) &&
           isdigit((u8)comma[2]) && isdigit((u8)comma[3]) &&
           !isdigit((u8)comma[4]);
}

bool text_number(const char *text, double *value)
{
    char plain[64], *end;
    size_t n = 0;
    text += strspn(text, " \t");
    for (; *text && n + 1 < sizeof plain; text++) {
        if (*text == ',' && text[1 + strspn(text + 1, " \t")] &&
            !is_thousands(text, plain, n))
            return false;
        if (*text != ',' && *text != '_' && !isspace((u8)*text))
            plain[n++] = *text;
    }
    plain[n] = 0;
    if (*text || !n || !isdigit((u8)plain[*plain == '-' || *plain == '.']))
        return false;
    *value = strtod(plain, &end);
    return !*end && *value < 1e300 && *value > -1e300;
}
