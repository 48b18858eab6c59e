/* SPDX-License-Identifier: MIT */
/* Writes code for x86-64 (Intel's manual, volume 2; System V's calling
 * convention). An instruction is: prefixes, REX, opcode, ModRM, SIB,
 * displacement, and an immediate. */
#include "engine/host.h"

#if HOST_CODE && defined(__x86_64__)

enum { RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI, R12 = 12 };

static const u8 number[REGS] = {
    [T0] = RAX,     [T1] = RDX,     [T2] = RCX,     [HART] = RBP,
    [ENGINE] = 13,  [BUDGET] = 15,  [HISTORY] = 14, [G0] = RBX,
    [G0 + 1] = RSI, [G0 + 2] = RDI, [G0 + 3] = 8,   [G0 + 4] = 9,
    [G0 + 5] = 10,  [G0 + 6] = 11,  [G0 + 7] = R12,
};
/* sp, s0, a0 to a5: the registers that compilers use most. */
const u8 host_guest[HOST_GUESTS] = {2, 10, 11, 12, 13, 14, 15, 8};

static void byte(struct code *c, unsigned v)
{
    if (c->at < c->end) {
        c->at[c->view] = (u8)v;
        c->at++;
    } else {
        c->full = true;
    }
}

static void bytes(struct code *c, u64 v, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        byte(c, (unsigned)(v >> 8 * i) & 0xff);
}

/* Writes REX: W for 64 bits, and the upper bits of the reg field and of rm or
 * base. Byte registers above 3 need a REX prefix, too. */
static void rex(struct code *c, bool w, unsigned reg, unsigned rm, bool must)
{
    unsigned v = 0x40 | w << 3 | (reg >> 3) << 2 | rm >> 3;

    if (v != 0x40 || must)
        byte(c, v);
}

static void opcode(struct code *c, unsigned op)
{
    if (op > 0xff)
        byte(c, op >> 8);
    byte(c, op & 0xff);
}

static void rr(struct code *c, bool w, unsigned op, unsigned reg, unsigned rm)
{
    rex(c, w, reg, rm, false);
    opcode(c, op);
    byte(c, 0xc0 | (reg & 7) << 3 | (rm & 7));
}

/* Writes ModRM for [base + at]. */
static void modrm(struct code *c, unsigned reg, unsigned base, s32 at)
{
    bool shorter = at == (s8)at;

    byte(c, (shorter ? 0x40 : 0x80) | (reg & 7) << 3 | (base & 7));
    if ((base & 7) == RSP)
        byte(c, 0x24);
    bytes(c, (u32)at, shorter ? 1 : 4);
}

/* Writes an instruction with the operands reg and [base + at]. */
static void rm(struct code *c, bool w, unsigned op, unsigned reg, unsigned base,
               s32 at)
{
    rex(c, w, reg, base, op == 0x88);
    opcode(c, op);
    modrm(c, reg, base, at);
}

void host_move(struct code *c, enum reg d, enum reg s)
{
    if (d != s)
        rr(c, true, 0x8b, number[d], number[s]);
}

void host_const(struct code *c, enum reg d, u64 k)
{
    if (k <= 0xffffffff) { /* mov r32, imm32 */
        rex(c, false, 0, number[d], false);
        byte(c, 0xb8 | (number[d] & 7));
        bytes(c, k, 4);
    } else if ((s64)k == (s32)k) { /* mov r64, simm32 */
        rr(c, true, 0xc7, 0, number[d]);
        bytes(c, k, 4);
    } else {
        rex(c, true, 0, number[d], false);
        byte(c, 0xb8 | (number[d] & 7));
        bytes(c, k, 8);
    }
}

/* Returns the opcode of an extending load or move; *wide: it needs REX.W. */
static unsigned extending(struct width w, bool *wide)
{
    *wide = w.sign || w.bytes == 8;
    switch (w.bytes) {
    case 1:
        return w.sign ? 0x0fbe : 0x0fb6;
    case 2:
        return w.sign ? 0x0fbf : 0x0fb7;
    case 4:
        return w.sign ? 0x63 : 0x8b;
    default:
        return 0x8b;
    }
}

void host_load(struct code *c, enum reg d, enum reg base, s32 at,
               struct width w)
{
    bool wide;
    unsigned op = extending(w, &wide);

    rm(c, wide, op, number[d], number[base], at);
}

void host_load_indexed(struct code *c, enum reg d, enum reg base,
                       enum reg index, unsigned shift, s32 at, struct width w)
{
    bool wide;
    unsigned op = extending(w, &wide), i = number[index], b = number[base];

    assert(i != RSP);
    byte(c, 0x40 | wide << 3 | (number[d] >> 3) << 2 | (i >> 3) << 1 | b >> 3);
    opcode(c, op);
    byte(c, 0x84 | (number[d] & 7) << 3); /* SIB and 32 bits follow */
    byte(c, shift << 6 | (i & 7) << 3 | (b & 7));
    bytes(c, (u32)at, 4);
}

