/* SPDX-License-Identifier: MIT */
/* Keeps the story's cards. From the first numbered caption of a script on ("2
 * of 6. Fork. ..."), every caption is a card. The panel shows it from its
 * moment on, also when the machine goes back there. (session/story.c lets the
 * script wait for the reader.) */
#include "monitor/terminal/terminal.h"

#include <stdio.h>

/* Returns how many cards were told up to this moment. */
unsigned story_now(const struct session *s)
{
    unsigned n = s->show.cards.n;
    while (n && s->show.cards.at[n - 1].cycle > machine_now(s->m))
        n--;
    return n;
}

/* Returns the number of this moment's card; 0: there is none. In the past, the
 * moment at which a card was told belongs to the card that ended there. */
static unsigned card_shown(const struct session *s)
{
    unsigned n = story_now(s);
    bool past = history_past(s->m->past);
    while (past && n > 1 && s->show.cards.at[n - 1].cycle == machine_now(s->m))
        n--;
    return n;
}

/* True if the machine stands at a stop, or at an event that came after the card
 * was told: then the caption tells of that stop or event. */
static bool at_news(const struct session *s, u64 begins)
{
    struct ins_event e;
    return s->run.stopped != STOP_DONE ||
           (inspect_events_recent(s->events, LENS_NO_PFN, &e, 1) &&
            e.cycle > begins && machine_now(s->m) <= e.cycle + 1);
}

const struct card *story_shown(const struct session *s)
{
    unsigned n = card_shown(s);
    bool of_story =
        n < s->show.cards.n || machine_now(s->m) <= s->show.cards.over;
    bool told = (history_past(s->m->past) && of_story) || s->show.card_waits ||
                (n && machine_now(s->m) < s->show.cards.over &&
                 (s->run.going || !at_news(s, s->show.cards.at[n - 1].cycle)));
    bool answer = host_now() < s->show.answer_until;
    return n && told && !answer && !s->show.on_way ? &s->show.cards.at[n - 1]
                                                   : NULL;
}

/* Returns the cycle at which the last card ended; 0: it has not ended. The end
 * is after the cycle of story_card, which belongs to the card before it. */
u64 story_last_end(const struct session *s)
{
    const struct cards *c = &s->show.cards;
    u64 told = c->n ? c->at[c->n - 1].cycle : 0;
    return !c->n || c->over == NEVER ? 0 : c->over > told ? c->over : told + 1;
}

/* True if the machine stands at the present where the story ended, so that no
 * card is shown, and nothing has run since. */
bool story_put_away(const struct session *s)
{
    return s->show.cards.n && !history_past(s->m->past) &&
           s->show.cards.over == machine_now(s->m);
}

void story_fill(const struct session *s, struct ins_display *d)
{
    unsigned n = card_shown(s);
    const struct card *c = n ? &s->show.cards.at[n - 1] : NULL;
    bool told = c && *c->figures && c->figured <= machine_now(s->m);
    d->card_waits = s->show.card_waits;
    d->card_rests = story_rests(s);
    u64 end =
        n < s->show.cards.n ? s->show.cards.at[n].cycle : story_last_end(s);
    d->card_done = end && end <= machine_now(s->m);
    d->card_before = c && (c->cycle < machine_now(s->m) || story_put_away(s));
    snprintf(d->card_figures, sizeof d->card_figures, "%s",
             told && d->card ? c->figures : "");
}

void story_figures(struct session *s, const char *text)
{
    struct cards *c = &s->show.cards;
    if (!c->n || c->over <= machine_now(s->m) || history_past(s->m->past))
        return;
    c->at[c->n - 1].figured = machine_now(s->m);
    snprintf(c->at[c->n - 1].figures, sizeof c->at->figures, "%s", text);
}

bool story_rests(const struct session *s)
{
    return s->show.cards.n && s->show.cards.over == NEVER && !s->led &&
           !s->run.going && !history_past(s->m->past);
}

void story_over(struct session *s, const char *line)
{
    s->show.answer_until = 0;
    if (history_past(s->m->past)) {
        if (s->show.cards.over ==
            history_present(s->m->past).cycle) /* nothing ran */
            s->show.cards.over = NEVER;
    } else if (!s->files && strncmp(line, "card ", 5) &&
               machine_now(s->m) < s->show.cards.over)
        s->show.cards.over = machine_now(s->m);
}

void story_branch(struct session *s)
{
    struct cards *c = &s->show.cards;
    s->show.aside = *c;
    c->n = card_shown(s);
    if (c->over > machine_now(s->m))
        c->over = NEVER;
    if (c->n && c->at[c->n - 1].figured > machine_now(s->m))
        c->at[c->n - 1].figures[0] = 0; /* measured in the other future */
}
