/* SPDX-License-Identifier: MIT */
/* The cache of names. An unreferenced dentry stays in the cache until there are
 * more than dentry_limit() of them; a pinned dentry always stays; a negative
 * dentry (without inode) records that a name does not exist. */
#pragma once

#include "fs/vfs.h"

static inline struct dentry *dentry_get(struct dentry *d)
{
    if (d->refs++ == 0)
        list_del(&d->lru);
    return d;
}
void dcache_init(void);
/* Drops a reference; d may be NULL. => may sleep */
void dentry_put(struct dentry *d);

/* Makes a dentry without inode, not in the cache yet. It holds a reference to
 * parent; without parent it is a root. NULL when out of memory. */
struct dentry *dentry_alloc(struct super *sb, struct dentry *parent,
                            const char *name, size_t len);
/* Sets the inode (consumes its reference; NULL: negative) and puts d into the
 * cache, unless names of this file system change by themselves. */
void dentry_add(struct dentry *d, struct inode *inode);
/* Returns the cached dentry with a reference, or NULL. => does not sleep */
struct dentry *dentry_find(struct dentry *parent, const char *name, size_t len);
/* Removes d from the cache; its users keep it. */
void dentry_drop(struct dentry *d);
/* dentry_make_room lets d's name grow to len bytes: 0 or -ENOMEM. After it,
 * dentry_move gives d the name and directory of `to`, and drops `to`. */
int dentry_make_room(struct dentry *d, size_t len);
void dentry_move(struct dentry *d, struct dentry *to);
/* A pinned name stays in the cache: its file system has it nowhere else. */
void dentry_pin(struct dentry *d);
void dentry_unpin(struct dentry *d); /* => as dentry_put */
/* Frees every unreferenced dentry of sb. => may sleep */
void dcache_shrink(struct super *sb);
/* True if a dentry of sb is in use. Pins do not count, nor do the references of
 * the file system and of the caller to the root. => no dentry is idle */
bool dcache_in_use(const struct super *sb);
/* Unpins and drops all pinned names. => may sleep */
void dcache_unpin(struct super *sb);
/* Frees unreferenced dentries in a directory being removed. => may sleep */
void dcache_shrink_dir(struct dentry *dir);
/* Frees, among the file systems of this type, the dentry that has been
 * unreferenced longest; false if there is none. => may sleep */
bool dcache_purge_one(const char *type);

/* How many dentries or inodes are in memory, and how many of them are
 * unreferenced (for /proc/sys/fs). */
struct cache_counts {
    u32 all, idle;
};
struct cache_counts dentry_counts(void);

/* Stores d's absolute path, seen from root (NULL: the very top), in buf.
 * Returns its start inside buf, or NULL if it is longer than n. A deleted
 * file's path ends with Linux's " (deleted)". */
char *dentry_path(struct dentry *d, struct dentry *root, char *buf, size_t n);

/* fs/icache.c */
struct inode *inode_alloc(struct super *sb, u32 mode); /* refs 1, or NULL */
/* Returns the inode numbered ino. If it is not in memory, makes one with
 * `loading` set: the caller must fill it and call inode_loaded. NULL: out of
 * memory. => may sleep, to make room or while another task loads the inode */
struct inode *inode_find_or_new(struct super *sb, u64 ino);
/* Ends the loading; on error the inode is removed from the cache and its
 * reference dropped. */
void inode_loaded(struct inode *inode, int err);
struct inode *inode_get(struct inode *inode);
void inode_put(struct inode *inode); /* NULL is fine. => may sleep */
/* As inode_get and inode_put, for write-back: the last inode_put of a removed
 * file waits until such references are released. */
struct inode *inode_hold(struct inode *inode);
void inode_release(struct inode *inode);
/* Frees all unreferenced clean inodes of sb (NULL: of all). => may sleep */
void inode_shrink(struct super *sb);
/* Called before sb is freed: as inode_shrink, and waits until no other task
 * writes or frees an inode of sb. */
void inode_shrink_all(struct super *sb);
struct cache_counts inode_counts(void);
/* True if a file of sb in memory has no name left. */
bool inode_orphaned(struct super *sb);
/* Calls fn for each inode of sb that has no name left but is in use (an
 * orphan). fn may sleep. */
void inode_for_orphans(struct super *sb, void (*fn)(struct inode *));

/* fs/sync.c */
bool inode_is_dirty(const struct inode *inode);
/* Writes the inode and its pages, and waits for the pages. 0 or -errno. An
 * inode that could not be written stays dirty; a page that the disk refused
 * counts as clean, and fsync reports its error. => the caller has a reference;
 * sleeps */
int inode_flush(struct inode *inode);
void inode_page_dirtied(struct vm_object *obj); /* object_ops.dirtied */
/* Writes all dirty inodes of sb except directories (super_write_all: also
 * directories) and waits for the pages. */
int super_write(struct super *sb);
int super_write_all(struct super *sb);

#define MAY_EXEC  1u
#define MAY_WRITE 2u
#define MAY_READ  4u
/* Check access: inode_access by current's file-system ids, inode_access_real by
 * its real ids. 0; -EACCES; -EROFS for writing on a read-only file system. */
int inode_access(struct inode *inode, u32 may);
int inode_access_real(struct inode *inode, u32 may);
/* Returns 0 for the owner or CAP_FOWNER, else -EPERM. */
int inode_owner(struct inode *inode);
/* True if gid is `own` or one of current's supplementary groups. */
bool inode_in_group(u32 gid, u32 own);
/* True if current may set S_ISGID on a file of this group. */
bool inode_may_setgid(u32 gid);
/* Returns those of S_ISUID and S_ISGID that a change of the inode's content or
 * owner clears (Linux 6.12, fs/attr.c: setattr_should_drop_suidgid). */
u32 inode_set_ids(const struct inode *inode);
/* For a write or truncation without CAP_FSETID: clears a file's set-id bits. */
void inode_drop_set_ids(struct inode *inode);
/* If dir has S_ISGID, a new inode gets dir's group; a directory gets S_ISGID,
 * a file may lose it (Linux 6.12, fs/inode.c: inode_init_owner). */
void inode_inherit(struct inode *inode, const struct inode *dir);
