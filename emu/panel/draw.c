/* SPDX-License-Identifier: MIT */
/* One drawing of the panel: plan, panes, writing. */
#include "panel/draw.h"

#include <stdarg.h>
#include <stdio.h>

static int write_text(struct draw *g, const struct font *f, int x, int y,
                      u32 colour, const char *text)
{
    return fb_text(g->fb, f, x, y, colour, text);
}

int put(struct draw *g, int x, int y, u32 colour, const char *fmt, ...)
{
    char text[256];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    return write_text(g, g->f, x, y, colour, text);
}

int put_bold(struct draw *g, int x, int y, u32 colour, const char *text)
{
    return write_text(g, g->b, x, y, colour, text);
}

int put_fit(struct draw *g, int x, int y, int columns, u32 colour,
            const char *text)
{
    if (columns <= 0)
        return x;
    if (text_columns(text) <= columns)
        return write_text(g, g->f, x, y, colour, text);
    char cut[256];
    size_t n = 0;
    for (int left = columns - 1; left > 0 && n < 240 && text[n]; left--) {
        cut[n] = text[n];
        n++;
        while (n < 240 && (text[n] & 0xc0) == 0x80) {
            cut[n] = text[n];
            n++;
        }
    }
    memcpy(cut + n, "…", sizeof "…");
    return write_text(g, g->f, x, y, colour, cut);
}

int take_line(const char **text, int columns)
{
    const char *line = *text;
    int len = (int)strlen(line), cut = len;
    if (len > columns)
        for (cut = columns; cut > 1 && line[cut] != ' ';)
            cut--;
    *text += cut + (line[cut] == ' ');
    return cut;
}

int put_right(struct draw *g, int right, int y, u32 colour, const char *text)
{
    int x = right - text_columns(text) * g->cw;
    write_text(g, g->f, x, y, colour, text);
    return x;
}

struct rect pane_open(struct draw *g, struct rect r, const char *name,
                      const char *about)
{
    int th = g->ch + 3;
    fb_clip(g->fb, r);
    fb_fill(g->fb, (struct rect){r.x, r.y, r.w, th}, g->t->band);
    int x = put_bold(g, r.x + 4, r.y + 2, g->t->ink, name) + 2 * g->cw;
    if (about)
        put_fit(g, x, r.y + 2, (r.x + r.w - x) / g->cw, g->t->dim, about);
    return (struct rect){r.x + 4, r.y + th + 2, r.w - 8, r.h - th - 2};
}

void pane_close(struct draw *g)
{
    fb_clip(g->fb, (struct rect){0, 0, g->fb->w, g->fb->h});
}

void add_hit(struct draw *g, struct rect at, enum hit_kind kind, u64 what,
             const char *text)
{
    if (g->v->nhits < VIEW_HITS)
        g->v->hit[g->v->nhits++] =
            (struct hit){at, (u8)kind, what, text, NULL, {0}};
}

void add_word(struct draw *g, struct rect at, const char *word,
              const char *sentence)
{
    if (g->v->nhits < VIEW_HITS)
        g->v->hit[g->v->nhits++] =
            (struct hit){at, HIT_TEXT, 0, sentence, word, {0}};
}

void add_term(struct draw *g, struct rect at, const char *word)
{
    if (g->v->nhits < VIEW_HITS)
        g->v->hit[g->v->nhits++] =
            (struct hit){at, HIT_TERM, 0, NULL, word, {0}};
}

void add_policy(struct draw *g, struct rect at)
{
    static const char name[] = "abcdefghijklmnopqrstuvwxyz_0123456789";
    size_t n = strspn(g->d->policy, name); /* a guest may call it anything */
    if (!n || g->d->policy[n])
        add_term(g, at, "policy");
    else if (g->v->nhits < VIEW_HITS)
        g->v->hit[g->v->nhits++] =
            (struct hit){at, HIT_ASK, 0, NULL, g->d->policy, {0}};
}

void add_why(struct draw *g, struct rect at, unsigned what, const char *word,
             const char *sentence, struct span span)
{
    if (g->v->nhits < VIEW_HITS)
        g->v->hit[g->v->nhits++] =
            (struct hit){at, HIT_WHY, what, sentence, word, span};
}

void draw_why_span(struct draw *g, struct rect at, unsigned what,
                   struct span span)
{
    const struct view *v = g->v;
    u64 all = span.last - span.first;
    if (v->why != what + 1 || v->why_last == NEVER || !all ||
        v->why_last < span.first || v->why_first > span.last)
        return;
    u64 from = v->why_first > span.first ? v->why_first - span.first : 0;
    u64 to = (v->why_last < span.last ? v->why_last : span.last) - span.first;
    int x = (int)((double)from / (double)all * span.w);
    int end = (int)((double)to / (double)all * span.w);
    fb_fill(g->fb, (struct rect){span.x + x, at.y, end > x ? end - x : 1, at.h},
            colour_mix(g->t->pane, g->t->accent, 90));
}

