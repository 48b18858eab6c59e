/* SPDX-License-Identifier: MIT */
/* Looks up paths, and changes names. */
#pragma once

#include "fs/vfs.h"

extern struct dentry *vfs_root; /* root of the root file system */

#define LOOKUP_FOLLOW    1u /* follow a symbolic link at the end, too */
#define LOOKUP_DIRECTORY 2u /* -ENOTDIR if the file is no directory */
#define LOOKUP_EMPTY     4u /* "" is base itself (AT_EMPTY_PATH) */

/* Looks up an existing file at path, relative to base (NULL: the working
 * directory). *out gets a reference. -ENOENT, -ENOTDIR, -EACCES, -ELOOP,
 * -ENAMETOOLONG, -ENOMEM, -EIO, -EINTR (being killed). => may sleep */
int path_lookup(struct dentry *base, const char *path, u32 flags,
                struct dentry **out);
/* For making or removing a name: sets *out to the dentry of the last component;
 * its inode is NULL if no such file exists, its parent is the directory. If the
 * path is "/" or ends with "." or "..", returns `special` or, if special is 0,
 * rmdir's error for such a path. Sets *slash if slashes follow the name.
 * => may sleep; on success the names of its file system are locked, so that no
 * other task makes, removes or moves the name before names_unlock(*out) */
int path_lookup_last(struct dentry *base, const char *path, int special,
                     struct dentry **out, bool *slash);
/* As path_lookup_last for two names; -EXDEV: not in the same file system;
 * names_unlock of either unlocks both. If the first path is "/" or ends with
 * "." or "..", returns -EBUSY; if the second path does, -EEXIST. */
int path_lookup_two(struct dentry *const base[2], char *const path[2],
                    struct dentry *out[2], bool slash[2]);
void names_unlock(struct dentry *d);
/* Looks up one name; *out may be negative. 0 or -errno. => may sleep */
int dentry_lookup(struct dentry *dir, const char *name, size_t len,
                  struct dentry **out);
/* Returns the root mounted on d, or d; consumes d's reference. */
struct dentry *cross_mounts(struct dentry *d);

/* fs/dirops.c. The dentries come from path_lookup_last or _two, the names still
 * locked (except in vfs_tmpfile, vfs_readlink). mode is without umask bits. */
int vfs_mknod(struct dentry *d, u32 mode, u32 rdev);
/* Makes a regular file without a name in dir (O_TMPFILE); *out: its dentry,
 * which is not in the cache; linkable: it may get a name later. => sleeps */
int vfs_tmpfile(struct dentry *dir, u32 mode, bool linkable,
                struct dentry **out);
int vfs_symlink(struct dentry *d, const char *target);
int vfs_link(struct dentry *d, struct inode *inode);
int vfs_unlink(struct dentry *d);
int vfs_rmdir(struct dentry *d);
#define RENAME_NOREPLACE 1u
int vfs_rename(struct dentry *from, struct dentry *to, u32 flags);
/* always: sets mtime and ctime even if the size stays the same. */
int vfs_truncate(struct inode *inode, u64 size, bool always);
/* Stores the text without a NUL; returns its length or -errno. */
int vfs_readlink(struct dentry *d, char *buf, size_t n);

/* fs/super.c. */
int vfs_mount(const char *type, const char *source, struct dentry *on,
              u32 flags);
int vfs_remount(struct super *sb, u32 flags); /* 0, -EROFS, -EBUSY */
int vfs_umount(struct dentry *root);          /* consumes root's reference */

/* fs/open.c: opens the file at path; base as for path_lookup. */
int file_open_at(struct dentry *base, const char *path, u32 flags, u32 mode,
                 struct file **out);
/* True if a process runs the file as its program, or is about to. Changing
 * it fails with -ETXTBSY meanwhile, since pages are read from it. */
bool inode_is_running(const struct inode *inode);
