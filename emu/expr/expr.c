/* SPDX-License-Identifier: MIT */
/* Parses C's integer expressions (C11 6.5) by recursive descent, and emits the
 * stack code of eval.c. After an error all functions return, with c->failed
 * set. */
#include "expr/compile.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static const struct {
    const char *name;
    u8 bytes;
    bool is_unsigned;
} types[] = {
    {"u8", 1, true},       {"u16", 2, true},      {"u32", 4, true},
    {"u64", 8, true},      {"s8", 1, false},      {"s16", 2, false},
    {"s32", 4, false},     {"s64", 8, false},     {"uint8_t", 1, true},
    {"uint16_t", 2, true}, {"uint32_t", 4, true}, {"uint64_t", 8, true},
    {"int8_t", 1, false},  {"int16_t", 2, false}, {"int32_t", 4, false},
    {"int64_t", 8, false}, {"char", 1, true},     {"short", 2, false},
    {"int", 4, false},     {"long", 8, false},    {"size_t", 8, true},
};

static struct type ternary(struct compiler *c);

const struct type value_type = {.bytes = 8, .compared = -1};

void compile_fail(struct compiler *c, const char *fmt, ...)
{
    va_list ap;
    if (c->failed)
        return;
    c->failed = true;
    va_start(ap, fmt);
    vsnprintf(c->err, c->n, fmt, ap);
    va_end(ap);
    c->t = (struct token){.start = c->t.start, .end = c->t.start};
}

void compile_advance(struct compiler *c)
{
    const char *why = NULL;
    if (!c->failed && !lex_token(c->t.end, c->env->clock_hz, &c->t, &why))
        compile_fail(c, "expression: %s", why);
}

static bool is_op(const struct compiler *c, const char *op)
{
    return !c->failed && c->t.kind == T_OP && !strcmp(c->t.op, op);
}

static void expect(struct compiler *c, const char *op)
{
    if (is_op(c, op))
        compile_advance(c);
    else
        compile_fail(c, "expression: '%s' is missing at '%.20s'", op,
                     c->t.start);
}

unsigned compile_emit(struct compiler *c, struct code code, int grows)
{
    struct expr *e = c->e;
    if (e->n == CODE_MAX || (grows > 0 && c->stack == STACK_MAX)) {
        compile_fail(c, "expression: too long");
        free(code.name);
        return 0;
    }
    c->stack = (unsigned)((int)c->stack + grows);
    e->code = xrealloc(e->code, (e->n + 1) * sizeof *e->code);
    e->code[e->n] = code;
    return e->n++;
}

static void land(struct compiler *c, unsigned jump)
{
    if (!c->failed)
        c->e->code[jump].target = c->landed = c->e->n;
}

/* ---- types ----------------------------------------------------------- */

static bool is_sign_word(const char *name, bool *is_unsigned)
{
    *is_unsigned = !strcmp(name, "unsigned");
    return *is_unsigned || !strcmp(name, "signed");
}

static bool base_type(const char *name, struct type *out)
{
    for (size_t i = 0; i < ARRAY_LEN(types); i++)
        if (!strcmp(name, types[i].name)) {
            *out = value_type;
            out->bytes = types[i].bytes;
            out->is_unsigned = types[i].is_unsigned;
            return true;
        }
    return false;
}

static bool is_type(const struct compiler *c)
{
    struct type t;
    bool sign;
    return c->t.kind == T_NAME &&
           (base_type(c->t.name, &t) || is_sign_word(c->t.name, &sign));
}

/* Takes a type's name: `unsigned long *`. */
static struct type type_name(struct compiler *c)
{
    struct type t = value_type;
    bool is_unsigned = false;
    bool sign = is_sign_word(c->t.name, &is_unsigned);
    if (sign) {
        t.bytes = 4;
        compile_advance(c);
    }
    if (c->t.kind == T_NAME && base_type(c->t.name, &t)) {
        compile_advance(c);
        while (c->t.kind == T_NAME &&
               (!strcmp(c->t.name, "int") || !strcmp(c->t.name, "long")))
            compile_advance(c); /* long long, long int, short int */
    }
    if (sign)
        t.is_unsigned = is_unsigned;
    while (is_op(c, "*")) {
        t.pointers++;
        compile_advance(c);
    }
    return t;
}

