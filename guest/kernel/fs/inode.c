/* SPDX-License-Identifier: MIT */
/* Who may do what with an inode. (Inodes in memory: fs/icache.c.) */
#include "fs/dcache.h"

#include "proc/proc.h"

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
