/* SPDX-License-Identifier: MIT */
/* Linux 6.12, the classic lists.
 *
 * System and year. Linux 6.12 (2024), mm/vmscan.c, mm/workingset.c, mm/swap.c:
 * the split of anonymous and file pages is Rik van Riel's (2.6.28, 2008), the
 * refault distance Johannes Weiner's (3.15, 2014; anonymous pages 5.9, 2020).
 *
 *              fault, read                     second use
 *                  |      +---------------------------------+
 *                  v      |                                 v
 *      out <-- [ inactive file ] <--- too short? --- [ active file ]
 *       |                                                   ^
 *       +--> shadow: how many have left since? -- few! -----+
 *      out <-- [ inactive anon ] <-- ...             [ active anon ]
 *
 * Coming and being used (this file). There are two pairs of lists, one of
 * anonymous and shared memory, one of files. A page comes in at the head of its
 * inactive list. read() and write() mark it (PG_referenced); the second mark
 * moves it to the active list. A page that is locked by mlock is on a list of
 * its own, unevictable, and counts nowhere else.
 *
 * Refaults. `age` counts evictions, activations and executable pages that stay
 * active. When a page leaves, a shadow keeps the age; when it comes back, the
 * difference says how many have left or become active since. If that is at most
 * the size of all lists but its own inactive one, the page would have stayed on
 * a list longer by that much: it is activated at once. If it had been active
 * before, this also costs its pair 32, as much as a page written.
 *
 * Reclaim (scan612.c) takes 32 pages at a time off an inactive list's end; one
 * that gets there meanwhile, its write ended, is in the next. A page used
 * through a PTE stays, marked; if it had the mark, or is a file's and
 * executable, it is activated. Any other is evicted. An anonymous page needs
 * two looks: the first unmaps it and has it written, and puts it back at the
 * head; when the write has ended the page moves to the tail, and the next look
 * frees it. A page found under write is activated, out of the way, and moves to
 * the tail in the same manner.
 *
 * An active list gives pages to its inactive list, 32 at a time, if that is too
 * short (inactive * r < active; r = sqrt(10 * GiB of both), 1 below 1 GiB), or
 * if a refault of its kind has been activated since reclaim last ended.
 *
 * Choice of the pair: by swappiness and the cost of each pair lately (refaults,
 * pages written, pages looked at in vain). Only file pages are looked at while
 * their inactive list is long and their active list need give none
 * (cache_trim_mode). Only anonymous ones are while the files' lists and free
 * memory are at most the high mark, the inactive anonymous list is long and the
 * active one need give none (file_is_tiny). At most size >> priority are.
 *
 * Runs. A process frees at least 32 pages: at priority 12, then at lower ones
 * until it has them. kswapd runs from the low mark until a zone has its high
 * mark, at most a tick (4 ms) at a time, and sleeps until woken. Its priority
 * falls when a round has looked at fewer pages than the high mark says, or has
 * freed none. After a round that met only pages under write, kswapd pauses when
 * it meets such a page again, for a tenth of a second or until over 32 pages
 * are written. Below 12, or in kswapd, once enough is free, the pair with fewer
 * pages left to look at stops, the other at the same fraction (shrink_lruvec).
 *
 * Zones, where the machine has more than one. The lists are the node's; marks
 * are each zone's, and kswapd ends as soon as one zone has its high mark
 * (pgdat_balanced). A process that needs a frame below HighMem skips pages of
 * HighMem. lowmem_reserve keeps in DMA a 256th, in Normal a 32nd of the frames
 * of the zones above, from callers that could use those zones.
 *
 * Dirty pages of files. Reclaim leaves writing to the flusher. A dirty page met
 * at the end of the inactive list is marked (PG_reclaim) and activated; when
 * its write has ended it goes to the end of the inactive list, and is taken
 * next. A batch of only dirty pages wakes the flusher, which writes all dirty
 * files; kswapd itself writes only a page that it meets a second time after a
 * round with nothing but dirty pages (PGDAT_DIRTY). While the flusher has pages
 * to write, the first 16 tries that come to nothing kill no process.
 *
 * Constants. DEF_PRIORITY 12, SWAP_CLUSTER_MAX 32, swappiness 60 of 200; marks
 * from min_free_kbytes and watermark_scale_factor 10 (policy/marks.c).
 *
 * Left out. Control groups, further nodes, MGLRU, THP, madvise's lazily freed
 * pages, watermark_boost_factor; the number of PTEs that used a page (two
 * activate it at once); marks of files' pages when a mapping that used them
 * ends (write() sets none); the batches of 31 pages a CPU in which pages wait
 * for their list; the naps of processes whose reclaim makes no progress. Here a
 * page of PG_reclaim that is written to again keeps the mark. With swap full
 * 6.12 leaves clean pages of the swap cache alone and kills; here they go
 * first. Outside the policy: the pages mapped around a fault do not count as
 * used (in 6.12 they do), at most 32 writes to swap are under way (in 6.12 a
 * disk's queue, 256), and as many shadows are kept as there are frames.
 *
 * Compared with 6.12 (tools/contest -f 2048: 2,048 spare frames, min 900 KiB;
 * left ours, right 6.12; resident: in mid-run, anonymous + file, ours above):
 *                    seq            hot            two            mix
 * victims         6620  7563     3617  4312     2830  3259   16530 17948
 * anonymous, %       0   0.1        0   0.7     96.1  91.8     3.1   3.5
 * scanned: stolen 1.02  1.01     1.00  1.07     3.24  3.36    1.25  1.26
 * by kswapd, %     100   100      100  95.8     50.9  72.5     100   100
 * refaults        4096  4096        0     0     1363  1476   11193 12571
 * ... activated      0     0        0     0       23    61    4836  5221
 * deactivated        0   186        0   479      138   488    5702  6372
 * from swap          0     0        0     0     1361  1475     421   494
 * major faults       0     0        0     0     1354  1349    1186  1236
 * resident     37+1638         1046+688        1654+9        423+1199
 *                  138+1525         1113+594       1512+17       423+1265
 * Differences that remain:
 * - seq, hot: 943 and 695 more victims in 6.12 are pages of Debian's shell and
 *   its libraries, which are among the 2,048 spare frames and are evicted in
 *   the first eighth of the run; most of 6.12's deactivations fall there, too.
 * - two: the processes free 896 frames in 6.12, 1,390 here; kswapd 2,363 and
 *   1,440. Of the 923 more that kswapd frees in 6.12, 157 held pages of files,
 *   the shell's among them. If `two` runs alone after the boot, processes
 *   reclaim 27 times under either kernel (6.12's are never throttled,
 *   reclaim_throttle is not called); each time they free 44 and write 38 pages
 *   in 6.12, 48 and 41 here. (The order in which processes wake that wait for
 *   the disk hardly matters: kswapd writes 1,482 pages with one, 1,588 else.)
 * - two, the first decision that differs: 6.12's first look at a page is
 *   kswapd's, at the low mark, and at an anonymous page. Ours is a process's
 *   own, at the min mark, at a page of a file, and 105 more such looks follow:
 *   a daemon that a process wakes goes to the end of the queue for the hart
 *   (task/sched.c). If it went to the head, kswapd would come first here, too,
 *   but free hardly more (53.4% for 52.2%, before reclaim took whole batches).
 * The contest turns off in 6.12 what this policy leaves out. Each of these,
 * turned on alone, makes a larger difference than all those above:
 * - watermark_boost_factor: mix has 26,635 victims and 20,958 refaults; kswapd
 *   frees 62% of the frames (seq 87%, hot 75%);
 * - control groups (the counts that inactive_is_low and the refault distance
 *   read are then up to 4 s old): mix has 6,546 activated, 18,172 victims, 913
 *   pages to swap, not 658; with boost, too: hot 12.9% anonymous, 570 refaults;
 * - fault_around (the pages mapped around a fault count as used): mix needs
 *   1.57 looks per frame freed;
 * - a queue of 256 for swap (kswapd meets its own writes again and again):
 *   `two` needs 8.9 looks per frame freed and 17,000 activations, and one
 *   process is then ahead of the other. */
