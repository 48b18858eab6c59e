/* SPDX-License-Identifier: MIT */
/* Keeps the open files, and reads regular ones (file_write.c writes them). */
#include "fs/file.h"

#include "fs/async.h"
#include "fs/dcache.h"
#include "fs/flock.h"
#include "fs/record_lock.h"
#include "fs/uio.h"
#include "task/proc.h"
#include "vm/seam.h"
#include "vm/space.h"

static u32 nfiles;

u32 file_count(void)
{
    return nfiles;
}

static bool counts_as_writer(struct file *f)
{
    return file_writable(f) && S_ISREG(f->inode->mode);
}

struct file *file_new(struct dentry *d, u32 flags, const struct file_ops *ops)
{
    struct file *f = kzalloc(sizeof(*f));

    if (!f) {
        COUNT(FILE_OVF);
        return NULL;
    }
    f->refs = 1;
    f->flags = flags;
    f->dentry = dentry_get(d);
    f->inode = inode_get(d->inode);
    f->ops = ops;
    f->errors_told = object_errors_told(&d->inode->obj);
    if (counts_as_writer(f)) {
        f->inode->writers++;
        f->inode->sb->writers++;
    }
    mutex_init(&f->at_pos);
    nfiles++;
    return f;
}

struct file *file_get(struct file *f)
{
    f->refs++;
    return f;
}

struct file *file_run(struct file *f)
{
    f->inode->runners++;
    return file_get(f);
}

void file_run_end(struct file *f)
{
    f->inode->runners--;
    file_put(f);
}

void file_put(struct file *f)
{
    BUG_ON(f->refs == 0);
    if (--f->refs)
        return;
    file_unlock(f);
    record_release(f->inode, f);
    if (f->owner) /* it may be in a list that release frees */
        file_owner_free(f);
    if (f->ops->release)
        f->ops->release(f);
    file_discard(f);
}

void file_discard(struct file *f)
{
    if (counts_as_writer(f)) {
        f->inode->writers--;
        f->inode->sb->writers--;
    }
    inode_put(f->inode);
    dentry_put(f->dentry);
    kfree(f);
    nfiles--;
}

static bool has_place(const struct file *f)
{
    return S_ISREG(f->inode->mode) || S_ISDIR(f->inode->mode);
}

int file_pos_take(struct file *f)
{
    return has_place(f) ? mutex_lock_killable(&f->at_pos) : 0;
}

void file_pos_give(struct file *f)
{
    if (has_place(f))
        mutex_unlock(&f->at_pos);
}

char *file_path(struct file *f, char *buf, size_t n)
{
    char *path = dentry_path(f->dentry, NULL, buf, n);

    if (!path) {
        strlcpy(buf, "(too long)", n);
        path = buf;
    }
    return path;
}

/* True if the last byte has no position: they are signed. */
static bool ends_beyond_all(const struct uio *u, u64 pos)
{
    return (s64)(pos + u->left) < 0;
}

s64 file_read(struct file *f, struct uio *u, u64 *pos)
{
    if (!file_readable(f))
        return -EBADF;
    if (S_ISDIR(f->inode->mode))
        return -EISDIR;
    if (!f->ops->read)
        return -EINVAL;
    if (!uio_addresses_ok(u))
        return -EFAULT;
    if (ends_beyond_all(u, *pos))
        return -EINVAL;
    return f->ops->read(f, u, pos);
}

s64 file_write(struct file *f, struct uio *u, u64 *pos)
{
    if (!file_writable(f))
        return -EBADF;
    if (!f->ops->write)
        return -EINVAL;
    if (!uio_addresses_ok(u))
        return -EFAULT;
    if (ends_beyond_all(u, *pos))
        return -EINVAL;
    return f->ops->write(f, u, pos);
}

s64 file_pread(struct file *f, void *kbuf, size_t n, u64 off)
{
    struct iovec iov = {(u64)kbuf, n};
    struct uio u;

    uio_init(&u, &iov, 1, true);
    return file_read(f, &u, &off);
}

int file_mmap(struct file *f, u32 vma_flags, struct vm_object **obj)
{
    if (!file_readable(f))
        return -EACCES;
    if ((vma_flags & VMA_SHARED) && (vma_flags & VMA_W) && !file_writable(f))
        return -EACCES;
    if ((vma_flags & VMA_X) && (f->inode->sb->flags & SB_NOEXEC))
        return -EPERM;
    if (f->ops->flags & FILE_ZERO) {
        *obj = NULL;
        return 0;
    }
    if (f->ops->flags & FILE_DEVICE) {
        *obj = NULL;
        return vma_flags & VMA_SHARED ? 0 : -EINVAL;
    }
    if (!S_ISREG(f->inode->mode) || !(f->ops->flags & FILE_PAGES))
        return -ENODEV;
    *obj = &f->inode->obj;
    return 0;
}

s64 pages_read(struct file *f, struct uio *u, u64 *pos)
{
    struct inode *inode = f->inode;
    u64 total = u->left;
    int err = 0;

    while (u->left && *pos < inode->obj.size) {
        bool major = false;
        u64 off = *pos % PAGE_SIZE, index = *pos / PAGE_SIZE;
        u64 left = MIN(u->left, inode->obj.size - *pos);
        readahead_file(&inode->obj, &f->ra, index,
                       DIV_ROUND_UP(off + left, PAGE_SIZE));
        bool sequential = index - f->ra.prev <= 1; /* or the same page again */
        f->ra.prev = index;
        /* Reading a hole makes no page (Linux: shmem_file_read_iter). */
        struct page *page = zero_page;
        if (object_is_hole(&inode->obj, index))
            page_pin(page);
        else
            page = object_get_page(&inode->obj, index, ACTOR_SYSCALL, &major,
                                   &err);
        if (!page)
            break;
        /* The file may have been truncated meanwhile. */
        u64 size = inode->obj.size;
        u64 n = *pos < size ? MIN(size - *pos, PAGE_SIZE - off) : 0;
        u64 before = u->left;
        err = uio_put(u, (u8 *)page_va(page) + off, MIN(n, before));
        page_put(page);
        if (!err && off + n == PAGE_SIZE && sequential)
            tell_read_past(&inode->obj, index); /* UFS: rdip frees the page */
        *pos += before - u->left;
        if (err || !n || (u->left && index % 16 == 15 && cond_resched()))
            break;
    }
    return uio_result(u, total, err);
}

s64 pages_llseek(struct file *f, s64 off, int whence)
{
    s64 base = whence == SEEK_SET   ? 0
               : whence == SEEK_CUR ? (s64)f->pos
               : whence == SEEK_END ? (s64)f->inode->obj.size
                                    : -1;
    s64 size = (s64)f->inode->obj.size;

    if (whence == SEEK_DATA || whence == SEEK_HOLE) {
        if (off < 0 || off >= size) /* all of a file counts as data */
            return -ENXIO;
        base = 0;
        if (whence == SEEK_HOLE)
            off = size;
    }
    s64 pos;
    if (base < 0 || __builtin_add_overflow(base, off, &pos) || pos < 0 ||
        (u64)pos > f->inode->sb->size_max)
        return -EINVAL;
    f->pos = (u64)pos;
    return pos;
}
