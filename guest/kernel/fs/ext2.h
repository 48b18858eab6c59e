/* SPDX-License-Identifier: MIT */
/* ext2 on the disk (Linux's Documentation/filesystems/ext2.rst and ext4/) and
 * in memory. All numbers are little-endian, as is the machine. */
#ifndef FS_EXT2_H
#define FS_EXT2_H

#include "fs/buffer.h"
#include "fs/vfs.h"

#define EXT2_MAGIC    0xef53
#define EXT2_ROOT_INO 2
#define EXT2_NDIRECT  12
#define EXT2_NBLOCKS  15 /* 12 direct, one each of indirect level 1, 2, 3 */

enum { /* incompatible features: what we know */
       EXT2_INCOMPAT_FILETYPE = 0x2,
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
    u32 free_blocks, free_inodes;
    bool filetype;
    struct ext2_group *groups;
};

/* inode->priv: the block pointers, or a short symbolic link's text. */
struct ext2_inode {
    u32 block[EXT2_NBLOCKS];
};

static inline struct ext2 *ext2_of(struct super *sb)
{
    return sb->priv;
}

/* ext2_inode.c: the inode numbered ino, a reference. -EIO if what is on the
 * disk cannot be one. => may sleep */
int ext2_inode_get(struct super *sb, u64 ino, struct inode **out);
void ext2_evict(struct inode *inode);

/* ext2_block.c: file block -> disk block, 0 for a hole. -EIO for numbers
 * outside the disk. => may sleep */
int ext2_block(struct inode *inode, u64 index, u32 *block);
extern const struct object_ops ext2_object_ops;

/* ext2_dir.c */
int ext2_lookup(struct inode *dir, const char *name, size_t len,
                struct inode **out);
extern const struct file_ops ext2_dir_ops;

/* Says on the console what is wrong with the disk; returns -EIO. */
int ext2_corrupt(struct super *sb, const char *what, u64 number);

#endif
