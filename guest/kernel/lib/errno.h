/* SPDX-License-Identifier: MIT */
/* Linux's error numbers (asm/errno.h). Kernel functions return 0 or more on
 * success, and the negative of an error number otherwise. */
#pragma once

#include <asm/errno.h>

enum {
    /* Internal results of system calls that a signal has interrupted; programs
     * never see them. proc/sigframe.c turns them into a restart or EINTR. */
    ERESTARTSYS = 512,          /* restart if SA_RESTART or no handler runs */
    ERESTARTNOINTR = 513,       /* always restart */
    ERESTARTNOHAND = 514,       /* restart only if no handler runs */
    ERESTART_RESTARTBLOCK = 516 /* if no handler runs: restart_syscall */
};
