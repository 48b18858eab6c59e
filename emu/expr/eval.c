/* SPDX-License-Identifier: MIT */
/* Runs the stack code of an expression. */
#include "expr/code.h"

#include <stdio.h>

struct machine_stack {
    u64 s[STACK_MAX + 1];
    unsigned n;
};

static u64 extend(u64 v, unsigned bytes, bool is_unsigned)
{
    if (bytes == 8)
        return v;
    return is_unsigned ? v & ((1ull << 8 * bytes) - 1)
                       : (u64)sext(v, 8 * bytes);
}

/* A shift by 64 or more gives the same as that many shifts by one. */
static u64 shift(const struct code *c, u64 a, u64 b)
{
    if (c->op == E_SHL)
        return b > 63 ? 0 : a << b;
    if (c->is_unsigned)
        return b > 63 ? 0 : a >> b;
    return (u64)((s64)a >> (b > 63 ? 63 : b));
}

static u64 divide(const struct code *c, u64 a, u64 b)
{
    if (c->is_unsigned)
        return c->op == E_DIV ? a / b : a % b;
    if (b == ~0ull) /* -1: the least number has no negative */
        return c->op == E_DIV ? -a : 0;
    return (u64)(c->op == E_DIV ? (s64)a / (s64)b : (s64)a % (s64)b);
}

u64 code_binary(const struct code *c, u64 a, u64 b)
{
    s64 x = (s64)a, y = (s64)b;
    bool u = c->is_unsigned;
    switch (c->op) {
    case E_MUL:
        return a * b;
    case E_ADD:
        return a + b;
    case E_SUB:
        return a - b;
    case E_LT:
        return u ? a < b : x < y;
    case E_LE:
        return u ? a <= b : x <= y;
    case E_GT:
        return u ? a > b : x > y;
    case E_GE:
        return u ? a >= b : x >= y;
    case E_EQ:
        return a == b;
    case E_NE:
        return a != b;
    case E_AND:
        return a & b;
    case E_XOR:
        return a ^ b;
    case E_OR:
        return a | b;
    case E_SHL:
    case E_SHR:
        return shift(c, a, b);
    default:
        return divide(c, a, b);
    }
}

static u64 unary_value(const struct code *c, u64 a)
{
    switch (c->op) {
    case E_NEG:
        return -a;
    case E_NOT:
        return ~a;
    case E_BOOL:
        return a != 0;
    case E_LNOT:
        return a == 0;
    default:
        return extend(a, c->bytes, c->is_unsigned);
    }
}

/* Reads a part of a variable or, if c->bytes is 0, gets the part's address. */
static bool variable(const struct code *c, const struct expr_env *env, u64 *v,
                     char *err, size_t n)
{
    u8 bytes[8] = {0};
    const char *why =
        c->bytes ? env->part(env->opaque, c->var, c->value, bytes, c->bytes)
                 : env->address(env->opaque, c->var, v);
    if (why) {
        snprintf(err, n, "a variable is %s", why);
        return false;
    }
    *v = c->bytes ? extend(get_le(bytes, 8), c->bytes, c->is_unsigned)
                  : *v + c->value;
    return true;
}

static bool fetch(const struct code *c, const struct expr_env *env, u64 *v,
                  char *err, size_t n)
{
    const char *why;
    bool is_signed;
    switch (c->op) {
    case E_VARIABLE:
        return variable(c, env, v, err, n);
    case E_REGISTER:
        if (env->read_register(env->opaque, (int)c->target, v, &is_signed))
            return true;
        snprintf(err, n,
                 "a register that was not saved, or cannot be read now");
        return false;
    case E_NAMED:
        why = env->absent ? env->absent(env->opaque, c->name) : NULL;
        if (!why && env->named_number(env->opaque, c->name, v))
            return true;
        if (!why && env->missing)
            why = env->missing(env->opaque, c->name);
        snprintf(err, n, "'%s' %s", c->name, why ? why : "is no counter now");
        return false;
    default: {
        u64 addr = *v;
        if (!c->bytes)
            return true;
        if (!env->memory(env->opaque, c->physical, addr, c->bytes, v)) {
            snprintf(err, n, "no memory at %s0x%llx", c->physical ? "pa:" : "",
                     addr);
            return false;
        }
        *v = extend(*v, c->bytes, c->is_unsigned);
        return true;
    }
    }
}

