/* SPDX-License-Identifier: MIT */
/* Serves devices without hardware: null, zero, full, random, kmsg (the kernel's
 * log); and mem, through which programs map the registers of devices. */
#include "fs/devices.h"
#include "fs/uio.h"
#include "task/proc.h"
#include "vm/reclaim.h"

static s64 read_nothing(struct file *f, struct uio *u, u64 *pos)
{
    return 0;
}

static s64 write_all(struct file *f, struct uio *u, u64 *pos)
{
    return (s64)u->left;
}

static s64 write_full(struct file *f, struct uio *u, u64 *pos)
{
    return -ENOSPC;
}

static s64 read_zeros(struct file *f, struct uio *u, u64 *pos)
{
    u64 total = u->left;
    int err = 0;

    /* In pieces, so that a signal can end a long read. */
    while (!err && u->left) {
        err = uio_zero(u, MIN(u->left, PAGE_SIZE));
        if (!err && u->left && (cond_resched() || signal_pending(current)))
            err = -EINTR;
    }
    return uio_result(u, total, err);
}

static s64 read_random(struct file *f, struct uio *u, u64 *pos)
{
    u64 total = u->left;
    int err = 0;
    u8 buf[128];

    while (!err && u->left) {
        u64 n = MIN(u->left, sizeof(buf));
        random_bytes(buf, n);
        err = uio_put(u, buf, n);
        if (!err && u->left && (cond_resched() || signal_pending(current)))
            err = -EINTR;
    }
    return uio_result(u, total, err);
}

static s64 seek_nowhere(struct file *f, s64 off, int whence)
{
    return (s64)(f->pos = 0);
}

const struct file_ops null_ops = {
    .read = read_nothing, .write = write_all, .llseek = seek_nowhere};
const struct file_ops zero_ops = {.flags = FILE_ZERO | FILE_SENT,
                                  .read = read_zeros,
                                  .write = write_all,
                                  .llseek = seek_nowhere};
const struct file_ops full_ops = {.flags = FILE_SENT,
                                  .read = read_zeros,
                                  .write = write_full,
                                  .llseek = seek_nowhere};
const struct file_ops random_ops = {.flags = FILE_SENT,
                                    .read = read_random,
                                    .write = write_all,
                                    .llseek = seek_nowhere};

/* /dev/mem: physical memory by address. As with Linux's CONFIG_STRICT_DEVMEM,
 * RAM is not accessible; the first GiB (devices) only by a shared mapping. */
const struct file_ops physical_ops = {.flags = FILE_DEVICE};

/* A read returns the log's text at *pos; offset 0 is the oldest byte kept. A
 * write prints its first 159 bytes as a line, which the log keeps. */
static s64 kmsg_read(struct file *f, struct uio *u, u64 *pos)
{
    size_t size = klog_size();
    char *text = size ? kmalloc_wait(size) : NULL;

    if (!text)
        return size ? -ENOMEM : 0;
    size = klog_read(text, size);
    u64 n = *pos < size ? MIN(size - *pos, u->left) : 0, total = u->left;
    int err = uio_put(u, text + *pos, n);
    kfree(text);
    *pos += total - u->left;
    return uio_result(u, total, err);
}

static s64 kmsg_write(struct file *f, struct uio *u, u64 *pos)
{
    u64 total = u->left;
    char line[160];
    size_t n = MIN(total, sizeof(line) - 1);

    int err = uio_get(u, line, n);
    if (err)
        return err;
    line[n] = '\0';
    kprintf("%s%s", line, n && line[n - 1] == '\n' ? "" : "\n");
    return (s64)total;
}

const struct file_ops kmsg_ops = {.read = kmsg_read, .write = kmsg_write};
