/* SPDX-License-Identifier: MIT */
#include "vm/shm.h"
#include "fs/vfs.h"
#include "proc/proc.h"
#include "vm/space.h"
#include "vm/vm.h"

#define SEQ_SHIFT 15 /* Linux 6.12, ipc/util.h: IPCMNI_SHIFT */

static struct list segments = LIST_INIT(segments);
static u32 nsegments, newest_seq;

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

/* On the list at the lowest free index, which becomes part of its number. */
static void enter(struct shm *new)
{
    struct shm *s;
    u32 index = 0;
    list_for_each_entry(s, &segments, link)
    {
        if (shm_index(s) != index)
            break;
        index++;
    }
    new->id = (s32)((newest_seq++ & 0xffff) << SEQ_SHIFT | index);
    list_insert(&new->link, &s->link);
    nsegments++;
}

int shm_make(s32 key, u64 size, u32 mode, struct shm **out)
{
    const struct proc *me = current;
    if (!size || size > SHM_ALL)
        return -EINVAL;
    if (nsegments >= SHM_MAX)
        return -ENOSPC;
    struct shm *s = kzalloc(sizeof *s);
    if (s && commit_allows(me->space, PAGE_UP(size) >> PAGE_SHIFT))
        s->object = object_anonymous(PAGE_UP(size));
    if (!s || !s->object) {
        kfree(s);
        return -ENOMEM;
    }
    s->object->shm = s;
    s->key = key;
    s->size = size;
    s->mode = mode;
    s->uid = s->cuid = me->euid;
    s->gid = s->cgid = me->egid;
    s->cpid = me->lens.pid;
    s->ctime = wall_now().sec;
    enter(s);
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

static void go(struct shm *s)
{
    struct vm_object *o = s->object;
    list_del(&s->link);
    nsegments--;
    kfree(s);
    o->shm = NULL;
    object_unref(o);
}

void shm_remove(struct shm *s)
{
    s->mode |= SHM_DEST;
    s->key = IPC_PRIVATE;
    if (list_empty(&s->object->vmas))
        go(s);
}

struct shm *shm_of(const struct vma *v)
{
    return v->object && !v->file ? v->object->shm : NULL;
}

void shm_detached(struct vm_object *o)
{
    struct shm *s = o->shm;
    s->dtime = wall_now().sec;
    s->lpid = current ? current->lens.pid : s->lpid;
    if ((s->mode & SHM_DEST) && list_empty(&o->vmas))
        go(s);
}
