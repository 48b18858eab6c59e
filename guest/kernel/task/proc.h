/* SPDX-License-Identifier: MIT */
/* A task is one slot of the process table. A process is a leader and its
 * threads (README.md). */
#pragma once

#include "abi/abi.h"
#include "arch/trap.h"
#include "lib/kernel.h"
#include "task/cap.h"
#include "task/groups.h"
#include "task/signal.h"
#include "task/time.h"
#include "task/wait.h"

#include <asm/resource.h>

struct files;
struct fsctx;
struct tty;
struct space;
struct file;
struct exec_args;
struct exec_images;

/* Number of slots in the process table, chosen at start-up by the size of
 * memory; the idle loop has no slot. */
extern u32 nproc;
extern u32 proc_top; /* the slots from here on are free: loops over all tasks
                      * end here, since nproc grows with RAM */
#define NPROC        nproc
#define NPROC_MIN    128
#define KSTACK_SIZE  8192
#define KSTACK_ORDER 1    /* its two frames */
#define FILES_MOST   4096 /* descriptors: the highest RLIMIT_NOFILE */
#define INSN_PAGES   4u   /* instruction and operand, each across two pages */

struct context { /* saved by switch_to: callee-saved registers */
    u64 ra, sp, s[12];
};

struct rlimit {
    u64 cur, max;
};

/* Sums over all tasks of a process, including those that have ended. */
struct task_usage {
    u64 utime, stime; /* ns */
    u64 min_flt, maj_flt, nvcsw, nivcsw;
};
#define CHARGE(p, field, n) ((p)->field += (n), (p)->leader->all.field += (n))

struct proc {
    struct lens_proc lens; /* must be first: pid, ppid, state, name, faults */

    struct proc *pid_next; /* next in its hash chain: task/table.c */

    /* Fields marked P belong to the process; only the leader's are used. */
    struct proc *leader; /* a leader's points to itself */
    struct list threads; /* P: all but the leader, linked by `thread` */
    struct list thread;
    u32 nthreads;                  /* P: length of `threads` */
    struct task_usage all;         /* P */
    struct waitq thread_gone;      /* P */
    bool group_exit;               /* P: all are to end, with group_status */
    bool group_stop;               /* P: all are to stop */
    bool stop_told;                /* P: all stopped; the parent was told */
    bool at_rest;                  /* P: leader ended, threads are left */
    s32 group_status;              /* P */
    struct proc *exec_thread;      /* P: task that ends the others to exec */
    struct exec_args *handed_args; /* P: program that a thread handed over */
    struct exec_images *handed_images;

    /* Family: P. */
    struct proc *parent; /* NULL for pid 1 and kernel threads */
    struct list children, sibling;
    u32 maker;         /* pid of the parent's task that made it, or took it over
                        * when that task ended */
    bool subreaper;    /* its orphaned descendants become its children */
    u32 pgrp, session; /* ids; session leader if session == pid */
    struct tty *ctty;  /* NULL: none */

    /* Credentials. (rlim: P) */
    u32 uid, euid, suid, fsuid, gid, egid, sgid, fsgid;
    struct groups *groups; /* supplementary; NULL: none */
    struct caps caps;
    s32 nice;
    u32 policy; /* SCHED_*, perhaps with SCHED_RESET_ON_FORK */
    struct rlimit rlim[RLIM_NLIMITS];

    /* Memory, files, program. (exe: P) */
    struct space *space; /* NULL for a kernel thread and a zombie */
    struct files *files; /* fs/fdtable.c */
    struct fsctx *fs;    /* working directory, root, umask */
    struct file *exe;    /* holds a reference; /proc/PID/exe */

