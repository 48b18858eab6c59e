/* SPDX-License-Identifier: MIT */
/* Mounts, syncs and unmounts ext2. The superblock is used only after its
 * numbers have been checked against each other and the size of the disk. */
#include "fs/ext2.h"

#include "fs/dcache.h"
#include "fs/devices.h"
#include "fs/fstypes.h"

#define SUPERBLOCK_SECTOR 2
#define MAX_GROUPS        65536u

static char why[96]; /* why the last mount failed */

const char *ext2_why(void)
{
    return why;
}

static int refuse(const char *fmt, ...) __printf(1, 2);
static int refuse(const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(why, sizeof(why), fmt, ap);
    va_end(ap);
    return -EINVAL;
}

int ext2_corrupt(struct super *sb, const char *what, u64 number)
{
    kprintf("ext2 (%s): %s (%lu)\n", sb->source, what, number);
    return -EIO;
}

static bool power_of_two(u32 n)
{
    return n && !(n & (n - 1));
}

/* Checks the superblock and sets fs's geometry from it. */
static int check_superblock(struct ext2 *fs, const struct ext2_superblock *s)
{
    if (s->magic != EXT2_MAGIC)
        return refuse("no ext2 file system on %s", blk_name(fs->dev));
    if (s->log_block_size > 2)
        return refuse("blocks of 1024 << %u bytes, at most 4096 are known",
                      s->log_block_size);
    if (s->rev_level && (s->feature_incompat & ~EXT2_INCOMPAT_FILETYPE))
        return refuse("unknown incompatible features %x",
                      s->feature_incompat & ~EXT2_INCOMPAT_FILETYPE);
    fs->block_size = 1024u << s->log_block_size;
    fs->blocks = s->blocks_count;
    fs->inodes = s->inodes_count;
    fs->first_block = s->first_data_block;
    fs->blocks_per_group = s->blocks_per_group;
    fs->inodes_per_group = s->inodes_per_group;
    fs->inode_size = s->rev_level ? s->inode_size : 128;
    fs->free_blocks = s->free_blocks_count;
    fs->free_inodes = s->free_inodes_count;
    fs->reserved = s->r_blocks_count;
    fs->first_ino = s->rev_level ? s->first_ino : 11;
    fs->filetype =
        s->rev_level && (s->feature_incompat & EXT2_INCOMPAT_FILETYPE);
    u32 bits = 8 * fs->block_size; /* a bitmap is one block */
    if (fs->first_block != (fs->block_size == 1024) ||
        fs->blocks <= fs->first_block || !fs->blocks_per_group ||
        fs->blocks_per_group > bits || !fs->inodes_per_group ||
        fs->inodes_per_group > bits || fs->inode_size < 128 ||
        fs->inode_size > fs->block_size || !power_of_two(fs->inode_size))
        return refuse("the superblock contradicts itself");
    fs->ngroups =
        DIV_ROUND_UP(fs->blocks - fs->first_block, fs->blocks_per_group);
    if (fs->ngroups > MAX_GROUPS ||
        (u64)fs->ngroups * fs->inodes_per_group != fs->inodes ||
        fs->free_blocks > fs->blocks || fs->free_inodes > fs->inodes)
        return refuse("the superblock contradicts itself");
    fs->table_blocks =
        DIV_ROUND_UP(fs->inodes_per_group * fs->inode_size, fs->block_size);
    u64 has = blk_sectors(fs->dev) / (fs->block_size / SECTOR_SIZE);
    if (fs->blocks > has)
        return refuse("the file system has %u blocks, its disk only %lu",
                      fs->blocks, has);
    return 0;
}

/* Reads the group descriptors, which follow the superblock's block. */
static int read_groups(struct ext2 *fs)
{
    u64 bytes = fs->ngroups * sizeof(struct ext2_group);
    u32 table = fs->table_blocks;
    int err = 0;

    fs->held = kzalloc(2 * fs->ngroups * sizeof(*fs->held));
    fs->held_inodes = fs->held + fs->ngroups;
    if (!(fs->groups = kmalloc(bytes)) || !fs->held) {
        refuse("out of memory for %u groups", fs->ngroups);
        return -ENOMEM;
    }
    u8 *to = (u8 *)fs->groups;
    for (u32 block = fs->first_block + 1; bytes; block++) {
        u64 n = MIN(bytes, (u64)fs->block_size);
        struct buf *b = buf_read(fs->dev, block, fs->block_size, &err);
        if (!b) {
            refuse("block %u cannot be read", block);
            return err;
        }
        memcpy(to, b->data, n);
        buf_put(b);
        to += n;
        bytes -= n;
    }
    for (u32 i = 0; i < fs->ngroups; i++) {
        u32 first = fs->groups[i].inode_table;
        if (first <= fs->first_block || first >= fs->blocks ||
            table > fs->blocks - first)
            return refuse("group %u has its inodes outside the disk", i);
    }
    return 0;
}

