/* SPDX-License-Identifier: MIT */
/* Keeps the story's cards. From the first numbered caption of a script on ("2
 * of 6. Fork. ..."), every caption is a card. The panel shows it from its
 * moment on, also when the machine goes back there. Before the next card the
 * script waits for the reader, if there is one. Meanwhile the panel may run the
 * machine; session_back undoes that. */
#include "history/history.h"
#include "inspect/display.h"
#include "inspect/events.h"
#include "monitor/drive.h"
#include "monitor/session/run.h"
#include "monitor/terminal/terminal.h"

#include <stdio.h>

/* Returns how many cards were told up to this moment. */
static unsigned card_now(const struct session *s)
{
    unsigned n = s->cards.n;
    while (n && s->cards.at[n - 1].cycle > s->m->hart.cycle)
        n--;
    return n;
}

/* Returns the number of this moment's card; 0: there is none. In the past, the
 * moment at which a card was told belongs to the card that ended there. */
static unsigned card_shown(const struct session *s)
{
    unsigned n = card_now(s);
    bool past = history_past(s->m->past);
    while (past && n > 1 && s->cards.at[n - 1].cycle == s->m->hart.cycle)
        n--;
    return n;
}

/* True if the machine stands at a stop, or at an event that came after the card
 * was told: then the caption tells of that stop or event. */
static bool at_news(const struct session *s, u64 begins)
{
    struct ins_event e;
    return s->stopped != STOP_DONE ||
           (inspect_events_recent(s->events, LENS_NO_PFN, &e, 1) &&
            e.cycle > begins && s->m->hart.cycle <= e.cycle + 1);
}

const struct card *story_shown(const struct session *s)
{
    unsigned n = card_shown(s);
    bool of_story = n < s->cards.n || s->m->hart.cycle <= s->cards.over;
    bool told = (history_past(s->m->past) && of_story) || s->card_waits ||
                (n && s->m->hart.cycle < s->cards.over &&
                 (s->running || !at_news(s, s->cards.at[n - 1].cycle)));
    bool answer = host_now() < s->answer_until;
    return n && told && !answer && !s->on_way ? &s->cards.at[n - 1] : NULL;
}

/* Returns the cycle at which the last card ended; 0: it has not ended. The end
 * is after the cycle of story_card, which belongs to the card before it. */
static u64 last_end(const struct session *s)
{
    const struct cards *c = &s->cards;
    u64 told = c->n ? c->at[c->n - 1].cycle : 0;
    return !c->n || c->over == NEVER ? 0 : c->over > told ? c->over : told + 1;
}

/* True if the machine stands at the present where the story ended, so that no
 * card is shown, and nothing has run since. */
static bool put_away(const struct session *s)
{
    return s->cards.n && !history_past(s->m->past) &&
           s->cards.over == s->m->hart.cycle;
}

void story_fill(const struct session *s, struct ins_display *d)
{
    unsigned n = card_shown(s);
    const struct card *c = n ? &s->cards.at[n - 1] : NULL;
    bool told = c && *c->figures && c->figured <= s->m->hart.cycle;
    d->card_waits = s->card_waits;
    d->card_rests = story_rests(s);
    u64 end = n < s->cards.n ? s->cards.at[n].cycle : last_end(s);
    d->card_done = end && end <= s->m->hart.cycle;
    d->card_before = c && (c->cycle < s->m->hart.cycle || put_away(s));
    snprintf(d->card_figures, sizeof d->card_figures, "%s",
             told && d->card ? c->figures : "");
}

void story_figures(struct session *s, const char *text)
{
    struct cards *c = &s->cards;
    if (!c->n || c->over <= s->m->hart.cycle || history_past(s->m->past))
        return;
    c->at[c->n - 1].figured = s->m->hart.cycle;
    snprintf(c->at[c->n - 1].figures, sizeof c->at->figures, "%s", text);
}

bool story_rests(const struct session *s)
{
    return s->cards.n && s->cards.over == NEVER && !s->nesting && !s->running &&
           !history_past(s->m->past);
}

