/* SPDX-License-Identifier: MIT */
/* tmpfs: files whose pages are in memory (frame state SHMEM) or in swap.
 *
 *   directory inode --priv--> struct dir: its names in readdir's order; each
 *                             is a dentry pinned in the name cache
 *
 * These functions may sleep: readdir's emit faults on the caller's memory, and
 * inodes are made and freed. */
#include "fs/dcache.h"
#include "fs/file.h"
#include "fs/fstypes.h"
#include "fs/tmpfs.h"

#define TMPFS_MAGIC 0x01021994
#define FIRST_PLACE 2  /* 0 is ".", 1 is ".." */
#define NAME_BYTES  20 /* of a directory's size, as Linux counts them */

struct dir {
    struct list names;
    u64 next_place;
    u64 changes;
};

static const struct inode_ops dir_inode_ops, file_inode_ops, link_inode_ops;
static const struct file_ops dir_ops;

static void touch(struct inode *inode)
{
    inode->mtime = inode->ctime = wall_now();
}

static void add_last(struct inode *in, struct dentry *d)
{
    struct dir *dir = in->priv;

    d->place = dir->next_place++;
    dir->changes++;
    list_add_tail(&d->lru, &dir->names);
    in->obj.size += NAME_BYTES;
    touch(in);
}

static void take_out(struct inode *in, struct dentry *d)
{
    list_del(&d->lru);
    ((struct dir *)in->priv)->changes++;
    in->obj.size -= NAME_BYTES;
    touch(in);
}

/* Makes d, in directory `in`, a name of inode; takes over the inode reference.
 */
static void add_name(struct inode *in, struct dentry *d, struct inode *inode)
{
    dentry_add(d, inode);
    dentry_pin(d);
    add_last(in, d);
}

static void remove_name(struct inode *in, struct dentry *d)
{
    take_out(in, d);
    dentry_unpin(d);
}

/* sb->inodes counts inodes and their further names, which take kernel memory,
 * too: as many as frames of half of RAM (Linux 6.12, mm/shmem.c:
 * shmem_default_max_inodes, shmem_reserve_inode). */
static struct inode *tmpfs_make_inode(struct super *sb, u32 mode, u32 rdev)
{
    bool full = sb->inodes >= tmpfs_limit();
    struct inode *inode = full ? NULL : inode_alloc(sb, mode);

    if (!inode)
        return NULL;
    sb->inodes++;
    inode->rdev = rdev;
    inode->ops = &file_inode_ops;
    if (S_ISREG(mode)) {
        inode->fops = &tmpfs_file_ops;
        inode->obj.ops = &tmpfs_object_ops;
    } else if (S_ISLNK(mode)) {
        inode->ops = &link_inode_ops;
    } else if (S_ISDIR(mode)) {
        struct dir *dir = kzalloc(sizeof(*dir));
        if (!dir) {
            inode_put(inode);
            return NULL;
        }
        list_init(&dir->names);
        dir->next_place = FIRST_PLACE;
        inode->priv = dir;
        inode->ops = &dir_inode_ops;
        inode->fops = &dir_ops;
        inode->nlink = 2;
        inode->obj.size = FIRST_PLACE * NAME_BYTES;
    }
    return inode;
}

/* All names are pinned in the cache: a name that is not cached does not exist.
 */
static int tmpfs_lookup(struct inode *dir, const char *name, size_t len,
                        struct inode **out)
{
    return -ENOENT;
}

static int tmpfs_create(struct inode *dir, struct dentry *d, u32 mode, u32 rdev)
{
    struct inode *inode = tmpfs_make_inode(dir->sb, mode, rdev);

    if (!inode)
        return -ENOSPC;
    inode_inherit(inode, dir);
    dir->nlink += S_ISDIR(mode);
    add_name(dir, d, inode);
    return 0;
}

/* A long text counts as further inodes, by the KiB. */
static u64 link_cost(const struct inode *link)
{
    return link->obj.size / 1024;
}

static int set_link_text(struct inode *inode, const char *text)
{
    size_t len = strlen(text);

    inode->priv = kmalloc(len + 1);
    if (!inode->priv)
        return -ENOSPC;
    memcpy(inode->priv, text, len + 1);
    inode->obj.size = len;
    inode->sb->inodes += link_cost(inode);
    return 0;
}

static int tmpfs_symlink(struct inode *dir, struct dentry *d,
                         const char *target)
{
    struct inode *inode = tmpfs_make_inode(dir->sb, S_IFLNK | 0777, 0);

    if (!inode || set_link_text(inode, target)) {
        inode_put(inode);
        return -ENOSPC;
    }
    inode_inherit(inode, dir);
    add_name(dir, d, inode);
    return 0;
}

static int tmpfs_link(struct inode *dir, struct dentry *d, struct inode *inode)
{
    if (inode->nlink && inode->sb->inodes >= tmpfs_limit())
        return -ENOSPC;
    inode->sb->inodes += inode->nlink != 0;
    inode->nlink++;
    inode->ctime = wall_now();
    add_name(dir, d, inode_get(inode));
    return 0;
}

