/* SPDX-License-Identifier: MIT */
/* Answers a debugger's questions about tasks. A task is a thread; a process's
 * first thread has the process's number. */
#pragma once

#include "inspect/answers.h"

/* Returns the task on the hart; 0: none is, or the guest does not tell. */
u32 inspect_current_task(struct machine *m);
/* Calls fn for every task that is no zombie, in the order of the table. */
void inspect_tasks(struct machine *m,
                   void (*fn)(void *, const struct ins_proc *), void *opaque);
bool inspect_task(struct machine *m, u32 task, struct ins_proc *out);
/* Translates va in the task's address space (of a kernel thread: the kernel's),
 * without checking rights. For task 0 and the task on the hart, translates as
 * the hart does now. False: no such page, or no such task. */
bool inspect_task_va_to_pa(struct machine *m, u32 task, u64 va, u64 *pa);
/* The places where the kernel keeps the registers of a task that is not on the
 * hart. They come from the DWARF of the kernel's ELF; the lens lacks them. */
struct ins_task_layout {
    bool asked, known;
    /* Offsets in struct proc: of the lens's row, of the pointer to the trap
     * frame, of the context. */
    u64 row, frame, context;
};
struct ins_task_registers {
    u64 x[32], pc;
    u32 known; /* 1 << n: x[n] is known */
    bool pc_known;
    u64 frame_pa; /* of the trap frame that holds them (guest/abi/trapframe.h);
                   * 0: a context holds them */
};
/* Gives a user task's registers at its last entry into the kernel. Of a kernel
 * thread, gives ra (also as pc), sp and s0 to s11, as they were when it gave up
 * the hart. The layout is looked up once; the caller keeps it. False: nothing
 * is known, or the task is on the hart. */
bool inspect_task_registers(struct machine *m, struct ins_task_layout *layout,
                            u32 task, struct ins_task_registers *out);

/* Reads a CSR of the hart as M-mode would, without side effects; false: it
 * cannot be read. Requires that csr has a name (hart_csr_name). */
bool inspect_csr(const struct machine *m, unsigned csr, u64 *value);
