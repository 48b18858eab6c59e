/* SPDX-License-Identifier: MIT */
/* A process's working directory, root and umask, and its descriptors. */
#ifndef FS_FSCTX_H
#define FS_FSCTX_H

#include "fs/vfs.h"

struct fsctx {
    u32 refs;
    u32 umask;
    struct dentry *cwd, *root; /* references */
};

struct fd {
    struct file *file; /* a reference, NULL: closed */
    bool cloexec;
};
struct files {
    u32 refs;
    u32 n; /* slots in fd */
    struct fd *fd;
};

/* fs/fdtable.c: descriptor fd of the running process, NULL if closed.
 * => valid until the caller sleeps */
struct fd *fd_slot(u32 fd);
/* Installs f (consumes its reference) at exactly fd, and closes the old
 * file. */
int fd_replace(u32 fd, struct file *f, bool cloexec);
int fd_close(u32 fd);
u32 fd_limit(void);
/* Another process's file, for /proc/PID/fd: reference or NULL. */
struct file *proc_fd_get(struct proc *p, u32 fd);

#endif
