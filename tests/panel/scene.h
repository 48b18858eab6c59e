/* SPDX-License-Identifier: MIT */
/* A scene has a made-up display (synthetic.h), a view of it, a picture to draw
 * on, and the log of the texts that were drawn. */
#pragma once

#include "../panel/synthetic.h"

#define SELECTED 1127

struct scene {
    struct ins_display *d;
    struct view *v;
    struct fb fb;
    struct fb_log log;
};

static inline struct scene scene_new(int w, int h, u64 nframes, bool light)
{
    struct scene s = {syn_display(nframes), view_new(light), {0}, {0}};
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
    free(s->log.rec);
    view_free(s->v);
    syn_free(s->d);
}

/* Defines a scene, which is freed where its block ends. */
#define SCENE(s, ...)                                                          \
    struct scene s __attribute__((cleanup(scene_free))) = scene_new(__VA_ARGS__)

static inline void scene_draw(struct scene *s)
{
    s->log.max = 16384;
    if (!s->log.rec)
        s->log.rec = xcalloc(s->log.max, sizeof *s->log.rec);
    s->log.n = 0;
    s->fb.log = &s->log;
    panel_draw(&s->fb, s->d, s->v);
    s->fb.log = NULL;
}

/* Returns the n-th text (the first is 0) that contains `part`, or NULL. */
static inline const struct fb_text_record *
scene_text(const struct scene *s, const char *part, unsigned n)
{
    for (unsigned i = 0; i < s->log.n; i++)
        if (strstr(s->log.rec[i].text, part) && !n--)
            return &s->log.rec[i];
    return NULL;
}

static inline bool scene_says(const struct scene *s, const char *part)
{
    return scene_text(s, part, 0) != NULL;
}

static inline u32 scene_px(const struct scene *s, int x, int y)
{
    return s->fb.px[y * s->fb.w + x] & 0xffffff;
}

static inline unsigned scene_count(const struct scene *s, struct rect r,
                                   u32 colour)
{
    unsigned n = 0;
    for (int y = r.y; y < r.y + r.h; y++)
        for (int x = r.x; x < r.x + r.w; x++)
            n += scene_px(s, x, y) == (colour & 0xffffff);
    return n;
}

/* Returns the context and the layout with which scene_draw draws s. */
static inline struct draw scene_plan(struct scene *s)
{
    struct draw g;
    draw_plan(&g, s->fb.w, s->fb.h, s->d, s->v);
    g.fb = &s->fb;
    return g;
}

/* Draws the scene; returns what scene_plan returns. */
static inline struct draw scene_drawn(struct scene *s)
{
    scene_draw(s);
    return scene_plan(s);
}
