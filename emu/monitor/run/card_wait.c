/* SPDX-License-Identifier: MIT */
/* Tells the story: before the next card (show/cards.c) the script waits for the
 * reader, if there is one. Meanwhile the panel may run the machine;
 * session_back undoes that. */
#include "history/history.h"
#include "inspect/display.h"
#include "inspect/events.h"
#include "monitor/drive.h"
#include "monitor/run/run.h"

#include <stdio.h>

void publish_chapter(struct session *s)
{
    memset(s->show.examples_shown, 0, sizeof s->show.examples_shown);
    for (unsigned i = 0; i < CONTEXTS; i++)
        if (s->run.goals[i].any_event)
            s->run.goals[i].events =
                publish_reasons(&s->show, history_past(s->m->past));
}

/* True if the panel shows the machine at a pace; at full speed nobody reads. */
static bool somebody_reads(struct session *s)
{
    return s->config->panel && s->run.pace > 0 && publish_on(&s->show);
}

void card_tell(struct answer *a, const char *text, u64 reasons)
{
    struct session *s = a->s;
    struct cards *c = &s->show.cards;
    unsigned n, of;
    int end = 0;
    if (!c->n || c->over <= machine_now(s->m)) {
        if (sscanf(text, "%u of %u. %n", &n, &of, &end) != 2 || !end)
            return;
        c->over = NEVER;
        c->n = 0; /* another story begins: nobody need read the old one */
    }
    if (c->n && somebody_reads(s)) {
        session_keep(s);
        for (s->show.card_waits = true; s->show.card_waits && !session_left(s);)
            drive_panel(s);
        s->show.card_waits = s->run.going = false;
        session_drop(s, IN_PANEL);
        s->m->mmu.catch_walk = false;
        keep_back(a);
    }
    if (s->show.cards.n == CARDS) /* the oldest is dropped */
        memmove(c->at, c->at + 1, --c->n * sizeof *c->at);
    struct card *card = &c->at[c->n++];
    *card = (struct card){.cycle = machine_now(s->m), .reasons = reasons};
    snprintf(card->text, sizeof card->text, "%s", text);
}

void card_typed(struct session *s)
{
    if (!cards_rest(&s->show))
        return;
    session_run_begin(s);
}
