/* SPDX-License-Identifier: MIT */
/* The kinds of file systems, as fs/super.c knows them. */
#pragma once

#include "fs/vfs.h"

/* Each fill function sets up sb: ops, magic, root. On error nothing is left.
 * => may sleep */
int ext2_fill(struct super *sb, const char *source);
const char *ext2_why(void); /* why the last ext2_fill failed, in words */
int tmpfs_fill(struct super *sb, const char *source);
int devfs_fill(struct super *sb, const char *source);
int procfs_fill(struct super *sb, const char *source);

int super_set_root(struct super *sb, struct inode *inode);
struct super *super_new(const char *type);

/* fs/tmpfs.c, for devfs, which is a tmpfs with nodes in it. */
struct inode *tmpfs_add(struct dentry *dir, const char *name, u32 mode,
                        u32 rdev);
int tmpfs_add_link(struct dentry *dir, const char *name, const char *target);

/* Returns the file system of pipes, which is mounted nowhere (fs/pipe.c). */
struct super *pipefs(void);
