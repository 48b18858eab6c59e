/* SPDX-License-Identifier: MIT */
/* Read-ahead: guessing from what one open file has been asked for what it
 * will be asked for next, and reading that before it is.
 *
 *      start                                  start + size
 *        |  read already  |M  not asked for yet  |
 *                          `-- marker: reading it starts the next window
 *
 * The rules are Linux's (mm/readahead.c, ondemand_readahead, 2.6.23 on):
 * the first window is a few times the request, each next one twice as long,
 * up to vm.read_ahead_pages; a read that continues nothing reads just what
 * it asks for. */
#ifndef VM_READAHEAD_H
#define VM_READAHEAD_H

#include "vm/object.h"

struct readahead {
    u64 start, size; /* the window, in pages */
    u64 async;       /* its last `async` pages are ahead of the marker */
    u64 prev;        /* page that was read last */
    u32 misses;      /* faults that found nothing, less those that did */
};

/* Before page `index` is got, of a request that goes on for `want` pages.
 * => may sleep, but does not wait for the pages */
void readahead_file(struct vm_object *, struct readahead *, u64 index,
                    u64 want);
/* The same for a fault: a miss out of sequence reads around the page. */
void readahead_fault(struct vm_object *, struct readahead *, u64 index);
/* Reads pages [from, from + n) as far as they are not in memory: advice. */
void readahead_force(struct vm_object *, u64 from, u64 n);

#endif
