/* SPDX-License-Identifier: MIT */
/* Thresholds and rates of SunOS 5 (vm_pageout.c: setupclock; param.c), and who
 * has to wait at them (vm_page.c: page_create_throttle).
 *
 *   freemem   cachefree = 2 * lotsfree   priority paging begins
 *      |      lotsfree  = 1/64, 512 KiB  the scanner wakes, 4 times a second
 *      |      desfree   = lotsfree/2
 *      |      minfree   = desfree/2
 *      |      throttlefree = minfree     who allocates waits
 *      v      pageout_reserve = half     for kernel memory and who pushes
 *
 * Each is a tunable of its name (sunos.lotsfree ...), 0 meaning computed. As in
 * setupclock, what does not lie below the one above it (lotsfree: below the
 * size of memory) is computed, too; and, ours, what makes programs wait lies
 * below a quarter of memory, or there would be none to start with. */
#include "policy/sun.h"

struct policy_mark sun_marks[] = {[LOTSFREE] = {"lotsfree", 0},
                                  [DESFREE] = {"desfree", 0},
                                  [MINFREE] = {"minfree", 0},
                                  [THROTTLEFREE] = {"throttlefree", 0},
                                  [PAGEOUT_RESERVE] = {"pageout_reserve", 0},
                                  [CACHEFREE] = {"cachefree", 0},
                                  [SLOWSCAN] = {"slowscan", 0},
                                  [FASTSCAN] = {"fastscan", 0},
                                  [HANDSPREAD] = {"handspread", 0},
                                  {NULL, 0}};

uint64_t sun_speed;

const struct policy_list sun_lists[] = {
    {"cachelist", LIST_CACHED}, {"push_list", LIST_PLAIN}, {NULL, LIST_PLAIN}};

#define PAGES_OF(bytes) ((bytes) / 4096)

static void put(enum sun_mark m, enum tunable override, uint64_t limit,
                uint64_t computed)
{
    uint64_t set = (uint64_t)policy_tunable(override);
    sun_marks[m].value = set && set < limit ? set : computed;
}

void sun_set_marks(uint64_t nframes, struct policy_levels *l)
{
    uint64_t quarter = nframes / 4;
    put(LOTSFREE, TUN_SUN_LOTSFREE, nframes,
        larger(nframes / 64, PAGES_OF(512ull << 10)));
    put(DESFREE, TUN_SUN_DESFREE, sun_mark(LOTSFREE), sun_mark(LOTSFREE) / 2);
    uint64_t limit = smaller(sun_mark(DESFREE), quarter);
    put(MINFREE, TUN_SUN_MINFREE, limit,
        smaller(sun_mark(DESFREE) / 2, quarter));
    put(THROTTLEFREE, TUN_SUN_THROTTLEFREE, limit, sun_mark(MINFREE));
    put(PAGEOUT_RESERVE, TUN_SUN_RESERVE, limit, sun_mark(THROTTLEFREE) / 2);
    /* Without priority paging it is lotsfree. */
    sun_marks[CACHEFREE].value =
        sun_mark(LOTSFREE) * (policy_tunable(TUN_SUN_PRIORITY) ? 2 : 1);
    put(FASTSCAN, TUN_SUN_FASTSCAN, UINT64_MAX,
        smaller(nframes / 2, PAGES_OF(64ull << 20)));
    put(SLOWSCAN, TUN_SUN_SLOWSCAN, UINT64_MAX,
        smaller(sun_mark(FASTSCAN) / 10, 100));
    put(HANDSPREAD, TUN_SUN_HANDSPREAD, UINT64_MAX, sun_mark(FASTSCAN));
    if (!policy_tunable(TUN_SUN_FASTSCAN) && sun_speed)
        sun_marks[FASTSCAN].value = smaller(sun_mark(FASTSCAN), sun_speed);
    if (sun_mark(HANDSPREAD) >= nframes)
        sun_marks[HANDSPREAD].value = nframes - 1;
    *l = (struct policy_levels){sun_mark(THROTTLEFREE), sun_mark(DESFREE),
                                sun_mark(LOTSFREE)};
}

uint64_t sun_freemem(void)
{
    return policy_free() + policy_cached();
}

/* page_create_throttle: programs wait below throttlefree, kernel memory that
 * cannot sleep needs pageout_reserve, who pushes pages takes the last. */
bool sun_may_grab(enum policy_grab kind, uint64_t n)
{
    uint64_t left = sun_mark(THROTTLEFREE);
    if (kind == GRAB_KERNEL || kind == GRAB_DYING || kind == GRAB_FILE_PAGER)
        left = sun_mark(PAGEOUT_RESERVE);
    else if (kind == GRAB_DAEMON || kind == GRAB_DEFAULT_PAGER)
        left = 0;
    return sun_freemem() >= n + left;
}