/* ---- back to the disk ---------------------------------------------------- */

struct buf *ext2_buf(struct super *sb, u32 block, int *err)
{
    struct ext2 *fs = ext2_of(sb);

    return buf_read(fs->dev, block, fs->block_size, err);
}

/* Stores counts and state in the superblock's buffer. */
static int store_superblock(struct super *sb, bool clean)
{
    struct ext2 *fs = ext2_of(sb);
    int err = 0;
    struct buf *b = ext2_buf(sb, 1024 / fs->block_size, &err);

    if (!b)
        return err;
    struct ext2_superblock *s = (void *)(b->data + 1024 % fs->block_size);
    if (!fs->touched)
        s->mtime = (u32)wall_now().sec;
    s->wtime = (u32)wall_now().sec;
    s->free_blocks_count = fs->free_blocks;
    s->free_inodes_count = fs->free_inodes;
    s->state =
        (u16)(clean ? s->state | EXT2_VALID_FS : s->state & ~EXT2_VALID_FS);
    if (buf_failed(fs->dev))
        s->state |= EXT2_ERROR_FS;
    if (fs->large_file)
        s->feature_ro_compat |= EXT2_RO_LARGE_FILE;
    buf_dirty(b);
    buf_put(b);
    return 0;
}

/* Copies changed group descriptors to the buffers of their blocks. */
static int store_groups(struct super *sb)
{
    struct ext2 *fs = ext2_of(sb);
    u64 bytes = fs->ngroups * sizeof(struct ext2_group);
    const u8 *from = (const u8 *)fs->groups;
    int err = 0;

    for (u32 block = fs->first_block + 1; bytes; block++) {
        u64 n = MIN(bytes, (u64)fs->block_size);
        struct buf *b = ext2_buf(sb, block, &err);
        if (!b)
            return err;
        if (memcmp(b->data, from, n) != 0) {
            memcpy(b->data, from, n);
            buf_dirty(b);
        }
        buf_put(b);
        from += n;
        bytes -= n;
    }
    return 0;
}

int ext2_touch(struct super *sb)
{
    struct ext2 *fs = ext2_of(sb);

    if (fs->touched)
        return 0;
    if (sb->flags & SB_NOWRITE) /* not SB_RDONLY: remount sets it, then syncs */
        return -EROFS;
    int err = store_superblock(sb, false);
    if (!err)
        err = buf_sync(fs->dev);
    if (!err) /* "not clean" is on the disk before any change */
        err = blk_flush(fs->dev);
    fs->touched = !err;
    return err;
}

/* The order matters after a power cut: data are flushed before the inodes that
 * refer to them are written, and inodes before the names that refer to the
 * inodes. A new directory's inode comes last, after its names. */
int ext2_sync(struct super *sb)
{
    struct ext2 *fs = ext2_of(sb);
    u64 freed = fs->inodes_freed;

    int err = super_write(sb);
    if (!fs->touched)
        return err;
    int bad = blk_flush(fs->dev);
    err = err ? err : bad;
    mutex_lock(&fs->lock);
    bad = ext2_settle(sb);
    mutex_unlock(&fs->lock);
    err = err ? err : bad;
    bad = super_write_all(sb);
    err = err ? err : bad;
    bad = blk_flush(fs->dev);
    err = err ? err : bad;
    bad = store_groups(sb);
    err = err ? err : bad;
    bad = store_superblock(sb, false);
    err = err ? err : bad;
    bad = buf_sync(fs->dev);
    err = err ? err : bad;
    bad = blk_flush(fs->dev);
    err = err ? err : bad;
    if (!err && freed == fs->inodes_freed)
        memset(fs->held_inodes, 0, fs->ngroups * sizeof(*fs->held));
    return err;
}

static void delete_orphan(struct inode *inode)
{
    object_truncate(&inode->obj, 0);
    ext2_delete(inode);
}

static void ext2_shutdown(struct super *sb)
{
    struct ext2 *fs = ext2_of(sb);

    inode_for_orphans(sb, delete_orphan);
    if (ext2_sync(sb) || !fs->touched || store_superblock(sb, true) ||
        buf_sync(fs->dev) || blk_flush(fs->dev))
        return; /* state stays: nothing changed, or a write failed */
    fs->touched = false;
    sb->flags |= SB_RDONLY;
}

static int ext2_late_error(struct super *sb)
{
    return buf_tell_of_files(ext2_of(sb)->dev);
}

