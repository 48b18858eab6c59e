/* SPDX-License-Identifier: MIT */
/* Text of lessons: numbers in braces, paragraphs at a terminal's width, and
 * typed numbers. */
#include "lesson/internal.h"

#include <ctype.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define WIDTH 78 /* longer lines are hard to read */

/* A line "a. text". */
bool is_choice(const char *line)
{
    return islower((u8)line[0]) && line[1] == '.' && line[2] == ' ';
}

/* True at a sentence's end: ". ", "? ", but not "4.3BSD". */
static bool is_stop(const char *p)
{
    return strchr(".?!", p[0]) && p[1] == ' ';
}

bool question_sentence(const struct lesson_lines *lines, char *to, size_t n)
{
    char all[1200];
    size_t len = 0, k = 0;
    for (unsigned i = 0; i < lines->n && len + 1 < sizeof all; i++) {
        const char *text = lines->line[i].text;
        if (is_choice(text))
            break;
        len = append(all, sizeof all, len, "%s%s", len ? " " : "", text);
    }
    char *end = len && len < sizeof all ? strrchr(all, '?') : NULL;
    if (!end)
        return false;
    end[1] = 0;
    const char *from = all;
    for (const char *p = all; p < end; p++)
        if (is_stop(p))
            from = p + 2;
    for (; *from && k + 1 < n; from++)
        if (*from != '`' && *from != '*')
            to[k++] = *from;
    to[k] = 0;
    return !*from;
}

char *lines_joined(const struct lesson_lines *lines, const char *between)
{
    size_t n = 1;
    for (unsigned i = 0; i < lines->n; i++)
        n += strlen(lines->line[i].text) + strlen(between);
    char *text = xcalloc(n, 1);
    for (unsigned i = 0; i < lines->n; i++)
        strcat(strcat(text, i ? between : ""), lines->line[i].text);
    return text;
}

/* ---- {EXPR} ---------------------------------------------------------- */

struct text {
    char *text;
    size_t n, room;
};

static void add_bytes(struct text *t, const char *from, size_t n)
{
    if (t->n + n + 1 > t->room)
        t->text = xrealloc(t->text, t->room = 2 * (t->n + n + 1));
    memcpy(t->text + t->n, from, n);
    t->text[t->n += n] = 0;
}

/* digits > 0: value is a number of 10^-digits. */
static void append_value(struct text *t, struct expr_value v, bool hex,
                         unsigned digits)
{
    char buf[48];
    u64 unit = 1, size = v.bits;
    bool minus = !v.is_unsigned && (s64)v.bits < 0;
    if (minus)
        size = -size;
    for (unsigned i = 0; i < digits; i++)
        unit *= 10;
    if (hex)
        snprintf(buf, sizeof buf, "0x%llx", v.bits);
    else if (digits)
        snprintf(buf, sizeof buf, "%s%llu.%0*llu", minus ? "-" : "",
                 size / unit, (int)digits, size % unit);
    else
        snprintf(buf, sizeof buf, "%s%llu", minus ? "-" : "", size);
    add_bytes(t, buf, strlen(buf));
}

/* Appends the value of the expression in braces to *t. */
static bool fill(struct names *k, const char *inside, size_t length,
                 struct text *t, char *err, size_t n)
{
    char expr[512];
    struct expr_value v;
    bool hex = false;
    unsigned digits = 0;
    if (length >= sizeof expr) {
        snprintf(err, n, "too long an expression in braces");
        return false;
    }
    memcpy(expr, inside, length);
    expr[length] = 0;
    const char *p = expr;
    if (*p == '/' && p[1]) {
        hex = p[1] == 'x';
        digits = p[1] >= '1' && p[1] <= '9' ? (unsigned)(p[1] - '0') : 0;
        if ((!hex && !digits) || p[2] != ' ') {
            snprintf(err, n, "{%s}: neither {/x EXPR} nor {/2 EXPR}", expr);
            return false;
        }
        p += 3;
    }
    char why[200];
    if (!names_value(k, p, &v, why, sizeof why)) {
        snprintf(err, n, "{%s}: %s", expr, why);
        return false;
    }
    append_value(t, v, hex, digits);
    return true;
}

