/* SPDX-License-Identifier: MIT */
/* card next, card back: from card to card of a script's story. */
#include "monitor/verbs/verbs.h"

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

static enum command_status next_card(struct answer *a)
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

static enum command_status previous_card(struct answer *a)
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

enum command_status cmd_card(struct answer *a, const char *args)
{
    char word[16];
    bool next;
    if (!args_word(a, &args, word, sizeof word, "next or back") ||
        !args_end(a, args))
        return CMD_BAD;
    next = !strcmp(word, "next");
    if (!next && strcmp(word, "back"))
        return fail(a, CMD_BAD, "card: %s: next or back", word);
    return next ? next_card(a) : previous_card(a);
}
