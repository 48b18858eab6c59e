/* SPDX-License-Identifier: MIT */
/* Constants of virtio-blk (virtio 1.2, 5.2), for blk.c and blk_config.c. */
#pragma once

#include "dev/virtio.h"

#define F_SEG_MAX      (1ull << 2)
#define F_GEOMETRY     (1ull << 4)
#define F_RO           (1ull << 5)
#define F_BLK_SIZE     (1ull << 6)
#define F_SCSI         (1ull << 7) /* legacy */
#define F_FLUSH        (1ull << 9)
#define F_TOPOLOGY     (1ull << 10)
#define F_CONFIG_WCE   (1ull << 11)
#define F_DISCARD      (1ull << 13)
#define F_WRITE_ZEROES (1ull << 14)

#define BLK_SEG_MAX (VQ_DEFAULT - 2)
/* One request transfers, discards or zeroes at most so many sectors, 2 GiB less
 * a sector, as in QEMU. */
#define BLK_MAX_SECTORS 4194303u

enum blk_type {
    T_IN = 0,
    T_OUT = 1,
    T_FLUSH = 4,
    T_GET_ID = 8,
    T_DISCARD = 11,
    T_WRITE_ZEROES = 13,
    T_UNKNOWN = 0xff
};
