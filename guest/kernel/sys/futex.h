/* SPDX-License-Identifier: MIT */
/* What futexes do when a task leaves its memory (exit, exec). */
#ifndef SYS_FUTEX_H
#define SYS_FUTEX_H

struct proc;

/* The locks of its robust list are marked as a dead owner's, the word at
 * clear_tid becomes 0; who waits for these is woken. => the running task */
void futex_leave(struct proc *me);

#endif
