/* SPDX-License-Identifier: MIT */
/* GNU Mach as imported in 1997: the system of document 000, tests/CONTRACT.md.
 *
 * System and year. The kernel (vm/vm_pageout.c, vm/vm_resident.c) chooses the
 * victim, and user processes, the pagers, write it: a file system for its
 * files, the default pager for swap. The pagers need memory for that. A thread
 * without privilege gets no frame while fewer than 15 are free; the default
 * pager has the privilege, the file systems have not:
 *
 *   free  |  programs  file pager  pageout daemon           default pager
 *   >= 15 |  go on     goes on     files' pages to files    goes on
 *   10-14 |  wait      waits       their messages wait      goes on
 *   5-9   |  wait      waits       all pages to swap        goes on
 *   < 5   |  wait      waits       one page at a time       goes on
 *
 * Rules. There are two queues. A page joins the tail of active. While inactive
 * has less than two thirds of both, the head of active loses its used mark and
 * moves to the tail of inactive. The daemon looks at the head of inactive: a
 * used page goes back to active, a clean one is freed, a dirty one goes to a
 * pager, in bursts of at most 10; then the daemon pauses 30 ms for each page on
 * its way. It works until free_target is reached and no process waits. If an
 * object gets the page after the one it got last, access is sequential: the
 * earlier page, mapped or not, a file's or private, becomes inactive at once
 * (vm_page_insert). So a file being written ("hosage" in 000) lies on inactive.
 *
 *   a file's page, dirty ---> message and temporary object (vm_pageout_page)
 *        10 free or more: to the tail of active; until the file pager receives
 *          the message it may come round to the head of inactive, where it is
 *          internal and goes to the default pager, however much is free
 *        fewer: to the head of inactive, and so to the default pager at once;
 *          message and page both count: a burst is five such pages
 *
 * Each message costs kernel memory. A file's page that the default pager gets
 * is "double paged": written to swap, read back by the file pager, and written
 * to the file. A frame that comes free wakes one sleeper if 15 are free then.
 *
 * Constants. reserved 15, internal 10, really 5; for n frames free_min = 25 +
 * (n - 15) / 100, free_target = 30 + (n - 15) / 80 (or mach.free_min, _target);
 * pauses of 30 ms a page, 200 ms when inactive is empty. The pause grows by
 * 1 ms a page if more than 5 pages are still with the default pager after it,
 * and shrinks to 3/4 when more than 10 pauses in a row were long enough.
 *
 * Adapted. A whole queue of pages that cannot leave counts as an empty one; the
 * original would spin over it. Page tables and the kernel's records of requests
 * come from the same frames; the kernel's grabs go down to 5. The file pager is
 * one thread; the Hurd's makes one for each request that it has memory for. A
 * process can use a page while its message waits; the Hurd's process must wait
 * for the write. An anonymous mapping remembers the page that came last, as an
 * object does; after a fork each copy remembers its own. The original bounds
 * neither messages nor their pages' swap, and hangs when a writer has filled
 * swap, or memory with messages; here a program that wants a page of a file
 * waits earlier (policy_swamped). A file of six times the memory (16 MiB, fast
 * timing) takes 22 times as long as under clock: each page is written to swap,
 * read back, and written to the file singly. Six programs that want four times
 * the memory each (tests/guest/ends.t) wait for the daemon's pauses, too: all
 * are killed after 50 to 57 s, by when they start, under clock after 8.
 *
 * Left out. Stacks, zones and other users of memory, which are first asked for
 * some (consider_*_collect); that the source of a copy on write is deactivated;
 * precious pages; the sync that the Hurd's file systems do every 30 s: dirty
 * pages leave by pageout, sync() and fsync() alone. */
#include "policy/mach/machpage.h"

static struct policy_mark marks[] = {
    {"inactive_target", 0}, {"laundry_pages", 0}, {0, 0}};

static const struct mach_rules rules97 = {.reserved = 15,
                                          .internal = 10,
                                          .really = 5,
                                          .burst_wait = 30,
                                          .empty_wait = 200,
                                          .marks = marks};

static void set_marks(uint64_t nframes, struct policy_levels *l)
{
    mach_levels(&rules97, nframes, l);
}

static void init(uint32_t nframes)
{
    mach_init(&rules97);
}

/* Wakes one thread, as vm_page_release does; all, if writers wait for the file
 * pager (policy_swamped): the one woken might always be such a writer. */
static uint32_t wakes(void)
{
    return mach_freed() ? policy_swamped() ? ~0u : 1 : 0;
}

const struct policy_ops policy_mach97 = {
    .name = "mach97",
    .notions = POLICY_HAS(SCANNER) | POLICY_HAS(LISTS) | POLICY_HAS(PAGERS),
    .set_marks = set_marks,
    .marks = marks,
    .lists = mach_lists,
    .init = init,
    .page_in = mach_page_in,
    .behind = mach_behind,
    .written = mach_written,
    .threads = mach_threads,
    .waits_only = true,
    .pagers = true,
    .own_writeback = true,
    .may_grab = mach_may_grab,
    .pressed = mach_pressed,
    .wakes = wakes,
    .may_kill = mach_may_kill,
};