    /* Signals. */
    struct sighand *sighand;
    u64 sig_blocked;
    bool sig_notified; /* it looks at its signals before it returns to user
                        * mode. Only the task itself clears this, so that a
                        * call which a signal has interrupted is restarted even
                        * if that signal is gone (Linux: TIF_SIGPENDING) */
    u64 sig_waited;    /* set that ends sigtimedwait; 0: not in it */
    struct sigs own, shared; /* pending; shared: P */
    u64 sig_saved_mask; /* restored after the handler, if sig_restore_mask */
    bool sig_restore_mask;
    struct stack_k altstack; /* size 0: none; flags: as they were set */
    s32 stop_signal;         /* P: it stopped the process */
    bool stop_report;        /* P: parent has not waited for the stop yet */
    bool cont_report;        /* P: parent has not waited for the continue yet */
    struct restart {         /* what restart_syscall continues */
        s64 (*call)(const struct restart *); /* NULL: nothing */
        u64 deadline;                        /* now_ns() time */
        bool wall;                           /* wall_ns() time */
        u64 at; /* address: of the time left, 0: none; of the futex */
        u32 expected, bits; /* of the futex */
        bool own;
    } restart;
    u32 pdeathsig; /* sent to its process when `maker` ends */

    /* Time. */
    u64 start_ns;             /* now_ns() at creation */
    u64 utime, stime;         /* ns */
    struct task_usage waited; /* P: of children waited for */
    u64 maxrss, cmaxrss; /* P: peak frames of earlier spaces; of children */
    u64 stamp;           /* its time on the hart is charged up to this time */
    u64 hold_end;        /* its turn on the hart ends here */
    bool goes_first;     /* an interrupt woke it: its turn is short */
    struct timer alarm;  /* P: setitimer(ITIMER_REAL) */
    u64 alarm_interval;
    struct {          /* P: ITIMER_VIRTUAL, ITIMER_PROF: cputimer.c */
        u64 expires;  /* processor time at which it rings; 0: off */
        u64 interval; /* its period after that, in ns */
    } cpu_timer[2];
    u64 nvcsw, nivcsw;
    u64 min_flt, maj_flt; /* of this task; a leader's lens sums all tasks */

    /* Running. */
    struct list ready;      /* ready queue, when PS_READY */
    struct context context; /* when not running */
    u8 *kstack;             /* KSTACK_SIZE bytes, trap frame at the top */
    struct trapframe *tf;   /* of the entry from user mode */
    struct timer timeout;   /* of a sleep with a deadline */
    bool woken, timed_out;
    u8 heeds;            /* enum heed: the signals that end its sleep */
    bool memalloc;       /* it frees memory: may take the last frames */
    bool idle_class;     /* runs when no other task is ready */
    u8 grab;             /* a pager's class (enum policy_grab); else 0 */
    u8 refused;          /* enum policy_grab of its last refused frame */
    bool refused_kernel; /* the frame was for the kernel: not HighMem */
    bool was_refused;    /* this call was refused a frame: memory_call_again */
    u64 left_ns;         /* time at which it last left the hart */
    bool woken_in_vain;  /* it was woken for a frame and found none */
    u8 empties_swap;     /* P: its tasks in swapoff: the OOM killer's first
                          * choice */
    u32 vain_rounds;     /* retries of this fault after reclaim */
    u32 given_up;        /* frame for its next page (vm/limit.c); 0: any */
    u32 fail_nth;        /* n-th allocation from now is to fail; 0: none */
    bool refuse_nth;     /* it fails as if no frame were free */
    enum actor actor;    /* for events: its current activity */
    u64 event_va;        /* for events: the address; 0: none */
    u32 event_space;     /* pid in whose memory it is, if another's; or 0 */
    struct fpstate {
        u64 f[32];
        u32 fcsr, pad;
    } fp;

    /* Ending. */
    s32 oom_score_adj;     /* proc/oom.h */
    s32 oom_score_adj_min; /* the least that its user may set: the last value
                            * that CAP_SYS_RESOURCE has set */
    s32 exit_status;       /* as wait4 reports it */
    s32 exit_signal;       /* to the parent, 0 for none */
    bool exiting, execed;
    struct waitq child_wait;   /* wait4 and vfork sleep here */
    struct proc *vfork_parent; /* waiting for our exec or exit */
    bool vfork_done;
    u64 set_tid;     /* user address to write its tid to at the start */
    u64 clear_tid;   /* user address to zero at the end */
    u64 robust_list; /* user address of its robust futexes: proc/futex.c */

