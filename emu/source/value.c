/* SPDX-License-Identifier: MIT */
/* Location expressions (DWARF 5, 2.5 and 2.6): a small stack machine of 64-bit
 * words. An unsupported operation (implicit pointers, floating point) makes the
 * whole variable unknown: no part of a value is guessed. */
#include "source/value.h"

#define STACK      64
#define STEPS_MOST 10000 /* DW_OP_bra can loop */
#define PIECES     32
#define DEPTH      8 /* most callers visited for values at entry */

enum place {
    NOWHERE,  /* optimised out */
    MEMORY,   /* at address `value` */
    REGISTER, /* number `value` */
    VALUE,    /* `value` itself */
    BLOCK     /* the bytes at `block` */
};
struct piece {
    enum place place;
    u64 value, bytes;
    const u8 *block;
};

struct computer {
    const struct source_frame *f;
    const struct source_memory *mem;
    const u64 *cfa;
    struct source *s; /* for DW_OP_fbreg, DW_OP_call_frame_cfa; or NULL */
    Dwarf_Attribute *location;
    Dwarf_Die *function;
    u64 stack[STACK];
    unsigned n;
    unsigned depth; /* struct value_at */
    bool failed;
    bool wide;    /* the operands are unsigned 64-bit: divide, compare so */
    bool in_base; /* evaluating DW_AT_frame_base */
    const char *why;
    struct piece whole; /* the location so far, until DW_OP_piece takes it */
};

static const char optimized_out[] = "optimized out", not_saved[] = "not saved",
                  not_known[] = "not known";

static u64 fail(struct computer *c, const char *why)
{
    if (!c->failed)
        c->why = why;
    c->failed = true;
    return 0;
}

static void push(struct computer *c, u64 v)
{
    if (c->n == STACK)
        fail(c, not_known);
    else
        c->stack[c->n++] = v;
}

static u64 pop(struct computer *c)
{
    return c->n ? c->stack[--c->n] : fail(c, not_known);
}

static u64 reg(struct computer *c, u64 number)
{
    if (!c->f || number > 63 || !(c->f->known >> number & 1))
        return fail(c, not_saved);
    return c->f->reg[number];
}

static u64 load(struct computer *c, u64 va, u64 n)
{
    u8 bytes[8] = {0};

    if (!n || n > 8)
        return fail(c, not_known);
    if (!c->mem || !c->mem->read(c->mem->opaque, va, bytes, n))
        return fail(c, "not in memory");
    return get_le(bytes, 8);
}

/* Converts v to a type: cuts it to the type's size, then extends it to a word.
 */
static u64 convert(struct computer *c, u64 v, u64 type)
{
    Dwarf_Die die;
    u64 bytes = 8, encoding = DW_ATE_unsigned;

    c->wide = false;
    if (!type)
        return v;
    struct source *s = c->s;
    if (!s || !dwarf_offdie(s->dwarf, type, &die) ||
        !number_of(&die, DW_AT_byte_size, &bytes) ||
        !number_of(&die, DW_AT_encoding, &encoding) || !bytes || bytes > 8 ||
        encoding == DW_ATE_float || encoding == DW_ATE_complex_float)
        return fail(c, not_known);
    bool is_signed =
        encoding == DW_ATE_signed || encoding == DW_ATE_signed_char;
    c->wide = bytes == 8 && !is_signed;
    if (bytes == 8)
        return v;
    return is_signed ? (u64)sext(v, (unsigned)(8 * bytes))
                     : v & ((1ull << 8 * bytes) - 1);
}

/* The offset of the type to which an operation refers relative to its unit. */
static u64 type_at(struct computer *c, const Dwarf_Op *op, u64 number)
{
    Dwarf_Die die;

    if (!number)
        return 0;
    if (!c->location || dwarf_getlocation_die(c->location, op, &die))
        return fail(c, not_known);
    return dwarf_dieoffset(&die);
}

