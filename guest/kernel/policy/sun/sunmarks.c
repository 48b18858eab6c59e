/* SPDX-License-Identifier: MIT */
/* Thresholds and rates of SunOS 5 (vm_pageout.c: setupclock; param.c), and the
 * allocations that wait at them (vm_page.c: page_create_throttle).
 *
 *   freemem   cachefree = 2 * lotsfree      priority paging begins
 *      |      lotsfree  = 1/64, >= 512 KiB  the scanner wakes, 4 times a second
 *      |      desfree   = lotsfree/2
 *      |      minfree   = desfree/2
 *      |      throttlefree = minfree        programs that allocate wait
 *      v      pageout_reserve = half of it  kernel memory is refused, too
 *
 * Each but cachefree is a tunable of its name (sunos.lotsfree ...); 0 means
 * computed. lotsfree must lie below the size of memory, desfree below lotsfree,
 * the others below desfree and (this is ours) below a quarter of memory, or no
 * program could start. Any other value is refused here; SunOS (setupclock)
 * replaces it in silence.
 *
 * sunos.release chooses the constants of a release (T: frames of memory):
 *
 *              5.3 (1993)    5.6 to 5.8 (1997-2000)   5.9 on (2002-)
 *   lotsfree   T/64, 512 KiB at least [1]; for 5.3: [5]
 *   fastscan   T/2 [2]       T/2, 64 MiB at most [3]  what a tenth of the
 *                                                     processor scans, T/2 at
 *                                                     most [4]
 *   slowscan   fastscan/10, 100 at most [1, 3]; for 5.3: [5]
 *   spread     fastscan [1, 3]; for 5.3: [5]
 *   reserve    none [1]      throttlefree/2 [1]
 *   needfree   the scan rate is fastscan [4, 5]       counts as not free [4]
 *   priority   none [1]      with 5.6's patch, 5.7    (tunables are gone) [1]
 *   paging
 *   swapping   below         averages of free memory (sunswap.c) [4, 6]
 *              tune_t_gpgslo
 *              [6]; here as
 *              from 5.4 on
 *
 *   [1] Solaris Tunable Parameters Reference Manual (Sun 817-0404, 806-4015),
 *       and its appendix of changes: pageout_reserve "introduced in the
 *       Solaris 2.6 release", priority paging with patch 105181-10
 *   [2] Cockcroft and Pettit, Sun Performance and Tuning, 2nd ed. 1998, ch. 13:
 *       "(physmem/2) in Solaris 2.1 through 2.3"
 *   [3] the manual of [1] for Solaris 8. [2] has T/4 for 2.4 on, which neither
 *       that manual nor illumos bears out
 *   [4] illumos, uts/common/os/vm_pageout.c, setupclock and schedpaging; they
 *       use 5.9's fastscan once the speed is known, 5.6's until then
 *   [5] no public source was found that says what 5.3 had: as in 5.6
 *   [6] Solaris 2.6 System Administration Guide (Sun 802-5750), table 66-5:
 *       tune_t_gpgslo was replaced "since the Solaris 2.4 release"; its preset
 *       is in no public source */
#include "policy/sun/sun.h"

struct policy_mark sun_marks[] = {[LOTSFREE] = {"lotsfree", 0},
                                  [DESFREE] = {"desfree", 0},
                                  [MINFREE] = {"minfree", 0},
                                  [THROTTLEFREE] = {"throttlefree", 0},
                                  [PAGEOUT_RESERVE] = {"pageout_reserve", 0},
                                  [CACHEFREE] = {"cachefree", 0},
                                  [SLOWSCAN] = {"slowscan", 0},
                                  [FASTSCAN] = {"fastscan", 0},
                                  [HANDSPREAD] = {"handspread", 0},
                                  [DEFICIT] = {"deficit", 0},
                                  [SWAPPED] = {"swapped", 0},
                                  {NULL, 0}};