    /* The frames that its last faults at insn_pc waited for, as a ring:
     * vm/insn_pages.c. */
    u64 insn_pc;
    u32 ninsn; /* frames entered in the ring so far */
    u32 insn_pfn[INSN_PAGES];
};

extern struct proc *proc_table;
void proc_table_init(void); /* => memory can be allocated */

/* The running task; NULL while the hart is idle or booting. */
register struct proc *current_proc __asm__("tp");
#define current current_proc

/* Returns the task with this number; NULL: none (zombies count). */
struct proc *proc_find(u32 pid);
/* As proc_find; 0 is the caller. */
static inline struct proc *proc_find_or_self(u32 pid)
{
    return pid ? proc_find(pid) : current;
}
/* Returns the process with the smallest pid above `pid`, NULL at the end: an
 * iterator that stays valid over sleeping. */
struct proc *proc_after(u32 pid);
/* Loop over all tasks, and over all processes, in no order; the body must not
 * sleep. */
#define for_each_task(p)                                                       \
    for (struct proc *p = proc_table; p < proc_table + proc_top; p++)          \
        if (p->lens.state != PS_UNUSED)
#define for_each_proc(p) for_each_task(p) if (p->leader == p)
bool pgrp_exists(u32 pgrp, u32 session);
/* True if no member has a parent outside the group in the same session: the
 * group is orphaned, and of the stop signals only SIGSTOP stops its members. */
bool pgrp_orphaned(u32 pgrp);
u32 proc_count(enum proc_state s);
u32 last_pid(void);
u64 proc_kstack_frames(void);
u64 idle_ns(void); /* time in the idle loop */
/* Hart time of all processes since the start, in ns. waiting: the part of
 * idle_ns() in which a task slept in state D, mostly for a disk; occupied: time
 * in which a task waited for the hart (read it after hart_time_queued). */
extern struct hart_time {
    u64 user, system, waiting, occupied;
} hart_time;
u64 hart_time_queued(void); /* ns in the queue, summed over tasks */
/* Copies the rights of a task: ids, groups, capabilities, nice. */
void proc_copy_rights(struct proc *to, const struct proc *from);
/* True if current has CAP_KILL, `to`'s user or, for SIGCONT, `to`'s session. */
bool proc_may_signal(struct proc *to, int sig);
/* True if the caller may see p's memory and files. */
bool proc_may_look(const struct proc *p);
/* True if the caller may change p's nice value and affinity. */
bool proc_may_schedule(const struct proc *p);

/* Starts a kernel thread; the first process is one until it calls exec. NULL:
 * no slot or memory. */
struct proc *proc_spawn_kernel(const char *name, void (*fn)(void *), void *arg);

/* task/sched.c. */
#define TURN_NS (NSEC_PER_SEC / 100) /* length of a turn on the hart */
void sched_yield_now(void); /* moves current to the end of the ready queue */
void sched_end_turn(void);  /* current yields when it leaves the kernel */
/* For a kernel thread that goes on working: lets ready tasks run, and serves
 * interrupts. => with nothing held */
void sched_breathe(void);
/* To be called in every loop whose length a program chooses: serves interrupts,
 * and lets others run if the turn is over (Linux 6.12, kernel/sched/core.c:
 * cond_resched). True: the process is to die, and the loop must end.
 * => may sleep, like a page fault: what was looked up before must be looked up
 * again; not with the lens busy */
bool cond_resched(void);
void proc_make_ready(struct proc *p);
void proc_set_state(struct proc *p, enum proc_state s);
void schedule(void); /* leaves the hart. => sleeps */
