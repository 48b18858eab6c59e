/* SPDX-License-Identifier: MIT */
/* Writes code for AArch64 (Arm's Architecture Reference Manual, C6; procedure
 * call standard). An instruction is a word: fixed bits, and the fields d (from
 * bit 0), n (5), m (16). x16 and x17 are scratch within an operation. */
#include "engine/host.h"

#if HOST_CODE && defined(__aarch64__)

enum { TMP = 16, TMP2 = 17, LR = 30, SP = 31, ZR = 31 };

static const u8 number[REGS] = {
    [T0] = 0,      [T1] = 1,       [T2] = 2,      [HART] = 19,   [ENGINE] = 20,
    [BUDGET] = 21, [HISTORY] = 22, [G0] = 23,     [G0 + 1] = 24, [G0 + 2] = 25,
    [G0 + 3] = 26, [G0 + 4] = 27,  [G0 + 5] = 28, [G0 + 6] = 9,  [G0 + 7] = 10,
};
/* sp, s0, a0 to a5: the registers that compilers use most. */
const u8 host_guest[HOST_GUESTS] = {2, 10, 11, 12, 13, 14, 15, 8};

static void word(struct code *c, u32 v)
{
    if (c->at + 4 <= c->end) {
        memcpy(c->at + c->view, &v, 4);
        c->at += 4;
    } else {
        c->full = true;
    }
}

static void dnm(struct code *c, u32 op, unsigned d, unsigned n, unsigned m)
{
    word(c, op | m << 16 | n << 5 | d);
}

static void move(struct code *c, unsigned d, unsigned s)
{
    dnm(c, 0xaa000000, d, ZR, s); /* orr */
}

/* Writes movz and movk for 16 bits each, or movn if bits 63 to 16 are ones. */
static void load_constant(struct code *c, unsigned d, u64 k)
{
    bool not = (s64)k < 0 && (s64)k >= -0x10000;

    if (not ) {
        word(c, 0x92800000 | (u32)(~k & 0xffff) << 5 | d);
        return;
    }
    word(c, 0xd2800000 | (u32)(k & 0xffff) << 5 | d);
    for (u32 i = 1; i < 4; i++)
        if (k >> 16 * i & 0xffff)
            word(c,
                 0xf2800000 | i << 21 | (u32)(k >> 16 * i & 0xffff) << 5 | d);
}

void host_move(struct code *c, enum reg d, enum reg s)
{
    if (d != s)
        move(c, number[d], number[s]);
}

void host_const(struct code *c, enum reg d, u64 k)
{
    load_constant(c, number[d], k);
}

enum { STORE = 0, LOAD = 1, LOAD_SIGNED = 2 };

/* Writes ldr or str. The offset is scaled, has nine bits, or is in TMP. */
static void access(struct code *c, unsigned what, unsigned size, unsigned t,
                   unsigned n, s32 at)
{
    u32 op = (u32)size << 30 | what << 22 | n << 5 | t;

    if (at >= 0 && !(at & ((1 << size) - 1)) && at >> size < 4096) {
        word(c, 0x39000000 | op | (u32)(at >> size) << 10);
    } else if (at >= -256 && at < 256) {
        word(c, 0x38000000 | op | (u32)(at & 0x1ff) << 12);
    } else {
        load_constant(c, TMP, (u64)(s64)at);
        word(c, 0x38206800 | op | TMP << 16);
    }
}

static unsigned log2_of(unsigned bytes)
{
    return bytes == 8 ? 3 : bytes == 4 ? 2 : bytes == 2;
}

void host_load(struct code *c, enum reg d, enum reg base, s32 at,
               struct width w)
{
    access(c, w.sign && w.bytes < 8 ? LOAD_SIGNED : LOAD, log2_of(w.bytes),
           number[d], number[base], at);
}

void host_load_indexed(struct code *c, enum reg d, enum reg base,
                       enum reg index, unsigned shift, s32 at, struct width w)
{
    dnm(c, 0x8b000000 | shift << 10, TMP2, number[base], number[index]);
    access(c, w.sign && w.bytes < 8 ? LOAD_SIGNED : LOAD, log2_of(w.bytes),
           number[d], TMP2, at);
}

void host_store(struct code *c, enum reg s, enum reg base, s32 at,
                unsigned bytes)
{
    access(c, STORE, log2_of(bytes), number[s], number[base], at);
}

