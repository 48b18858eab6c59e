/* SPDX-License-Identifier: MIT */
/* tmpfs: files whose pages exist only in memory (state SHMEM).
 *
 *   directory inode --priv--> struct dir: entries in the order of their
 *                             cookies, each holding its inode
 *
 * All entries of one file system are also on a list of its super, so that
 * unmounting needs no walk down the tree. Only page faults on the caller's
 * memory sleep here. */
#include "fs/dcache.h"
#include "fs/file.h"
#include "fs/fstypes.h"
#include "fs/tmpfs.h"

#define TMPFS_MAGIC  0x01021994
#define FIRST_COOKIE 2 /* 0 is ".", 1 is ".." */

struct entry {
    struct list link;    /* in its directory, by cookie */
    struct list all;     /* in its file system */
    struct list same;    /* in its hash bucket */
    struct inode *inode; /* a reference */
    struct dir *dir;
    u64 cookie; /* its file position in readdir */
    u32 hash;
    u32 len;
    char name[];
};
struct dir {
    struct list entries;
    u64 next_cookie;
    u64 changes;
    struct inode *parent; /* not a reference: outlives its children */
};
#define NBUCKETS 32 /* initially */
struct tmpfs {
    struct list entries;
    u64 inodes, nentries;
    struct list *names; /* nbuckets of entries, by directory and name */
    u32 nbuckets;
};

static const struct inode_ops dir_inode_ops, file_inode_ops, link_inode_ops;
static const struct file_ops dir_ops;

static struct tmpfs *tmpfs_of(struct super *sb)
{
    return sb->priv;
}

/* FNV-1a (Fowler, Noll, Vo, 1991), seeded with the directory. */
static u32 hash_of(const struct dir *dir, const char *name, size_t len)
{
    u32 h = 2166136261u ^ (u32)((u64)dir >> 6);
    for (size_t i = 0; i < len; i++)
        h = (h ^ (u8)name[i]) * 16777619u;
    return h;
}

static struct list *tmpfs_bucket(const struct tmpfs *fs, u32 hash)
{
    return &fs->names[(hash ^ hash >> 16) % fs->nbuckets];
}

/* Rehashes all entries into n buckets. False: no memory; nothing has
 * changed. */
static bool rehash(struct tmpfs *fs, u32 n)
{
    struct list *names = kmalloc(n * sizeof *names);
    struct entry *e;

    if (!names)
        return false;
    for (u32 i = 0; i < n; i++)
        list_init(&names[i]);
    list_for_each_entry(e, &fs->entries, all) list_del(&e->same);
    kfree(fs->names);
    fs->names = names;
    fs->nbuckets = n;
    list_for_each_entry(e, &fs->entries, all)
        list_add(&e->same, tmpfs_bucket(fs, e->hash));
    return true;
}

static struct entry *entry_of(struct inode *inode, const char *name, size_t len)
{
    struct dir *dir = inode->priv;
    u32 hash = hash_of(dir, name, len);
    struct entry *e;

    list_for_each_entry(e, tmpfs_bucket(tmpfs_of(inode->sb), hash), same)
    {
        if (e->hash == hash && e->dir == dir && e->len == len &&
            memcmp(e->name, name, len) == 0)
            return e;
    }
    return NULL;
}

static void touch(struct inode *inode)
{
    inode->mtime = inode->ctime = wall_now();
}

/* Adds a name for inode; consumes its reference unless it fails. */
static int add_entry(struct inode *in, const char *name, size_t len,
                     struct inode *inode)
{
    struct dir *dir = in->priv;
    struct entry *e = kmalloc(sizeof(*e) + len + 1);

    if (!e)
        return -ENOSPC;
    memcpy(e->name, name, len);
    e->name[len] = '\0';
    e->len = (u32)len;
    e->inode = inode;
    e->cookie = dir->next_cookie++;
    e->dir = dir;
    e->hash = hash_of(dir, name, len);
    struct tmpfs *fs = tmpfs_of(in->sb);
    if (++fs->nentries > 2 * fs->nbuckets)
        rehash(fs, 4 * fs->nbuckets);
    list_add(&e->same, tmpfs_bucket(fs, e->hash)); /* found before the entry
                                                    * that it replaces */
    dir->changes++;
    list_add_tail(&e->link, &dir->entries);
    list_add_tail(&e->all, &fs->entries);
    touch(in);
    return 0;
}

