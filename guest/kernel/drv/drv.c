/* SPDX-License-Identifier: MIT */
/* Initialises clock and disks. (The terminal starts the serial port.) */
#include "drv/drv.h"

#include "drv/virtio_blk.h"

void drv_init(void)
{
    rtc_init();
    virtio_blk_init();
}
