/* SPDX-License-Identifier: MIT */
#include "policy/mach/machpage.h"
#include "policy/numbers.h"

#define BURST_MAX 10 /* vm_pageout.c: pages sent, or on their way */
#define BURST_MIN 5  /* pages that a pause may leave in the laundry */
#define PAUSE_MAX 10 /* after so many pauses: shorten them, or give up */
#define MS        1000000u
#define STUCK     100 /* pauses in which nothing moved (our number) */
#define SEQ       1u  /* policy_data: moved to inactive by mach_behind */

const struct policy_list mach_lists[] = {{"active", LIST_ACTIVE},
                                         {"inactive", LIST_INACTIVE},
                                         {"laundry", LIST_PLAIN},
                                         {0, LIST_PLAIN}};

static const struct mach_rules *rules;
static struct policy_levels levels;
static uint64_t burst_wait; /* ms a page, adapted */
static unsigned pauses;     /* since the last change of burst_wait */
static bool paused;         /* the latest step ended in a pause */
static unsigned stuck;      /* pauses in a row without progress */
static bool went_on;        /* a sleeper was woken since the last pause */

void mach_levels(const struct mach_rules *r, uint64_t nframes,
                 struct policy_levels *l)
{
    uint64_t rest = nframes > r->reserved ? nframes - r->reserved : 0;
    l->min = r->reserved;
    l->low = set_or(TUN_MACH_FREE_MIN, r->reserved, nframes / 4,
                    r->reserved + 10 + rest / 100);
    l->high = set_or(TUN_MACH_FREE_TARGET, r->reserved, nframes / 3,
                     r->reserved + 15 + rest / 80);
    if (l->high < l->low + 5)
        l->high = l->low + 5;
    levels = *l;
}

void mach_init(const struct mach_rules *r)
{
    rules = r;
    burst_wait = r->burst_wait;
    pauses = stuck = 0;
    paused = went_on = false;
}

/* ---- the queues ---- */

void mach_page_in(uint32_t frame, enum policy_why why, uint32_t shadow)
{
    policy_add_tail(MACH_ACTIVE, frame);
}

/* Deactivates a page that sequential access has passed (vm_page_insert,
 * last_alloc). */
void mach_behind(uint32_t frame)
{
    if (policy_list_of(frame) != MACH_ACTIVE)
        return;
    policy_clear_used(frame);
    policy_add_tail(MACH_INACTIVE, frame);
    *policy_data(frame) |= SEQ;
    policy_count_event(C_SEQ_BEHIND, 1);
}

/* Called from an interrupt when the write of a page has ended. A page that was
 * wanted again meanwhile leaves the laundry for the active queue. */
void mach_written(uint32_t frame)
{
    if (policy_list_of(frame) == MACH_LAUNDRY)
        policy_add_tail(MACH_ACTIVE, frame);
}

static uint64_t inactive_target(void)
{
    uint64_t both = policy_count(MACH_ACTIVE) + policy_count(MACH_INACTIVE);
    return rules->marks[MACH_INACTIVE_TARGET].value = both * 2 / 3;
}

static void balance(void)
{
    uint64_t target = inactive_target();
    while (policy_count(MACH_INACTIVE) < target) {
        uint32_t frame = policy_first(MACH_ACTIVE);
        policy_clear_used(frame);
        policy_add_tail(MACH_INACTIVE, frame);
    }
}

/* ---- admission to frames ----- */

bool mach_may_grab(enum policy_grab kind, uint64_t n)
{
    if (kind == GRAB_FILE && policy_swamped())
        return false;
    uint64_t leave = rules->reserved - 1; /* refused when free < reserved */
    if (kind == GRAB_DAEMON || kind == GRAB_DEFAULT_PAGER)
        leave = 0;
    else if (kind == GRAB_KERNEL || kind == GRAB_DYING)
        leave = rules->really;
    return policy_free() >= n + leave;
}

/* True if the daemon has work. */
static bool needed(void)
{
    uint64_t free = policy_free();
    return free < levels.low || policy_waiters() ||
           (free < levels.high &&
            policy_count(MACH_INACTIVE) < inactive_target()) ||
           (rules->excess && rules->excess());
}

static void note_laundry(void)
{
    rules->marks[MACH_LAUNDRY_COUNT].value = policy_laundry();
}

uint32_t mach_pressed(void)
{
    note_laundry();
    return needed();
}

bool mach_freed(void)
{
    bool enough = policy_free() >= rules->reserved;
    note_laundry();
    went_on |= enough;
    return enough;
}

/* Without a default pager no process is killed, so that the deadlock shows. */
bool mach_may_kill(void)
{
    return policy_tunable(TUN_MACH_DEFAULT_PAGER) != 0;
}

/* ---- vm_pageout_scan ---- */

/* vm_pageout_page. True: the page was sent. A page of a file goes to its pager
 * in a message; in its temporary object it joins the tail of active, and when
 * it comes round it goes to the default pager like any other page of such an
 * object. If memory is so short that no file pager will run, it joins the head
 * of inactive instead: it is looked at next, goes to the default pager at once,
 * and counts twice in the burst. */
