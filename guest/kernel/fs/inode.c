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

static void destroy(struct inode *inode)
{
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
    if (++nidle > IDLE_MAX) {
        nidle--;
        destroy(list_first_entry(&idle, struct inode, lru));
    }
}

void inode_shrink(struct super *sb)
{
    struct inode *inode, *tmp;

    list_for_each_entry_safe(inode, tmp, &idle, lru)
    {
        if (inode->sb != sb)
            continue;
        nidle--;
        destroy(inode);
    }
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
