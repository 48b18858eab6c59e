/* SPDX-License-Identifier: MIT */
/* Shared by the file calls: reading arguments from user memory. */
#pragma once

#include "fs/dcache.h"
#include "fs/file.h"
#include "fs/fsctx.h"
#include "fs/namei.h"
#include "task/proc.h"
#include "sys/syscall.h"
#include "vm/uaccess.h"

/* Copies a path; the caller frees it with kfree. NULL with *err. */
char *path_copyin(u64 user, int *err);
/* Looks up path (in user memory) relative to dirfd. lookup: LOOKUP_*. *out gets
 * a reference. */
int user_lookup(u64 dirfd, u64 path, u32 lookup, struct dentry **out);
/* Looks up the last name of path, for calls that make or remove it
 * (path_lookup_last). */
int user_lookup_last(u64 dirfd, u64 path, int special, struct dentry **out,
                     bool *slash);
/* Sets *out to the directory that dirfd refers to, with a reference; NULL: the
 * working directory, or path is absolute. 0 or -EBADF. */
int dirfd_base(u64 dirfd, const char *path, struct dentry **out);

/* Does F_GETLK, F_SETLK, F_SETLKW; with of_file, F_OFD_GETLK and so on. */
enum lock_call { LOCK_TEST, LOCK_SET, LOCK_SET_WAIT };
s64 fcntl_lock(struct file *f, u32 fd, u64 user, enum lock_call call,
               bool of_file);
