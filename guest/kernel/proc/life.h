/* SPDX-License-Identifier: MIT */
/* How processes and their tasks begin, change their program, and end; and what
 * a signal does to a task that returns to its program. */
#pragma once

#include "task/proc.h"

struct exec_args;
struct exec_images;

/* fork.c */
s64 proc_fork(u64 flags, u64 stack, u64 tls, u64 parent_tid, u64 child_tid,
              int exit_signal);

/* exec.c */
/* Replaces the program of the running process. argv and envp are
 * kernel strings. 0 (the next return to user mode starts the program), -errno.
 * => sleeps */
int exec_kernel(const char *path, const char *const *argv,
                const char *const *envp);
/* Runs the program that group_hand_over handed over.
 * => for the leader; may end it */
void exec_handed(struct exec_args *, struct exec_images *);

/* exit.c */
/* End the running process, or only the running task; status as wait4 reports
 * it. */
void proc_exit_group(int status) __noreturn;
void proc_exit(int status) __noreturn;
void proc_reparent_children(struct proc *);
void vfork_release(struct proc *);
void proc_bury(struct proc *); /* queues a slot for proc_clear_graves */

/* group.c */
/* Returns the number of tasks in p's process. */
u32 group_count(const struct proc *p);
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
/* As signal_fault (task/signal.h), but waits for the memory that it needs. */
void fault_signal(int sig, int code, u64 addr);
s64 signal_return(struct trapframe *);
/* Returns p's alternate stack as sigaltstack tells it. */
struct stack_k signal_stack(const struct proc *p);
/* Sets the running task's: 0, -EPERM (it runs on it), -EINVAL, -ENOMEM. */
int signal_set_stack(const struct stack_k *new);
