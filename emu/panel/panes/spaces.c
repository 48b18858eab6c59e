/* SPDX-License-Identifier: MIT */
/* Draws address spaces: a strip for each process, its areas side by side from
 * low addresses to high. The largest space fills the strips' column, others at
 * least .12 of it. A click on a name or area lights its frames. */
#include "panel/panes/strip.h"

#include <stdlib.h>

struct row {
    const struct ins_proc *p;
    const struct ins_space *s;
};

enum { THREADS_MOST = 200 }; /* bytes of the threads' names */
struct rows {
    struct row row[INS_PROCS_MAX];
    unsigned n;
    u64 most;            /* pages of the largest space */
    const char *threads; /* kernel threads and zombies: no strip */
    unsigned nthreads;
    int name, pid, size, in,
        state;  /* widths of columns; in: of the size in memory alone */
    bool whole; /* the size of the whole is shown, too */
    int strip;  /* x of the strips */
    int cell;   /* height of a strip */
};

/* ---- which rows ---------------------------------------------------------- */

static int by_size(const void *a, const void *b)
{
    const struct row *x = a, *y = b;
    if (x->p->vsize != y->p->vsize)
        return x->p->vsize < y->p->vsize ? 1 : -1;
    return x->p->pid < y->p->pid ? -1 : 1;
}

static const struct ins_space *space_of(const struct ins_display *d, u32 pid)
{
    EACH(s, d->spaces, d->nspaces)
        if (s->pid == pid && s->nareas)
            return s;
    return NULL;
}

static void collect(const struct draw *g, struct rows *rows)
{
    const struct ins_display *d = g->d;
    rows->threads = "";
    EACH(p, d->procs, d->nprocs) {
        if (p->vsize) {
            const struct ins_space *s = space_of(d, p->pid);
            rows->row[rows->n++] = (struct row){p, s};
            if (s && s->pages > rows->most)
                rows->most = s->pages;
            continue;
        }
        rows->nthreads++;
        if (strlen(rows->threads) + 32 < THREADS_MOST)
            rows->threads =
                phrase("%s%s%.16s%s", rows->threads, *rows->threads ? ", " : "",
                       p->name, p->state == PS_ZOMBIE ? " (ended)" : "");
    }
    qsort(rows->row, rows->n, sizeof rows->row[0], by_size);
}

/* ---- words --------------------------------------------------------------- */

static const char *state_word(const struct draw *g, const struct ins_proc *p)
{
    if (p->state == PS_DISK && in_cells(g))
        return "disk"; /* columns are few */
    static const char *const words[] = {
        [PS_RUNNING] = "runs",    [PS_READY] = "ready",
        [PS_SLEEPING] = "sleeps", [PS_DISK] = "waits for disk",
        [PS_STOPPED] = "stopped", [PS_ZOMBIE] = "ended",
    };
    return p->state < ARRAY_LEN(words) && words[p->state] ? words[p->state]
                                                          : "?";
}

/* size_in returns the size in memory: "12M"; size_of the whole: " of 40M". */
static const char *size_in(const struct row *r)
{
    return size_text((r->s ? r->s->resident : r->p->rss) * PAGE_BYTES);
}

static const char *size_of(const struct row *r)
{
    u64 pages = r->s ? r->s->pages : r->p->vsize >> PAGE_SHIFT;
    return phrase(" of %s", size_text(pages * PAGE_BYTES));
}

/* Returns a process's pid, and the number of its threads after the first. */
static const char *numbers(const struct ins_proc *p)
{
    return p->threads ? phrase("%u, %u thread%s more", p->pid, p->threads,
                               p->threads == 1 ? "" : "s")
                      : phrase("%u", p->pid);
}

/* Makes columns as wide as their widest text. A narrow pane leaves out both
 * sizes; a narrow terminal keeps size_in's text if it has room for that. */
static void columns(struct draw *g, struct rows *rows, struct rect r)
{
    int blank = 2 * g->l.digit;
    for (unsigned i = 0; i < rows->n; i++) {
        const struct row *k = &rows->row[i];
        int in = font_width(g->sans, size_in(k));
        wider(&rows->name, font_width(g->bold, k->p->name));
        wider(&rows->pid, font_width(g->sans, numbers(k->p)));
        wider(&rows->in, in + blank);
        wider(&rows->size, in + font_width(g->sans, size_of(k)));
        wider(&rows->state, font_width(g->sans, state_word(g, k->p)));
    }
    if (rows->name > 12 * g->l.digit)
        rows->name = 12 * g->l.digit;
    rows->name += g->l.digit;
    rows->pid += blank;
    rows->size += blank;
    if (!in_cells(g)) /* in cells, no wider than needed */
        rows->state = font_width(g->sans, "waits for disk");
    rows->state += g->l.digit;
    int strip = r.w * 2 / 5; /* the least width */
    int rest = r.w - strip - rows->name - rows->pid - rows->state;
    rows->whole = rows->size <= rest;
    if (!rows->whole)
        rows->size = in_cells(g) && rows->in <= rest ? rows->in : 0;
    rows->strip = r.x + rows->name + rows->pid + rows->size;
}

/* ---- a row --------------------------------------------------------------- */