/* Takes a type_name, or a type of the program: `struct frame *`. */
static struct type cast_type(struct compiler *c)
{
    struct source_ref named;
    struct type t;
    if (!types_named(c, &named))
        return type_name(c);
    t = types_of(named);
    t.points = named;
    t.pointers = 0;
    t.bytes = (unsigned)source_shape(named).bytes;
    while (is_op(c, "*")) {
        t.pointers++;
        compile_advance(c);
    }
    if (t.pointers) {
        t.dw.die = 0;
        return t;
    }
    t = types_of(named);
    if (t.pointers || source_shape(named).kind == SOURCE_STRUCT)
        compile_fail(c, "expression: no cast to that type (a * is missing?)");
    return t;
}

/* Returns the 64-bit type to which arithmetic widens a value of type t. */
static struct type promoted(struct type t)
{
    struct type p = value_type;
    p.is_unsigned = t.pointers || (t.is_unsigned && t.bytes == 8);
    return p;
}

/* ---- primary and unary ----------------------------------------------- */

/* Compiles the load of what t points to; the address is on the stack. */
static struct type load(struct compiler *c, struct type t, bool physical)
{
    assert(t.pointers);
    if (t.pointers == 1 && t.points.die)
        return types_load(c, t.points);
    t.pointers--;
    t.dw.die = 0;
    t.place = true;
    t.compared = -1;
    compile_emit(c,
                 (struct code){.op = E_LOAD,
                               .bytes = (u8)(t.pointers ? 8 : t.bytes),
                               .is_unsigned = t.pointers || t.is_unsigned,
                               .physical = physical},
                 0);
    return t;
}

/* Compiles u32[ADDR], u32[pa:ADDR]. */
static struct type typed_memory(struct compiler *c, struct type t)
{
    bool physical = false;
    expect(c, "[");
    if (c->t.kind == T_NAME && *c->t.end == ':' &&
        (!strcmp(c->t.name, "pa") || !strcmp(c->t.name, "va"))) {
        physical = c->t.name[0] == 'p';
        compile_advance(c);
        compile_advance(c);
    }
    ternary(c);
    expect(c, "]");
    t.pointers++;
    return load(c, t, physical);
}

/* True: the name is unknown and stays so, because all names of its family are
 * known from the start. */
static bool unknown_for_good(const struct compiler *c, u64 *v)
{
    static const char *const families[] = {"event.", "walk.", "state.",
                                           "reason.", "actor."};
    for (size_t i = 0; i < ARRAY_LEN(families); i++)
        if (!strncmp(c->t.name, families[i], strlen(families[i])))
            return !c->env->named_number(c->env->opaque, c->t.name, v);
    return false;
}

/* Accepts state.file-clean as state.file_clean, because events and `info
 * frames` write it with the hyphen. */
static void hyphens(struct compiler *c)
{
    char whole[sizeof c->t.name];
    size_t n = 0;
    u64 v;
    if (strncmp(c->t.name, "state.", 6) || *c->t.end != '-' ||
        c->env->named_number(c->env->opaque, c->t.name, &v))
        return;
    for (const char *p = c->t.start;
         n + 1 < sizeof whole && (isalnum((u8)*p) || strchr("._-", *p)) && *p;
         p++)
        whole[n++] = *p == '-' ? '_' : *p;
    whole[n] = 0;
    if (!c->env->named_number(c->env->opaque, whole, &v))
        return;
    memcpy(c->t.name, whole, n + 1);
    c->t.end = c->t.start + n;
}

static struct type name(struct compiler *c)
{
    u64 v;
    struct type t = value_type;
    if (is_type(c))
        return typed_memory(c, type_name(c));
    hyphens(c);
    if (types_variable(c, &t))
        return t;
    if (unknown_for_good(c, &v)) {
        const char *why =
            c->env->missing ? c->env->missing(c->env->opaque, c->t.name) : NULL;
        compile_fail(c, "expression: '%s' %s", c->t.name,
                     why ? why : EXPR_NO_NAME);
    } else if (!strncmp(c->t.name, "mark.", 5) || /* read once, now */
               !strncmp(c->t.name, "let.", 4)) {
        if (!c->env->named_number(c->env->opaque, c->t.name, &v)) {
            const char *why = c->env->missing
                                  ? c->env->missing(c->env->opaque, c->t.name)
                                  : NULL;
            compile_fail(c, "expression: '%s' %s", c->t.name,
                         why ? why : EXPR_NO_NAME);
        }
        compile_emit(c, (struct code){.op = E_CONST, .value = v}, 1);
    } else if (c->env->named_number(c->env->opaque, c->t.name, &v)) {
        compile_emit(
            c, (struct code){.op = E_NAMED, .name = xstrdup(c->t.name)}, 1);
    } else if (c->env->symbol(c->env->opaque, c->t.name, &v)) {
        compile_emit(c, (struct code){.op = E_CONST, .value = v}, 1);
        t.is_unsigned = true;
    } else if (strchr(c->t.name, '.')) {
        /* Perhaps a counter of a kernel not yet started: checked when read. */
        compile_emit(
            c, (struct code){.op = E_NAMED, .name = xstrdup(c->t.name)}, 1);
    } else {
        const char *why =
            c->env->missing ? c->env->missing(c->env->opaque, c->t.name) : NULL;
        compile_fail(c, "expression: '%s' %s", c->t.name,
                     why ? why : EXPR_NO_NAME);
    }
    compile_advance(c);
    return t;
}