/* Writes sbfm or ubfm: sxtb, uxtb and the like. */
void host_extend(struct code *c, enum reg d, enum reg s, struct width w)
{
    u32 bits = 8u * w.bytes - 1;

    if (w.bytes == 8)
        host_move(c, d, s);
    else
        dnm(c, (w.sign ? 0x93400000 : 0xd3400000) | bits << 10, number[d],
            number[s], 0);
}

#define SUBS 0xeb000000

static const u32 alu[] = {
    [H_ADD] = 0x8b000000, [H_SUB] = SUBS,       [H_AND] = 0x8a000000,
    [H_OR] = 0xaa000000,  [H_XOR] = 0xca000000, [H_MUL] = 0x9b007c00,
    [H_SLL] = 0x9ac02000, [H_SRL] = 0x9ac02400, [H_SRA] = 0x9ac02800,
};

void host_op(struct code *c, enum host_op op, enum reg d, enum reg s)
{
    dnm(c, alu[op], number[d], number[d], number[s]);
}

void host_add_k(struct code *c, enum reg d, enum reg s, s32 k)
{
    if (k > -4096 && k < 4096) {
        u32 by = (u32)(k < 0 ? -k : k) << 10;
        word(c, (k < 0 ? 0xd1000000 : 0x91000000) | by | number[s] << 5 |
                    number[d]);
    } else {
        load_constant(c, TMP, (u64)(s64)k);
        dnm(c, alu[H_ADD], number[d], number[s], TMP);
    }
}

void host_op_k(struct code *c, enum host_op op, enum reg d, s32 k)
{
    unsigned r = number[d];

    if (op == H_ADD) {
        host_add_k(c, d, d, k);
    } else {
        load_constant(c, TMP, (u64)(s64)k);
        dnm(c, alu[op], r, r, TMP);
    }
}

void host_op_mem(struct code *c, enum host_op op, enum reg d, enum reg base,
                 s32 at)
{
    access(c, LOAD, 3, TMP, number[base], at);
    dnm(c, alu[op], number[d], number[d], TMP);
}

void host_compare(struct code *c, enum reg a, enum reg b)
{
    dnm(c, SUBS, ZR, number[a], number[b]);
}

void host_compare_k(struct code *c, enum reg a, s32 k)
{
    load_constant(c, TMP, (u64)(s64)k);
    dnm(c, SUBS, ZR, number[a], TMP);
}

void host_compare_mem(struct code *c, enum reg a, enum reg base, s32 at)
{
    access(c, LOAD, 3, TMP, number[base], at);
    dnm(c, SUBS, ZR, number[a], TMP);
}

static const u8 condition[] = {
    [C_EQ] = 0, [C_NE] = 1, [C_LT] = 11, [C_GE] = 10, [C_LTU] = 3, [C_GEU] = 2,
};

void host_set(struct code *c, enum cond cond, enum reg d)
{
    word(c, 0x9a9f07e0 | (condition[cond] ^ 1u) << 12 | number[d]);
}

void host_select(struct code *c, enum cond cond, enum reg d, enum reg s)
{
    dnm(c, 0x9a800000 | (u32)condition[cond] << 12, number[d], number[s],
        number[d]);
}

/* ---- jumps: displacements in words from the jump itself ---- */

static u32 words(const u8 *from, const u8 *to, unsigned bits)
{
    return (u32)((to - from) >> 2) & ((1u << bits) - 1);
}

jump host_jump(struct code *c)
{
    word(c, 0x14000000);
    return c->at;
}

jump host_jump_if(struct code *c, enum cond cond)
{
    word(c, 0x54000000 | condition[cond]);
    return c->at;
}

jump host_jump_if_bit(struct code *c, enum reg word_, enum reg bit, bool set)
{
    dnm(c, alu[H_SRL], TMP, number[word_], number[bit]);
    word(c, 0xf240001f | TMP << 5); /* tst TMP, #1 */
    return host_jump_if(c, set ? C_NE : C_EQ);
}

void host_land(struct code *c, jump from)
{
    u32 v;

    if (c->full)
        return;
    from -= 4;
    memcpy(&v, from + c->view, 4);
    v |= v >> 26 == 5 ? words(from, c->at, 26) : words(from, c->at, 19) << 5;
    memcpy(from + c->view, &v, 4);
}

void host_goto(struct code *c, const u8 *to)
{
    word(c, 0x14000000 | words(c->at, to, 26));
}

