/* SPDX-License-Identifier: MIT */
/* Internal to expr*.c, lex.c, eval.c: tokens and the stack code. */
#pragma once

#include "expr/expr.h"

#define NAME_MAX_BYTES 128
#define STACK_MAX      64
#define NESTING_MAX    64
#define CODE_MAX       4096

/* ---- tokens ---------------------------------------------------------- */
enum token_kind {
    T_END, /* the text's end, or a character that no expression has */
    T_NUMBER,
    T_NAME,
    T_REGISTER, /* name without $ */
    T_OP        /* op holds its characters */
};
struct token {
    enum token_kind kind;
    u64 number;
    bool is_unsigned;
    char name[NAME_MAX_BYTES];
    char op[4];
    const char *start, *end;
};
/* Reads the token at text. False: *why says what is wrong with the number,
 * character or name. */
bool lex_token(const char *text, u64 clock_hz, struct token *t,
               const char **why);

/* ---- code ------------------------------------------------------------ */
enum code_op {
    E_CONST,
    E_REGISTER,
    E_NAMED,
    E_LOAD,     /* of 0 bytes: leaves the address */
    E_VARIABLE, /* of 0 bytes: its address */
    E_NEG,
    E_NOT,
    E_BOOL,
    E_LNOT,
    E_EXTEND,
    E_MUL,
    E_DIV,
    E_MOD,
    E_ADD,
    E_SUB,
    E_SHL,
    E_SHR,
    E_LT,
    E_LE,
    E_GT,
    E_GE,
    E_EQ,
    E_NE,
    E_AND,
    E_XOR,
    E_OR,
    E_SWAP,
    E_JZ,
    E_JNZ,
    E_JMP
};
struct code {
    u8 op;
    u8 bytes;         /* E_LOAD, E_EXTEND */
    bool is_unsigned; /* the operands, or the loaded value */
    bool physical;    /* E_LOAD */
    u32 target;       /* jumps: index in code; E_REGISTER: id */
    u64 value;        /* E_CONST; E_VARIABLE: where to read in the variable */
    struct source_ref var; /* E_VARIABLE */
    char *name;            /* E_NAMED, owned */
};
/* Returns a binary operator's value; a divisor must not be 0. */
u64 code_binary(const struct code *c, u64 a, u64 b);

struct expr {
    struct code *code;
    unsigned n;
    bool is_unsigned;
    bool place;   /* the last op, E_LOAD or E_VARIABLE, gives the result */
    int compared; /* index of a comparison that gives the result, or -1 */
    struct source_ref type; /* of the result; die 0: no type of the program */
};
