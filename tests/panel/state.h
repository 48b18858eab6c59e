/* SPDX-License-Identifier: MIT */
/* Finds the fields of scene_fields.h by a path, and gets and sets their values
 * as texts. See tests/unit/test_panel_scenes.c. */
#pragma once

#include "../panel/step.h"

#define KIND(x)                                                                \
    _Generic((x),                                                              \
        char *: 't',                                                           \
        const char *: 'p',                                                     \
        u8 *: 'b',                                                             \
        double: 'd',                                                           \
        default: 'n')
#define ROW(name, T, m)                                                        \
    name, KIND(((T *)0)->m), offsetof(T, m), sizeof((T *)0)->m
static const struct field {
    const char *name;
    char kind; /* from KIND; 'b' points to an array of bytes */
    size_t offset, size, stride[2];
    unsigned len[2], of;
} fields[] = {
#define FIELD(o, T, m) {ROW(#m, T, m), {0}, {1, 1}, o},
#define ARRAY(o, T, a, m)                                                      \
    {ROW(#a #m, T, a[0] m),                                                    \
     {sizeof((T *)0)->a[0]},                                                   \
     {ARRAY_LEN(((T *)0)->a), 1},                                              \
     o},
#define ARRAYS(o, T, a, b, m)                                                  \
    {ROW(#a "." #b #m, T, a[0].b[0] m),                                        \
     {sizeof((T *)0)->a[0], sizeof((T *)0)->a[0].b[0]},                        \
     {ARRAY_LEN(((T *)0)->a), ARRAY_LEN(((T *)0)->a[0].b)},                    \
     o},
#include "../panel/scene_fields.h"
};

/* A field, or the elements from `from` to `to`, inclusive, of its arrays. */
struct spot {
    const struct field *f;
    u64 from[2], to[2];
};

/* Writes the number of a word (a state, a reason ...); returns false if it has
 * none. Defined in places.h. */
static bool constant(const char *word, char *to);
/* Reads an expression's words; writes its value as a text. If `left`, its first
 * word is not taken for a constant. */
static void expression(char *to, bool left);

static u64 element(const char *word)
{
    char n[TEXT];
    if (!strcmp(word, "i"))
        return r.i;
    return (u64)number_of(constant(word, n) ? n : word);
}

/* Returns the length of dimension k; for 'b' the number of frames or slots. */
static u64 elements(const struct field *f, unsigned k)
{
    bool slots = !strcmp(f->name, "slot");
    return k || f->kind != 'b' ? f->len[k]
           : slots             ? r.s.d->nslots
                               : r.s.d->nframes;
}

static bool find(const char *path, struct spot *to)
{
    char name[80], word[40];
    unsigned n = 0, k = 0;
    *to = (struct spot){0};
    for (const char *p = path; *p && n + 1 < sizeof name; p++) {
        if (*p != '[' || k == 2) {
            name[n++] = *p;
            continue;
        }
        snprintf(word, sizeof word, "%.*s", (int)strcspn(p + 1, "]"), p + 1);
        p += strlen(word) + 1;
        char *dots = strstr(word, "..");
        if (dots)
            *dots = 0;
        to->from[k] = *word == '*' ? 0 : element(word);
        to->to[k++] = *word == '*' ? NEVER : element(dots ? dots + 2 : word);
    }
    name[n] = 0;
    for (unsigned i = 0; i < ARRAY_LEN(fields); i++)
        if (!strcmp(fields[i].name, name) &&
            (k > 0) == (fields[i].kind == 'b' || fields[i].stride[0]))
            to->f = &fields[i];
    for (k = 0; to->f && k < 2; k++) {
        u64 len = elements(to->f, k);
        to->to[k] = to->to[k] == NEVER ? len - 1 : to->to[k];
        if (to->to[k] >= len)
            bad("%s has no such element", path);
    }
    return to->f;
}

static u8 *address(const struct field *f, u64 i, u64 k)
{
    u8 *p = (u8 *[]){(u8 *)r.s.d, (u8 *)r.s.v, (u8 *)&r}[f->of] + f->offset;
    if (f->kind != 'b')
        return p + i * f->stride[0] + k * f->stride[1];
    u8 **bytes = (u8 **)(void *)p;
    if (!*bytes)
        *bytes = xcalloc(elements(f, 0), 1);
    return *bytes + i;
}

/* Writes a field's value to `to`: -1 (none) if its 32 or 64 bits are all 1. */
static void get(const struct field *f, const u8 *p, char *to)
{
    size_t size = f->kind == 'b' ? 1 : f->size;
    s64 n = 0;
    if (f->kind == 't') {
        snprintf(to, TEXT, "%s", (const char *)p);
        return;
    }
    if (size > sizeof n || f->kind == 'd' || f->kind == 'p')
        bad("%s can only be set", f->name);
    memcpy(&n, p, size);
    n = size == 4 && (u32)n == ~0u ? -1 : n;
    snprintf(to, TEXT, "%lld", (long long)n);
}

static void put_value(const struct field *f, u8 *p, const char *value)
{
    size_t size = f->kind == 'b' ? 1 : f->size;
    if (f->kind == 't')
        snprintf((char *)p, size, "%s", value);
    else if (f->kind == 'p')
        memcpy(p, &(char *){xstrdup(value)}, sizeof(char *));
    else if (f->kind == 'd')
        memcpy(p, &(double){strtod(value, NULL)}, sizeof(double));
    else if (size > sizeof(s64)) /* a struct */
        memset(p, 0, size);
    else
        memcpy(p, &(s64){number_of(value)}, size);
}

/* Sets elements of a field from the next expression; how is =, += or -=. */
static void set(const struct spot *to, const char *how)
{
    const struct field *f = to->f;
    unsigned from = at;
    struct spot other;
    bool whole = f->kind == 'n' && f->size > sizeof(s64) &&
                 find(tok[at], &other); /* another struct */
    for (u64 i = to->from[0]; i <= to->to[0]; i++)
        for (u64 k = to->from[1]; k <= to->to[1]; k++) {
            u8 *p = address(f, i, k);
            char value[TEXT], was[TEXT] = "0";
            at = from + whole;
            r.i = to->from[1] < to->to[1] ? k : i;
            if (whole) {
                memmove(p, address(f, other.from[0], other.from[1]), f->size);
                continue;
            }
            expression(value, false);
            if (*how != '=') {
                get(f, p, was);
                s64 n = number_of(value);
                snprintf(value, sizeof value, "%lld",
                         (long long)(number_of(was) + (*how == '+' ? n : -n)));
            }
            put_value(f, p, value);
        }
    r.drawn = false;
}
