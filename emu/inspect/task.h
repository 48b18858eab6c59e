/* SPDX-License-Identifier: MIT */
/* Tasks (processes and their threads) as a debugger asks for them: a part of
 * the contract of inspect.h. */
#pragma once

#include "inspect/inspect.h"

/* The task on the hart; 0: none is, or the guest does not tell. */
u32 inspect_current_task(struct machine *m);
/* Calls fn for every task that can run again, in the order of the table. */
void inspect_tasks(struct machine *m,
                   void (*fn)(void *, const struct ins_proc *), void *opaque);
bool inspect_task(struct machine *m, u32 task, struct ins_proc *out);
/* Translates va in the task's address space (a kernel thread's is the
 * kernel's), without checking rights. Task 0 and the task on the hart: as the
 * hart translates now. False: no such page, or no such task. */
bool inspect_task_va_to_pa(struct machine *m, u32 task, u64 va, u64 *pa);
/* The places at which the kernel keeps the registers of a task that is not on
 * the hart, by the type information of the kernel's ELF; the lens does not
 * describe them. */
struct ins_task_layout {
    bool asked, known;
    u64 row, frame, context; /* offsets in struct proc: of the lens's row, of
                              * the pointer to the trap frame, of the context */
};
struct ins_task_registers {
    u64 x[32], pc;
    u32 known; /* 1 << n: x[n] is known */
    bool pc_known;
    u64 frame_pa; /* of the trap frame that holds them (guest/abi/trapframe.h);
                   * 0: they come from elsewhere */
};
/* A user task's registers are its program's at its entry into the kernel; of a
 * kernel thread only those that a call preserves are known, from where it gave
 * up the hart. The layout is looked up once and kept by the caller. False:
 * nothing is known, or the task is on the hart. */
bool inspect_task_registers(struct machine *m, struct ins_task_layout *layout,
                            u32 task, struct ins_task_registers *out);

/* A CSR of the hart's as M-mode would read it, with no effect; false: it cannot
 * be read. csr has a name (hart_csr_name). */
bool inspect_csr(const struct machine *m, unsigned csr, u64 *value);