/* A conditional jump reaches only 1 MiB: its inverse skips a jump to `to`. */
void host_goto_if(struct code *c, enum cond cond, const u8 *to)
{
    word(c, 0x54000040 | (condition[cond] ^ 1u)); /* skips the next */
    host_goto(c, to);
}

void host_goto_mem(struct code *c, enum reg base, s32 at)
{
    access(c, LOAD, 3, TMP, number[base], at);
    word(c, 0xd61f0000 | TMP << 5);
}

void host_call(struct code *c, const u8 *stub)
{
    word(c, 0x94000000 | words(c->at, stub, 26));
}

/* ---- sums: v16 and v17 ---- */

static void vector(struct code *c, bool store, unsigned v, unsigned base,
                   s32 at)
{
    load_constant(c, TMP, (u64)(s64)at);
    word(c, (store ? 0x3ca06800u : 0x3ce06800u) | TMP << 16 | base << 5 | v);
}

void host_sums(struct code *c, enum host_op op, enum sums_reg s, enum reg base,
               s32 at)
{
    vector(c, false, 18, number[base], at);
    dnm(c, op == H_ADD ? 0x4ea08400 : 0x6ea08400, 16 + s, 16 + s, 18);
}

void host_sums_move(struct code *c, enum sums_reg s, s32 at, bool store)
{
    vector(c, store, 16 + s, number[ENGINE], at);
}

/* ---- floating point: v0 to v2 ---- */

bool host_can_fma(void)
{
    return true;
}

void host_float_in(struct code *c, unsigned i, enum reg s)
{
    dnm(c, 0x9e670000, i, number[s], 0); /* fmov d, x */
}

void host_float(struct code *c, enum host_float op, unsigned bytes, enum reg d)
{
    static const u32 of[] = {
        [FLOAT_add] = 0x1e612800, /* v0 = v0 op v1 */
        [FLOAT_sub] = 0x1e613800, [FLOAT_mul] = 0x1e610800,
        [FLOAT_div] = 0x1e611800, [FLOAT_sqrt] = 0x1e61c000,
        [FLOAT_fma] = 0x1f410800}; /* v0 * v1 + v2 */
    bool wide = bytes == 8;

    word(c, of[op] & ~(wide ? 0u : 1u << 22));
    dnm(c, wide ? 0x9e660000 : 0x1e260000, number[d], 0, 0); /* fmov x, d */
}

/* ---- entry and exit: sixteen bytes of stack for each register ---- */

static void push(struct code *c, unsigned r)
{
    word(c, 0xf81f0c00 | SP << 5 | r);
}

static void pop(struct code *c, unsigned r)
{
    word(c, 0xf8410400 | SP << 5 | r);
}

void host_push(struct code *c, enum reg r)
{
    push(c, number[r]);
}

void host_pop(struct code *c, enum reg r)
{
    pop(c, number[r]);
}

void host_stub(struct code *c)
{
    push(c, LR);
}

void host_forget(struct code *c)
{
    pop(c, LR);
}

void host_return(struct code *c)
{
    pop(c, LR);
    word(c, 0xd65f0000 | LR << 5);
}

void host_enter(struct code *c)
{
    for (unsigned r = 19; r <= 28; r++)
        push(c, r);
    push(c, LR);
    move(c, number[ENGINE], 0);
    move(c, number[T0], 1);
}

void host_leave(struct code *c)
{
    pop(c, LR);
    for (unsigned r = 28; r >= 19; r--)
        pop(c, r);
    word(c, 0xd65f0000 | LR << 5);
}

void host_call_c(struct code *c, const void *fn, enum reg a, enum reg b)
{
    move(c, TMP,
         number[a]); /* a and b may be in each other's argument register */
    move(c, 2, number[b]);
    move(c, 1, TMP);
    move(c, 0, number[ENGINE]);
    load_constant(c, TMP, (u64)(uintptr_t)fn);
    word(c, 0xd63f0000 | TMP << 5);
}

void host_call_kept(struct code *c, const void *fn, enum reg a, enum reg b)
{
    host_push(c, G0 + 6);
    host_push(c, G0 + 7);
    host_push(c, T2);
    host_call_c(c, fn, a, b);
    host_pop(c, T2);
    host_pop(c, G0 + 7);
    host_pop(c, G0 + 6);
}

#endif
