/* SPDX-License-Identifier: MIT */
/* Where the bytes of one read or write come from or go to: pieces of the
 * caller's memory, or a kernel buffer. */
#ifndef FS_UIO_H
#define FS_UIO_H

#include "lib/kernel.h"

struct iovec {
    u64 base, len;
};

struct uio {
    const struct iovec *iov; /* the piece in hand and those after it */
    u32 niov;
    u64 off;  /* into iov[0] */
    u64 left; /* bytes in all */
    bool kernel;
};

#define UIO_MAX 0x7ffff000ul /* bytes that one call moves, as Linux */
#define IOV_MAX 1024

void uio_init(struct uio *u, const struct iovec *iov, u32 niov, bool kernel);
/* No more than n bytes of it. */
static inline void uio_cut(struct uio *u, u64 n)
{
    u->left = MIN(u->left, n);
}

/* Moves n <= u->left bytes and advances. 0, or -EFAULT after moving the part
 * that was possible (u->left tells). => may sleep in a page fault */
int uio_put(struct uio *u, const void *from, size_t n); /* to the caller */
int uio_get(struct uio *u, void *to, size_t n);         /* from the caller */
int uio_zero(struct uio *u, size_t n);

/* The usual ending: what was moved of `total`, or err if nothing was. */
static inline s64 uio_result(const struct uio *u, u64 total, int err)
{
    return u->left != total ? (s64)(total - u->left) : err;
}

#endif
