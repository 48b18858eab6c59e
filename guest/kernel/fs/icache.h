/* SPDX-License-Identifier: MIT */
/* Each kind of file system has an inode cache (requirement 003-19). */
#pragma once

#include "fs/vfs.h"

/* Inodes in memory, each allocated separately: there is no table. existing =
 * active + idle + blank. */
struct inode_cache {
    const char *type;  /* of file systems, as super.type */
    struct list idle;  /* unused but in the hash; idle longest first */
    struct list blank; /* the reuse list: structures without content */
    u32 existing, nidle, nblank;
    u32 most_idle; /* maximum of nidle so far, to check the rules */
};

/* Returns the i-th cache, or NULL if there are fewer. */
struct inode_cache *inode_cache_at(u32 i);
/* Returns the cache for file systems of this type. */
struct inode_cache *inode_cache_of(const char *type);

/* Return the values of ufs_ninode and ncsize: set as tunables, or computed. */
u32 inode_limit(void);
u32 dentry_limit(void);

void icache_start(void); /* starts the scavenger, the thread ufs_idle */

/* Checks the lists: every idle inode is unused and in the hash, every blank one
 * has no pages. 0, or -EIO with a line on the console. */
int icache_audit(void);
