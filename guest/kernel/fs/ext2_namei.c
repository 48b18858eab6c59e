/* SPDX-License-Identifier: MIT */
/* Makes, links, removes and renames files in ext2.
 *
 * Operations that can fail are done first: a rename finds all entries that it
 * changes, and keeps their pages in memory, before it changes one. New names
 * are made before old ones are removed, so that a crash between the two leaves
 * the file with both names and not with none. */
#include "fs/ext2.h"

#include "fs/dcache.h"
#include "task/proc.h"
#include "vm/page.h"
#include "vm/writeback.h"

/* Allocates an inode on the disk and makes it in memory, with one reference and
 * no name yet. */
static int ext2_make_inode(struct inode *dir, u32 mode, u32 rdev,
                           struct inode **out)
{
    struct super *sb = dir->sb;
    struct ext2 *fs = ext2_of(sb);
    u32 ino;
    int err = ext2_touch(sb);

    if (err)
        return err;
    for (u32 tries = 0;; tries++) {
        mutex_lock(&fs->lock);
        err = ext2_alloc_inode(dir, S_ISDIR(mode), &ino);
        mutex_unlock(&fs->lock);
        if (err != -ENOSPC || !fs->free_inodes || tries == 3 || ext2_sync(sb))
            break; /* else tries again: the sync has released inodes */
    }
    if (err)
        return err;
    struct inode *inode = inode_find_or_new(sb, ino);
    struct ext2_inode *ei = inode ? kzalloc(sizeof(*ei)) : NULL;
    if (!ei || !inode->loading) {
        err = ei ? ext2_corrupt(sb, "an inode in use is marked free", ino)
                 : -ENOMEM;
        kfree(ei);
        if (inode && inode->loading)
            inode_loaded(inode, err);
        else
            inode_put(inode);
        mutex_lock(&fs->lock);
        if (err == -ENOMEM)
            ext2_free_inode(sb, ino, S_ISDIR(mode));
        mutex_unlock(&fs->lock);
        return err;
    }
    ei->fresh = true;
    inode->priv = ei;
    inode->mode = mode;
    inode->nlink = 1;
    object_init(&inode->obj, &ext2_object_ops, 0, ino, FS_FILE_CLEAN);
    inode->obj.dev = sb->dev;
    inode_inherit(inode, dir);
    if (S_ISCHR(mode) || S_ISBLK(mode)) {
        u32 ma = DEV_MAJOR(rdev), mi = DEV_MINOR(rdev);
        bool old = ma < 256 && mi < 256;
        ei->block[0] = old ? ma << 8 | mi : 0;
        ei->block[1] = old ? 0 : (u32)dev_encode(rdev);
    }
    ext2_set_ops(inode);
    inode_dirty(inode);
    inode_loaded(inode, 0);
    *out = inode;
    return 0;
}

/* Names the new inode. If that fails, or err is set, frees the inode. */
static int name_inode(struct inode *dir, struct dentry *d, struct inode *inode,
                      int err)
{
    struct ext2_place at = {NULL, NULL};

    if (!err)
        err = ext2_dir_add(dir, d->name, d->namelen, inode, &at);
    ext2_dir_put(&at);
    if (err) {
        inode->nlink = 0;
        inode_put(inode);
        return err;
    }
    dentry_add(d, inode);
    return 0;
}

static int ext2_create(struct inode *dir, struct dentry *d, u32 mode, u32 rdev)
{
    struct inode *inode;
    bool directory = S_ISDIR(mode);

    if (directory && dir->nlink >= EXT2_MAX_LINKS)
        return -EMLINK;
    int err = ext2_make_inode(dir, mode, rdev, &inode);
    if (err)
        return err;
    if (directory) {
        inode->nlink = 2;
        err = ext2_dir_init(inode, dir);
    }
    err = name_inode(dir, d, inode, err);
    if (!err && directory) {
        dir->nlink++;
        inode_dirty(dir);
    }
    return err;
}

