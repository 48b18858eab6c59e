/* SPDX-License-Identifier: MIT */
/* Finds devices by number. fs/devices.def lists all of them but disks. */
#pragma once

#include "fs/vfs.h"

/* Returns the operations of character device rdev, NULL if there is none. */
const struct file_ops *chrdev_ops(u32 rdev);

/* As chrdev_ops, for block devices (fs/disk_file.c). */
const struct file_ops *blkdev_ops(u32 rdev);
struct blkdev;
/* Writes the disk's dirty pages and flushes its cache; told: of the file, as
 * for object_sync. => sleeps */
int disk_sync(struct blkdev *dev, u32 *told);
/* Returns the object with its pages; NULL: nobody has it open for writing. */
struct vm_object *disk_object(struct blkdev *dev);

/* fs/dev/mem.c */
extern const struct file_ops null_ops, zero_ops, full_ops, random_ops;
extern const struct file_ops kmsg_ops, physical_ops;
/* fs/dev/hostpipe.c */
extern const struct file_ops hostin_ops, hostout_ops, hosterr_ops;
extern const struct file_ops hostrun_ops, hostexit_ops;
/* fs/dev/tty_file.c */
extern const struct file_ops tty_ops;