static struct type reg(struct compiler *c)
{
    int id = c->env->find_register(c->env->opaque, c->t.name);
    struct type t = value_type;
    u64 v;
    bool is_signed = true;
    if (id < 0) {
        compile_fail(c, "expression: no register $%s", c->t.name);
        return t;
    }
    if (c->env->read_register(c->env->opaque, id, &v, &is_signed))
        t.is_unsigned = !is_signed;
    compile_emit(c, (struct code){.op = E_REGISTER, .target = (u32)id}, 1);
    compile_advance(c);
    return t;
}

static struct type primary(struct compiler *c)
{
    struct type t = value_type;
    if (c->t.kind == T_NUMBER) {
        t.is_unsigned = c->t.is_unsigned;
        compile_emit(c, (struct code){.op = E_CONST, .value = c->t.number}, 1);
        compile_advance(c);
    } else if (c->t.kind == T_NAME) {
        t = name(c);
    } else if (c->t.kind == T_REGISTER) {
        t = reg(c);
    } else if (is_op(c, "(")) {
        compile_advance(c);
        t = ternary(c);
        expect(c, ")");
    } else if (!*c->t.start) {
        compile_fail(c, "expression: a value is missing");
    } else {
        compile_fail(c, "expression: a value is missing at '%.20s'",
                     c->t.start);
    }
    return t;
}

/* Multiplies the integer on the stack, a number of elements, by their size. */
static void scale(struct compiler *c, unsigned bytes)
{
    if (bytes == 1)
        return;
    compile_emit(c, (struct code){.op = E_CONST, .value = bytes}, 1);
    compile_emit(c, (struct code){.op = E_MUL}, -1);
}

static unsigned element(struct type t)
{
    return t.pointers > 1 ? 8 : t.bytes ? t.bytes : 1; /* void: 1, as in gcc */
}

/* Compiles P[I] of a pointer, P->MEMBER, S.MEMBER. */
static struct type postfix(struct compiler *c)
{
    struct type t = primary(c);
    while (is_op(c, "[") || types_at_member(c)) {
        if (types_at_member(c)) {
            t = types_members(c, t);
            continue;
        }
        if (!t.pointers) {
            compile_fail(c,
                         "expression: [ ] needs a pointer or a type before it");
            break;
        }
        if (source_shape(t.dw).dimensions > 1) {
            compile_fail(c, "expression: an array of arrays: use &NAME and "
                            "an offset, or print NAME");
            break;
        }
        compile_advance(c);
        ternary(c);
        expect(c, "]");
        scale(c, element(t));
        compile_emit(c, (struct code){.op = E_ADD}, -1);
        t = load(c, t, false);
    }
    return t;
}

static struct type unary(struct compiler *c);

static struct type cast(struct compiler *c)
{
    compile_advance(c);
    struct type to = cast_type(c);
    expect(c, ")");
    unary(c);
    if (!to.pointers)
        compile_emit(c,
                     (struct code){.op = E_EXTEND,
                                   .bytes = (u8)to.bytes,
                                   .is_unsigned = to.is_unsigned},
                     0);
    return to;
}

static struct type dereference(struct compiler *c)
{
    compile_advance(c);
    struct type t = unary(c);
    if (!t.pointers) {
        t = value_type;
        t.is_unsigned = true;
        t.pointers = 1;
    }
    return load(c, t, false);
}

/* Compiles &PLACE, its address. Symbols are addresses already. */
static struct type address_of(struct compiler *c)
{
    compile_advance(c);
    struct type t = unary(c);
    if (t.place && !c->failed && t.dw.die)
        return types_address(c, t);
    if (t.place && !c->failed) {
        c->e->n--;
        t.pointers++;
        t.place = false;
    }
    return t;
}

static struct type operation(struct compiler *c, enum code_op op)
{
    compile_advance(c);
    struct type t = promoted(unary(c));
    if (op != E_CONST) /* unary plus changes nothing */
        compile_emit(c, (struct code){.op = (u8)op}, 0);
    return op == E_LNOT ? value_type : t;
}

