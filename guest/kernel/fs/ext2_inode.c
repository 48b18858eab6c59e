/* SPDX-License-Identifier: MIT */
/* Reads the inodes of ext2 from the disk, checks them and writes them back. */
#include "fs/ext2.h"

#include "fs/dcache.h"
#include "fs/file.h"
#include "vm/reclaim.h"

#define FAST_LINK_MAX (EXT2_NBLOCKS * 4) /* shorter text fits the pointers */

static int readlink_page(struct inode *inode, char *buf, size_t n)
{
    bool major = false;
    int err = 0;
    size_t len = MIN(inode->obj.size, n);
    struct page *page =
        object_get_page(&inode->obj, 0, ACTOR_SYSCALL, &major, &err);

    if (!page)
        return err;
    memcpy(buf, page_va(page), len);
    page_put(page);
    return (int)len;
}

static int ext2_readlink(struct inode *inode, char *buf, size_t n)
{
    struct ext2_inode *ei = inode->priv;

    if (inode->blocks) /* the text of a long link has a block */
        return readlink_page(inode, buf, n);
    size_t len = MIN(inode->obj.size, n);
    memcpy(buf, ei->block, len);
    return (int)len;
}

static const struct inode_ops file_inode_ops = {.truncate = ext2_truncate};
static const struct inode_ops link_inode_ops = {.readlink = ext2_readlink};
static const struct file_ops file_ops = {.flags = FILE_PAGES,
                                         .read = pages_read,
                                         .write = pages_write,
                                         .llseek = pages_llseek};

/* Returns the largest size that the block pointers can describe. */
static u64 size_limit(struct ext2 *fs)
{
    u64 n = fs->block_size / 4;

    return (EXT2_NDIRECT + n + n * n + n * n * n) * fs->block_size;
}

/* Converts a time to its form in an inode on the disk, or from that form. */
static void copy_time(struct ktime *t, u32 *sec, u32 *extra, bool to_disk)
{
    if (to_disk) {
        *sec = (u32)t->sec;
        *extra = t->nsec << 2 | (u32)((t->sec - (s32)t->sec) >> 32 & 3);
    } else {
        *t = (struct ktime){(s32)*sec + ((s64)(*extra & 3) << 32), *extra >> 2};
    }
}

static void copy_times(struct inode *inode, struct ext2_disk_inode *d,
                       bool to_disk)
{
    struct ext2_inode_extra none = {0}, *x = (void *)(d + 1);

    if (inode->sb->whole_seconds || x->size < 16)
        x = &none;
    copy_time(&inode->atime, &d->atime, &x->atime, to_disk);
    copy_time(&inode->mtime, &d->mtime, &x->mtime, to_disk);
    copy_time(&inode->ctime, &d->ctime, &x->ctime, to_disk);
}

static int check_kind(struct inode *inode)
{
    u64 size = inode->obj.size;
    struct ext2 *fs = ext2_of(inode->sb);

    switch (inode->mode & S_IFMT) {
    case S_IFREG:
        return size <= size_limit(fs) ? 0 : -EIO;
    case S_IFDIR:
        return size % fs->block_size == 0 && size <= (1ul << 30) ? 0 : -EIO;
    case S_IFLNK:
        if (inode->blocks)
            return size && size < PATH_MAX ? 0 : -EIO;
        return size && size < FAST_LINK_MAX ? 0 : -EIO;
    case S_IFCHR:
    case S_IFBLK:
    case S_IFIFO:
    case S_IFSOCK:
        inode->obj.size = 0;
        return 0;
    default:
        return -EIO;
    }
}

void ext2_set_ops(struct inode *inode)
{
    struct ext2_inode *ei = inode->priv;

    inode->ops = S_ISDIR(inode->mode)   ? &ext2_dir_inode_ops
                 : S_ISLNK(inode->mode) ? &link_inode_ops
                                        : &file_inode_ops;
    inode->fops = S_ISDIR(inode->mode)   ? &ext2_dir_ops
                  : S_ISREG(inode->mode) ? &file_ops
                                         : NULL;
    if (S_ISCHR(inode->mode) || S_ISBLK(inode->mode)) {
        u32 old = ei->block[0], new = ei->block[1];
        inode->rdev = old ? MKDEV(old >> 8 & 0xff, old & 0xff)
                          : MKDEV((new & 0xfff00) >> 8,
                                  (new & 0xff) | (new >> 12 & 0xfff00));
    }
}

