/* SPDX-License-Identifier: MIT */
/* Capabilities are the parts of root's power (capabilities(7); Linux 6.12,
 * security/commoncap.c). Left out: capabilities of files, user namespaces. */
#pragma once

#include "lib/kernel.h"

#include <linux/capability.h>
#include <linux/securebits.h>

#define CAP_ALL ((1ul << (CAP_LAST_CAP + 1)) - 1)

struct caps {        /* sets of bits */
    u64 effective;   /* what it may do */
    u64 permitted;   /* what it may make effective */
    u64 inheritable; /* root's exec permits these; files have no capabilities */
    u64 bounding;    /* the most that exec can give */
    u64 ambient;     /* kept over exec by users other than root */
    u32 securebits;  /* SECBIT_*: less of what follows from user id 0 */
    bool no_new_privs; /* exec gives no right that the process lacks */
};

struct proc;
/* True if the running process has the capability. */
bool capable(u32 cap);
/* Called by exec: root gets the capabilities of the bounding and inheritable
 * sets; other users keep the ambient ones. Sets the saved ids. True if the
 * program runs for another user or group than the real one, and so must not
 * trust its environment (AT_SECURE). */
bool caps_exec(struct proc *);
/* Answers those calls of prctl that concern capabilities; -ENOSYS: none. */
s64 caps_prctl(u32 option, const u64 arg[4]);
/* Called with the old user ids. If no id is 0 any longer, clears permitted and
 * effective. If euid left 0, clears effective; if it became 0, restores it. */
void caps_uids_changed(struct proc *, u32 uid, u32 euid, u32 suid);
/* As caps_uids_changed, for fsuid: only capabilities for files change. */
void caps_fsuid_changed(struct proc *, u32 fsuid);