static void binary(struct computer *c, u8 atom)
{
    u64 b = pop(c), a = pop(c), v = 0;

    switch (atom) {
    case DW_OP_plus:
        v = a + b;
        break;
    case DW_OP_minus:
        v = a - b;
        break;
    case DW_OP_mul:
        v = a * b;
        break;
    case DW_OP_and:
        v = a & b;
        break;
    case DW_OP_or:
        v = a | b;
        break;
    case DW_OP_xor:
        v = a ^ b;
        break;
    case DW_OP_shl:
        v = b > 63 ? 0 : a << b;
        break;
    case DW_OP_shr:
        v = b > 63 ? 0 : a >> b;
        break;
    case DW_OP_shra:
        v = (u64)((s64)a >> (b > 63 ? 63 : b));
        break;
    case DW_OP_eq:
        v = a == b;
        break;
    case DW_OP_ne:
        v = a != b;
        break;
    case DW_OP_lt:
        v = c->wide ? a < b : (s64)a < (s64)b;
        break;
    case DW_OP_le:
        v = c->wide ? a <= b : (s64)a <= (s64)b;
        break;
    case DW_OP_gt:
        v = c->wide ? a > b : (s64)a > (s64)b;
        break;
    case DW_OP_ge:
        v = c->wide ? a >= b : (s64)a >= (s64)b;
        break;
    case DW_OP_mod:
        v = b ? a % b : fail(c, not_known);
        break;
    case DW_OP_div:
        if (!b)
            fail(c, not_known);
        else if (c->wide)
            v = a / b;
        else
            v = b == ~0ull ? 0 - a : (u64)((s64)a / (s64)b);
        break;
    default:
        fail(c, not_known);
    }
    push(c, v);
}

static bool is_binary(u8 atom)
{
    switch (atom) {
    case DW_OP_plus:
    case DW_OP_minus:
    case DW_OP_mul:
    case DW_OP_and:
    case DW_OP_or:
    case DW_OP_xor:
    case DW_OP_shl:
    case DW_OP_shr:
    case DW_OP_shra:
    case DW_OP_eq:
    case DW_OP_ne:
    case DW_OP_lt:
    case DW_OP_le:
    case DW_OP_gt:
    case DW_OP_ge:
    case DW_OP_mod:
    case DW_OP_div:
        return true;
    }
    return false;
}

static u64 frame_address(struct computer *c)
{
    u64 cfa;

    if (c->cfa)
        return *c->cfa;
    if (!c->s || !c->f || !source_cfa(c->s, c->f, c->mem, &cfa))
        return fail(c, not_known);
    return cfa;
}

static void evaluate(struct computer *c, const Dwarf_Op *op, size_t n,
                     struct piece *piece, unsigned *pieces);

/* The frame base, to which DW_OP_fbreg adds its offset. */
static u64 frame_base(struct computer *c)
{
    struct computer base = {
        .f = c->f, .mem = c->mem, .s = c->s, .in_base = true};
    Dwarf_Attribute a;
    Dwarf_Op *op;
    size_t n;

    if (c->in_base || !c->function || !c->f ||
        !dwarf_attr(c->function, DW_AT_frame_base, &a) ||
        dwarf_getlocation_addr(&a, c->f->look, &op, &n, 1) != 1)
        return fail(c, not_known);
    base.location = &a;
    evaluate(&base, op, n, NULL, NULL);
    if (base.failed)
        return fail(c, base.why);
    if (base.whole.place == REGISTER)
        return reg(c, base.whole.value);
    return base.n ? base.stack[base.n - 1] : fail(c, not_known);
}

