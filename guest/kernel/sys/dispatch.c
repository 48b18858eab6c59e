/* SPDX-License-Identifier: MIT */
/* Maps a system call's number to its handler, from the two .def files. */
#include "sys/dispatch.h"
#include "sys/file.h"
#include "vm/reclaim.h"

typedef s64 handler(struct sysargs *);

enum operand { FD, CONTENT, PATH, NAME }; /* sys/syscalls_file.def */

static inline s64 with_operand(struct sysargs *a, handler *call,
                               enum operand operand)
{
    s64 ret = -EBADF;

    a->d = NULL;
    if (operand == PATH || operand == NAME) {
        ret = call(a);
        if (operand == NAME && a->d)
            names_unlock(a->d);
        dentry_put(a->d);
    } else if ((a->f = fd_get((u32)a->a[0]))) {
        struct file *f = a->f;
        if (operand == FD || !(f->flags & O_PATH))
            ret = call(a);
        file_put(f);
    }
    return ret;
}

/* Each call with an operand gets a function, so that the others pay nothing. */
#define SYSCALL(nr, name, handler)
#define CALL(nr, name, handler, operand)                                       \
    static s64 call_##name(struct sysargs *a)                                  \
    {                                                                          \
        return with_operand(a, handler, operand);                              \
    }
#include "sys/syscalls_file.def"

static handler *const table[NSYSCALLS] = {
#define SYSCALL(nr, name, handler)       [nr] = handler,
#define CALL(nr, name, handler, operand) [nr] = call_##name,
#include "sys/syscalls.def"
#include "sys/syscalls_file.def"
};

/* False for calls that need no memory and so must not wait for it: those that
 * end a task, sleep for a time or yield, and most that return the time or an
 * id. (Else, while another process takes all memory, a process that sleeps
 * between uses of its pages would wait for memory at each sleep.) Those that
 * kill, bury or unmap free memory: where there is no OOM killer they are the
 * only way out. */
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
           (nr < NR_kill || nr > NR_tgkill) && nr != NR_wait4 &&
           nr != NR_waitid && nr != NR_munmap &&
           (nr < NR_getpid || nr > NR_gettid);
}

static inline s64 handle(const struct trapframe *tf, handler *call)
{
    struct sysargs args;
    for (u32 i = 0; i < ARRAY_SIZE(args.a); i++)
        args.a[i] = tf->x[REG_A0 + i];
    return call(&args);
}

/* True if a call that is refused a frame may end so: the errors for want of
 * memory that man pages allow. */
static bool may_lack_memory(s64 ret)
{
    return ret == -ENOMEM || ret == -EAGAIN || ret == -ENOLCK || ret == -ENOSPC;
}

void syscall_dispatch(struct trapframe *tf)
{
    u64 nr = tf->x[REG_A7];
    s64 ret = -ENOSYS;
    tf->orig_a0 = tf->x[REG_A0];
    tf->pc += 4;
    current->actor = ACTOR_SYSCALL;
    current->event_va = 0;
    COUNT(SYSCALLS);
    if (!memory_plenty() && memory_short() && needs_memory(nr))
        memory_wait(); /* here the caller holds no locks or pages */
    current->was_refused = false;
    current->vain_rounds = 0;
    if (nr < NSYSCALLS && table[nr])
        do
            ret = handle(tf, table[nr]);
        while (may_lack_memory(ret) && memory_call_again());
    tf->x[REG_A0] = (u64)ret;
}
