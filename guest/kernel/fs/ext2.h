/* SPDX-License-Identifier: MIT */
/* ext2 on the disk (Linux's Documentation/filesystems/ext2.rst and ext4/) and
 * in memory. All numbers are little-endian, as is the machine. */
#pragma once

#include "fs/buffer.h"
#include "fs/vfs.h"

#define EXT2_MAGIC    0xef53
#define EXT2_ROOT_INO 2
#define EXT2_NDIRECT  12
#define EXT2_NBLOCKS  15 /* 12 direct, one each of indirect level 1, 2, 3 */

#define EXT2_MAX_LINKS 32000
#define EXT2_MAX_SIZE  ((1ul << 41) - 1) /* u32 counts its 512-byte blocks */

enum { /* the features, states and flags that this kernel knows */
       EXT2_INCOMPAT_FILETYPE = 0x2,
       EXT2_RO_SPARSE_SUPER = 0x1,
       EXT2_RO_LARGE_FILE = 0x2,
       EXT2_VALID_FS = 0x1,     /* state: unmounted cleanly */
       EXT2_ERROR_FS = 0x2,     /* state: something is wrong */
       EXT2_INDEX_FLAG = 0x1000 /* inode: a directory with a hash tree */
};

struct ext2_superblock { /* at byte 1024 */
    u32 inodes_count, blocks_count, r_blocks_count;
    u32 free_blocks_count, free_inodes_count;
    u32 first_data_block, log_block_size, log_frag_size;
    u32 blocks_per_group, frags_per_group, inodes_per_group;
    u32 mtime, wtime;
    u16 mnt_count, max_mnt_count, magic, state, errors, minor_rev_level;
    u32 lastcheck, checkinterval, creator_os, rev_level;
    u16 def_resuid, def_resgid;
    u32 first_ino; /* from here on: rev_level >= 1 */
    u16 inode_size, block_group_nr;
    u32 feature_compat, feature_incompat, feature_ro_compat;
    u8 uuid[16];
    char volume_name[16];
};

struct ext2_group {
    u32 block_bitmap, inode_bitmap, inode_table;
    u16 free_blocks_count, free_inodes_count, used_dirs_count, pad;
    u32 reserved[3];
};

struct ext2_disk_inode {
    u16 mode, uid;
    u32 size, atime, ctime, mtime, dtime;
    u16 gid, links_count;
    u32 blocks, flags, osd1;
    u32 block[EXT2_NBLOCKS];
    u32 generation, file_acl, size_high, faddr;
    u16 osd2_frag, osd2_pad, uid_high, gid_high;
    u32 reserved;
};
_Static_assert(sizeof(struct ext2_disk_inode) == 128, "as on the disk");
struct ext2_inode_extra {    /* follows it in larger inodes, as in ext4 */
    u16 size, checksum;      /* size: at least 16 if the times are there */
    u32 ctime, mtime, atime; /* nanoseconds << 2 | two bits of the seconds */
    u32 birth, more[3];
};

struct ext2_dirent {
    u32 inode;
    u16 rec_len;
    u8 name_len, file_type;
    char name[];
};
#define EXT2_DIRENT_MIN 12

/* super->priv */
struct ext2 {
    struct blkdev *dev;
    u32 block_size, blocks, inodes, first_block;
    u32 blocks_per_group, inodes_per_group, ngroups, inode_size;
    u32 free_blocks, free_inodes, reserved; /* reserved: blocks for root */
    u32 first_ino, table_blocks;            /* table_blocks: for each group */
    u32 next_generation;
    bool filetype, large_file;
    bool touched; /* the superblock on the disk says "in use" */
    struct ext2_group *groups;
    /* Each group's range [from, to) of bits that must not be allocated. held:
     * blocks freed since the last ext2_settle. held_inodes: inodes freed since
     * the last sync; their names may still be on the disk. */
    struct ext2_held {
        u32 from, to;
    } * held, *held_inodes;
    bool holds;        /* a range in held is not empty */
    u64 inodes_freed;  /* since the mount */
    struct mutex lock; /* protects bitmaps, counts and the trees of blocks */
};

/* inode->priv. block has pointers, a short symbolic link's text or a device. */
struct ext2_inode {
    u32 block[EXT2_NBLOCKS];
    u32 flags, file_acl;
    u64 last_index; /* the file block that was allocated last */
    u32 last_block; /* its disk block; the next goes near it; 0: none */
    bool fresh;     /* never written: its place in the table is garbage */
};

static inline struct ext2 *ext2_of(struct super *sb)
{
    return sb->priv;
}
static inline struct ext2_inode *ext2_inode(struct inode *inode)
{
    return inode->priv;
}

/* ext2_super.c: called before every change; the first time it marks the file
 * system as in use in the superblock on the disk. => may sleep */
