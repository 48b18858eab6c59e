/* SPDX-License-Identifier: MIT */
/* Predicts from the reads of one open file which pages will be read next, and
 * reads them in advance.
 *
 *      start                                  start + size
 *        |  read already  |M  not asked for yet  |
 *                          `-- marker: reading it starts the next window
 *
 * The rules are Linux's (mm/readahead.c, ondemand_readahead, 2.6.23 on): the
 * first window is a few times the request, each next one two or four times as
 * long, up to vm.read_ahead_pages. A read that neither begins the file nor goes
 * on from an earlier one reads only what it asks for; the window stays. */
#pragma once

#include "vm/object.h"

struct readahead {
    u64 start, size; /* the window, in pages */
    u64 async;       /* length of its tail, which begins at the marker */
    u64 prev;        /* page that was read last */
    u32 misses;      /* misses of faults out of sequence, minus hits */
};

/* Called before page `index` is looked up, for a request of `want` pages.
 * => may sleep, but does not wait for the pages */
void readahead_file(struct vm_object *, struct readahead *, u64 index,
                    u64 want);
/* Like readahead_file, for a fault: a random miss reads around its page. True
 * if the page was not in memory before; false: it was, or nothing is read ahead
 * for this object. */
bool readahead_fault(struct vm_object *, struct readahead *, u64 index);
/* Starts to read absent pages of [from, from + n), while memory allows it. */
void readahead_force(struct vm_object *, u64 from, u64 n);
