/* SPDX-License-Identifier: MIT */
/* The caption: one sentence about the latest event and its cause in the largest
 * letters that fit, and under it the keys to press next. While the user types
 * words after `/`, the caption shows that line. */
#include "panel/input/keys.h"

#include <stdio.h>

/* ---- the sentence ----------------------------------------------------------
 */

/* A session's caption may begin with the number of the catch that stopped the
 * machine ("catch 3: "), which is not shown, and then with the kind of event
 * ("swap-out: "), which is drawn as its label. */
struct said {
    unsigned number; /* of the catch; 0: none */
    char label[56];  /* with the event's age; "": none */
    const char *text;
};

static struct said caption_parts(const char *text, const char *ago)
{
    struct said s = {0};
    int n = 0;
    if (sscanf(text, "catch %u: %n", &s.number, &n) == 1 && n)
        text += n;
    else
        s.number = 0;
    size_t word = strspn(text, "abcdefghijklmnopqrstuvwxyz -");
    if (word && word < 24 && text[word] == ':' && text[word + 1] == ' ') {
        snprintf(s.label, sizeof s.label, "%.*s%s", (int)word, text,
                 *ago ? ", " : "");
        text += word + 2;
    }
    append(s.label, sizeof s.label, strlen(s.label), "%s", ago);
    s.text = text;
    return s;
}

static int label_width(const struct draw *g, struct font *bold,
                       const struct said *s)
{
    return s->label[0] ? font_width(bold, s->label) + 2 * g->l.digit : 0;
}

/* The lines that the sentence needs in `font`; the label stands before the
 * first. */
static int lines_with(const struct draw *g, struct font *font,
                      struct font *bold, const struct said *s, int room)
{
    int label = label_width(g, bold, s);
    if (label + font_width(font, s->text) <= room)
        return 1;
    return lines_of(font, room - label, s->text);
}

struct size {
    struct font *font, *bold;
    int lines, lh;
};

/* The largest size in which nothing is cut: one line, in the caption's own size
 * down to the body's; else up to three lines of the body's size; else smaller
 * letters. */
static struct size caption_size(struct draw *g, const struct said *s, int room)
{
    struct size z = {0};
    int px = g->l.big;
    do {
        z.font = fonts_get(g->v->fonts, FACE_SANS, px);
        z.bold = fonts_get(g->v->fonts, FACE_BOLD, px);
        z.lines = lines_with(g, z.font, z.bold, s, room);
    } while (z.lines > (px > g->l.px ? 1 : 3) && --px >= 7);
    z.lh = px > g->l.px ? g->lh * px / g->l.px : g->lh;
    return z;
}

/* Returns the y below the sentence's letters. */
static int draw_said(struct draw *g, struct rect r, const struct said *s,
                     const struct size *z)
{
    int label = label_width(g, z->bold, s), top = r.y + (z->lh - g->lh) / 2;
    if (label)
        put_as(g, z->bold, r.x, top, g->t->accent, s->label);
    struct rect in = {r.x + label, r.y, r.w - label, z->lines * z->lh};
    if (z->lines == 1)
        put_as(g, z->font, in.x, top, g->t->ink, s->text);
    else
        put_lines(g, z->font, in, g->t->ink, s->text);
    if (label)
        add_word(
            g, (struct rect){r.x, r.y, label, z->lh}, "the bold word",
            "the kind of event, by the name that the lessons, the legend and "
            "the time axis use, too");
    int high =
        z->font->height > z->bold->height ? z->font->height : z->bold->height;
    return top + (z->lines - 1) * z->lh + (g->lh - high) / 2 + high;
}

/* ---- what to press next (hints.c) -------------------------------------------
 */

/* Draws a hint that fits whole; returns the x behind it. */
static int draw_hint(struct draw *g, int x, int y, int right,
                     const struct hint *h)
{
    int name = font_width(g->bold, h->name);
    int does = font_width(g->sans, h->does), blank = g->l.digit;
    if (x + name + blank + does > right)
        return x;
    put_bold(g, x, y, g->t->accent, h->name);
    put(g, x + name + blank, y, g->t->dim, "%s", h->does);
    if (h->key)
        add_key(g, (struct rect){x, y, name + blank + does, g->lh}, h->key);
    return x + name + does + 4 * blank;
}

