/* SPDX-License-Identifier: MIT */
/* Keeps signals' actions, sends signals. Layouts are as in Linux riscv64. */
#pragma once

#include "lib/kernel.h"

#include <asm/siginfo.h>
#include <asm/signal.h>

struct proc;

/* As u64: struct sigaction_k has a handler as an address in the program. */
#undef SIG_DFL
#undef SIG_IGN
#define SIG_DFL     0ul
#define SIG_IGN     1ul
#define SIGBIT(sig) (1ul << ((sig)-1))

#define UNBLOCKABLE (SIGBIT(SIGKILL) | SIGBIT(SIGSTOP))
/* Pending ones are taken before others. */
#define SYNCHRONOUS                                                            \
    (SIGBIT(SIGSEGV) | SIGBIT(SIGBUS) | SIGBIT(SIGILL) | SIGBIT(SIGTRAP) |     \
     SIGBIT(SIGFPE) | SIGBIT(SIGSYS))

#define STOP_SIGNALS                                                           \
    (SIGBIT(SIGSTOP) | SIGBIT(SIGTSTP) | SIGBIT(SIGTTIN) | SIGBIT(SIGTTOU))
/* Under Linux their default action also writes a core file. */
#define CORE_SIGNALS                                                           \
    (SIGBIT(SIGQUIT) | SIGBIT(SIGILL) | SIGBIT(SIGTRAP) | SIGBIT(SIGABRT) |    \
     SIGBIT(SIGFPE) | SIGBIT(SIGSEGV) | SIGBIT(SIGBUS) | SIGBIT(SIGSYS) |      \
     SIGBIT(SIGXCPU) | SIGBIT(SIGXFSZ))

static inline int wait_code(int status)
{
    return status & 0x7f ? CLD_KILLED : CLD_EXITED;
}

struct sigaction_k {
    u64 handler, flags, mask;
};

/* The stack for handlers of Linux's sigaltstack. */
struct stack_k {
    u64 sp;
    u32 flags, pad;
    u64 size;
};
#define SS_AUTODISARM 0x80000000u /* Linux's: a handler's frame disarms it */

struct sigs { /* pending signals */
    u64 set;
    struct list queue; /* their details: struct sigqueue */
};

struct sighand { /* shared by CLONE_SIGHAND */
    u32 refs;
    struct sigaction_k action[_NSIG]; /* action[sig - 1] */
};

/* Send sig to the process of p, one of whose tasks (p, if it wants) is chosen
 * to take it, or to the task p alone; info NULL: from the kernel. -EAGAIN: no
 * memory for the details of a real-time signal, or RLIMIT_SIGPENDING. =>
 * callable from an interrupt, no sleep */
int signal_send(struct proc *p, int sig, const struct siginfo *info);
int signal_send_task(struct proc *p, int sig, const struct siginfo *info);
/* Returns a siginfo that names the running process as the sender of sig. */
struct siginfo signal_from_me(int sig, int code);
/* Returns how many signals are queued for tasks of this user. */
u32 signal_queued(u32 uid);
/* Returns the signals pending for p: its own and the process's. */
u64 signal_set(const struct proc *p);
/* Discards the signals of `set` that are pending in p's process or any of its
 * tasks. */
void signal_discard(struct proc *p, u64 set);
/* Sends sig to every process of a group: 0; -ESRCH if the group has none. */
int pgrp_signal(u32 pgid, int sig);
/* For the terminal: true if p blocks or ignores sig. */
bool signal_is_ignored(struct proc *p, int sig);
/* True if sig, when p does not block it, has no effect on p: it is ignored, by
 * default or by its action, or p is init and does not handle it. */
bool signal_ignores(struct proc *p, int sig);
/* True if p was chosen for a signal, or told to stop, and has not looked since;
 * the signal may have been withdrawn. False for a leader at rest. */
bool signal_pending(const struct proc *p);
/* True if p is to end. A signal that is fatal, but for CORE_SIGNALS, ends every
 * task of its process from the moment it is sent; nothing withdraws it. */
bool signal_fatal_pending(const struct proc *p);
/* Sends the running task the signal of its fault. If the task blocks or ignores
 * the signal, the process dies of it. False: there was no memory for the
 * fault's address. */
bool signal_fault(int sig, int code, u64 addr);

/* Changes the running task's mask; the pending signals that it no longer takes
 * go to other tasks of its process. */
void signal_set_mask(u64 mask);
/* For rt_sigsuspend, ppoll, pselect6: installs a mask for the duration of the
 * call; the old mask is restored after the handler has run. */
void signal_mask_during_call(u64 mask);
/* Restores the mask at once, if signal_mask_during_call has changed it: signals
 * that only the call's mask let through stay pending. */
void signal_mask_restore(void);
/* Gives the signals that are pending for one task to another task, whose own
 * are dropped. */
void signal_move_own(struct proc *to, struct proc *from);
