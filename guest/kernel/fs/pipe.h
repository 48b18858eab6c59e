/* SPDX-License-Identifier: MIT */
/* Pipes and named pipes. */
#pragma once

#include "fs/vfs.h"

extern const struct file_ops fifo_ops; /* both ends, and FIFOs by name */

/* For pipe2(): makes the read end, then the write end. 0 or -ENOMEM. */
int pipe_make(struct file *ends[2], u32 flags);
