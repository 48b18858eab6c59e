/* SPDX-License-Identifier: MIT */
/* System calls: sys/syscalls.def (processes, memory, time, signals) and
 * sys/syscalls_file.def (files) make one table, generated from their rows
 * SYSCALL(...) and CALL(...). Numbers are Linux riscv64's. */
#pragma once

#include "lib/kernel.h"

struct file;
struct dentry;

struct sysargs {
    u64 a[6];
    struct file *f;   /* the operand of FD and CONTENT */
    struct dentry *d; /* the operand of PATH and NAME */
};

#define SYSCALL(nr, name, handler) s64 handler(struct sysargs *a);
#include "sys/syscalls.def"
#include "sys/syscalls_file.def"

#define NSYSCALLS 512

/* True if this process may lock memory at all (sys/mlock.c). */
bool may_lock(void);

/* Return 0 or -EFAULT; copyin also -EINVAL: nsec out of range, sec negative. */
int copyin_timespec(u64 *ns, u64 uva);
int copyout_timespec(u64 uva, u64 ns);
