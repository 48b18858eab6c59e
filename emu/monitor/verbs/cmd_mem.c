/* SPDX-License-Identifier: MIT */
/* Verbs about values, memory and registers. */
#include "inspect/parts.h"
#include "inspect/symbols.h"
#include "inspect/walk.h"
#include "monitor/verbs/verbs.h"

#include <ctype.h>

/* ---- one number in a format ------------------------------------------ */

static u64 narrow(u64 v, unsigned size)
{
    return size == 8 ? v : v & ((1ull << 8 * size) - 1);
}

static void binary_text(u64 v, char *buf)
{
    unsigned top = v ? 63 - (unsigned)__builtin_clzll(v) : 0;
    for (unsigned i = 0; i <= top; i++)
        buf[i] = v >> (top - i) & 1 ? '1' : '0';
    buf[top + 1] = 0;
}

/* Writes v in gdb's format `letter`; padded: leading zeros in hex (verb x). */
static void number_text(struct session *s, u64 v, char letter, unsigned size,
                        bool padded, char *buf, size_t n)
{
    char where[80], bin[65];
    u64 u = narrow(v, size);
    switch (letter) {
    case 'd':
        snprintf(buf, n, "%lld", sext(v, 8 * size));
        break;
    case 'u':
        snprintf(buf, n, "%llu", u);
        break;
    case 'o':
        snprintf(buf, n, u ? "0%llo" : "%llo", u);
        break;
    case 't':
        binary_text(u, bin);
        snprintf(buf, n, "%s", bin);
        break;
    case 'c':
        snprintf(buf, n, "%lld '%c'", sext(v, 8),
                 isprint((u8)v) ? (char)v : '?');
        break;
    case 'a':
        snprintf(buf, n, "0x%llx%s%s%s", v,
                 inspect_symbol_at(s->m, v, where, sizeof where) ? " <" : "",
                 inspect_symbol_at(s->m, v, where, sizeof where) ? where : "",
                 inspect_symbol_at(s->m, v, where, sizeof where) ? ">" : "");
        break;
    default:
        if (padded)
            snprintf(buf, n, "0x%0*llx", (int)(2 * size), u);
        else
            snprintf(buf, n, "0x%llx", u);
    }
}

/* ---- print ----------------------------------------------------------- */

/* Says that a symbol's value is its address, because users may expect the
 * variable's value, or what `info NAME` answers. */
static void is_address(struct answer *a, const char *name, u64 value)
{
    u64 address;
    if (!inspect_symbol(a->s->m, name, &address) || address != value)
        return;
    say(a, "  the address of the symbol %s; u64[%s] is what lies there", name,
        name);
    if (info_find(name, strlen(name)))
        say(a, "; info %s is a question to the machine", name);
    say(a, "\n");
}

#define TYPED_TEXT  4000
#define TYPED_BYTES 4096

static void value_json(struct json *j, const struct expr_value *v)
{
    if (v->is_unsigned)
        json_u64(j, "value", v->bits);
    else
        json_s64(j, "value", (s64)v->bits);
    json_hex(j, "hex", v->bits);
}

/* Prints a value of a type from the debug information, as gdb prints it. */
static enum command_status print_typed(struct answer *a, const struct expr *e,
                                       const char *start)
{
    struct session *s = a->s;
    struct source_ref type = expr_type(e);
    struct source_shape shape = source_shape(type);
    struct source_memory mem = inspect_memory(s->sources);
    u64 size = shape.bytes < TYPED_BYTES ? shape.bytes : TYPED_BYTES;
    u8 bytes[TYPED_BYTES];
    char err[200], name[200], text[TYPED_TEXT];
    struct expr_value v;
    if (!expr_bytes(e, &s->env, bytes, size, err, sizeof err))
        return fail(a, CMD_BAD, "print: %s", err);
    source_show(type, bytes, size, &mem, text, sizeof text);
    say(a, "%s\n", text);
    json_add(&a->j, "{expr:%s", start);
    if (shape.kind != SOURCE_STRUCT && shape.kind != SOURCE_ARRAY &&
        expr_eval(e, &s->env, &v, NULL, err, sizeof err))
        value_json(&a->j, &v);
    json_add(&a->j, "text:%s type:%s}", text,
             source_type_text(type, name, sizeof name));
    return finish_json(a);
}

static enum command_status print_number(struct answer *a, const struct expr *e,
                                        struct format f, const char *start)
{
    struct expr_value v;
    char err[200], text[200];
    bool given = f.letter;
    if (!expr_eval(e, &a->s->env, &v, NULL, err, sizeof err))
        return fail(a, CMD_BAD, "print: %s", err);
    if (!given)
        f.letter = v.is_unsigned ? 'x' : 'd';
    number_text(a->s, v.bits, f.letter, f.size, false, text, sizeof text);
    say(a, "%s\n", text);
    if (!given)
        is_address(a, start, v.bits);
    json_add(&a->j, "{expr:%s", start);
    value_json(&a->j, &v);
    json_close(&a->j, '}');
    return finish_json(a);
}