/* Stores the text of a symbolic link: a short one in the pointers, a long one
 * in the file's one page. */
static int set_text(struct inode *inode, const char *text, size_t len)
{
    struct page *page;
    int err = 0;

    if (len < sizeof(ext2_inode(inode)->block)) {
        memcpy(ext2_inode(inode)->block, text, len);
        inode->obj.size = len;
        return 0;
    }
    page = object_get_page(&inode->obj, 0, ACTOR_SYSCALL, NULL, &err);
    if (page)
        err = inode->obj.ops->prepare_write(&inode->obj, page, len);
    if (page && !err) {
        memcpy(page_va(page), text, len);
        inode->obj.size = len;
        object_page_dirty(page, R_FILE_WRITE);
    }
    if (page)
        page_put(page);
    return err;
}

static int ext2_symlink(struct inode *dir, struct dentry *d, const char *target)
{
    size_t len = strlen(target);
    struct inode *inode;

    if (len > ext2_of(dir->sb)->block_size - 1)
        return -ENAMETOOLONG;
    int err = ext2_make_inode(dir, S_IFLNK | 0777, 0, &inode);
    if (err)
        return err;
    return name_inode(dir, d, inode, set_text(inode, target, len));
}

/* Makes a file's new name survive a power cut: writes and flushes the file,
 * then the name. Only then may the caller remove the old name, and only then
 * can a program that sees the new name safely remove another file. before: the
 * size of dir before the name was added. */
static int name_lasts(struct inode *dir, struct inode *inode, u64 before)
{
    struct ext2 *fs = ext2_of(dir->sb);
    int err = object_write_back(&inode->obj); /* its fsync reports an error */

    object_wait_written(&inode->obj);
    if (!err && inode->dirty)
        err = dir->sb->ops->write_inode(inode);
    mutex_lock(&fs->lock);
    err = err ? err : ext2_settle(dir->sb);
    mutex_unlock(&fs->lock);
    int bad = object_sync(&dir->obj, NULL); /* fsync reports it, too */
    err = err ? err : bad;
    if (!err && dir->obj.size != before)
        err = dir->sb->ops->write_inode(dir);
    if (!err && dir->obj.size != before)
        err = buf_sync(fs->dev);
    return err ? err : blk_flush(fs->dev);
}

static int ext2_link(struct inode *dir, struct dentry *d, struct inode *inode)
{
    u64 before = dir->obj.size;
    struct ext2_place at;

    if (inode->nlink >= EXT2_MAX_LINKS)
        return -EMLINK;
    inode->nlink++; /* first: too high a count on the disk is harmless */
    int err = ext2_dir_add(dir, d->name, d->namelen, inode, &at);
    ext2_dir_put(&at);
    if (err) {
        inode->nlink--;
        return err;
    }
    inode_touch_ctime(inode);
    dentry_add(d, inode_get(inode));
    (void)name_lasts(dir, inode, before); /* fsync reports an error */
    return 0;
}

/* Removes the name d if it still refers to d's inode. */
static int remove_name(struct inode *dir, struct dentry *d)
{
    u32 ino = (u32)d->inode->ino;
    struct ext2_place at;
    int err = ext2_touch(dir->sb);

    if (!err)
        err = ext2_dir_find(dir, d->name, d->namelen, &ino, &at);
    if (err)
        return err;
    ext2_dir_remove(dir, &at);
    ext2_dir_put(&at);
    return 0;
}

static void drop_link(struct inode *inode)
{
    /* The count on a damaged disk may be too low. */
    if (inode->nlink)
        inode->nlink--;
    inode_touch_ctime(inode);
}

static int ext2_unlink(struct inode *dir, struct dentry *d)
{
    int err = remove_name(dir, d);

    if (!err)
        drop_link(d->inode);
    return err;
}