static int decode(struct inode *inode, struct ext2_disk_inode *d)
{
    struct ext2_inode *ei;
    u64 size = d->size;

    if (!d->links_count || !d->mode)
        return ext2_corrupt(inode->sb, "a name leads to a deleted inode",
                            inode->ino);
    inode->mode = d->mode;
    inode->nlink = d->links_count;
    inode->uid = d->uid | (u32)d->uid_high << 16;
    inode->gid = d->gid | (u32)d->gid_high << 16;
    copy_times(inode, d, false);
    inode->blocks = d->blocks;
    if (d->file_acl && S_ISLNK(d->mode)) /* minus the attributes' block */
        inode->blocks -=
            MIN(inode->blocks, ext2_of(inode->sb)->block_size / SECTOR_SIZE);
    if (S_ISREG(d->mode))
        size |= (u64)d->size_high << 32;
    object_init(&inode->obj, &ext2_object_ops, size, inode->ino, FS_FILE_CLEAN);
    inode->obj.dev = inode->sb->dev;
    if (check_kind(inode))
        return ext2_corrupt(inode->sb, "a damaged inode", inode->ino);
    if (!(ei = kzalloc(sizeof(*ei))))
        return -ENOMEM;
    memcpy(ei->block, d->block, sizeof(ei->block));
    ei->flags = d->flags;
    ei->file_acl = d->file_acl;
    inode->priv = ei;
    ext2_set_ops(inode);
    return 0;
}

/* Returns the block of the inode table that has the inode; sets *off to the
 * inode's offset in it. NULL: an error; *err says which. */
static struct buf *table_block(struct inode *inode, u32 *off, int *err)
{
    struct ext2 *fs = ext2_of(inode->sb);
    u64 n = inode->ino - 1;
    struct ext2_group *g = &fs->groups[n / fs->inodes_per_group];
    u64 at = n % fs->inodes_per_group * fs->inode_size;

    *off = (u32)(at % fs->block_size);
    return ext2_buf(inode->sb, g->inode_table + (u32)(at / fs->block_size),
                    err);
}

static int read_inode(struct inode *inode)
{
    u32 off;
    int err = 0;
    struct buf *b = table_block(inode, &off, &err);

    if (!b)
        return err;
    err = decode(inode, (void *)(b->data + off));
    buf_put(b);
    return err;
}

static void encode(struct inode *inode, struct ext2_disk_inode *d)
{
    struct ext2 *fs = ext2_of(inode->sb);
    struct ext2_inode *ei = ext2_inode(inode);
    u64 blocks = inode->blocks;

    if (ei->file_acl && S_ISLNK(inode->mode)) /* see decode */
        blocks += fs->block_size / SECTOR_SIZE;
    d->mode = (u16)inode->mode;
    d->uid = (u16)inode->uid;
    d->uid_high = (u16)(inode->uid >> 16);
    d->gid = (u16)inode->gid;
    d->gid_high = (u16)(inode->gid >> 16);
    d->links_count = (u16)inode->nlink;
    d->size = (u32)inode->obj.size;
    if (S_ISREG(inode->mode))
        d->size_high = (u32)(inode->obj.size >> 32);
    copy_times(inode, d, true);
    d->blocks = (u32)blocks;
    d->flags = ei->flags;
    d->file_acl = ei->file_acl;
    memcpy(d->block, ei->block, sizeof(d->block));
}

