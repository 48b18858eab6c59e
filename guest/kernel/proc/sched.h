/* SPDX-License-Identifier: MIT */
/* Between the files of proc/ and arch/: the scheduler's inner doors. */
#ifndef PROC_SCHED_H
#define PROC_SCHED_H

#include "proc/proc.h"

/* switch.S, fp.S, trap.S */
void switch_to(struct context *from, struct context *to);
void first_run(void);
void fp_save(struct fpstate *);
void fp_restore(const struct fpstate *);
void resume_user(struct trapframe *) __noreturn;
extern char trap_vector[];

/* sched.c */
/* Tells the lens where the running process's number is. */
void sched_lens(struct lens_info *info);
void sched_idle(void) __noreturn; /* the boot stack's last job */
bool sched_need(void);            /* the turn is over and others wait */
void sched_leave_kernel(struct trapframe *); /* registers, clocks, timer */
void fp_sync(struct proc *);                 /* its registers into p->fp */
void fp_forget(struct proc *); /* they are worth nothing any more */
void account_user(void);       /* entry from user mode */
void load_tick(void);

/* time.c */
void time_init(void);
void timer_interrupt(void);
void timer_program(u64 slice_end); /* next interrupt: that or a timer */
/* cputimer.c: sends what is due by p's processor time; when the next one of p
 * would be, if it ran on in user mode from now. */
void cpu_timers_ring(struct proc *p);
u64 cpu_timers_due(struct proc *p);

/* table.c */
struct proc *proc_new(const char *name); /* embryo: state UNUSED until set */
void proc_free(struct proc *);
void proc_check_stack(struct proc *);

/* exit.c */
void proc_reparent_children(struct proc *);
void proc_stop(int sig);
void proc_notify_parent(struct proc *, int code, int status);
void proc_clear_graves(void);
void vfork_release(struct proc *);

/* sigframe.c */
void signal_deliver(struct trapframe *);
bool signal_work(struct proc *);
void signal_queue_clear(struct proc *);
int signal_take(struct proc *, u64 set, struct siginfo *info);
s64 signal_return(struct trapframe *);

/* fork.c */
s64 proc_fork(u64 flags, u64 stack, u64 tls, u64 parent_tid, u64 child_tid,
              int exit_signal);

#endif
