/* SPDX-License-Identifier: MIT */
/* Tasks - processes, and each thread of one - as a debugger asks for them: a
 * part of the contract of inspect.h. */
#ifndef CLOCKHAND_INSPECT_TASK_H
#define CLOCKHAND_INSPECT_TASK_H

#include "inspect/inspect.h"

/* The task on the hart; 0: none is, or the guest does not tell. */
u32 inspect_current_task(struct machine *m);
/* Every task that can run again, in the order of the table. */
void inspect_tasks(struct machine *m,
                   void (*fn)(void *, const struct ins_proc *), void *opaque);
bool inspect_task(struct machine *m, u32 task, struct ins_proc *out);
/* A virtual address in the task's address space, rights aside; a kernel
 * thread's is the kernel's. Task 0, and the one on the hart: as the hart
 * translates now. False: no such page, or no such task. */
bool inspect_task_va_to_pa(struct machine *m, u32 task, u64 va, u64 *pa);
/* Where the kernel keeps the registers of a task that is not on the hart, by
 * the type information of the kernel's ELF; the lens does not tell it. */
struct ins_task_layout {
    bool asked, known;
    u64 row, frame, context; /* offsets in struct proc: of the lens's row, of
                              * the pointer to the trap frame, of the context */
};
struct ins_task_registers {
    u64 x[32], pc;
    u32 known; /* 1 << n: x[n] is; */
    bool pc_known;
    u64 frame_pa; /* they lie there as in guest/abi/trapframe.h; 0: they do
                   * not */
};
/* A user task's are those of its program, at its entry into the kernel; a
 * kernel thread's those that a call preserves, where it gave up the hart. The
 * layout is looked up once, and kept by the caller. False: nothing is known,
 * or the task is on the hart. */
bool inspect_task_registers(struct machine *m, struct ins_task_layout *layout,
                            u32 task, struct ins_task_registers *out);

/* A CSR of the hart's as M-mode would read it, with no effect; false: it cannot
 * be read. csr has a name (hart_csr_name). */
bool inspect_csr(const struct machine *m, unsigned csr, u64 *value);

#endif
