/* SPDX-License-Identifier: MIT */
/* Expressions of lessons: the monitor's, with an exercise's own names in
 * addition (seed, and the names of its `let` lines). */
#include "lesson/internal.h"

#include <stdio.h>
#include <stdlib.h>

static int find_register(void *opaque, const char *name)
{
    const struct names *k = opaque;
    return k->below ? k->below->find_register(k->below->opaque, name) : -1;
}

static bool read_register(void *opaque, int id, u64 *value, bool *is_signed)
{
    const struct names *k = opaque;
    return k->below->read_register(k->below->opaque, id, value, is_signed);
}

static bool symbol(void *opaque, const char *name, u64 *value)
{
    const struct names *k = opaque;
    return k->below && k->below->symbol(k->below->opaque, name, value);
}

static bool named_number(void *opaque, const char *name, u64 *value)
{
    const struct names *k = opaque;
    for (unsigned i = 0; i < k->n; i++)
        if (!strcmp(k->known[i].name, name)) {
            *value = (u64)k->known[i].value;
            return true;
        }
    return k->below && k->below->named_number(k->below->opaque, name, value);
}

static bool memory(void *opaque, bool physical, u64 addr, unsigned bytes,
                   u64 *value)
{
    const struct names *k = opaque;
    return k->below &&
           k->below->memory(k->below->opaque, physical, addr, bytes, value);
}

bool names_value(struct names *k, const char *text, struct expr_value *value,
                 char *err, size_t n)
{
    struct expr_env env = {.opaque = k,
                           .clock_hz = k->below ? k->below->clock_hz : 1,
                           .find_register = find_register,
                           .read_register = read_register,
                           .symbol = symbol,
                           .named_number = named_number,
                           .memory = memory};
    struct expr *e = expr_compile(&env, &text, err, n);
    if (!e)
        return false;
    bool ok = !text[strspn(text, " \t")];
    if (!ok)
        snprintf(err, n, "unexpected '%.40s'", text);
    ok = ok && expr_eval(e, &env, value, NULL, err, n);
    expr_free(e);
    return ok;
}

bool names_number(struct names *k, const char *text, double *value, char *err,
                  size_t n)
{
    struct expr_value v;
    double unit = 1;
    if (text[0] == '/' && text[1] >= '1' && text[1] <= '9' && text[2] == ' ') {
        for (int i = text[1] - '0'; i > 0; i--)
            unit *= 10;
        text += 3;
    }
    if (!names_value(k, text, &v, err, n))
        return false;
    *value = (v.is_unsigned ? (double)v.bits : (double)(s64)v.bits) / unit;
    return true;
}

void names_add(struct names *k, const char *name, s64 value)
{
    k->known = xrealloc(k->known, (k->n + 1) * sizeof *k->known);
    k->known[k->n++] = (struct name){name, value};
}

void names_free(struct names *k)
{
    free(k->known);
    *k = (struct names){0};
}