/* Executes the instructions before code[end]. */
static bool run(const struct expr *e, unsigned end, const struct expr_env *env,
                struct machine_stack *st, struct expr_sides *sides, char *err,
                size_t n)
{
    for (unsigned pc = 0; pc < end; pc++) {
        const struct code *c = &e->code[pc];
        u64 *top = &st->s[st->n]; /* one above the last value */
        assert(st->n <= STACK_MAX);
        if (c->op == E_CONST) {
            *top = c->value;
            st->n++;
        } else if (c->op == E_REGISTER || c->op == E_NAMED ||
                   c->op == E_VARIABLE) {
            if (!fetch(c, env, top, err, n))
                return false;
            st->n++;
        } else if (c->op == E_LOAD) {
            if (!fetch(c, env, top - 1, err, n))
                return false;
        } else if (c->op == E_JMP) {
            pc = c->target - 1;
        } else if (c->op == E_JZ || c->op == E_JNZ) {
            st->n--;
            if ((top[-1] == 0) == (c->op == E_JZ))
                pc = c->target - 1;
        } else if (c->op == E_SWAP) {
            top[0] = top[-2];
            memmove(top - 2, top - 1, 2 * sizeof *top);
        } else if (c->op <= E_EXTEND) {
            top[-1] = unary_value(c, top[-1]);
        } else {
            if ((c->op == E_DIV || c->op == E_MOD) && !top[-1]) {
                snprintf(err, n, "division by zero");
                return false;
            }
            if ((int)pc == e->compared && sides)
                *sides = (struct expr_sides){true, top[-2], top[-1]};
            top[-2] = code_binary(c, top[-2], top[-1]);
            st->n--;
        }
    }
    return true;
}

bool expr_eval(const struct expr *e, const struct expr_env *env,
               struct expr_value *out, struct expr_sides *sides, char *err,
               size_t n)
{
    struct machine_stack st = {.n = 0};
    if (sides)
        sides->valid = false;
    if (!run(e, e->n, env, &st, sides, err, n))
        return false;
    assert(st.n == 1);
    *out = (struct expr_value){st.s[0], e->is_unsigned};
    return true;
}

bool expr_place(const struct expr *e, const struct expr_env *env,
                struct expr_place *out, char *err, size_t n)
{
    struct machine_stack st = {.n = 0};
    const struct code *load = &e->code[e->n - 1];
    if (!e->place) {
        snprintf(err, n,
                 "not a place in memory (such as u32[ADDR]); run-until EXPR "
                 "tests any number");
        return false;
    }
    if (load->op == E_VARIABLE) {
        const char *why = env->address(env->opaque, load->var, &out->addr);
        if (why)
            snprintf(err, n, "a variable is %s", why);
        out->addr += load->value;
        out->physical = false;
        out->bytes = load->bytes;
        if (why)
            return false;
    } else {
        if (!run(e, e->n - 1, env, &st, NULL, err, n))
            return false;
        *out = (struct expr_place){st.s[0], load->bytes, load->physical};
    }
    if (!out->bytes)
        snprintf(err, n, "a struct or an array: name a part of it");
    return out->bytes;
}

struct source_ref expr_type(const struct expr *e)
{
    return e->type;
}

bool expr_bytes(const struct expr *e, const struct expr_env *env, void *to,
                size_t n, char *err, size_t size)
{
    const struct code *load = &e->code[e->n - 1];
    struct machine_stack st = {.n = 0};
    struct expr_value v;
    u8 *p = to;

    if (!e->place) { /* a number without a place in memory */
        if (n > 8 || !expr_eval(e, env, &v, NULL, err, size))
            return false;
        put_le(p, v.bits, 8);
        return true;
    }
    if (load->op == E_VARIABLE) {
        const char *why = env->part(env->opaque, load->var, load->value, to, n);
        if (why)
            snprintf(err, size, "a variable is %s", why);
        return !why;
    }
    if (!run(e, e->n - 1, env, &st, NULL, err, size))
        return false;
    for (u64 at = 0; at < n; at++) {
        u64 byte;
        if (!env->memory(env->opaque, load->physical, st.s[0] + at, 1, &byte)) {
            snprintf(err, size, "no memory at 0x%llx", st.s[0] + at);
            return false;
        }
        p[at] = (u8)byte;
    }
    return true;
}
