/* SPDX-License-Identifier: MIT */
/* A uio is the source or target of one read or write: pieces of user memory, a
 * kernel buffer, or, as the target of a read, another file. */
#pragma once

#include "lib/kernel.h"

struct iovec {
    u64 base, len;
};

struct uio {
    const struct iovec *iov; /* the current piece and those after it */
    u32 niov;
    u64 off;  /* into iov[0] */
    u64 left; /* bytes in all */
    bool kernel;
    s64 (*sink)(void *to, const void *from,
                size_t n); /* another file's write */
    void *to;
};

#define UIO_MAX 0x7ffff000ul /* most bytes of one call, as in Linux */
#define IOV_MAX 1024

void uio_init(struct uio *u, const struct iovec *iov, u32 niov, bool kernel);
/* Makes a uio that passes n bytes to sink, which returns how many it took, or
 * an error. */
void uio_init_sink(struct uio *u, u64 n,
                   s64 (*sink)(void *to, const void *from, size_t n), void *to);
/* Limits u to n bytes. */
static inline void uio_cut(struct uio *u, u64 n)
{
    u->left = MIN(u->left, n);
}

/* Copy n <= u->left bytes and advance. 0, or -EFAULT or the sink's
 * error (-EAGAIN: it is full) after copying a part (u->left tells how much).
 * => may sleep in a page fault, or in the sink */
int uio_put(struct uio *u, const void *from, size_t n); /* to the caller */
int uio_get(struct uio *u, void *to, size_t n);         /* from the caller */
int uio_zero(struct uio *u, size_t n);
/* False if a piece of user memory ends above the programs' addresses, though n
 * bytes may end below (Linux: access_ok). */
bool uio_addresses_ok(const struct uio *u);
/* Returns 0 if the caller's next n bytes can be read, else -EFAULT.
 * => may sleep; another thread may unmap them meanwhile */
int uio_probe(const struct uio *u, size_t n);
/* Copies the caller's next bytes that lie in one page, at most n; returns their
 * number, or -EFAULT. => may sleep, but not after it has copied */
s64 uio_get_some(struct uio *u, void *to, size_t n);

/* Returns a call's result: the bytes moved of `total`, or err if none were. */
static inline s64 uio_result(const struct uio *u, u64 total, int err)
{
    return u->left != total ? (s64)(total - u->left) : err;
}
