/* SPDX-License-Identifier: MIT */
/* Keeps the way back, as a browser does: the choices and the machine's moment
 * before each click, or key y, that led elsewhere. */
#include "panel/input/keys.h"

struct waypoint trail_here(const struct controls *c)
{
    const struct view *v = c->v;
    struct waypoint s = {.pinned = v->pinned,
                         .tab = v->tab,
                         .tab_first = v->tab_first,
                         .whole_biography = v->whole_biography,
                         .cycle = c->d->past ? c->d->cycle : NEVER,
                         .events = v->events,
                         .events_first = v->events_first,
                         .events_last = v->events_last};
    memcpy(s.lit, v->lit, sizeof s.lit);
    return s;
}

/* True if view and waypoint show the same thing, whatever their moments. */
static bool looks_alike(const struct view *v, const struct waypoint *s)
{
    bool list = v->tab == PANE_EVENTS &&
                (v->events != s->events || v->events_first != s->events_first ||
                 v->events_last != s->events_last);
    return !list && v->pinned == s->pinned && v->tab == s->tab &&
           v->whole_biography == s->whole_biography && !strcmp(v->lit, s->lit);
}

/* True if the machine stands at the waypoint's moment. */
static bool is_there(const struct waypoint *s, const struct ins_display *d)
{
    return s->cycle == NEVER ? !d->past : d->past && d->cycle == s->cycle;
}

/* Counts the waypoints, leaving out the latest ones that equal the present
 * view: a key, such as End (to the present), has already led to them. */
static unsigned leads_to(const struct view *v, const struct ins_display *d)
{
    unsigned n = v->ntrail;
    while (n) {
        const struct waypoint *s = &v->trail[n - 1];
        if ((s->moved && !is_there(s, d)) || !looks_alike(v, s))
            break;
        n--;
    }
    return n;
}

void trail_leave(struct controls *c, struct waypoint before)
{
    struct view *v = c->v;
    before.moved = v->travels;
    v->travels = false;
    if (v->returns || (!before.moved && looks_alike(v, &before)))
        return;
    if (v->ntrail == TRAIL)
        memmove(v->trail, v->trail + 1, --v->ntrail * sizeof *v->trail);
    v->trail[v->ntrail++] = before;
}

void trail_back(struct controls *c)
{
    struct view *v = c->v;
    unsigned left = leads_to(v, c->d);
    /* The click's goto may be unfinished: d then still shows the old moment. */
    if (left < v->ntrail && v->trail[v->ntrail - 1].moved && !c->d->running)
        controls_command(c, "goto now");
    v->ntrail = left;
    if (!left) {
        note(c, "the way back is at its end");
        return;
    }
    const struct waypoint *s = &v->trail[--v->ntrail];
    v->returns = true;
    v->tab = s->tab;
    v->whole_biography = s->whole_biography;
    v->events = s->events;
    v->events_first = s->events_first;
    v->events_last = s->events_last;
    v->note[0] = 0;
    if (s->pinned != v->pinned)
        controls_select_frame(c, s->pinned);
    v->tab_first = s->tab_first;
    if (strcmp(s->lit, v->lit))
        controls_light(c, s->lit);
    if (!s->moved || (c->d->running && is_there(s, c->d)))
        return;
    if (s->cycle == NEVER)
        controls_command(c, "goto now");
    else
        controls_command(c, "goto %llu", s->cycle);
}

const char *trail_words(const struct view *v, const struct ins_display *d)
{
    unsigned left = leads_to(v, d);
    if (!left)
        return NULL;
    const struct waypoint *s = &v->trail[left - 1];
    if (s->moved && !is_there(s, d))
        return s->cycle == NEVER ? "back to the present"
                                 : phrase("back to %s", sim_time(d, s->cycle));
    if (s->tab != v->tab)
        return phrase("back to %s", panes[s->tab].title);
    return s->pinned != v->pinned && s->pinned != NO_FRAME
               ? phrase("back to frame %s", frame_number((u64)s->pinned))
               : "back";
}