#include "policy/linux26/linux612.h"
#include "policy/marks.h"

static const struct policy_list lists[] = {
    {"inactive_anon", LIST_INACTIVE}, {"active_anon", LIST_ACTIVE},
    {"inactive_file", LIST_INACTIVE}, {"active_file", LIST_ACTIVE},
    {"unevictable", LIST_PLAIN},      {0}};
struct policy_mark linux612_marks[] = {
    {"anon_cost", 0}, {"file_cost", 0}, {"priority", DEF_PRIORITY}, {0}};

/* Shadow: 1 | workingset | 30 bits of the age at which it left. */
#define AGE_MASK 0x3fffffffu

struct linux612_pair linux612_pairs[2];
uint64_t linux612_age, linux612_written;

static void init(uint32_t nframes)
{
    linux612_pairs[0] = linux612_pairs[1] = (struct linux612_pair){0, 0};
    linux612_marks[0].value = linux612_marks[1].value = 0;
    linux612_age = linux612_written = 0;
    linux612_scan_init();
}

bool linux612_can_swap(void)
{
    return policy_swap_free() || policy_swap_cached();
}

bool linux612_is_file(uint32_t frame)
{
    return policy_kind(frame) == KIND_FILE;
}

unsigned linux612_inactive_of(uint32_t frame)
{
    return linux612_is_file(frame) ? INACTIVE_FILE : INACTIVE_ANON;
}

