/* SPDX-License-Identifier: MIT */
/* Allocates blocks and inodes. Every group has a bitmap of each.
 *
 * A file's block is allocated right after its previous one if possible, else
 * anywhere later in the group, then in the following groups. A file's inode
 * goes to its directory's group; a directory's inode goes to the group with the
 * most free blocks among those that have at least the average of free inodes,
 * so that directories spread and each has room for its files (McKusick et al.
 * 1984). */
#include "fs/ext2.h"

#include "task/proc.h"

static bool get_bit(const u8 *map, u32 i)
{
    return map[i / 8] >> i % 8 & 1;
}

/* Returns the first clear bit of [from, n), or n. */
static u32 clear_bit(const u8 *map, u32 from, u32 n)
{
    for (u32 i = from; i < n; i++) {
        if (i % 8 == 0 && map[i / 8] == 0xff)
            i += 7;
        else if (!get_bit(map, i))
            return i;
    }
    return n;
}

static u32 group_blocks(const struct ext2 *fs, u32 group)
{
    u32 first = fs->first_block + group * fs->blocks_per_group;

    return MIN(fs->blocks_per_group, fs->blocks - first);
}

/* True for blocks of the superblock, bitmaps and inode tables: a bitmap that
 * marks one of these free is damaged. */
static bool is_system(const struct ext2 *fs, u32 group, u32 block)
{
    const struct ext2_group *g = &fs->groups[group];

    return block <= fs->first_block || block == g->block_bitmap ||
           block == g->inode_bitmap ||
           (block >= g->inode_table &&
            block < g->inode_table + fs->table_blocks);
}

static struct buf *bitmap(struct super *sb, u32 block, int *err)
{
    struct ext2 *fs = ext2_of(sb);

    if (block <= fs->first_block || block >= fs->blocks) {
        *err = ext2_corrupt(sb, "a bitmap outside the disk", block);
        return NULL;
    }
    return ext2_buf(sb, block, err);
}

int ext2_settle(struct super *sb)
{
    struct ext2 *fs = ext2_of(sb);

    assert(mutex_is_mine(&fs->lock));
    int err = buf_sync(fs->dev);
    int bad = blk_flush(fs->dev);
    err = err ? err : bad;
    if (!err && fs->holds)
        memset(fs->held, 0, fs->ngroups * sizeof(*fs->held));
    fs->holds &= err != 0;
    return err;
}

static void hold(struct ext2_held *h, u32 bit)
{
    h->from = h->to ? MIN(h->from, bit) : bit;
    h->to = MAX(h->to, bit + 1);
}

/* Returns the first clear bit of [from, n) outside the held range, or n. */
static u32 free_bit(const u8 *map, const struct ext2_held *h, u32 from, u32 n)
{
    u32 bit = clear_bit(map, from, n);

    return bit >= h->from && bit < h->to ? clear_bit(map, h->to, n) : bit;
}

/* Allocates a block of the group. Returns 1 and *out; 0 if the group has no
 * free block from bit `from` on; -errno. */
static int take_block(struct super *sb, u32 group, u32 from, u32 *out)
{
    struct ext2 *fs = ext2_of(sb);
    struct ext2_group *g = &fs->groups[group];
    u32 n = group_blocks(fs, group);
    int err = 0;

    if (!g->free_blocks_count || from >= n)
        return 0;
    struct buf *b = bitmap(sb, g->block_bitmap, &err);
    if (!b)
        return err;
    u32 bit = free_bit(b->data, &fs->held[group], from, n);
    if (bit < n) {
        *out = fs->first_block + group * fs->blocks_per_group + bit;
        err = is_system(fs, group, *out)
                  ? ext2_corrupt(sb, "a bitmap has metadata free", *out)
                  : 1;
    }
    if (err == 1) {
        b->data[bit / 8] |= (u8)(1u << bit % 8);
        buf_dirty(b);
        g->free_blocks_count--;
        fs->free_blocks--;
    }
    buf_put(b);
    return err;
}

int ext2_alloc_block(struct inode *inode, u32 goal, u32 *out)
{
    struct super *sb = inode->sb;
    struct ext2 *fs = ext2_of(sb);

    assert(mutex_is_mine(&fs->lock));
    if (!fs->free_blocks || (fs->free_blocks <= fs->reserved &&
                             current->fsuid && !capable(CAP_SYS_RESOURCE)))
        return -ENOSPC;
    if (goal <= fs->first_block || goal >= fs->blocks)
        goal = fs->first_block + 1;
    u32 group = (goal - fs->first_block) / fs->blocks_per_group;
    u32 bit = (goal - fs->first_block) % fs->blocks_per_group;
    for (u32 i = 0; i <= fs->ngroups; i++) {
        int got = take_block(sb, group, bit, out);
        if (got)
            return got < 0 ? got : 0;
        group = (group + 1) % fs->ngroups;
        bit = 0; /* the first group is tried again from its start */
    }
    if (fs->holds && !ext2_settle(sb))
        return ext2_alloc_block(inode, goal, out);
    ext2_corrupt(sb, "free blocks are counted that no bitmap has",
                 fs->free_blocks);
    return -ENOSPC;
}

