/* SPDX-License-Identifier: MIT */
/* A process's working directory, root and umask, and its descriptors. */
#pragma once

#include "fs/vfs.h"

struct fsctx {
    u32 refs;
    u32 umask;
    struct dentry *cwd, *root; /* references */
};

struct fd {
    struct file *file; /* a reference, NULL: closed */
    bool cloexec;
    bool reserved; /* closed, but a call has taken it: fd_reserve */
};
struct files {
    u32 refs;
    u32 n; /* slots in fd */
    struct fd *fd;
};

/* fs/fdtable.c: descriptor fd of the running process, NULL if closed.
 * => valid until the caller sleeps */
struct fd *fd_slot(u32 fd);
/* Takes the lowest free descriptor from min on, for fd_fill, which consumes f's
 * reference, or for fd_cancel. -EMFILE, -ENOMEM. A call that changes anything
 * before it has its file reserves the descriptor first. */
int fd_reserve(u32 min);
void fd_fill(int fd, struct file *f, bool cloexec);
void fd_cancel(int fd);
/* Installs f (consumes its reference) at exactly fd, and closes the old file.
 * -EBUSY: another thread has reserved fd. */
int fd_replace(u32 fd, struct file *f, bool cloexec);
int fd_close(u32 fd);
u32 fd_limit(void);
/* Another process's file, for /proc/PID/fd: reference or NULL. */
struct file *proc_fd_get(struct proc *p, u32 fd);