void linux612_note_cost(bool file, uint64_t cost)
{
    struct linux612_pair *p = linux612_pairs;
    uint64_t all = 0;
    for (unsigned l = INACTIVE_ANON; l <= ACTIVE_FILE; l++)
        all += policy_count(l);
    p[file].cost += cost;
    if (p[0].cost + p[1].cost > all / 4)
        p[0].cost /= 2, p[1].cost /= 2;
    linux612_marks[0].value = p[0].cost;
    linux612_marks[1].value = p[1].cost;
}

/* ---- refaults (mm/workingset.c) ---- */

/* workingset_eviction */
static uint32_t evicted(uint32_t frame)
{
    bool was = *policy_data(frame) & PG_WORKINGSET;
    return 1u << 31 | was << 30 | (linux612_age++ & AGE_MASK);
}

/* workingset_test_recent */
static bool recent(uint32_t frame, uint32_t shadow)
{
    bool file = linux612_is_file(frame), swap = linux612_can_swap();
    uint64_t others = policy_count(ACTIVE_FILE);
    others += file ? 0 : policy_count(INACTIVE_FILE);
    others += swap ? policy_count(ACTIVE_ANON) : 0;
    others += swap && file ? policy_count(INACTIVE_ANON) : 0;
    return ((linux612_age - shadow) & AGE_MASK) <= others;
}

/* workingset_refault; true: the page is active at once. */
static bool refault(uint32_t frame, uint32_t shadow)
{
    bool file = linux612_is_file(frame);
    if (!recent(frame, shadow))
        return false;
    linux612_age++;
    linux612_pairs[file].activated++;
    policy_count_event(C_WS_ACTIVATE, 1);
    policy_count_event(file ? C_WS_ACTIVATE_FILE : C_WS_ACTIVATE_ANON, 1);
    if (shadow >> 30 & 1) {
        *policy_data(frame) |= PG_WORKINGSET;
        linux612_note_cost(file, CLUSTER);
    }
    return true;
}

/* ---- coming, being used, being written (mm/swap.c) ---- */

/* folio_add_lru */
static void page_in(uint32_t frame, enum policy_why why, uint32_t shadow)
{
    bool active = shadow && refault(frame, shadow);
    policy_add_head(policy_locked(frame) ? UNEVICTABLE
                                         : linux612_inactive_of(frame) + active,
                    frame);
}

/* folio_mark_accessed: read() and write(), not faults. */
static void page_touched(uint32_t frame, enum policy_why why)
{
    uint32_t *data = policy_data(frame);
    if (why != CAME_READ)
        return;
    if (!(*data & PG_REFERENCED)) {
        *data |= PG_REFERENCED;
    } else if (policy_list_of(frame) == linux612_inactive_of(frame)) {
        *data &= ~PG_REFERENCED;
        linux612_age++;
        policy_add_head(linux612_inactive_of(frame) + 1, frame);
    }
}

/* folio_end_writeback, folio_rotate_reclaimable */
static void written(uint32_t frame)
{
    uint32_t *data = policy_data(frame);
    if (!(*data & PG_RECLAIM))
        return;
    *data &= ~PG_RECLAIM;
    linux612_written++;
    if (!policy_dirty(frame) && policy_list_of(frame) != UNEVICTABLE)
        policy_add_tail(linux612_inactive_of(frame), frame);
}

/* mlock_folio, munlock_folio */
static void locked(uint32_t frame, bool now)
{
    policy_add_head(now ? UNEVICTABLE : linux612_inactive_of(frame), frame);
}

static const struct policy_thread threads[] = {
    {"kswapd0", linux612_kswapd, ACTOR_PAGEOUT, true, false}, {0}};

const struct policy_ops policy_linux612 = {
    .name = "linux612",
    .notions = POLICY_HAS(SCANNER) | POLICY_HAS(LISTS),
    .set_marks = linux_marks,
    .zone_marks = linux_zone_marks,
    .marks = linux612_marks,
    .lists = lists,
    .init = init,
    .page_in = page_in,
    .page_touched = page_touched,
    .evicted = evicted,
    .written = written,
    .locked = locked,
    .reclaim = linux612_reclaim,
    .threads = threads,
    .may_kill = linux612_may_kill,
    .oom_nap = THROTTLE,
    .kluster = 32, /* the block layer merges what is plugged */
    .reads_around = true,
    .faults_around = 16, /* fault_around_bytes */
    .all_unreclaimable = linux612_all_unreclaimable,
};
