/* SPDX-License-Identifier: MIT */
/* Linux 2.4.0, January 2001: page ageing and three kinds of lists.
 *
 * System and year. Rik van Riel's VM, with FreeBSD's ideas: a page that seems
 * idle is first laid aside, then washed, then free with identity, and whoever
 * wants it meanwhile has it back (mm/vmscan.c, swap.c, page_alloc.c).
 *
 *   anonymous    active            inactive_dirty      inactive_clean    free
 *   (no list)    age 1..64         age 0, unmapped     clean
 *      |           |   used: +3       |                    |
 *      | swap_out: |   not: / 2       | page_launder:      | kreclaimd,
 *      | age 0     |   0: ----------->| clean ------------>| allocations
 *      +-----------+------------------+ dirty: to the disk +--------------->
 *                  ^------ used ------+--------------------+
 *
 * Rules. A page comes with age 2; each look at a used one adds 3, up to 64,
 * each look at one that was not halves it. `refill_inactive_scan` looks at a
 * 64th of the active list or more, `swap_out` at the PTEs of the mapping with
 * the largest shadow of its rss, a 32nd of it (8 at least) in one go, for a
 * mapped page can leave no other way. `page_launder` goes through
 * inactive_dirty twice: once for what is clean, and if there is still a
 * shortage once more to write, 4 << page_cluster pages. How many inactive pages
 * there should be follows demand: memory_pressure counts allocations and
 * reclaims and loses a 64th each second; a 64th of it, at most a quarter of
 * RAM, is inactive_target. kswapd works while free + inactive_clean is below
 * high + inactive_target / 3, or free and all inactive below high +
 * inactive_target; once a second it looks at a 64th of the active list in any
 * case. Sequential reading lays aside what is behind it (mm/filemap.c,
 * drop_behind).
 *
 * Allocations go on as long as free + inactive_clean is above min; then they
 * work for themselves (`try_to_free_pages`). Below min / 4 only kswapd goes on.
 *
 * Constants. min, low, high: mm24.c. Ages 2, 3, 64 (include/linux/swap.h);
 * bdflush's {30%, 64, 64, 256, 5 s, 30 s, 60%} (fs/buffer.c), of which the
 * first, fifth and sixth are used: it writes when 30% of the memory that files
 * could have is dirty, and each 5 s what has been dirty for 30.
 *
 * Left out. Zones but one, the caches of names and inodes (limits of their
 * own), bdflush's 60% at which writers wait. 2.4.0's sync of page_launder is
 * the mechanism's wait for a write. */
#include "policy/mm24.h"

#define AGE_START      2
#define AGE_ADV        3
#define AGE_MAX        64
#define PRESSURE_SHIFT 6
#define SWAP_SHIFT     5
#define SWAP_MIN       8
#define DIRTY_PERCENT  30
#define VAIN           8 /* runs; ours */
#define SECOND         1000000000ull
#define FLUSH_EVERY    (5 * SECOND)
#define FLUSH_AGE      (30 * SECOND)

enum { ANON = 1, ACTIVE, INACTIVE_DIRTY, INACTIVE_CLEAN };
static const struct policy_list lists[] = {{"anon", LIST_PLAIN},
                                           {"active", LIST_ACTIVE},
                                           {"inactive_dirty", LIST_INACTIVE},
                                           {"inactive_clean", LIST_CACHED},
                                           {0, LIST_PLAIN}};
enum { T_KSWAPD, T_KRECLAIMD, T_BDFLUSH };
enum { M_PRESSURE, M_TARGET };
static struct policy_mark marks[] = {
    {"memory_pressure", 0}, {"inactive_target", 0}, {0, 0}};

static struct policy_levels levels;
static uint64_t frames;
static uint64_t recalculated, flushed; /* times */
static unsigned vain;                  /* runs of kswapd that led nowhere */

static void set_marks(uint64_t nframes, struct policy_levels *l)
{
    mm24_levels(nframes, l);
    levels = *l;
    frames = nframes;
}

/* ---- ages ---- */

static void age_up(uint32_t frame)
{
    uint32_t *age = policy_data(frame);
    *age = *age + AGE_ADV > AGE_MAX ? AGE_MAX : *age + AGE_ADV;
    if (policy_kind(frame) != KIND_ANON || policy_list_of(frame) != ANON)
        policy_add_head(ACTIVE, frame);
}

static void deactivate(uint32_t frame)
{
    *policy_data(frame) = 0;
    policy_add_head(policy_mapped(frame) ? ACTIVE : INACTIVE_DIRTY, frame);
}

static void page_in(uint32_t frame, enum policy_why why, uint32_t shadow)
{
    (void)shadow;
    if (policy_kind(frame) == KIND_ANON && policy_dirty(frame))
        policy_add_head(ANON, frame);
    else
        policy_add_head(ACTIVE, frame);
    if (why == CAME_BACK)
        age_up(frame);
    else
        *policy_data(frame) = AGE_START;
}

