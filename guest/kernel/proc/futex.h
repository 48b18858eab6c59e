/* SPDX-License-Identifier: MIT */
/* Futexes: 4-byte words in user memory that tasks wait for. What is wrong with
 * an address is -EINVAL (not aligned) or -EFAULT everywhere. */
#ifndef PROC_FUTEX_H
#define PROC_FUTEX_H

#include "lib/kernel.h"

struct proc;

/* Sleeps while the word holds expected, until woken with one of bits or until
 * deadline (ns since boot, NEVER). => 0: woken; -EAGAIN: another value;
 * -ETIMEDOUT; -ERESTARTSYS: a signal; -EINVAL: no bits */
int futex_wait(u64 uva, u32 expected, u64 deadline, u32 bits);

/* Wakes at most max who wait there with one of bits. => how many */
int futex_wake(u64 uva, u32 max, u32 bits);

/* Wakes some who wait at uva, and has up to move others wait at other instead.
 * expected: what uva must hold, NULL: anything. => woken and moved; -EAGAIN */
int futex_requeue(u64 uva, u64 other, u32 wake, u32 move, const u32 *expected);

/* Changes the word at other as op says (FUTEX_OP, futex(2)); wakes who wait at
 * uva and, if other held what op asks for, at other. => how many; -ENOSYS */
int futex_wake_op(u64 uva, u64 other, u32 wake, u32 wake2, u32 op);

/* The running task leaves its memory (exit, exec). The locks of its robust list
 * are marked as a dead owner's, the word at clear_tid becomes 0; a task that
 * waits for one of these words is woken. */
void futex_leave(struct proc *me);

#endif
