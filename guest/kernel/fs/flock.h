/* SPDX-License-Identifier: MIT */
/* flock(2): advisory locks on whole files, owned by open files. */
#pragma once

#include "fs/vfs.h"

/* 0, -EINVAL, -EAGAIN with LOCK_NB, -ERESTARTSYS, -ENOMEM. => may sleep */
int file_flock(struct file *f, u32 op);
void file_unlock(struct file *f); /* called at the last close */
u32 flock_count(void);            /* locks held now */
