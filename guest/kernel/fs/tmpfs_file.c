/* SPDX-License-Identifier: MIT */
/* The data of tmpfs files: pages of the inode's object, made by the first
 * access and removed only by truncation and the last unlink. */
#include "fs/tmpfs.h"

#include "fs/file.h"
#include "fs/uio.h"
#include "proc/proc.h"
#include "vm/page.h"
#include "vm/shmem.h"

u64 tmpfs_limit(void)
{
    return nframes / 2;
}

u64 tmpfs_room(void)
{
    u64 used =
        state_frames[FS_SHMEM] - anonymous_shared + shmem_swapped_files();
    u64 limit = tmpfs_limit(); /* a page read back from swap counts twice */

    return used < limit ? limit - used : 0;
}

/* Sets the size; new bytes read as zeros. */
int tmpfs_truncate(struct inode *inode, u64 size)
{
    struct vm_object *obj = &inode->obj;
    u64 old = obj->size;

    obj->size = size;
    if (size < old) {
        object_truncate(obj, DIV_ROUND_UP(size, PAGE_SIZE));
        struct page *page =
            size % PAGE_SIZE ? object_find_page(obj, size / PAGE_SIZE) : NULL;
        if (page) {
            memset((u8 *)page_va(page) + size % PAGE_SIZE, 0,
                   PAGE_SIZE - size % PAGE_SIZE);
            object_page_dirty(page, R_FILE_WRITE);
            page_put(page);
        }
    }
    inode->mtime = inode->ctime = wall_now();
    return 0;
}

int tmpfs_allocate(struct inode *inode, u64 from, u64 to, bool grow)
{
    struct vm_object *obj = &inode->obj;
    u64 first = from / PAGE_SIZE, end = DIV_ROUND_UP(to, PAGE_SIZE);

    if (end - first > tmpfs_room() + obj->resident)
        return -ENOSPC;
    for (u64 i = first; i < end; i++) {
        bool major = false;
        int err = 0;
        struct page *page = object_find_page(obj, i);
        if (!page && !tmpfs_room())
            return -ENOSPC;
        if (!page)
            page = object_get_page(obj, i, ACTOR_SYSCALL, &major, &err);
        if (!page)
            return err == -ENOMEM ? -ENOSPC : err;
        page_put(page);
        if (cond_resched() || signal_pending(current))
            return -EINTR;
    }
    if (grow && to > obj->size)
        obj->size = to;
    inode->mtime = inode->ctime = wall_now();
    return 0;
}

/* Writes the bytes up to the next page boundary. */
static int write_page(struct inode *inode, struct uio *u, u64 *pos)
{
    u64 off = *pos % PAGE_SIZE, before = u->left;
    u64 n = MIN(before, PAGE_SIZE - off);
    bool major = false;
    int err = 0;
    struct page *page = object_find_page(&inode->obj, *pos / PAGE_SIZE);

    if (!page && !tmpfs_room())
        return -ENOSPC;
    if (!page)
        page = object_get_page(&inode->obj, *pos / PAGE_SIZE, ACTOR_SYSCALL,
                               &major, &err);
    if (!page)
        return err == -ENOMEM ? -ENOSPC : err;
    err = uio_get(u, (u8 *)page_va(page) + off, n);
    object_page_dirty(page, R_FILE_WRITE);
    page_put(page);
    *pos += before - u->left;
    if (*pos > inode->obj.size)
        inode->obj.size = *pos;
    return err;
}

static s64 tmpfs_write(struct file *f, struct uio *u, u64 *pos)
{
    struct inode *inode = f->inode;
    u64 total = u->left;
    int err = 0;

    /* Killable: the holder may wait for memory. */
    if ((err = mutex_lock_killable(&inode->lock)))
        return err;
    if (f->flags & O_APPEND)
        *pos = inode->obj.size;
    err = file_write_limit(u, *pos);
    total = u->left;
    if (*pos + total < *pos || *pos + total > 1ul << 43)
        err = -EFBIG;
    while (!err && u->left) {
        err = write_page(inode, u, pos);
        if (!err && u->left && (cond_resched() || signal_pending(current)))
            err = -EINTR;
    }
    if (u->left != total)
        inode->mtime = inode->ctime = wall_now();
    mutex_unlock(&inode->lock);
    return uio_result(u, total, err);
}

const struct file_ops tmpfs_file_ops = {.flags = FILE_PAGES,
                                        .read = pages_read,
                                        .write = tmpfs_write,
                                        .llseek = pages_llseek};