static void page_touched(uint32_t frame, enum policy_why why)
{
    if (why == CAME_READ)
        age_up(frame);
}

static void behind(uint32_t frame)
{
    if (policy_list_of(frame) == ACTIVE && !policy_mapped(frame))
        deactivate(frame);
}

/* ---- shortages ---- */

static uint64_t over(uint64_t wanted, uint64_t have)
{
    return wanted > have ? wanted - have : 0;
}

static uint64_t freeable(void)
{
    return policy_free() + policy_cached();
}

static uint64_t target(void)
{
    uint64_t t = marks[M_PRESSURE].value >> PRESSURE_SHIFT;
    return marks[M_TARGET].value = t < frames / 4 ? t : frames / 4;
}

static uint64_t free_shortage(void)
{
    return over(levels.high + target() / 3, freeable());
}

static uint64_t inactive_shortage(void)
{
    return over(levels.high + target(),
                freeable() + policy_count(INACTIVE_DIRTY));
}

/* ---- the steps ---- */

/* The active list from its old end; with oneshot until one page is laid
 * aside. Was one? */
static bool refill_inactive_scan(int priority, bool oneshot)
{
    uint64_t n = policy_count(ACTIVE) >> priority;
    bool any = false;
    while (n--) {
        uint32_t frame = policy_last(ACTIVE), *age = policy_data(frame);
        policy_add_head(ACTIVE, frame);
        if (!policy_mapped(frame) && policy_clear_used(frame)) {
            age_up(frame);
            continue;
        }
        *age /= 2;
        if (*age || policy_mapped(frame) || !policy_may_take(frame))
            continue;
        deactivate(frame);
        any = true;
        if (oneshot)
            break;
    }
    return any;
}

/* try_to_swap_out: true when the mapping has had its share. */
static bool look(struct mm *mm, uint32_t frame, uint64_t va)
{
    uint32_t *age = policy_data(frame);
    if (!mm->swap_cnt)
        return true;
    mm->swap_cnt--;
    if (policy_space_clear_used(mm->id, va)) {
        age_up(frame);
        return false;
    }
    if (policy_list_of(frame) != ACTIVE)
        *age /= 2;
    if (*age || policy_busy(frame) || policy_locked(frame) ||
        !policy_space_unmap(mm->id, va))
        return false;
    if (policy_is_daemon() && policy_dirty(frame))
        policy_count_event(C_KSWAPD_MARKED, 1);
    deactivate(frame);
    return false;
}

static bool swap_out(void)
{
    struct mm *mm = mm_largest(SWAP_SHIFT, SWAP_MIN);
    if (!mm)
        return false;
    if (policy_is_daemon())
        policy_count_event(C_KSWAPD_IO, 1);
    return mm_walk(mm, look);
}

/* One page of inactive_dirty. 1: it is clean now; -1: given to the disk. */
static int launder_one(uint32_t frame, bool write)
{
    policy_add_head(INACTIVE_DIRTY, frame);
    if (policy_mapped(frame) || *policy_data(frame) ||
        policy_clear_used(frame)) {
        policy_add_head(policy_dirty(frame) && policy_mapped(frame) &&
                                policy_kind(frame) == KIND_ANON
                            ? ANON
                            : ACTIVE,
                        frame);
        return 0;
    }
    if (!policy_may_take(frame))
        return 0;
    if (!policy_dirty(frame))
        return policy_cache(INACTIVE_CLEAN, frame, false);
    return write && policy_write_room() && policy_launder(frame) == 0 ? -1 : 0;
}

static uint64_t page_launder(void)
{
    uint64_t cleaned = 0;
    int room = 4 << policy_tunable(TUN_PAGE_CLUSTER);
    for (int pass = 0; pass < 2; pass++) {
        uint64_t n = policy_count(INACTIVE_DIRTY);
        while (n-- && policy_last(INACTIVE_DIRTY) != POLICY_NONE) {
            int got = launder_one(policy_last(INACTIVE_DIRTY), pass && room);
            cleaned += got > 0;
            room -= got < 0;
        }
        if (!free_shortage())
            break;
        policy_kick(T_BDFLUSH);
    }
    return cleaned;
}

static uint64_t refill_inactive(bool user)
{
    uint64_t count = inactive_shortage() + free_shortage(), before;
    int priority = 6;
    if (user)
        count = 1u << policy_tunable(TUN_PAGE_CLUSTER);
    before = count;
    while (count && priority >= 0) {
        uint64_t had = count;
        while (count && refill_inactive_scan(priority, true))
            count--;
        while (count && swap_out())
            count--;
        if (!inactive_shortage() || !free_shortage())
            return before - count;
        if (count == had)
            priority--;
    }
    while (count && refill_inactive_scan(0, true))
        count--;
    return before - count;
}

