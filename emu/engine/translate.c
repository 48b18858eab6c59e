/* SPDX-License-Identifier: MIT */
/* Translates a block to host code. An instruction with a row OP in
 * hart/semantics.def becomes a small tree of the row's words, for which code is
 * written at once. In unusual cases, and for all other instructions, the code
 * calls the interpreter's function of the same row. */
#include "engine/draft.h"

#if HOST_CODE

/* ---- trees ---- */

typedef unsigned val; /* an index into draft_code.node */

static val node(struct draft_code *t, struct node n)
{
    assert(t->nodes < NODES);
    t->node[t->nodes] = n;
    return t->nodes++;
}

static val constant(struct draft_code *t, u64 k)
{
    return node(t, (struct node){.kind = N_CONST, .k = k});
}

static val pc_at(struct draft_code *t, unsigned offset)
{
    return node(t, (struct node){.kind = N_PC, .k = offset});
}

static val guest(struct draft_code *t, unsigned n)
{
    return n ? node(t, (struct node){.kind = N_GUEST, .reg = (u8)n})
             : constant(t, 0);
}

static u64 fold(enum host_op op, u64 a, u64 b)
{
    switch (op) {
    case H_ADD:
        return a + b;
    case H_SUB:
        return a - b;
    case H_AND:
        return a & b;
    case H_OR:
        return a | b;
    case H_XOR:
        return a ^ b;
    case H_MUL:
        return a * b;
    case H_SLL:
        return a << (b & 63);
    case H_SRL:
        return a >> (b & 63);
    case H_SRA:
        return (u64)((s64)a >> (b & 63));
    }
    return 0;
}

static val arithmetic(struct draft_code *t, enum host_op op, val a, val b)
{
    const struct node *x = &t->node[a], *y = &t->node[b];

    if (x->kind == N_CONST && y->kind == N_CONST)
        return constant(t, fold(op, x->k, y->k));
    if (x->kind == N_PC && y->kind == N_CONST && op == H_ADD)
        return node(t, (struct node){.kind = N_PC, .k = x->k + y->k});
    if (y->kind == N_CONST && !y->k && op != H_AND && op != H_MUL)
        return a;
    return node(t, (struct node){.kind = N_OP, .op = op, .a = a, .b = b});
}

static val comparison(struct draft_code *t, enum cond c, val a, val b)
{
    return node(t, (struct node){.kind = N_COMPARE, .op = c, .a = a, .b = b});
}

static val extended(struct draft_code *t, unsigned bytes, bool sign, val a)
{
    return node(
        t, (struct node){.kind = N_EXTEND, .w = {(u8)bytes, sign}, .a = a});
}

static val chosen(struct draft_code *t, val c, val a, val b)
{
    return node(t, (struct node){.kind = N_SELECT, .c = c, .a = a, .b = b});
}

static val loaded(struct draft_code *t, unsigned bytes, bool sign, val a)
{
    return node(t,
                (struct node){.kind = N_LOAD, .w = {(u8)bytes, sign}, .a = a});
}

static val single(struct draft_code *t, unsigned n)
{
    return node(t, (struct node){.kind = N_SINGLE, .reg = (u8)n});
}

static val floating(struct draft_code *t, unsigned bytes, enum host_float op,
                    const val v[3])
{
    return node(t, (struct node){.kind = N_FLOAT,
                                 .op = op,
                                 .w = {(u8)bytes, false},
                                 .a = (u8)v[0],
                                 .b = (u8)v[1],
                                 .c = (u8)v[2]});
}

/* ---- the rows ---- */

