/* SPDX-License-Identifier: MIT */
// rooms: base dwarf expr
/* Compiles any text as an expression; if it compiles, evaluation must end. */
#include "fuzz.h"

#include <stdlib.h>

#include "expr/expr.h"

static int find_register(UNUSED void *opaque, const char *name)
{
    return !strcmp(name, "a0") ? 10 : !strcmp(name, "pc") ? EXPR_PC : -1;
}

static bool read_register(UNUSED void *opaque, int id, u64 *value,
                          bool *is_signed)
{
    assert(id == 10 || id == EXPR_PC);
    *is_signed = id == 10;
    *value = id == 10 ? 1ull << 63 : 0x80000000;
    return true;
}

static bool symbol(UNUSED void *opaque, const char *name, u64 *value)
{
    *value = 0x1000;
    return *name == 't';
}

static bool named_number(UNUSED void *opaque, const char *name, u64 *value)
{
    *value = ~0ull;
    return *name == 'c';
}

static bool memory(UNUSED void *opaque, UNUSED bool physical, u64 addr,
                   unsigned bytes, u64 *value)
{
    assert(bytes == 1 || bytes == 2 || bytes == 4 || bytes == 8);
    *value = addr * 0x9e3779b97f4a7c15 >> (64 - 8 * bytes);
    return addr < 0x10000;
}

/* ---- variables: the harness's own, by its own debug information ---------- */

struct part {
    unsigned low : 3, high : 13;
    int below : 6;
    struct part *next;
    char name[8];
    double real;
    int many[2][3];
    union {
        long number;
        u8 bytes[4];
    };
    int (*call)(int);
};
struct part v;
static struct source *own;
static struct source_variable own_variable;
static struct source_ref own_type;

static bool variable(UNUSED void *opaque, const char *name,
                     struct source_variable *out)
{
    *out = own_variable;
    return *name == 'v' || *name == 't';
}

static bool type(UNUSED void *opaque, UNUSED const char *what, const char *name,
                 struct source_ref *out)
{
    *out = own_type;
    return *name == 'p';
}

static const char *part(UNUSED void *opaque, UNUSED struct source_ref var,
                        u64 at, void *to, size_t n)
{
    assert(at <= sizeof v && n <= sizeof v - at);
    memset(to, (int)at, n);
    return at % 3 ? NULL : "optimized out";
}

static const char *address(UNUSED void *opaque, UNUSED struct source_ref var,
                           u64 *va)
{
    *va = 0x2000;
    return NULL;
}

int LLVMFuzzerInitialize(UNUSED int *argc, UNUSED char ***argv)
{
    own = source_open("/proc/self/exe");
    assert(own && source_variable(own, 0, "v", &own_variable) &&
           source_type_named(own, "struct", "part", &own_type));
    return 0;
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t n)
{
    struct expr_env env = {.clock_hz = 1000000000,
                           .find_register = find_register,
                           .read_register = read_register,
                           .symbol = symbol,
                           .named_number = named_number,
                           .memory = memory,
                           .variable = variable,
                           .type = type,
                           .part = part,
                           .address = address};
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
        expr_place(e, &env, &place, err, sizeof err);
        struct source_shape shape = source_shape(expr_type(e));
        if (shape.bytes && shape.bytes <= sizeof v) {
            u8 bytes[sizeof v];
            char shown[100];
            if (expr_bytes(e, &env, bytes, shape.bytes, err, sizeof err))
                source_show(expr_type(e), bytes, shape.bytes, NULL, shown,
                            sizeof shown);
        }
        expr_free(e);
    }
    free(text);
    return 0;
}