static void remove_entry(struct inode *in, struct entry *e)
{
    assert(e);
    list_del(&e->link);
    list_del(&e->all);
    list_del(&e->same);
    tmpfs_of(in->sb)->nentries--;
    e->dir->changes++;
    inode_put(e->inode);
    kfree(e);
    touch(in);
}

/* Makes an inode without a name. */
static struct inode *tmpfs_make_inode(struct super *sb, u32 mode, u32 rdev)
{
    struct inode *inode = inode_alloc(sb, mode);

    if (!inode)
        return NULL;
    tmpfs_of(sb)->inodes++;
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
        list_init(&dir->entries);
        dir->next_cookie = FIRST_COOKIE;
        inode->priv = dir;
        inode->ops = &dir_inode_ops;
        inode->fops = &dir_ops;
        inode->nlink = 2;
    }
    return inode;
}

/* Makes an inode and adds its entry, which holds the only reference. */
static int make_in(struct inode *in, const char *name, size_t len, u32 mode,
                   u32 rdev, struct inode **out)
{
    struct inode *inode = tmpfs_make_inode(in->sb, mode, rdev);
    int err = inode ? add_entry(in, name, len, inode) : -ENOSPC;

    if (err) {
        inode_put(inode);
        return err;
    }
    inode_inherit(inode, in);
    if (S_ISDIR(mode)) {
        ((struct dir *)inode->priv)->parent = in;
        in->nlink++;
    }
    *out = inode;
    return 0;
}

static int tmpfs_lookup(struct inode *dir, const char *name, size_t len,
                        struct inode **out)
{
    struct entry *e = entry_of(dir, name, len);

    if (!e)
        return -ENOENT;
    *out = inode_get(e->inode);
    return 0;
}

static int tmpfs_create(struct inode *dir, struct dentry *d, u32 mode, u32 rdev)
{
    struct inode *inode;
    int err = make_in(dir, d->name, d->namelen, mode, rdev, &inode);

    if (!err)
        dentry_add(d, inode_get(inode));
    return err;
}

static int set_link_text(struct inode *inode, const char *text)
{
    size_t len = strlen(text);

    inode->priv = kmalloc(len + 1);
    if (!inode->priv)
        return -ENOSPC;
    memcpy(inode->priv, text, len + 1);
    inode->obj.size = len;
    return 0;
}

static int tmpfs_symlink(struct inode *dir, struct dentry *d,
                         const char *target)
{
    struct inode *inode;
    int err = make_in(dir, d->name, d->namelen, S_IFLNK | 0777, 0, &inode);

    if (err)
        return err;
    if ((err = set_link_text(inode, target))) {
        remove_entry(dir, entry_of(dir, d->name, d->namelen));
        return err;
    }
    dentry_add(d, inode_get(inode));
    return 0;
}

static int tmpfs_link(struct inode *dir, struct dentry *d, struct inode *inode)
{
    int err = add_entry(dir, d->name, d->namelen, inode_get(inode));

    if (err) {
        inode_put(inode);
        return err;
    }
    inode->nlink++;
    inode->ctime = wall_now();
    dentry_add(d, inode_get(inode));
    return 0;
}

static int tmpfs_unlink(struct inode *dir, struct dentry *d)
{
    struct entry *e = entry_of(dir, d->name, d->namelen);

    if (!e)
        return -ENOENT;
    e->inode->nlink--;
    e->inode->ctime = wall_now();
    remove_entry(dir, e);
    return 0;
}

static bool is_empty(struct inode *inode)
{
    return list_empty(&((struct dir *)inode->priv)->entries);
}

static int tmpfs_rmdir(struct inode *dir, struct dentry *d)
{
    struct entry *e = entry_of(dir, d->name, d->namelen);

    if (!e)
        return -ENOENT;
    if (!is_empty(e->inode))
        return -ENOTEMPTY;
    e->inode->nlink = 0;
    dir->nlink--;
    remove_entry(dir, e);
    return 0;
}

