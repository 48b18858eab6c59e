/* SPDX-License-Identifier: MIT */
/* Internal to /proc: the object that an inode represents. */
#ifndef FS_PROC_NODE_H
#define FS_PROC_NODE_H

#include "fs/proc/procfs.h"

struct node {                     /* inode->priv */
    u32 pid;                      /* 0: a file of the system */
    bool task;                    /* below task/: about this task alone */
    u32 which;                    /* links: enum proc_link, or descriptor */
    const struct proc_file *file; /* files */
    char prefix[40];              /* directories of the tables: "sys/" */
};

/* procfs.c */
struct inode *proc_inode(struct super *sb, const struct node *node, u32 mode,
                         u64 ino);
u32 proc_number(const char *name, size_t len); /* ~0: not a number */

/* The directory of a process, or of a task below task/. */
int proc_lookup_pid(struct inode *in, u32 pid, bool task, struct inode **out);

/* links.c: self, exe, cwd, root, fd/N, task/N */
int proc_self_lookup(struct inode *in, bool thread, struct inode **out);
int proc_link_lookup(struct inode *in, const char *name, size_t len,
                     struct inode **out);
/* Names of the links in f's directory, from position `first` on. */
bool proc_list_links(struct file *f, struct dir_sink *sink, u64 first);

#endif
