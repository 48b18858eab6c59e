/* SPDX-License-Identifier: MIT */
/* Draws the card: the story's step, a lesson's question or a report's claim; if
 * there is none, the latest event. The first line has number and heading. The
 * sentences have the largest letters that fit. Buttons lead on and back. */
#include "panel/input/keys.h"

#include <stdio.h>
#include <stdlib.h>

/* ---- its parts ----------------------------------------------------------- */

/* The parts of a session's caption. It may begin with the number of the catch
 * that stopped the machine ("catch 3: "), which is not shown. Its heading is
 * the kind of event ("swap-out: ", "walk, level 1: ") or, in a story, the first
 * sentence, after the step's number ("2 of 6. Fork. "). */
enum { HEADING_MOST = 80 }; /* bytes of a first sentence */
struct said {
    const char *number, *heading; /* "": none */
    const char *text, *ago;
    bool story;
};

/* Replaces the colours that a story names by letters of a colourless map. */
static const char *colours_as_letters(const char *text)
{
    static const struct {
        const char *word;
        u8 kind;
    } colours[] = {{"light blue", FS_FILE_DIRTY},
                   {"blue cell", FS_FILE_CLEAN},
                   {"blue", FS_FILE_CLEAN},
                   {"pink", FS_COW}};
    char buf[260];
    size_t k = 0;
    while (*text && k + 1 < sizeof buf) {
        unsigned i = 0;
        while (i < ARRAY_LEN(colours) &&
               strncmp(text, colours[i].word, strlen(colours[i].word)) != 0)
            i++;
        bool found = i < ARRAY_LEN(colours);
        buf[k++] = found ? kind_letter(colours[i].kind) : *text;
        text += found ? strlen(colours[i].word) : 1;
    }
    return phrase("%.*s", (int)k, buf);
}

static struct said card_parts(const struct draw *g)
{
    const char *text = view_caption(g->v, g->d);
    bool own = text != g->d->caption; /* the panel's own note has no age */
    struct said s = {"", "", "", own ? "" : news_caption_ago(g->d),
                     g->d->card && !own};
    unsigned number, of;
    int n = 0;
    if (s.story && g->v->pixels == LETTERS)
        text = colours_as_letters(text);
    if (sscanf(text, "catch %u: %n", &number, &n) == 1 && n)
        text += n;
    n = 0;
    if (sscanf(text, "%u of %u. %n", &number, &of, &n) == 2 && n) {
        s.number = phrase("%u of %u", number, of);
        text += n;
    }
    size_t word = strspn(text, "Labcdefghijklmnopqrstuvwxyz -,0123456789");
    const char *dot = s.story ? strstr(text, ". ") : NULL;
    if (dot && dot - text < HEADING_MOST)
        word = (size_t)(dot - text);
    else if (!word || word >= 24 || text[word] != ':' || text[word + 1] != ' ')
        word = 0;
    if (word) {
        s.heading = phrase("%.*s", (int)word, text);
        text += word + 2;
    }
    s.text = text;
    return s;
}

/* Returns the largest font, up to the card's, in which nothing is cut. */
static struct font *text_font(struct draw *g, const char *text, struct rect r)
{
    for (int px = g->l.big;; px--) {
        struct font *f = fonts_get(g->v->fonts, FACE_SANS, px);
        int lh = line_high(g, f);
        if ((lines_of(f, r.w, text) * lh <= r.h && f->height <= lh) || px <= 7)
            return f;
    }
}

/* Draws a button that acts as a key, its right end at `right`. Returns where
 * the button to its left may end. */
static int button(struct draw *g, int right, int y, int key, const char *name,
                  const char *does, bool bright)
{
    name = g->v->console ? "click" : name; /* the guest gets the keys */
    int w = font_width(g->bold, name) + font_width(g->sans, does) + g->l.thin +
            2 * g->pad;
    struct rect at = {right - w, y, w, g->lh + g->pad / 2};
    fb_fill(g->fb, at, bright ? g->t->accent : g->t->pane);
    u32 ink = bright ? colour_strong(g->t->accent) : g->t->ink;
    int x = put_as(g, g->sans, at.x + g->pad, y + g->pad / 4, ink, does);
    put_as(g, g->bold, x + g->l.thin, y + g->pad / 4, ink, name);
    add_key(g, at, key);
    return at.x - g->pad;
}

static struct rect card_inside(const struct draw *g, struct rect r, int *edge)
{
    *edge = g->pad / 2 < 2 ? 2 : g->pad / 2;
    *edge = *edge < g->pad ? *edge : g->pad;
    return rect(r.x + *edge + g->pad, r.y + g->l.gap / 2,
                r.w - *edge - 2 * g->pad, r.h - g->l.gap);
}

static bool has_heading(const struct draw *g, const struct said *s)
{
    return *s->number || *s->heading || *s->ago || g->d->card;
}

static int number_wide(const struct draw *g, const struct said *s)
{
    return *s->number ? font_width(g->big_bold, s->number) + 2 * g->l.digit : 0;
}

