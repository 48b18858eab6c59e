/* SPDX-License-Identifier: MIT */
/* Handles traps from user mode, and does the work before returning to it. */
#include "arch/trap.h"
#include "arch/csr.h"
#include "arch/irq.h"
#include "task/sched.h"
#include "sys/dispatch.h"
#include "vm/space.h"
#include "proc/life.h"

void trap_init(void)
{
    csr_write("sscratch", 0);
    csr_write("stvec", (u64)trap_vector);
}

static void page_fault(struct trapframe *tf, u32 access)
{
    int sig, code;
    if (vm_fault(current->space, tf->tval, access, &sig, &code) < 0 &&
        sig != SIGKILL)
        fault_signal(sig, code, tf->tval);
}

static void exception(struct trapframe *tf)
{
    switch (tf->cause) {
    case CAUSE_ECALL_USER:
        syscall_dispatch(tf);
        break;
    case CAUSE_FETCH_PAGE:
        page_fault(tf, VMA_X);
        break;
    case CAUSE_LOAD_PAGE:
        page_fault(tf, VMA_R);
        break;
    case CAUSE_STORE_PAGE:
        page_fault(tf, VMA_W);
        break;
    case CAUSE_BREAKPOINT:
        fault_signal(SIGTRAP, TRAP_BRKPT, tf->pc);
        break;
    case CAUSE_ILLEGAL:
        fault_signal(SIGILL, ILL_ILLOPC, tf->pc);
        break;
    case CAUSE_FETCH_MISALIGNED:
    case CAUSE_LOAD_MISALIGNED:
    case CAUSE_STORE_MISALIGNED:
        fault_signal(SIGBUS, BUS_ADRALN, tf->tval);
        break;
    default: /* access faults: no RAM there, or RAM of the firmware */
        fault_signal(SIGBUS, BUS_ADRERR, tf->tval);
    }
}

void trap_from_user(struct trapframe *tf)
{
    account_user();
    if (tf->cause & CAUSE_INTERRUPT)
        irq_poll();
    else
        exception(tf);
    return_to_user(tf);
}

void return_to_user(struct trapframe *tf)
{
    for (;;) {
        proc_clear_graves();
        if (current->sig_notified || current->sig_restore_mask)
            signal_deliver(tf);
        else if (current->space && current->space->held)
            space_gate(current->space);
        else if (sched_need())
            sched_yield_now();
        else
            break;
    }
    /* No program sees that its call is to be restarted (lib/errno.h). */
    assert(tf->cause != CAUSE_ECALL_USER ||
           tf->x[REG_A0] + ERESTART_RESTARTBLOCK >
               ERESTART_RESTARTBLOCK - ERESTARTSYS);
    current->actor = ACTOR_KERNEL;
    sched_leave_kernel(tf);
}

/* The kernel takes no interrupts and accesses no user address, so any trap in
 * it is a bug. */
void trap_from_kernel(struct trapframe *tf)
{
    kprintf("trap in the kernel: cause %#lx tval %#lx pc %#lx ra %#lx sp "
            "%#lx tp %#lx\n",
            tf->cause, tf->tval, tf->pc, tf->x[REG_RA], tf->x[REG_SP],
            tf->x[REG_TP]);
    panic("unexpected trap, cause %lu, address %#lx", tf->cause, tf->tval);
}
