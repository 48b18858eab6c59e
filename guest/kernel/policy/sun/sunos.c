/* SPDX-License-Identifier: MIT */
/* SunOS 5: Solaris 2 up to 7 (1992-1998), the page scanner that Cockcroft
 * explains in "How can I get my memory back?" (Unix Insider, October 1995).
 *
 * Every page has a name: a file and a place in it, or a place in swap. Pages
 * of files are kept, mapped or not, until their frames are needed: read()
 * works by mapping pages, and there is no limit but memory. So when a program
 * has ended, the pages of its files stay, attached to inodes that no process
 * uses; `free` does not rise, and starting the program again needs no
 * disk. Only the scanner makes free memory:
 *
 *          frames, physical order
 *    +---------------------------------------------+
 *    |   .   .   B   .   .   .   .   F   .   .   . |  wraps around
 *    +-----------|---------------|-----------------+
 *              back            front    both move one frame at a time
 *                \_ handspread _/
 *
 *    front: asks the MMU, clears the reference bit
 *    back:  used since? spared.  clean? free.  modified? to the push list
 *
 *    pages looked at a second            processor time, at most
 *      fastscan |*                         80% |*
 *               |   *                          |   *
 *      slowscan |_______* (above: 0)        4% |_______*
 *      freemem: 0    lotsfree         freemem: 0    lotsfree
 *
 * A freed page keeps its name and goes to the tail of the cache list, which
 * is counted as free; a process that wants the page before another page gets
 * the frame takes it back: a reclaim, `re` of vmstat, a minor fault. A
 * modified page is queued (256 at most), and at most maxpgio / 4 requests are
 * pushed each quarter of a second, swap's in klusters; then it is freed.
 *
 * Four times a second schedpaging sets the number of frames to look at. While a
 * process waits for memory (needfree: below throttlefree) the rate is fastscan,
 * before Solaris 9; and an allocation that leaves less than minfree wakes the
 * scanner at once, for the rest of that quarter of a second. A sequential
 * reader frees the pages that it has passed while memory is short, and needs no
 * scanner (free-behind, sun_read_past). When the shortage lasts, processes that
 * sleep are swapped out whole (policy/sun/sunswap.c).
 *
 * Rules and constants: vm_pageout.c (schedpaging, pageout_scanner, checkpage,
 * pageout), vm_page.c (page_free, page_reclaim, page_create_throttle), as in
 * illumos, where they are hardly changed. The thresholds are in
 * policy/sun/sunmarks.c, the hands in policy/sun/sunscan.c, fsflush, which
 * writes modified pages whether memory is short or not, in
 * policy/sun/sunflush.c. A page that more than po_share address spaces map is
 * skipped; po_share is 8 at first, and doubles if whole laps bring nothing. (In
 * illumos it doubles from the second lap of the front hand in one wake-up on,
 * and only its maximum ends the wake-up; with as few frames as here, memory
 * would be swept 25 times in a moment. So here it doubles from the third lap
 * on, and four laps end the wake-up.)
 *
 * Priority paging (2.6 with a patch, 7; sunos.priority_paging): the scanner
 * begins at cachefree = 2 * lotsfree already, and takes only pages of files
 * that are not programs until freemem falls below lotsfree: reading files no
 * longer drives programs out.
 *
 * sunos.release chooses between the constants of SunOS 5.3, of 5.6 to 5.8 and
 * of Solaris 9 (policy/sun/sunmarks.c, which cites their sources).
 *
 * A shortage lasts: each quarter of a second at most maxpgio / 4 requests are
 * pushed, however many programs wait. Six of them that want four times the
 * memory each (tests/guest/ends.t) fill 32 MB of swap in 20 s; all are killed
 * after 84 to 132 s, by when they start and by the kernel's layout, under clock
 * after 8 s; a locked process wakes on time meanwhile.
 *
 * Left out: pages larger than 4 KiB, kmem_reap, scanning by several threads. A
 * process that must wait for memory is not killed here but by the kernel's
 * common rule, when two laps and the next second brought nothing. */
#include "policy/sun/sun.h"

const struct policy_ops policy_sunos = {
    .name = "sunos",
    .notions = POLICY_HAS(SCANNER) | POLICY_HAS(RECLAIM) | POLICY_HAS(SWAPPER),
    .set_marks = sun_set_marks,
    .marks = sun_marks,
    .lists = sun_lists,
    .init = sun_init,
    .page_in = sun_page_in,
    .written = sun_written,
    .read_past = sun_read_past,
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
