/* SPDX-License-Identifier: MIT */
/* The storage of a disk. Writes go to the file (they persist), or into an
 * overlay over it. An overlay's pages are kept in memory, and are state. A disk
 * in memory is an overlay without a file. */
#pragma once

#include "dev/dev.h"

#define SECTOR_BYTES 512u

struct backing {
    int fd;     /* -1: memory */
    char *file; /* name for messages, or NULL */
    bool readonly, overlay;
    u64 sectors;
    u64 file_bytes;         /* length of the file when it was opened */
    u64 host_dev, host_ino; /* identity of the file */
    int host_error;         /* errno of the first failed write or flush, or 0 */
    bool dirty;             /* written since the last flush */
    /* Overlay: its 4 KiB pages; NULL: the page is the file's (memory: zeros).
     * One common address stands for all pages of zeros, which take no room. */
    u8 **page;
    u64 pages;
    u64 digest, digested; /* result of backing_digest, and 1 + left_machine at
                           * that time */
    u64 digest_at_start;  /* backing_digest at the start of a recording */
    /* For history. written (overlay): a byte for each page, not 0 if the page
     * may have changed since history cleared the byte. left_machine (file): the
     * number of writes, which cannot be undone. */
    u8 *written;
    u64 left_machine;
};
/* Ends the program with one line if the file cannot be used. */
void backing_open_file(struct backing *b, const char *file, bool readonly,
                       bool overlay);
void backing_open_memory(struct backing *b, u64 bytes);
void backing_close(struct backing *b);
/* Locks the file until it is closed. A file that is written belongs to this
 * machine alone. A file that is only read (readonly, overlay) may be shared
 * while no machine writes it. Ends the program if another lock conflicts. */
void backing_lock(struct backing *b);
/* True if both use the same host file and at least one writes to it. */
bool backing_clash(const struct backing *a, const struct backing *b);
void backing_state(struct backing *b, struct state *s);
/* These get or put page i of an overlay as history keeps it (copies.h): NULL if
 * the file's page is read, `mark` (copies_mark) if it is all zeros. */
const u8 *backing_page(const struct backing *b, u64 i, const u8 *mark);
void backing_put_page(struct backing *b, u64 i, const u8 *p, const u8 *mark);
/* Returns a digest of the file's content and length; 0: the disk is in memory.
 * Reads all of the file except its holes, and again only after a write. Pages
 * of an overlay are not included, because they are state. */
u64 backing_digest(struct backing *b);
/* These read or write n bytes at byte offset `at` (both multiples of a sector).
 * False: beyond the end, read-only, or an error of the host. */
bool backing_read(struct backing *b, u64 at, void *to, u64 n);
bool backing_write(struct backing *b, u64 at, const void *from, u64 n);
/* Zeroes the bytes. `unmap`: the file may get a hole there. */
bool backing_zero(struct backing *b, u64 at, u64 n, bool unmap);
bool backing_flush(struct backing *b);
