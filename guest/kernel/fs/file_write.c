/* SPDX-License-Identifier: MIT */
/* write() to regular files on a disk copies to pages, which are written later.
 *
 * A page that is written whole need not be read; any other page is read first.
 * Disk space is allocated before the page becomes dirty, so that write() itself
 * returns ENOSPC and no later write-back does. */
#include "fs/file.h"

#include "fs/dcache.h"
#include "fs/uio.h"
#include "task/proc.h"
#include "vm/writeback.h"

static int too_big(void)
{
    struct siginfo info = signal_from_me(SIGXFSZ, SI_USER);

    signal_send_task(current, SIGXFSZ, &info);
    return -EFBIG;
}

int file_write_begin(struct inode *inode, struct uio *u, u64 pos)
{
    u64 limit = S_ISBLK(inode->mode) /* a disk does not grow */
                    ? NEVER
                    : current->leader->rlim[RLIMIT_FSIZE].cur;

    if (!u->left)
        return 0;
    if (pos >= limit)
        return too_big();
    uio_cut(u, limit - pos);
    inode_drop_set_ids(inode);
    return 0;
}

int file_size_limit(u64 now, u64 size)
{
    u64 limit = current->leader->rlim[RLIMIT_FSIZE].cur;

    return size > now && size > limit ? too_big() : 0;
}

void pages_extend(struct inode *inode, u64 size)
{
    struct vm_object *obj = &inode->obj;
    u64 end = obj->size, off = end % PAGE_SIZE;

    assert(size >= end);
    struct page *page = off ? object_find_page(obj, end / PAGE_SIZE) : NULL;
    if (page) {
        memset((u8 *)page_va(page) + off, 0, MIN(PAGE_SIZE - off, size - end));
        page_put(page);
    }
    obj->size = size;
}

int pages_zero_tail(struct inode *inode, u64 from)
{
    u64 off = from % PAGE_SIZE;
    int err = 0;

    if (!off)
        return 0;
    struct page *page = object_get_page(&inode->obj, from / PAGE_SIZE,
                                        ACTOR_SYSCALL, NULL, &err);
    if (!page)
        return err;
    while (page->frame.flags & FRAME_F_IO) /* its blocks will be freed */
        sleep_on(&page_io_done);
    memset((u8 *)page_va(page) + off, 0, PAGE_SIZE - off);
    object_page_dirty(page, R_FILE_WRITE);
    page_put(page);
    return 0;
}

/* Writes a whole page from u without reading the old content. False: *err is
 * set, or this is not possible now and write_part must do it. */
static bool write_whole(struct inode *inode, u64 index, struct uio *u, int *err)
{
    struct vm_object *obj = &inode->obj;
    struct uio start = *u;
    struct page *page = page_alloc(FS_FILE_CLEAN, R_FILE_WRITE, 0);

    if (!page)
        return false;
    page->frame.pins = 1;
    /* The user buffer may be unmapped part way, or a fault on it may have read
     * this very page into the cache. */
    bool ok = uio_get(u, page_va(page), PAGE_SIZE) == 0 &&
              object_insert_page(obj, index, page);
    if (ok) {
        /* Until the block is allocated the page counts as being read: other
         * tasks wait, and do not read the block's former content. */
        page->frame.flags |= FRAME_F_IO;
        *err = obj->ops->prepare_write(obj, page, (index + 1) * PAGE_SIZE);
        ok = !*err;
        page_pin(page);
        page_read_done(page, *err);
    }
    if (ok)
        object_page_dirty(page, R_FILE_WRITE);
    else
        *u = start;
    page_put(page);
    return ok;
}

int pages_fill(struct inode *inode, struct page *page, struct uio *u, u64 pos,
               u64 n)
{
    struct vm_object *obj = &inode->obj;

    while (n) {
        s64 got =
            uio_get_some(u, (u8 *)page_va(page) + pos % PAGE_SIZE, (size_t)n);
        if (got < 0)
            return (int)got;
        pos += (u64)got;
        n -= (u64)got;
        obj->size = MAX(obj->size, pos);
        object_page_dirty(page, R_FILE_WRITE);
    }
    return 0;
}

/* The page is looked up before its block is allocated: until then it is a hole
 * and reads as zeros, not as the block's former content. */
static int write_part(struct inode *inode, struct uio *u, u64 pos, u64 n)
{
    struct vm_object *obj = &inode->obj;
    u64 index = pos / PAGE_SIZE;
    int err = 0;
    struct page *page = object_get_page(obj, index, ACTOR_SYSCALL, NULL, &err);

    if (!page)
        return err;
    err = obj->ops->prepare_write(obj, page, pos + n);
    if (!err)
        err = pages_fill(inode, page, u, pos, n);
    page_put(page);
    return err;
}

/* Writes bytes of u at *pos, at most up to the next page boundary. */
static int write_piece(struct inode *inode, struct uio *u, u64 *pos)
{
    struct vm_object *obj = &inode->obj;
    u64 off = *pos % PAGE_SIZE, index = *pos / PAGE_SIZE, before = u->left;
    u64 n = MIN(before, PAGE_SIZE - off);
    int err = 0;

    if (*pos > obj->size)
        pages_extend(inode, *pos);
    bool done = n == PAGE_SIZE && !object_has_page(obj, index) &&
                write_whole(inode, index, u, &err);
    if (!done && !err)
        err = write_part(inode, u, *pos, n);
    *pos += before - u->left;
    obj->size = MAX(obj->size, *pos);
    return err;
}

s64 pages_write(struct file *f, struct uio *u, u64 *pos)
{
    struct inode *inode = f->inode;
    u64 total = u->left, before;
    int err = 0;

    if (inode->sb->flags & SB_RDONLY)
        return -EROFS;
    if (!total)
        return 0;
    if ((err = mutex_lock_killable(&inode->lock)))
        return err;
    before = inode->obj.size;
    if (f->flags & O_APPEND)
        *pos = before;
    err = file_write_begin(inode, u, *pos);
    total = u->left;
    while (!err && u->left) {
        err = write_piece(inode, u, pos);
        if (!err)
            err = write_behind(&inode->obj, *pos);
        if (!err && u->left && cond_resched())
            err = -EINTR;
    }
    if (u->left != total)
        inode_touch(inode);
    /* Frees blocks that were allocated and not filled. If no byte was written,
     * also undoes the growth up to *pos. */
    if (err && inode->ops->truncate && u->left)
        inode->ops->truncate(inode,
                             u->left == total ? before : inode->obj.size);
    mutex_unlock(&inode->lock);
    if (u->left != total && (f->flags & O_DSYNC)) {
        int bad = file_sync(f);
        current->was_refused = false; /* the bytes are not written twice */
        if (bad)
            return bad;
    }
    return uio_result(u, total, err);
}
