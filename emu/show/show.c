/* SPDX-License-Identifier: MIT */
/* Makes the displays that the panel draws. The session's thread brings its own
 * display up to date, and copies it under a lock; the panel's thread takes that
 * copy. */
#include "console/stream.h"
#include "console/term.h"
#include "history/history.h"
#include "inspect/parts.h"
#include "inspect/policy.h"
#include "inspect/truth.h"
#include "show/show.h"

#define PUBLISH_EVERY (1 / 60.0)
#define PUBLISH_QUIET .5 /* seconds, while nothing that is shown changes */

static struct show *show_window(struct show *v)
{
    while (v->outer)
        v = v->outer;
    return v;
}

static void take_sample(void *opaque)
{
    struct show *v = opaque;
    u64 every = inspect_sample(v->m, v->events, &v->work->samples);
    machine_on_clock(v->m, CLOCK_SAMPLES, every, take_sample, v);
}

void publish_init(struct show *v)
{
    pthread_mutex_init(&v->lock, NULL);
    v->selected = -1;
    v->caption_pfn = LENS_NO_PFN;
    v->caption_cycle = NEVER;
    v->work = inspect_display_new(v->m);
    machine_on_clock(v->m, CLOCK_SAMPLES, 1, take_sample, v);
}

void publish_free(struct show *v)
{
    machine_on_clock(v->m, CLOCK_SAMPLES, 0, NULL, NULL);
    inspect_display_free(v->shown);
    inspect_display_free(v->work);
    inspect_display_free(v->picture.last_look);
    pthread_mutex_destroy(&v->lock);
}

void publish_forget(struct show *v, bool same_life)
{
    v->captioned = inspect_events_count(v->events);
    publish_drop_later(v);
    memset(v->examples_shown, 0, sizeof v->examples_shown);
    if (same_life)
        return;
    struct ins_samples *of = &v->work->samples;
    u64 life = of->life + 1;
    memset(of, 0, sizeof *of);
    of->life = life;
}

/* ---- the panel's thread ---------------------------------------------- */

bool publish_copy(struct show *v, struct ins_display *to)
{
    LOCKED(&v->lock);
    bool newer = v->shown && v->shown->serial != to->serial;
    if (newer)
        inspect_display_copy(to, v->shown);
    v->taken = true;
    return newer;
}

void publish_select(struct show *v, s64 pfn)
{
    LOCKED(&v->lock);
    v->selected = pfn;
}

void publish_light(struct show *v, const char *words)
{
    LOCKED(&v->lock);
    snprintf(v->light, sizeof v->light, "%s", words);
}

void publish_switch(struct show *v, bool on)
{
    LOCKED(&v->lock);
    v->publish = on;
}

bool publish_on(struct show *v)
{
    v = show_window(v);
    LOCKED(&v->lock);
    return v->publish;
}

static void measure_speed(struct show *v, double now)
{
    double dt = now - v->speed.host;
    if (dt < .25)
        return;
    const struct hart *h = &v->m->hart;
    v->speed.mips = (double)(h->instret - v->speed.instret) / dt / 1e6;
    v->speed.pace = (double)(machine_now(v->m) - v->speed.cycle) / dt /
                    (double)v->m->clock_hz;
    v->speed.host = now;
    v->speed.instret = h->instret;
    v->speed.cycle = machine_now(v->m);
}

static const char *mode_word(const struct show *v, bool going)
{
    return v->m->off                           ? "OFF"
           : v->awaits_input                   ? "STDIN"
           : going                             ? "RUN"
           : v->m->mmu.walk.phase != WALK_IDLE ? "WALK"
           : history_past(v->m->past)          ? "PAST"
                                               : "HALT";
}

/* Fills in the policy's line, or keeps it as it is while the machine runs. */
static void policy_line(const struct show *v, struct ins_display *d)
{
    if ((*d->policy_line && d->running) || !*d->policy)
        return;
    if (!inspect_policy_line(v->m, d->policy, d->policy_line,
                             sizeof d->policy_line))
        snprintf(d->policy_line, sizeof d->policy_line, "%s", d->policy);
}

