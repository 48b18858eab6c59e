/* SPDX-License-Identifier: MIT */
/* Writes host code for the trees of hart/semantics.def: registers, arithmetic,
 * the probe of the host TLB, floating point. */
#include "engine/draft_value.h"

#if HOST_CODE

/* ---- values ---- */

enum reg draft_home(unsigned n)
{
    for (unsigned i = 0; i < HOST_GUESTS; i++)
        if (host_guest[i] == n)
            return G0 + i;
    return T0;
}

static bool fits(u64 k)
{
    return (s64)k == (s32)k;
}

/* Returns a temporary that is free while d is being computed. */
static enum reg other(enum reg d)
{
    assert(d != T2);
    return d == T0 ? T1 : d == T1 ? T2 : T0;
}

static bool mentions(const struct draft_code *t, unsigned v, unsigned reg)
{
    const struct node *n = &t->node[v];

    switch (n->kind) {
    case N_CONST:
    case N_PC:
        return false;
    case N_GUEST:
        return n->reg == reg;
    case N_EXTEND:
    case N_LOAD:
        return mentions(t, n->a, reg);
    case N_OP:
    case N_COMPARE:
        return mentions(t, n->a, reg) || mentions(t, n->b, reg);
    default:
        return true;
    }
}

bool draft_in_place(const struct draft_code *t, unsigned v, unsigned reg)
{
    const struct node *n = &t->node[v];

    switch (n->kind) {
    case N_OP:
        return draft_in_place(t, n->a, reg) && !mentions(t, n->b, reg);
    case N_EXTEND:
        return draft_in_place(t, n->a, reg);
    case N_SELECT:
    case N_LOAD: /* its miss writes x[reg] before the value is complete */
        return false;
    default:
        return true;
    }
}

enum reg draft_operand(struct draft_code *t, unsigned v, enum reg tmp)
{
    const struct node *n = &t->node[v];

    if (n->kind == N_GUEST && draft_home(n->reg) != T0)
        return draft_home(n->reg);
    draft_value(t, v, tmp);
    return tmp;
}

static void emit_arithmetic(struct draft_code *t, const struct node *n,
                            enum reg d)
{
    const struct node *b = &t->node[n->b];
    bool small = b->kind == N_CONST && fits(b->k);

    if (small && n->op == H_ADD) {
        host_add_k(&t->c, d, draft_operand(t, n->a, d), (s32)b->k);
        return;
    }
    draft_value(t, n->a, d);
    if (small)
        host_op_k(&t->c, n->op, d, (s32)b->k);
    else
        host_op(&t->c, n->op, d, draft_operand(t, n->b, other(d)));
}

void draft_compare(struct draft_code *t, unsigned v, enum reg d)
{
    const struct node *n = &t->node[v], *b = &t->node[n->b];

    assert(n->kind == N_COMPARE);
    enum reg a = draft_operand(t, n->a, d);
    if (b->kind == N_CONST && fits(b->k))
        host_compare_k(&t->c, a, (s32)b->k);
    else
        host_compare(&t->c, a, draft_operand(t, n->b, other(d)));
}

static void emit_select(struct draft_code *t, const struct node *n)
{
    enum reg a = T1;

    draft_compare(t, n->c, T0);
    /* b is a constant or a register: the code for it keeps the flags */
    draft_value(t, n->b, T0);
    a = draft_operand(t, n->a, a);
    host_select(&t->c, t->node[n->c].op, T0, a);
}

static void emit_extend(struct draft_code *t, const struct node *n, enum reg d)
{
    const struct node *a = &t->node[n->a];

    if (a->kind == N_GUEST && draft_home(a->reg) == T0)
        host_load(&t->c, d, HART, X_AT(a->reg), n->w);
    else if (a->kind == N_GUEST)
        host_extend(&t->c, d, draft_home(a->reg), n->w);
    else {
        draft_value(t, n->a, d);
        host_extend(&t->c, d, d, n->w);
    }
}

/* ---- memory ---- */

void draft_late(struct draft_code *t, struct late l)
{
    assert(t->lates < LATES);
    t->late[t->lates++] = l;
}

void draft_slow(struct draft_code *t, jump from)
{
    draft_late(
        t, (struct late){
               .kind = LATE_CALL, .from = from, .last = t->last, .r = t->r});
}

void draft_probe(struct draft_code *t, unsigned bytes, bool store, unsigned va)
{
    struct code *c = &t->c;
    s32 tag = store ? offsetof(struct host_page, store)
                    : offsetof(struct host_page, load);

    draft_value(t, va, T0);
    host_move(c, T2, T0);
    host_op_k(c, H_SRL, T2, PAGE_SHIFT - 5);
    host_op_k(c, H_AND, T2, (HOST_PAGES_USED(t->timed) - 1) << 5);
    host_op_mem(c, H_ADD, T2, ENGINE, IN_ENGINE(host_tlb));
    u8 *again = c->at;
    host_move(c, T1, T0);
    host_op_k(c, H_AND, T1, -(s32)PAGE_BYTES | (s32)(bytes - 1));
    host_compare_mem(c, T1, T2, tag);
    draft_late(t, (struct late){.kind = LATE_MISS,
                                .from = host_jump_if(c, C_NE),
                                .again = again,
                                .stub = t->s->page[store],
                                .r = t->r});
    if (t->timed || store) {
        host_load(c, T1, T2, offsetof(struct host_page, lines), WIDE);
        host_load(c, T1, T1,
                  !t->timed ? 0
                  : store   ? (s32)offsetof(struct frame_lines, wr_ok)
                            : (s32)offsetof(struct frame_lines, rd_ok),
                  WIDE);
    }
    host_load(c, T2, T2, offsetof(struct host_page, host), WIDE);
    host_op(c, H_ADD, T2, T0);
    if (t->timed || store) {
        host_op_k(c, H_SRL, T0, LINE_SHIFT);
        jump from = host_jump_if_bit(c, T1, T0, !t->timed);
        draft_late(t, (struct late){.kind = LATE_MISS,
                                    .from = from,
                                    .again = c->at,
                                    .stub = t->s->line[store],
                                    .r = t->r});
    }
}

