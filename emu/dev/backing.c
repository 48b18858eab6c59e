/* SPDX-License-Identifier: MIT */
#include "dev/backing.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <xxhash.h>

/* The address stands for a page of zeros; the byte is never accessed. */
static u8 zero_page[1];

static void free_page(u8 **page)
{
    if (*page != zero_page)
        free(*page);
    *page = NULL;
}

static void make_overlay(struct backing *b)
{
    b->overlay = true;
    b->pages = (b->sectors * SECTOR_BYTES + PAGE_BYTES - 1) / PAGE_BYTES;
    b->page = xcalloc(b->pages, sizeof(*b->page));
    b->written = xcalloc(b->pages, 1);
}

/* A file whose length is not a whole number of sectors is refused unless it has
 * an overlay; file_read then gives zeros for the rest of the last sector. */
void backing_open_file(struct backing *b, const char *file, bool readonly,
                       bool overlay)
{
    struct stat st;
    memset(b, 0, sizeof(*b));
    b->fd = open(file, (readonly || overlay ? O_RDONLY : O_RDWR) | O_CLOEXEC);
    if (b->fd < 0)
        die(file, "%s", strerror(errno));
    if (fstat(b->fd, &st) < 0)
        die(file, "%s", strerror(errno));
    if (!S_ISREG(st.st_mode))
        die(file, "not a regular file");
    if (st.st_size == 0)
        die(file, "an empty file is no disk");
    if (st.st_size % SECTOR_BYTES && !overlay)
        die(file, "%lld bytes are not a whole number of 512-byte sectors",
            (s64)st.st_size);
    b->host_dev = st.st_dev;
    b->host_ino = st.st_ino;
    b->file = xstrdup(file);
    b->readonly = readonly;
    b->file_bytes = (u64)st.st_size;
    b->sectors = (b->file_bytes + SECTOR_BYTES - 1) / SECTOR_BYTES;
    if (overlay)
        make_overlay(b);
}

void backing_lock(struct backing *b)
{
    bool writes = !b->readonly && !b->overlay;
    /* A writer locks the whole file, a reader only its first byte. So readers
     * are compatible with each other and with QEMU's readers (which lock bytes
     * from 100 on), and a writer excludes all others. There is no lock where
     * the host's file system does not support locks. */
    struct flock l = {.l_type = writes ? F_WRLCK : F_RDLCK,
                      .l_whence = SEEK_SET,
                      .l_len = writes ? 0 : 1};
    if (b->fd < 0 || !fcntl(b->fd, F_OFD_SETLK, &l) ||
        (errno != EAGAIN && errno != EACCES))
        return;
    die(b->file, writes ? "in use by another machine (with ,overlay on "
                          "both, they can share it)"
                        : "another machine writes to it");
}

void backing_open_memory(struct backing *b, u64 bytes)
{
    memset(b, 0, sizeof(*b));
    b->fd = -1;
    b->sectors = bytes / SECTOR_BYTES;
    make_overlay(b);
}

void backing_close(struct backing *b)
{
    for (u64 i = 0; i < b->pages; i++)
        free_page(&b->page[i]);
    free_all(b->page, b->written, b->file);
    if (b->fd >= 0)
        close(b->fd);
    memset(b, 0, sizeof(*b));
    b->fd = -1;
}

bool backing_clash(const struct backing *a, const struct backing *b)
{
    bool writes =
        (!a->readonly && !a->overlay) || (!b->readonly && !b->overlay);
    return a->fd >= 0 && b->fd >= 0 && writes && a->host_dev == b->host_dev &&
           a->host_ino == b->host_ino;
}

#define ZERO_TAG (1ull << 63)

/* Saves page i of an overlay. Its tag is i + 1; a page of zeros has ZERO_TAG
 * added, any other page is followed by its content. */
static void save_page(struct backing *b, struct state *s, u64 i)
{
    bool zero = b->page[i] == zero_page;
    u64 tag = (i + 1) | (zero ? ZERO_TAG : 0);
    state_val(s, tag);
    if (!zero)
        state_bytes(s, b->page[i], PAGE_BYTES);
}

