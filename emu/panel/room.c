/* SPDX-License-Identifier: MIT */
/* A pane that was asked for and has no room in this window: the caption says so
 * and what makes room. */
#include "panel/keys.h"

static bool has_room(struct controls *c, enum pane_id id)
{
    struct draw g;
    draw_plan(&g, c->w, c->h, c->d, c->v);
    return g.l.at[id].w > 0;
}

/* How often - must be pressed; 0: smaller text makes no room either. */
static int presses(struct controls *c, enum pane_id id)
{
    int before = c->v->text, n = 0;
    bool room = false;
    do {
        int was = c->v->text--;
        room = has_room(c, id);
        n = c->v->text == was ? 0 : n + 1; /* there is no smaller text */
    } while (n && !room);
    c->v->text = before;
    return n;
}

void controls_say_room(struct controls *c, enum pane_id id)
{
    const char *name = panes[id].title;
    if (c->terminal || has_room(c, id)) /* a terminal always has a detail */
        return;
    if (c->v->life) {
        view_note(c->v, c->d,
                  "%s: b closes the frame's life, which has its "
                  "place",
                  name);
        return;
    }
    int n = presses(c, id);
    if (n)
        view_note(c->v, c->d,
                  "%s: no room for it in text of this size; - pressed %d "
                  "time%s makes room",
                  name, n, n == 1 ? "" : "s");
    else
        view_note(c->v, c->d, "%s: no room for it; a larger window has some",
                  name);
}