static void stack_operation(struct computer *c, const Dwarf_Op *op)
{
    u64 a, b, d;

    switch (op->atom) {
    case DW_OP_dup:
        push(c, a = pop(c)), push(c, a);
        break;
    case DW_OP_drop:
        pop(c);
        break;
    case DW_OP_over:
    case DW_OP_pick:
        a = op->atom == DW_OP_over ? 1 : op->number;
        push(c, a < c->n ? c->stack[c->n - 1 - a] : fail(c, not_known));
        break;
    case DW_OP_swap:
        a = pop(c), b = pop(c), push(c, a), push(c, b);
        break;
    case DW_OP_rot:
        a = pop(c), b = pop(c), d = pop(c);
        push(c, a), push(c, d), push(c, b);
        break;
    case DW_OP_abs:
        a = pop(c), push(c, (s64)a < 0 ? 0 - a : a);
        break;
    case DW_OP_neg:
        push(c, 0 - pop(c));
        break;
    case DW_OP_not:
        push(c, ~pop(c));
        break;
    case DW_OP_plus_uconst:
        push(c, pop(c) + op->number);
        break;
    case DW_OP_deref:
        push(c, load(c, pop(c), 8));
        break;
    case DW_OP_deref_size:
        push(c, load(c, pop(c), op->number));
        break;
    case DW_OP_deref_type:
    case DW_OP_GNU_deref_type:
        a = load(c, pop(c), op->number);
        push(c, convert(c, a, type_at(c, op, op->number2)));
        break;
    case DW_OP_convert:
    case DW_OP_GNU_convert:
        a = pop(c);
        push(c, convert(c, a, type_at(c, op, op->number)));
        break;
    case DW_OP_nop:
        break;
    default:
        fail(c, not_known);
    }
}

/* An address or constant in the unit's table. */
static u64 table_entry(struct computer *c, const Dwarf_Op *op)
{
    Dwarf_Attribute a;
    Dwarf_Addr va;
    Dwarf_Word v;

    if (!c->location || dwarf_getlocation_attr(c->location, op, &a))
        return fail(c, not_known);
    if (!dwarf_formaddr(&a, &va))
        return va + (c->f ? c->f->bias : 0);
    return dwarf_formudata(&a, &v) ? fail(c, not_known) : v;
}

/* Operations that push a word and pop none. False: not one of them. */
static bool push_operation(struct computer *c, const Dwarf_Op *op)
{
    u8 atom = op->atom;

    if (atom >= DW_OP_lit0 && atom <= DW_OP_lit31)
        push(c, atom - DW_OP_lit0);
    else if (atom >= DW_OP_breg0 && atom <= DW_OP_breg31)
        push(c, reg(c, atom - DW_OP_breg0) + op->number);
    else if (atom == DW_OP_bregx)
        push(c, reg(c, op->number) + op->number2);
    else if (atom == DW_OP_regval_type || atom == DW_OP_GNU_regval_type)
        push(c, convert(c, reg(c, op->number), type_at(c, op, op->number2)));
    else if (atom == DW_OP_fbreg)
        push(c, frame_base(c) + op->number);
    else if (atom == DW_OP_call_frame_cfa)
        push(c, frame_address(c));
    else if (atom == DW_OP_addr)
        push(c, op->number + (c->f ? c->f->bias : 0));
    else if (atom >= DW_OP_const1u && atom <= DW_OP_consts)
        push(c, op->number);
    else if (atom == DW_OP_addrx || atom == DW_OP_constx ||
             atom == DW_OP_GNU_addr_index || atom == DW_OP_GNU_const_index)
        push(c, table_entry(c, op));
    else
        return false;
    return true;
}

int value_register(const Dwarf_Op *op)
{
    if (op->atom >= DW_OP_reg0 && op->atom <= DW_OP_reg31)
        return op->atom - DW_OP_reg0;
    return op->atom == DW_OP_regx && op->number < 64 ? (int)op->number : -1;
}

/* DW_OP_entry_value: a register's value at the function's entry. */
static u64 at_entry(struct computer *c, const Dwarf_Op *op)
{
    struct value_at at = {c->f, c->mem, c->function, c->depth};
    Dwarf_Attribute a;
    Dwarf_Op *is;
    size_t n;
    u64 v;

    if (!c->f || !c->s || !c->location || c->depth == DEPTH ||
        dwarf_getlocation_attr(c->location, op, &a) ||
        dwarf_getlocation(&a, &is, &n) || n != 1 || value_register(is) < 0 ||
        !entry_register(c->s, (unsigned)value_register(is), at, &v))
        return fail(c, optimized_out);
    return v;
}