static int tmpfs_rename(struct inode *from_dir, struct dentry *from,
                        struct inode *to_dir, struct dentry *to)
{
    struct entry *old = entry_of(from_dir, from->name, from->namelen);
    struct entry *target = entry_of(to_dir, to->name, to->namelen);
    bool directory = S_ISDIR(from->inode->mode);

    if (!old)
        return -ENOENT;
    if (target && directory && !is_empty(target->inode))
        return -ENOTEMPTY;
    int err = add_entry(to_dir, to->name, to->namelen, inode_get(old->inode));
    if (err) {
        inode_put(old->inode);
        return err;
    }
    if (target) {
        target->inode->nlink -= directory ? target->inode->nlink : 1;
        to_dir->nlink -= directory;
        remove_entry(to_dir, target);
    }
    if (directory) {
        from_dir->nlink--;
        to_dir->nlink++;
        ((struct dir *)old->inode->priv)->parent = to_dir;
    }
    old->inode->ctime = wall_now();
    remove_entry(from_dir, old);
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
    struct inode *inode = f->inode;
    struct dir *dir = inode->priv;
    struct entry *e;

    for (; f->pos < FIRST_COOKIE; f->pos++) {
        struct inode *up = f->pos && dir->parent ? dir->parent : inode;
        if (!sink->emit(sink, "..", 1 + f->pos, up->ino, S_IFDIR, f->pos + 1))
            return 0;
    }
again:
    list_for_each_entry(e, &dir->entries, link)
    {
        if (e->cookie < f->pos)
            continue;
        u64 here = e->cookie, changes = dir->changes;
        if (!sink->emit(sink, e->name, e->len, e->inode->ino, e->inode->mode,
                        here + 1))
            return 0;
        f->pos = here + 1;
        if (dir->changes != changes)
            goto again; /* emit slept, and e may be freed */
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
    tmpfs_of(inode->sb)->inodes--;
    if (S_ISDIR(inode->mode) || S_ISLNK(inode->mode))
        kfree(inode->priv);
}

static void tmpfs_statfs(struct super *sb, struct kstatfs *out)
{
    out->blocks = tmpfs_limit();
    out->bfree = out->bavail = tmpfs_room();
    out->files = tmpfs_of(sb)->inodes + out->bfree;
    out->ffree = out->bfree;
}

static void tmpfs_unmount(struct super *sb)
{
    struct entry *e, *tmp;

    list_for_each_entry_safe(e, tmp, &tmpfs_of(sb)->entries, all)
    {
        inode_put(e->inode);
        kfree(e);
    }
    kfree(tmpfs_of(sb)->names);
    kfree(sb->priv);
}

static const struct super_ops super_ops = {
    .evict = tmpfs_evict, .statfs = tmpfs_statfs, .unmount = tmpfs_unmount};

int tmpfs_fill(struct super *sb, const char *source)
{
    struct tmpfs *fs = kzalloc(sizeof(*fs));

    (void)source;
    if (!fs)
        return -ENOMEM;
    list_init(&fs->entries);
    if (!rehash(fs, NBUCKETS)) {
        kfree(fs);
        return -ENOMEM;
    }
    sb->priv = fs;
    sb->ops = &super_ops;
    sb->magic = TMPFS_MAGIC;
    int err = super_set_root(sb, tmpfs_make_inode(sb, S_IFDIR | 01777, 0));
    if (err) {
        kfree(fs->names);
        kfree(fs);
    }
    return err;
}

struct inode *tmpfs_add(struct inode *dir, const char *name, u32 mode, u32 rdev)
{
    struct inode *inode;

    return make_in(dir, name, strlen(name), mode, rdev, &inode) ? NULL : inode;
}

int tmpfs_add_link(struct inode *dir, const char *name, const char *target)
{
    struct inode *inode = tmpfs_add(dir, name, S_IFLNK | 0777, 0);

    return inode ? set_link_text(inode, target) : -ENOMEM;
}
