/* SPDX-License-Identifier: MIT */
// rooms: base monitor
/* Any text as an expression: compiled or refused, evaluated, always ends. */
#include "fuzz.h"

#include <stdlib.h>

#include "monitor/expr.h"

static int find_register(void *opaque, const char *name)
{
    (void)opaque;
    return !strcmp(name, "a0") ? 10 : !strcmp(name, "pc") ? EXPR_PC : -1;
}

static bool read_register(void *opaque, int id, u64 *value, bool *is_signed)
{
    (void)opaque;
    assert(id == 10 || id == EXPR_PC);
    *is_signed = id == 10;
    *value = id == 10 ? 1ull << 63 : 0x80000000;
    return true;
}

static bool symbol(void *opaque, const char *name, u64 *value)
{
    (void)opaque;
    *value = 0x1000;
    return *name == 't';
}

static bool counter(void *opaque, const char *name, u64 *value)
{
    (void)opaque;
    *value = ~0ull;
    return *name == 'c';
}

static bool memory(void *opaque, bool physical, u64 addr, unsigned bytes,
                   u64 *value)
{
    (void)opaque, (void)physical;
    assert(bytes == 1 || bytes == 2 || bytes == 4 || bytes == 8);
    *value = addr * 0x9e3779b97f4a7c15 >> (64 - 8 * bytes);
    return addr < 0x10000;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    return 0;
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t n)
{
    struct expr_env env = {.clock_hz = 1000000000,
                           .find_register = find_register,
                           .read_register = read_register,
                           .symbol = symbol,
                           .counter = counter,
                           .memory = memory};
    struct expr_value v;
    struct expr_sides sides;
    struct expr_place place;
    char err[60];
    u64 k;
    char *text = xcalloc(n + 1, 1);
    memcpy(text, data, n);
    const char *p = text;
    struct expr *e = expr_compile(&env, &p, err, sizeof err);
    assert(p >= text && p <= text + n);
    if (e) {
        expr_shape(e, &k);
        expr_eval(e, &env, &v, &sides, err, sizeof err);
        if (expr_is_place(e))
            expr_place(e, &env, &place, err, sizeof err);
        expr_free(e);
    }
    free(text);
    return 0;
}