/* Returns whether it got anywhere. [sleeps] */
static bool try_to_free_pages(bool user)
{
    uint64_t got = 0;
    if (free_shortage() || policy_count(INACTIVE_DIRTY) > freeable())
        got += page_launder();
    if (free_shortage() || inactive_shortage())
        got += refill_inactive(user);
    return got;
}

static uint64_t reclaim(uint64_t want)
{
    uint64_t before = freeable();
    (void)want;
    try_to_free_pages(true);
    return over(freeable(), before);
}

/* ---- threads ---- */

static struct policy_nap kswapd(uint64_t now)
{
    bool got = true;
    if (inactive_shortage() || free_shortage()) {
        policy_count_event(C_PAGEOUTRUN, 1);
        policy_count_event(C_KSWAPD_FREE, 1);
        got = try_to_free_pages(false);
    }
    refill_inactive_scan(6, false);
    if (now >= recalculated + SECOND) {
        recalculated = now;
        marks[M_PRESSURE].value -= marks[M_PRESSURE].value >> PRESSURE_SHIFT;
    }
    policy_wake(~0u);
    vain = got ? 0 : vain;
    if (!free_shortage() || !inactive_shortage())
        return (struct policy_nap){now + SECOND,
                                   W_KICK | (got ? 0 : W_WRITTEN)};
    if (got && policy_write_room())
        return (struct policy_nap){0, 0};
    if (policy_writing())
        return (struct policy_nap){NAP_LONG, W_WRITTEN};
    if (++vain >= VAIN)
        policy_hopeless();
    return (struct policy_nap){now + SECOND / 20, 0};
}

/* Keeps plain free frames for who cannot wait. reclaim_page looks again. */
static struct policy_nap kreclaimd(uint64_t now)
{
    uint32_t frame;
    (void)now;
    while (policy_free() < levels.low &&
           (frame = policy_first(INACTIVE_CLEAN)) != POLICY_NONE) {
        policy_add_tail(ACTIVE, frame); /* off the cache list, to be taken */
        policy_take(frame);
        marks[M_PRESSURE].value++;
    }
    return (struct policy_nap){NAP_LONG, W_KICK};
}

static struct policy_nap bdflush(uint64_t now)
{
    uint64_t could = policy_free() + policy_count(ACTIVE) +
                     policy_count(INACTIVE_DIRTY) + policy_cached();
    if (policy_dirty_files() * 100 > could * DIRTY_PERCENT || free_shortage())
        policy_write_older(now);
    else if (now >= flushed + FLUSH_EVERY && now > FLUSH_AGE)
        policy_write_older(now - FLUSH_AGE);
    flushed = now;
    return (struct policy_nap){now + FLUSH_EVERY, W_KICK};
}

/* ---- allocations: __alloc_pages ---- */

static bool may_grab(enum policy_grab kind, uint64_t n)
{
    uint64_t leave = kind == GRAB_DAEMON ? 0
                     : kind == GRAB_KERNEL || kind == GRAB_DYING
                         ? levels.min / 4
                         : levels.min;
    return freeable() >= n + leave;
}

static uint32_t pressed(void)
{
    uint32_t mask = 0;
    marks[M_PRESSURE].value++;
    if (freeable() < levels.low)
        mask |= 1u << T_KSWAPD;
    if (policy_free() < levels.min)
        mask |= 1u << T_KRECLAIMD;
    return mask;
}

static uint32_t wakes(void)
{
    return freeable() > levels.min ? ~0u : 0;
}

/* mm/oom_kill.c, out_of_memory; with swap left 2.4.0 would go on for ever. */
static bool may_kill(void)
{
    return policy_free() <= levels.min && freeable() <= levels.low &&
           (!policy_swap_free() || vain >= VAIN);
}

static void init(uint32_t nframes)
{
    (void)nframes;
    mm_forget();
    recalculated = flushed = 0;
    vain = 0;
    marks[M_PRESSURE].value = marks[M_TARGET].value = 0;
}

static const struct policy_thread threads[] = {
    {"kswapd", kswapd, ACTOR_PAGEOUT, true, false},
    {"kreclaimd", kreclaimd, ACTOR_PAGEOUT, true, false},
    {"bdflush", bdflush, ACTOR_WRITER, true, false},
    {0}};

const struct policy_ops policy_linux24 = {
    .name = "linux24",
    .notions = POLICY_HAS(SCANNER) | POLICY_HAS(LISTS) | POLICY_HAS(RECLAIM) |
               POLICY_HAS(MM_SCAN),
    .set_marks = set_marks,
    .marks = marks,
    .lists = lists,
    .init = init,
    .page_in = page_in,
    .page_touched = page_touched,
    .behind = behind,
    .reclaim = reclaim,
    .threads = threads,
    .own_writeback = true,
    .may_grab = may_grab,
    .pressed = pressed,
    .wakes = wakes,
    .may_kill = may_kill,
};
