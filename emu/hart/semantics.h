/* SPDX-License-Identifier: MIT */
/* What instructions do: hart/semantics.def, one row for each row of
 * isa/insns.def, written in the small vocabulary below. Whoever includes
 * semantics.def defines OP(id, ...body...) and this vocabulary; today that is
 * engine/exec.c alone (the single-stepper is the same code over blocks of one
 * instruction).
 *
 *   operands   RD RS1 RS2 RS3 (register numbers), IMM (s64), RM
 *   X(n)       value of x register n         F(n)   64 raw bits of f register n
 *   SETX(v)    x[rd] = v (rd 0 is discarded) SETF(v) f[rd] = v, FS dirty
 *   PC         address of this instruction   NEXTPC address after it
 *   LOAD(type, va)  value, sign or zero extended by type; may not return
 *   STORE(type, va, v)                       may not return
 *   LR/SC/AMO(type, va, expression over `old` and `src`)
 *   BRANCH(cond)   to PC + IMM if cond; JUMP(target) ends the block
 *   TRAP(cause, tval)   does not return to this body
 *   FP(call)       requires FS on; evaluates call with `fs` = struct fpstate,
 *                  whose flags are or-ed into fcsr
 *   CSR(...) ECALL EBREAK MRET SRET WFI SFENCE FENCEI
 *
 * The exact list is in the head of semantics.def. */
