/* SPDX-License-Identifier: MIT */
/* The registers that the kernel saves on a trap, and at a panic in panic_frame
 * (guest/kernel/arch/trap.S), where the monitor finds them. Offsets are in
 * units of 8 bytes, for assembly and the monitor. */
#pragma once

#define TRAPFRAME_PC     32 /* after x0 (unused) to x31 */
#define TRAPFRAME_STATUS 33
#define TRAPFRAME_CAUSE  34
#define TRAPFRAME_TVAL   35
#define TRAPFRAME_A0     36 /* a0 at the ecall, for restarting it */
#define TRAPFRAME_TP     37 /* the kernel's tp, when in user mode */
#define TRAPFRAME_WORDS  38

/* panic_frame's cause if no trap in the kernel led to panic; its pc is then the
 * call's return address. If pc is 0, panic_frame's registers do not count. */
#ifdef __ASSEMBLER__
#define TRAP_NONE -1
#else
#define TRAP_NONE (~0ull)
#endif
