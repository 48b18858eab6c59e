/* SPDX-License-Identifier: MIT */
/* virtio-blk over virtio-mmio version 2 (virtio 1.1, 4.2 and 5.2): disks.
 * Several requests may be in flight; each sleeper has its own. */
#ifndef DRV_VIRTIO_BLK_H
#define DRV_VIRTIO_BLK_H

#include "lib/kernel.h"

#define SECTOR_SIZE 512

struct blkdev;

void virtio_blk_init(void);    /* probes every virtio,mmio node of the tree */
struct blkdev *blk_dev(int n); /* n-th disk in slot order, NULL if absent */
u64 blk_sectors(struct blkdev *d);
bool blk_readonly(struct blkdev *d);
const char *blk_name(struct blkdev *d); /* "vda" */
u32 blk_devno(struct blkdev *d);        /* MKDEV(254, 16 * n) */

/* Reads or writes nsectors at sector; kva lies in the direct map.
 * => process context; sleeps (state D) until the disk answers.
 * => 0; -EIO from the device or beyond its end; -EROFS; -ENXIO if d is NULL.
 * Counts PGPGIN / PGPGOUT. */
int blk_read(struct blkdev *d, u64 sector, void *kva, u32 nsectors);
int blk_write(struct blkdev *d, u64 sector, const void *kva, u32 nsectors);
int blk_flush(struct blkdev *d);

struct blkstat {
    u64 reads, read_sectors, read_ns, writes, write_sectors, write_ns;
    u64 in_flight, busy_ns;
};
void blk_stat(struct blkdev *d, struct blkstat *out);

#endif
