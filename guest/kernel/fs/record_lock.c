/* SPDX-License-Identifier: MIT */
/* All record locks held are on one list; F_GETLK reports the first that
 * conflicts. The list has an owner's locks on one inode side by side, sorted by
 * offset (Linux 6.12: posix_lock_inode); they do not overlap, and those of the
 * same kind are not adjacent. */
#include "fs/record_lock.h"

struct record {
    struct list link;
    struct inode *inode;
    const void *owner; /* no reference: closing the file frees the record */
    u64 from, to;      /* first and last byte */
    u32 pid;
    bool exclusive, of_file;
};

/* A request that waits: its owner, and the holder of the lock that it waits
 * for. The search for deadlocks ends at holder NULL: the lock belongs to an
 * open file, or locks have changed since (wake_sleepers). */
struct sleeper {
    struct list link;
    const void *owner, *holder;
};

static struct list held = LIST_INIT(held);
static struct list sleepers = LIST_INIT(sleepers);
static struct waitq released = WAITQ_INIT(released);

static struct record *record_conflict(const struct record *want)
{
    struct record *r;
    list_for_each_entry(r, &held, link)
    {
        if (r->inode == want->inode && r->owner != want->owner &&
            r->from <= want->to && want->from <= r->to &&
            (r->exclusive || want->exclusive))
            return r;
    }
    return NULL;
}

/* True if holder waits for a lock of owner, directly or through at most ten
 * other owners (Linux 6.12, fs/locks.c, posix_locks_deadlock). */
static bool deadlock(const void *owner, const void *holder)
{
    for (int i = 0; holder && i <= 10; i++) {
        const void *next = NULL;
        struct sleeper *s;
        list_for_each_entry(s, &sleepers, link)
        {
            if (s->owner == holder)
                next = s->holder;
        }
        if (next == owner)
            return true;
        holder = next;
    }
    return false;
}

/* Sleeps until locks change; 0, -EDEADLK, -ERESTARTSYS. A lock of an open file
 * belongs to no process, so the search for deadlocks ignores waits for it.
 * (Linux 6.12: posix_locks_deadlock, locks_insert_block.) */
static int record_wait(const struct record *want, const struct record *lock)
{
    struct sleeper me = {.owner = want->owner,
                         .holder = lock->of_file ? NULL : lock->owner};
    if (!want->of_file && deadlock(want->owner, lock->owner))
        return -EDEADLK;
    list_add(&me.link, &sleepers);
    int err = sleep_on_intr(&released);
    list_del(&me.link);
    return err;
}

/* Wakes all sleepers to check again; until then their holders are unknown. */
static void wake_sleepers(void)
{
    struct sleeper *s;
    list_for_each_entry(s, &sleepers, link) s->holder = NULL;
    wake_up(&released);
}

static void record_free(struct record *r)
{
    list_del(&r->link);
    r->inode->records--;
    kfree(r);
}

/* Inserts a lock at its place in the list. */
static void record_insert(struct record *want)
{
    struct record *r;
    bool found = false;
    list_for_each_entry(r, &held, link)
    {
        bool kin = r->inode == want->inode && r->owner == want->owner;
        if (kin ? r->from > want->from : found)
            break;
        found |= kin;
    }
    list_add_tail(&want->link, &r->link); /* before r, or at the end */
    want->inode->records++;
}

/* Removes [want->from, want->to] from the owner's other locks; where a lock of
 * the same kind overlaps or is adjacent, extends want to cover it. spare:
 * memory for the rest of a lock that is split; returned if unused. */
static struct record *record_make_room(struct record *want, bool unlock,
                                       struct record *spare)
{
    struct record *r, *next;
    list_for_each_entry_safe(r, next, &held, link)
    {
        bool same = !unlock && r->exclusive == want->exclusive;
        u64 reach = same && want->to != ~0ul ? 1 : 0;
        u64 back = same && want->from ? 1 : 0;
        if (r == want || r->inode != want->inode || r->owner != want->owner ||
            r->from > want->to + reach || r->to < want->from - back)
            continue;
        if (same) {
            want->from = MIN(want->from, r->from);
            want->to = MAX(want->to, r->to);
            record_free(r);
        } else if (r->from < want->from && r->to > want->to) {
            *spare = *r;
            spare->from = want->to + 1;
            r->to = want->from - 1;
            record_insert(spare);
            return NULL;
        } else if (r->from < want->from) {
            r->to = want->from - 1;
        } else if (r->to > want->to) {
            r->from = want->to + 1;
        } else {
            record_free(r);
        }
    }
    return spare;
}

/* True if [want->from, want->to] splits one of the owner's locks. */
static bool splits_lock(const struct record *want, bool unlock)
{
    const struct record *r;
    list_for_each_entry(r, &held, link)
    {
        if (r->inode == want->inode && r->owner == want->owner &&
            r->from < want->from && r->to > want->to &&
            (unlock || r->exclusive != want->exclusive))
            return true;
    }
    return false;
}

int record_lock(struct file *f, const struct record_request *q)
{
    struct record want = {.inode = f->inode,
                          .owner = q->owner,
                          .from = q->from,
                          .to = q->to,
                          .pid = q->pid,
                          .exclusive = q->kind == RECORD_WRITE,
                          .of_file = q->of_file};
    bool unlock = q->kind == RECORD_UNLOCK;
    struct record *r;
    while (!unlock && (r = record_conflict(&want))) {
        int err = q->wait ? record_wait(&want, r) : -EAGAIN;
        if (err)
            return err;
    }
    struct record *mine = unlock ? NULL : kmalloc(sizeof *mine);
    struct record *spare = kmalloc(sizeof *spare);
    if ((!unlock && !mine) || (!spare && splits_lock(&want, unlock))) {
        kfree(mine);
        kfree(spare);
        return -ENOLCK;
    }
    if (mine) {
        *mine = want;
        record_insert(mine);
    }
    kfree(record_make_room(mine ? mine : &want, unlock, spare));
    wake_sleepers();
    return 0;
}

bool record_test(struct file *f, struct record_request *q)
{
    struct record want = {.inode = f->inode,
                          .owner = q->owner,
                          .from = q->from,
                          .to = q->to,
                          .exclusive = q->kind == RECORD_WRITE};
    const struct record *r = record_conflict(&want);
    if (!r)
        return false;
    q->from = r->from;
    q->to = r->to;
    q->pid = r->pid;
    q->kind = r->exclusive ? RECORD_WRITE : RECORD_READ;
    return true;
}

void record_release(const struct inode *inode, const void *owner)
{
    struct record *r, *next;
    bool any = false;
    if (!inode->records)
        return;
    list_for_each_entry_safe(r, next, &held, link)
    {
        if (r->inode != inode || r->owner != owner)
            continue;
        record_free(r);
        any = true;
    }
    if (any)
        wake_sleepers();
}
