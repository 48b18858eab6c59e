/* SPDX-License-Identifier: MIT */
/* Internal to expr.c and expr_types.c: the compiler of expressions. */
#ifndef CLOCKHAND_EXPR_COMPILE_H
#define CLOCKHAND_EXPR_COMPILE_H

#include "monitor/language/code.h"

/* The type of a subexpression, known when compiling. */
struct type {
    unsigned bytes; /* of the value, or of what a pointer points at */
    bool is_unsigned;
    u8 pointers;          /* levels of * */
    bool place;           /* its last instruction is an E_LOAD or E_VARIABLE */
    int compared;         /* index of the comparison that it is, or -1 */
    struct source_ref dw; /* its type by the program's debug information */
    struct source_ref points; /* pointers: what the last * gives; die 0: no */
};
extern const struct type value_type;

struct compiler {
    const struct expr_env *env;
    struct token t; /* the current one */
    struct expr *e;
    unsigned depth, stack;
    unsigned landed; /* latest target of a jump: no code before it is folded */
    bool failed;
    char *err;
    size_t n;
};
__attribute__((format(printf, 2, 3))) void compile_fail(struct compiler *c,
                                                        const char *fmt, ...);
/* Appends; grows: what the instruction does to the stack's height. */
unsigned compile_emit(struct compiler *c, struct code code, int grows);
void compile_advance(struct compiler *c);

/* ---- types of the program's own (expr_types.c) ----------------------- */
struct type types_of(struct source_ref type);
/* At `struct NAME`, or a typedef's name: moves behind it. */
bool types_named(struct compiler *c, struct source_ref *out);
bool types_begin(const struct compiler *c); /* does a type begin here? */
/* The address on the stack is that of such a value. */
struct type types_load(struct compiler *c, struct source_ref type);
/* At a variable's name, with members behind dots. False: it is none. */
bool types_variable(struct compiler *c, struct type *out);
/* At `->` or `.NAME`; those of what is on the stack. */
bool types_at_member(const struct compiler *c);
struct type types_members(struct compiler *c, struct type t);
/* &: of the place that the last instruction reads. */
struct type types_address(struct compiler *c, struct type t);
bool types_aggregate(struct type t); /* a struct: no number */

#endif
