/* SPDX-License-Identifier: MIT */
/* Internal to inspect/: reads an ext2 file system on a disk of the guest. The
 * guest may have written anything there. */
#pragma once

#include "inspect/answers.h"

struct ext2 {
    struct machine *m;
    unsigned disk;
    u64 inodes, block, inodes_per_group, inode_bytes, first_block;
};
/* False: there is no such disk, or no ext2 on it. */
bool ext2_open(struct ext2 *fs, struct machine *m, unsigned disk);
bool ext2_bytes(const struct ext2 *fs, u64 at, void *to, u64 n);
bool ext2_inode(const struct ext2 *fs, u64 inode, u8 raw[128]);
/* Returns the number of a file's n-th block, which the inode names directly or
 * through one to three tables. 0: a hole, or a table cannot be read. */
u64 ext2_block(const struct ext2 *fs, const u8 inode[128], u64 n);
