/* SPDX-License-Identifier: MIT */
/* Finds the disk block of a frame's file page. The kernel's map of a file may
 * be newer than the disk's inode, so block and frame must have equal bytes. */
#include "inspect/memory/ext2.h"
#include "inspect/display/update.h"

/* Finds the only ext2; false: none, several, or its blocks exceed a page. */
static bool the_only_ext2(struct machine *m, struct ext2 *fs)
{
    struct ext2 other;
    unsigned found = 0;
    for (unsigned disk = 0; disk < m->config->ndrives; disk++)
        if (ext2_open(&other, m, disk) && !found++)
            *fs = other;
    return found == 1 && fs->block <= PAGE_BYTES;
}

bool ins_file_block(struct machine *m, const struct ins_frame *f,
                    struct ins_block *out)
{
    u8 inode[128], page[PAGE_BYTES], there[PAGE_BYTES] = {0};
    struct ext2 fs = {.m = m};
    if (f->state != FS_FILE_CLEAN || f->flags & FRAME_F_IO || !f->object ||
        !the_only_ext2(m, &fs) || f->object > fs.inodes ||
        !ext2_inode(&fs, f->object, inode) ||
        !machine_peek(m, f->pa, page, sizeof page))
        return false;
    u64 per = PAGE_BYTES / fs.block, at = f->index * PAGE_BYTES;
    u64 size = get_le(inode + 4, 4), first = 0;
    if (f->index >= size)
        return false; /* also keeps `at` from wrapping */
    for (u64 i = 0; i < per; i++) {
        u64 b = ext2_block(&fs, inode, f->index * per + i);
        first = i ? first : b;
        if (b && !ext2_bytes(&fs, b * fs.block, there + i * fs.block, fs.block))
            return false;
    }
    u64 n = size > at ? size - at : 0;
    if (!first || !n || memcmp(page, there, n < PAGE_BYTES ? n : PAGE_BYTES))
        return false;
    *out = (struct ins_block){true, fs.disk, first * fs.block / 512};
    return true;
}