static void ext2_statfs(struct super *sb, struct kstatfs *out)
{
    struct ext2 *fs = ext2_of(sb);

    out->blocks = fs->blocks;
    out->bfree = fs->free_blocks;
    out->bavail = fs->free_blocks - MIN(fs->free_blocks, fs->reserved);
    out->files = fs->inodes;
    out->ffree = fs->free_inodes;
}

static void free_fs(struct ext2 *fs)
{
    buf_forget(fs->dev);
    blk_give(fs->dev);
    kfree(fs->groups);
    kfree(fs->held);
    kfree(fs);
}

static void ext2_unmount(struct super *sb)
{
    free_fs(ext2_of(sb));
}

static const struct super_ops super_ops = {.evict = ext2_evict,
                                           .write_inode = ext2_write_inode,
                                           .sync = ext2_sync,
                                           .late_error = ext2_late_error,
                                           .shutdown = ext2_shutdown,
                                           .statfs = ext2_statfs,
                                           .unmount = ext2_unmount};

/* Finds the disk named "/dev/vda" or "vda"; NULL: there is none. */
static struct blkdev *find_disk(const char *source)
{
    struct blkdev *dev;

    if (strncmp(source, "/dev/", 5) == 0)
        source += 5;
    for (int i = 0; (dev = blk_dev(i)); i++)
        if (strcmp(blk_name(dev), source) == 0)
            return dev;
    return NULL;
}

/* Returns the size of a file that uses all its pointers to blocks, or the
 * largest one that an inode can store. */
static u64 largest_file(const struct ext2 *fs)
{
    u64 n = fs->block_size / sizeof(u32);

    return MIN((EXT2_NDIRECT + n + n * n + n * n * n) * fs->block_size,
               EXT2_MAX_SIZE);
}

static int read_super(struct super *sb, struct ext2 *fs)
{
    struct ext2_superblock *s = kmalloc(1024);
    struct inode *root;
    int err;

    if (!s) {
        refuse("out of memory");
        return -ENOMEM;
    }
    err = blk_read(fs->dev, SUPERBLOCK_SECTOR, s, 2);
    if (err)
        refuse("the superblock of %s cannot be read", blk_name(fs->dev));
    else
        err = check_superblock(fs, s);
    /* With unknown ro_compat features it may be read, but not written. */
    bool unknown = !err && s->rev_level &&
                   (s->feature_ro_compat &
                    ~(u32)(EXT2_RO_SPARSE_SUPER | EXT2_RO_LARGE_FILE));
    bool clean = !err && s->state == EXT2_VALID_FS;
    kfree(s);
    if (!err)
        err = read_groups(fs);
    if (err)
        return err;
    if (unknown || blk_readonly(fs->dev))
        sb->flags |= SB_RDONLY | SB_NOWRITE;
    else if (!clean && !(sb->flags & SB_RDONLY))
        kprintf("ext2 (%s): not unmounted cleanly, e2fsck is advised\n",
                sb->source);
    sb->ops = &super_ops;
    sb->priv = fs;
    sb->dev = blk_devno(fs->dev);
    sb->magic = EXT2_MAGIC;
    sb->block_size = fs->block_size;
    sb->size_max = largest_file(fs);
    sb->whole_seconds = fs->inode_size == sizeof(struct ext2_disk_inode);
    sb->last_time = INT32_MAX + (sb->whole_seconds ? 0 : 3l << 32);
    err = ext2_inode_get(sb, EXT2_ROOT_INO, &root);
    if (!err && !S_ISDIR(root->mode)) {
        inode_put(root);
        err = -EINVAL;
    }
    if (!err)
        err = super_set_root(sb, root);
    if (err)
        refuse("its root directory is damaged");
    return err;
}

int ext2_fill(struct super *sb, const char *source)
{
    struct ext2 *fs = kzalloc(sizeof(*fs));

    if (!fs) {
        refuse("out of memory");
        return -ENOMEM;
    }
    fs->dev = find_disk(source);
    if (!fs->dev) {
        kfree(fs);
        refuse("there is no disk %s", source);
        return -ENXIO;
    }
    /* Two mounts of a disk would not see each other's changes. */
    if (!blk_take(fs->dev, true)) {
        refuse("%s is %s", source,
               blk_written(fs->dev) ? "open for writing"
                                    : "mounted already, used for swap or "
                                      "claimed (O_EXCL)");
        kfree(fs);
        return -EBUSY;
    }
    mutex_init(&fs->lock);
    int err = read_super(sb, fs);
    if (err) {
        inode_shrink(sb);
        free_fs(fs);
    }
    return err;
}
