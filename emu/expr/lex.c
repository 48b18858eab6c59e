/* SPDX-License-Identifier: MIT */
/* Cuts expressions into tokens. */
#include "expr/code.h"

#include <ctype.h>
#include <stdlib.h>

static const char *const operators[] = {
    "->", "<<", ">>", "<=", ">=", "==", "!=", "&&", "||",
    "*",  "/",  "%",  "+",  "-",  "<",  ">",  "&",  "^",
    "|",  "~",  "!",  "(",  ")",  "[",  "]",  "?",  ":"};

static bool name_start(char c)
{
    return isalpha((u8)c) || c == '_' || c == '.';
}

static bool name_part(char c)
{
    return name_start(c) || isdigit((u8)c);
}

/* Returns the seconds in a unit; 0: it is no unit. */
static double unit(const char *s, size_t n)
{
    static const struct {
        const char *name;
        double seconds;
    } units[] = {{"ns", 1e-9}, {"us", 1e-6}, {"ms", 1e-3}, {"s", 1}};
    for (size_t i = 0; i < ARRAY_LEN(units); i++)
        if (strlen(units[i].name) == n && !memcmp(s, units[i].name, n))
            return units[i].seconds;
    return 0;
}

/* Reads a time (digits, perhaps with a point, and a unit) into cycles. */
static bool lex_time(const char *text, u64 clock_hz, struct token *t)
{
    char *end;
    const char *p = text;
    while (isdigit((u8)*p) || *p == '.')
        p++;
    const char *word = p;
    while (name_part(*p))
        p++;
    double seconds = unit(word, (size_t)(p - word));
    if (!seconds || p == word)
        return false;
    double value = strtod(text, &end);
    if (end != word)
        return false;
    double cycles = value * seconds * (double)clock_hz + .5;
    if (!(cycles < 9e18))
        return false;
    t->number = (u64)cycles;
    t->end = p;
    return true;
}

static unsigned radix(const char **p)
{
    if ((*p)[0] != '0')
        return 10;
    char c = (char)tolower((u8)(*p)[1]);
    if (c == 'x' || c == 'b') {
        *p += 2;
        return c == 'x' ? 16 : 2;
    }
    return 8;
}

static bool lex_number(const char *text, u64 clock_hz, struct token *t,
                       const char **why)
{
    const char *p = text;
    t->kind = T_NUMBER;
    if (lex_time(text, clock_hz, t))
        return true;
    unsigned base = radix(&p), digits = base == 8;
    u64 v = 0;
    for (; isxdigit((u8)*p); p++, digits++) {
        unsigned d = isdigit((u8)*p) ? (unsigned)(*p - '0')
                                     : (unsigned)(tolower((u8)*p) - 'a' + 10);
        if (d >= base)
            break;
        if (__builtin_mul_overflow(v, (u64)base, &v) ||
            __builtin_add_overflow(v, (u64)d, &v)) {
            *why = "a number of more than 64 bits";
            return false;
        }
    }
    t->is_unsigned = v >> 63;
    for (; tolower((u8)*p) == 'u' || tolower((u8)*p) == 'l'; p++)
        t->is_unsigned |= tolower((u8)*p) == 'u';
    if (!digits || name_part(*p)) {
        *why = "a malformed number (a time is 20ns, 5us, 300ms or 2s)";
        return false;
    }
    t->number = v;
    t->end = p;
    return true;
}

static bool lex_character(const char *text, struct token *t, const char **why)
{
    static const char from[] = "abfnrtv0\\'\"", to[] = "\a\b\f\n\r\t\v\0\\'\"";
    const char *p = text + 1;
    char c = *p++;
    *why = "a malformed character";
    if (!c || c == '\'')
        return false;
    if (c == '\\') {
        const char *at = *p ? strchr(from, *p) : NULL;
        if (!at)
            return false;
        c = to[at - from];
        p++;
    }
    if (*p != '\'')
        return false;
    t->kind = T_NUMBER;
    t->number = (u8)c;
    t->end = p + 1;
    return true;
}

static bool lex_name(const char *text, enum token_kind kind, struct token *t,
                     const char **why)
{
    const char *p = text + (kind == T_REGISTER);
    size_t n = 0;
    while (name_part(p[n]))
        n++;
    if (n == 0 || n >= sizeof t->name) {
        *why = n ? "a name that is too long" : "$ without a register";
        return false;
    }
    memcpy(t->name, p, n);
    t->name[n] = 0;
    t->kind = kind;
    t->end = p + n;
    return true;
}

bool lex_token(const char *text, u64 clock_hz, struct token *t,
               const char **why)
{
    memset(t, 0, sizeof *t);
    while (*text == ' ' || *text == '\t')
        text++;
    t->start = t->end = text;
    if (isdigit((u8)*text))
        return lex_number(text, clock_hz, t, why);
    if (*text == '\'')
        return lex_character(text, t, why);
    if (*text == '$')
        return lex_name(text, T_REGISTER, t, why);
    if (name_start(*text))
        return lex_name(text, T_NAME, t, why);
    for (size_t i = 0; i < ARRAY_LEN(operators); i++) {
        size_t n = strlen(operators[i]);
        if (!strncmp(text, operators[i], n)) {
            t->kind = T_OP;
            memcpy(t->op, operators[i], n);
            t->end = text + n;
            return true;
        }
    }
    return true; /* T_END: the caller sees what is left */
}
