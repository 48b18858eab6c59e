/* SPDX-License-Identifier: MIT */
/* Tells the story: before the next card (show/cards.c) the script waits for the
 * reader, if there is one. Meanwhile the panel may run the machine;
 * session_back undoes that. */
#include "history/history.h"
#include "inspect/display.h"
#include "inspect/events.h"
#include "monitor/drive.h"
#include "monitor/session/run.h"
#include "monitor/terminal/terminal.h"

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

static enum command_status go_to(struct answer *a, u64 cycle)
{
    char line[40];
    snprintf(line, sizeof line, "goto %llu", (unsigned long long)cycle);
    return session_execute(a->s, a->to, line);
}

static enum command_status go_to_end(struct answer *a)
{
    struct session *s = a->s;
    enum command_status st = go_to(a, cards_last_end(&s->show));
    if (st == CMD_OK) /* goto may stop later, at an instruction's end */
        s->show.cards.over = machine_now(s->m);
    return st;
}

enum command_status card_next(struct answer *a)
{
    struct session *s = a->s;
    unsigned now = cards_now(&s->show);
    if (now < s->show.cards.n)
        return go_to(a, s->show.cards.at[now].cycle);
    if (history_past(s->m->past)) {
        u64 end = cards_last_end(&s->show);
        bool before =
            machine_now(s->m) < end && end < history_present(s->m->past).cycle;
        return before ? go_to_end(a) : session_execute(s, a->to, "goto now");
    }
    if (!s->show.card_waits)
        return fail(a, CMD_BAD, "card: no later card is known yet%s",
                    now && s->run.going ? ": this step still runs" : "");
    s->show.card_waits = false;
    return CMD_OK;
}

enum command_status card_back(struct answer *a)
{
    struct session *s = a->s;
    unsigned now = cards_now(&s->show);
    u64 end = cards_last_end(&s->show);
    if (cards_put_away(&s->show)) {
        s->show.cards.over = NEVER;
        s->run.stopped = STOP_DONE;
        return CMD_OK;
    }
    if (end && end < machine_now(s->m))
        return go_to_end(a);
    if (now && machine_now(s->m) == s->show.cards.at[now - 1].cycle)
        now--; /* this card begins here: go to the one before */
    if (!now)
        return fail(a, CMD_BAD, "card: there is no card before this moment");
    return go_to(a, s->show.cards.at[now - 1].cycle);
}
