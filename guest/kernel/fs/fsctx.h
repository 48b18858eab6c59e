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
    bool reserved; /* fd_reserve has taken it; it has no file yet */
};
struct files {
    u32 refs;
    u32 n; /* slots in fd */
    struct fd *fd;
};

/* fs/fdtable.c: returns descriptor fd of current, or NULL if it is closed.
 * => valid until the caller sleeps */
struct fd *fd_slot(u32 fd);
/* Reserves and returns the lowest free descriptor >= min, or -EMFILE, -ENOMEM.
 * fd_fill then installs f (consumes its reference), or fd_cancel frees it.
 * A system call reserves before it changes anything (creates a file). */
int fd_reserve(u32 min);
void fd_fill(int fd, struct file *f, bool cloexec);
void fd_cancel(int fd);
/* Installs f (consumes its reference) at exactly fd, and closes the old file.
 * Returns fd; -EBADF: too large; -EBUSY: reserved by a thread; -ENOMEM. */
int fd_replace(u32 fd, struct file *f, bool cloexec);
int fd_close(u32 fd);
u32 fd_limit(void);
/* Returns the slots that Linux's table for these descriptors has: select
 * ignores descriptors beyond them, and /proc/PID/status shows them. */
u32 fd_table_size(const struct files *files);
/* For /proc/PID/fd: returns p's file fd with a reference, or NULL if closed. */
struct file *proc_fd_get(struct proc *p, u32 fd);