static bool at_cast(const struct compiler *c)
{
    struct compiler ahead = *c;
    const char *why;
    if (!is_op(c, "("))
        return false;
    return lex_token(c->t.end, 0, &ahead.t, &why) &&
           ((is_type(&ahead) && *ahead.t.end != '[') || types_begin(&ahead));
}

static struct type unary(struct compiler *c)
{
    struct type t = value_type;
    if (++c->depth > NESTING_MAX)
        compile_fail(c, "expression: nested too deep");
    else if (at_cast(c))
        t = cast(c);
    else if (is_op(c, "-"))
        t = operation(c, E_NEG);
    else if (is_op(c, "+"))
        t = operation(c, E_CONST);
    else if (is_op(c, "~"))
        t = operation(c, E_NOT);
    else if (is_op(c, "!"))
        t = operation(c, E_LNOT);
    else if (is_op(c, "*"))
        t = dereference(c);
    else if (is_op(c, "&"))
        t = address_of(c);
    else
        t = postfix(c);
    c->depth--;
    return t;
}

/* ---- binary ---------------------------------------------------------- */

static const struct {
    char op[3];
    u8 level; /* higher binds tighter */
    u8 code;
} binaries[] = {
    {"*", 8, E_MUL}, {"/", 8, E_DIV},  {"%", 8, E_MOD},  {"+", 7, E_ADD},
    {"-", 7, E_SUB}, {"<<", 6, E_SHL}, {">>", 6, E_SHR}, {"<", 5, E_LT},
    {"<=", 5, E_LE}, {">", 5, E_GT},   {">=", 5, E_GE},  {"==", 4, E_EQ},
    {"!=", 4, E_NE}, {"&", 3, E_AND},  {"^", 2, E_XOR},  {"|", 1, E_OR},
};

static int binary_at(const struct compiler *c, unsigned level)
{
    for (size_t i = 0; i < ARRAY_LEN(binaries); i++)
        if (binaries[i].level == level && is_op(c, binaries[i].op))
            return (int)i;
    return -1;
}

static bool is_comparison(u8 code)
{
    return code >= E_LT && code <= E_NE;
}

/* Emits the operation, or folds two constants into one (but not comparisons:
 * assert prints both their sides). Returns the index of the instruction that
 * gives the result. */
static unsigned operate(struct compiler *c, u8 op, bool is_unsigned)
{
    struct expr *e = c->e;
    struct code code = {.op = op, .is_unsigned = is_unsigned};
    unsigned n = e->n;
    if (c->failed || is_comparison(op) || n < 2 || n - 2 < c->landed ||
        e->code[n - 1].op != E_CONST || e->code[n - 2].op != E_CONST ||
        ((op == E_DIV || op == E_MOD) && !e->code[n - 1].value))
        return compile_emit(c, code, -1);
    e->code[n - 2].value =
        code_binary(&code, e->code[n - 2].value, e->code[n - 1].value);
    c->stack--;
    return (e->n = n - 1) - 1;
}

static struct type combine(struct compiler *c, u8 code, struct type a,
                           struct type b)
{
    struct type pa = promoted(a), pb = promoted(b), t = value_type;
    bool shift = code == E_SHL || code == E_SHR;
    if (types_aggregate(a) || types_aggregate(b))
        compile_fail(c, "expression: a struct is no number: name a member");
    if (code == E_ADD && b.pointers && !a.pointers) { /* as P + I */
        compile_emit(c, (struct code){.op = E_SWAP}, 0);
        return combine(c, code, b, a);
    }
    if (a.pointers && !b.pointers && (code == E_ADD || code == E_SUB))
        scale(c, element(a));
    t.is_unsigned = pa.is_unsigned || (pb.is_unsigned && !shift);
    unsigned at = operate(c, code, t.is_unsigned);
    if (is_comparison(code)) {
        t = value_type;
        t.compared = (int)at;
    } else if (a.pointers && b.pointers && code == E_SUB) {
        t = value_type;
        compile_emit(c, (struct code){.op = E_CONST, .value = element(a)}, 1);
        operate(c, E_DIV, false);
    } else if (a.pointers && !b.pointers && (code == E_ADD || code == E_SUB)) {
        t = a;
        t.place = false;
        t.compared = -1;
        if (source_shape(t.dw).kind == SOURCE_ARRAY)
            t.dw.die = 0; /* a pointer to one of its elements */
    }
    return t;
}

/* Takes the right side of `event.actor == pageout` or `event.to != file-clean`,
 * where the word of an actor, reason or state stands for its number. False: the
 * current token is no such word. */