/* ---- floating point ---- */

void draft_float_on(struct draft_code *t)
{
    host_load(&t->c, T0, HART, IN_HART(mstatus), WIDE);
    host_op_k(&t->c, H_AND, T0, MSTATUS_FS);
    host_compare_k(&t->c, T0, 0);
    draft_slow(t, host_jump_if(&t->c, C_EQ));
}

/* Writes the checks before an operation that rounds to nearest. They lead to
 * the slow path if FS is off, if NX is clear (it may have to be set here) or if
 * a dynamic mode is not RNE. False: another fixed mode, or no fma. */
bool draft_float_nearest(struct draft_code *t)
{
    bool dynamic = t->r->imm == FRM_DYN;

    if ((!dynamic && t->r->imm != FRM_RNE) ||
        (isa_info[t->r->op].format == IF_FR4 && !host_can_fma()))
        return false;
    draft_float_on(t);
    host_load(&t->c, T0, HART, IN_HART(fflags_frm),
              SMALL(sizeof(t->e->h->fflags_frm)));
    host_op_k(&t->c, H_AND, T0, (dynamic ? 7 << 5 : 0) | FFLAG_NX);
    host_compare_k(&t->c, T0, FFLAG_NX);
    draft_slow(t, host_jump_if(&t->c, C_NE));
    return true;
}

/* Unboxes a single: the low half, if the upper half is all ones. */
static void emit_single(struct draft_code *t, const struct node *n, enum reg d)
{
    enum reg upper = other(d);

    host_load(&t->c, d, HART, X_AT(32 + n->reg), WIDE);
    host_move(&t->c, upper, d);
    host_op_k(&t->c, H_SRA, upper, 32);
    host_compare_k(&t->c, upper, -1);
    draft_slow(t, host_jump_if(&t->c, C_NE));
    host_extend(&t->c, d, d, SMALL(4));
}

/* Computes n in T0. The host's bits are right if the result is a normal number
 * whose biased exponent is at least 2 (hart/fp_fast.c, plain64). */
static void emit_float(struct draft_code *t, const struct node *n)
{
    static const u8 operands[] = {
        [FLOAT_add] = 2, [FLOAT_sub] = 2,  [FLOAT_mul] = 2,
        [FLOAT_div] = 2, [FLOAT_sqrt] = 1, [FLOAT_fma] = 3};
    const u8 of[] = {n->a, n->b, n->c};
    bool wide = n->w.bytes == 8;
    s32 infinite = wide ? 0x7ff : 0xff;

    for (unsigned i = 0; i < operands[n->op]; i++) {
        draft_value(t, of[i], T0);
        host_float_in(&t->c, i, T0);
    }
    host_float(&t->c, n->op, n->w.bytes, T0);
    host_move(&t->c, T1, T0);
    host_op_k(&t->c, H_SRL, T1, wide ? 52 : 23);
    host_op_k(&t->c, H_AND, T1, infinite);
    host_op_k(&t->c, H_SUB, T1, 2);
    host_compare_k(&t->c, T1, infinite - 2);
    draft_slow(t, host_jump_if(&t->c, C_GEU));
}

/* ---- any node ---- */

/* Writes code that computes node v in d. Beside d, this code changes:
 *
 *   N_CONST, N_GUEST         nothing
 *   N_PC                     the flags
 *   N_OP, N_COMPARE          the flags, and what computing a writes. Unless b
 *                            has a home or is a constant of 32 bits: other(d)
 *                            and what computing b in it writes. A shift by a
 *                            register: T2. For d >= G0 N_COMPARE computes in T0
 *   N_EXTEND                 what a writes
 *   N_SINGLE                 other(d), and the flags
 *   N_SELECT, N_FLOAT        T0 (d must be T0), T1, and the flags
 *   N_LOAD                   T0, T1, T2, and the flags: so a load is never the
 *                            b of another node, while a waits in d
 *
 * The late code of a miss changes only T0, T1 and T2; its stub puts into them
 * what the code at `again` reads. */
void draft_value(struct draft_code *t, unsigned v, enum reg d)
{
    const struct node *n = &t->node[v];
    struct code *c = &t->c;

    switch (n->kind) {
    case N_CONST:
        host_const(c, d, n->k);
        break;
    case N_PC:
        host_load(c, d, ENGINE, IN_ENGINE(page), WIDE);
        host_op_k(c, H_ADD, d, (s32)n->k);
        break;
    case N_GUEST:
        if (draft_home(n->reg) != T0)
            host_move(c, d, draft_home(n->reg));
        else
            host_load(c, d, HART, X_AT(n->reg), WIDE);
        break;
    case N_OP:
        emit_arithmetic(t, n, d);
        break;
    case N_COMPARE:
        draft_compare(t, v, d >= G0 ? T0 : d);
        host_set(c, n->op, d);
        break;
    case N_EXTEND:
        emit_extend(t, n, d);
        break;
    case N_SELECT:
        assert(d == T0);
        emit_select(t, n);
        break;
    case N_LOAD:
        draft_probe(t, n->w.bytes, false, n->a);
        host_load(c, d, T2, 0, n->w);
        break;
    case N_SINGLE:
        emit_single(t, n, d);
        break;
    case N_FLOAT:
        assert(d == T0);
        emit_float(t, n);
        break;
    }
}

#endif
