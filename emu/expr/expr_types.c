/* SPDX-License-Identifier: MIT */
/* Compiles the program's own variables and types. On the stack a struct or
 * an array is its address: its code ends in a load (or variable) of 0 bytes
 * that reads nothing and becomes the load of a member. E_VARIABLE finds a
 * variable when the code runs, because processes may map its program at
 * different addresses. */
#include "expr/compile.h"

#include <stdio.h>

/* ---- types ----------------------------------------------------------- */

static bool is_whole(enum source_kind k)
{
    return k == SOURCE_STRUCT || k == SOURCE_ARRAY || k == SOURCE_FUNCTION;
}

static bool is_word(u64 bytes)
{
    return bytes == 1 || bytes == 2 || bytes == 4 || bytes == 8;
}

struct type types_of(struct source_ref type)
{
    struct source_shape s = source_shape(type);
    struct type t = value_type;

    t.dw = type;
    t.is_unsigned = s.is_unsigned || is_whole(s.kind);
    if (s.kind == SOURCE_POINTER || s.kind == SOURCE_ARRAY) {
        u64 bytes = source_shape(s.to).bytes;
        t.pointers = 1;
        t.points = s.to;
        t.bytes = bytes < 1u << 30 ? (unsigned)bytes : 0;
    } else if (!is_whole(s.kind)) {
        t.bytes = (unsigned)s.bytes;
    }
    return t;
}

bool types_aggregate(struct type t)
{
    return t.dw.die && source_shape(t.dw).kind == SOURCE_STRUCT;
}

/* Sets *bytes to the size of a value of this type on the stack, or to 0 if its
 * address stands there. False if no such value can be on the stack; then the
 * message is set. */
static bool stack_bytes(struct compiler *c, struct source_ref type, u8 *bytes)
{
    struct source_shape s = source_shape(type);
    char text[120];

    *bytes = is_whole(s.kind) ? 0 : (u8)(s.bytes <= 8 ? s.bytes : 0);
    if (is_whole(s.kind) || (s.kind != SOURCE_VOID && s.kind != SOURCE_FLOAT &&
                             s.kind != SOURCE_OTHER && is_word(s.bytes)))
        return true;
    compile_fail(c, "expression: a value of type %s is no integer",
                 source_type_text(type, text, sizeof text));
    return false;
}

struct type types_load(struct compiler *c, struct source_ref type)
{
    struct type t = types_of(type);
    u8 bytes;

    t.place = true;
    if (stack_bytes(c, type, &bytes))
        compile_emit(c,
                     (struct code){.op = E_LOAD,
                                   .bytes = bytes,
                                   .is_unsigned = t.is_unsigned},
                     0);
    return t;
}

/* Splits `struct NAME` (or union, enum) into *what and *name; without the word
 * *what is "". */
static bool type_words(const struct compiler *c, const char **what,
                       struct token *name)
{
    static const char *const words[] = {"struct", "union", "enum"};
    const char *why;

    if (c->t.kind != T_NAME || !c->env->type)
        return false;
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (!strcmp(c->t.name, words[i])) {
            *what = words[i];
            return lex_token(c->t.end, 0, name, &why) && name->kind == T_NAME;
        }
    *what = "";
    *name = c->t;
    return true;
}

bool types_begin(const struct compiler *c)
{
    struct source_variable v;
    struct source_ref type;
    struct token name;
    const char *what, *behind;
    u64 value;

    if (!type_words(c, &what, &name))
        return false;
    if (*what)
        return true;
    /* A name without `struct` is a type unless it is something else. */
    for (behind = name.end; *behind == ' ';)
        behind++;
    return (*behind == '*' || *behind == ')') &&
           !c->env->named_number(c->env->opaque, name.name, &value) &&
           !c->env->symbol(c->env->opaque, name.name, &value) &&
           !(c->env->variable &&
             c->env->variable(c->env->opaque, name.name, &v)) &&
           c->env->type(c->env->opaque, what, name.name, &type);
}

bool types_named(struct compiler *c, struct source_ref *out)
{
    struct token name;
    const char *what;

    if (!types_begin(c) || !type_words(c, &what, &name))
        return false;
    if (!c->env->type(c->env->opaque, what, name.name, out)) {
        compile_fail(c, "expression: no type %s %s is known", what, name.name);
        return false;
    }
    c->t = name;
    compile_advance(c);
    return !c->failed;
}

/* ---- members --------------------------------------------------------- */

/* Makes the last instruction read a part of its value. */
static void narrow(struct compiler *c, u64 at, u8 bytes, bool is_unsigned)
{
    struct code *last = &c->e->code[c->e->n - 1];

    if (last->op == E_VARIABLE) {
        last->value += at;
        last->bytes = bytes;
        last->is_unsigned = is_unsigned;
        return;
    }
    c->e->n--;
    if (at) {
        compile_emit(c, (struct code){.op = E_CONST, .value = at}, 1);
        compile_emit(c, (struct code){.op = E_ADD}, -1);
    }
    compile_emit(
        c,
        (struct code){.op = E_LOAD, .bytes = bytes, .is_unsigned = is_unsigned},
        0);
}

