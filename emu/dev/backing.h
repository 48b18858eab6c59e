/* SPDX-License-Identifier: MIT */
/* Where a disk's bytes live. A file may be written through (it persists) or
 * covered by an overlay: written pages stay in memory and are state. A disk
 * in memory is an overlay over nothing. */
#ifndef CLOCKHAND_DEV_BACKING_H
#define CLOCKHAND_DEV_BACKING_H

#include "dev/dev.h"

#define SECTOR_BYTES 512u

struct backing {
    int fd;     /* -1: memory */
    char *file; /* name for people, or NULL */
    bool readonly, overlay;
    u64 sectors;
    u64 file_bytes;         /* as long as it was when opened */
    u64 host_dev, host_ino; /* which file it is, whatever its name */
    int host_error;         /* errno of the first write that failed, or 0 */
    bool dirty;             /* the file has been written to since its flush */
    /* overlay: copy of each 4 KiB page; NULL: the file's; one that stands for
     * all that are zero and take no room */
    u8 **page;
    u64 pages;
    u64 digest, digested; /* backing_digest's; 1 + left_machine then */
    u64 digest_at_start;  /* the same when a recording began */
    /* For history: overlay: a byte each page, not 0 when it may have changed
     * since its owner last cleared it; a file: how often it has been written
     * to, which cannot be taken back. */
    u8 *written;
    u64 left_machine;
};
/* Dies with one line when the file cannot be used. */
void backing_open_file(struct backing *b, const char *file, bool readonly,
                       bool overlay);
void backing_open_memory(struct backing *b, u64 bytes);
void backing_close(struct backing *b);
/* Until it is closed: a file that is written to is this machine's alone; one
 * that is only read (readonly, overlay) may be shared as long as nobody
 * writes. Dies with one line where another machine has it. */
void backing_lock(struct backing *b);
/* Do both lie on one file of the host's, of which one of them writes? */
bool backing_clash(const struct backing *a, const struct backing *b);
void backing_state(struct backing *b, struct state *s);
/* Page i of an overlay as history keeps it (history/copies.h): NULL where the
 * file's shows, copies_mark where it reads as zeros; and back again. */
const u8 *backing_page(const struct backing *b, u64 i, const u8 *mark);
void backing_put_page(struct backing *b, u64 i, const u8 *p, const u8 *mark);
/* Digest of the file's content as it is now, and of its length; 0: it lies in
 * memory. Reads all of it that is no hole, once after a write. What has been
 * written to an overlay is not in it, but state. */
u64 backing_digest(struct backing *b);
/* n bytes at byte offset `at` (both multiples of a sector). False: beyond the
 * end, read-only, or the host could not. */
bool backing_read(struct backing *b, u64 at, void *to, u64 n);
bool backing_write(struct backing *b, u64 at, const void *from, u64 n);
/* They read as zeros from now on. `unmap`: they need not take room. */
bool backing_zero(struct backing *b, u64 at, u64 n, bool unmap);
bool backing_flush(struct backing *b);

#endif
