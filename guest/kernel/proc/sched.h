/* SPDX-License-Identifier: MIT */
/* Functions of processes and the scheduler that proc/, arch/ and sys/ share. */
#pragma once

#include "proc/proc.h"

#include <linux/sched.h>

/* arch/trap.S, arch/fp.S */
void switch_to(struct context *from, struct context *to);
void first_run(void);
void fp_save(struct fpstate *);
void fp_restore(const struct fpstate *);
void resume_user(struct trapframe *) __noreturn;
extern char trap_vector[];

/* arch/trap.c */
void return_to_user(struct trapframe *);

/* exec.c: runs the program that group_hand_over handed over.
 * => for the leader; may end it */
void exec_handed(struct exec_args *, struct exec_images *);

/* sched.c */
/* Publishes in the lens where the running task's tgid and pid are stored. */
void sched_lens(struct lens_info *info);
void sched_idle(void) __noreturn; /* runs on the boot stack */
bool sched_need(void);            /* the turn is over and others wait */
void sched_leave_kernel(struct trapframe *); /* before each sret to a program */
void fp_sync(struct proc *);                 /* saves its FP registers in fp */
void fp_forget(struct proc *); /* discards its FP registers on the hart */
void account_user(void);       /* at entry: charges the time in user mode */
void load_tick(void);

/* time.c */
void time_init(void);
void timer_interrupt(void);
void timer_program(u64 slice_end); /* interrupt then, or at the first timer */
/* cputimer.c: cpu_timers_ring sends the signals that are due by process p's
 * processor time; cpu_timers_due returns when the next will be due (now_ns()
 * time) if task p runs on in user mode. */
void cpu_timers_ring(struct proc *p);
u64 cpu_timers_due(struct proc *p);

/* table.c */
struct proc *proc_new(const char *name); /* PS_UNUSED; the caller sets state */
void proc_free(struct proc *);
void proc_check_stack(struct proc *);

/* exit.c */
void proc_reparent_children(struct proc *);
void proc_notify_parent(struct proc *, int code, int status);
void proc_clear_graves(void);
void vfork_release(struct proc *);
void proc_bury(struct proc *); /* queues a slot for proc_clear_graves */

/* group.c */
void group_join(struct proc *, struct proc *lead);
/* Tells the parent of a stop once all tasks have stopped. */
void group_stop_told(struct proc *lead);
/* Ends all other threads for an exec; a leader that is not the caller rests. 0;
 * -EAGAIN if another thread already does so, or all are to end. => sleeps */
int group_shed(struct proc *me);
/* Called by the only thread left: hands the program to its leader, and ends. */
void group_hand_over(struct proc *me, struct exec_args *,
                     struct exec_images *) __noreturn;
void group_rest(struct proc *lead);
/* Called when me begins to end: the last task to do so gives the process its
 * status. */
void group_note_exit(struct proc *me, int status);
void group_leave(struct proc *me) __noreturn;

/* sigframe.c */
void signal_deliver(struct trapframe *);
s64 signal_return(struct trapframe *);

/* signal.c */
void signal_queue_clear(struct sigs *);
/* True if p has a signal to take, or is to stop. */
bool signal_is_due(const struct proc *p);
void signal_notify_all(struct proc *lead); /* its tasks look at their signals */
/* Ends all tasks of me's process but me, as SIGKILL does. */
void signal_end_others(struct proc *me);
/* Notifies other tasks of p's process of its pending signals of `set`, which p
 * no longer takes (Linux 6.12: retarget_shared_pending). */
void signal_retarget(struct proc *p, u64 set);
/* Dequeues the next signal of `set` for p, its own before its process's, and
 * returns its number, 0 for none. */
int signal_take(struct proc *, u64 set, struct siginfo *info);

/* fork.c */
s64 proc_fork(u64 flags, u64 stack, u64 tls, u64 parent_tid, u64 child_tid,
              int exit_signal);
