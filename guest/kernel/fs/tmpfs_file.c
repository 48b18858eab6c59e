/* SPDX-License-Identifier: MIT */
/* The data of tmpfs files are pages of the inode's object. The first access
 * that is not a read() makes a page; truncation, or the last close of a file
 * without names, removes it. write(), fallocate and faults use object_get_page,
 * which asks tmpfs_may_make. */
#include "fs/tmpfs.h"

#include "fs/file.h"
#include "fs/uio.h"
#include "task/proc.h"
#include "vm/page.h"
#include "vm/shmem.h"

u64 tmpfs_limit(void)
{
    return nframes / 2;
}

u64 tmpfs_room(void)
{
    u64 limit = tmpfs_limit();

    return tmpfs_pages < limit ? limit - tmpfs_pages : 0;
}

static int tmpfs_may_make(struct vm_object *o)
{
    return tmpfs_room() ? 0 : -ENOSPC;
}

/* Returns page `index`, made if need be. => as object_get_page */
static struct page *get_page(struct inode *inode, u64 index, int *err)
{
    return object_get_page(&inode->obj, index, ACTOR_SYSCALL, NULL, err);
}

/* Zeroes the rest of the page from byte `at` on, where the file ends or is to
 * end: a program may have written there by a mapping. => as pages_zero_tail */
static int zero_tail(struct inode *inode, u64 at)
{
    bool hole = object_is_hole(&inode->obj, at / PAGE_SIZE);

    return hole ? 0 : pages_zero_tail(inode, at);
}

/* Sets the size; new bytes read as zeros. If the last page cannot be read from
 * swap, nothing has changed. Removing pages sleeps, so the size is set first:
 * then no fault can make a removed page again. => the caller holds inode->lock,
 * so that the size stays while the last page is read */
int tmpfs_truncate(struct inode *inode, u64 size)
{
    struct vm_object *obj = &inode->obj;
    u64 old = obj->size;
    int err = size == old ? 0 : zero_tail(inode, MIN(old, size));

    if (err)
        return err;
    obj->size = size;
    if (size < old)
        object_truncate(obj, DIV_ROUND_UP(size, PAGE_SIZE));
    else if (size == old && obj->made) /* as Linux's shmem_truncate_range */
        inode_touch(inode);
    return 0;
}

/* Counts the pages in [first, end) that do not exist. => sleeps; faults may
 * make some of them meanwhile */
static u64 holes_in(struct vm_object *obj, u64 first, u64 end)
{
    u64 n = 0;

    for (; first < end && !cond_resched(); first++)
        n += object_is_hole(obj, first);
    return n;
}

/* Makes page `index`. 1: it is new; 0: it existed; -errno. Marks it dirty,
 * since reclaim drops pages that were only read. */
static int make_page(struct inode *inode, u64 index)
{
    int err = 0;

    if (cond_resched() || signal_pending(current))
        return -EINTR;
    bool made = object_is_hole(&inode->obj, index);
    if (shmem_slot(&inode->obj, index))
        return 0;
    struct page *page = get_page(inode, index, &err);
    if (!page)
        return err == -ENOMEM ? -ENOSPC : err;
    object_page_dirty(page, R_FILE_WRITE);
    page_put(page);
    return made;
}

/* Makes the pages [first, end), or none. => the caller holds inode->lock */
static int make_pages(struct inode *inode, u64 first, u64 end)
{
    struct vm_object *obj = &inode->obj;
    u64 n = end - first, i = 0;
    int err = 0, ignored;

    if (n > tmpfs_limit() || holes_in(obj, first, end) > tmpfs_room())
        return -ENOSPC;
    u8 *made = kzalloc(n / 8 + 1);
    if (!made)
        return -ENOMEM;
    for (; err >= 0 && i < n; i++) {
        err = make_page(inode, first + i);
        made[i / 8] |= (u8)((err > 0) << i % 8);
    }
    while (err < 0 && i-- > 0) {
        struct page *page = made[i / 8] >> i % 8 & 1
                                ? get_page(inode, first + i, &ignored)
                                : NULL;
        if (page)
            object_unmake(page);
    }
    kfree(made);
    return MIN(err, 0);
}

int tmpfs_allocate(struct inode *inode, u64 from, u64 to, bool grow)
{
    int err = mutex_lock_killable(&inode->lock);

    if (err)
        return err;
    err = make_pages(inode, from / PAGE_SIZE, DIV_ROUND_UP(to, PAGE_SIZE));
    if (!err && grow && to > inode->obj.size &&
        !(err = zero_tail(inode, inode->obj.size)))
        inode->obj.size = to;
    if (!err)
        inode->mtime = inode->ctime = wall_now();
    mutex_unlock(&inode->lock);
    return err;
}

/* Writes the bytes up to the next page boundary. => the caller holds
 * inode->lock: the pinned page and the size stay while the bytes are copied,
 * which may sleep */
static int write_page(struct inode *inode, struct uio *u, u64 *pos)
{
    u64 before = u->left, n = MIN(before, PAGE_SIZE - *pos % PAGE_SIZE);
    int err = 0;
    struct page *page = get_page(inode, *pos / PAGE_SIZE, &err);

    if (!page)
        return err == -ENOMEM ? -ENOSPC : err;
    err = pages_fill(inode, page, u, *pos, n);
    page_put(page);
    *pos += before - u->left;
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
    err = file_write_begin(inode, u, *pos);
    total = u->left;
    if (!err && u->left && *pos > inode->obj.size)
        err = zero_tail(inode, inode->obj.size);
    while (!err && u->left) {
        err = write_page(inode, u, pos);
        if (!err && u->left && cond_resched())
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
const struct object_ops tmpfs_object_ops = {.may_make = tmpfs_may_make};
