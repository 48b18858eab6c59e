/* SPDX-License-Identifier: MIT */
/* Disks: virtio-blk over virtio-mmio version 2, and 1 (legacy) (virtio 1.1, 4.2
 * and 5.2). Requests wait in the driver's queue; the device can work on several
 * at a time. */
#pragma once

#include "lib/kernel.h"
#include "task/wait.h"

#define SECTOR_SIZE 512

struct blkdev;

/* One piece of memory of a request, in the direct map. */
struct blkseg {
    void *kva;
    u32 bytes; /* a multiple of SECTOR_SIZE */
};
#define BLK_MAX_SEGS  32
#define BLK_MAX_DISKS 8

struct blkreq {
    struct list link; /* in the device's queue */
    u32 op;           /* enum blk_op */
    u64 sector;
    u32 nsectors;
    /* The data: nsegs pieces, or, if nsegs is 0, one piece at kva. */
    void *kva;
    const struct blkseg *segs;
    u32 nsegs;
    /* Called in interrupt context when the request is complete; status is 0 or
     * -errno then. => must not sleep */
    void (*done)(struct blkreq *r);
    int status;
    bool finished;
    u64 start_ns, wait_ns; /* submission time; time in the queue */
    struct waitq wait;
};
enum blk_op { BLK_READ = 0, BLK_WRITE = 1, BLK_FLUSH = 4 };

void virtio_blk_init(void);    /* probes every virtio,mmio node of the tree */
struct blkdev *blk_dev(int n); /* n-th disk by address, NULL if absent */
u64 blk_sectors(struct blkdev *d);
bool blk_readonly(struct blkdev *d);
const char *blk_name(struct blkdev *d); /* "vda" */
u32 blk_devno(struct blkdev *d);        /* MKDEV(254, 16 * n) */

/* A disk is used by one mount or swap area (alone), or by those who have it
 * open for writing. Call blk_take before the first look at the disk's bytes;
 * false: it is used in another way. blk_give ends the use. Of those who claim
 * it (a mount, a swap area, O_EXCL: blk_claim) there is only one.
 * => never sleep */
bool blk_take(struct blkdev *d, bool alone);
void blk_give(struct blkdev *d);
bool blk_claim(struct blkdev *d);
void blk_unclaim(struct blkdev *d);
bool blk_written(struct blkdev *d); /* it is open for writing */

/* Returns how many pieces a request may have, 1 to BLK_MAX_SEGS. */
u32 blk_max_segs(struct blkdev *d);

/* Queues r and returns 0; done will be called once. If it returns -EIO (beyond
 * the disk's end) or -EROFS, done is not called. Success counts as PGPGIN or
 * PGPGOUT. => callable from an interrupt, never sleeps */
int blk_submit(struct blkdev *d, struct blkreq *r);

/* Submit a request and wait for its end. kva: direct map. Return 0 (blk_flush:
 * at once if d cannot flush); -EIO: device error, or beyond its end; -EROFS;
 * -ENXIO: d is NULL. => process context; sleeps (state D) until the end */
int blk_read(struct blkdev *d, u64 sector, void *kva, u32 nsectors);
int blk_write(struct blkdev *d, u64 sector, const void *kva, u32 nsectors);
int blk_flush(struct blkdev *d);

struct blkstat {                   /* since boot, for /proc/diskstats */
    u64 ios[2], sectors[2], ns[2]; /* of BLK_READ, BLK_WRITE */
    u64 wait_ns;                   /* part of ns[]: in the queue */
    u32 in_flight;
    u64 busy_ns; /* while at least one request was in flight */
};
void blk_stat(struct blkdev *d, struct blkstat *out);
