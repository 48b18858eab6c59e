/* SPDX-License-Identifier: MIT */
/* Makes the displays that the panel draws. The session's thread brings its own
 * display up to date, and copies it under a lock; the panel's thread takes that
 * copy. */
#include "inspect/parts.h"
#include "inspect/policy.h"
#include "inspect/truth.h"
#include "console/term.h"
#include "monitor/terminal/terminal.h"

#define PUBLISH_EVERY (1 / 60.0)
#define PUBLISH_QUIET .5 /* seconds, while nothing that is shown changes */

struct session *outermost_session(struct session *s)
{
    while (s->outer)
        s = s->outer;
    return s;
}

static void take_sample(void *opaque)
{
    struct session *s = opaque;
    u64 every = inspect_sample(s->m, s->events, &s->show.work->samples);
    machine_on_clock(s->m, CLOCK_SAMPLES, every, take_sample, s);
}

void publish_init(struct session *s)
{
    pthread_mutex_init(&s->show.lock, NULL);
    s->show.selected = -1;
    s->show.caption_pfn = LENS_NO_PFN;
    s->show.caption_cycle = NEVER;
    s->show.work = inspect_display_new(s->m);
    machine_on_clock(s->m, CLOCK_SAMPLES, 1, take_sample, s);
}

void publish_free(struct session *s)
{
    machine_on_clock(s->m, CLOCK_SAMPLES, 0, NULL, NULL);
    inspect_display_free(s->show.shown);
    inspect_display_free(s->show.work);
    inspect_display_free(s->show.last_look);
    pthread_mutex_destroy(&s->show.lock);
}

void publish_forget(struct session *s, bool same_life)
{
    s->show.captioned = inspect_events_count(s->events);
    publish_drop_later(s);
    memset(s->show.examples_shown, 0, sizeof s->show.examples_shown);
    if (same_life)
        return;
    struct ins_samples *of = &s->show.work->samples;
    u64 life = of->life + 1;
    memset(of, 0, sizeof *of);
    of->life = life;
}

/* ---- the panel's thread ---------------------------------------------- */

struct ins_display *session_display_new(struct session *s)
{
    struct ins_display *d = inspect_display_new(s->m);
    inspect_display_blank(d);
    return d;
}

bool session_display(struct session *s, struct ins_display *to)
{
    LOCKED(&s->show.lock);
    bool newer = s->show.shown && s->show.shown->serial != to->serial;
    if (newer)
        inspect_display_copy(to, s->show.shown);
    s->show.taken = true;
    return newer;
}

bool publish_on(struct session *s)
{
    s = outermost_session(s);
    LOCKED(&s->show.lock);
    return s->show.publish;
}

static void measure_speed(struct session *s, double now)
{
    double dt = now - s->show.speed_host;
    if (dt < .25)
        return;
    const struct hart *h = &s->m->hart;
    s->show.mips = (double)(h->instret - s->show.speed_instret) / dt / 1e6;
    s->show.pace_now = (double)(machine_now(s->m) - s->show.speed_cycle) / dt /
                       (double)s->m->clock_hz;
    s->show.speed_host = now;
    s->show.speed_instret = h->instret;
    s->show.speed_cycle = machine_now(s->m);
}

static const char *mode_word(const struct session *s)
{
    return s->m->off                           ? "OFF"
           : s->show.awaits_input              ? "STDIN"
           : s->run.going                      ? "RUN"
           : s->m->mmu.walk.phase != WALK_IDLE ? "WALK"
           : history_past(s->m->past)          ? "PAST"
                                               : "HALT";
}

/* Returns 1 << enum reason of the events at which the user's catches stop. */
static u64 catching(const struct session *s)
{
    u64 reasons = 0;
    for (unsigned i = 0; i < STOPPERS; i++)
        if (s->run.stoppers[i].number && !s->run.stoppers[i].once)
            reasons |= s->run.stoppers[i].reasons;
    return reasons;
}

/* Fills in the policy's line, or keeps it as it is while the machine runs. */
static void policy_line(const struct session *s, struct ins_display *d)
{
    if ((*d->policy_line && d->running) || !*d->policy)
        return;
    if (!inspect_policy_line(s->m, d->policy, d->policy_line,
                             sizeof d->policy_line))
        snprintf(d->policy_line, sizeof d->policy_line, "%s", d->policy);
}

