/* SPDX-License-Identifier: MIT */
/* Gives the disk's features and its configuration space (virtio 1.2, 5.2.3,
 * 5.2.4), with QEMU 7.2's values. */
#include "dev/blk.h"

#define CONFIG_BYTES 57 /* up to write_zeroes_may_unmap */
#define WRITEBACK_AT 32
#define HEADS        16u
#define TRACK        63u

u64 blk_features(const struct virtio *v)
{
    u64 f = F_SEG_MAX | F_GEOMETRY | F_BLK_SIZE | F_FLUSH | F_TOPOLOGY |
            F_CONFIG_WCE | F_DISCARD | F_WRITE_ZEROES;
    /* QEMU offers SCSI commands to legacy drivers but serves them only if
     * configured to; this disk offers them, too, and serves none. */
    if (v->legacy)
        f |= F_SCSI;
    return v->disk->readonly ? f | F_RO : f;
}

/* Returns the number of cylinders that QEMU reports for a disk of so many
 * sectors. (QEMU looks for a partition table first.) */
static u16 cylinders(u64 sectors)
{
    u64 n = sectors / (HEADS * TRACK);
    return n > 16383 ? 16383 : n < 2 ? 2 : (u16)n;
}

u64 blk_config(const struct virtio *v, u64 offset, unsigned bytes)
{
    u8 c[CONFIG_BYTES] = {0};
    if (offset + bytes > CONFIG_BYTES)
        return ~0ull >> (64 - bytes * 8);
    put_le(c, v->disk->sectors, 8); /* capacity */
    put_le(c + 12, BLK_SEG_MAX, 4); /* seg_max */
    put_le(c + 16, cylinders(v->disk->sectors), 2);
    c[18] = HEADS;
    c[19] = TRACK;
    put_le(c + 20, SECTOR_BYTES, 4); /* blk_size */
    c[WRITEBACK_AT] = v->writeback;
    put_le(c + 34, 1, 2);               /* num_queues */
    put_le(c + 36, BLK_MAX_SECTORS, 4); /* max_discard_sectors */
    put_le(c + 40, 1, 4);               /* max_discard_seg */
    put_le(c + 44, 1, 4);               /* discard_sector_alignment */
    put_le(c + 48, BLK_MAX_SECTORS, 4); /* max_write_zeroes_sectors */
    put_le(c + 52, 1, 4);               /* max_write_zeroes_seg */
    c[56] = 1;                          /* write_zeroes_may_unmap */
    return get_le(c + offset, bytes);
}

/* A driver may write only the write-cache byte, if it accepted the feature. */
void blk_config_write(struct virtio *v, u64 offset, unsigned bytes, u64 val)
{
    if (virtio_has(v, F_CONFIG_WCE) && offset <= WRITEBACK_AT &&
        offset + bytes > WRITEBACK_AT && offset + bytes <= CONFIG_BYTES)
        v->writeback = (u8)(val >> (WRITEBACK_AT - offset) * 8) != 0;
}

/* A driver that has not accepted FLUSH gets a write-through cache (5.2.5.2).
 * QEMU 7.2 gives it one only if it has not accepted CONFIG_WCE either. */
void blk_accepted(struct virtio *v)
{
    v->writeback = virtio_has(v, F_FLUSH);
}

/* Sets writeback at DRIVER_OK for drivers without CONFIG_WCE, as QEMU does. */
void blk_started(struct virtio *v)
{
    if (!virtio_has(v, F_CONFIG_WCE))
        v->writeback = virtio_has(v, F_FLUSH);
}
