/* SPDX-License-Identifier: MIT */
/* Reads files' inodes and blocks in an ext2 file system on a guest's disk. */
#include "inspect/memory/ext2.h"

bool ext2_bytes(const struct ext2 *fs, u64 at, void *to, u64 n)
{
    u8 sector[512];

    for (u8 *p = to; n;) {
        u64 within = at % sizeof sector, part = sizeof sector - within;
        part = part < n ? part : n;
        if (!machine_disk_read(fs->m, fs->disk, at - within, sector,
                               sizeof sector))
            return false;
        memcpy(p, sector + within, part);
        p += part;
        at += part;
        n -= part;
    }
    return true;
}

bool ext2_open(struct ext2 *fs, struct machine *m, unsigned disk)
{
    u8 super[128];

    fs->m = m;
    fs->disk = disk;
    if (!ext2_bytes(fs, 1024, super, sizeof super) ||
        get_le(super + 56, 2) != 0xef53 || get_le(super + 24, 4) > 6)
        return false;
    fs->inodes = get_le(super, 4);
    fs->block = 1024ull << get_le(super + 24, 4);
    fs->first_block = get_le(super + 20, 4);
    fs->inodes_per_group = get_le(super + 40, 4);
    fs->inode_bytes = get_le(super + 76, 4) ? get_le(super + 88, 2) : 128;
    return fs->inodes_per_group && fs->inode_bytes >= 128;
}

bool ext2_inode(const struct ext2 *fs, u64 inode, u8 raw[128])
{
    u64 group = (inode - 1) / fs->inodes_per_group;
    u64 index = (inode - 1) % fs->inodes_per_group;
    u8 table[4];

    if (!inode || inode > ~0u ||
        !ext2_bytes(fs, (fs->first_block + 1) * fs->block + group * 32 + 8,
                    table, 4))
        return false;
    return ext2_bytes(
        fs, get_le(table, 4) * fs->block + index * fs->inode_bytes, raw, 128);
}

u64 ext2_block(const struct ext2 *fs, const u8 inode[128], u64 n)
{
    u64 per = fs->block / 4, span = 1, b;
    unsigned depth = 0;
    u8 word[4];

    if (n < 12)
        return get_le(inode + 40 + 4 * n, 4);
    n -= 12;
    for (depth = 1, span = per; depth < 3 && n >= span; depth++, span *= per)
        n -= span;
    if (n >= span)
        return 0;
    b = get_le(inode + 40 + 4 * (11 + depth), 4);
    while (b && depth--) {
        span /= per;
        if (!ext2_bytes(fs, b * fs->block + n / span * 4, word, 4))
            return 0;
        n %= span;
        b = get_le(word, 4);
    }
    return b;
}
