/* SPDX-License-Identifier: MIT */
/* Prints panic()'s report; panic itself is in trap.S. Before init has run a
 * program, and if a tunable is at fault (panic_status 2), the report is only
 * the message. Later it also has the registers: those at the call of panic or,
 * after a trap in the kernel, those at the trap. Clockhand's monitor reads them
 * in panic_frame and adds function names and the last events. */
#include "arch/power.h"
#include "arch/trap.h"

extern struct trapframe panic_frame; /* trap.S */
void panic_with(const char *fmt, ...) __printf(1, 2) __noreturn;

const char *(*panic_task)(u64 tp);
void (*panic_last)(void);
u8 panic_status = 1;

static void show_registers(const struct trapframe *tf, const char *task)
{
    static const char name[32][4] = {
        "",   "ra", "sp", "gp", "tp",  "t0",  "t1", "t2", "s0", "s1", "a0",
        "a1", "a2", "a3", "a4", "a5",  "a6",  "a7", "s2", "s3", "s4", "s5",
        "s6", "s7", "s8", "s9", "s10", "s11", "t3", "t4", "t5", "t6"};
    if (tf->cause != TRAP_NONE)
        kprintf("cause %lu  tval %#lx  status %#lx\n", tf->cause, tf->tval,
                tf->status);
    kprintf("%s pc %016lx", task, tf->pc);
    for (unsigned i = 1; i < 32; i++)
        kprintf("%s%3s %016lx", i % 4 ? " " : "\n", name[i], tf->x[i]);
    kprintf("\n");
}

void panic_with(const char *fmt, ...)
{
    static bool again;
    va_list ap;
    if (!again) { /* a panic inside a panic prints nothing */
        again = true;
        kprintf("Kernel panic: ");
        va_start(ap, fmt);
        kvprintf(fmt, ap);
        va_end(ap);
        kprintf("\n");
        const char *task = panic_status == 1 && panic_task
                               ? panic_task(panic_frame.x[REG_TP])
                               : NULL;
        if (task)
            show_registers(&panic_frame, task);
        else
            panic_frame.pc = 0; /* no registers for the monitor */
        if (panic_last)
            panic_last();
    }
    power_off(panic_status);
}
