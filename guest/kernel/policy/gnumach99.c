/* SPDX-License-Identifier: MIT */
/* GNU Mach of June 1999: the cure for what seed 000 describes.
 *
 * System and year. Thomas Bushnell's commits 6339d07d and 9b4552a2 (27 to 29
 * June 1999), the "part 2" that the mail promises. mach97 lets a writer of a
 * big file fill memory down to the frames that its pager needs. Here pages that
 * belong to external pagers are counted:
 *
 *   external pages  0 ......... external_target ...... external_limit ... n
 *   a writer        goes on     goes on                waits
 *   the daemon      sleeps      cleans dirty ones,     the same
 *                   (if free)   which then do not count
 *
 * Rules. Those of mach97, and: a program's grab of a frame for a file's page is
 * refused above the limit, long before free memory ends, and only that one.
 * Above the target the daemon runs although memory is free; then it only sends
 * dirty external pages to their pager, and a clean one goes to the tail of
 * inactive and ceases to count.
 *
 * Constants. external_limit is half, external_target a quarter of what is free
 * beyond the reserve. reserved 50, internal 25, really 10; min = 60 +
 * (n - 50) / 100, target = 65 + (n - 50) / 80; 10 ms a page, 75 ms when
 * inactive is empty.
 *
 * Left out. As mach97; that a page which is written again counts again only
 * when it comes in anew. */
#include "policy/machpage.h"

#define EXTERNAL 2u /* policy_data; 1 is machpage.c's */

enum { M_LIMIT = MACH_OWN, M_TARGET, M_EXTERNAL };
static struct policy_mark marks[] = {{"inactive_target", 0},
                                     {"laundry_pages", 0},
                                     {"messages", 0},
                                     {"ext_limit", 0},
                                     {"ext_target", 0},
                                     {"external", 0},
                                     {0, 0}};

static bool external(uint32_t frame)
{
    return *policy_data(frame) & EXTERNAL;
}

static void internalize(uint32_t frame)
{
    if (!external(frame))
        return;
    *policy_data(frame) &= ~EXTERNAL;
    marks[M_EXTERNAL].value--;
    if (policy_waiters() && marks[M_EXTERNAL].value < marks[M_LIMIT].value)
        policy_wake(1);
}

static uint64_t excess(void)
{
    uint64_t n = marks[M_EXTERNAL].value, target = marks[M_TARGET].value;
    return n > target ? n - target : 0;
}

static const struct mach_rules rules99 = {.reserved = 50,
                                          .internal = 25,
                                          .really = 10,
                                          .burst_wait = 10000000,
                                          .empty_wait = 75000000,
                                          .external = external,
                                          .internalize = internalize,
                                          .excess = excess,
                                          .marks = marks};

static void set_marks(uint64_t nframes, struct policy_levels *l)
{
    uint64_t rest = nframes > rules99.reserved ? nframes - rules99.reserved : 0;
    mach_levels(&rules99, nframes, l);
    marks[M_LIMIT].value = rest / 2;
    marks[M_TARGET].value = rest / 4;
}

static void init(uint32_t nframes)
{
    (void)nframes;
    mach_init(&rules99);
    marks[M_EXTERNAL].value = 0;
}

static void page_in(uint32_t frame, enum policy_why why, uint32_t shadow)
{
    mach_page_in(frame, why, shadow);
    if (why == CAME_BACK || policy_kind(frame) != KIND_FILE || external(frame))
        return;
    *policy_data(frame) |= EXTERNAL;
    marks[M_EXTERNAL].value++;
}

static bool may_grab(enum policy_grab kind, uint64_t n)
{
    if (kind == GRAB_FILE && marks[M_EXTERNAL].value >= marks[M_LIMIT].value)
        return false;
    return mach_may_grab(kind, n);
}

static uint32_t wakes(void)
{
    return policy_free() >= rules99.reserved ? ~0u : 0;
}

const struct policy_ops policy_gnumach99 = {
    .name = "gnumach99",
    .notions = POLICY_HAS(SCANNER) | POLICY_HAS(LISTS) | POLICY_HAS(PAGERS),
    .set_marks = set_marks,
    .marks = marks,
    .lists = mach_lists,
    .init = init,
    .page_in = page_in,
    .page_gone = internalize,
    .behind = mach_behind,
    .written = mach_written,
    .threads = mach_threads,
    .waits_only = true,
    .pagers = true,
    .own_writeback = true,
    .may_grab = may_grab,
    .pressed = mach_pressed,
    .wakes = wakes,
    .may_kill = mach_may_kill,
};