uint64_t sun_speed;

const struct policy_list sun_lists[] = {
    {"cachelist", LIST_CACHED}, {"push_list", LIST_PLAIN}, {NULL, LIST_PLAIN}};

#define PAGES_OF(bytes) ((bytes) / 4096)

static void put(enum sun_mark m, enum tunable override, uint64_t limit,
                uint64_t computed)
{
    sun_marks[m].value = set_or(override, 0, limit, computed);
}

enum sun_release sun_release(void)
{
    int64_t release = policy_tunable(TUN_SUN_RELEASE);
    return release >= SOLARIS_9   ? SOLARIS_9
           : release <= SUNOS_5_3 ? SUNOS_5_3
                                  : SUNOS_5_6;
}

static uint64_t usual_fastscan(uint64_t nframes)
{
    uint64_t half = nframes / 2;
    if (sun_release() == SUNOS_5_3)
        return half;
    if (sun_release() == SOLARIS_9 && sun_speed)
        return smaller(half, sun_speed);
    return smaller(half, PAGES_OF(64ull << 20));
}

void sun_set_marks(uint64_t nframes, struct policy_levels *l)
{
    uint64_t quarter = nframes / 4;
    bool reserves = sun_release() != SUNOS_5_3;
    put(LOTSFREE, TUN_SUN_LOTSFREE, nframes,
        larger(nframes / 64, PAGES_OF(512ull << 10)));
    put(DESFREE, TUN_SUN_DESFREE, sun_mark(LOTSFREE), sun_mark(LOTSFREE) / 2);
    uint64_t limit = smaller(sun_mark(DESFREE), quarter);
    put(MINFREE, TUN_SUN_MINFREE, limit,
        smaller(sun_mark(DESFREE) / 2, quarter));
    put(THROTTLEFREE, TUN_SUN_THROTTLEFREE, limit, sun_mark(MINFREE));
    /* Above throttlefree a fault could have its page, but never the kernel's
     * memory that reading the page needs, and would be tried again for ever. */
    put(PAGEOUT_RESERVE, TUN_SUN_RESERVE, sun_mark(THROTTLEFREE),
        reserves ? sun_mark(THROTTLEFREE) / 2 : 0);
    /* Without priority paging, cachefree is lotsfree. */
    bool priority =
        sun_release() == SUNOS_5_6 && policy_tunable(TUN_SUN_PRIORITY);
    sun_marks[CACHEFREE].value = sun_mark(LOTSFREE) * (priority ? 2 : 1);
    put(FASTSCAN, TUN_SUN_FASTSCAN, UINT64_MAX, usual_fastscan(nframes));
    put(SLOWSCAN, TUN_SUN_SLOWSCAN, UINT64_MAX,
        smaller(sun_mark(FASTSCAN) / 10, 100));
    put(HANDSPREAD, TUN_SUN_HANDSPREAD, UINT64_MAX, sun_mark(FASTSCAN));
    if (sun_mark(HANDSPREAD) >= nframes)
        sun_marks[HANDSPREAD].value = nframes - 1;
    *l = (struct policy_levels){sun_mark(THROTTLEFREE), sun_mark(DESFREE),
                                sun_mark(LOTSFREE)};
}

uint64_t sun_freemem(void)
{
    return policy_free() + policy_cached();
}

/* page_create_throttle: programs wait below throttlefree; the kernel, dying
 * processes and the file pager, below pageout_reserve; daemons may take all. */
bool sun_may_grab(enum policy_grab kind, uint64_t n)
{
    uint64_t left = sun_mark(THROTTLEFREE);
    if (kind == GRAB_KERNEL || kind == GRAB_DYING || kind == GRAB_FILE_PAGER)
        left = sun_mark(PAGEOUT_RESERVE);
    else if (kind == GRAB_DAEMON || kind == GRAB_DEFAULT_PAGER)
        left = 0;
    return sun_freemem() >= n + left;
}
