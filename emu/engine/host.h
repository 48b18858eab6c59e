/* SPDX-License-Identifier: MIT */
/* The translator writes instructions of a simple machine with two-operand
 * arithmetic, which any host can emulate. One file for each kind of
 * host (host_x86.c, host_arm64.c) encodes them. On other hosts HOST_CODE is 0,
 * and everything is interpreted. */
#pragma once

#include "base/base.h"

#if (defined(__x86_64__) || defined(__aarch64__)) && defined(__linux__)
#define HOST_CODE 1
#else
#define HOST_CODE 0
#endif

/* The output buffer. `at` and `end` are where the code will run; it is written
 * `view` bytes further on. A write past the end is dropped and sets `full`. */
struct code {
    u8 *at, *end;
    ptrdiff_t view;
    bool full;
};

/* The host's registers, named by their content while translated code runs. */
enum reg {
    T0, /* T0 to T2 are temporaries */
    T1,
    T2,     /* also a shift's count */
    HART,   /* struct hart + HART_BIAS */
    ENGINE, /* struct engine */
    BUDGET,
    HISTORY, /* low byte: engine.predictor.history; above: older branches */
    G0,      /* from here on: the guest's registers host_guest[] */
    REGS = G0 + 8
};
#define HART_BIAS   128
#define HOST_GUESTS (REGS - G0)
extern const u8 host_guest[HOST_GUESTS]; /* numbers of x registers */

/* d = d op s. Shifts take s modulo 64 and may destroy T2, so d is not T2. */
enum host_op { H_ADD, H_SUB, H_AND, H_OR, H_XOR, H_MUL, H_SLL, H_SRL, H_SRA };
/* Operations on operands 0, 1, 2 of host_float_in. FLOAT_fma (only if
 * host_can_fma()) gives operand 0 * operand 1 + operand 2, rounded once. */
enum host_float {
    FLOAT_add,
    FLOAT_sub,
    FLOAT_mul,
    FLOAT_div,
    FLOAT_sqrt,
    FLOAT_fma
};
enum cond { C_EQ, C_NE, C_LT, C_GE, C_LTU, C_GEU };
/* The size of a value that is sign- or zero-extended to 64 bits. */
struct width {
    u8 bytes;
    bool sign;
};

void host_move(struct code *c, enum reg d, enum reg s);
void host_const(struct code *c, enum reg d, u64 k);
void host_load(struct code *c, enum reg d, enum reg base, s32 at,
               struct width w);
/* Loads from base + (index << shift) + at. */
void host_load_indexed(struct code *c, enum reg d, enum reg base,
                       enum reg index, unsigned shift, s32 at, struct width w);
void host_store(struct code *c, enum reg s, enum reg base, s32 at,
                unsigned bytes);
/* d = s + k */
void host_add_k(struct code *c, enum reg d, enum reg s, s32 k);
void host_op(struct code *c, enum host_op op, enum reg d, enum reg s);
void host_op_k(struct code *c, enum host_op op, enum reg d, s32 k);
/* d = d op the 64 bits at base + at; op is one of H_ADD to H_XOR. H_SUB also
 * sets the flags as a comparison of its operands does. */
void host_op_mem(struct code *c, enum host_op op, enum reg d, enum reg base,
                 s32 at);
void host_extend(struct code *c, enum reg d, enum reg s, struct width w);

/* A comparison sets the flags; the instruction that uses them must follow. */
void host_compare(struct code *c, enum reg a, enum reg b);
void host_compare_k(struct code *c, enum reg a, s32 k);
void host_compare_mem(struct code *c, enum reg a, enum reg base, s32 at);
void host_set(struct code *c, enum cond cond, enum reg d);
void host_select(struct code *c, enum cond cond, enum reg d, enum reg s);

/* Forward jumps; host_land() sets the target. */
typedef u8 *jump;
jump host_jump(struct code *c);
jump host_jump_if(struct code *c, enum cond cond);
jump host_jump_if_bit(struct code *c, enum reg word, enum reg bit, bool set);
void host_land(struct code *c, jump from);
/* Jumps and calls to code that exists already. */
void host_goto(struct code *c, const u8 *to);
void host_goto_if(struct code *c, enum cond cond, const u8 *to);
void host_goto_mem(struct code *c, enum reg base, s32 at);
void host_call(struct code *c, const u8 *stub);

/* Two vectors of counts (engine.acc, branch_acc) are kept in registers. */
enum sums_reg { BLOCK_SUMS, BRANCH_SUMS };
void host_sums(struct code *c, enum host_op op, enum sums_reg s, enum reg base,
               s32 at);
void host_sums_move(struct code *c, enum sums_reg s, s32 at, bool store);

/* Floating point by IEEE 754, to nearest even, on 4 or 8 bytes. host_float_in
 * loads operand i from register s. host_float puts the result into d, with
 * zeros in the upper bits. */
bool host_can_fma(void);
void host_float_in(struct code *c, unsigned i, enum reg s);
void host_float(struct code *c, enum host_float op, unsigned bytes, enum reg d);

/* Prologue and epilogue of translated code as a C function (engine, block):
 * host_enter saves the callee-saved registers and leaves block in T0. */
void host_enter(struct code *c);
void host_leave(struct code *c); /* returns T0 */
/* Calls the C function fn(ENGINE, a, b). Its result is in T0; T1, T2, all G
 * registers and the sums_reg counts may be lost. */
void host_call_c(struct code *c, const void *fn, enum reg a, enum reg b);
/* As host_call_c(), in a stub. Keeps all but T0, T1 and the sums_reg counts. */
void host_call_kept(struct code *c, const void *fn, enum reg a, enum reg b);
/* A called stub begins with host_stub() and ends with host_return(), or drops
 * its return address with host_forget(). Before it calls C it must push an odd
 * number of registers, which aligns the stack. */
void host_stub(struct code *c);
void host_forget(struct code *c);
void host_push(struct code *c, enum reg r);
void host_pop(struct code *c, enum reg r);
void host_return(struct code *c);
