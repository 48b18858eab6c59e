/* SPDX-License-Identifier: MIT */
/* Pictures one after another, for a film: one view, which remembers. */
#include "panel/panel.h"

#include "panel/draw/draw.h"

#include <stdlib.h>

struct projector {
    struct fb fb;
    struct view *view;
};

static void *film_open(const struct config *c, int *w, int *h)
{
    struct projector *p = xcalloc(1, sizeof *p);
    p->view = view_new(c->light);
    fb_init(&p->fb, *w = PANEL_WIDTH, *h = PANEL_HEIGHT);
    return p;
}

static const u32 *film_draw(void *panel, const struct ins_display *d, int *w,
                            int *h)
{
    struct projector *p = panel;
    view_observe(p->view, d);
    panel_draw(&p->fb, d, p->view);
    *w = p->fb.w;
    *h = p->fb.h;
    return p->fb.px;
}

static void film_close(void *panel)
{
    struct projector *p = panel;
    view_free(p->view);
    fb_free(&p->fb);
    free(p);
}

const struct session_pictures panel_pictures = {film_open, film_draw,
                                                film_close};
