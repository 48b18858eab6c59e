/* SPDX-License-Identifier: MIT */
/* Writes lines of text, cut to fit or broken between words, and records hits:
 * places with the meaning of a click on them. */
#include "panel/draw/draw.h"

#include <stdio.h>

int line_high(const struct draw *g, const struct font *f)
{
    return f->px > g->l.px ? g->lh * f->px / g->l.px : g->lh;
}

int put_as(struct draw *g, struct font *f, int x, int y, u32 colour,
           const char *text)
{
    return fb_text(g->fb, f, x, y + (g->lh - f->height) / 2, colour, text);
}

/* Returns the bytes of the first code points that fit in `room` pixels. */
static size_t bytes_within(struct font *f, int room, const char *text)
{
    const char *s = text, *end = text;
    for (int w = 0; *s; end = s) {
        w += font_glyph(f, utf8_next(&s))->advance;
        if (w > room)
            break;
    }
    return (size_t)(end - text);
}

int put_fit(struct draw *g, struct font *f, int x, int y, int room, u32 colour,
            const char *text)
{
    if (room <= 0)
        return x;
    if (font_width(f, text) <= room)
        return put_as(g, f, x, y, colour, text);
    int dots = font_width(f, "…");
    if (dots > room)
        return x;
    size_t n = bytes_within(f, room - dots, text);
    while (n && text[n - 1] == ' ')
        n--;
    return put_as(g, f, x, y, colour, phrase("%.*s…", (int)n, text));
}

int put_right(struct draw *g, struct font *f, int right, int y, u32 colour,
              const char *text)
{
    int x = right - font_width(f, text);
    put_as(g, f, x, y, colour, text);
    return x;
}

/* Returns the bytes of *text's first line; moves *text to the next line. */
static size_t front_line(struct font *f, int room, const char **text)
{
    size_t all = strlen(*text), n = bytes_within(f, room, *text), cut = n;
    if (n < all) {
        while (cut && (*text)[cut] != ' ')
            cut--;
        cut = cut ? cut : n ? n : 1; /* break a word longer than a line */
    }
    *text += cut + ((*text)[cut] == ' ');
    return cut;
}

int lines_of(struct font *f, int room, const char *text)
{
    int n = 0;
    for (; *text; n++)
        front_line(f, room, &text);
    return n;
}

int put_lines(struct draw *g, struct font *f, struct rect r, u32 colour,
              const char *text)
{
    int lh = line_high(g, f), y = r.y;
    while (*text && y + lh <= r.y + r.h) {
        const char *line = text;
        bool last = y + 2 * lh > r.y + r.h;
        size_t n = front_line(f, r.w, &text);
        if (last && *text) {
            put_fit(g, f, r.x, y + (lh - g->lh) / 2, r.w, colour, line);
            return y + lh;
        }
        put_as(g, f, r.x, y + (lh - g->lh) / 2, colour,
               phrase("%.*s", (int)n, line));
        y += lh;
    }
    return y;
}

int put_clauses(struct draw *g, struct font *f, int x, int y, int room,
                u32 colour, const char *text)
{
    static const char *const ends[] = {"; ", ", ", ": "};
    char kept[256];
    snprintf(kept, sizeof kept, "%s", text);
    while (*kept && font_width(f, kept) > room) {
        char *cut = NULL;
        for (unsigned i = 0; i < ARRAY_LEN(ends) && !cut; i++)
            for (char *s = kept; (s = strstr(s, ends[i])); s++)
                cut = s;
        *(cut ? cut : kept) = 0;
    }
    return put_as(g, f, x, y, colour, kept);
}

/* Cuts the text before its first clause about the mouse, for a terminal. */
static void without_pointer(char *text)
{
    static const char *const words[] = {"click", "point", "drag"};
    for (unsigned i = 0; i < ARRAY_LEN(words); i++) {
        char *at = strstr(text, words[i]);
        while (at && at > text && *at != ';')
            at--;
        if (at)
            *at = 0;
    }
}

void pane_about_say(struct draw *g, const char *words)
{
    char text[256];
    snprintf(text, sizeof text, "%s", words);
    if (in_cells(g))
        without_pointer(text);
    g->title.x = put_clauses(g, g->sans, g->title.x, g->title.y,
                             g->title.right - g->title.x, g->t->dim, text) +
                 2 * g->l.digit;
}

void pane_aside(struct draw *g, u32 colour, const char *text)
{
    int w = font_width(g->sans, text);
    if (g->title.right - w < g->title.x)
        return;
    g->title.right =
        put_right(g, g->sans, g->title.right, g->title.y, colour, text) -
        2 * g->l.digit;
}

/* ---- hits ---------------------------------------------------------------- */

/* Adds a hit; in a full table it replaces the last one. */
void add_hit(struct draw *g, struct hit hit, const char *line)
{
    struct view *v = g->v;
    if (v->nhits == VIEW_HITS)
        v->nhits--;
    struct hit *h = &v->hit[v->nhits++];
    *h = hit;
    snprintf(h->line, sizeof h->line, "%s", line);
}

void add_pa(struct draw *g, struct rect at, u64 pa, const char *term)
{
    s64 pfn = ram_frame(g->d, pa);
    if (pfn != NO_FRAME)
        add_frame(g, at, (u64)pfn);
    else
        add_term(g, at, term);
}

void add_policy(struct draw *g, struct rect at)
{
    static const char name[] = "abcdefghijklmnopqrstuvwxyz_0123456789";
    size_t n = strspn(g->d->policy, name); /* a guest chooses the name */
    if (!n || g->d->policy[n])
        add_term(g, at, "policy");
    else
        add_hit(g, (struct hit){at, HIT_ASK, .word = g->d->policy}, "");
}
