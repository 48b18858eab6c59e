/* SPDX-License-Identifier: MIT */
/* Open files and their common operations, also for system calls on files. */
#pragma once

#include "fs/vfs.h"

enum { SEEK_SET, SEEK_CUR, SEEK_END, SEEK_DATA, SEEK_HOLE };

/* Makes an open file of d; NULL when out of memory. The caller must still call
 * the ops' open; file_discard undoes file_new and calls no release. */
struct file *file_new(struct dentry *d, u32 flags, const struct file_ops *ops);
void file_discard(struct file *f);
u32 file_count(void); /* open files, for /proc/sys/fs/file-nr */

/* Check the open mode and the kind of file (-EBADF, -EISDIR, -EINVAL), and call
 * the file's read or write. => may sleep */
s64 file_read(struct file *f, struct uio *u, u64 *pos);
s64 file_write(struct file *f, struct uio *u, u64 *pos);

/* Called before a write to a regular file: shortens u so that it ends at
 * RLIMIT_FSIZE, or sends SIGXFSZ and returns -EFBIG if not one byte fits (Linux
 * 6.12, mm/filemap.c: generic_write_check_limits). Calls inode_drop_set_ids. */
int file_write_begin(struct inode *inode, struct uio *u, u64 pos);
/* Sends SIGXFSZ and returns -EFBIG if a new size is above RLIMIT_FSIZE and
 * above the size `now`. */
int file_size_limit(u64 now, u64 size);

/* These are the file_ops for files whose data are the pages of the object. */
s64 pages_read(struct file *f, struct uio *u, u64 *pos);
/* => the object has prepare_write */
s64 pages_write(struct file *f, struct uio *u, u64 *pos);
/* Sets a larger size. The bytes after the old end read as zeros, even if a
 * program wrote there through a mapping. */
void pages_extend(struct inode *inode, u64 size);
/* Zeroes a page from the file's byte `from` to the page's end, makes it dirty.
 * 0 or -errno. May sleep, but not after it has zeroed: if the caller sets the
 * size at once, no other task can write beyond the new size in between. */
int pages_zero_tail(struct inode *inode, u64 from);
/* Copies n bytes of u to a pinned page, from file offset pos on; they all lie
 * in that page. 0, or -EFAULT after copying a part. The size grows with each
 * piece, since a write-back zeroes the page's bytes after the file's end.
 * => may sleep; the caller holds inode->lock */
int pages_fill(struct inode *inode, struct page *page, struct uio *u, u64 pos,
               u64 n);
s64 pages_llseek(struct file *f, s64 off, int whence);
