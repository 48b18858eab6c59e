/* SPDX-License-Identifier: MIT */
/* Disk requests of several pages: those whose content is contiguous on the disk
 * share one. */
#pragma once

#include "drv/virtio_blk.h"
#include "vm/object.h"

struct transfer; /* one disk request with its pages */

/* Adds the page, whose content has its place from `sector` on, to *t. If it
 * does not go on where *t ends, or if *t is NULL, *t is submitted and a new one
 * begun. valid: bytes of the page that belong to the file. -ENOMEM, for a read:
 * *t is NULL.
 * => sleeps */
int transfer_add(struct blkdev *dev, struct transfer **t, enum blk_op op,
                 struct page *page, u64 sector, u32 valid, u32 sectors);
/* => page_read_done or page_write_done for each page, at once or later; t may
 * be NULL */
void transfer_submit(struct blkdev *dev, struct transfer *t);
/* Counts a request that has moved this page and the n - 1 after it. */
void transfer_count(enum blk_op op, const struct page *page, u32 n);
