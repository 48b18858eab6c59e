/* SPDX-License-Identifier: MIT */
/* Draws the policy's belief about use against the true record of use, for the
 * frames whose page the policy may take. The table has two by two squares; the
 * squares of the policy's two errors have the colour of a warning. */
#include "panel/draw/draw.h"

struct square {
    u64 n;
    const char *name, *brief, *sentence;
    bool error;
};

/* Draws the number as large as the square allows, its name beside or below. */
static void draw_square(struct draw *g, struct rect at, const struct square *s,
                        u64 all)
{
    u32 hue = s->error ? g->t->warn : g->t->good;
    const char *text = grouped(s->n);
    int line = g->l.px / 6 ? g->l.px / 6 : 1;
    /* more frames give a stronger colour */
    unsigned share = all ? (unsigned)((double)s->n / (double)all * 80) : 0;
    fb_fill(g->fb, at, colour_mix(g->t->page, hue, 16 + share));
    fill(g, at.x, at.y, line, at.h, hue);
    add_word(g, at, s->name, s->sentence);
    struct rect in = {at.x + line + g->pad / 2, at.y + g->pad / 4,
                      at.w - line - g->pad, at.h - g->pad / 2};
    if (in.h < g->lh)
        return;
    if (in.h < 2 * g->lh) { /* number and name side by side */
        int x = put_in(g, g->bold, in, g->t->ink, text);
        x += g->l.digit;
        put_fit(g, g->sans, x, in.y, in.x + in.w - x, hue, s->name);
        return;
    }
    bool long_one = in.h >= 3 * g->lh + g->lh / 2;
    int words = long_one ? lines_of(g->sans, in.w, s->brief) : 0;
    int most = (in.h - 2 * g->lh) / g->lh;
    words = words > most ? 0 : words;
    int room = in.h - g->lh - words * g->lh;
    struct font *f = font_within(g, FACE_BOLD, in.w, room, text);
    put_as(g, f, in.x, in.y + (room - g->lh) / 2, g->t->ink, text);
    put_fit(g, g->bold, in.x, in.y + room, in.w, hue, s->name);
    if (words)
        put_lines(g, g->sans,
                  rect(in.x, in.y + room + g->lh, in.w, words * g->lh),
                  g->t->dim, s->brief);
}

static struct rect line_of_title(const struct draw *g, struct rect *r)
{
    struct rect line = rect_take(r, g->lh);
    rect_take(r, g->pad / 4);
    return line;
}

static void belief_title(struct draw *g, struct rect *r, u64 all, u64 right)
{
    const struct ins_belief *b = &g->d->belief;
    bool takes = b->cold_used > b->hot_idle && percent(b->cold_used, all) > 10;
    bool keeps = !takes && b->hot_idle && percent(b->hot_idle, all) > 40;
    const char *text =
        takes ? phrase(
                    "The policy would take %s pages in use: faults will follow",
                    grouped(b->cold_used))
        : keeps ? phrase("The policy keeps %s pages that were not used lately",
                         grouped(b->hot_idle))
                : phrase("The policy is right about %.0f%% of the pages it may "
                         "take",
                         percent(right, all));
    u32 ink = takes || keeps ? g->t->warn : g->t->ink;
    add_word(g, headline_say(g, r, 4, ink, text), "belief",
             "used: truly read or written in the last 32 ms, as the machine "
             "itself saw it; the kernel has only its lists and marks");
    if (r->h < (in_cells(g) ? 6 : 5) * g->lh)
        return;
    struct rect line = line_of_title(g, r);
    put_clauses(g, g->sans, line.x, line.y, line.w, g->t->dim,
                b->lists ? "It judges by its lists: active pages are in use, "
                           "others idle."
                         : "It judges by the mark of use, which an access sets "
                           "and the hand clears.");
    add_policy(g, line);
    if (!b->taken || r->h < 6 * g->lh)
        return;
    line = line_of_title(g, r);
    put_in(g, g->sans, line, g->t->dim,
           phrase("Of %s taken, back in 1/2/4 turns: %.0f/%.0f/%.0f%%",
                  grouped(b->taken), percent(b->regretted[0], b->taken),
                  percent(b->regretted[1], b->taken),
                  percent(b->regretted[2], b->taken)));
}

void draw_belief(struct draw *g, struct rect r)
{
    const struct ins_belief *b = &g->d->belief;
    const struct square squares[2][2] = {
        {{b->hot_used, "kept, and used", "right to keep",
          "believed in use, and used in the last 32 ms: right", false},
         {b->hot_idle, "kept though idle", "memory that others could have",
          "believed in use, but nobody used it lately: memory that others "
          "could have",
          true}},
        {{b->cold_used, "victim though used", "a fault will bring it back",
          "believed idle, but used in the last 32 ms: if it is taken, it "
          "comes back by a fault",
          true},
         {b->cold_idle, "victim, and idle", "right to take",
          "believed idle, and not used lately: right to take it", false}},
    };
    static const char *const rows[] = {"believed in use", "believed idle"};
    static const char *const heads[] = {"truly used lately", "not used"};
    u64 right = b->hot_used + b->cold_idle;
    u64 all = right + b->hot_idle + b->cold_used;
    if (!all) {
        tab_empty(
            g, r, "There is no page yet that the policy could take",
            "Once programs have memory: the pages that the policy believes "
            "in use, against those truly used.");
        return;
    }
    struct draw big = larger(g, r, 12, 64);
    g = &big;
    belief_title(g, &r, all, right);
    int left = font_width(g->sans, rows[0]) + g->pad, gap = g->pad / 3;
    left = left * 4 > r.w ? 0 : left;
    int head = r.h >= 4 * g->lh ? g->lh : 0;
    int w = (r.w - left) / 2, h = (r.h - head) / 2;
    h -= h % g->l.unit;
    for (int i = 0; i < 2; i++) {
        if (head)
            put_fit(g, g->sans, r.x + left + i * w, r.y, w - g->pad, g->t->dim,
                    heads[i]);
        int y = r.y + head + i * h;
        if (left)
            put_as(g, g->sans, r.x, y + (h - gap - g->lh) / 2, g->t->dim,
                   rows[i]);
        for (int k = 0; k < 2; k++)
            draw_square(g, rect(r.x + left + k * w, y, w - gap, h - gap),
                        &squares[i][k], all);
    }
}