char *text_filled(struct names *k, const char *text, bool lenient, char *err,
                  size_t n)
{
    struct text t = {0};
    add_bytes(&t, "", 0);
    while (*text) {
        size_t plain = strcspn(text, "{"), inside;
        add_bytes(&t, text, plain);
        text += plain;
        if (!*text)
            break;
        inside = strcspn(text + 1, "}");
        bool closed = text[1 + inside] == '}';
        if (closed && fill(k, text + 1, inside, &t, err, n)) {
            text += inside + 2;
        } else if (lenient) {
            add_bytes(&t, text++, 1);
        } else {
            if (!closed)
                snprintf(err, n, "a brace that is not closed");
            free(t.text);
            return NULL;
        }
    }
    return t.text;
}

/* ---- a lesson's saved values ----------------------------------------- */

static bool in_name(char c)
{
    return isalnum((u8)c) || c == '_' || c == '.';
}

/* The length of `let.NAME` or `mark.NAME` at the beginning; 0: neither. */
static size_t noted_name(const char *text)
{
    size_t n = 0;
    if (strncmp(text, "let.", 4) && strncmp(text, "mark.", 5))
        return 0;
    while (in_name(text[n]))
        n++;
    return n;
}

char *text_noted(struct names *k, const char *text)
{
    struct text t = {0};
    bool counts = !strncmp(text, "print", 5) && strncmp(text, "print/", 6);
    char before = ' ', name[80], err[200];
    add_bytes(&t, "", 0);
    while (*text) {
        size_t n = in_name(before) ? 0 : noted_name(text);
        struct expr_value v;
        snprintf(name, sizeof name, "%.*s", (int)n, text);
        if (n && n < sizeof name && names_value(k, name, &v, err, sizeof err))
            append_value(&t, v, !counts && v.bits >= 0x10000, 0);
        else
            add_bytes(&t, text, n = 1);
        before = text[n - 1];
        text += n;
    }
    return t.text;
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

/* UTF-8: bytes that continue a character have no width. */
static size_t columns(const char *p, size_t n)
{
    size_t c = 0;
    for (size_t i = 0; i < n; i++)
        c += ((u8)p[i] & 0xc0) != 0x80;
    return c;
}

static bool is_item(const char *line)
{
    return ((*line == '-' || *line == '*') && line[1] == ' ') ||
           (islower((u8)*line) && line[1] == '.' && line[2] == ' ') ||
           (isdigit((u8)*line) && line[1] == '.' && line[2] == ' ');
}

/* True for lines of lists, tables and code, which are not wrapped. */
static bool as_it_stands(const char *line)
{
    return *line == ' ' || *line == '|' || *line == '\t' || *line == '#' ||
           is_item(line);
}

/* Prints words; `hang` is the indent of this call's further lines. */
static void words(const char *line, size_t *at, size_t most, const char *hang)
{
    const char *indent = "";
    while (*(line += strspn(line, " \t"))) {
        size_t n = strcspn(line, " \t"), c = columns(line, n);
        if (*at && *at + 1 + c > most) {
            putchar('\n');
            *at = 0;
            indent = hang;
        }
        *at += (size_t)printf("%s%.*s", *at ? " " : indent, (int)n, line) -
               (n - c);
        line += n;
    }
}

void text_print(const char *text)
{
    size_t at = 0, most = width();
    bool any = false, gap = false;
    char *copy = xstrdup(text), *rest = copy, *line;
    while ((line = strsep(&rest, "\n"))) {
        bool blank = !line[strspn(line, " \t")], kept = as_it_stands(line);
        if (at && (blank || kept)) {
            putchar('\n');
            at = 0;
        }
        gap |= blank;
        if (blank)
            continue;
        if (gap && any)
            putchar('\n');
        any = true;
        gap = false;
        if (kept && !(is_item(line) && columns(line, strlen(line)) > most)) {
            puts(line);
            continue;
        }
        words(line, &at, most, kept ? "   " : "");
        if (kept) {
            putchar('\n');
            at = 0;
        }
    }
    if (at)
        putchar('\n');
    free(copy);
}

/* ---- numbers --------------------------------------------------------- */

/* True for a comma between thousands. In "1,5" it may be a decimal point. */
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

char *text_of_number(double value, char *buf, size_t n)
{
    /* Beyond 63 bits (9.22e18) the cast would be undefined. */
    if (fabs(value) < 9.2e18 && value == (double)(s64)value)
        snprintf(buf, n, "%lld", (long long)value);
    else
        snprintf(buf, n, "%g", value);
    return buf;
}
