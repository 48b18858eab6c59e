/* SPDX-License-Identifier: MIT */
/* Keeps the cards. From the first numbered caption of a script on ("2
 * of 6. Fork. ..."), every caption is a card. The panel shows it from its
 * moment on, also when the machine goes back there.
 * (monitor/run/card_wait.c lets the script wait for the reader.) */
#include "console/stream.h"
#include "history/history.h"
#include "show/show.h"

#include <stdio.h>

/* Returns how many cards were told up to this moment. */
unsigned cards_now(const struct show *v)
{
    unsigned n = v->cards.n;
    while (n && v->cards.at[n - 1].cycle > machine_now(v->m))
        n--;
    return n;
}

/* Returns the number of this moment's card; 0: there is none. In the past, the
 * moment at which a card was told belongs to the card that ended there. */
static unsigned card_shown(const struct show *v)
{
    unsigned n = cards_now(v);
    bool past = history_past(v->m->past);
    while (past && n > 1 && v->cards.at[n - 1].cycle == machine_now(v->m))
        n--;
    return n;
}

/* True if the machine stands at a stop, or at an event that came after the card
 * was told: then the caption tells of that stop or event. */
static bool at_event(const struct show *v, u64 begins)
{
    struct ins_event e;
    return !v->state(v->session).at_goal ||
           (inspect_events_recent(v->events, LENS_NO_PFN, &e, 1) &&
            e.cycle > begins && machine_now(v->m) <= e.cycle + 1);
}

const struct card *card_here(const struct show *v)
{
    unsigned n = card_shown(v);
    bool of_story = n < v->cards.n || machine_now(v->m) <= v->cards.over;
    bool told = (history_past(v->m->past) && of_story) || v->card_waits ||
                (n && machine_now(v->m) < v->cards.over &&
                 (v->state(v->session).going ||
                  !at_event(v, v->cards.at[n - 1].cycle)));
    bool answer = host_now() < v->answer_until;
    return n && told && !answer && !v->on_way ? &v->cards.at[n - 1] : NULL;
}

/* Returns the cycle at which the last card ended; 0: it has not ended. The end
 * is after the cycle of card_tell, which belongs to the card before it. */
u64 cards_last_end(const struct show *v)
{
    const struct cards *c = &v->cards;
    u64 told = c->n ? c->at[c->n - 1].cycle : 0;
    return !c->n || c->over == NEVER ? 0 : c->over > told ? c->over : told + 1;
}

/* True if the machine stands at the present where the story ended, so that no
 * card is shown, and nothing has run since. */
bool cards_put_away(const struct show *v)
{
    return v->cards.n && !history_past(v->m->past) &&
           v->cards.over == machine_now(v->m);
}

void cards_fill(const struct show *v, struct ins_display *d)
{
    unsigned n = card_shown(v);
    const struct card *c = n ? &v->cards.at[n - 1] : NULL;
    bool told = c && *c->figures && c->figured <= machine_now(v->m);
    d->card_waits = v->card_waits;
    d->card_rests = cards_rest(v);
    u64 end = n < v->cards.n ? v->cards.at[n].cycle : cards_last_end(v);
    d->card_done = end && end <= machine_now(v->m);
    d->card_before = c && (c->cycle < machine_now(v->m) || cards_put_away(v));
    snprintf(d->card_figures, sizeof d->card_figures, "%s",
             told && d->card ? c->figures : "");
}

void cards_figures(struct show *v, const char *text)
{
    struct cards *c = &v->cards;
    if (!c->n || c->over <= machine_now(v->m) || history_past(v->m->past))
        return;
    c->at[c->n - 1].figured = machine_now(v->m);
    snprintf(c->at[c->n - 1].figures, sizeof c->at->figures, "%s", text);
}

bool cards_rest(const struct show *v)
{
    struct show_state now = v->state(v->session);
    return v->cards.n && v->cards.over == NEVER && !now.led && !now.going &&
           !history_past(v->m->past);
}

void cards_over(struct show *v, const char *line)
{
    v->answer_until = 0;
    if (history_past(v->m->past)) {
        if (v->cards.over ==
            history_present(v->m->past).cycle) /* nothing ran */
            v->cards.over = NEVER;
    } else if (!v->state(v->session).file_runs && strncmp(line, "card ", 5) &&
               machine_now(v->m) < v->cards.over)
        v->cards.over = machine_now(v->m);
}

void cards_branch(struct show *v)
{
    struct cards *c = &v->cards;
    v->aside = *c;
    c->n = card_shown(v);
    if (c->over > machine_now(v->m))
        c->over = NEVER;
    if (c->n && c->at[c->n - 1].figured > machine_now(v->m))
        c->at[c->n - 1].figures[0] = 0; /* measured in the other future */
}
