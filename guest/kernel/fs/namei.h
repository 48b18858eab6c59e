/* SPDX-License-Identifier: MIT */
/* From paths to dentries, and the changes of names. */
#ifndef FS_NAMEI_H
#define FS_NAMEI_H

#include "fs/vfs.h"

extern struct dentry *vfs_root; /* root of the root file system */

#define LOOKUP_FOLLOW    1u /* the last component, too, if a symbolic link */
#define LOOKUP_DIRECTORY 2u /* -ENOTDIR unless it is one */
#define LOOKUP_EMPTY     4u /* "" is base itself (AT_EMPTY_PATH) */

/* The existing thing at path, relative to base (NULL: current's directory).
 * *out gets a reference. -ENOENT, -ENOTDIR, -EACCES, -ELOOP, -ENAMETOOLONG,
 * -ENOMEM, -EIO. => may sleep */
int path_lookup(struct dentry *base, const char *path, u32 flags,
                struct dentry **out);
/* For those who make or remove a name: the dentry of the last component,
 * whose inode is NULL if there is none; d->parent is its directory. A last
 * "." or ".." gives dots, "/" -EEXIST. *slash: slashes followed the name. */
int path_lookup_last(struct dentry *base, const char *path, int dots,
                     struct dentry **out, bool *slash);
/* One name in a directory. => may sleep */
int dentry_lookup(struct dentry *dir, const char *name, size_t len,
                  struct dentry **out);
/* What is mounted on d, or d; d's reference goes over. */
struct dentry *cross_mounts(struct dentry *d);

/* fs/dirops.c. d is what path_lookup_last gave. Modes have umask applied. */
int vfs_mknod(struct dentry *d, u32 mode, u32 rdev);
/* A regular file in dir that has no name (O_TMPFILE), *out its dentry, which
 * nobody finds; linkable: it may be given one. => sleeps */
int vfs_tmpfile(struct dentry *dir, u32 mode, bool linkable,
                struct dentry **out);
int vfs_symlink(struct dentry *d, const char *target);
int vfs_link(struct dentry *d, struct inode *inode);
int vfs_unlink(struct dentry *d);
int vfs_rmdir(struct dentry *d);
#define RENAME_NOREPLACE 1u
int vfs_rename(struct dentry *from, struct dentry *to, u32 flags);
int vfs_truncate(struct inode *inode, u64 size);
/* => text not terminated; length or -errno */
int vfs_readlink(struct dentry *d, char *buf, size_t n);

/* fs/super.c. */
int vfs_mount(const char *type, const char *source, struct dentry *on,
              u32 flags);
int vfs_remount(struct super *sb, bool readonly); /* -EROFS: it must be */
int vfs_umount(struct dentry *root); /* takes root's reference over */

/* fs/open.c: the file at path; base as above. */
int file_open_at(struct dentry *base, const char *path, u32 flags, u32 mode,
                 struct file **out);
/* Is it the program of a process? Nobody may change one while it runs (its
 * pages come from the file): -ETXTBSY. */
bool inode_is_running(const struct inode *inode);

#endif