int ext2_free_block(struct super *sb, u32 block)
{
    struct ext2 *fs = ext2_of(sb);
    int err = 0;

    assert(mutex_is_mine(&fs->lock));
    if (block <= fs->first_block || block >= fs->blocks)
        return ext2_corrupt(sb, "a file has a block outside the disk", block);
    u32 group = (block - fs->first_block) / fs->blocks_per_group;
    u32 bit = (block - fs->first_block) % fs->blocks_per_group;
    if (is_system(fs, group, block))
        return ext2_corrupt(sb, "a file has a block of metadata", block);
    struct buf *b = bitmap(sb, fs->groups[group].block_bitmap, &err);
    if (!b)
        return err;
    if (get_bit(b->data, bit)) {
        b->data[bit / 8] &= (u8) ~(1u << bit % 8);
        buf_dirty(b);
        fs->groups[group].free_blocks_count++;
        fs->free_blocks++;
        hold(&fs->held[group], bit);
        fs->holds = true;
    } else {
        err = ext2_corrupt(sb, "a block is freed that is free", block);
    }
    buf_put(b);
    return err;
}

static u32 best_group(const struct ext2 *fs)
{
    u32 average = fs->free_inodes / fs->ngroups, best = 0;
    bool found = false;

    for (u32 i = 0; i < fs->ngroups; i++) {
        const struct ext2_group *g = &fs->groups[i];
        if (!g->free_inodes_count || g->free_inodes_count < average)
            continue;
        if (!found || g->free_blocks_count > fs->groups[best].free_blocks_count)
            best = i;
        found = true;
    }
    return best;
}

static int take_inode(struct super *sb, u32 group, bool directory, u32 *out)
{
    struct ext2 *fs = ext2_of(sb);
    struct ext2_group *g = &fs->groups[group];
    u32 n = fs->inodes_per_group, base = group * n + 1;
    u32 from = base < fs->first_ino ? fs->first_ino - base : 0;
    int err = 0;

    if (!g->free_inodes_count || from >= n)
        return 0;
    struct buf *b = bitmap(sb, g->inode_bitmap, &err);
    if (!b)
        return err;
    u32 bit = free_bit(b->data, &fs->held_inodes[group], from, n);
    if (bit < n) {
        b->data[bit / 8] |= (u8)(1u << bit % 8);
        buf_dirty(b);
        g->free_inodes_count--;
        g->used_dirs_count += directory;
        fs->free_inodes--;
        *out = base + bit;
        err = 1;
    }
    buf_put(b);
    return err;
}

int ext2_alloc_inode(struct inode *dir, bool directory, u32 *out)
{
    struct ext2 *fs = ext2_of(dir->sb);
    u32 group =
        directory ? best_group(fs) : (u32)(dir->ino - 1) / fs->inodes_per_group;

    assert(mutex_is_mine(&fs->lock));
    for (u32 i = 0; i < fs->ngroups; i++) {
        int got = take_inode(dir->sb, group, directory, out);
        if (got)
            return got < 0 ? got : 0;
        group = (group + 1) % fs->ngroups;
    }
    return -ENOSPC;
}

int ext2_free_inode(struct super *sb, u32 ino, bool directory)
{
    struct ext2 *fs = ext2_of(sb);
    u32 group = (ino - 1) / fs->inodes_per_group;
    u32 bit = (ino - 1) % fs->inodes_per_group;
    int err = 0;

    assert(mutex_is_mine(&fs->lock));
    struct buf *b = bitmap(sb, fs->groups[group].inode_bitmap, &err);
    if (!b)
        return err;
    if (ino >= fs->first_ino && get_bit(b->data, bit)) {
        b->data[bit / 8] &= (u8) ~(1u << bit % 8);
        buf_dirty(b);
        fs->groups[group].free_inodes_count++;
        fs->groups[group].used_dirs_count -= directory;
        fs->free_inodes++;
        hold(&fs->held_inodes[group], bit);
        fs->inodes_freed++;
    } else {
        err = ext2_corrupt(sb, "an inode is freed that is free", ino);
    }
    buf_put(b);
    return err;
}
