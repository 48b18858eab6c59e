/* SPDX-License-Identifier: MIT */
/* Pipes and named pipes. */
#pragma once

#include "fs/vfs.h"

extern const struct file_ops fifo_ops; /* both ends, and FIFOs by name */

/* pipe2(): two files, read end first. => -ENOMEM */
int pipe_make(struct file *ends[2], u32 flags);
