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

/* Who leaves needs no memory. */
#define NR_EXIT       93
#define NR_EXIT_GROUP 94

void syscall_dispatch(struct trapframe *tf)
{
    u64 nr = tf->x[REG_A7];
    s64 ret = -ENOSYS;
    struct sysargs args;
    memcpy(args.a, &tf->x[REG_A0], sizeof args.a);
    tf->orig_a0 = tf->x[REG_A0];
    tf->pc += 4;
    current->actor = ACTOR_SYSCALL;
    current->event_va = 0;
    COUNT(SYSCALLS);
    if (memory_short() && nr != NR_EXIT && nr != NR_EXIT_GROUP)
        memory_wait(); /* here, where it holds nothing */
    if (nr < NSYSCALLS && table[nr])
        ret = table[nr](&args);
    tf->x[REG_A0] = (u64)ret;
}