void host_add_k(struct code *c, enum reg d, enum reg s, s32 k)
{
    rm(c, true, 0x8d, number[d], number[s], k); /* lea */
}

void host_extend(struct code *c, enum reg d, enum reg s, struct width w)
{
    bool wide;
    unsigned op = extending(w, &wide);

    rex(c, wide, number[d], number[s], w.bytes == 1);
    opcode(c, op);
    byte(c, 0xc0 | (number[d] & 7) << 3 | (number[s] & 7));
}

void host_store(struct code *c, enum reg s, enum reg base, s32 at,
                unsigned bytes)
{
    if (bytes == 2)
        byte(c, 0x66);
    rm(c, bytes == 8, bytes == 1 ? 0x88 : 0x89, number[s], number[base], at);
}

/* op: the opcode of `op r, r/m`; field: the reg field of `op r/m, imm` */
static const struct {
    u8 op, field;
} alu[] = {
    [H_ADD] = {0x03, 0}, [H_SUB] = {0x2b, 5}, [H_AND] = {0x23, 4},
    [H_OR] = {0x0b, 1},  [H_XOR] = {0x33, 6}, [H_SLL] = {0, 4},
    [H_SRL] = {0, 5},    [H_SRA] = {0, 7},
};
#define CMP   0x3b
#define CMP_K 7

void host_op(struct code *c, enum host_op op, enum reg d, enum reg s)
{
    if (op >= H_SLL) {
        assert(d != T2);
        host_move(c, T2, s);
        rr(c, true, 0xd3, alu[op].field, number[d]);
    } else {
        rr(c, true, op == H_MUL ? 0x0faf : alu[op].op, number[d], number[s]);
    }
}

static void immediate(struct code *c, unsigned field, unsigned reg, s32 k)
{
    rr(c, true, k == (s8)k ? 0x83 : 0x81, field, reg);
    bytes(c, (u32)k, k == (s8)k ? 1 : 4);
}

void host_op_k(struct code *c, enum host_op op, enum reg d, s32 k)
{
    if (op == H_MUL) {
        rr(c, true, 0x69, number[d], number[d]);
        bytes(c, (u32)k, 4);
    } else if (op >= H_SLL) {
        rr(c, true, 0xc1, alu[op].field, number[d]);
        byte(c, (unsigned)k & 63);
    } else {
        immediate(c, alu[op].field, number[d], k);
    }
}

void host_op_mem(struct code *c, enum host_op op, enum reg d, enum reg base,
                 s32 at)
{
    rm(c, true, alu[op].op, number[d], number[base], at);
}

void host_compare(struct code *c, enum reg a, enum reg b)
{
    rr(c, true, CMP, number[a], number[b]);
}

void host_compare_k(struct code *c, enum reg a, s32 k)
{
    immediate(c, CMP_K, number[a], k);
}

void host_compare_mem(struct code *c, enum reg a, enum reg base, s32 at)
{
    rm(c, true, CMP, number[a], number[base], at);
}

static const u8 condition[] = {
    [C_EQ] = 4, [C_NE] = 5, [C_LT] = 12, [C_GE] = 13, [C_LTU] = 2, [C_GEU] = 3,
};

void host_set(struct code *c, enum cond cond, enum reg d)
{
    rex(c, false, 0, number[d], true);
    opcode(c, 0x0f90 | condition[cond]);
    byte(c, 0xc0 | (number[d] & 7));
    host_extend(c, d, d, (struct width){1, false});
}

void host_select(struct code *c, enum cond cond, enum reg d, enum reg s)
{
    rr(c, true, 0x0f40 | condition[cond], number[d], number[s]);
}

/* ---- jumps: 32 bits of displacement, from the end of the instruction ---- */

static void displacement(struct code *c, const u8 *to)
{
    bytes(c, (u32)(to - (c->at + 4)), 4);
}

jump host_jump(struct code *c)
{
    byte(c, 0xe9);
    bytes(c, 0, 4);
    return c->at;
}

jump host_jump_if(struct code *c, enum cond cond)
{
    opcode(c, 0x0f80 | condition[cond]);
    bytes(c, 0, 4);
    return c->at;
}

jump host_jump_if_bit(struct code *c, enum reg word, enum reg bit, bool set)
{
    rr(c, true, 0x0fa3, number[bit], number[word]); /* bt: into the carry */
    return host_jump_if(c, set ? C_LTU : C_GEU);
}

void host_land(struct code *c, jump from)
{
    u32 by = (u32)(c->at - from);

    if (!c->full)
        memcpy(from - 4 + c->view, &by, 4);
}

void host_goto(struct code *c, const u8 *to)
{
    byte(c, 0xe9);
    displacement(c, to);
}

void host_goto_if(struct code *c, enum cond cond, const u8 *to)
{
    opcode(c, 0x0f80 | condition[cond]);
    displacement(c, to);
}

