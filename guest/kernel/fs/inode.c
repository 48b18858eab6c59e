/* SPDX-License-Identifier: MIT */
/* Inodes in memory. An idle one stays with its pages until IDLE_MAX others
 * have become idle after it: so a program that is started again finds its
 * pages (requirement 003-7). */
#include "fs/dcache.h"

#include "proc/proc.h"

#define NHASH    128
#define IDLE_MAX 256

static struct list hash[NHASH];
static struct list idle = LIST_INIT(idle); /* oldest first */
static u32 nidle, ninodes;
static struct waitq loading = WAITQ_INIT(loading);

static struct list *bucket(struct super *sb, u64 ino)
{
    if (!hash[0].next)
        for (u32 i = 0; i < NHASH; i++)
            list_init(&hash[i]);
    return &hash[(ino ^ (u64)sb >> 6) % NHASH];
}

struct inode *inode_alloc(struct super *sb, u32 mode)
{
    struct inode *inode = kzalloc(sizeof(*inode));

    if (!inode)
        return NULL;
    object_init(&inode->obj, NULL, 0, ++sb->next_ino, FS_SHMEM);
    inode->obj.dev = sb->dev;
    list_init(&inode->hash);
    list_init(&inode->lru);
    list_init(&inode->dirty_link);
    mutex_init(&inode->lock);
    inode->sb = sb;
    inode->ino = sb->next_ino;
    inode->mode = mode;
    inode->nlink = 1;
    inode->refs = 1;
    inode->atime = inode->mtime = inode->ctime = wall_now();
    if (current) {
        inode->uid = current->fsuid;
        inode->gid = current->fsgid;
    }
    ninodes++;
    return inode;
}

struct inode *inode_get(struct inode *inode)
{
    if (inode->refs++ == 0) {
        list_del(&inode->lru);
        nidle--;
    }
    return inode;
}

struct inode *inode_find_or_new(struct super *sb, u64 ino)
{
    struct list *head = bucket(sb, ino);
    struct inode *inode;

again:
    list_for_each_entry(inode, head, hash)
    {
        if (inode->sb != sb || inode->ino != ino)
            continue;
        if (inode->loading) {
            sleep_on(&loading);
            goto again;
        }
        return inode_get(inode);
    }
    inode = inode_alloc(sb, 0);
    if (inode) {
        inode->ino = inode->obj.id = ino;
        inode->loading = true;
        list_add(&inode->hash, head);
    }
    return inode;
}

void inode_loaded(struct inode *inode, int err)
{
    inode->loading = false;
    wake_up(&loading);
    if (err) {
        list_del(&inode->hash);
        inode_put(inode);
    }
}

bool inode_findable(struct inode *inode)
{
    return !list_empty(&inode->hash);
}

/* => nobody has a reference; what is dirty is lost, so it has no name left
 * or is clean */
static void destroy(struct inode *inode)
{
    inode->dying = true;
    list_del(&inode->dirty_link);
    list_del(&inode->hash);
    list_del(&inode->lru);
    object_release(&inode->obj);
    if (inode->sb->ops && inode->sb->ops->evict)
        inode->sb->ops->evict(inode);
    ninodes--;
    kfree(inode);
}

void inode_put(struct inode *inode)
{
    if (!inode)
        return;
    BUG_ON(inode->refs == 0);
    if (--inode->refs)
        return;
    if (list_empty(&inode->hash) || inode->nlink == 0) {
        destroy(inode);
        return;
    }
    list_add_tail(&inode->lru, &idle);
    if (++nidle <= IDLE_MAX)
        return;
    /* Dirty ones stay until kflushd has written them. */
    list_for_each_entry(inode, &idle, lru)
    {
        if (inode_is_dirty(inode))
            continue;
        nidle--;
        destroy(inode);
        return;
    }
}

struct inode *inode_next_writing(struct super *sb)
{
    struct inode *inode;

    for (u32 i = 0; i < NHASH; i++) {
        if (!hash[i].next)
            return NULL;
        list_for_each_entry(inode, &hash[i], hash)
        {
            if ((!sb || inode->sb == sb) && inode->obj.writing)
                return inode_get(inode);
        }
    }
    return NULL;
}

void inode_for_orphans(struct super *sb, void (*fn)(struct inode *))
{
    struct inode *inode;
    bool any;

    do {
        any = false;
        for (u32 i = 0; i < NHASH && hash[i].next && !any; i++)
            list_for_each_entry(inode, &hash[i], hash)
            {
                if (inode->sb != sb || inode->nlink || inode->loading)
                    continue;
                /* Not to be found again, here or elsewhere. */
                list_del(&inode->hash);
                fn(inode);
                any = true;
                break;
            }
    } while (any);
}

void inode_shrink(struct super *sb)
{
    struct inode *inode;

again: /* destroying may sleep */
    list_for_each_entry(inode, &idle, lru)
    {
        if ((sb && inode->sb != sb) || inode_is_dirty(inode))
            continue;
        nidle--;
        destroy(inode);
        goto again;
    }
}

u32 inode_limit(void)
{
    return IDLE_MAX;
}

void inode_counts(u32 *all, u32 *idle_ones)
{
    *all = ninodes;
    *idle_ones = nidle;
}

static bool in_group(u32 gid, u32 own)
{
    if (gid == own)
        return true;
    for (u32 i = 0; i < current->ngroups; i++)
        if (current->groups[i] == gid)
            return true;
    return false;
}

static int check(struct inode *inode, u32 may, u32 uid, u32 gid)
{
    u32 bits = inode->mode;

    if ((may & MAY_WRITE) && (inode->sb->flags & SB_RDONLY) &&
        (S_ISREG(inode->mode) || S_ISDIR(inode->mode) || S_ISLNK(inode->mode)))
        return -EROFS;
    if (uid == 0) {
        bool none = !(may & MAY_EXEC) || S_ISDIR(bits) || (bits & 0111);
        return none ? 0 : -EACCES;
    }
    if (uid == inode->uid)
        bits >>= 6;
    else if (in_group(inode->gid, gid))
        bits >>= 3;
    return (bits & may) == may ? 0 : -EACCES;
}

int inode_access(struct inode *inode, u32 may)
{
    return check(inode, may, current->fsuid, current->fsgid);
}

int inode_access_real(struct inode *inode, u32 may)
{
    return check(inode, may, current->uid, current->gid);
}

int inode_owner(struct inode *inode)
{
    return current->fsuid == 0 || current->fsuid == inode->uid ? 0 : -EPERM;
}