void publish_fill(struct show *v, struct ins_display *d, s64 selected,
                  bool quick)
{
    struct show_state now = v->state(v->session);
    const struct term *t = v->term;
    d->running = quick; /* costly data may wait */
    inspect_display_update(v->m, v->events, d, selected);
    const struct ins_truth *truth = inspect_truth(v->truth);
    d->belief.taken = truth ? truth->victims : 0;
    for (unsigned i = 0; i < ARRAY_LEN(d->belief.regretted); i++)
        d->belief.regretted[i] = truth ? truth->turned[i] : 0;
    d->dtlb_places = inspect_tlb(v->m, INS_DTLB).entries;
    policy_line(v, d);
    d->running = now.going;
    d->catching = now.catching;
    snprintf(d->mode, sizeof d->mode, "%s", mode_word(v, now.going));
    d->pace_limit = now.pace;
    term_copy(t, d->console);
    d->cursor_row = t->row;
    d->cursor_col = t->col;
    d->covered = v->covered;
}

/* Finds the event to draw beside a card: the event at which the machine stands;
 * else the latest since the card with one of its reasons, else the latest. */
static bool event_of_card(struct show *v, bool going, const struct card *card,
                          struct ins_event *e)
{
    if (!going && publish_latest_told(v, e) &&
        machine_now(v->m) <= e->cycle + 1)
        return true;
    return (publish_latest_of(v, card->reasons, e) &&
            e->cycle >= card->cycle) ||
           (publish_latest_told(v, e) && e->cycle >= card->cycle);
}

static struct ins_display *bring_up_to_date(struct show *v, bool quick)
{
    struct ins_display *d = v->work;
    struct show *w = show_window(v);
    struct show_state now = v->state(v->session);
    pthread_mutex_lock(&w->lock);
    s64 selected = v->published_frame = w->selected;
    if (strcmp(d->lit_words, w->light))
        inspect_display_light(d, w->light);
    pthread_mutex_unlock(&w->lock);
    publish_event_caption(v);
    const struct card *card = card_here(v);
    d->caption_pfn = v->caption_pfn;
    d->caption_cycle = v->caption_cycle;
    struct ins_event told;
    if (card) { /* no frame is drawn until the card has an event */
        bool one = event_of_card(v, now.going, card, &told);
        d->caption_pfn = one ? publish_frame(v, &told) : LENS_NO_PFN;
        d->caption_cycle = one ? told.cycle : NEVER;
    }
    /* If the user has selected no frame, show that of the caption's event; but
     * while the machine runs, only at a pace up to real time, which leaves the
     * host time to search for the frame's entries. */
    bool slow = now.pace > 0 && now.pace <= 1;
    if (selected < 0 && d->caption_pfn != LENS_NO_PFN && (!now.going || slow))
        selected = d->caption_pfn;
    else if (selected < 0 && !now.going && v->page_shown)
        selected = (s64)v->page_pfn; /* the verb `page` showed it */
    publish_fill(v, d, selected, quick);
    bool moves = now.going && !v->awaits_input;
    d->mips = moves ? v->speed.mips : 0;
    d->pace_now = moves ? v->speed.pace : 0;
    d->card = card != NULL;
    cards_fill(v, d);
    snprintf(d->caption, sizeof d->caption, "%s",
             card ? card->text : v->caption);
    return d;
}

struct ins_display *publish_work(struct show *v)
{
    return bring_up_to_date(v, false);
}

/* True if displays may be published rarely, to spare the host: the panel has
 * not taken the last one yet, or the machine still stands where that display
 * showed it and the panel has asked for nothing else. A change made at the
 * prompt is then seen a little later. */
static bool may_wait(struct show *v)
{
    const struct ins_display *d = v->work;
    struct show *w = show_window(v);
    const struct card *card = card_here(v);
    bool changes = v->state(v->session).going || d->running ||
                   d->cycle != inspect_cycle(v->m) ||
                   strcmp(d->caption, card ? card->text : v->caption) ||
                   d->card_waits != v->card_waits;
    LOCKED(&w->lock);
    changes |=
        w->selected != v->published_frame || strcmp(d->lit_words, w->light);
    return !w->taken || !changes;
}

void publish_now(struct show *v, bool force)
{
    double now = host_now(), since = now - v->published;
    measure_speed(v, now);
    if (!publish_on(v) || (!force && (since < PUBLISH_EVERY ||
                                      (since < PUBLISH_QUIET && may_wait(v)))))
        return;
    v->published = now;
    struct ins_display *d =
        bring_up_to_date(v, v->state(v->session).going && !v->awaits_input);
    struct show *w = show_window(v);
    LOCKED(&w->lock);
    if (!w->shown)
        w->shown = inspect_display_new(v->m);
    u64 serial = w->shown->serial;
    inspect_display_copy(w->shown, d);
    w->taken = false;
    if (w->shown->serial ==
        serial) /* the display before was another machine's */
        w->shown->serial++;
}
