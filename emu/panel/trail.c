/* SPDX-License-Identifier: MIT */
/* The way back, as a browser has it: what one looked at, and the moment, before
 * each click that led elsewhere. */
#include "panel/keys.h"

#include <stdio.h>

struct stand trail_here(const struct controls *c)
{
    const struct view *v = c->v;
    struct stand s = {.pinned = v->pinned,
                      .tab = v->tab,
                      .tab_first = v->tab_first,
                      .life = v->life,
                      .cycle = c->d->past ? c->d->cycle : NEVER,
                      .events = v->events,
                      .events_first = v->events_first,
                      .events_last = v->events_last};
    memcpy(s.lit, v->lit, sizeof s.lit);
    return s;
}

void trail_leave(struct controls *c, struct stand before)
{
    struct view *v = c->v;
    struct stand now = trail_here(c);
    before.moved = v->travels;
    v->travels = false;
    if (v->returns)
        return;
    bool list =
        now.tab == PANE_EVENTS && (now.events != before.events ||
                                   now.events_first != before.events_first ||
                                   now.events_last != before.events_last);
    if (!before.moved && !list && now.pinned == before.pinned &&
        now.tab == before.tab && now.life == before.life &&
        !strcmp(now.lit, before.lit))
        return;
    if (v->ntrail == TRAIL)
        memmove(v->trail, v->trail + 1, --v->ntrail * sizeof *v->trail);
    v->trail[v->ntrail++] = before;
}

void trail_back(struct controls *c)
{
    struct view *v = c->v;
    if (!v->ntrail) {
        view_note(v, c->d, "the way back is at its end: no click led here");
        return;
    }
    const struct stand *s = &v->trail[--v->ntrail];
    v->returns = true;
    v->tab = s->tab;
    v->life = s->life;
    v->events = s->events;
    v->events_first = s->events_first;
    v->events_last = s->events_last;
    v->note[0] = 0;
    if (s->pinned != v->pinned)
        controls_pin(c, s->pinned);
    v->tab_first = s->tab_first;
    if (strcmp(s->lit, v->lit))
        controls_light(c, s->lit);
    if (!s->moved)
        return;
    if (s->cycle == NEVER)
        controls_command(c, "goto now");
    else
        controls_command(c, "goto %llu", (unsigned long long)s->cycle);
}

bool trail_words(const struct view *v, const struct ins_display *d, char *buf,
                 size_t n)
{
    char text[32];
    if (!v->ntrail)
        return false;
    const struct stand *s = &v->trail[v->ntrail - 1];
    if (s->moved && s->cycle == NEVER)
        snprintf(buf, n, "back to the present");
    else if (s->moved)
        snprintf(buf, n, "back to %s", sim_time(text, d, s->cycle));
    else if (s->tab != v->tab)
        snprintf(buf, n, "back to %s", panes[s->tab].title);
    else if (s->pinned != v->pinned && s->pinned != NO_FRAME)
        snprintf(buf, n, "back to frame %s",
                 frame_number(text, (u64)s->pinned));
    else
        snprintf(buf, n, "back");
    return true;
}
