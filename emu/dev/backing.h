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
    u64 file_bytes; /* as long as it was when opened */
    /* overlay: copy of each 4 KiB page; NULL: the file's; one that stands for
     * all that are zero and take no room */
    u8 **page;
    u64 pages;
    u64 origin; /* backing_origin's answer, once asked */
};
/* Dies with one line when the file cannot be used. */
void backing_open_file(struct backing *b, const char *file, bool readonly,
                       bool overlay);
void backing_open_memory(struct backing *b, u64 bytes);
void backing_close(struct backing *b);
void backing_state(struct backing *b, struct state *s);
/* Digest of what lies under an overlay: of its file's first 64 MiB and its
 * length. 0: nothing. What is written over it is state. */
u64 backing_origin(struct backing *b);
/* n bytes at byte offset `at` (both multiples of a sector). False: beyond the
 * end, read-only, or the host could not. */
bool backing_read(struct backing *b, u64 at, void *to, u64 n);
bool backing_write(struct backing *b, u64 at, const void *from, u64 n);
/* They read as zeros from now on. `unmap`: they need not take room. */
bool backing_zero(struct backing *b, u64 at, u64 n, bool unmap);
bool backing_flush(struct backing *b);

#endif