int ext2_touch(struct super *sb);
/* Writes everything. Freed blocks and inodes may be reused then. => sleeps */
int ext2_sync(struct super *sb);
struct buf *ext2_buf(struct super *sb, u32 block, int *err);

/* ext2_inode.c: sets *out to the inode numbered ino, with a reference. 0; -EIO:
 * it is damaged on the disk or cannot be read; -ENOMEM. => may sleep */
int ext2_inode_get(struct super *sb, u64 ino, struct inode **out);
int ext2_write_inode(struct inode *inode);
void ext2_evict(struct inode *inode);
void ext2_delete(struct inode *inode); /* frees an inode without a name */
void ext2_set_ops(struct inode *inode);

/* ext2_block.c: sets *block to the disk block of file block `index`, 0 for a
 * hole. 0, -EIO (also for numbers outside the disk), -ENOMEM. => may sleep */
int ext2_block(struct inode *inode, u64 index, u32 *block);
/* As ext2_block, but allocates missing blocks for the page, which the caller
 * has pinned and makes dirty. 1: the block is new; 0: it existed; -ENOSPC,
 * -EFBIG, -EROFS, -EIO, -ENOMEM. end: the size to which the caller is about to
 * extend the file, or 0. Returns 0 with *block 0 if a truncation has taken the
 * page away, or if the block now lies beyond both the file's size and `end`.
 * => takes fs->lock before it checks page and size; ext2_free_from takes it
 * after both have changed, so that no block beyond the end survives */
int ext2_block_make(struct inode *inode, struct page *page, u64 index, u64 end,
                    u32 *block);
/* Computes the path to file block `index`: at[0] indexes ext2_inode.block, the
 * others the indirect blocks. Returns the depth 1..4, or 0: no file is that
 * long. */
u32 ext2_path(const struct ext2 *fs, u64 index, u32 at[4]);

/* ext2_page.c */
extern const struct object_ops ext2_object_ops;

/* ext2_truncate.c: frees all blocks from byte `size` on. => takes fs->lock */
int ext2_free_from(struct inode *inode, u64 size);
/* Undoes ext2_block_make: frees the page's i-th block if bit i of `made` is
 * set, unless another task has begun to use the page. => takes fs->lock */
void ext2_blocks_unmake(struct inode *inode, struct page *page, u32 made);
int ext2_truncate(struct inode *inode, u64 size);

/* ext2_alloc.c. 0, -ENOSPC, -EIO, -ENOMEM. => fs->lock held */
int ext2_alloc_block(struct inode *inode, u32 goal, u32 *out);
int ext2_free_block(struct super *sb, u32 block);
/* Writes all inodes, bitmaps and blocks of pointers that are in the buffer
 * cache, and flushes the disk's cache. Freed blocks can be allocated again only
 * after that, when no inode on the disk claims them. */
int ext2_settle(struct super *sb);
int ext2_alloc_inode(struct inode *dir, bool directory, u32 *out);
int ext2_free_inode(struct super *sb, u32 ino, bool directory);

/* ext2_dir.c. => the file system's names are locked */
int ext2_lookup(struct inode *dir, const char *name, size_t len,
                struct inode **out);
/* An entry of a directory. Its page is pinned until ext2_dir_put, so that a
 * change of the entry needs no disk and no memory: a call that changes several
 * entries finds all of them first. */
struct ext2_place {
    struct page *page; /* NULL: no entry */
    struct ext2_dirent *e;
};
/* Finds a name's entry and sets *ino. If *ino was not 0, the name must lead to
 * that inode, else -ENOENT. */
int ext2_dir_find(struct inode *dir, const char *name, size_t len, u32 *ino,
                  struct ext2_place *at);
/* Adds an entry. 0, -EEXIST, -ENOSPC, -EIO, -ENOMEM. */
int ext2_dir_add(struct inode *dir, const char *name, size_t len,
                 struct inode *inode, struct ext2_place *at);
/* Make the entry refer to inode; remove it. => do not sleep */
void ext2_dir_set(struct inode *dir, struct ext2_place *at,
                  struct inode *inode);
void ext2_dir_remove(struct inode *dir, struct ext2_place *at);
void ext2_dir_put(struct ext2_place *at);
int ext2_dir_is_empty(struct inode *dir); /* 1: yes, 0: no, -errno */
/* Makes "." and ".." in a new directory. */
int ext2_dir_init(struct inode *dir, struct inode *parent);
extern const struct file_ops ext2_dir_ops;

/* ext2_namei.c */
extern const struct inode_ops ext2_dir_inode_ops;

/* Reports damage of the disk's content on the console; returns -EIO. */
int ext2_corrupt(struct super *sb, const char *what, u64 number);
