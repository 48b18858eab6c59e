/* SPDX-License-Identifier: MIT */
/* A frame's biography: all that was recorded of it, latest first; it scrolls.
 */
#include "panel/draw.h"

#include <stdio.h>

unsigned life_clamp(struct draw *g, int rows)
{
    unsigned n =
        g->d->nbiography < INS_BIOGRAPHY ? g->d->nbiography : INS_BIOGRAPHY;
    unsigned most = (int)n > rows ? n - (unsigned)(rows > 0 ? rows : 0) : 0;
    if (g->v->scroll > most)
        g->v->scroll = most;
    return g->v->scroll;
}

static void event_words(const struct ins_display *d, const struct ins_event *e,
                        char *who, size_t n)
{
    const char *actor = e->actor < ACTOR_COUNT ? ins_actors[e->actor] : "?";
    if (e->pid)
        snprintf(who, n, "%.10s (%u)", proc_name(d, e->pid), e->pid);
    else
        snprintf(who, n, "%s", actor);
}

enum { WHEN = 10, REASON = 13, WHO = 18, SENTENCE = 24 };

/* The width of a row before its sentence, in dots. */
static int row_head(const struct draw *g)
{
    return (WHEN + 1 + 2 + REASON + 1 + WHO + 1) * g->cw + 2 * g->ch;
}

static void row(struct draw *g, int x, int y, int columns,
                const struct ins_event *e, bool sentence)
{
    char when[32], who[48];
    bool known = e->reason < R_COUNT;
    int left = x, right = x + columns * g->cw;
    sim_time(when, g->d, e->cycle);
    int pad = WHEN - text_columns(when);
    put_fit(g, x + (pad > 0 ? pad : 0) * g->cw, y, WHEN, g->t->dim, when);
    x += (WHEN + 1) * g->cw;
    if (e->pfn != LENS_NO_PFN) {
        draw_cell(g, x, y, g->ch, e->from, true, 0);
        put(g, x + g->ch, y, g->t->dim, "→");
        draw_cell(g, x + g->ch + g->cw + 1, y, g->ch, e->to, true, 0);
    }
    x += 2 * g->ch + 2 * g->cw;
    put_fit(g, x, y, REASON, g->t->ink,
            known ? ins_reasons[e->reason].word : "unknown");
    x += (REASON + 1) * g->cw;
    event_words(g->d, e, who, sizeof who);
    int rest = (right - x) / g->cw;
    put_fit(g, x, y, rest < WHO ? rest : WHO, g->t->dim, who);
    x += (WHO + 1) * g->cw;
    if (!known)
        return;
    if (sentence && right - x > SENTENCE * g->cw)
        put_fit(g, x, y, (right - x) / g->cw, g->t->dim,
                ins_reasons[e->reason].sentence);
    add_word(g, (struct rect){left, y, right - left, g->lh},
             ins_reasons[e->reason].word, ins_reasons[e->reason].sentence);
}

void draw_life_row(struct draw *g, int x, int y, int columns,
                   const struct ins_event *e)
{
    row(g, x, y, columns, e, true);
}

/* The sentence in lines of `wide` columns, written from x, y; or, with y < 0,
 * only counted. */
static int sentence_lines(struct draw *g, int x, int y, int wide,
                          const char *text)
{
    int n = 0;
    for (; *text; n++) {
        const char *line = text;
        int len = take_line(&text, wide);
        if (y >= 0)
            put(g, x, y + n * g->lh, g->t->dim, "%.*s", len, line);
    }
    return n;
}

int draw_life_event(struct draw *g, int x, int y, int columns, int spare,
                    const struct ins_event *e)
{
    int left = columns - row_head(g) / g->cw - 1, wide = columns - WHEN - 1;
    const char *text =
        e->reason < R_COUNT ? ins_reasons[e->reason].sentence : "";
    bool fits = left > SENTENCE && text_columns(text) <= left;
    bool below = !fits && wide > SENTENCE &&
                 sentence_lines(g, 0, -1, wide, text) <= spare;
    row(g, x, y, columns, e, !below);
    return below ? sentence_lines(g, x + (WHEN + 1) * g->cw, y + g->lh, wide,
                                  text)
                 : 0;
}

void draw_life_pane(struct draw *g, struct rect r)
{
    const struct ins_display *d = g->d;
    s64 pfn = view_frame(g->v);
    if (pfn < 0 && d->selected_valid && !d->running)
        pfn = (s64)d->selected.pfn; /* that of the event which stopped it */
    char about[96], number[24];
    unsigned n = d->nbiography < INS_BIOGRAPHY ? d->nbiography : INS_BIOGRAPHY;
    bool known = pfn >= 0 && d->selected_valid && d->selected.pfn == (u64)pfn;
    int rows = (r.h - g->ch - 5) / g->lh;
    unsigned first = life_clamp(g, rows);
    if (known)
        snprintf(about, sizeof about,
                 "of frame %s: %u%s events, latest first; b closes",
                 frame_number(number, (u64)pfn), n,
                 n == INS_BIOGRAPHY ? "+" : "");
    else
        snprintf(about, sizeof about,
                 "point at a frame, or click one; b closes");
    struct rect in = pane_open(g, r, "BIOGRAPHY", about);
    add_hit(g, (struct rect){r.x, r.y, r.w, g->ch + 3}, HIT_LIFE, 0, NULL);
    int y = in.y;
    int spare = rows - (int)n;
    for (unsigned i = first; known && i < n && (int)(i - first) < rows; i++) {
        int more = draw_life_event(g, in.x, y, in.w / g->cw - 1, spare,
                                   &d->biography[i]);
        spare -= more;
        y += (1 + more) * g->lh;
    }
    if (known && !n)
        put_fit(g, in.x, y, in.w / g->cw, g->t->dim,
                "nothing has happened to it yet");
    if (known && (int)n > rows && rows > 0) { /* where one is in it */
        int full = rows * g->lh, x = r.x + r.w - 4;
        fb_fill(g->fb, (struct rect){x, in.y, 3, full}, g->t->band);
        fb_fill(g->fb,
                (struct rect){x, in.y + full * (int)first / (int)n, 3,
                              full * rows / (int)n},
                g->t->dim);
    }
    pane_close(g);
}