static void draw_hints(struct draw *g, struct rect r)
{
    struct hint h[HINTS + 1];
    int right = r.x + r.w, x = r.x;
    char back[48];
    hints_now(g->v, g->d, h);
    if (trail_words(g->v, g->d, back, sizeof back)) {
        struct hint h = {KEY_BACKSPACE, "Backspace", back};
        int wide = font_width(g->bold, h.name) + g->l.digit +
                   font_width(g->sans, back);
        if (wide < r.w / 2) {
            draw_hint(g, right - wide, r.y, right, &h);
            right -= wide + 2 * g->l.digit;
        }
    }
    if (g->v->why_here && !g->v->help && !g->v->console && !g->v->finding)
        x = draw_hint(g, x, r.y, right,
                      &(struct hint){'y', "y, right click", "who wrote it"});
    bool frame = view_frame(g->v) != NO_FRAME || g->d->selected_valid;
    if (g->d->lit_error[0] &&
        !g->v->finding) /* the typed words were not understood */
        x = put_fit(g, g->sans, x, r.y, r.w / 2, g->t->bad, g->d->lit_error) +
            4 * g->l.digit;
    for (unsigned i = 0; h[i].name; i++) {
        bool of_frame = !strncmp(h[i].name, "click the", 9) || h[i].key == 'b';
        if (of_frame && !frame)
            continue;
        x = draw_hint(g, x, r.y, right, &h[i]);
    }
}

/* ---- many events at once ----------------------------------------------------
 */

/* Counts of the present events, while the machine runs too fast to show them
 * one by one: on the line between sentence and keys, if it is free. */
static void draw_gathered(struct draw *g, struct rect r)
{
    const struct news *t = &g->v->news;
    char many[96], line[160];
    int x = r.x;
    if (!g->d->running)
        return;
    for (unsigned i = 0; i < ARRAY_LEN(t->group); i++) {
        const struct news_group *k = &t->group[i];
        if (k->n < 2 || k->age >= NEWS_AGE ||
            !event_text_many(k->reason, k->n, many, sizeof many))
            continue;
        snprintf(line, sizeof line, "%s%s%s%.17s%s", x > r.x ? "·  " : "", many,
                 k->pid ? " (" : "", k->pid ? proc_name(g->d, k->pid) : "",
                 k->pid ? ")" : "");
        if (x + font_width(g->sans, line) > r.x + r.w)
            break;
        x = put(g, x, r.y, g->t->dim, "%s", line) + 2 * g->l.digit;
    }
}

/* ---- a line is typed --------------------------------------------------------
 */

static void draw_find(struct draw *g, struct rect r)
{
    static const char example[] = "words, such as: anonymous dirty pid 7; file "
                                  "not referenced; slot";
    int lh = g->lh * g->l.big / g->l.px,
        hair = g->l.px / 8 < 1 ? 1 : g->l.px / 8;
    int x =
        put_as(g, g->big_bold, r.x, r.y + (lh - g->lh) / 2, g->t->accent, "/") +
        g->l.digit / 2;
    const char *typed = g->v->find;
    while (*typed && x + font_width(g->big, typed) + 2 * hair > r.x + r.w)
        utf8_next(&typed); /* its end, where the cursor is, is seen */
    x = put_as(g, g->big, x, r.y + (lh - g->lh) / 2, g->t->ink, typed);
    fb_fill(g->fb, (struct rect){x + hair, r.y + lh / 8, 2 * hair, lh - lh / 4},
            g->t->accent);
    x += 4 * g->l.digit;
    bool wrong = g->d->lit_error[0] != 0;
    const char *say = wrong ? g->d->lit_error : example;
    if (x + font_width(g->sans, say) <= r.x + r.w)
        put_as(g, g->sans, x, r.y + (lh - g->lh) / 2,
               wrong ? g->t->bad : g->t->dim, say);
}

void draw_caption(struct draw *g, struct rect r)
{
    const char *text = view_caption(g->v, g->d);
    int edge = g->pad / 2 < 2 ? 2 : g->pad / 2;
    fb_fill(g->fb, r, g->t->band);
    fb_fill(g->fb, (struct rect){r.x, r.y, edge, r.h}, g->t->accent);
    struct rect in = {r.x + edge + g->pad, r.y + g->pad / 4,
                      r.w - edge - 2 * g->pad, r.h - g->pad / 2};
    struct rect last = {in.x, in.y + in.h - g->lh, in.w, g->lh};
    add_word(g, r, "caption",
             "what happened last, and why; below it, what to press next");
    if (g->v->finding) {
        draw_find(g, in);
        draw_hints(g, last);
        return;
    }
    char ago[32];
    struct said s = caption_parts(text, view_when(g->v, g->d, ago));
    struct size z = caption_size(g, &s, in.w);
    if (g->d->caption_pfn < g->d->nframes && text == g->d->caption)
        add_frame(g, (struct rect){r.x, r.y, r.w, last.y - r.y},
                  g->d->caption_pfn);
    int y = draw_said(g, in, &s, &z);
    int air = (g->lh - g->sans->height) / 2; /* over a line's letters */
    if (y > last.y + air)
        return;
    if (y <= last.y - g->lh + air)
        draw_gathered(g, (struct rect){in.x, last.y - g->lh, in.w, g->lh});
    draw_hints(g, last);
}