enum command_status cmd_print(struct answer *a, const char *args)
{
    struct format f = {.size = 8};
    if (!args_format(a, &args, &f))
        return CMD_BAD;
    if (!args_more(&args))
        return fail(a, CMD_BAD, "print: an expression is missing");
    const char *start = args;
    struct expr *e = args_expr(a, &args);
    if (!e || !args_end(a, args)) {
        expr_free(e);
        return CMD_BAD;
    }
    bool typed = !f.letter && source_shape(expr_type(e)).bytes;
    enum command_status st =
        typed ? print_typed(a, e, start) : print_number(a, e, f, start);
    expr_free(e);
    return st;
}

/* ---- x --------------------------------------------------------------- */

#define X_MOST 65536 /* units in one command */

struct examine {
    struct answer *a;
    struct json *j; /* an open array, or NULL */
    struct format f;
    bool physical;
    u64 addr;
};

static bool read_at(struct examine *x, void *p, size_t n)
{
    return x->physical ? inspect_read_pa(x->a->s->m, x->addr, p, n)
                       : inspect_read_va(x->a->s->m, x->addr, p, n);
}

static void label(struct examine *x)
{
    char where[80];
    if (!x->physical &&
        inspect_symbol_at(x->a->s->m, x->addr, where, sizeof where))
        say(x->a, "0x%llx <%s>:", x->addr, where);
    else
        say(x->a, "0x%llx:", x->addr);
}

static bool examine_insn(struct examine *x)
{
    struct ins_insn in;
    if (!inspect_insn(x->a->s->m, x->addr, x->physical, &in))
        return false;
    if (x->j) {
        json_add(x->j, "{addr:%#llx raw:%#x text:%s}", x->addr, in.raw,
                 in.text);
    } else {
        label(x);
        say(x->a, "\t%s\n", in.text);
    }
    x->addr += in.bytes;
    return true;
}

static bool examine_string(struct examine *x)
{
    char text[201];
    size_t n = 0;
    u64 start = x->addr;
    char c = 1;
    while (n < sizeof text - 1 && c) {
        if (!read_at(x, &c, 1))
            return false;
        text[n++] = c;
        x->addr++;
    }
    text[c ? n : n - 1] = 0;
    u64 end = x->addr;
    x->addr = start;
    if (x->j) {
        json_str(x->j, NULL, text);
    } else {
        label(x);
        say(x->a, "\t\"%s\"%s\n", text, c ? "..." : "");
    }
    x->addr = end;
    return true;
}

/* Prints a line of numbers: 8 bytes, 4 halfwords, 4 words or 2 giant words. */
static bool examine_line(struct examine *x, u64 *left)
{
    unsigned per_line = x->f.size == 8 ? 2 : x->f.size == 1 ? 8 : 4;
    char text[200];
    for (unsigned i = 0; i < per_line && *left; i++, --*left) {
        u64 v = 0;
        if (!read_at(x, &v, x->f.size)) {
            if (i && !x->j)
                say(x->a, "\n");
            return false;
        }
        if (x->j) {
            json_hex(x->j, NULL, v);
        } else {
            if (!i)
                label(x);
            number_text(x->a->s, v, x->f.letter, x->f.size, true, text,
                        sizeof text);
            say(x->a, "\t%s", text);
        }
        x->addr += x->f.size;
    }
    if (!x->j)
        say(x->a, "\n");
    return true;
}

static enum command_status examine(struct answer *a, struct examine *x)
{
    bool ok = true;
    u64 left = x->f.count;
    while (left && ok) {
        if (x->f.letter == 'i') {
            ok = examine_insn(x);
            left--;
        } else if (x->f.letter == 's') {
            ok = examine_string(x);
            left--;
        } else {
            ok = examine_line(x, &left);
        }
    }
    return ok ? CMD_OK
              : fail(a, CMD_BAD, "x: no memory at %s0x%llx",
                     x->physical ? "pa:" : "", x->addr);
}

static enum command_status cmd_examine(struct answer *a, const char *args,
                                       bool physical)
{
    struct examine x = {.a = a, .f = {1, 'x', 8}, .physical = physical};
    if (!args_format(a, &args, &x.f))
        return CMD_BAD;
    args_more(&args);
    if (!strncmp(args, "pa:", 3) || !strncmp(args, "va:", 3)) {
        x.physical = *args == 'p';
        args += 3;
    }
    if (!args_value(a, &args, &x.addr, "an address") || !args_end(a, args))
        return CMD_BAD;
    if (x.f.count > X_MOST)
        return fail(a, CMD_BAD, "x: more than %d units", X_MOST);
    if (!a->json)
        return examine(a, &x);
    x.j = &a->j;
    json_add(&a->j, "{addr:%#llx values:[", x.addr);
    enum command_status st = examine(a, &x);
    json_add(&a->j, "]}");
    if (st == CMD_OK)
        finish_json(a);
    return st;
}

