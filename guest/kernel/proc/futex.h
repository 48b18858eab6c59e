/* SPDX-License-Identifier: MIT */
/* Futexes are 4-byte words in user memory that tasks wait on. For an
 * unaligned address a call returns -EINVAL; for a bad one -EFAULT, if it looks
 * at the word, or if the word may be another process's, too. */
#pragma once

#include "lib/kernel.h"

struct proc;

/* If the word holds `expected`, sleeps until woken with one of bits or until
 * deadline (deadline_now's; NEVER). own: FUTEX_PRIVATE_FLAG, which both waiter
 * and waker have, or neither; without it a word in read-only anonymous memory
 * gives -EFAULT.
 * => 0: woken; -EAGAIN: another value; -ETIMEDOUT; -ERESTARTSYS: a signal;
 * -EINVAL: no bits */
int futex_wait(u64 uva, u32 expected, u64 deadline, bool wall, u32 bits,
               bool own);
void futex_clock_set(void); /* the wall clock has been set */

/* Wakes at most max tasks (0: as 1) that wait on the word with one of bits.
 * => how many; -EINVAL: no bits */
int futex_wake(u64 uva, u32 max, u32 bits, bool own);

/* Wakes up to `wake` waiters of uva, and moves up to `move` others to the word
 * at `other`. expected: the value that uva must hold, NULL: any.
 * => number woken and moved; -EAGAIN */
int futex_requeue(u64 uva, u64 other, u32 wake, u32 move, const u32 *expected,
                  bool own);

/* Changes the word at `other` as op says (FUTEX_OP, futex(2)); wakes up to
 * `wake` waiters of uva and, if the old value of `other` fulfils op's
 * comparison, up to `wake2` of `other` (both: 0 as 1). => how many; -ENOSYS */
int futex_wake_op(u64 uva, u64 other, u32 wake, u32 wake2, u32 op, bool own);

/* Called when the running task leaves its memory (exit, exec): marks the locks
 * of its robust list as left by a dead owner; if other tasks have the memory,
 * zeroes the word at clear_tid; wakes a waiter of each of these words. */
void futex_leave(struct proc *me);