#define RS1               r->rs1
#define RS2               r->rs2
#define RS3               r->rs3
#define IMM               constant(t, (u64)(s64)r->imm)
#define K(k)              constant(t, (u64)(k))
#define PC                pc_at(t, r->pcoff)
#define X(n)              guest(t, n)
#define F(n)              guest(t, 32u + (n))
#define F32(n)            single(t, n)
#define FP32(op, ...)     floating(t, 4, FLOAT_##op, (val[3]){__VA_ARGS__})
#define FP64(op, ...)     floating(t, 8, FLOAT_##op, (val[3]){__VA_ARGS__})
#define ADD(a, b)         arithmetic(t, H_ADD, a, b)
#define SUB(a, b)         arithmetic(t, H_SUB, a, b)
#define MUL(a, b)         arithmetic(t, H_MUL, a, b)
#define AND(a, b)         arithmetic(t, H_AND, a, b)
#define OR(a, b)          arithmetic(t, H_OR, a, b)
#define XOR(a, b)         arithmetic(t, H_XOR, a, b)
#define NOT(a)            arithmetic(t, H_XOR, a, K(~0ull))
#define SLL(a, n)         arithmetic(t, H_SLL, a, n)
#define SRL(a, n)         arithmetic(t, H_SRL, a, n)
#define SRA(a, n)         arithmetic(t, H_SRA, a, n)
#define EQ(a, b)          comparison(t, C_EQ, a, b)
#define NE(a, b)          comparison(t, C_NE, a, b)
#define LT(a, b)          comparison(t, C_LT, a, b)
#define GE(a, b)          comparison(t, C_GE, a, b)
#define LTU(a, b)         comparison(t, C_LTU, a, b)
#define GEU(a, b)         comparison(t, C_GEU, a, b)
#define S8(a)             extended(t, 1, true, a)
#define S16(a)            extended(t, 2, true, a)
#define S32(a)            extended(t, 4, true, a)
#define U8(a)             extended(t, 1, false, a)
#define U16(a)            extended(t, 2, false, a)
#define U32(a)            extended(t, 4, false, a)
#define SELECT(c, a, b)   chosen(t, c, a, b)
#define LOAD(type, va)    loaded(t, sizeof(type), (type)-1 < (type)1, va)
#define SETX(v)           draft_set(t, r->rd, v)
#define SETF(v)           draft_set_float(t, v)
#define SETF32(v)         SETF(OR(v, K(0xffffffff00000000)))
#define SETF16(v)         SETF(OR(v, K(0xffffffffffff0000)))
#define STORE(type, a, v) draft_store(t, sizeof(type), a, v)
#define FPON(statement)                                                        \
    do {                                                                       \
        draft_float_on(t);                                                     \
        statement;                                                             \
    } while (0)
#define FPR(statement)                                                         \
    do {                                                                       \
        t->has_code = draft_float_nearest(t);                                  \
        if (t->has_code)                                                       \
            statement;                                                         \
    } while (0)
#define OLD guest(t, r->rs2)
#define CSR(reads, writes, new)                                                \
    do {                                                                       \
        t->has_code = r->rs2;                                                  \
        if (t->has_code)                                                       \
            draft_csr(t, r, writes, new);                                      \
    } while (0)
#define HINT         (void)0
#define GOTO         draft_jump(t, r)
#define JUMP(to)     draft_indirect(t, r, to)
#define BRANCH(cond) draft_branch(t, r, cond)
#define CALL(id, ...)
#define OP(id, ...)                                                            \
    case OP_##id:                                                              \
        __VA_ARGS__;                                                           \
        return t->has_code;

/* Writes the code of r's row. False: the row has no code for r. */
static bool row(struct draft_code *t, const struct rec *r)
{
    t->nodes = 0;
    t->r = r;
    t->has_code = true;
    switch (r->op) {
#include "hart/semantics.def"
    default:
        return false;
    }
}

/* ---- a block ---- */

/* Writes r's code if r is LEAD or an end record; else returns false. */
static bool no_instruction(struct draft_code *t, const struct rec *r)
{
    switch (r->op) {
    case LEAD:
        host_const(&t->c, T0, (u64)COST(1, 0));
        host_op(&t->c, H_ADD, BUDGET, T0);
        return true;
    case END_CLEAN:
        draft_edge(t, &((struct edges *)(uintptr_t)(r + 1))->fall, r->pcoff);
        return true;
    case END_CUT:
        draft_leave(t, r - 1, t->s->leave_after);
        return true;
    default:
        return false;
    }
}

void draft_block(struct draft_code *t, struct block *b)
{
    const struct rec *end = block_insns(b) + b->n;

    t->b = b;
    t->lates = 0;
    stubs_entry(&t->c, t->s, t->timed);
    t->body = t->c.at;
    for (const struct rec *r = b->rec; r <= end; r++) {
        bool last = r + 1 == end && b->ends;
        t->last = last;
        if (last && t->transfers_in_c)
            draft_leave(t, r, t->s->last);
        else if (!no_instruction(t, r) && !row(t, r))
            draft_call(t, r, last);
        draft_resume(t, r);
        if (last)
            break;
    }
    draft_lates(t);
}

#endif