void publish_fill(struct session *s, struct ins_display *d, s64 selected,
                  bool quick)
{
    const struct term *t = s->streams->term;
    d->running = quick; /* costly data may wait */
    inspect_display_update(s->m, s->events, d, selected);
    const struct ins_truth *truth = inspect_truth(s->truth);
    d->belief.taken = truth ? truth->victims : 0;
    for (unsigned i = 0; i < ARRAY_LEN(d->belief.regretted); i++)
        d->belief.regretted[i] = truth ? truth->turned[i] : 0;
    d->dtlb_places = inspect_tlb(s->m, INS_DTLB).entries;
    policy_line(s, d);
    d->running = s->run.going;
    d->catching = catching(s);
    snprintf(d->mode, sizeof d->mode, "%s", mode_word(s));
    d->pace_limit = s->run.pace;
    term_copy(t, d->console);
    d->cursor_row = t->row;
    d->cursor_col = t->col;
    d->covered = s->show.covered;
}

/* Finds the event to draw beside a card: the event at which the machine stands;
 * else the latest since the card with one of its reasons, else the latest. */
static bool event_of_card(struct session *s, const struct card *card,
                          struct ins_event *e)
{
    if (!s->run.going && publish_latest_told(s, e) &&
        machine_now(s->m) <= e->cycle + 1)
        return true;
    return (publish_latest_of(s, card->reasons, e) &&
            e->cycle >= card->cycle) ||
           (publish_latest_told(s, e) && e->cycle >= card->cycle);
}

static struct ins_display *bring_up_to_date(struct session *s, bool quick)
{
    struct ins_display *d = s->show.work;
    struct session *w = outermost_session(s);
    pthread_mutex_lock(&w->show.lock);
    s64 selected = s->show.published_frame = w->show.selected;
    if (strcmp(d->lit_words, w->show.light))
        inspect_display_light(d, w->show.light);
    pthread_mutex_unlock(&w->show.lock);
    publish_event_caption(s);
    const struct card *card = story_shown(s);
    d->caption_pfn = s->show.caption_pfn;
    d->caption_cycle = s->show.caption_cycle;
    struct ins_event told;
    if (card) { /* no frame is drawn until the card has an event */
        bool one = event_of_card(s, card, &told);
        d->caption_pfn = one ? publish_frame(s, &told) : LENS_NO_PFN;
        d->caption_cycle = one ? told.cycle : NEVER;
    }
    /* If the user has selected no frame, show that of the caption's event; but
     * while the machine runs, only at a pace up to real time, which leaves the
     * host time to search for the frame's entries. */
    bool slow = s->run.pace > 0 && s->run.pace <= 1;
    if (selected < 0 && d->caption_pfn != LENS_NO_PFN &&
        (!s->run.going || slow))
        selected = d->caption_pfn;
    else if (selected < 0 && !s->run.going && s->show.page_shown)
        selected = (s64)s->show.page_pfn; /* the verb `page` showed it */
    publish_fill(s, d, selected, quick);
    bool moves = s->run.going && !s->show.awaits_input;
    d->mips = moves ? s->show.mips : 0;
    d->pace_now = moves ? s->show.pace_now : 0;
    d->card = card != NULL;
    story_fill(s, d);
    snprintf(d->caption, sizeof d->caption, "%s",
             card ? card->text : s->show.caption);
    return d;
}

struct ins_display *publish_work(struct session *s)
{
    return bring_up_to_date(s, false);
}

/* True if displays may be published rarely, to spare the host: the panel has
 * not taken the last one yet, or the machine still stands where that display
 * showed it and the panel has asked for nothing else. A change made at the
 * prompt is then seen a little later. */
static bool may_wait(struct session *s)
{
    const struct ins_display *d = s->show.work;
    struct session *w = outermost_session(s);
    const struct card *card = story_shown(s);
    bool changes = s->run.going || d->running ||
                   d->cycle != inspect_cycle(s->m) ||
                   strcmp(d->caption, card ? card->text : s->show.caption) ||
                   d->card_waits != s->show.card_waits;
    LOCKED(&w->show.lock);
    changes |= w->show.selected != s->show.published_frame ||
               strcmp(d->lit_words, w->show.light);
    return !w->show.taken || !changes;
}

void publish_now(struct session *s, bool force)
{
    double now = host_now(), since = now - s->show.published;
    measure_speed(s, now);
    if (!publish_on(s) || (!force && (since < PUBLISH_EVERY ||
                                      (since < PUBLISH_QUIET && may_wait(s)))))
        return;
    s->show.published = now;
    struct ins_display *d =
        bring_up_to_date(s, s->run.going && !s->show.awaits_input);
    struct session *w = outermost_session(s);
    LOCKED(&w->show.lock);
    if (!w->show.shown)
        w->show.shown = inspect_display_new(s->m);
    u64 serial = w->show.shown->serial;
    inspect_display_copy(w->show.shown, d);
    w->show.taken = false;
    if (w->show.shown->serial ==
        serial) /* the display before was another machine's */
        w->show.shown->serial++;
}
