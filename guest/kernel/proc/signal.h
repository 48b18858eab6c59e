/* SPDX-License-Identifier: MIT */
/* Signals: numbers, actions, sending. Linux riscv64's layouts. */
#ifndef PROC_SIGNAL_H
#define PROC_SIGNAL_H

#include "lib/kernel.h"

struct proc;

enum {
    SIGHUP = 1,
    SIGINT,
    SIGQUIT,
    SIGILL,
    SIGTRAP,
    SIGABRT,
    SIGBUS,
    SIGFPE,
    SIGKILL,
    SIGUSR1,
    SIGSEGV,
    SIGUSR2,
    SIGPIPE,
    SIGALRM,
    SIGTERM,
    SIGSTKFLT,
    SIGCHLD,
    SIGCONT,
    SIGSTOP,
    SIGTSTP,
    SIGTTIN,
    SIGTTOU,
    SIGURG,
    SIGXCPU,
    SIGXFSZ,
    SIGVTALRM,
    SIGPROF,
    SIGWINCH,
    SIGIO,
    SIGPWR,
    SIGSYS,
    NSIG = 64
};
#define SIGBIT(sig) (1ul << ((sig)-1))

#define SIG_DFL 0ul
#define SIG_IGN 1ul

#define SA_NOCLDSTOP 0x1ul
#define SA_NOCLDWAIT 0x2ul
#define SA_SIGINFO   0x4ul
#define SA_ONSTACK   0x08000000ul
#define SA_RESTART   0x10000000ul
#define SA_NODEFER   0x40000000ul
#define SA_RESETHAND 0x80000000ul

enum { /* si_code */
       SI_USER = 0,
       SI_KERNEL = 0x80,
       SI_QUEUE = -1,
       SI_TIMER = -2,
       SI_TKILL = -6,
       SEGV_MAPERR = 1,
       SEGV_ACCERR = 2,
       BUS_ADRALN = 1,
       BUS_ADRERR = 2,
       ILL_ILLOPC = 1,
       TRAP_BRKPT = 1,
       CLD_EXITED = 1,
       CLD_KILLED = 2,
       CLD_DUMPED = 3,
       CLD_STOPPED = 5,
       CLD_CONTINUED = 6
};

/* In the status that wait4 returns: a core file was written. */
#define WCOREFLAG 0x80
static inline int wait_code(int status)
{
    return !(status & 0x7f)     ? CLD_EXITED
           : status & WCOREFLAG ? CLD_DUMPED
                                : CLD_KILLED;
}

/* 128 bytes, as programs see it (linux-abi.md B). */
struct siginfo {
    s32 signo, err, code, pad0;
    union {
        struct {
            s32 pid;
            u32 uid;
            s32 status; /* SIGCHLD; with value, sigqueue's low half */
            s32 pad1;
            s64 utime, stime;
        };
        struct {
            s32 pid_;
            u32 uid_;
            u64 value;
        };
        u64 addr;
        u64 raw[14];
    };
};

struct sigaction_k {
    u64 handler, flags, mask;
};

struct sigs { /* pending */
    u64 set;
    struct list queue; /* details */
};

struct sighand { /* shared by CLONE_SIGHAND */
    u32 refs;
    struct sigaction_k action[NSIG]; /* action[sig - 1] */
};

/* Send sig to the process of p, one of whose tasks will take it, or to the task
 * p alone; info NULL: from the kernel. -EAGAIN when out of memory for the
 * details of a real-time signal. => callable from an interrupt, never sleeps */
int signal_send(struct proc *p, int sig, const struct siginfo *info);
int signal_send_task(struct proc *p, int sig, const struct siginfo *info);
/* The signals pending for p: its own and the process's. */
u64 signal_set(const struct proc *p);
/* Discards the signals of `set` that are pending in p's process or any of its
 * tasks. */
void signal_discard(struct proc *p, u64 set);
/* Sends sig to every process of a group: 0, or -ESRCH if it has none. */
int pgrp_signal(u32 pgid, int sig);
/* For the terminal: true if p blocks or ignores sig. */
bool signal_is_ignored(struct proc *p, int sig);
/* True if p takes no notice of sig when it does not block it: ignored, by
 * default or by its action. */
bool signal_ignores(struct proc *p, int sig);
/* True if a signal is pending that is neither blocked nor ignored, or that the
 * running sigtimedwait waits for. */
bool signal_pending(struct proc *p);
/* True if a pending signal will end p: SIGKILL, or a signal whose default
 * action ends it and that has no handler. */
bool signal_fatal_pending(struct proc *p);
/* Sends the signal of a fault of the running program; delivered even if blocked
 * or ignored. */
void signal_fault(int sig, int code, u64 addr);

/* For rt_sigsuspend, ppoll, pselect6: installs a mask for the duration of the
 * call; the old mask returns after the handler has run. */
void signal_mask_during_call(u64 mask);

#endif
