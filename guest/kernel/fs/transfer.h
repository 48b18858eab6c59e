/* SPDX-License-Identifier: MIT */
/* Pages whose content is contiguous on the disk share a disk request. */
#pragma once

#include "drv/virtio_blk.h"
#include "vm/object.h"

struct transfer; /* one disk request with its pages */

/* Adds the page, whose content starts at `sector`, to *t. If *t is NULL or
 * full, does not end at `sector`, or ends within a page, submits *t and begins
 * a new request. valid: bytes of the page that belong to the file. 0; or, only
 * for a read, -ENOMEM, and *t is then NULL. => sleeps */
int transfer_add(struct blkdev *dev, struct transfer **t, enum blk_op op,
                 struct page *page, u64 sector, u32 valid, u32 sectors);
/* Submits t, which may be NULL; page_read_done or page_write_done is called for
 * each page: at once if submitting fails, else when the disk is done. */
void transfer_submit(struct blkdev *dev, struct transfer *t);
/* Counts a request that has moved n pages; `page` is the first of them. */
void transfer_count(enum blk_op op, const struct page *page, u32 n);