void story_over(struct session *s, const char *line)
{
    s->answer_until = 0;
    if (history_past(s->m->past)) {
        if (s->cards.over ==
            history_present(s->m->past).cycle) /* nothing ran */
            s->cards.over = NEVER;
    } else if (!s->in_file && strncmp(line, "card ", 5) &&
               s->m->hart.cycle < s->cards.over)
        s->cards.over = s->m->hart.cycle;
}

void story_branch(struct session *s)
{
    struct cards *c = &s->cards;
    s->cards_aside = *c;
    c->n = card_shown(s);
    if (c->over > s->m->hart.cycle)
        c->over = NEVER;
    if (c->n && c->at[c->n - 1].figured > s->m->hart.cycle)
        c->at[c->n - 1].figures[0] = 0; /* measured in the other future */
}

/* True if the panel shows the machine at a pace; at full speed nobody reads. */
static bool somebody_reads(struct session *s)
{
    return s->config->panel && s->pace > 0 && publish_on(s);
}

void story_card(struct session *s, const char *text, u64 reasons)
{
    struct cards *c = &s->cards;
    unsigned n, of;
    int end = 0;
    if (!c->n || c->over <= s->m->hart.cycle) {
        if (sscanf(text, "%u of %u. %n", &n, &of, &end) != 2 || !end)
            return;
        c->over = NEVER;
        c->n = 0; /* another story begins: nobody need read the old one */
    }
    if (c->n && somebody_reads(s)) {
        session_keep(s);
        s->goal = (struct goal){.deadline = NEVER};
        s->borrowed = false;
        for (s->card_waits = true; s->card_waits && !session_left(s);)
            drive_panel(s);
        s->card_waits = s->running = s->borrowed = false;
        s->m->mmu.catch_walk = false;
        session_back(s);
    }
    if (s->cards.n == CARDS) /* the oldest is dropped */
        memmove(c->at, c->at + 1, --c->n * sizeof *c->at);
    struct card *card = &c->at[c->n++];
    *card = (struct card){.cycle = s->m->hart.cycle, .reasons = reasons};
    snprintf(card->text, sizeof card->text, "%s", text);
}

void story_typed(struct session *s)
{
    if (!story_rests(s))
        return;
    s->goal = (struct goal){.deadline = NEVER};
    session_run_begin(s);
}

static enum command_status go_to(struct session *s, u64 cycle)
{
    char line[40];
    snprintf(line, sizeof line, "goto %llu", (unsigned long long)cycle);
    return session_command(s, line);
}

static enum command_status go_to_end(struct session *s)
{
    enum command_status st = go_to(s, last_end(s));
    if (st == CMD_OK) /* goto may stop later, at an instruction's end */
        s->cards.over = s->m->hart.cycle;
    return st;
}

enum command_status story_next(struct session *s)
{
    unsigned now = card_now(s);
    if (now < s->cards.n)
        return go_to(s, s->cards.at[now].cycle);
    if (history_past(s->m->past)) {
        u64 end = last_end(s);
        bool before =
            s->m->hart.cycle < end && end < history_present(s->m->past).cycle;
        return before ? go_to_end(s) : session_command(s, "goto now");
    }
    if (!s->card_waits)
        return fail(s, CMD_BAD, "card: no later card is known yet%s",
                    now && s->running ? ": this step still runs" : "");
    s->card_waits = false;
    return CMD_OK;
}

enum command_status story_back(struct session *s)
{
    unsigned now = card_now(s);
    u64 end = last_end(s);
    if (put_away(s)) {
        s->cards.over = NEVER;
        s->stopped = STOP_DONE;
        return CMD_OK;
    }
    if (end && end < s->m->hart.cycle)
        return go_to_end(s);
    if (now && s->m->hart.cycle == s->cards.at[now - 1].cycle)
        now--; /* this card begins here: go to the one before */
    if (!now)
        return fail(s, CMD_BAD, "card: there is no card before this moment");
    return go_to(s, s->cards.at[now - 1].cycle);
}
