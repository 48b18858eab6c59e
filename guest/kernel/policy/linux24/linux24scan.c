/* SPDX-License-Identifier: MIT */
/* Moves pages from list to list as Linux 2.4.0 did. The essay in linux24.c
 * describes the steps. */
#include "policy/linux24/linux24.h"

#define AGE_START  2
#define AGE_ADV    3
#define AGE_MAX    64
#define SWAP_SHIFT 5
#define SWAP_MIN   8

static uint64_t gained; /* pages unmapped, now freeable, or being written */

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

void lin24_page_in(uint32_t frame, enum policy_why why, uint32_t shadow)
{
    if (policy_kind(frame) == KIND_ANON && !policy_in_swap(frame))
        policy_add_head(ANON, frame);
    else
        policy_add_head(ACTIVE, frame);
    if (why == CAME_BACK)
        age_up(frame);
    else
        *policy_data(frame) = AGE_START;
}

void lin24_page_touched(uint32_t frame, enum policy_why why)
{
    if (why == CAME_READ)
        age_up(frame);
}

void lin24_behind(uint32_t frame)
{
    if (policy_list_of(frame) == ACTIVE && !policy_mapped(frame))
        deactivate(frame);
}

/* Raises memory_pressure if an allocation or kreclaimd took the frame from a
 * clean list (reclaim_page); lowers it if the frame became plainly free
 * (__free_pages_ok). */
void lin24_page_gone(uint32_t frame)
{
    uint64_t *pressure = &lin24_marks[M_PRESSURE].value;
    if (policy_list_of(frame) >= INACTIVE_CLEAN)
        ++*pressure;
    else if (*pressure > 1)
        --*pressure;
}

/* ---- shortages ---- */

static uint64_t missing(uint64_t wanted, uint64_t have)
{
    return wanted > have ? wanted - have : 0;
}

uint64_t lin24_freeable(void)
{
    return policy_free() + policy_cached();
}

uint64_t lin24_target(void)
{
    uint64_t t = lin24_marks[M_PRESSURE].value >> PRESSURE_SHIFT;
    return lin24_marks[M_TARGET].value =
               t < lin24_frames / 4 ? t : lin24_frames / 4;
}

uint64_t lin24_free_shortage(void)
{
    uint64_t sum =
        missing(lin24_levels.high + lin24_target() / 3, lin24_freeable());
    for (unsigned z = ZONE_DMA; !sum && z < POLICY_ZONES; z++)
        sum = missing(policy_zone_levels(z)->min,
                      policy_zone_free(z) + policy_zone_cached(z));
    return sum;
}

uint64_t lin24_inactive_shortage(void)
{
    return missing(lin24_levels.high + lin24_target(),
                   lin24_freeable() + policy_count(INACTIVE_DIRTY));
}

/* ---- the steps ---- */

bool lin24_refill_scan(int priority, bool oneshot)
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

/* For mm_walk: ages the page, and unmaps it at age 0. True: the address space
 * has had its share, and the walk ends. */
static bool try_to_swap_out(struct mm *mm, uint32_t frame, uint64_t va)
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
    gained++;
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
    return mm_walk(mm, try_to_swap_out);
}

static unsigned clean_list(uint32_t frame)
{
    static const unsigned list[] = {[ZONE_DMA] = CLEAN_DMA,
                                    [ZONE_NORMAL] = INACTIVE_CLEAN,
                                    [ZONE_HIGHMEM] = CLEAN_HIGH};
    return list[policy_zone_of(frame)];
}

/* Launders one page of inactive_dirty. Returns 1: it is free or on a clean
 * list; -1: it is a file's and was given to the disk (`room` limits how many
 * more are; pages of the swap cache have no limit); 0: neither. */
static int launder_one(uint32_t frame, bool write, int room)
{
    policy_add_head(INACTIVE_DIRTY, frame);
    if (policy_mapped(frame) || *policy_data(frame) ||
        policy_clear_used(frame)) {
        bool cached = policy_kind(frame) != KIND_ANON || policy_in_swap(frame);
        policy_add_head(cached ? ACTIVE : ANON, frame);
        return 0;
    }
    if (!policy_may_take(frame)) {
        if (!policy_busy(frame)) /* pinned or locked, or swap is full */
            policy_add_head(ACTIVE, frame);
        return 0;
    }
    if (!policy_dirty(frame)) /* shared memory is never free with identity */
        return policy_kind(frame) == KIND_SHMEM
                   ? policy_take(frame) > 0
                   : policy_cache(clean_list(frame), frame, false);
    bool file = policy_kind(frame) == KIND_FILE;
    if (!write || (file && room <= 0) || !policy_write_room() ||
        policy_launder(frame))
        return 0;
    gained++;
    return file ? -1 : 0;
}

static void page_launder(void)
{
    int room = 4 << policy_tunable(TUN_PAGE_CLUSTER);
    for (int pass = 0; pass < 2; pass++) {
        uint64_t n = policy_count(INACTIVE_DIRTY);
        while (n-- && policy_last(INACTIVE_DIRTY) != POLICY_NONE) {
            int got = launder_one(policy_last(INACTIVE_DIRTY), pass, room);
            gained += got > 0;
            room -= got < 0;
        }
        if (!lin24_free_shortage())
            break;
        if (!pass)
            policy_kick(T_BDFLUSH);
    }
}

static void refill_inactive(bool user)
{
    uint64_t count = lin24_inactive_shortage() + lin24_free_shortage();
    int priority = 6;
    if (user)
        count = 1u << policy_tunable(TUN_PAGE_CLUSTER);
    while (count && priority >= 0) {
        uint64_t had = count;
        policy_cond_resched(); /* 2.4.0 calls schedule() here */
        while (count && lin24_refill_scan(priority, true))
            count--;
        while (count && swap_out())
            count--;
        if (!lin24_inactive_shortage() || !lin24_free_shortage())
            return;
        if (count == had)
            priority--;
    }
    while (count && lin24_refill_scan(0, true))
        count--;
}

bool lin24_try_to_free(bool user)
{
    uint64_t before = gained; /* others may run meanwhile, and gain some */
    if (lin24_free_shortage() ||
        policy_count(INACTIVE_DIRTY) > lin24_freeable())
        page_launder();
    if (lin24_free_shortage() || lin24_inactive_shortage())
        refill_inactive(user);
    return gained != before;
}
