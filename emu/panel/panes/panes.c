/* SPDX-License-Identifier: MIT */
/* Holds the table of panes, and draws one picture of the panel: the layout,
 * each pane with its title, and the callout over them. */
#include "panel/draw/draw.h"

const struct pane panes[PANES] = {
#define PANE(id, name, key, em, lines, pointer, wheel, title, sentence)        \
    [PANE_##id] = {#name, title, sentence, key, draw_##name, pointer, wheel},
#include "panel/panes.def"
};

static struct wanted wanted_of(const struct view *v)
{
    return (struct wanted){
        .pixels = v->pixels,
        .steps = v->text,
        .scale = v->scale,
        .big_detail = v->console && !v->console_small,
        .big_frame = v->whole_biography && !v->console,
        .detail_first = v->console || (v->tab_first && v->hover == NO_FRAME),
        .tab = v->tab};
}

void draw_fonts(struct draw *g)
{
    struct fonts *all = g->v->fonts;
    g->sans = fonts_get(all, FACE_SANS, g->l.px);
    g->bold = fonts_get(all, FACE_BOLD, g->l.px);
    g->mono = fonts_get(all, FACE_MONO, g->l.px);
    g->big = fonts_get(all, FACE_SANS, g->l.big);
    g->big_bold = fonts_get(all, FACE_BOLD, g->l.big);
    g->lh = g->l.lh;
    g->pad = g->l.pad;
}

void draw_plan(struct draw *g, int w, int h, const struct ins_display *d,
               struct view *v)
{
    *g = (struct draw){.d = d, .v = v, .t = theme_get(v->light)};
    g->grid = grid_for(d->nframes, view_rows(v, d));
    struct wanted want = wanted_of(v);
    v->text = layout_make(&g->l, w, h, &g->grid, want);
    draw_fonts(g);
    if (v->pixels == PIXELS)
        return;
    want.card = card_lines(g); /* a terminal's letters cannot shrink */
    if (want.card * g->lh > g->l.at[PANE_CARD].h)
        layout_make(&g->l, w, h, &g->grid, want);
}

struct rect pane_inside(const struct draw *g, enum pane_id id)
{
    struct rect r = g->l.at[id];
    if (id >= TAB_FIRST)
        return rect(r.x + g->pad, r.y, r.w - 2 * g->pad, r.h - g->pad / 2);
    if (!*panes[id].title)
        return r;
    return rect(r.x + g->pad, r.y + g->lh + g->pad / 4, r.w - 2 * g->pad,
                r.h - g->lh - g->pad / 2);
}

static void draw_pane(struct draw *g, enum pane_id id)
{
    const struct pane *p = &panes[id];
    struct rect r = g->l.at[id];
    if (r.w <= 0)
        return;
    fb_clip(g->fb, r);
    if (*p->title && id < TAB_FIRST) {
        int y = r.y + g->pad / 4;
        fb_fill(g->fb, r, g->t->pane);
        int x = put_bold(g, r.x + g->pad, y, g->t->ink, p->title);
        struct rect says = r; /* later hits of the pane lie over this one */
        add_word(g, says, p->title, p->sentence);
        g->title.x = x + 2 * g->l.digit;
        g->title.y = y;
        g->title.right = r.x + r.w - g->pad;
    } else if (id >= TAB_FIRST)
        add_word(g, r, p->title, p->sentence);
    p->draw(g, pane_inside(g, id));
    fb_clip(g->fb, rect(0, 0, g->fb->w, g->fb->h));
}

void panel_draw(struct fb *fb, const struct ins_display *d, struct view *v)
{
    struct draw g;
    draw_plan(&g, fb->w, fb->h, d, v);
    g.fb = fb;
    v->nhits = 0;
    fb_clip(fb, rect(0, 0, fb->w, fb->h));
    fb_fill(fb, fb->clip, g.t->page);
    if (v->help) { /* it covers everything */
        draw_help(&g);
        return;
    }
    for (enum pane_id id = 0; id < PANES; id++)
        draw_pane(&g, id);
    draw_callout(&g);
}
