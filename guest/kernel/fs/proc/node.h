/* SPDX-License-Identifier: MIT */
/* Internal to /proc: the object that an inode represents. */
#pragma once

#include "fs/proc/procfs.h"

struct node {                     /* inode->priv */
    const struct proc_file *file; /* its row; directories may share a row */
    u32 pid;                      /* 0: a file of the system */
    u64 since;                    /* start_ns of the task; another may have its
                                   * number later */
    bool task;                    /* below task/: about this task alone */
    u32 fd;                       /* for links in fd/ */
    char prefix[40];              /* of the paths in this directory: "sys/" */
};
#define PID_INO(pid, n) ((u64)(pid) << 16 | (n))

/* procfs.c */
/* Returns the task that a node is about; NULL: a file of the system, or the
 * task has gone. */
struct proc *node_task(const struct node *node);
/* Makes an inode for node. 0 and *out; -ENOMEM. */
int proc_inode(struct super *sb, const struct node *node, u64 ino,
               struct inode **out);
u32 proc_number(const char *name, size_t len); /* ~0: not a number */

/* Makes the directory inode of a process or task/TID. -ENOENT, -ENOMEM. */
int proc_lookup_pid(struct inode *in, u32 pid, bool task, struct inode **out);

/* Lists "." and "..", positions 0 and 1. False: no room. */
#define FIRST_ROW 2
bool proc_list_dots(struct file *f, struct dir_sink *sink);
/* Lists a name that is a number. The position is then `next`. */
bool proc_list_number(struct file *f, struct dir_sink *sink, u32 number,
                      u64 ino, u32 kind, u64 next);