static bool compared_word(struct compiler *c, u8 code)
{
    static const char *const words[][2] = {
        {"event.actor", "actor"}, {"event.reason", "reason"},
        {"event.from", "state"},  {"event.to", "state"},
        {"page.state", "state"},
    };
    const struct code *left = &c->e->code[c->e->n - 1];
    const char *end = c->t.start, *family = NULL;
    char full[80];
    u64 v;
    if ((code != E_EQ && code != E_NE) || c->t.kind != T_NAME ||
        left->op != E_NAMED)
        return false;
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (!strcmp(left->name, words[i][0]))
            family = words[i][1];
    while (isalnum((u8)*end) || *end == '_' || *end == '-')
        end++;
    snprintf(full, sizeof full, "%s.%.*s", family ? family : "",
             (int)(end - c->t.start), c->t.start);
    if (!family || !c->env->named_number(c->env->opaque, full, &v))
        return false;
    compile_emit(c, (struct code){.op = E_CONST, .value = v}, 1);
    c->t.end = end;
    compile_advance(c);
    return true;
}

static struct type binary(struct compiler *c, unsigned level)
{
    if (level > 8)
        return unary(c);
    struct type t = binary(c, level + 1);
    for (int i; !c->failed && (i = binary_at(c, level)) >= 0;) {
        compile_advance(c);
        struct type right = compared_word(c, binaries[i].code)
                                ? value_type
                                : binary(c, level + 1);
        if (c->failed)
            break;
        t = combine(c, binaries[i].code, t, right);
    }
    return t;
}

/* Compiles a && b, a || b: b is evaluated only if a does not decide. */
static struct type logical(struct compiler *c, bool is_or)
{
    struct type t = is_or ? logical(c, false) : binary(c, 1);
    while (is_op(c, is_or ? "||" : "&&")) {
        compile_advance(c);
        unsigned skip =
            compile_emit(c, (struct code){.op = is_or ? E_JNZ : E_JZ}, -1);
        if (is_or)
            logical(c, false);
        else
            binary(c, 1);
        compile_emit(c, (struct code){.op = E_BOOL}, 0);
        unsigned end = compile_emit(c, (struct code){.op = E_JMP}, -1);
        land(c, skip);
        compile_emit(c, (struct code){.op = E_CONST, .value = is_or}, 1);
        land(c, end);
        t = value_type;
    }
    return t;
}

static struct type ternary(struct compiler *c)
{
    if (++c->depth > NESTING_MAX)
        compile_fail(c, "expression: nested too deep");
    struct type t = c->failed ? value_type : logical(c, true);
    if (is_op(c, "?")) {
        compile_advance(c);
        unsigned skip = compile_emit(c, (struct code){.op = E_JZ}, -1);
        struct type a = promoted(ternary(c));
        unsigned end = compile_emit(c, (struct code){.op = E_JMP}, -1);
        expect(c, ":");
        land(c, skip);
        struct type b = promoted(ternary(c));
        land(c, end);
        t = value_type;
        t.is_unsigned = a.is_unsigned || b.is_unsigned;
    }
    c->depth--;
    return t;
}

/* ---- outside --------------------------------------------------------- */

struct expr *expr_compile(const struct expr_env *env, const char **text,
                          char *err, size_t n)
{
    struct compiler c = {.env = env, .err = err, .n = n};
    c.e = xcalloc(1, sizeof *c.e);
    c.t.start = c.t.end = *text;
    compile_advance(&c);
    struct type t = ternary(&c);
    if (c.failed) {
        expr_free(c.e);
        return NULL;
    }
    c.e->is_unsigned = promoted(t).is_unsigned;
    c.e->place = t.place;
    c.e->type = t.dw;
    c.e->compared = t.compared;
    *text = c.t.start;
    return c.e;
}

void expr_free(struct expr *e)
{
    if (!e)
        return;
    for (unsigned i = 0; i < e->n; i++)
        free(e->code[i].name);
    free(e->code);
    free(e);
}

enum expr_shape expr_shape(const struct expr *e, u64 *n)
{
    const struct code *c = e->code;
    if (e->n != 3 || c[1].op != E_CONST)
        return SHAPE_OTHER;
    *n = c[1].value;
    if (c[0].op == E_NAMED && (c[2].op == E_GE || c[2].op == E_GT) &&
        !(*n >> 63)) {
        *n += c[2].op == E_GT;
        if (!strcmp(c[0].name, "cycle"))
            return SHAPE_CYCLE;
        if (!strcmp(c[0].name, "instret"))
            return SHAPE_INSTRET;
    }
    return SHAPE_OTHER;
}