int ext2_write_inode(struct inode *inode)
{
    struct ext2 *fs = ext2_of(inode->sb);
    u32 off;
    int err = ext2_touch(inode->sb);
    struct buf *b = err ? NULL : table_block(inode, &off, &err);

    if (!b)
        return err;
    struct ext2_disk_inode *d = (void *)(b->data + off);
    if (ext2_inode(inode)->fresh) {
        memset(d, 0, fs->inode_size);
        d->generation = ++fs->next_generation;
        if (!inode->sb->whole_seconds)
            *(struct ext2_inode_extra *)(d + 1) = (struct ext2_inode_extra){
                .size = sizeof(struct ext2_inode_extra),
                .birth = (u32)inode->ctime.sec};
        ext2_inode(inode)->fresh = false;
    }
    encode(inode, d);
    inode->dirty = false;
    if (S_ISREG(inode->mode) && d->size_high | d->size >> 31)
        fs->large_file = true; /* goes to the superblock at its next sync */
    buf_dirty(b);
    buf_put(b);
    return 0;
}

int ext2_inode_get(struct super *sb, u64 ino, struct inode **out)
{
    if (ino < 1 || ino > ext2_of(sb)->inodes)
        return ext2_corrupt(sb, "a name leads to no inode", ino);
    struct inode *inode = inode_find_or_new(sb, ino);
    if (!inode)
        return -ENOMEM;
    if (inode->loading) {
        int err = read_inode(inode);
        COUNT(IGET);
        inode_loaded(inode, err);
        if (err)
            return err;
    }
    *out = inode;
    return 0;
}

/* Drops the block of extended attributes, which several inodes may share: the
 * block's second word counts them. */
static void drop_acl(struct inode *inode)
{
    u32 block = ext2_inode(inode)->file_acl;
    struct ext2 *fs = ext2_of(inode->sb);
    int err = 0;

    if (!block || block <= fs->first_block || block >= fs->blocks)
        return;
    struct buf *b = ext2_buf(inode->sb, block, &err);
    if (!b)
        return;
    u32 *refs = (u32 *)b->data + 1;
    bool last = *refs <= 1;
    if (!last) {
        --*refs;
        buf_dirty(b);
    }
    buf_put(b);
    if (last) {
        buf_revoke(fs->dev, block);
        mutex_lock(&fs->lock);
        ext2_free_block(inode->sb, block);
        mutex_unlock(&fs->lock);
    }
}

/* False for short links, devices, FIFOs and sockets: they have no blocks. */
static bool has_blocks(struct inode *inode)
{
    return S_ISREG(inode->mode) || S_ISDIR(inode->mode) ||
           (S_ISLNK(inode->mode) && inode->blocks);
}

/* A deletion has no caller that could begin again. */
static bool refused(int err)
{
    return err == -ENOMEM && memory_call_again();
}

void ext2_delete(struct inode *inode)
{
    struct super *sb = inode->sb;
    struct ext2 *fs = ext2_of(sb);
    u32 off;
    int err;

    while (refused(err = ext2_touch(sb)))
        ;
    if (err)
        return;
    while (has_blocks(inode) && refused(ext2_free_from(inode, 0)))
        ;
    struct buf *b;
    while (!(b = table_block(inode, &off, &err)) && refused(err))
        ;
    if (b) {
        struct ext2_disk_inode *d = (void *)(b->data + off);
        if (ext2_inode(inode)->fresh)
            memset(d, 0, fs->inode_size);
        d->dtime = (u32)wall_now().sec;
        d->links_count = 0;
        d->size = d->size_high = d->blocks = d->file_acl = 0;
        memset(d->block, 0, sizeof(d->block));
        buf_dirty(b);
        buf_put(b);
    }
    drop_acl(inode);
    do {
        mutex_lock(&fs->lock);
        err = ext2_free_inode(sb, (u32)inode->ino, S_ISDIR(inode->mode));
        mutex_unlock(&fs->lock);
    } while (refused(err));
}

void ext2_evict(struct inode *inode)
{
    if (inode->priv && !inode->nlink && !(inode->sb->flags & SB_RDONLY))
        ext2_delete(inode);
    buf_disown(&inode->obj);
    kfree(inode->priv);
}
