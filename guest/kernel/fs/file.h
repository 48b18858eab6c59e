/* SPDX-License-Identifier: MIT */
/* Inside the file layer: open files and what they have in common. */
#ifndef FS_FILE_H
#define FS_FILE_H

#include "fs/vfs.h"

enum { SEEK_SET, SEEK_CUR, SEEK_END, SEEK_DATA, SEEK_HOLE };

/* A new open file of d; NULL when out of memory. The ops' open has still to
 * be called; file_discard undoes it without release. */
struct file *file_new(struct dentry *d, u32 flags, const struct file_ops *ops);
void file_discard(struct file *f);
u32 file_count(void); /* open ones, for /proc/sys/fs/file-nr */

/* Checked for mode and kind: -EBADF, -EISDIR, -EINVAL. => may sleep */
s64 file_read(struct file *f, struct uio *u, u64 *pos);
s64 file_write(struct file *f, struct uio *u, u64 *pos);

/* RLIMIT_FSIZE, before bytes go to a regular file: u is cut so that it ends
 * there; -EFBIG and SIGXFSZ if not even one fits (Linux 6.12, mm/filemap.c:
 * generic_write_check_limits). */
int file_write_limit(struct uio *u, u64 pos);
/* The same for a size: -EFBIG if it is more than both limit and now. */
int file_size_limit(u64 now, u64 size);

/* file_ops of files whose data are the pages of the inode's object. */
s64 pages_read(struct file *f, struct uio *u, u64 *pos);
/* The same for writing, where object_ops.prepare_write makes room. */
s64 pages_write(struct file *f, struct uio *u, u64 *pos);
/* Sets the size to a larger one; zeros follow the old end, whatever a
 * program may have written there through a mapping. */
void pages_extend(struct inode *inode, u64 size);
/* Zeros from byte `from` to the end of its page, which becomes dirty.
 * => may sleep */
int pages_zero_tail(struct inode *inode, u64 from);
s64 pages_llseek(struct file *f, s64 off, int whence);

#endif
