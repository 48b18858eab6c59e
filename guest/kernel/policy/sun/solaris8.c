/* SPDX-License-Identifier: MIT */
/* Solaris 8 (2000): the cyclical page cache. The scanner of policy/sun/sunos.c
 * is still there, but no longer runs for the sake of files.
 *
 * Earlier, only the scanner made free memory, and a system that read files
 * scanned all the time, programs' pages included. Now a page of a file that no
 * process maps or reads any more *is* free at once, with its name: it goes to
 * the tail of the cache list. A new page takes the frame of the oldest page of
 * that list when no frame without a name is free.
 *
 *   program ends, read() done
 *        |                                     free: freelist + cachelist
 *        v                                     +----------+
 *   [ cachelist: oldest ... newest ]           | freelist | first
 *        |            ^                        +----------+
 *        | second     | wanted again: reclaim  |cachelist | then
 *        v            |                        +----------+
 *   frame for a new page
 *
 * So `free` of vmstat rises when a program quits, large amounts of file I/O
 * cycle through the cache list and leave `sr` at 0, and sr > 0 means that
 * programs need more than all memory (requirement 003-5). A modified page of a
 * file joins the list when fsflush has written it.
 *
 * Mirrors page_free and page_list_add of vm_page.c, segmap's release of its
 * pages, and otherwise the functions that policy/sun/sunos.c names; constants
 * are sunos's. A page that a sequential reader has passed while memory is short
 * goes to the list's head (sun_read_past), where its frame is used next. Left
 * out: other "don't need" pages (madvise), page colouring, the lists by memory
 * group, and what sunos leaves out. */
#include "policy/sun/sun.h"

static void idle(uint32_t frame)
{
    policy_cache(CACHELIST, frame, false);
}

const struct policy_ops policy_solaris8 = {
    .name = "solaris8",
    .notions = POLICY_HAS(SCANNER) | POLICY_HAS(RECLAIM) | POLICY_HAS(SWAPPER),
    .set_marks = sun_set_marks,
    .marks = sun_marks,
    .lists = sun_lists,
    .init = sun_init,
    .page_in = sun_page_in,
    .written = sun_written,
    .read_past = sun_read_past,
    .idle = idle,
    .threads = sun_threads,
    .waits_only = true,
    .kluster = SUN_KLUSTER,
    .own_writeback = true,
    .write_behind = true,
    .cached_is_free = true,
    .may_grab = sun_may_grab,
    .pressed = sun_pressed,
    .hands = sun_hands,
};