/* Loads the next page after `last`; returns its index + 1; 0: end or error. */
static u64 load_page(struct backing *b, struct state *s, u64 last)
{
    u64 tag = 0;
    state_val(s, tag);
    u64 n = tag & ~ZERO_TAG;
    if (tag == 0 || state_error(s))
        return 0;
    state_check(s, n <= b->pages && n > last, "a disk page out of order");
    if (state_error(s))
        return 0;
    b->written[n - 1] = 1;
    b->page[n - 1] = tag & ZERO_TAG ? zero_page : xcalloc(1, PAGE_BYTES);
    if (!(tag & ZERO_TAG))
        state_bytes(s, b->page[n - 1], PAGE_BYTES);
    return n;
}

/* Saves or loads overlay pages; a tag of 0 ends them. A file's content is not
 * saved: when a saved machine is loaded, backing_digest must match. */
void backing_state(struct backing *b, struct state *s)
{
    u64 sectors = b->sectors;
    state_tag(s, "backing");
    state_val(s, sectors);
    state_check(s, sectors == b->sectors, "a disk has another size");
    if (!b->overlay || state_aside(s))
        return;
    if (!state_loading(s)) {
        u64 end = 0;
        for (u64 i = 0; i < b->pages; i++)
            if (b->page[i])
                save_page(b, s, i);
        state_val(s, end);
        return;
    }
    for (u64 i = 0; i < b->pages && !state_error(s); i++)
        free_page(&b->page[i]);
    for (u64 last = 0; (last = load_page(b, s, last));)
        ;
}

const u8 *backing_page(const struct backing *b, u64 i, const u8 *mark)
{
    return b->page[i] == zero_page ? mark : b->page[i];
}

void backing_put_page(struct backing *b, u64 i, const u8 *p, const u8 *mark)
{
    if (!p || p == mark) {
        free_page(&b->page[i]);
        b->page[i] = p ? zero_page : NULL;
        return;
    }
    if (!b->page[i] || b->page[i] == zero_page)
        b->page[i] = xcalloc(1, PAGE_BYTES);
    memcpy(b->page[i], p, PAGE_BYTES);
}

/* Reads from the file. Bytes between its end and the end of the last sector are
 * zero. A file that has become shorter gives an I/O error. */
static bool file_read(struct backing *b, u64 at, u8 *to, u64 n)
{
    u64 have = at >= b->file_bytes ? 0 : b->file_bytes - at;
    u64 want = n < have ? n : have;
    memset(to + want, 0, n - want);
    if (b->fd < 0)
        return true;
    while (want) {
        ssize_t r = pread(b->fd, to, want, (off_t)at);
        if (r < 0 && errno == EINTR)
            continue;
        if (r <= 0)
            return false;
        to += r;
        at += (u64)r;
        want -= (u64)r;
    }
    return true;
}

/* Returns the offset of the next page, from `at` on, that may be nonzero. */
static u64 file_data_from(const struct backing *b, u64 at)
{
#ifdef SEEK_DATA
    off_t data = lseek(b->fd, (off_t)at, SEEK_DATA);
    if (data >= 0)
        return (u64)data & ~(PAGE_BYTES - 1);
    if (errno == ENXIO)
        return b->file_bytes;
#endif
    return at;
}

#define DIGEST_BYTES (1u << 20) /* read at a time */

u64 backing_digest(struct backing *b)
{
    if (b->fd < 0 || b->digested == b->left_machine + 1)
        return b->digest;
    XXH3_state_t *x = XXH3_createState();
    u8 *buf = xcalloc(1, DIGEST_BYTES);
    XXH3_64bits_reset(x);
    XXH3_64bits_update(x, &b->file_bytes, sizeof(b->file_bytes));
    for (u64 at = 0; (at = file_data_from(b, at)) < b->file_bytes;) {
        if (!file_read(b, at, buf, DIGEST_BYTES))
            break;
        for (u8 *p = buf; p < buf + DIGEST_BYTES; p += PAGE_BYTES) {
            if (p[0] || memcmp(p, p + 1, PAGE_BYTES - 1)) {
                XXH3_64bits_update(x, &at, sizeof(at));
                XXH3_64bits_update(x, p, PAGE_BYTES);
            }
            at += PAGE_BYTES;
        }
    }
    b->digest = XXH3_64bits_digest(x);
    b->digested = b->left_machine + 1;
    XXH3_freeState(x);
    free(buf);
    return b->digest;
}

/* Notes the host's error for the user; the guest gets an I/O error. */
static bool host_failed(struct backing *b)
{
    if (!b->host_error)
        b->host_error = errno ? errno : EIO;
    return false;
}

