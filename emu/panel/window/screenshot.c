/* SPDX-License-Identifier: MIT */
/* Pictures: the panel drawn into memory. No SDL, no display. */
#include "panel/panel.h"

#include "panel/draw/draw.h"
#include "panel/window/screenshot.h"

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
    if (d->walk_live) /* it is what happens now */
        v->tab = PANE_WALK;
    bool ok = panel_picture(&fb, d, v, path, err, n);
    view_free(v);
    fb_free(&fb);
    return ok;
}
