/* SPDX-License-Identifier: MIT */
/* A made-up display (synthetic.h) with a view of it and a picture to draw on.
 */
#ifndef CLOCKHAND_TESTS_SCENE_H
#define CLOCKHAND_TESTS_SCENE_H

#include "../panel/synthetic.h"

#define SELECTED 1127

struct scene {
    struct ins_display *d;
    struct view *v;
    struct fb fb;
};

static inline struct scene scene_new(int w, int h, u64 nframes, bool light)
{
    struct scene s = {syn_display(nframes), view_new(light), {0}};
    syn_disks(s.d);
    syn_pressure(s.d);
    syn_history(s.v, s.d);
    if (nframes > SELECTED) {
        s.v->pinned = SELECTED;
        syn_selected(s.d, SELECTED);
    }
    fb_init(&s.fb, w, h);
    return s;
}

static inline void scene_free(struct scene *s)
{
    fb_free(&s->fb);
    view_free(s->v);
    syn_free(s->d);
}

#endif
