/* SPDX-License-Identifier: MIT */
/* The system call table: number to handler, from the two .def files. */
#include "sys/dispatch.h"
#include "proc/proc.h"
#include "sys/syscall.h"
#include "vm/reclaim.h"

static s64 (*const table[NSYSCALLS])(struct sysargs *) = {
#define SYSCALL(nr, name, handler) [nr] = handler,
#include "sys/syscalls.def"
#include "sys/syscalls_file.def"
#undef SYSCALL
};

/* False for calls that need no memory, and so must not wait for it: those that
 * end the process, sleep, or return the time or an id. (Without this exception,
 * while another process takes all memory, a process that sleeps between uses of
 * its pages waits a second at each sleep.) */
static bool needs_memory(u64 nr)
{
    enum {
#define SYSCALL(number, name, handler) NR_##name = number,
#include "sys/syscalls.def"
#undef SYSCALL
    };
    return nr != NR_exit && nr != NR_exit_group && nr != NR_nanosleep &&
           (nr < NR_clock_gettime || nr > NR_clock_nanosleep) &&
           nr != NR_sched_yield && nr != NR_gettimeofday &&
           (nr < NR_getpid || nr > NR_gettid);
}

void syscall_dispatch(struct trapframe *tf)
{
    u64 nr = tf->x[REG_A7];
    s64 ret = -ENOSYS;
    struct sysargs args;
    for (u32 i = 0; i < ARRAY_SIZE(args.a); i++)
        args.a[i] = tf->x[REG_A0 + i];
    tf->orig_a0 = tf->x[REG_A0];
    tf->pc += 4;
    current->actor = ACTOR_SYSCALL;
    current->event_va = 0;
    COUNT(SYSCALLS);
    if (!memory_plenty() && memory_short() && needs_memory(nr))
        memory_wait(); /* here the caller holds no locks or pages */
    if (nr < NSYSCALLS && table[nr])
        ret = table[nr](&args);
    tf->x[REG_A0] = (u64)ret;
}
