/* SPDX-License-Identifier: MIT */
/* GNU Mach of June 1999: the cure for the deadlock that document 000 describes.
 *
 * System and year. Thomas Bushnell's commits 6339d07d and 9b4552a2 (27 to 29
 * June 1999), the "part 2" that document 000, a mail, promises. mach97 lets a
 * writer of a big file fill memory down to the frames that its pager needs. So
 * pages that belong to external pagers are counted here:
 *
 *   external pages  0 ......... external_target ...... external_limit ... n
 *   a writer        goes on     goes on                waits
 *   the daemon      sleeps      cleans dirty ones,     the same
 *                   (if free)   which then do not count
 *
 * Rules. Those of mach97, and: a program's grab of a frame for a file's page is
 * refused at the limit, long before free memory ends. Above the target the
 * daemon runs although memory is free; then, unless a process waits, it looks
 * only for external pages, from the head of inactive: dirty ones go to their
 * pager, a clean one goes to the tail and ceases to count, until it is met
 * dirty again. So the internal pages gather at the head, and go first when
 * memory is short: even a small program may then lose a page, for milliseconds.
 *
 * Constants. external_limit is half, external_target a quarter of the frames
 * beyond the reserve (or mach.external_limit, _target). reserved 50, internal
 * 25, really 10; free_min 60 + (n - 50) / 100, free_target 65 + (n - 50) / 80
 * (or mach.free_min, _target); 10 ms a page, 75 ms when inactive is empty.
 *
 * Adapted. In the source no thread without privilege gets a frame at the limit,
 * not even the file pager, which is to help; here only a thread that wants a
 * page of a file is refused. The source wakes one sleeper for each frame; here
 * sleepers wait for two different things, so a freed frame wakes all, and they
 * look again.
 *
 * Not cured. The page of a message is pageable as before. Above the target the
 * daemon sends up to a thousand pages a second (10 every 10 ms, once its wait
 * has adapted); a disk writes fewer, and the waiting pages come round to the
 * default pager: most of a big file still goes to swap, though memory is free,
 * and a file of six times the memory (16 MiB, fast timing) takes 22 times as
 * long as under clock. Without a default pager the daemon stops for good at its
 * tenth page.
 *
 * Six programs that want four times the memory each are all killed after 38
 * to 43 s, by when they start (mach97: 50 to 57).
 *
 * Left out. The same as in mach97. */
#include "policy/mach/machpage.h"
#include "policy/numbers.h"

#define COUNTED 2u /* policy_data; machpage.c has 1u */

enum { M_LIMIT = MACH_OWN, M_TARGET, M_EXTERNAL };
static struct policy_mark marks[] = {
    {"inactive_target", 0}, {"laundry_pages", 0}, {"ext_limit", 0},
    {"ext_target", 0},      {"external", 0},      {0, 0}};

/* True if the page counts as external (the source's extcounted). */
static bool counted(uint32_t frame)
{
    return *policy_data(frame) & COUNTED;
}

static void count(uint32_t frame)
{
    *policy_data(frame) |= COUNTED;
    marks[M_EXTERNAL].value++;
}

static void forget(uint32_t frame)
{
    if (!counted(frame))
        return;
    *policy_data(frame) &= ~COUNTED;
    marks[M_EXTERNAL].value--;
    if (policy_waiters() && marks[M_EXTERNAL].value < marks[M_LIMIT].value)
        policy_wake(1);
}

static bool recount(uint32_t frame, bool dirty)
{
    bool was = counted(frame);
    if (dirty && !was)
        count(frame);
    if (!dirty)
        forget(frame);
    return was && !dirty;
}

static uint64_t excess(void)
{
    uint64_t n = marks[M_EXTERNAL].value, target = marks[M_TARGET].value;
    return n > target ? n - target : 0;
}

static const struct mach_rules rules99 = {.reserved = 50,
                                          .internal = 25,
                                          .really = 10,
                                          .burst_wait = 10,
                                          .empty_wait = 75,
                                          .recount = recount,
                                          .excess = excess,
                                          .marks = marks};

static void set_marks(uint64_t nframes, struct policy_levels *l)
{
    uint64_t rest = nframes > rules99.reserved ? nframes - rules99.reserved : 0;
    mach_levels(&rules99, nframes, l);
    /* A limit below a 16th would stop read-ahead, too. */
    uint64_t limit = set_or(TUN_MACH_EXT_LIMIT, rest / 16, rest, rest / 2);
    marks[M_LIMIT].value = limit;
    marks[M_TARGET].value = set_or(TUN_MACH_EXT_TARGET, 0, limit, limit / 2);
}

static void init(uint32_t nframes)
{
    mach_init(&rules99);
    marks[M_EXTERNAL].value = 0;
}

static void page_in(uint32_t frame, enum policy_why why, uint32_t shadow)
{
    mach_page_in(frame, why, shadow);
    if (why != CAME_BACK && policy_kind(frame) == KIND_FILE && !counted(frame))
        count(frame);
}

static bool may_grab(enum policy_grab kind, uint64_t n)
{
    if (kind == GRAB_FILE && marks[M_EXTERNAL].value >= marks[M_LIMIT].value)
        return false;
    return mach_may_grab(kind, n);
}

static uint32_t wakes(void)
{
    return mach_freed() ? ~0u : 0;
}

const struct policy_ops policy_gnumach99 = {
    .name = "gnumach99",
    .notions = POLICY_HAS(SCANNER) | POLICY_HAS(LISTS) | POLICY_HAS(PAGERS),
    .set_marks = set_marks,
    .marks = marks,
    .lists = mach_lists,
    .init = init,
    .page_in = page_in,
    .page_gone = forget,
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
