/* SPDX-License-Identifier: MIT */
#pragma once

/* Called after a fault that waited for the disk. May kill a process, even the
 * caller. */
void thrash_watch(void);