/* Returns the heading's lines: more than one in a terminal only. */
static int heading_lines(const struct draw *g, const struct said *s, int w)
{
    int room = w - number_wide(g, s);
    return in_cells(g) && font_width(g->big_bold, s->heading) > room
               ? lines_of(g->big_bold, room, s->heading)
               : 1;
}

int card_lines(const struct draw *g)
{
    int edge;
    struct said s = card_parts(g);
    struct rect in = card_inside(g, g->l.at[PANE_CARD], &edge);
    return (has_heading(g, &s) ? heading_lines(g, &s, in.w) : 0) +
           lines_of(g->sans, in.w, s.text);
}

/* Draws the card's first line: number and heading, buttons at its right end. */
static void draw_heading(struct draw *g, struct rect r, const struct said *s)
{
    int right = r.x + r.w, x = r.x, top = r.y + g->pad / 4;
    const struct ins_display *d = g->d;
    if (d->card && !in_cells(g)) { /* a terminal's last line has the keys */
        if (d->card_waits || d->past)
            right = button(g, right, r.y, KEY_ENTER, "Enter", "next:", true);
        if (d->card_before)
            right = button(g, right, r.y, 'p', "p", "back:", false);
    }
    put_as(g, g->big_bold, x, top, g->t->accent, s->number);
    x += number_wide(g, s);
    u32 ink = *s->number ? g->t->ink : g->t->accent;
    int lines = heading_lines(g, s, r.w);
    if (lines > 1) {
        put_lines(g, g->big_bold, rect(x, top, right - x, lines * g->lh), ink,
                  s->heading);
        return;
    }
    x = put_fit(g, g->big_bold, x, top, right - x, ink, s->heading);
    if (*s->heading)
        x += 2 * g->l.digit;
    const char *ago = s->ago;
    if (s->story)
        ago = !d->past       ? ""
              : !*s->number  ? "the past"
              : d->card_done ? "the past: after this step"
                             : "the past: within this step";
    put_fit(g, g->sans, x, top, right - x, g->t->dim, ago);
    if (*s->heading && !s->story)
        add_word(
            g, rect(r.x, r.y, x - r.x, g->lh), "the bold word",
            "the kind of event, by the name that the lessons, the legend and "
            "the time axis use, too");
}

/* ---- many events at once ------------------------------------------------- */

/* Separates the thousands of a text's numbers, as the panel does in its own. */
static const char *with_commas(const char *text)
{
    const char *all = "", *run = text;
    for (; *run; text = run) {
        run += strcspn(run, "0123456789");
        size_t n = strspn(run, "0123456789");
        bool whole =
            n > 3 && n < 20 && (run == text || strchr(" (", run[-1]) != NULL);
        all = phrase("%s%.*s%s", all, (int)(run - text), text,
                     whole ? grouped(strtoull(run, NULL, 10))
                           : phrase("%.*s", (int)n, run));
        run += n;
    }
    return all;
}

/* Draws on the last line, if it is free: while the machine runs, counts of the
 * events that come too fast to be shown one by one; else the figures that were
 * measured in a step of the story. */
static void draw_gathered(struct draw *g, struct rect r, const char *figures)
{
    const struct news *t = &g->v->news;
    int x = r.x;
    if (!g->d->running) {
        put_clauses(g, g->sans, x, r.y, r.w, g->t->dim, with_commas(figures));
        return;
    }
    EACH(k, t->group, ARRAY_LEN(t->group)) {
        const char *many = event_text_many(k->reason, k->n);
        if (k->n < 2 || k->age >= NEWS_AGE || !many)
            continue;
        const char *line = phrase("%s%s", x > r.x ? "·  " : "", many);
        if (k->pid)
            line = phrase("%s (%.17s)", line, proc_name(g->d, k->pid));
        if (x + font_width(g->sans, line) > r.x + r.w)
            break;
        x = put_as(g, g->sans, x, r.y, g->t->dim, line) + 2 * g->l.digit;
    }
}

void draw_card(struct draw *g, struct rect r)
{
    const char *text = view_caption(g->v, g->d);
    int edge;
    struct rect in = card_inside(g, r, &edge);
    fb_fill(g->fb, r, g->t->band);
    fill(g, r.x, r.y, edge, r.h, g->t->accent);
    add_word(g, r, "card", "the story's step, or what happened last, and why");
    if (g->d->caption_pfn < g->d->nframes && text == g->d->caption &&
        !g->d->card)
        add_frame(g, r, g->d->caption_pfn);
    struct said s = card_parts(g);
    draw_heading(g, in, &s);
    if (has_heading(g, &s))
        rect_take(&in, heading_lines(g, &s, in.w) * g->lh * g->l.big / g->l.px +
                           g->pad / 2);
    struct font *f = text_font(g, s.text, in);
    int y = put_lines(g, f, in, g->t->ink, s.text), last = in.y + in.h - g->lh;
    if (y <= last)
        draw_gathered(g, line_at(g, in.x, last, in.w),
                      s.story ? g->d->card_figures : "");
}
