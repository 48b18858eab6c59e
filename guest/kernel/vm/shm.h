/* SPDX-License-Identifier: MIT */
/* System V shared memory. A segment is an anonymous object that exists until it
 * is removed, even while it is not mapped. Its attachments are the list of the
 * object's mappings. The calls are in sys/shm.c. */
#pragma once

#include "vm/object.h"

#include <linux/ipc.h>

#define SHM_DEST      01000u  /* mode: removed, goes with the last mapping */
#define SHM_LOCKED    02000u  /* mode: its pages are not reclaimed */
#define SHM_NORESERVE 010000u /* shmget: promised only in overcommit mode 2 */
#define SHM_MNI_MAX   32768u  /* segments: Linux's IPCMNI */

struct shm {
    struct list link; /* all, by index */
    s32 id;           /* sequence number * 32768 + index */
    s32 key;          /* IPC_PRIVATE: no key finds it */
    s32 named;        /* the key when it was made: its name in maps */
    u32 uid, gid, cuid, cgid;
    u32 mode;                /* 9 bits of rights, SHM_DEST, SHM_LOCKED */
    u32 lock_uid;            /* SHM_LOCKED: user whose limit counts it */
    u64 size;                /* bytes, as asked for */
    s64 atime, dtime, ctime; /* seconds; 0: never */
    u32 cpid, lpid;          /* creator; last to attach or detach */
    u32 attaching;           /* calls of shmat that are under way */
    struct vm_object *object;
};

/* /proc/sys/kernel: limits on the length of a segment in bytes, on the sum of
 * all segments in pages and on their number, and the id that the next segment
 * is to have (-1: any). Linux 6.12, ipc/ipc_sysctl.c. */
extern struct shm_limits {
    u64 max, all, mni;
    s32 next_id;
} shm_limits;

/* mode: 9 bits of rights, SHM_NORESERVE. Returns 0 and *out, or -EINVAL (bad
 * length), -ENOSPC (a limit on all segments), -ENOMEM. */
int shm_make(s32 key, u64 size, u32 mode, struct shm **out);
struct shm *shm_find(s32 id);        /* NULL: none */
struct shm *shm_by_key(s32 key);     /* NULL: none */
struct shm *shm_next(struct shm *s); /* after s (NULL: the first); or NULL */
u32 shm_index(const struct shm *s);
u64 shm_attached(const struct shm *s); /* mappings */
/* Removes the key; the segment is freed when it is no longer mapped, perhaps
 * immediately: s may be invalid afterwards. */
void shm_remove(struct shm *s);
/* Frees a removed segment that nobody maps. */
void shm_free_if_unused(struct shm *s);
/* Serves SHM_LOCK. Returns 0, or -ENOMEM: more than the caller's
 * RLIMIT_MEMLOCK. Pages in memory stay there; no page is read in. */
int shm_lock(struct shm *s);
void shm_unlock(struct shm *s);
static inline bool shm_is_locked(const struct vm_object *o)
{
    return o->shm && (o->shm->mode & SHM_LOCKED);
}
/* Returns the number of frames that only SHM_LOCK keeps in memory. */
u64 shm_locked_frames(void);
/* Returns the segment that v maps, or NULL. */
struct vma;
struct shm *shm_of(const struct vma *v);
/* Called when a mapping of the object is gone. */
void shm_detached(struct vm_object *o);
