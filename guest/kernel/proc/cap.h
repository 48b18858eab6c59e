/* SPDX-License-Identifier: MIT */
/* Capabilities: the parts of root's power (capabilities(7); Linux 6.12,
 * security/commoncap.c). Left out: ambient sets, capabilities of files,
 * secure bits, user namespaces. */
#ifndef PROC_CAP_H
#define PROC_CAP_H

#include "lib/kernel.h"

enum cap { /* those that the kernel checks */
           CAP_CHOWN = 0,
           CAP_DAC_OVERRIDE = 1,
           CAP_DAC_READ_SEARCH = 2,
           CAP_FOWNER = 3,
           CAP_FSETID = 4,
           CAP_KILL = 5,
           CAP_SETGID = 6,
           CAP_SETUID = 7,
           CAP_SETPCAP = 8,
           CAP_IPC_LOCK = 14,
           CAP_IPC_OWNER = 15,
           CAP_SYS_CHROOT = 18,
           CAP_SYS_PTRACE = 19,
           CAP_SYS_ADMIN = 21,
           CAP_SYS_BOOT = 22,
           CAP_SYS_NICE = 23,
           CAP_SYS_RESOURCE = 24,
           CAP_SYS_TIME = 25,
           CAP_MKNOD = 27,
           CAP_LAST = 40 /* CAP_CHECKPOINT_RESTORE */
};
#define CAP_ALL ((1ul << (CAP_LAST + 1)) - 1)

struct caps {        /* sets of bits */
    u64 effective;   /* what it may do */
    u64 permitted;   /* what it may make effective */
    u64 inheritable; /* kept over exec if the file has it: only root's */
    u64 bounding;    /* the most that exec can give */
};

struct proc;
/* True if the running process has the capability. */
bool capable(enum cap);
/* exec: root regains all capabilities of the bounding set; other users lose
 * all. */
void caps_exec(struct proc *);
/* Called after a change of user ids, with the old ones; leaving root drops the
 * capabilities. */
void caps_uids_changed(struct proc *, u32 uid, u32 euid, u32 suid);
/* The same for fsuid, which controls only the capabilities for files. */
void caps_fsuid_changed(struct proc *, u32 fsuid);

#endif