void host_goto_mem(struct code *c, enum reg base, s32 at)
{
    rm(c, false, 0xff, 4, number[base], at);
}

void host_call(struct code *c, const u8 *stub)
{
    byte(c, 0xe8);
    displacement(c, stub);
}

/* ---- sums: xmm15 and xmm14 ---- */

static void vector(struct code *c, unsigned prefix, unsigned op, unsigned reg,
                   unsigned base, s32 at)
{
    byte(c, prefix);
    rex(c, false, reg, base, false);
    opcode(c, 0x0f00 | op);
    modrm(c, reg, base, at);
}

void host_sums(struct code *c, enum host_op op, enum sums_reg s, enum reg base,
               s32 at)
{
    vector(c, 0x66, op == H_ADD ? 0xfe : 0xfa, 15 - s, number[base], at);
}

void host_sums_move(struct code *c, enum sums_reg s, s32 at, bool store)
{
    vector(c, 0x66, store ? 0x7f : 0x6f, 15 - s, number[ENGINE], at);
}

/* ---- floating point: xmm0 to xmm2 ---- */

bool host_can_fma(void)
{
    return __builtin_cpu_supports("fma");
}

/* Moves between a general register and an SSE register (movq, movd). */
static void between(struct code *c, unsigned op, bool wide, unsigned xmm,
                    enum reg r)
{
    byte(c, 0x66);
    rr(c, wide, op, xmm, number[r]);
}

void host_float_in(struct code *c, unsigned i, enum reg s)
{
    between(c, 0x0f6e, true, i, s);
}

void host_float(struct code *c, enum host_float op, unsigned bytes, enum reg d)
{
    static const u8 sse[] = {[FLOAT_add] = 0x58,
                             [FLOAT_sub] = 0x5c,
                             [FLOAT_mul] = 0x59,
                             [FLOAT_div] = 0x5e,
                             [FLOAT_sqrt] = 0x51};
    bool wide = bytes == 8;

    if (op == FLOAT_fma) { /* vfmadd213sd xmm0, xmm1, xmm2: VEX */
        byte(c, 0xc4);
        byte(c, 0xe2);
        byte(c, wide << 7 | 0x71);
        byte(c, 0xa9);
        byte(c, 0xc2);
    } else {
        byte(c, wide ? 0xf2 : 0xf3);
        opcode(c, 0x0f00 | sse[op]);
        byte(c, op == FLOAT_sqrt ? 0xc0 : 0xc1);
    }
    between(c, 0x0f7e, wide, 0, d);
}

/* ---- entry and exit ---- */

void host_push(struct code *c, enum reg r)
{
    rex(c, false, 0, number[r], false);
    byte(c, 0x50 | (number[r] & 7));
}

void host_pop(struct code *c, enum reg r)
{
    rex(c, false, 0, number[r], false);
    byte(c, 0x58 | (number[r] & 7));
}

/* Writes nothing: the call has pushed the return address. */
void host_stub(UNUSED struct code *c)
{
}

void host_forget(struct code *c)
{
    immediate(c, alu[H_ADD].field, RSP, 8);
}

void host_return(struct code *c)
{
    byte(c, 0xc3);
}

/* The registers that a function must preserve. With these and the return
 * address the stack is 8 bytes off its alignment to 16. */
static const u8 kept[] = {RBX, RBP, R12, 13, 14, 15};

void host_enter(struct code *c)
{
    for (unsigned i = 0; i < sizeof(kept); i++) {
        rex(c, false, 0, kept[i], false);
        byte(c, 0x50 | (kept[i] & 7));
    }
    immediate(c, alu[H_SUB].field, RSP, 8);
    rr(c, true, 0x8b, number[ENGINE], RDI);
    rr(c, true, 0x8b, number[T0], RSI);
}

void host_leave(struct code *c)
{
    immediate(c, alu[H_ADD].field, RSP, 8);
    for (unsigned i = sizeof(kept); i--;) {
        rex(c, false, 0, kept[i], false);
        byte(c, 0x58 | (kept[i] & 7));
    }
    host_return(c);
}

/* Pushes an odd number of registers: aligns the stack in a stub (host.h). */
void host_call_kept(struct code *c, const void *fn, enum reg a, enum reg b)
{
    for (enum reg r = G0 + 1; r <= G0 + 6; r++)
        host_push(c, r);
    host_push(c, T2);
    host_call_c(c, fn, a, b);
    host_pop(c, T2);
    for (enum reg r = G0 + 6; r > G0; r--)
        host_pop(c, r);
}

/* rsi holds a register of G, so writing it destroys no register of T. */
void host_call_c(struct code *c, const void *fn, enum reg a, enum reg b)
{
    rr(c, true, 0x8b, RDI, number[ENGINE]);
    rr(c, true, 0x8b, RSI, number[a]);
    host_move(c, T1, b);
    host_const(c, T0, (u64)(uintptr_t)fn);
    rr(c, false, 0xff, 2, RAX);
}

#endif
