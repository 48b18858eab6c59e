/* SPDX-License-Identifier: MIT */
/* Goes back: restores the snapshot before the target, then runs the same
 * instructions again up to it. */
#include "history/past.h"

#include <stdio.h>
#include <stdlib.h>

/* The last steps before the target are done one by one. */
#define ONE_BY_ONE 1000u

const char *history_words(struct history *h, enum history_end e)
{
    static char text[300];
    switch (e) {
    case HISTORY_THERE:
        return "there";
    case HISTORY_NOT_FOUND:
        return "nothing of the kind as far back as the past is kept";
    case HISTORY_AHEAD:
        return "the machine has not been there yet";
    case HISTORY_INTERRUPTED:
        return "given up: the machine stands where it stood";
    case HISTORY_DEPARTED:
        return history_departure(h);
    case HISTORY_OFF:
        return "no past is kept here";
    case HISTORY_NOT_ASIDE:
    case HISTORY_TOO_EARLY:
        break;
    }
    int at = snprintf(text, sizeof(text), "no future is put aside");
    if (e == HISTORY_TOO_EARLY)
        at = snprintf(text, sizeof(text),
                      "the past is kept as far back as cycle %llu",
                      history_first(h).cycle);
    if (h && h->written_file)
        snprintf(text + at, sizeof(text) - (size_t)at,
                 ": at cycle %llu the guest wrote to %s, which cannot be taken "
                 "back (--drive FILE,overlay keeps a disk's writes in memory)",
                 h->written_at, h->written_file);
    return text;
}

void history_on_progress(struct history *h, bool (*fn)(void *, double),
                         void *opaque)
{
    if (!history_on(h))
        return;
    h->progress = fn;
    h->progress_opaque = opaque;
}

static bool may_go_on(struct history *h, u64 from, u64 now, u64 to)
{
    double share = to > from ? (double)(now - from) / (double)(to - from) : 1;
    return !h->progress || h->progress(h->progress_opaque, share);
}

/* Does may_go_on() for a search that stands at `now` in the interval from
 * `from` to `end`. A search backwards has already done the later intervals. */
static bool may_search_on(struct history *h, u64 from, u64 now, u64 end)
{
    if (!h->searched.to)
        return may_go_on(h, from, now, end);
    u64 done = h->searched.to - end + now - from;
    return may_go_on(h, 0, done, h->searched.to - h->searched.from);
}

/* ---- standing in the past ----------------------------------------------- */

/* Enters the past: from now on the machine repeats up to its present. */
static void leave_present(struct history *h)
{
    if (h->repeating)
        return;
    h->present = snapshot_take(h);
    h->place = h->present->place;
    h->shown = h->present->at;
    h->follows = true;
    history_hush(h, true);
}

static void restore_at(struct history *h, struct snapshot *s)
{
    snapshot_restore(h, s);
    h->tried = false;
    h->next = 0;
    if (s != h->present)
        return;
    h->present = NULL; /* the machine is in its present again */
    snapshots_add(h, s);
    h->follows = h->replays;
    history_hush(h, false);
}

/* ---- to a moment -------------------------------------------------------- */

/* Runs on to a past moment. HISTORY_NOT_FOUND: this run has no such moment. */
static enum history_end run_to(struct history *h, struct moment to)
{
    u64 from = history_now(h).cycle;
    enum history_end end = HISTORY_THERE;
    h->has_target = true;
    h->target = to;
    h->arrived = false;
    while (!h->arrived && end == HISTORY_THERE) {
        u64 deadline = history_now(h).cycle + h->progress_cycles;
        enum machine_stop why = h->port->run(h->machine, deadline);
        if (why == MS_DEPARTED || why == MS_OFF)
            end = HISTORY_DEPARTED;
        else if (!h->arrived && history_now(h).cycle >= deadline &&
                 !may_go_on(h, from, history_now(h).cycle, to.cycle))
            end = HISTORY_INTERRUPTED;
    }
    h->has_target = false;
    if (end == HISTORY_THERE && moment_compare(history_now(h), to))
        end = HISTORY_NOT_FOUND;
    return end;
}

/* Puts the machine at the last snapshot not after `to`, or leaves it in place
 * if it stands nearer to `to`. False: there is no such snapshot. */
static bool restore_before(struct history *h, struct moment to)
{
    struct moment now = history_now(h);
    s64 k = snapshots_before(h, to);
    bool nearer = h->repeating && moment_compare(now, to) <= 0 &&
                  (k < 0 || moment_compare(h->list.at[k]->at, now) <= 0);
    if (nearer)
        return true;
    if (k < 0)
        return false;
    restore_at(h, h->list.at[k]);
    return true;
}

static enum history_end go_to(struct history *h, struct moment to)
{
    if (h->repeating && !moment_compare(to, h->shown)) {
        restore_at(h, h->present);
        return HISTORY_THERE;
    }
    if (!restore_before(h, to))
        return HISTORY_TOO_EARLY;
    return run_to(h, to);
}