static bool file_write(struct backing *b, u64 at, const u8 *from, u64 n)
{
    b->dirty = true;
    b->left_machine++;
    while (n) {
        errno = 0;
        ssize_t r = pwrite(b->fd, from, n, (off_t)at);
        if (r < 0 && errno == EINTR)
            continue;
        if (r <= 0)
            return host_failed(b);
        from += r;
        at += (u64)r;
        n -= (u64)r;
    }
    return true;
}

static bool inside(const struct backing *b, u64 at, u64 n)
{
    u64 size = b->sectors * SECTOR_BYTES;
    return n <= size && at <= size - n;
}

bool backing_read(struct backing *b, u64 at, void *to, u64 n)
{
    u8 *p = to;
    if (!inside(b, at, n))
        return false;
    if (!b->overlay)
        return file_read(b, at, p, n);
    while (n) {
        u64 off = at % PAGE_BYTES, part = PAGE_BYTES - off;
        const u8 *page = b->page[at / PAGE_BYTES];
        part = part < n ? part : n;
        if (page == zero_page)
            memset(p, 0, part);
        else if (page)
            memcpy(p, page + off, part);
        else if (!file_read(b, at, p, part))
            return false;
        p += part;
        at += part;
        n -= part;
    }
    return true;
}

/* Returns the overlay's own copy of page i, for a write. Before a write of the
 * `whole` page the file is not read. NULL: the file could not be read. */
static u8 *own_page(struct backing *b, u64 i, bool whole)
{
    u8 *page = b->page[i];
    b->written[i] = 1;
    if (page && page != zero_page)
        return page;
    u8 *fresh = xcalloc(1, PAGE_BYTES);
    if (!page && !whole && !file_read(b, i * PAGE_BYTES, fresh, PAGE_BYTES)) {
        free(fresh);
        return NULL;
    }
    b->page[i] = fresh;
    return fresh;
}

bool backing_write(struct backing *b, u64 at, const void *from, u64 n)
{
    const u8 *p = from;
    if (b->readonly || !inside(b, at, n))
        return false;
    if (!b->overlay)
        return file_write(b, at, p, n);
    while (n) {
        u64 off = at % PAGE_BYTES, part = PAGE_BYTES - off;
        part = part < n ? part : n;
        u8 *page = own_page(b, at / PAGE_BYTES, part == PAGE_BYTES);
        if (!page)
            return false;
        memcpy(page + off, p, part);
        p += part;
        at += part;
        n -= part;
    }
    return true;
}

/* Zeroes bytes of an overlay. A whole page is freed; if a file lies under it,
 * zero_page takes its place. */
static bool overlay_zero(struct backing *b, u64 at, u64 n)
{
    while (n) {
        u64 i = at / PAGE_BYTES, off = at % PAGE_BYTES;
        u64 part = PAGE_BYTES - off < n ? PAGE_BYTES - off : n;
        if (part == PAGE_BYTES) {
            b->written[i] = 1;
            free_page(&b->page[i]);
            if (b->fd >= 0)
                b->page[i] = zero_page;
        } else if (b->page[i] != zero_page && (b->page[i] || b->fd >= 0)) {
            u8 *page = own_page(b, i, false);
            if (!page)
                return false;
            memset(page + off, 0, part);
        }
        at += part;
        n -= part;
    }
    return true;
}

/* The guest's later reads must not depend on the host's file system: if that
 * cannot punch a hole (`unmap`) or zero the range (else), zeros are written. */
bool backing_zero(struct backing *b, u64 at, u64 n, bool unmap)
{
    static const u8 zeros[1 << 16];
    if (b->readonly || !inside(b, at, n))
        return false;
    if (b->overlay)
        return overlay_zero(b, at, n);
    if (n && !fallocate(b->fd,
                        FALLOC_FL_KEEP_SIZE | (unmap ? FALLOC_FL_PUNCH_HOLE
                                                     : FALLOC_FL_ZERO_RANGE),
                        (off_t)at, (off_t)n)) {
        b->left_machine++;
        b->dirty = true;
        return true;
    }
    for (u64 part; n; at += part, n -= part) {
        part = n < sizeof(zeros) ? n : sizeof(zeros);
        if (!file_write(b, at, zeros, part))
            return false;
    }
    return true;
}

bool backing_flush(struct backing *b)
{
    if (b->fd < 0 || b->overlay || b->readonly)
        return true;
    if (fdatasync(b->fd))
        return host_failed(b);
    b->dirty = false;
    return true;
}