/* Operations that name a location other than memory. False: not one of them. */
static bool location_operation(struct computer *c, const Dwarf_Op *op)
{
    Dwarf_Block block;
    int number = value_register(op);

    if (number >= 0)
        c->whole = (struct piece){REGISTER, (u64)number, 0, NULL};
    else if (op->atom == DW_OP_stack_value)
        c->whole = (struct piece){VALUE, pop(c), 8, NULL};
    else if (op->atom == DW_OP_implicit_value && c->location &&
             !dwarf_getlocation_implicit_value(c->location, op, &block))
        c->whole = (struct piece){BLOCK, 0, block.length, block.data};
    else
        return false;
    return true;
}

static struct piece take_location(struct computer *c)
{
    struct piece p = c->whole;

    if (p.place == NOWHERE && c->n)
        p = (struct piece){MEMORY, pop(c), 0, NULL};
    c->whole = (struct piece){NOWHERE, 0, 0, NULL};
    return p;
}

/* The index of a jump's target, which is given as a byte offset. */
static size_t jump(struct computer *c, const Dwarf_Op *op, size_t n, size_t at)
{
    u64 to = op[at].offset + 3 + (u64)(s16)op[at].number;

    for (size_t i = 0; i < n; i++)
        if (op[i].offset == to)
            return i;
    fail(c, not_known);
    return n;
}

static void evaluate(struct computer *c, const Dwarf_Op *op, size_t n,
                     struct piece *piece, unsigned *pieces)
{
    unsigned left = STEPS_MOST;

    for (size_t i = 0; i < n && !c->failed; i++) {
        const Dwarf_Op *o = &op[i];
        if (!left--) {
            fail(c, not_known);
        } else if (o->atom == DW_OP_piece && piece && *pieces < PIECES) {
            piece[*pieces] = take_location(c);
            piece[(*pieces)++].bytes = o->number;
        } else if (o->atom == DW_OP_skip || (o->atom == DW_OP_bra && pop(c))) {
            i = jump(c, op, n, i) - 1;
        } else if (is_binary(o->atom)) {
            binary(c, o->atom);
        } else if (o->atom == DW_OP_entry_value ||
                   o->atom == DW_OP_GNU_entry_value) {
            push(c, at_entry(c, o));
        } else if (o->atom == DW_OP_implicit_pointer ||
                   o->atom == DW_OP_GNU_implicit_pointer) {
            fail(c, optimized_out);
        } else if (o->atom != DW_OP_bra && !push_operation(c, o) &&
                   !location_operation(c, o)) {
            stack_operation(c, o);
        }
    }
}

bool value_compute(const Dwarf_Op *op, size_t n, const struct source_frame *f,
                   const struct source_memory *mem, const u64 *cfa, u64 *value)
{
    struct computer c = {.f = f, .mem = mem, .cfa = cfa};

    if (op->atom == DW_OP_regx || /* saved in another register */
        (op->atom >= DW_OP_reg0 && op->atom <= DW_OP_reg31))
        return false;
    evaluate(&c, op, n, NULL, NULL);
    *value = pop(&c);
    return !c.failed;
}

const char *value_of(struct source *s, Dwarf_Attribute *a, struct value_at at,
                     u64 *value)
{
    struct computer c = {.f = at.f,
                         .mem = at.mem,
                         .s = s,
                         .location = a,
                         .function = at.function,
                         .depth = at.depth};
    Dwarf_Op *op;
    size_t n;

    if (dwarf_getlocation(a, &op, &n) || !n)
        return not_known;
    evaluate(&c, op, n, NULL, NULL);
    *value = c.whole.place == REGISTER ? reg(&c, c.whole.value)
             : c.whole.place == VALUE  ? c.whole.value
                                       : pop(&c);
    return c.failed ? c.why : NULL;
}

/* ---- variables ---------------------------------------------------------- */

/* In code that was not optimised, the locations of arguments hold another
 * function's values until the prologue has stored them. */
