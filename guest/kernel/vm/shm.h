/* SPDX-License-Identifier: MIT */
/* System V shared memory: segments, each an anonymous object that stays when
 * nobody maps it, until it is removed. Its attachments are the list of the
 * object's mappings. The calls are in sys/shm.c. */
#ifndef VM_SHM_H
#define VM_SHM_H

#include "vm/object.h"

#define SHM_DEST      01000u  /* mode: removed, goes with the last mapping */
#define SHM_LOCKED    02000u  /* mode: its pages are not reclaimed */
#define SHM_NORESERVE 010000u /* shmget: vm/commit.c promises nothing */
#define SHM_MNI_MAX   32768u  /* segments: Linux's IPCMNI */
#define IPC_PRIVATE   0

struct shm {
    struct list link; /* all, by index */
    s32 id;           /* sequence number * 32768 + index */
    s32 key;          /* IPC_PRIVATE: found by nobody */
    s32 named;        /* the key when it was made: its name in maps */
    u32 uid, gid, cuid, cgid;
    u32 mode;                /* 9 bits of rights, SHM_DEST, SHM_LOCKED */
    u32 lock_uid;            /* SHM_LOCKED: whose RLIMIT_MEMLOCK counts it */
    u64 size;                /* bytes, as asked for */
    s64 atime, dtime, ctime; /* seconds; 0: never */
    u32 cpid, lpid;          /* who made it; who was there last */
    struct vm_object *object;
};

/* /proc/sys/kernel: the longest segment in bytes, all segments together in
 * pages, how many segments, and the number that the next one shall have (-1:
 * any). Linux 6.12, ipc/ipc_sysctl.c. */
extern struct shm_limits {
    u64 max, all, mni;
    s32 next_id;
} shm_limits;

/* mode: 9 bits of rights, SHM_NORESERVE. 0 and *out; -EINVAL (its length),
 * -ENOSPC (too many, or too much in all), -ENOMEM. */
int shm_make(s32 key, u64 size, u32 mode, struct shm **out);
struct shm *shm_find(s32 id);        /* NULL: none */
struct shm *shm_by_key(s32 key);     /* the same */
struct shm *shm_next(struct shm *s); /* NULL starts, NULL ends */
u32 shm_index(const struct shm *s);
u64 shm_attached(const struct shm *s); /* mappings */
/* Not to be found by its key any more, and gone when nobody maps it: s may be
 * gone already. */
void shm_remove(struct shm *s);
/* SHM_LOCK: 0; -ENOMEM: more than the caller's RLIMIT_MEMLOCK. What is in
 * memory stays; nothing is brought in. */
int shm_lock(struct shm *s);
void shm_unlock(struct shm *s);
static inline bool shm_is_locked(const struct vm_object *o)
{
    return o->shm && (o->shm->mode & SHM_LOCKED);
}
/* Frames that SHM_LOCK alone keeps. */
u64 shm_locked_frames(void);
/* The segment that v maps, or NULL. */
struct vma;
struct shm *shm_of(const struct vma *v);
/* A mapping of the object has gone. */
void shm_detached(struct vm_object *o);

#endif
