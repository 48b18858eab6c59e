/* SPDX-License-Identifier: MIT */
/* Locks whole files. All locks held are on one short list. */
#include "fs/flock.h"

#include "task/wait.h"

struct flock_held {
    struct list link;
    struct file *owner; /* not a reference: its last close unlocks */
    bool exclusive;
};

static struct list held = LIST_INIT(held);
static struct waitq released = WAITQ_INIT(released);

static struct flock_held *flock_find(struct file *f)
{
    struct flock_held *l;

    list_for_each_entry(l, &held, link)
    {
        if (l->owner == f)
            return l;
    }
    return NULL;
}

u32 flock_count(void)
{
    struct flock_held *l;
    u32 n = 0;

    list_for_each_entry(l, &held, link) n++;
    return n;
}

static bool flock_conflict(struct file *f, bool exclusive)
{
    struct flock_held *l;

    list_for_each_entry(l, &held, link)
    {
        if (l->owner != f && l->owner->inode == f->inode &&
            (exclusive || l->exclusive))
            return true;
    }
    return false;
}

void file_unlock(struct file *f)
{
    struct flock_held *l = list_empty(&held) ? NULL : flock_find(f);

    if (!l)
        return;
    list_del(&l->link);
    kfree(l);
    wake_up(&released);
}

int file_flock(struct file *f, u32 op)
{
    u32 kind = op & ~(u32)LOCK_NB;

    if (kind == LOCK_UN) {
        file_unlock(f);
        return 0;
    }
    assert(kind == LOCK_SH || kind == LOCK_EX);
    /* Changing a lock releases the old one first, as in Linux. */
    struct flock_held *old = flock_find(f);
    if (old && old->exclusive == (kind == LOCK_EX))
        return 0;
    file_unlock(f);
    while (flock_conflict(f, kind == LOCK_EX)) {
        int err = op & LOCK_NB ? -EAGAIN : sleep_on_intr(&released);
        if (err)
            return err;
    }
    struct flock_held *l = kmalloc(sizeof(*l));
    if (!l)
        return -ENOMEM;
    file_unlock(f); /* another task may have locked this open file by now */
    l->owner = f;
    l->exclusive = kind == LOCK_EX;
    list_add(&l->link, &held);
    return 0;
}
