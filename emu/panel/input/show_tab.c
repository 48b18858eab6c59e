/* SPDX-License-Identifier: MIT */
/* Opens a tab, and changes the size of text. If the frame pane and the tabs
 * have no room together they share one place, and a note says so. */
#include "panel/input/keys.h"

static bool has_room(struct controls *c, enum pane_id id)
{
    struct draw g;
    draw_plan(&g, c->w, c->h, c->d, c->v);
    return g.l.at[id].w > 0;
}

/* Returns how often the key `-` must be pressed until the tab has room; 0:
 * smaller text does not help. */
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

void controls_show_tab(struct controls *c, enum pane_id id)
{
    const char *name = panes[id].title;
    const char *here = c->terminal ? "terminal" : "window";
    const char *both = has_room(c, PANE_SPACES) ? " and ADDRESS SPACES" : "";
    c->v->console = id == PANE_CONSOLE; /* true: typed keys go to the guest */
    c->v->console_small = false;
    c->v->whole_biography = false; /* it lies over the tabs */
    c->v->tab = id;
    c->v->tab_first = true;
    if (has_room(c, id)) {
        if (!has_room(c, PANE_FRAME))
            note(c, "%s takes the place of FRAME%s; %sb%s brings FRAME back",
                 name, has_room(c, PANE_SPACES) ? "" : both,
                 c->v->console ? "Esc, then " : "",
                 c->terminal ? "" : ", or a click on a frame,");
        return;
    }
    int n = presses(c, id);
    if (n)
        note(c,
             "%s: this window has no room for it in text of this size; "
             "press - %d time%s",
             name, n, n == 1 ? "" : "s");
    else
        note(c, "%s: this %s has no room for it; enlarge the %s", name, here,
             here);
}

/* draw_plan restores the old size if the new one does not fit. */
void text_size(struct controls *c, int step)
{
    struct view *v = c->v;
    bool there = has_room(c, v->tab), frame = has_room(c, PANE_FRAME);
    int before = v->text;
    v->text += step;
    bool still = has_room(c, v->tab);
    if (v->text == before)
        note(c, step > 0 ? "no room for larger text in this window"
                         : "there is no smaller text");
    else if ((there && !still) || (frame && !has_room(c, PANE_FRAME)))
        note(c, "in text of this size FRAME and the tabs share one place: a "
                "tab's letter shows the tab, b the frame");
}
