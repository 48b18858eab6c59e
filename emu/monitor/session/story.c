/* SPDX-License-Identifier: MIT */
/* Keeps the story's cards. From the first numbered caption of a script on ("2
 * of 6. Fork. ..."), every caption is a card. The panel shows it from its
 * moment on, also when the machine goes back there. Before the next card the
 * script waits for the reader, if there is one. Meanwhile the panel may run the
 * machine; session_back undoes that. */
#include "machine/history.h"
#include "monitor/drive.h"
#include "monitor/session/run.h"
#include "monitor/terminal/terminal.h"

#include <stdio.h>

/* Returns the number of this moment's card; 0: there is none. */
static unsigned card_now(const struct session *s)
{
    unsigned n = s->ncards;
    while (n && s->card[n - 1].cycle > s->m->hart.cycle)
        n--;
    return n;
}

const char *story_text(const struct session *s)
{
    unsigned n = card_now(s);
    bool arrived = s->arrived == s->m->hart.cycle; /* nothing ran since then */
    bool told = history_past(s->m) ||
                (!s->cards_over && (s->running || s->card_waits || arrived));
    bool refused = s->refused && host_now() < s->caption_until;
    return n && told && !refused && !s->on_way ? s->card[n - 1].text : NULL;
}

void story_fill(const struct session *s, struct ins_display *d)
{
    unsigned n = card_now(s);
    d->card_waits = s->card_waits;
    d->card_begins = n && s->card[n - 1].cycle == s->m->hart.cycle;
    d->card_before = n > d->card_begins;
}

void story_over(struct session *s, const char *line)
{
    if (!s->in_file && !history_past(s->m) && strncmp(line, "card ", 5) != 0)
        s->cards_over = true;
}

/* True if the panel shows the machine at a pace; at full speed nobody reads. */
static bool somebody_reads(struct session *s)
{
    return s->config->panel && s->pace > 0 && publish_on(s);
}

void story_card(struct session *s, const char *text, u64 reasons)
{
    unsigned n, of;
    int end = 0;
    if (s->cards_over || !s->ncards) {
        if (sscanf(text, "%u of %u. %n", &n, &of, &end) != 2 || !end)
            return;
        s->cards_over = false;
        s->ncards = 0; /* another story begins: nobody need read the old one */
    }
    if (s->ncards && somebody_reads(s)) {
        session_keep(s);
        s->goal = (struct goal){.deadline = NEVER};
        s->borrowed = false;
        publish_event(s, s->card[s->ncards - 1].reasons);
        for (s->card_waits = true; s->card_waits && !session_left(s);)
            drive_panel(s);
        s->card_waits = s->running = s->borrowed = false;
        s->m->mmu.catch_walk = false;
        session_back(s);
    }
    if (s->ncards == CARDS) /* the oldest is dropped */
        memmove(s->card, s->card + 1, --s->ncards * sizeof *s->card);
    s->card[s->ncards].cycle = s->m->hart.cycle;
    s->card[s->ncards].reasons = reasons;
    snprintf(s->card[s->ncards++].text, sizeof s->card->text, "%s", text);
}

static enum command_status go_to(struct session *s, u64 cycle)
{
    char line[40];
    snprintf(line, sizeof line, "goto %llu", (unsigned long long)cycle);
    return session_command(s, line);
}

enum command_status story_next(struct session *s)
{
    unsigned now = card_now(s);
    if (now < s->ncards)
        return go_to(s, s->card[now].cycle);
    if (history_past(s->m)) {
        s->cards_over = false; /* the last card comes back */
        return session_command(s, "goto now");
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
    if (now && s->m->hart.cycle == s->card[now - 1].cycle)
        now--; /* the machine stands at its beginning */
    if (!now)
        return fail(s, CMD_BAD, "card: there is no card before this moment");
    return go_to(s, s->card[now - 1].cycle);
}
