/* SPDX-License-Identifier: MIT */
/* Checks the access permissions of inodes. (Inodes in memory: fs/icache.c.) */
#include "fs/dcache.h"

#include "task/proc.h"

bool inode_in_group(u32 gid, u32 own)
{
    return gid == own || groups_have(current->groups, gid);
}

/* caps: the capabilities that apply. */
static int check_access(struct inode *inode, u32 may, u32 uid, u32 gid,
                        u64 caps)
{
    u32 bits = inode->mode;
    bool dir = S_ISDIR(bits), any_x = bits & 0111;

    if ((may & MAY_WRITE) && (inode->sb->flags & SB_RDONLY) &&
        (S_ISREG(inode->mode) || S_ISDIR(inode->mode) || S_ISLNK(inode->mode)))
        return -EROFS;
    if (uid == inode->uid)
        bits >>= 6;
    else if (inode_in_group(inode->gid, gid))
        bits >>= 3;
    if ((bits & may) == may)
        return 0;
    if ((caps >> CAP_DAC_OVERRIDE & 1) && (dir || !(may & MAY_EXEC) || any_x))
        return 0;
    if ((caps >> CAP_DAC_READ_SEARCH & 1) && !(may & MAY_WRITE) &&
        (dir || !(may & MAY_EXEC)))
        return 0;
    return -EACCES;
}

int inode_access(struct inode *inode, u32 may)
{
    return check_access(inode, may, current->fsuid, current->fsgid,
                        current->caps.effective);
}

int inode_access_real(struct inode *inode, u32 may)
{
    const struct proc *me = current;
    return check_access(inode, may, me->uid, me->gid,
                        me->uid ? 0 : me->caps.permitted);
}

int inode_owner(struct inode *inode)
{
    return current->fsuid == inode->uid || capable(CAP_FOWNER) ? 0 : -EPERM;
}

bool inode_may_setgid(u32 gid)
{
    return inode_in_group(gid, current->fsgid) || capable(CAP_FSETID);
}

u32 inode_set_ids(const struct inode *inode)
{
    u32 ids = inode->mode & (S_ISUID | S_ISGID);
    bool keeps = (ids & S_ISGID) && !(inode->mode & S_IXGRP) &&
                 inode_may_setgid(inode->gid);
    return keeps ? ids & ~S_ISGID : ids;
}

void inode_drop_set_ids(struct inode *inode)
{
    u32 ids = S_ISREG(inode->mode) ? inode_set_ids(inode) : 0;

    if (ids && !capable(CAP_FSETID)) {
        inode->mode &= ~ids;
        inode_dirty(inode);
    }
}

void inode_inherit(struct inode *inode, const struct inode *dir)
{
    if (!(dir->mode & S_ISGID))
        return;
    inode->gid = dir->gid;
    if (S_ISDIR(inode->mode))
        inode->mode |= S_ISGID;
    else if ((inode->mode & S_IXGRP) && !inode_may_setgid(dir->gid))
        inode->mode &= ~S_ISGID;
}