/* Enters the past; returns a snapshot of the machine, for the way back. */
static struct snapshot *way_begin(struct history *h)
{
    h->departure[0] = 0;
    h->lazy = false;
    if (h->repeating)
        return snapshot_take(h);
    leave_present(h);
    h->present->owners++;
    return h->present;
}

/* Applies the input of the moment that the machine has reached. */
static enum history_end arrive_after_input(struct history *h)
{
    return history_settle(h) == MS_DEPARTED ? HISTORY_DEPARTED : HISTORY_THERE;
}

/* Ends what way_begin began. At the target applies its input, if not `exact`;
 * elsewhere returns to `origin`, unless the machine has departed. */
static enum history_end way_end(struct history *h, struct snapshot *origin,
                                enum history_end end, bool exact)
{
    if (end == HISTORY_INTERRUPTED || end == HISTORY_NOT_FOUND ||
        end == HISTORY_TOO_EARLY)
        restore_at(h, origin);
    snapshot_drop(h, origin);
    return end == HISTORY_THERE && !exact ? arrive_after_input(h) : end;
}

enum history_end history_goto(struct history *h, struct moment to)
{
    if (!history_on(h))
        return HISTORY_OFF;
    int ahead = moment_compare(to, history_present(h));
    if (ahead > 0)
        return HISTORY_AHEAD;
    if (!ahead && !h->repeating)
        return HISTORY_THERE;
    if (snapshots_before(h, to) < 0)
        return HISTORY_TOO_EARLY;
    struct snapshot *origin = way_begin(h);
    return way_end(h, origin, go_to(h, to), true);
}

/* ---- to a cycle, to a step ---------------------------------------------- */

/* Runs on to the first boundary at or after the cycle. */
static enum history_end run_to_cycle(struct history *h, u64 cycle)
{
    u64 from = history_now(h).cycle;
    while (history_now(h).cycle < cycle && h->repeating) {
        u64 deadline = history_now(h).cycle + h->progress_cycles;
        enum machine_stop why =
            h->port->run(h->machine, deadline < cycle ? deadline : cycle);
        if (why == MS_DEPARTED)
            return HISTORY_DEPARTED;
        if (history_now(h).cycle >= deadline &&
            !may_go_on(h, from, history_now(h).cycle, cycle))
            return HISTORY_INTERRUPTED;
    }
    return HISTORY_THERE;
}

enum history_end history_goto_cycle(struct history *h, u64 cycle)
{
    if (!history_on(h))
        return HISTORY_OFF;
    struct moment before = {cycle, 0, 0, 0}, present = history_present(h);
    if (cycle > present.cycle)
        return HISTORY_AHEAD;
    if (cycle == present.cycle)
        return history_goto(h, present);
    if (snapshots_before(h, before) < 0 && history_first(h).cycle > cycle)
        return HISTORY_TOO_EARLY;
    struct snapshot *origin = way_begin(h);
    enum history_end end = HISTORY_TOO_EARLY;
    if (snapshots_before(h, before) < 0) /* the cycle is the first snapshot's */
        end = go_to(h, history_first(h));
    else if (restore_before(h, before))
        end = run_to_cycle(h, cycle);
    return way_end(h, origin, end, false);
}

/* At most two instructions start in a cycle, so left / 4 cycles never overshoot
 * the step; the last steps go one by one. */
static enum history_end run_to_step(struct history *h, u64 step)
{
    u64 from = moment_steps(history_now(h)), reported = history_now(h).cycle;
    for (u64 now; (now = moment_steps(history_now(h))) < step;) {
        u64 left = step - now;
        u64 wake = h->port->wakes(h->machine);
        enum machine_stop why;
        if (left <= ONE_BY_ONE)
            why = h->port->step(h->machine, left);
        else if (wake != NEVER && wake > history_now(h).cycle)
            why = h->port->run(h->machine, wake);
        else
            why = h->port->run(h->machine, history_now(h).cycle + left / 4);
        if (why == MS_DEPARTED || why == MS_OFF)
            return HISTORY_DEPARTED;
        if (history_now(h).cycle - reported < h->progress_cycles)
            continue;
        reported = history_now(h).cycle;
        if (!may_go_on(h, from, now, step))
            return HISTORY_INTERRUPTED;
    }
    return HISTORY_THERE;
}

enum history_end history_back(struct history *h, u64 n)
{
    s64 k = -1;
    if (!history_on(h))
        return HISTORY_OFF;
    u64 now = moment_steps(history_now(h));
    for (size_t i = 0; i < h->list.n && n <= now && h->list.steps[i] <= now - n;
         i++)
        k = (s64)i;
    if (k < 0)
        return HISTORY_TOO_EARLY;
    struct snapshot *origin = way_begin(h), *s = h->list.at[k];
    restore_at(h, s);
    return way_end(h, origin, run_to_step(h, now - n), false);
}

/* ---- to a stop ---------------------------------------------------------- */

/* Runs on to `end`. *hit is the last stop before `limit` that the search
 * accepts; with stop_at_first it is the first such stop, and the machine stays
 * there. */
