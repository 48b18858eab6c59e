/* SPDX-License-Identifier: MIT */
/* Between tmpfs.c (names) and tmpfs_file.c (data). */
#ifndef FS_TMPFS_H
#define FS_TMPFS_H

#include "fs/vfs.h"

extern const struct file_ops tmpfs_file_ops;
int tmpfs_truncate(struct inode *inode, u64 size);
int tmpfs_allocate(struct inode *inode, u64 from, u64 to, bool grow);
/* In frames, of all tmpfs together: half of memory, and what is left. */
u64 tmpfs_limit(void);
u64 tmpfs_room(void);

#endif
