/* SPDX-License-Identifier: MIT */
/* Draws the panel into memory for pictures and films. It needs no SDL. */
#include "panel/panel.h"

#include "panel/draw/draw.h"
#include "panel/window/screenshot.h"
#include "show/show.h"

#include <stdlib.h>

bool panel_picture(struct fb *fb, const struct ins_display *d, struct view *v,
                   const char *path, char *err, size_t n)
{
    enum { TEXTS = 16384 }; /* a letter in each cell of a large map */
    struct fb_log log = {.max = TEXTS, .rec = xcalloc(TEXTS, sizeof *log.rec)};
    fb->log = &log;
    panel_draw(fb, d, v);
    bool ok = png_write(fb, path, err, n);
    fb->log = NULL;
    free(log.rec);
    return ok;
}

bool panel_screenshot(const struct ins_display *d, const struct config *c,
                      const char *path, char *err, size_t n)
{
    struct fb fb;
    struct view *v = view_new(c->light);
    fb_init(&fb, PANEL_WIDTH, PANEL_HEIGHT);
    timeline_observe(&v->timeline, d);
    if (d->selected_valid && d->selected.pfn != d->caption_pfn)
        v->pinned = (s64)d->selected.pfn;
    if (d->walk_live) /* a walk is being stepped */
        v->tab = PANE_WALK;
    bool ok = panel_picture(&fb, d, v, path, err, n);
    view_free(v);
    fb_free(&fb);
    return ok;
}

/* ---- pictures for a film, all of one view -------------------------------- */

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

const struct show_pictures panel_pictures = {film_open, film_draw, film_close};
