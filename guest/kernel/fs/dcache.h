/* SPDX-License-Identifier: MIT */
/* Names in memory. A dentry without references stays, findable, until there
 * are too many of them; a negative one (no inode) remembers an absence. */
#ifndef FS_DCACHE_H
#define FS_DCACHE_H

#include "fs/vfs.h"

static inline struct dentry *dentry_get(struct dentry *d)
{
    if (d->refs++ == 0)
        list_del(&d->lru);
    return d;
}
/* NULL is fine. => may sleep */
void dentry_put(struct dentry *d);

/* A new one without inode, not findable; holds parent (NULL: a root, its own
 * parent). NULL when out of memory. */
struct dentry *dentry_alloc(struct super *sb, struct dentry *parent,
                            const char *name, size_t len);
/* Findable from now on (unless names of this file system change by
 * themselves). inode: its reference goes over; NULL: negative. */
void dentry_add(struct dentry *d, struct inode *inode);
/* Findable one, with a reference, or NULL. => does not sleep */
struct dentry *dentry_find(struct dentry *parent, const char *name, size_t len);
/* The name is gone: not to be found again; users keep what they have. */
void dentry_drop(struct dentry *d);
/* d takes the name and place of `to`, which is dropped. -ENOMEM before any
 * change. */
int dentry_move(struct dentry *d, struct dentry *to);
/* Forgets every unreferenced dentry of sb. => may sleep */
void dcache_shrink(struct super *sb);
/* The same for the names in one directory, which is going. */
void dcache_shrink_dir(struct dentry *dir);
/* Forgets the unreferenced dentry of a file system of this type that has been
 * so longest; false: there is none. => may sleep */
bool dcache_purge_one(const char *type);

/* Names in memory, unreferenced ones (for /proc/sys/fs). */
void dentry_counts(u32 *all, u32 *idle);

/* Absolute path of d, seen from root (NULL: the very top), into buf.
 * Returns its start inside buf, or NULL if it is longer than n. A deleted
 * file gets Linux's " (deleted)". */
char *dentry_path(struct dentry *d, struct dentry *root, char *buf, size_t n);

/* fs/icache.c */
struct inode *inode_alloc(struct super *sb, u32 mode); /* refs 1, or NULL */
/* The inode numbered ino: from memory, or a fresh one with loading set, to
 * be filled and then announced by inode_loaded. NULL: out of memory.
 * => may sleep, waiting for another who loads it */
struct inode *inode_find_or_new(struct super *sb, u64 ino);
/* Loaded; on error it is not to be found any more, and put. */
void inode_loaded(struct inode *inode, int err);
struct inode *inode_get(struct inode *inode);
void inode_put(struct inode *inode); /* NULL is fine. => may sleep */
/* Forgets all unreferenced clean ones of sb (NULL: of all). => may sleep */
void inode_shrink(struct super *sb);
bool inode_findable(struct inode *inode);
/* Numbers of inodes in memory, idle ones (for /proc/sys/fs). */
void inode_counts(u32 *all, u32 *idle);
/* An inode of sb (NULL: of any) with pages under write-back, with a
 * reference; NULL: there is none. */
struct inode *inode_next_writing(struct super *sb);
/* Calls fn for each inode of sb that has no name left but is in use. fn may
 * sleep. */
void inode_for_orphans(struct super *sb, void (*fn)(struct inode *));

/* fs/sync.c */
bool inode_is_dirty(const struct inode *inode);
/* Writes its pages and itself, and waits for the pages. 0 or -errno; what
 * failed is dirty still. => the caller has a reference; sleeps */
int inode_flush(struct inode *inode);
void inode_page_dirtied(struct vm_object *obj); /* object_ops.dirtied */
/* Write all dirty inodes of sb but directories / all, wait for the pages. */
int super_write(struct super *sb);
int super_write_all(struct super *sb);

#define MAY_EXEC  1u
#define MAY_WRITE 2u
#define MAY_READ  4u
/* -EACCES, or -EROFS for writing to what lies on a read-only file system.
 * By the effective (fs) ids of current; inode_access_real: the real ones. */
int inode_access(struct inode *inode, u32 may);
int inode_access_real(struct inode *inode, u32 may);
/* Owner or superuser: -EPERM. */
int inode_owner(struct inode *inode);

#endif
