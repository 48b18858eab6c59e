/* SPDX-License-Identifier: MIT */
/* Capabilities are the parts of root's power (capabilities(7); Linux 6.12,
 * security/commoncap.c). Left out: ambient sets, capabilities of files,
 * secure bits, user namespaces. */
#pragma once

#include "lib/kernel.h"

#include <linux/capability.h>

#define CAP_ALL ((1ul << (CAP_LAST_CAP + 1)) - 1)

struct caps {        /* sets of bits */
    u64 effective;   /* what it may do */
    u64 permitted;   /* what it may make effective */
    u64 inheritable; /* root's exec permits these; files have no capabilities */
    u64 bounding;    /* the most that exec can give */
};

struct proc;
/* True if the running process has the capability. */
bool capable(u32 cap);
/* Called by exec: root gets the capabilities of the bounding and inheritable
 * sets; other users lose all. */
void caps_exec(struct proc *);
/* Called with the old user ids. If no id is 0 any longer, clears permitted and
 * effective. If euid left 0, clears effective; if it became 0, restores it. */
void caps_uids_changed(struct proc *, u32 uid, u32 euid, u32 suid);
/* As caps_uids_changed, for fsuid: only capabilities for files change. */
void caps_fsuid_changed(struct proc *, u32 fsuid);
