/* SPDX-License-Identifier: MIT */
/* Capabilities: root's power in parts (capabilities(7); Linux 6.12,
 * security/commoncap.c). Left out: ambient sets, capabilities of files,
 * secure bits, user namespaces. */
#ifndef PROC_CAP_H
#define PROC_CAP_H

#include "lib/kernel.h"

enum cap { /* those that some check asks for */
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
    u64 inheritable; /* kept over exec if the file agrees: by root alone */
    u64 bounding;    /* what exec can give at most */
};

struct proc;
/* May the running process? */
bool capable(enum cap);
/* exec: root gets all again that the bounding set has, the others lose all. */
void caps_exec(struct proc *);
/* The process's user ids were these; leaving root takes its capabilities. */
void caps_uids_changed(struct proc *, u32 uid, u32 euid, u32 suid);
/* The same of the id for files, which has its own part of them. */
void caps_fsuid_changed(struct proc *, u32 fsuid);

#endif
