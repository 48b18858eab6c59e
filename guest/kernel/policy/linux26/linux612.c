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
 * Rules. Two pairs of lists; pages come in on the inactive one and are taken
 * from its end. There a page that PTEs used is kept once (PG_referenced) and
 * activated the second time; executable ones at once; read() marks the same
 * way. The active list gives pages when the inactive one is too short: for
 * inactive * r < active with r = sqrt(10 * GiB), 1 below. When a page leaves,
 * a shadow keeps the age of the lists; if it comes back after no more
 * departures and activations than the other lists have pages, it would have
 * stayed had the inactive list been longer, so it is activated at once.
 * Which pair: by swappiness against what each has cost lately (refaults,
 * pages written, pages kept). How much: size >> priority, from 12 to 0. Once
 * enough pages are free, the pair with less left of what was to be looked at
 * ends; the other one goes on to the same share of its own, one batch at most
 * (shrink_lruvec); only a process's first priority goes through to the end.
 *
 * Zones, where the machine has more than one. The lists are the node's; marks
 * are each zone's, and kswapd ends as soon as one zone has its high mark
 * (pgdat_balanced). A process that needs a frame below HighMem passes pages of
 * HighMem over. lowmem_reserve keeps a 256th of what lies above it in DMA, a
 * 32nd in Normal, from those who could use the zones above.
 *
 * Dirty pages of files. Reclaim leaves writing to the flusher. A dirty page
 * met at the end of the inactive list, or one under way to the disk, is marked
 * (PG_reclaim) and moved to the active list, out of the way; when its write has
 * ended it goes to the end of the inactive list, and is taken next. A batch
 * with nothing but dirty pages wakes the flusher for all of them; kswapd writes
 * one itself only if it meets it a second time after such a batch
 * (PGDAT_DIRTY). Nobody is killed on account of pages that the flusher is about
 * to write until 16 tries have come to nothing.
 *
 * Constants. DEF_PRIORITY 12, SWAP_CLUSTER_MAX 32, swappiness 60 of 200; marks
 * from min_free_kbytes and watermark_scale_factor 10 (policy/marks.c).
 *
 * Left out. A page of PG_reclaim that is written to again keeps the mark.
 * Control groups, nodes but one, MGLRU, THP, madvise's lazily freed pages,
 * file_is_tiny; the number of PTEs that used a page; that refaults let a short
 * active list give pages, too. With swap full 6.12 leaves clean pages of the
 * swap cache alone and kills; here they go first. Pages of mlock stay on these
 * lists (6.12 has an unevictable one), and count as pages that could be had.
 *
 * Beside the original (tools/contest: 2,048 frames to spare, marks of 900 KiB;
 * ours, 6.12's):
 *                       seq            hot            two            mix
 * victims            6669  8140     3522  4781     2307  3851   11661 23193
 * anonymous, %          0   1.1        0  12.9     95.3  90.5       0   4.7
 * scanned: stolen    1.02  1.02     1.00  1.93     2.58  3.96    1.41  1.54
 * refaults           3571  4097        0   570      816  1837    6325 17440
 * - seq: alike. Ours remembers fewer of those that left (vm/shadow.h; in 64 MiB
 *   all of them). There, with all but those frames locked, 4,094 of ours were
 *   activated at once, none of 6.12's: pages of mlock make the lists seem long.
 * - hot, mix: 6.12 takes anonymous pages, ours none or few. It had 486 and
 *   6,863 activations by refaults, after which it no longer spares anonymous
 *   pages for the sake of a long inactive file list (prepare_scan_control:
 *   may_deactivate, cache_trim_mode): what is left out above. That this is all
 *   of it has not been tried.
 * - two: 6.12 scans half as much again for a frame; why is not known. */
#include "policy/marks.h"
#include "vm/policy.h"

#define DEF_PRIORITY 12
#define CLUSTER      32u
#define RETRIES      16 /* MAX_RECLAIM_RETRIES: ladders in vain before OOM */
#define THROTTLE     100000000 /* VMSCAN_THROTTLE_WRITEBACK, in ns */

enum { INACTIVE_ANON = 1, ACTIVE_ANON, INACTIVE_FILE, ACTIVE_FILE };
static const struct policy_list lists[] = {{"inactive_anon", LIST_INACTIVE},
                                           {"active_anon", LIST_ACTIVE},
                                           {"inactive_file", LIST_INACTIVE},
                                           {"active_file", LIST_ACTIVE},
                                           {0}};
static struct policy_mark marks[] = {
    {"anon_cost", 0}, {"file_cost", 0}, {"priority", DEF_PRIORITY}, {0}};
/* policy_data of a page. */
#define REFERENCED 1u
#define WORKINGSET 2u /* was active once */
#define RECLAIM_IT 4u /* PG_reclaim: to the list's end once it is written */

/* Shadow: 1 | workingset | 30 bits of the age at which it left. */
#define AGE_MASK 0x3fffffffu
static uint32_t age;   /* departures and activations */
static bool waits;     /* a page was met that goes once it has been written */
static bool all_dirty; /* PGDAT_DIRTY: kswapd met nothing but such */
static unsigned no_progress;     /* failures since a frame was last freed */
static unsigned kswapd_failures; /* its ladders in vain, one after the other */

static void init(uint32_t nframes)
{
    (void)nframes;
    marks[0].value = marks[1].value = age = 0;
    all_dirty = false;
    no_progress = kswapd_failures = 0;
}

/* Swap has room (can_reclaim_anon_pages), or a copy of what is in memory. */
static bool can_swap(void)
{
    return policy_swap_free() || policy_swap_cached();
}

static bool is_file(uint32_t frame)
{
    return policy_kind(frame) == KIND_FILE;
}

static unsigned inactive_of(uint32_t frame)
{
    return is_file(frame) ? INACTIVE_FILE : INACTIVE_ANON;
}

/* ---- what a page has cost (lru_note_cost) ---- */

static void note_cost(bool file, uint64_t cost)
{
    uint64_t all = 0;
    for (unsigned l = INACTIVE_ANON; l <= ACTIVE_FILE; l++)
        all += policy_count(l);
    marks[file].value += cost;
    if (marks[0].value + marks[1].value > all / 4)
        marks[0].value /= 2, marks[1].value /= 2;
}

/* ---- coming, going, being used ---- */

static uint32_t evicted(uint32_t frame)
{
    bool was = *policy_data(frame) & WORKINGSET;
    return 1u << 31 | was << 30 | (age++ & AGE_MASK);
}

/* workingset_test_recent */
static bool recent(uint32_t frame, uint32_t shadow)
{
    bool file = is_file(frame), swap = can_swap();
    uint64_t others = policy_count(ACTIVE_FILE);
    others += file ? 0 : policy_count(INACTIVE_FILE);
    others += swap ? policy_count(ACTIVE_ANON) : 0;
    others += swap && file ? policy_count(INACTIVE_ANON) : 0;
    return ((age - shadow) & AGE_MASK) <= others;
}

static void page_in(uint32_t frame, enum policy_why why, uint32_t shadow)
{
    bool soon = shadow && recent(frame, shadow);
    (void)why;
    age += soon;
    policy_count_event(C_WS_ACTIVATE, soon);
    if (soon && (shadow >> 30 & 1)) {
        *policy_data(frame) |= WORKINGSET;
        note_cost(is_file(frame), CLUSTER);
    }
    policy_add_head(inactive_of(frame) + soon, frame);
}

static void activate(uint32_t frame)
{
    *policy_data(frame) &= ~REFERENCED;
    age++;
    policy_add_head(inactive_of(frame) + 1, frame);
}

/* folio_mark_accessed: read() and write(), not faults. */
static void page_touched(uint32_t frame, enum policy_why why)
{
    if (why != CAME_READ)
        return;
    if (!(*policy_data(frame) & REFERENCED))
        *policy_data(frame) |= REFERENCED;
    else if (policy_list_of(frame) == inactive_of(frame))
        activate(frame);
}

/* folio_end_writeback, folio_rotate_reclaimable */
static void written(uint32_t frame)
{
    if ((*policy_data(frame) & RECLAIM_IT) && !policy_dirty(frame))
        policy_add_tail(inactive_of(frame), frame);
    *policy_data(frame) &= ~RECLAIM_IT;
}

/* ---- the inactive list's end ---- */

enum verdict { RECLAIM, RECLAIM_CLEAN, KEEP, ACTIVATE };

/* folio_check_references */
static enum verdict judge(uint32_t frame)
{
    uint32_t *data = policy_data(frame), was = *data & REFERENCED;
    bool used = policy_clear_used(frame) && policy_mapped(frame);
    *data &= ~REFERENCED;
    if (used) {
        *data |= REFERENCED;
        bool exec = is_file(frame) && policy_exec(frame);
        return was || exec ? ACTIVATE : KEEP;
    }
    return was && is_file(frame) ? RECLAIM_CLEAN : RECLAIM;
}

/* It goes as soon as it has been written, and is out of the way until then. */
static void activate_dirty(uint32_t frame)
{
    waits = true;
    *policy_data(frame) |= RECLAIM_IT;
    activate(frame);
}

/* What looking at pages of a list has come to (struct reclaim_stat). */
struct shrunk {
    uint64_t taken;    /* looked at */
    uint64_t got;      /* free, or on their way */
    uint64_t pageout;  /* written by who looked */
    uint64_t unqueued; /* dirty ones of files, not on their way to the disk */
};

/* shrink_folio_list, one page. */
static void shrink_page(uint32_t frame, struct shrunk *s)
{
    bool dirty = policy_dirty(frame), file = dirty && is_file(frame);
    enum verdict v = judge(frame);
    s->unqueued += file;
    if (v == ACTIVATE) {
        activate(frame);
    } else if (v == KEEP) {
        return;
    } else if (file && !(policy_is_daemon() && all_dirty &&
                         (*policy_data(frame) & RECLAIM_IT))) {
        activate_dirty(frame);
    } else if (file && v == RECLAIM) {
        waits = true;
        s->pageout += policy_launder(frame) == 0;
    } else if (!file && policy_take(frame) >= 0) {
        s->got++;
        s->pageout += dirty;
    }
}

/* shrink_inactive_list: looks at n pages; how many are free or on their way. */
static uint64_t shrink_inactive(unsigned list, uint64_t n)
{
    struct shrunk s = {0};
    for (; n && policy_count(list) && policy_write_room(); n--) {
        uint32_t frame = policy_last(list);
        policy_add_head(list, frame); /* where it is if it stays */
        if (policy_zone_of(frame) > policy_zone_top())
            continue; /* of no use to the caller (isolate_lru_folios) */
        bool going = list == INACTIVE_FILE && policy_being_written(frame);
        if (going)
            activate_dirty(frame);
        else if (policy_may_take(frame))
            shrink_page(frame, &s);
        else
            continue;
        s.taken++;
    }
    if (s.taken && s.unqueued == s.taken) {
        policy_wake_flusher();
        all_dirty |= policy_is_daemon();
    }
    note_cost(list == INACTIVE_FILE, s.pageout * CLUSTER + s.taken - s.got);
    return s.got;
}

/* ---- the active list's ---- */

static bool inactive_is_low(unsigned inactive)
{
    uint64_t i = policy_count(inactive), a = policy_count(inactive + 1);
    uint64_t gib = (i + a) >> 18;
    return i * (gib ? policy_isqrt(10 * gib) : 1) < a;
}

/* shrink_active_list */
static void shrink_active(unsigned list, uint64_t n)
{
    uint64_t rotated = 0;
    for (; n && policy_count(list); n--) {
        uint32_t frame = policy_last(list);
        bool used = policy_may_take(frame) && policy_clear_used(frame);
        bool stays = used && list == ACTIVE_FILE && policy_exec(frame);
        rotated += stays;
        *policy_data(frame) |= stays ? 0 : WORKINGSET;
        policy_add_head(stays ? list : list - 1, frame);
    }
    note_cost(list == ACTIVE_FILE, rotated);
}

/* ---- how much of which list (get_scan_count, shrink_lruvec) ---- */

static void share_out(int priority, uint64_t nr[ACTIVE_FILE + 1])
{
    uint64_t swappiness = (uint64_t)policy_tunable(TUN_SWAPPINESS), part[2];
    uint64_t anon = marks[0].value, file = marks[1].value, total = anon + file;
    bool equal = can_swap() && !priority && swappiness; /* SCAN_EQUAL */
    bool plenty = !inactive_is_low(INACTIVE_FILE) &&
                  policy_count(INACTIVE_FILE) >> priority;
    anon += total; /* neither gets more than three quarters for its cost */
    file += total;
    total = anon + file + 1;
    part[0] = plenty || !can_swap() ? 0 : swappiness * total / (anon + 1);
    part[1] = (200 - swappiness) * total / (file + 1);
    for (unsigned l = INACTIVE_ANON; l <= ACTIVE_FILE; l++) {
        uint64_t p = part[l >= INACTIVE_FILE], all = part[0] + part[1];
        nr[l] = policy_count(l) >> priority;
        if (!equal)
            nr[l] = all ? nr[l] * p / all : 0;
    }
}

static uint64_t min64(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* Enough is free. What was to be looked at, `target`, has been so in part, nr
 * is left: the pair with less left ends here, the other one at the same share.
 * False: one of them has ended, and that is all. */
static bool end_in_proportion(const uint64_t target[], uint64_t nr[])
{
    uint64_t anon = nr[INACTIVE_ANON] + nr[ACTIVE_ANON];
    uint64_t file = nr[INACTIVE_FILE] + nr[ACTIVE_FILE];
    if (!anon || !file)
        return false;
    unsigned less = file > anon ? INACTIVE_ANON : INACTIVE_FILE;
    unsigned more = file > anon ? INACTIVE_FILE : INACTIVE_ANON;
    uint64_t left =
        min64(anon, file) * 100 / (target[less] + target[less + 1] + 1);
    nr[less] = nr[less + 1] = 0;
    for (unsigned l = more; l <= more + 1; l++) {
        uint64_t done = target[l] - nr[l];
        nr[l] = target[l] * (100 - left) / 100;
        nr[l] -= min64(nr[l], done);
    }
    return true;
}

/* shrink_lruvec */
static uint64_t shrink(int priority, uint64_t want)
{
    uint64_t nr[ACTIVE_FILE + 1], target[ACTIVE_FILE + 1], got = 0;
    bool all = priority == DEF_PRIORITY && !policy_is_daemon();
    share_out(priority, nr);
    for (unsigned l = INACTIVE_ANON; l <= ACTIVE_FILE; l++)
        target[l] = nr[l];
    while ((nr[INACTIVE_ANON] || nr[INACTIVE_FILE] || nr[ACTIVE_FILE]) &&
           policy_write_room()) {
        for (unsigned l = INACTIVE_ANON; l <= ACTIVE_FILE; l++) {
            uint64_t n = min64(nr[l], CLUSTER);
            bool active = l == ACTIVE_ANON || l == ACTIVE_FILE;
            nr[l] -= n;
            if (!active)
                got += shrink_inactive(l, n);
            else if (inactive_is_low(l - 1))
                shrink_active(l, n);
        }
        if (got >= want && !all && !end_in_proportion(target, nr))
            break;
    }
    if (can_swap() && inactive_is_low(INACTIVE_ANON))
        shrink_active(ACTIVE_ANON, CLUSTER);
    return got;
}

/* One ladder of priorities; more of them only if nothing at all came of it
 * and no disk is about to help. */
static uint64_t reclaim(uint64_t want)
{
    uint64_t got = 0;
    waits = false;
    for (int i = 0; i < RETRIES && !got && !waits && !policy_writing(); i++) {
        for (int p = DEF_PRIORITY; p >= 0 && got < want; p--) {
            marks[2].value = (uint64_t)p;
            got += shrink(p, want - got);
            if (!policy_write_room())
                break;
        }
        kswapd_failures += policy_is_daemon();
    }
    if (got)
        no_progress = kswapd_failures = 0;
    if (policy_is_daemon() && got >= want)
        all_dirty = false;
    return got;
}

/* should_reclaim_retry: what the flusher writes counts as reclaimable. */
static bool may_kill(void)
{
    return (!policy_dirty_files() && !policy_writing()) ||
           ++no_progress > RETRIES;
}

/* The node's: all zones have one pair of lists, and one flag. */
static bool all_unreclaimable(unsigned zone)
{
    (void)zone;
    return kswapd_failures >= RETRIES;
}

const struct policy_ops policy_linux612 = {
    .name = "linux612",
    .notions = POLICY_HAS(SCANNER) | POLICY_HAS(LISTS),
    .set_marks = linux_marks,
    .zone_marks = linux_zone_marks,
    .any_zone = true, /* pgdat_balanced */
    .marks = marks,
    .lists = lists,
    .init = init,
    .page_in = page_in,
    .page_touched = page_touched,
    .evicted = evicted,
    .written = written,
    .reclaim = reclaim,
    .may_kill = may_kill,
    .oom_nap = THROTTLE,
    .all_unreclaimable = all_unreclaimable,
    .daemon = "kswapd0",
};
