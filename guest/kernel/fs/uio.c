/* SPDX-License-Identifier: MIT */
/* Moves bytes between kernel buffers and scattered user memory. */
#include "fs/uio.h"

#include "vm/space.h"
#include "vm/uaccess.h"

void uio_init(struct uio *u, const struct iovec *iov, u32 niov, bool kernel)
{
    *u = (struct uio){.iov = iov, .niov = niov, .kernel = kernel};
    for (u32 i = 0; i < niov; i++)
        u->left += iov[i].len;
}

void uio_init_sink(struct uio *u, u64 n,
                   s64 (*sink)(void *to, const void *from, size_t n), void *to)
{
    *u = (struct uio){.left = n, .sink = sink, .to = to};
}

bool uio_addresses_ok(const struct uio *u)
{
    for (u32 i = 0; !u->kernel && i < u->niov; i++)
        if (u->iov[i].len > USER_TOP ||
            u->iov[i].base > USER_TOP - u->iov[i].len)
            return false;
    return true;
}

static void advance(struct uio *u, size_t n)
{
    u->off += n;
    u->left -= n;
    while (u->niov && u->off >= u->iov->len) {
        u->off -= u->iov->len;
        u->iov++;
        u->niov--;
    }
}

/* Finds the next piece: *n <= max bytes at *kva; user memory: in one page. */
static int uio_window(struct uio *u, bool write, size_t max, void **kva,
                      size_t *n)
{
    size_t have;

    while (u->niov && u->off >= u->iov->len)
        advance(u, 0);
    u64 at = u->iov->base + u->off;
    *n = MIN((u64)max, u->iov->len - u->off);
    if (u->kernel) {
        *kva = (void *)at;
        return 0;
    }
    int err = user_window(at, write, kva, &have);
    if (err)
        return err;
    *n = MIN(*n, have);
    return 0;
}

int uio_put(struct uio *u, const void *from, size_t n)
{
    if (u->sink) {
        s64 took = u->sink(u->to, from, n);
        u->left -= took > 0 ? (u64)took : 0;
        return took < 0 ? (int)took : (u64)took < n ? -EAGAIN : 0;
    }
    while (n) {
        void *kva;
        size_t piece;
        int err = uio_window(u, true, n, &kva, &piece);
        if (err)
            return err;
        memcpy(kva, from, piece);
        from = (const char *)from + piece;
        n -= piece;
        advance(u, piece);
    }
    return 0;
}

s64 uio_get_some(struct uio *u, void *to, size_t n)
{
    void *kva;
    size_t piece;
    int err = uio_window(u, false, n, &kva, &piece);
    if (err)
        return err;
    memmove(to, kva, piece); /* may overlap: sendfile within a file's page */
    advance(u, piece);
    return (s64)piece;
}

int uio_get(struct uio *u, void *to, size_t n)
{
    while (n) {
        s64 got = uio_get_some(u, to, n);
        if (got < 0)
            return (int)got;
        to = (char *)to + got;
        n -= (size_t)got;
    }
    return 0;
}

int uio_probe(const struct uio *u, size_t n)
{
    struct uio ahead = *u;
    while (n) {
        void *kva;
        size_t piece;
        int err = uio_window(&ahead, false, n, &kva, &piece);
        if (err)
            return err;
        n -= piece;
        advance(&ahead, piece);
    }
    return 0;
}

static int sink_zeros(struct uio *u, size_t n)
{
    static const u8 zeros[512];
    int err = 0;
    for (; n && !err; n -= MIN(n, sizeof zeros))
        err = uio_put(u, zeros, MIN(n, sizeof zeros));
    return err;
}

int uio_zero(struct uio *u, size_t n)
{
    if (u->sink)
        return sink_zeros(u, n);
    while (n) {
        void *kva;
        size_t piece;
        int err = uio_window(u, true, n, &kva, &piece);
        if (err)
            return err;
        memset(kva, 0, piece);
        n -= piece;
        advance(u, piece);
    }
    return 0;
}