/* Draws a row; returns the words of the area under the pointer, else NULL. */
static const char *process_row(struct draw *g, const struct rows *rows,
                               const struct row *k, struct rect at)
{
    const struct ins_proc *p = k->p;
    const char *light = phrase("pid %u", p->pid);
    int x = at.x, right = at.x + at.w;
    if (p->current && in_cells(g)) /* on the hart */
        fill(g, at.x - 1, at.y, 1, at.h, g->t->accent);
    else if (p->current)
        fill(g, at.x - g->pad * 3 / 4, at.y + at.h / 8,
             g->pad / 2 < 2 ? 2 : g->pad / 2, at.h * 3 / 4, g->t->accent);
    bool lit = !strcmp(g->d->lit_words, light);
    put_fit(g, g->bold, x, at.y, rows->name - g->l.digit,
            lit ? g->t->accent : g->t->ink, p->name);
    x += rows->name + rows->pid - 2 * g->l.digit;
    put_right(g, g->sans, x, at.y, g->t->dim, numbers(p));
    x += 2 * g->l.digit + rows->size - 2 * g->l.digit;
    if (rows->size) {
        int of = put_right(g, g->sans, x, at.y, g->t->dim,
                           rows->whole ? size_of(k) : "");
        put_right(g, g->sans, of, at.y, g->t->ink, size_in(k));
    }
    add_light(g, rect(at.x, at.y, rows->strip - at.x, at.h), "%s", light);
    int state = put_right(g, g->sans, right, at.y,
                          p->state == PS_DISK ? g->t->warn : g->t->dim,
                          state_word(g, p));
    add_events(
        g, rect(state - g->l.thin, at.y, right - state + g->l.thin, at.h),
        EVENTS_PROC + p->pid, k->p->name,
        "what it does, what it waits for, and its latest events", no_span);
    right -= rows->state;
    struct rect strip = {rows->strip, at.y + (at.h - rows->cell) / 2,
                         right - rows->strip, rows->cell};
    if (k->s)
        return draw_strip(g, strip, k->s, p->name, rows->most);
    put_fit(g, g->sans, strip.x, at.y, strip.w, g->t->dim,
            "its mappings are not known");
    return NULL;
}

/* ---- below the rows: the area under the pointer, or a legend of strips --- */

static int strip_swatch(struct draw *g, int x, int y, int right, u8 cell,
                        const char *word)
{
    int side = g->lh / 2 < 2 ? 2 : g->lh / 2;
    int w = side + g->l.digit + font_width(g->sans, word);
    if (x + w > right)
        return x;
    strip_paint(g, rect(x, y + (g->lh - side) / 2, side, side), cell);
    put_as(g, g->sans, x + side + g->l.digit, y, g->t->dim, word);
    return x + w + 3 * g->l.digit;
}

static void draw_foot(struct draw *g, const struct rows *rows, struct rect r,
                      const char *hover, unsigned below)
{
    int x = r.x, right = r.x + r.w;
    if (below)
        right = put_right(g, g->sans, right, r.y, g->t->accent,
                          phrase("+ %u more", below)) -
                2 * g->l.digit;
    if (hover) {
        put_fit(g, g->sans, x, r.y, right - x, g->t->ink, hover);
        return;
    }
    x = strip_swatch(g, x, r.y, right, STRIP_SWAP, "in swap");
    x = strip_swatch(g, x, r.y, right, STRIP_NEVER, "not in memory");
    for (unsigned i = 0; i < AREA_SORTS; i++) {
        const char *word = area_sorts[i].word;
        int w = font_width(g->sans, word);
        int rule = i ? font_width(g->sans, "|") + 2 * g->l.digit : 0;
        if (x + rule + w > right)
            break;
        if (i)
            x = put(g, x + g->l.thin, r.y, g->t->rule, "|") + g->l.thin;
        put_as(g, g->sans, x, r.y, g->t->dim, word);
        add_word(g, rect(x, r.y, w, g->lh), word, area_sorts[i].sentence);
        x += w;
    }
    x += 3 * g->l.digit;
    if (!rows->nthreads || x >= right)
        return;
    const char *line = phrase("kernel: %s", rows->threads);
    if (x + font_width(g->sans, line) > right)
        return;
    put_as(g, g->sans, x, r.y, g->t->dim, line);
    add_word(g, line_at(g, x, r.y, right - x), "kernel",
             "kernel threads and ended processes have no space of their own");
}

void draw_spaces(struct draw *g, struct rect r)
{
    struct rows rows = {0};
    const char *hover = NULL;
    collect(g, &rows);
    if (!rows.n) {
        put_lines(g, g->sans, r, g->t->dim,
                  "No process has memory of its own yet, or the kernel does "
                  "not tell of its processes.");
        return;
    }
    pane_about(g, "click: light its frames; click its state: why");
    columns(g, &rows, r);
    int lines = r.h / g->lh - 1; /* the last is the foot */
    unsigned shown = lines < 1 ? 1 : (unsigned)lines;
    unsigned most = rows.n > shown ? rows.n - shown : 0;
    unsigned *first = &g->v->scroll[PANE_SPACES];
    *first = *first < most ? *first : most;
    shown = rows.n < shown ? rows.n : shown;
    /* Few rows lie further apart, up to one and a half lines each. */
    int pitch = (r.h - g->lh) / (int)shown;
    pitch = pitch > g->lh * 3 / 2 ? g->lh * 3 / 2 : pitch;
    pitch = pitch < g->lh ? g->lh : pitch;
    rows.cell = g->lh * 11 / 16 + (pitch - g->lh) / 2;
    if (in_cells(g))
        rows.cell = pitch = g->lh;
    for (unsigned i = 0; i < shown; i++) {
        struct rect at = {r.x, r.y + (int)i * pitch + (pitch - g->lh) / 2, r.w,
                          g->lh};
        const struct row *row = &rows.row[*first + i];
        for (unsigned k = shown; !*first && i + 1 == shown && k < rows.n; k++)
            if (rows.row[k].p->current) /* the running process gets a row */
                row = &rows.row[k];
        const char *says = process_row(g, &rows, row, at);
        hover = says ? says : hover;
    }
    int foot = r.y + (int)shown * pitch;
    if (foot + g->lh <= r.y + r.h)
        draw_foot(g, &rows, rect(r.x, foot, r.w, g->lh), hover, most - *first);
}
