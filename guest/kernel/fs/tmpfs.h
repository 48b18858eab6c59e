/* SPDX-License-Identifier: MIT */
/* Shared by tmpfs.c (names) and tmpfs_file.c (data). */
#pragma once

#include "fs/vfs.h"

extern const struct file_ops tmpfs_file_ops;
extern const struct object_ops tmpfs_object_ops;
int tmpfs_truncate(struct inode *inode, u64 size);
int tmpfs_allocate(struct inode *inode, u64 from, u64 to, bool grow);
/* Return the limit on all tmpfs together (half of memory), and how much of it
 * is free; both in frames. */
u64 tmpfs_limit(void);
u64 tmpfs_room(void);
