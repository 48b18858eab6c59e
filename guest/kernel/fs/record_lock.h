/* SPDX-License-Identifier: MIT */
/* Record locks: advisory, on bytes of a file (fcntl(2): F_SETLK and others;
 * Linux 6.12, fs/locks.c). A lock belongs to a descriptor table, and closing
 * any of the table's descriptors of the file releases it; a lock of F_OFD_*
 * belongs to an open file. */
#pragma once

#include "fs/vfs.h"

enum { RECORD_READ, RECORD_WRITE, RECORD_UNLOCK }; /* Linux's F_RDLCK ... */

struct record_request {
    const void *owner; /* a struct files or a struct file */
    u64 from, to;      /* first and last byte; to ~0ul: up to the end */
    u32 pid;           /* reported by F_GETLK */
    u32 kind;
    bool wait;
    bool of_file; /* the owner is a struct file */
};

/* 0, -EAGAIN, -EDEADLK, -ENOLCK (no memory), -ERESTARTSYS. => may sleep */
int record_lock(struct file *f, const struct record_request *q);
/* True if a lock of another owner conflicts; q then describes it. */
bool record_test(struct file *f, struct record_request *q);
/* Removes all locks of the owner on the inode. */
void record_release(const struct inode *inode, const void *owner);