static enum history_end run_searching(struct history *h,
                                      const struct history_search *s,
                                      struct moment end, struct moment limit,
                                      bool stop_at_first, struct moment *hit)
{
    enum history_end found = HISTORY_NOT_FOUND;
    u64 reported = history_now(h).cycle, from = reported;
    h->has_target = true;
    h->target = end;
    h->arrived = false;
    while (!h->arrived && !(stop_at_first && found == HISTORY_THERE)) {
        enum machine_stop why =
            h->port->run(h->machine, history_now(h).cycle + h->progress_cycles);
        struct moment now = history_now(h);
        if (why == MS_OFF && !moment_compare(now, end))
            break; /* the search began where the machine went off */
        if (why == MS_DEPARTED || why == MS_OFF) {
            found = HISTORY_DEPARTED;
            break;
        }
        bool stops = why >= MS_BREAKPOINT && why <= MS_EVENT;
        if (stops && moment_compare(now, limit) < 0 && s->hit(s->opaque, why)) {
            *hit = now;
            found = HISTORY_THERE;
        }
        if (history_now(h).cycle - reported < h->progress_cycles)
            continue;
        reported = history_now(h).cycle;
        if (!may_search_on(h, from, reported, end.cycle)) {
            found = HISTORY_INTERRUPTED;
            break;
        }
    }
    h->has_target = false;
    return found;
}

/* Runs from one snapshot on twice: first to find the last stop, then to stop
 * there. */
static enum history_end search_from(struct history *h,
                                    const struct history_search *s,
                                    struct snapshot *from, struct moment end,
                                    struct moment now)
{
    struct moment at, there;
    restore_at(h, from);
    s->begin(s->opaque);
    enum history_end found = run_searching(h, s, end, now, false, &at);
    if (found != HISTORY_THERE)
        return found;
    restore_at(h, from);
    s->begin(s->opaque);
    do
        found = run_searching(h, s, end, now, true, &there);
    while (found == HISTORY_THERE && moment_compare(there, at) < 0);
    return found;
}

static enum history_end
search(struct history *h, const struct history_search *s, struct moment now)
{
    struct moment end = now;
    s64 k = (s64)snapshots_before(h, now);
    for (; k >= 0; k--) {
        struct snapshot *from = h->list.at[k];
        if (!moment_compare(from->at, now))
            continue;
        bool last = (size_t)k + 1 >= h->list.n ||
                    moment_compare(h->list.at[k + 1]->at, now) > 0;
        if (s->frame >= 0 && !last &&
            !snapshots_wrote(h, (size_t)k, (u64)s->frame)) {
            end = from->at;
            continue;
        }
        from->owners++; /* the list may change during the search */
        enum history_end found = search_from(h, s, from, end, now);
        end = from->at;
        k = snapshots_before(h, from->at);
        snapshot_drop(h, from);
        if (found != HISTORY_NOT_FOUND)
            return found;
    }
    return HISTORY_NOT_FOUND;
}

enum history_end history_find_back(struct history *h,
                                   const struct history_search *s)
{
    if (!history_on(h))
        return HISTORY_OFF;
    struct moment now = history_now(h);
    struct snapshot *origin = way_begin(h);
    h->searched.from = history_first(h).cycle;
    h->searched.to = now.cycle;
    enum history_end end = search(h, s, now);
    h->searched.to = 0;
    return way_end(h, origin, end, false);
}

enum history_end history_find_on(struct history *h,
                                 const struct history_search *s,
                                 struct moment end)
{
    struct moment at;
    if (!history_on(h))
        return HISTORY_OFF;
    struct moment after = end;
    after.events++;
    s->begin(s->opaque);
    enum history_end found = run_searching(h, s, end, after, true, &at);
    return found == HISTORY_THERE ? arrive_after_input(h) : found;
}

/* ---- another future ----------------------------------------------------- */

bool history_branched(const struct history *h)
{
    return h && h->aside;
}

bool history_branch(struct history *h)
{
    if (!history_repeats(h) || h->aside)
        return false;
    struct saved_timeline *l = h->aside = xcalloc(1, sizeof(*l));
    l->log = input_log_copy(h->log);
    l->present = h->present;
    l->present->owners++;
    snapshots_share(&h->list, &l->list);
    return history_drop_future(h);
}

bool history_drop_future(struct history *h)
{
    struct moment now = history_now(h);
    if (!h->repeating)
        return false;
    while (h->list.n && moment_compare(h->list.at[h->list.n - 1]->at, now) > 0)
        snapshots_forget(h, &h->list, h->list.n - 1);
    snapshot_drop(h, h->present);
    h->present = NULL;
    input_log_cut(h->log, h->place);
    h->follows = h->replays = false;
    history_hush(h, false);
    return true;
}

bool history_leave_branch(struct history *h)
{
    struct saved_timeline *l = h ? h->aside : NULL;
    if (!l)
        return false;
    history_hush(h, true);
    snapshots_clear(h, &h->list);
    snapshot_drop(h, h->present);
    input_log_free(h->log);
    h->log = l->log;
    h->list = l->list;
    h->present = l->present;
    h->shown = l->present->at;
    h->aside = NULL;
    restore_at(h, h->present);
    free(l);
    return true;
}