enum command_status cmd_x(struct answer *a, const char *args)
{
    return cmd_examine(a, args, false);
}

enum command_status cmd_xp(struct answer *a, const char *args)
{
    return cmd_examine(a, args, true);
}

/* ---- set ------------------------------------------------------------- */

static enum command_status write_place(struct answer *a,
                                       const struct expr_place *place, u64 v)
{
    struct session *s = a->s;
    u8 bytes[8];
    put_le(bytes, v, place->bytes);
    if (past_refuses(a, "set"))
        return CMD_BAD;
    for (unsigned i = 0; i < 2 * place->bytes; i++) { /* checks, then writes */
        u64 at = place->addr + i % place->bytes, pa = at;
        if (!place->physical && !inspect_va_to_pa(s->m, at, &pa))
            return fail(a, CMD_BAD, "set: no memory at 0x%llx", at);
        if (i < place->bytes
                ? pa - RAM_BASE >= s->m->ram_bytes
                : !machine_poke(s->m, pa, &bytes[i % place->bytes], 1))
            return fail(a, CMD_BAD, "set: no RAM at pa:0x%llx", pa);
    }
    return CMD_OK;
}

#define NAME_LETTERS "abcdefghijklmnopqrstuvwxyz0123456789_."

enum command_status cmd_set(struct answer *a, const char *args)
{
    struct expr_place place;
    char err[200];
    u64 v;
    args_more(&args);
    if (!strncmp(args, "var ", 4)) /* gdb's `set var` */
        args += 4;
    args_more(&args);
    /* A name without = (vm.x 10), or dotted (vm.x = 10), is a tunable's. */
    const char *end = args + strspn(args, NAME_LETTERS);
    bool dotted = memchr(args, '.', (size_t)(end - args));
    if (isalpha((u8)*args) &&
        (!strchr(args, '=') || (dotted && end[strspn(end, " \t")] == '=')))
        return set_tunable(a, args);
    struct expr *e = args_expr(a, &args);
    if (!e)
        return CMD_BAD;
    bool ok = expr_place(e, &a->s->env, &place, err, sizeof err);
    expr_free(e);
    if (!ok)
        return fail(a, CMD_BAD, "set: %s", err);
    args_more(&args);
    if (*args++ != '=')
        return fail(a, CMD_BAD, "set: = is missing");
    if (!args_value(a, &args, &v, "a value") || !args_end(a, args))
        return CMD_BAD;
    return write_place(a, &place, v);
}

/* ---- info registers -------------------------------------------------- */

static const char *const shown_csrs[] = {
    "mstatus", "mie",      "mip",     "mtvec",    "mepc", "mcause",
    "mtval",   "medeleg",  "mideleg", "stvec",    "sepc", "scause",
    "stval",   "sscratch", "satp",    "stimecmp", "fcsr"};

static void one_register(struct answer *a, struct json *j, const char *name,
                         u64 v)
{
    char where[80];
    bool known = inspect_symbol_at(a->s->m, v, where, sizeof where);
    json_hex(j, name, v);
    say(a, "%-10s 0x%-16llx ", name, v);
    if (known)
        say(a, " <%s>\n", where);
    else
        say(a, " %lld\n", v);
}

static enum command_status named_registers(struct answer *a, struct json *j,
                                           const char *args)
{
    struct session *s = a->s;
    while (args_more(&args)) {
        char name[32];
        u64 v;
        bool is_signed;
        args += *args == '$';
        if (!args_word(a, &args, name, sizeof name, "a register"))
            return CMD_BAD;
        int id = s->env.find_register(s, name);
        if (id < 0 || !s->env.read_register(s, id, &v, &is_signed))
            return fail(a, CMD_BAD, "no register %s", name);
        one_register(a, j, name, v);
    }
    return CMD_OK;
}

static void register_row(struct answer *a, struct json *j, const char *name)
{
    int n = inspect_register_number(name);
    u64 v;
    if (n >= 0 && inspect_register(a->s->m, (u32)n, &v))
        one_register(a, j, name, v);
}

static void all_registers(struct answer *a, struct json *j)
{
    for (unsigned i = 1; i < 32; i++)
        register_row(a, j, inspect_x_name(i));
    register_row(a, j, "pc");
    register_row(a, j, "priv");
    for (size_t i = 0; i < ARRAY_LEN(shown_csrs); i++)
        register_row(a, j, shown_csrs[i]);
    for (unsigned i = 0; a->json && i < 32; i++)
        register_row(a, j, inspect_f_name(i));
}

enum command_status info_registers(struct answer *a, const char *args)
{
    enum command_status st = CMD_OK;
    json_open(&a->j, NULL, '{');
    if (args_more(&args))
        st = named_registers(a, &a->j, args);
    else
        all_registers(a, &a->j);
    json_close(&a->j, '}');
    if (st == CMD_OK)
        finish_json(a);
    return st;
}
