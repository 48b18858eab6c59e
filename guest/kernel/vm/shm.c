/* SPDX-License-Identifier: MIT */
#include "vm/shm.h"
#include "fs/vfs.h"
#include "task/proc.h"
#include "vm/space.h"

#define SEQ_SHIFT 15 /* Linux 6.12, ipc/util.h: IPCMNI_SHIFT */

static struct list segments = LIST_INIT(segments);
static u32 nsegments, newest_seq;
static u64 all_pages; /* of all segments, in memory or not */

/* Linux's SHMMAX, SHMALL, SHMMNI (include/uapi/linux/shm.h). */
struct shm_limits shm_limits = {~0ul - (1ul << 24), ~0ul - (1ul << 24), 4096,
                                -1};

u32 shm_index(const struct shm *s)
{
    return (u32)s->id & ((1u << SEQ_SHIFT) - 1);
}

struct shm *shm_next(struct shm *s)
{
    struct list *next = s ? s->link.next : segments.next;
    return next == &segments ? NULL : list_entry(next, struct shm, link);
}

struct shm *shm_find(s32 id)
{
    struct shm *s;
    list_for_each_entry(s, &segments, link) if (s->id == id) return s;
    return NULL;
}

struct shm *shm_by_key(s32 key)
{
    struct shm *s;
    list_for_each_entry(s, &segments, link) if (s->key == key) return s;
    return NULL;
}

/* Adds the segment at the lowest free index, which becomes part of its id. If
 * shm_next_id names an id, takes the lowest free index from that id's index on,
 * and its sequence number (Linux 6.12, ipc/util.c: ipc_idr_alloc). False: no
 * index is free from there on. */
static bool assign_id(struct shm *new)
{
    struct shm *s;
    u32 want = (u32)shm_limits.next_id;
    bool any = shm_limits.next_id < 0;
    u32 index = any ? 0 : want & ((1u << SEQ_SHIFT) - 1);
    u32 seq = any ? newest_seq++ & 0xffff : want >> SEQ_SHIFT;
    shm_limits.next_id = -1;
    list_for_each_entry(s, &segments, link)
    {
        if (shm_index(s) > index)
            break;
        index += shm_index(s) == index;
    }
    if (index >= SHM_MNI_MAX)
        return false;
    new->id = (s32)(seq << SEQ_SHIFT | index);
    list_insert(&new->link, &s->link);
    nsegments++;
    all_pages += new->object->size >> PAGE_SHIFT;
    return true;
}

int shm_make(s32 key, u64 size, u32 mode, struct shm **out)
{
    const struct proc *me = current;
    u64 pages = (size >> PAGE_SHIFT) + (size % PAGE_SIZE != 0);
    if (!size || size > shm_limits.max)
        return -EINVAL;
    if (pages > shm_limits.all || all_pages > shm_limits.all - pages ||
        nsegments >= MIN(shm_limits.mni, SHM_MNI_MAX))
        return -ENOSPC;
    if (PAGE_UP(size) < size) /* the rounding overflows */
        return -ENOMEM;
    struct shm *s = kzalloc(sizeof *s);
    if (s)
        s->object = object_anonymous(PAGE_UP(size), mode & SHM_NORESERVE);
    if (!s || !s->object) {
        kfree(s);
        return -ENOMEM;
    }
    s->object->shm = s;
    s->key = s->named = key;
    s->size = size;
    s->mode = mode & 0777;
    s->uid = s->cuid = me->euid;
    s->gid = s->cgid = me->egid;
    s->cpid = me->lens.tgid;
    s->ctime = wall_now().sec;
    if (!assign_id(s)) {
        s->object->shm = NULL;
        object_unref(s->object);
        kfree(s);
        return -ENOSPC;
    }
    *out = s;
    return 0;
}

u64 shm_attached(const struct shm *s)
{
    const struct list *l;
    u64 n = 0;
    for (l = s->object->vmas.next; l != &s->object->vmas; l = l->next)
        n++;
    return n;
}

static void segment_free(struct shm *s)
{
    struct vm_object *o = s->object;
    list_del(&s->link);
    nsegments--;
    all_pages -= o->size >> PAGE_SHIFT;
    kfree(s);
    o->shm = NULL;
    object_unref(o);
}

void shm_free_if_unused(struct shm *s)
{
    if ((s->mode & SHM_DEST) && !s->attaching && list_empty(&s->object->vmas))
        segment_free(s);
}

void shm_remove(struct shm *s)
{
    s->mode |= SHM_DEST;
    s->key = IPC_PRIVATE;
    shm_free_if_unused(s);
}

/* Limits the sum of a user's locked segments (Linux 6.12, mm/mlock.c:
 * user_shm_lock). */
int shm_lock(struct shm *s)
{
    const struct proc *me = current;
    u64 limit = me->leader->rlim[RLIMIT_MEMLOCK].cur, sum = PAGE_UP(s->size);
    if (s->mode & SHM_LOCKED)
        return 0;
    for (struct shm *t = NULL; (t = shm_next(t));)
        if ((t->mode & SHM_LOCKED) && t->lock_uid == me->euid)
            sum += PAGE_UP(t->size);
    if (!capable(CAP_IPC_LOCK) && sum > limit)
        return -ENOMEM;
    s->mode |= SHM_LOCKED;
    s->lock_uid = me->euid;
    return 0;
}

void shm_unlock(struct shm *s)
{
    s->mode &= ~SHM_LOCKED;
}

static bool counts_as_locked(const struct vm_object *o, const struct page *page)
{
    return page && page->object == o && page->frame.state == FS_SHMEM &&
           !(page->frame.flags & FRAME_F_LOCKED);
}

/* Looks at pages below object.top, as no page from there on is in memory; or at
 * the frames, if they are fewer. */
u64 shm_locked_frames(void)
{
    u64 n = 0;
    for (struct shm *s = NULL; (s = shm_next(s));) {
        const struct vm_object *o = s->object;
        bool sparse = o->top > nframes;
        u64 end = s->mode & SHM_LOCKED ? MIN(o->top, nframes) : 0;
        for (u64 i = 0; i < end; i++)
            n += counts_as_locked(o, sparse ? &frames[i]
                                            : object_peek_page(s->object, i));
    }
    return n;
}

struct shm *shm_of(const struct vma *v)
{
    return v->object && !v->file ? v->object->shm : NULL;
}

void shm_detached(struct vm_object *o)
{
    struct shm *s = o->shm;
    s->dtime = wall_now().sec;
    s->lpid = current ? current->lens.tgid : s->lpid;
    shm_free_if_unused(s);
}