static bool send_page(uint32_t frame)
{
    bool little = policy_free() < rules->internal;
    bool message = policy_kind(frame) == KIND_FILE && !policy_sent(frame);
    int err = message ? policy_page_message(frame) : policy_page_default(frame);
    if (err || !policy_kind(frame)) /* written and free already */
        return !err;
    if (message && little)
        policy_add_head(MACH_INACTIVE, frame);
    else
        policy_add_tail(message ? MACH_ACTIVE : MACH_LAUNDRY, frame);
    return true;
}

/* Decides on an inactive page. 1: it was sent; 0: its frame is free, or it no
 * longer counts as external; -1: neither. */
static int scan_page(uint32_t frame, bool only_external)
{
    policy_add_tail(MACH_INACTIVE, frame); /* if it stays */
    if (!policy_may_take(frame))
        return -1;
    if (policy_clear_used(frame)) {
        if (*policy_data(frame) & SEQ)
            policy_count_event(C_SEQ_FALSE, 1);
        *policy_data(frame) &= ~SEQ;
        policy_add_tail(MACH_ACTIVE, frame);
        return -1;
    }
    bool dirty = policy_dirty(frame), fewer = false;
    if (rules->recount && policy_kind(frame) == KIND_FILE)
        fewer = rules->recount(frame, dirty);
    if (dirty)
        return send_page(frame) ? 1 : -1;
    if (only_external)
        return fewer ? 0 : -1;
    return policy_take(frame) > 0 ? 0 : -1;
}

/* Returns the page to look at: the first inactive page; or, if it must be
 * external, the first external one from `at` on. Others keep their places. */
static uint32_t next_inactive(bool only_external, uint32_t at)
{
    if (!only_external || at == POLICY_NONE ||
        policy_list_of(at) != MACH_INACTIVE)
        at = policy_first(MACH_INACTIVE);
    while (only_external && at != POLICY_NONE && policy_kind(at) != KIND_FILE)
        at = policy_next(at);
    return at;
}

/* Returns a pause of burst_wait for each of the pages that were sent or are on
 * their way. idle: nothing else can be done, so at least empty_wait. */
static struct policy_nap pause(uint64_t now, uint64_t pages, bool idle)
{
    uint64_t ms = pages * burst_wait;
    if (idle && ms < rules->empty_wait)
        ms = rules->empty_wait;
    paused = true;
    return (struct policy_nap){now + ms * MS, 0};
}

/* vm_pageout_scan_continue, after a pause. A pause that has left much laundry
 * was too short; if many in a row were long enough, they may be too long. */
static void adapt_burst_wait(void)
{
    if (policy_laundry() > BURST_MIN) {
        burst_wait++;
        pauses = 0;
    } else if (++pauses > PAUSE_MAX) {
        burst_wait = burst_wait * 3 / 4;
        burst_wait += !burst_wait;
        pauses = 0;
    }
}

/* Notes, before each pause, whether anything has moved since the last pause. */
static void watch_progress(bool progress)
{
    bool excess =
        rules->excess && rules->excess(); /* processes may wait for its end */
    bool moves = progress || went_on || policy_writing() || !policy_waiters() ||
                 (policy_free() >= rules->reserved && !excess);
    note_laundry();
    went_on = false;
    stuck = moves ? 0 : stuck + 1;
    if (stuck && stuck % PAUSE_MAX == 0) /* again: a relief voids a failure */
        policy_hopeless();
    if (stuck == STUCK)
        policy_deadlock();
}

static struct policy_nap pageout(uint64_t now)
{
    uint64_t burst = 0, vain = 0;
    uint32_t at = POLICY_NONE;
    bool progress = false;
    if (paused)
        adapt_burst_wait();
    paused = false;
    for (;;) {
        balance();
        uint64_t free = policy_free(), laundry = policy_laundry();
        bool enough = free >= levels.high && !policy_waiters();
        bool only_external = enough && rules->excess && rules->excess();
        if (enough && !only_external) {
            watch_progress(true);
            return (struct policy_nap){NAP_LONG, W_KICK};
        }
        uint32_t frame = next_inactive(only_external, at);
        if (frame == POLICY_NONE || vain > policy_count(MACH_INACTIVE)) {
            watch_progress(progress);
            return pause(now, laundry > burst ? laundry : burst, true);
        }
        if (burst >= BURST_MAX || laundry >= BURST_MAX ||
            (free < rules->really && laundry)) {
            watch_progress(progress);
            return pause(now, laundry > burst ? laundry : burst, false);
        }
        at = policy_next(frame);
        int got = scan_page(frame, only_external);
        burst += got > 0;
        progress |= got >= 0;
        vain = got < 0 ? vain + 1 : 0;
    }
}

const struct policy_thread mach_threads[] = {
    {"pageout", pageout, ACTOR_PAGEOUT, true, false}, {0}};