static int ext2_rmdir(struct inode *dir, struct dentry *d)
{
    int empty = ext2_dir_is_empty(d->inode);

    if (empty <= 0)
        return empty ? empty : -ENOTEMPTY;
    int err = remove_name(dir, d);
    if (err)
        return err;
    d->inode->nlink = 0;
    inode_touch_ctime(d->inode);
    drop_link(dir);
    return 0;
}

/* Makes the name `to`, new or existing, refer to inode. */
static int point_name_at(struct inode *dir, struct dentry *to,
                         struct inode *inode, struct ext2_place *at)
{
    bool directory = S_ISDIR(inode->mode);

    if (!to->inode)
        return ext2_dir_add(dir, to->name, to->namelen, inode, at);
    if (directory) {
        int empty = ext2_dir_is_empty(to->inode);
        if (empty <= 0)
            return empty ? empty : -ENOTEMPTY;
    }
    u32 ino = (u32)to->inode->ino;
    int err = ext2_dir_find(dir, to->name, to->namelen, &ino, at);
    if (err)
        return err;
    ext2_dir_set(dir, at, inode);
    if (directory) {
        to->inode->nlink = 0;
        inode_touch_ctime(to->inode);
        drop_link(dir);
    } else {
        drop_link(to->inode);
    }
    return 0;
}

/* Undoes point_name_at. */
static void take_back_name(struct inode *dir, struct dentry *to,
                           struct ext2_place *at)
{
    struct inode *old = to->inode;

    if (!old) {
        ext2_dir_remove(dir, at);
        return;
    }
    ext2_dir_set(dir, at, old);
    if (S_ISDIR(old->mode)) {
        old->nlink = 2;
        dir->nlink++;
        inode_dirty(dir);
    } else {
        old->nlink++;
    }
    inode_dirty(old);
}

/* The entries that a rename changes. */
struct renaming {
    struct ext2_place old, new, up; /* up: ".." of a directory that moves */
};

/* Finds the old entry and, if the directory moves, its ".."; makes the new
 * entry. Nothing has changed if that fails. */
static int rename_entries(struct renaming *r, struct inode *from_dir,
                          struct dentry *from, struct inode *dir,
                          struct dentry *to, bool moves)
{
    struct inode *inode = from->inode;
    u32 ino = (u32)inode->ino, parent = 0;
    int err = ext2_touch(dir->sb);

    if (!err)
        err = ext2_dir_find(from_dir, from->name, from->namelen, &ino, &r->old);
    if (!err && moves && !to->inode && dir->nlink >= EXT2_MAX_LINKS)
        err = -EMLINK;
    if (!err && moves)
        err = ext2_dir_find(inode, "..", 2, &parent, &r->up);
    return err ? err : point_name_at(dir, to, inode, &r->new);
}

static int ext2_rename(struct inode *from_dir, struct dentry *from,
                       struct inode *dir, struct dentry *to)
{
    struct inode *inode = from->inode;
    bool moves = S_ISDIR(inode->mode) && from_dir != dir;
    u64 before = dir->obj.size;
    struct renaming r = {0};
    int err = rename_entries(&r, from_dir, from, dir, to, moves);

    if (!err && name_lasts(dir, inode, before)) {
        take_back_name(dir, to, &r.new);
        err = -EIO;
    } else if (!err) {
        ext2_dir_remove(from_dir, &r.old);
        if (moves) {
            ext2_dir_set(inode, &r.up, dir);
            drop_link(from_dir);
            dir->nlink++;
            inode_dirty(dir);
        }
        inode_touch_ctime(inode);
    }
    ext2_dir_put(&r.old);
    ext2_dir_put(&r.new);
    ext2_dir_put(&r.up);
    return err;
}

const struct inode_ops ext2_dir_inode_ops = {.lookup = ext2_lookup,
                                             .create = ext2_create,
                                             .symlink = ext2_symlink,
                                             .link = ext2_link,
                                             .unlink = ext2_unlink,
                                             .rmdir = ext2_rmdir,
                                             .rename = ext2_rename};
