/* SPDX-License-Identifier: MIT */
/* Keeps the view's own state, and its memory of displays; see view.h. */
#include "panel/view/view.h"

#include <stdio.h>
#include <stdlib.h>

#define NOTE_SECONDS 5 /* before a newer caption may replace the note */

struct view *view_new(bool light)
{
    struct view *v = xcalloc(1, sizeof *v);
    v->light = light;
    v->scale = 100;
    v->tab = PANE_EVENT;
    v->slider = v->pointer_x = v->pointer_y = -1;
    v->cursor = v->events_last = NEVER;
    v->fonts = fonts_new();
    v->hover = v->pinned = NO_FRAME;
    return v;
}

void view_in_cells(struct view *v, bool letters)
{
    v->pixels = letters ? LETTERS : CELLS;
    fonts_in_cells(v->fonts);
}

void view_free(struct view *v)
{
    fonts_free(v->fonts);
    free(v);
}

bool view_rows(const struct view *v, const struct ins_display *d)
{
    return (d->vm.hand[0] != LENS_NO_PFN) != v->other_order;
}

s64 view_frame(const struct view *v)
{
    return v->hover != NO_FRAME ? v->hover : v->pinned;
}

void view_chose(struct view *v, enum view_choice what)
{
    v->chosen[what] = ++v->nchosen;
}

void view_say(struct view *v, const struct ins_display *d, const char *text)
{
    snprintf(v->note, sizeof v->note, "%s", text);
    memcpy(v->note_over, d->caption, sizeof v->note_over);
    v->note_at = v->now;
    v->note_cycle = d->cycle;
    view_chose(v, CHOICE_NOTE);
}

void view_observe(struct view *v, const struct ins_display *d)
{
    timeline_observe(&v->timeline, d);
    news_observe(&v->news, d);
    if (!d->running && memcmp(v->note_over, d->caption, sizeof v->note_over))
        v->note[0] = 0; /* the reason of the stop comes first */
}

const char *view_caption(const struct view *v, const struct ins_display *d)
{
    bool news = memcmp(v->note_over, d->caption, sizeof v->note_over) != 0;
    bool read = v->now - v->note_at >= NOTE_SECONDS;
    return v->note[0] && !(news && read) ? v->note : d->caption;
}

const char *frame_number(u64 pfn)
{
    return phrase("%llu", pfn);
}

const struct hit *view_hit(const struct view *v, int x, int y)
{
    for (unsigned i = v->nhits; i-- > 0;) /* the last drawn lies on top */
        if (v->hit[i].kind != HIT_WHY && rect_has(v->hit[i].at, x, y))
            return &v->hit[i];
    return NULL;
}

const struct hit *view_why(const struct view *v, int x, int y)
{
    for (unsigned i = v->nhits; i-- > 0;)
        if ((v->hit[i].kind == HIT_WHY || v->hit[i].kind == HIT_FRAME) &&
            rect_has(v->hit[i].at, x, y))
            return &v->hit[i];
    return NULL;
}
