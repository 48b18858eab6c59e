/* SPDX-License-Identifier: MIT */
/* Internal to expr.c and expr_types.c: the compiler of expressions. */
#pragma once

#include "expr/code.h"

/* The type of a subexpression, known when compiling. */
struct type {
    unsigned bytes; /* of the value, or of a pointer's target */
    bool is_unsigned;
    u8 pointers;          /* levels of * */
    bool place;           /* its last instruction is an E_LOAD or E_VARIABLE */
    int compared;         /* index of the comparison that gives it, or -1 */
    struct source_ref dw; /* its type by the program's debug information */
    struct source_ref points; /* a pointer's target type; die 0: not known */
};
extern const struct type value_type;

struct compiler {
    const struct expr_env *env;
    struct token t; /* the current token */
    struct expr *e;
    unsigned depth, stack;
    unsigned landed; /* latest target of a jump: no code before it is folded */
    bool failed;
    char *err;
    size_t n;
};
__attribute__((format(printf, 2, 3))) void compile_fail(struct compiler *c,
                                                        const char *fmt, ...);
/* Appends an instruction, which adds `grows` to the stack's height. Returns its
 * index. */
unsigned compile_emit(struct compiler *c, struct code code, int grows);
void compile_advance(struct compiler *c);

/* ---- types of the program's own (expr_types.c) ----------------------- */
struct type types_of(struct source_ref type);
/* Takes `struct NAME` (or union, enum), or a typedef's name. */
bool types_named(struct compiler *c, struct source_ref *out);
bool types_begin(const struct compiler *c); /* true: a type begins here */
/* Compiles the load of a value of `type` from the address on the stack. */
struct type types_load(struct compiler *c, struct source_ref type);
/* Takes a variable's name, with members after dots. False: no variable. */
bool types_variable(struct compiler *c, struct type *out);
/* True: `->` or `.NAME` is next. types_members takes such members of the value
 * on the stack. */
bool types_at_member(const struct compiler *c);
struct type types_members(struct compiler *c, struct type t);
/* Compiles &: the address of the place that the last instruction reads. */
struct type types_address(struct compiler *c, struct type t);
bool types_aggregate(struct type t); /* true: a struct or a union */
