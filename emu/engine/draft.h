/* SPDX-License-Identifier: MIT */
/* The translator's state (the draft) while it writes a block's host code. */
#pragma once

#include "engine/data.h"
#include "engine/stubs.h"

/* A node of an expression tree: one word of semantics.def. */
struct node {
    enum {
        N_CONST,   /* k */
        N_PC,      /* the page's address + k */
        N_GUEST,   /* x register `reg`; f register n is 32 + n */
        N_OP,      /* a op b (enum host_op) */
        N_COMPARE, /* a op b (enum cond): 1 or 0 */
        N_EXTEND,  /* a, extended from width w */
        N_SELECT,  /* comparison c ? a : b */
        N_LOAD,    /* the value at address a */
        N_SINGLE,  /* the single boxed in f register `reg` */
        N_FLOAT    /* op (enum host_float) of a, b, c, which are w.bytes wide */
    } kind;
    u8 reg, op;
    struct width w;
    u8 a, b, c;
    u64 k;
};
#define NODES 16

/* Rarely executed code, placed after the block's main code. */
struct late {
    enum {
        LATE_CALL, /* call r's function, continue at `resume` */
        LATE_MISS, /* call `stub`, go to `again`; if NOT_DONE: call_missed */
        LATE_LEAVE,
        LATE_TAKEN
    } kind;
    jump from;
    u8 *resume, *again;
    const u8 *stub;
    bool last;
    const struct rec *r;
};
#define LATES (6 * BLOCK_INSNS)

struct draft_code {
    struct code c;
    const struct stubs *s;
    const struct engine *e;
    struct block *b;
    const struct rec *r; /* the instruction being translated */
    bool last;           /* r ends the block */
    bool has_code;       /* r's row of semantics.def could be translated */
    bool timed;
    bool transfers_in_c; /* no EXT_C: handlers check a jump's alignment */
    u8 *body;
    struct node node[NODES];
    unsigned nodes;
    struct late late[LATES];
    unsigned lates;
};

/* translate.c: writes all of b's code. */
void draft_block(struct draft_code *t, struct block *b);

/* ---- draft.c, draft_value.c: statements of semantics.def; v: a node ---- */

void draft_set(struct draft_code *t, unsigned rd, unsigned v);
void draft_set_float(struct draft_code *t, unsigned v);
void draft_store(struct draft_code *t, unsigned bytes, unsigned va, unsigned v);
void draft_float_on(struct draft_code *t);
/* Writes code that goes on only if r rounds to nearest even and NX is set, so
 * that host arithmetic may serve (hart/fp_fast.c). False: r fixes another
 * rounding mode, or is an fma that the host lacks. */
bool draft_float_nearest(struct draft_code *t);
/* Accesses a CSR that is a plain word of the hart (csr_fill in block.c). */
void draft_csr(struct draft_code *t, const struct rec *r, bool writes,
               unsigned v);
void draft_jump(struct draft_code *t, const struct rec *r);
void draft_indirect(struct draft_code *t, const struct rec *r, unsigned to);
void draft_branch(struct draft_code *t, const struct rec *r, unsigned cond);

void draft_call(struct draft_code *t, const struct rec *r, bool last);
/* Jumps to a stub that takes r and does not come back. */
void draft_leave(struct draft_code *t, const struct rec *r, const u8 *stub);
/* Jumps along an edge, whose target is `offset` bytes from the page's start. */
void draft_edge(struct draft_code *t, struct block **edge, s64 offset);
/* Makes this the place where late code goes on after calling r's function. */
void draft_resume(struct draft_code *t, const struct rec *r);
void draft_lates(struct draft_code *t);