void add_title_term(struct draw *g, struct rect r, const char *name,
                    const char *about, const char *word, const char *term)
{
    const char *at = strstr(about, word);
    if (!at)
        return;
    int before = text_columns(name) + 2 + (int)(at - about);
    add_term(g,
             (struct rect){r.x + 4 + before * g->cw, r.y,
                           text_columns(word) * g->cw, g->ch + 3},
             term);
}

const char *grouped(char *buf, u64 n)
{
    char digits[24];
    int len = snprintf(digits, sizeof digits, "%llu", (unsigned long long)n);
    char *p = buf;
    for (int i = 0; i < len; i++) {
        if (i && (len - i) % 3 == 0)
            *p++ = ',';
        *p++ = digits[i];
    }
    *p = 0;
    return buf;
}

const char *sim_time(char *buf, const struct ins_display *d, u64 cycles)
{
    double s = d->clock_hz ? (double)cycles / (double)d->clock_hz : 0;
    if (s < 1e-3)
        snprintf(buf, 32, "%.1f µs", s * 1e6);
    else if (s < 1)
        snprintf(buf, 32, "%.2f ms", s * 1e3);
    else if (s < 1000)
        snprintf(buf, 32, "%.3f s", s);
    else
        snprintf(buf, 32, "%.0f s", s);
    return buf;
}

const char *size_text(char *buf, u64 bytes)
{
    static const char unit[] = "KMGT";
    double v = (double)bytes / 1024;
    unsigned i = 0;
    while (v >= 1000 && i < 3) {
        v /= 1024;
        i++;
    }
    snprintf(buf, 32, i && v < 10 ? "%.1f%c" : "%.0f%c", v, unit[i]);
    return buf;
}

const char *proc_name(const struct ins_display *d, u32 pid)
{
    if (!pid)
        return "kernel";
    for (unsigned i = 0; i < d->nprocs && i < INS_PROCS_MAX; i++)
        if (d->procs[i].pid == pid)
            return d->procs[i].name;
    return "gone";
}

int put_pte_flags(struct draw *g, int x, int y, u64 pte)
{
    static const char *const names[] = {"D", "A", "G", "U", "X", "W", "R", "V"};
    for (unsigned i = 0; i < 8; i++) {
        bool on = pte >> (7 - i) & 1;
        struct rect box = {x, y, g->cw + 2, g->ch - 1};
        fb_fill(g->fb, box, on ? g->t->data[0] : g->t->band);
        fb_text(g->fb, on ? g->b : g->f, x + 1, y - 1,
                on ? colour_strong(g->t->data[0])
                   : colour_mix(g->t->band, g->t->dim, 150),
                names[i]);
        add_term(g, box, names[i]);
        x += g->cw + 3;
    }
    return x;
}

void draw_plan(struct draw *g, int w, int h, const struct ins_display *d,
               struct view *v)
{
    *g = (struct draw){.d = d, .v = v, .t = theme_get(v->light)};
    g->grid = grid_for(d->nframes, v->linear);
    enum layout_focus focus = v->console  ? FOCUS_CONSOLE
                              : v->inside ? FOCUS_INSIDE
                                          : FOCUS_NONE;
    v->text = layout_make(&g->l, w, h, &g->grid, v->text, focus, v->scale);
    if ((v->life || v->why) && !v->console)
        layout_life(&g->l);
    g->f = &font_regular[g->l.size];
    g->b = &font_bold[g->l.size];
    g->cw = g->f->width;
    g->ch = g->f->height;
    g->lh = g->ch + 1;
}

void panel_draw(struct fb *fb, const struct ins_display *d, struct view *v)
{
    struct draw g;
    draw_plan(&g, fb->w, fb->h, d, v);
    g.fb = fb;
    v->nhits = 0;
    fb_clip(fb, (struct rect){0, 0, fb->w, fb->h});
    fb_fill(fb, fb->clip, g.t->page);
    draw_status(&g, g.l.status);
    draw_map(&g);
    draw_legend(&g);
    draw_frame_pane(&g, g.l.frame);
    if (g.l.walk.w)
        draw_walk_pane(&g, g.l.walk);
    if (g.l.memory.w)
        draw_memory_pane(&g, g.l.memory);
    if (g.l.disks.w)
        draw_disks_pane(&g, g.l.disks);
    if (g.l.life.w && v->why)
        draw_why_pane(&g, g.l.life);
    else if (g.l.life.w)
        draw_life_pane(&g, g.l.life);
    if (g.l.tlb.w)
        draw_tlb_pane(&g, g.l.tlb);
    if (g.l.procs.w)
        draw_procs_pane(&g, g.l.procs);
    if (g.l.console.w)
        draw_console_pane(&g, g.l.console);
    draw_sparks(&g, g.l.sparks);
    draw_lanes(&g, g.l.lanes);
    draw_caption(&g, g.l.caption);
    if (v->help)
        draw_help(&g);
}
