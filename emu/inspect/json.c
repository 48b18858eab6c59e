/* SPDX-License-Identifier: MIT */
#include "inspect/json.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static void put(struct json *j, const char *p, size_t n)
{
    if (j->n + n + 1 > j->capacity) {
        j->capacity = (j->n + n + 1) * 2;
        j->text = xrealloc(j->text, j->capacity);
    }
    memcpy(j->text + j->n, p, n);
    j->n += n;
    j->text[j->n] = 0;
}

__attribute__((format(printf, 2, 3))) static void putf(struct json *j,
                                                       const char *f, ...)
{
    char buf[64];
    va_list ap;
    va_start(ap, f);
    int n = vsnprintf(buf, sizeof buf, f, ap);
    va_end(ap);
    put(j, buf, n < (int)sizeof buf ? (size_t)n : sizeof buf - 1);
}

/* Returns the length, 2 to 4, of the UTF-8 character at p; 0: ASCII or none. */
static size_t utf8(const u8 *p)
{
    u8 c = *p, least = c == 0xe0 ? 0xa0 : c == 0xf0 ? 0x90 : 0x80;
    u8 most = c == 0xed ? 0x9f : c == 0xf4 ? 0x8f : 0xbf;
    size_t n = c < 0xc2 || c > 0xf4 ? 0 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4, i;
    for (i = 1; i < n && p[i] >= least && p[i] <= most; i++)
        least = 0x80, most = 0xbf;
    return i == n ? n : 0;
}

/* Writes UTF-8 as it is, but control bytes and bytes that are not UTF-8 as
 * U+00XX, as if they were Latin-1: any byte string gives valid JSON. */
static void put_string(struct json *j, const char *s)
{
    put(j, "\"", 1);
    for (size_t n; *s; s += n ? n : 1) {
        u8 c = (u8)*s;
        n = utf8((const u8 *)s);
        if (n)
            put(j, s, n);
        else if (c == '"' || c == '\\')
            putf(j, "\\%c", c);
        else if (c < 0x20 || c > 0x7e)
            putf(j, "\\u%04x", c);
        else
            put(j, s, 1);
    }
    put(j, "\"", 1);
}

static void member(struct json *j, const char *key)
{
    if (j->comma)
        put(j, ",", 1);
    if (key) {
        put_string(j, key);
        put(j, ":", 1);
    }
    j->comma = true;
}

void json_open(struct json *j, const char *key, char bracket)
{
    member(j, key);
    put(j, &bracket, 1);
    j->comma = false;
}

void json_close(struct json *j, char bracket)
{
    put(j, &bracket, 1);
    j->comma = true;
}

void json_u64(struct json *j, const char *key, u64 v)
{
    member(j, key);
    putf(j, "%llu", v);
}

void json_s64(struct json *j, const char *key, s64 v)
{
    member(j, key);
    putf(j, "%lld", v);
}

void json_hex(struct json *j, const char *key, u64 v)
{
    member(j, key);
    putf(j, "\"0x%llx\"", v);
}

/* JSON has no infinity and no NaN (of a division by 0): 0 stands for them. */
void json_double(struct json *j, const char *key, double v)
{
    member(j, key);
    putf(j, "%.9g", isfinite(v) ? v : 0.0);
}

void json_bool(struct json *j, const char *key, bool v)
{
    member(j, key);
    putf(j, "%s", v ? "true" : "false");
}

void json_str(struct json *j, const char *key, const char *v)
{
    member(j, key);
    put_string(j, v);
}

/* Adds the value of a conversion; p follows its %. Returns the text after the
 * conversion. */
static const char *value(struct json *j, const char *key, const char *p,
                         va_list *ap)
{
    size_t n = strcspn(p, "sgudx") + 1;
    bool wide = memchr(p, 'l', n), hex = *p == '#';
    if (p[n - 1] == 's')
        json_str(j, key, va_arg(*ap, const char *));
    else if (p[n - 1] == 'g')
        json_double(j, key, va_arg(*ap, double));
    else if (*p == 'h')
        json_bool(j, key, va_arg(*ap, int));
    else if (p[n - 1] == 'd')
        json_s64(j, key, wide ? va_arg(*ap, s64) : va_arg(*ap, int));
    else
        (hex ? json_hex : json_u64)(
            j, key, wide ? va_arg(*ap, u64) : va_arg(*ap, unsigned));
    return p + n;
}

void json_vadd(struct json *j, const char *template, va_list ap)
{
    char key[32];
    bool named = false;
    va_list all;
    va_copy(all, ap);
    for (const char *p = template; *p;) {
        const char *of = named ? key : NULL;
        size_t n = strcspn(p, ":{}[]% ");
        named = p[n] == ':';
        if (named)
            snprintf(key, sizeof key, "%.*s", (int)n, p);
        else if (p[n] == '{' || p[n] == '[')
            json_open(j, of, p[n]);
        else if (p[n] == '}' || p[n] == ']')
            json_close(j, p[n]);
        p = p[n] == '%' ? value(j, of, p + n + 1, &all) : p + n + 1;
    }
    va_end(all);
}

void json_add(struct json *j, const char *template, ...)
{
    va_list ap;
    va_start(ap, template);
    json_vadd(j, template, ap);
    va_end(ap);
}

void json_free(struct json *j)
{
    free(j->text);
    *j = (struct json){0};
}
