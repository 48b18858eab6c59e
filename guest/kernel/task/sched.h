/* SPDX-License-Identifier: MIT */
/* Functions of the scheduler, of the table of tasks and of their signals for
 * the rooms that start, stop and end tasks. */
#pragma once

#include "task/proc.h"

#include <linux/sched.h>

/* arch/trap.S, arch/fp.S */
void switch_to(struct context *from, struct context *to);
void first_run(void);
void fp_save(struct fpstate *);
void fp_restore(const struct fpstate *);
void resume_user(struct trapframe *) __noreturn;
extern char trap_vector[];

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

/* Functions of proc/exit.c that this room calls. */
void proc_notify_parent(struct proc *, int code, int status);
void proc_clear_graves(void);
