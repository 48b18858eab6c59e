/* SPDX-License-Identifier: MIT */
/* Initialises the terminal, serial port, clock and disks, in the order in which
 * they are needed. */
#include "drv/drv.h"

#include "drv/tty.h"
#include "drv/uart.h"
#include "drv/virtio_blk.h"

void drv_init(void)
{
    tty_init();
    uart_init();
    rtc_init();
    virtio_blk_init();
}
