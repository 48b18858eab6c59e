/* SPDX-License-Identifier: MIT */
/* Signals that tell of input and output: O_ASYNC, F_SETOWN, F_SETSIG
 * (fcntl(2); Linux 6.12, fs/fcntl.c). */
#pragma once

#include "fs/vfs.h"

#define O_ASYNC FASYNC

/* Whom the signals of an open file go to. It exists from the first call that
 * changes it. */
struct file_owner {
    struct list link; /* in the list of its pipe or terminal, if O_ASYNC */
    struct file *file;
    s32 fd;    /* the descriptor that was given O_ASYNC, for si_fd */
    u32 type;  /* F_OWNER_* */
    u32 pid;   /* 0: nobody */
    u64 since; /* start_ns of that task; another may have its number later */
    u32 uid, euid; /* of the task that chose it */
    s32 sig;       /* 0: SIGIO without details */
};

/* Answers those calls of fcntl that concern owners; -ENOSYS: none. */
s64 owner_fcntl(struct file *f, u32 cmd, u64 arg);
/* Sets or clears O_ASYNC: enters f in the list that the ops' async returns. A
 * file without that operation takes no O_ASYNC. */
int file_set_async(struct file *f, s32 fd, bool on);
/* Makes the owner, if nobody else is it: process or group. 0, -ENOMEM. */
int file_default_owner(struct file *f, u32 type, u32 pid);
void file_owner_free(struct file *f);
void async_signal_owners(struct list *files, s32 code);
/* Signals the owners of those files in a list that can be read (code POLL_IN)
 * or written (POLL_OUT).
 * => callable from an interrupt */
static inline void async_signal(struct list *files, s32 code)
{
    if (!list_empty(files))
        async_signal_owners(files, code);
}
