/* SPDX-License-Identifier: MIT */
/* Draws each counter of the kernel that is not 0, with its value and its growth
 * per second since about a second ago (second_ago); bright if it grew. */
#include "inspect/words.h"
#include "panel/draw/draw.h"

/* Returns the newest sample that is at least a second old, else the oldest;
 * NULL: none is known, or the hart has slept for a second. If the machine
 * stands in its past, the recent samples may be of later times; then
 * samples.whole has earlier ones. */
static const struct ins_sample *second_ago(const struct draw *g)
{
    const struct ins_series *from[] = {&g->d->samples.whole,
                                       &g->d->samples.recent};
    const struct ins_sample *s = NULL;
    u64 now = g->d->cycle;
    const struct ins_series *last = from[g->d->samples.recent.n > 0];
    if (!g->d->past && ins_new_until(last, now) + g->d->clock_hz <= now)
        return NULL;
    for (unsigned k = 0; k < ARRAY_LEN(from); k++)
        EACH(at, from[k]->at, from[k]->n)
            if (at->cycle < now && (!s || (at->cycle > s->cycle &&
                                           at->cycle + g->d->clock_hz <= now)))
                s = at;
    return s;
}

struct growth {
    u64 by;         /* since the sample */
    double seconds; /* the sample's age; 0: not known */
};

static struct growth growth_of(const struct draw *g, const struct ins_sample *s,
                               unsigned counter)
{
    struct growth r = {0};
    if (!s || !g->d->clock_hz)
        return r;
    u64 now = g->d->counters[counter], then = s->counters[counter];
    r.by = now > then ? now - then : 0;
    r.seconds = (double)(g->d->cycle - s->cycle) / (double)g->d->clock_hz;
    return r;
}

static const char *rate_text(struct growth r)
{
    double rate = r.seconds > 0 ? (double)r.by / r.seconds : 0;
    return !r.by         ? ""
           : rate >= 1e7 ? phrase("+%sM/s", grouped((u64)(rate / 1e6 + .5)))
           : rate < .5   ? "+<1/s"
                         : phrase("+%s/s", grouped((u64)(rate + .5)));
}

static unsigned counted(const struct ins_display *d, u16 list[C_COUNT])
{
    unsigned n = 0;
    for (unsigned i = 0; i < C_COUNT; i++)
        if (d->counters[i])
            list[n++] = (u16)i;
    return n;
}

static void counter_row(struct draw *g, struct rect r, unsigned counter,
                        const struct ins_sample *then)
{
    const struct ins_counter_word *word = &ins_counters[counter];
    struct growth by = growth_of(g, then, counter);
    const char *rate = rate_text(by);
    u64 v = g->d->counters[counter];
    const char *text = /* at most ten digits */
        v < 10000000000ull ? grouped(v) : phrase("%.3g", (double)v);
    int rates = font_width(g->sans, "+9,999,999/s");
    int values = font_width(g->sans, "9,999,999,999");
    int right = r.x + r.w, names = r.w - rates - values - 2 * g->pad;
    if (names < 14 * g->l.digit) { /* no room for the rate */
        rates = 0;
        names = r.w - values - g->pad;
    }
    if (rates) {
        put_fit(g, g->sans, right - font_width(g->sans, rate), r.y, rates,
                g->t->accent, rate);
        right -= rates + g->pad;
    }
    put_fit(g, g->sans, right - font_width(g->sans, text), r.y, values,
            by.by ? g->t->ink : g->t->dim, text);
    put_fit(g, by.by ? g->bold : g->sans, r.x, r.y, names,
            by.by ? g->t->ink : g->t->dim, word->name);
    add_term(g, r, word->name);
    if (g->d->counters_pa)
        add_why(g, r, "pa:0x%llx", g->d->counters_pa + 8 * counter);
}

static void counters_title(struct draw *g, struct rect *r, const u16 *list,
                           unsigned n, const struct ins_sample *then)
{
    unsigned grew = 0, most = 0;
    u64 by = 0;
    for (unsigned i = 0; i < n; i++) {
        struct growth it = growth_of(g, then, list[i]);
        grew += it.by > 0;
        if (it.by > by) {
            by = it.by;
            most = list[i];
        }
    }
    const char *text =
        grew ? phrase("%u of %u counters grew in the last second, %s most",
                      grew, n, ins_counters[most].name)
             : phrase("%u counters have counted; none grew in the last second",
                      n);
    add_word(g, headline_say(g, r, 3, g->t->ink, text), "counters",
             "what the kernel counts since it started; bright: grew in the "
             "last second, at this rate; a click explains one");
}

void draw_counters(struct draw *g, struct rect r)
{
    u16 list[C_COUNT];
    unsigned n = counted(g->d, list);
    if (!n) {
        tab_empty(g, r, "The kernel has counted nothing yet", "");
        return;
    }
    struct draw big = larger(g, r, 10, 84);
    g = &big;
    const struct ins_sample *then = second_ago(g);
    counters_title(g, &r, list, n, then);
    int wide = 40 * g->l.digit;
    unsigned columns = r.w / wide > 1 ? (unsigned)(r.w / wide) : 1;
    unsigned rows = r.h > 0 ? (unsigned)(r.h / g->lh) : 0;
    if (!rows)
        return;
    unsigned lines = (n + columns - 1) / columns;
    struct rect bar = {r.x, r.y, r.w, (int)rows * g->lh};
    unsigned first = scrolled(g, PANE_COUNTERS, bar, lines, rows);
    int each = (r.w - g->pad) / (int)columns;
    for (unsigned i = 0; i < rows * columns; i++) {
        unsigned line = first + i % rows, at = i / rows * lines + line;
        if (line < lines && at < n)
            counter_row(g,
                        line_at(g, r.x + (int)(i / rows) * each,
                                r.y + (int)(i % rows) * g->lh,
                                each - 2 * g->pad),
                        list[at], then);
    }
}