static bool in_prologue(struct source *s, Dwarf_Die *function, u64 pc)
{
    struct source_function at;
    Dwarf_Addr start;

    return !dwarf_entrypc(function, &start) &&
           source_function_at(s, start, &at) && pc < at.body;
}

/* Finds all pieces of a variable. NULL: done; else the reason. */
static const char *locate(struct source_ref var, const struct source_frame *f,
                          const struct source_memory *mem,
                          struct piece piece[PIECES], unsigned *n)
{
    Dwarf_Die die, function, block;
    Dwarf_Attribute a;
    Dwarf_Op *op;
    size_t ops;
    u64 constant;
    struct computer c = {.f = f, .mem = mem, .s = var.of, .location = &a};

    *n = 1;
    if (!entry(var, &die))
        return not_known;
    if (home_of(var, &function, &block)) {
        if (!f || dwarf_haspc(&block, f->look) <= 0)
            return "not in scope here";
        c.function = &function;
    }
    if (number_of(&die, DW_AT_const_value, &constant)) {
        piece[0] = (struct piece){VALUE, constant, 8, NULL};
        return NULL;
    }
    if (c.function && f->inner && in_prologue(var.of, c.function, f->look))
        return "not stored yet";
    if (!dwarf_attr_integrate(&die, DW_AT_location, &a) ||
        dwarf_getlocation_addr(&a, f ? f->look : 0, &op, &ops, 1) != 1 || !ops)
        return optimized_out;
    *n = 0;
    evaluate(&c, op, ops, piece, n);
    if (!c.failed && !*n)
        piece[(*n)++] = take_location(&c);
    return c.failed ? c.why : NULL;
}

/* n bytes of a piece from its byte `at` on. */
static const char *read_piece(const struct piece *p,
                              const struct source_frame *f,
                              const struct source_memory *mem, u64 at, u8 *to,
                              u64 n)
{
    u8 bytes[8];

    if (p->place == NOWHERE)
        return optimized_out;
    if (p->place == MEMORY)
        return mem && mem->read(mem->opaque, p->value + at, to, n)
                   ? NULL
                   : "not in memory";
    if (p->place == BLOCK) {
        if (at > p->bytes || n > p->bytes - at)
            return not_known;
        memcpy(to, p->block + at, n);
        return NULL;
    }
    if (at > 8 || n > 8 - at)
        return not_known;
    if (p->place == REGISTER &&
        (!f || p->value > 63 || !(f->known >> p->value & 1)))
        return not_saved;
    put_le(bytes, p->place == REGISTER ? f->reg[p->value] : p->value, 8);
    memcpy(to, bytes + at, n);
    return NULL;
}

const char *source_read(struct source_ref var, const struct source_frame *f,
                        const struct source_memory *mem, u64 at, void *to,
                        size_t n)
{
    struct piece piece[PIECES];
    unsigned pieces;
    u8 *p = to;
    const char *why = locate(var, f, mem, piece, &pieces);

    if (!why && pieces == 1 && piece[0].place == MEMORY)
        return read_piece(&piece[0], f, mem, at, p, n);
    if (!why && pieces == 1 && (!piece[0].bytes || piece[0].place == REGISTER))
        piece[0].bytes = 8;
    for (unsigned i = 0; !why && n; i++) {
        if (i == pieces)
            return not_known;
        u64 has = piece[i].bytes;
        if (at >= has) {
            at -= has;
            continue;
        }
        u64 part = n < has - at ? n : has - at;
        why = read_piece(&piece[i], f, mem, at, p, part);
        at = 0;
        p += part;
        n -= part;
    }
    return why;
}

const char *source_address(struct source_ref var, const struct source_frame *f,
                           const struct source_memory *mem, u64 *va)
{
    struct piece piece[PIECES];
    unsigned pieces;
    const char *why = locate(var, f, mem, piece, &pieces);

    if (why)
        return why;
    if (pieces != 1 || piece[0].place != MEMORY)
        return piece[0].place == NOWHERE ? optimized_out
                                         : "not in memory: a register";
    *va = piece[0].value;
    return NULL;
}