/* Takes a bit-field from the word on the stack: shifts it up, then down. */
static void take_bits(struct compiler *c, const struct source_member *m,
                      bool is_unsigned)
{
    u64 up = 64 - m->bits - m->bit, down = 64 - m->bits;

    compile_emit(c, (struct code){.op = E_CONST, .value = up}, 1);
    compile_emit(c, (struct code){.op = E_SHL}, -1);
    compile_emit(c, (struct code){.op = E_CONST, .value = down}, 1);
    compile_emit(c, (struct code){.op = E_SHR, .is_unsigned = is_unsigned}, -1);
}

static struct type member(struct compiler *c, struct type t, const char *name)
{
    struct source_member m;
    char text[120];
    u8 bytes;

    if (!types_aggregate(t)) {
        compile_fail(c, "expression: .%s: what is before it is no struct",
                     name);
        return value_type;
    }
    if (!source_member(t.dw, name, &m)) {
        compile_fail(c, "expression: %s has no member %s",
                     source_type_text(t.dw, text, sizeof text), name);
        return value_type;
    }
    if (c->failed || !stack_bytes(c, m.type, &bytes))
        return value_type;
    t = types_of(m.type);
    t.place = !m.bits;
    if (m.bits) {
        for (bytes = 1; 8u * bytes < m.bit + m.bits;)
            bytes *= 2;
        narrow(c, m.at, bytes, true);
        take_bits(c, &m, t.is_unsigned);
        t.dw.die = 0;
        t.is_unsigned &= m.bits == 64;
    } else {
        narrow(c, m.at, bytes, t.is_unsigned);
    }
    return t;
}

/* Compiles "a.b.c" after a value of type t: each name is a member of the one
 * before it. */
static struct type path(struct compiler *c, struct type t, const char *names)
{
    char name[NAME_MAX_BYTES];

    while (*names && !c->failed) {
        size_t n = strcspn(names, ".");
        snprintf(name, sizeof name, "%.*s", (int)n, names);
        t = member(c, t, name);
        names += n + (names[n] == '.');
    }
    return t;
}

bool types_at_member(const struct compiler *c)
{
    return !c->failed && ((c->t.kind == T_OP && !strcmp(c->t.op, "->")) ||
                          (c->t.kind == T_NAME && *c->t.name == '.'));
}

struct type types_members(struct compiler *c, struct type t)
{
    bool arrow = c->t.kind == T_OP;

    if (arrow) {
        if (t.pointers != 1 || !t.points.die) {
            compile_fail(c, "expression: what is before -> is no pointer to a "
                            "struct");
            return t;
        }
        t = types_load(c, t.points);
        compile_advance(c);
        if (c->t.kind != T_NAME)
            compile_fail(c, "expression: a member's name is missing");
    }
    if (c->failed)
        return t;
    t = path(c, t, c->t.name + (*c->t.name == '.'));
    if (!c->failed)
        compile_advance(c);
    return t;
}

struct type types_address(struct compiler *c, struct type t)
{
    struct code *last = &c->e->code[c->e->n - 1];
    struct source_shape s = source_shape(t.dw);
    struct type to = value_type;

    to.is_unsigned = true;
    to.pointers = 1;
    to.points = t.dw;
    to.bytes = s.bytes < 1u << 30 ? (unsigned)s.bytes : 0;
    if (last->op == E_VARIABLE)
        last->bytes = 0;
    else
        c->e->n--;
    return to;
}

/* ---- variables ------------------------------------------------------- */

bool types_variable(struct compiler *c, struct type *out)
{
    struct source_variable v;
    char name[NAME_MAX_BYTES];
    const char *own = c->t.name;
    bool local = !strncmp(own, "local.", 6);
    u64 value;
    u8 bytes;

    if (!c->env->variable || *own == '.')
        return false;
    own += local ? 6 : 0;
    size_t n = strcspn(own, ".");
    snprintf(name, sizeof name, "%.*s", (int)n, own);
    /* The monitor's own names come first. */
    if (!local && (c->env->named_number(c->env->opaque, c->t.name, &value) ||
                   c->env->named_number(c->env->opaque, name, &value)))
        return false;
    if (!c->env->variable(c->env->opaque, name, &v)) {
        if (local)
            compile_fail(c, "expression: '%s' is no variable here", name);
        return local;
    }
    /* A global by itself is its address if it has a symbol. */
    bool alone = !own[n] && *c->t.end != '[' && strncmp(c->t.end, "->", 2);
    if (alone && c->env->symbol(c->env->opaque, name, &value))
        return false;
    *out = types_of(v.type);
    out->place = true;
    if (!stack_bytes(c, v.type, &bytes))
        return true;
    compile_emit(c,
                 (struct code){.op = E_VARIABLE,
                               .bytes = bytes,
                               .is_unsigned = out->is_unsigned,
                               .var = v.var},
                 1);
    *out = path(c, *out, own + n + (own[n] == '.'));
    if (!c->failed)
        compile_advance(c);
    return true;
}