/* Takes a name from a file that is no directory. */
static void unlink_inode(struct inode *inode)
{
    inode->sb->inodes -= inode->nlink > 1;
    inode->nlink--;
}

static int tmpfs_unlink(struct inode *dir, struct dentry *d)
{
    unlink_inode(d->inode);
    d->inode->ctime = wall_now();
    remove_name(dir, d);
    return 0;
}

static bool is_empty(struct inode *inode)
{
    return list_empty(&((struct dir *)inode->priv)->names);
}

static int tmpfs_rmdir(struct inode *dir, struct dentry *d)
{
    if (!is_empty(d->inode))
        return -ENOTEMPTY;
    d->inode->nlink = 0;
    dir->nlink--;
    remove_name(dir, d);
    return 0;
}

static int tmpfs_rename(struct inode *from_dir, struct dentry *from,
                        struct inode *to_dir, struct dentry *to)
{
    struct inode *target = to->inode;
    bool directory = S_ISDIR(from->inode->mode);

    if (target && directory && !is_empty(target))
        return -ENOTEMPTY;
    if (target) {
        if (directory)
            target->nlink = 0;
        else
            unlink_inode(target);
        target->ctime = wall_now();
        to_dir->nlink -= directory;
        remove_name(to_dir, to);
    }
    from_dir->nlink -= directory;
    to_dir->nlink += directory;
    take_out(from_dir, from);
    add_last(to_dir, from);
    from->inode->ctime = wall_now();
    return 0;
}

static int tmpfs_readlink(struct inode *inode, char *buf, size_t n)
{
    size_t len = MIN(inode->obj.size, n);

    memcpy(buf, inode->priv, len);
    return (int)len;
}

static int tmpfs_readdir(struct file *f, struct dir_sink *sink)
{
    struct dir *dir = f->inode->priv;
    struct dentry *d;

    for (; f->pos < FIRST_PLACE; f->pos++) {
        struct inode *up = f->pos ? f->dentry->parent->inode : f->inode;
        if (!sink->emit(sink, "..", 1 + f->pos, up->ino, S_IFDIR, f->pos + 1))
            return 0;
    }
again:
    list_for_each_entry(d, &dir->names, lru)
    {
        if (d->place < f->pos)
            continue;
        u64 here = d->place, changes = dir->changes;
        if (!sink->emit(sink, d->name, d->namelen, d->inode->ino,
                        d->inode->mode, here + 1))
            return 0;
        f->pos = here + 1;
        if (dir->changes != changes)
            goto again; /* emit slept, and d may be freed */
    }
    return 0;
}

static s64 tmpfs_dir_llseek(struct file *f, s64 off, int whence)
{
    return whence == SEEK_SET || whence == SEEK_CUR
               ? pages_llseek(f, off, whence)
               : -EINVAL;
}

static const struct inode_ops dir_inode_ops = {.lookup = tmpfs_lookup,
                                               .create = tmpfs_create,
                                               .symlink = tmpfs_symlink,
                                               .link = tmpfs_link,
                                               .unlink = tmpfs_unlink,
                                               .rmdir = tmpfs_rmdir,
                                               .rename = tmpfs_rename};
static const struct inode_ops file_inode_ops = {.truncate = tmpfs_truncate,
                                                .allocate = tmpfs_allocate};
static const struct inode_ops link_inode_ops = {.readlink = tmpfs_readlink};
static const struct file_ops dir_ops = {.readdir = tmpfs_readdir,
                                        .llseek = tmpfs_dir_llseek};

static void tmpfs_evict(struct inode *inode)
{
    inode->sb->inodes -= 1 + (S_ISLNK(inode->mode) ? link_cost(inode) : 0);
    if (S_ISDIR(inode->mode) || S_ISLNK(inode->mode))
        kfree(inode->priv);
}

static void tmpfs_statfs(struct super *sb, struct kstatfs *out)
{
    out->blocks = tmpfs_limit();
    out->bfree = out->bavail = tmpfs_room();
    out->files = tmpfs_limit();
    out->ffree = out->files - MIN(sb->inodes, out->files);
}

static const struct super_ops super_ops = {
    .evict = tmpfs_evict, .statfs = tmpfs_statfs, .unmount = dcache_unpin};

int tmpfs_fill(struct super *sb, const char *source)
{
    sb->ops = &super_ops;
    sb->magic = TMPFS_MAGIC;
    return super_set_root(sb, tmpfs_make_inode(sb, S_IFDIR | 01777, 0));
}

struct inode *tmpfs_add(struct dentry *dir, const char *name, u32 mode,
                        u32 rdev)
{
    struct dentry *d = dentry_alloc(dir->sb, dir, name, strlen(name));
    int err = d ? tmpfs_create(dir->inode, d, mode, rdev) : -ENOMEM;
    struct inode *inode = err ? NULL : d->inode;

    dentry_put(d);
    return inode;
}

int tmpfs_add_link(struct dentry *dir, const char *name, const char *target)
{
    struct inode *inode = tmpfs_add(dir, name, S_IFLNK | 0777, 0);

    return inode ? set_link_text(inode, target) : -ENOMEM;
}
