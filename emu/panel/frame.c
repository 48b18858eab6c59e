/* SPDX-License-Identifier: MIT */
/* The frame pane: what the frame under the pointer (or pinned) is, who owns
 * it, every PTE that maps it, when it was used, and what happened to it. */
#include "panel/draw.h"

#include <stdio.h>

struct cursor {
    int x, y, right, bottom;
};

static bool room(const struct draw *g, const struct cursor *c)
{
    return c->y + g->ch <= c->bottom;
}

static int columns(const struct draw *g, const struct cursor *c)
{
    return (c->right - c->x) / g->cw;
}

/* Facts follow each other and break into lines as they fit. */
struct flow {
    struct cursor *c;
    int x;
};

static void fact(struct draw *g, struct flow *f, const char *label,
                 const char *value)
{
    struct cursor *c = f->c;
    int w = (text_columns(label) + 1 + text_columns(value)) * g->cw;
    if (f->x > c->x && f->x + w > c->right) {
        c->y += g->lh;
        f->x = c->x;
    }
    if (!room(g, c))
        return;
    int left = f->x;
    f->x = put(g, f->x, c->y, g->t->dim, "%s ", label);
    f->x = put_fit(g, f->x, c->y, (c->right - f->x) / g->cw, g->t->ink, value) +
           2 * g->cw;
    add_term(g, (struct rect){left, c->y, f->x - left, g->lh}, label);
}

static void line_end(struct draw *g, struct flow *f)
{
    if (f->x > f->c->x)
        f->c->y += g->lh;
    f->x = f->c->x;
}

static void flag_words(u8 flags, char *buf, size_t n)
{
    static const struct {
        u8 flag;
        const char *word;
    } words[] = {
        {FRAME_F_IO, "under I/O"},           {FRAME_F_DIRTY, "dirty"},
        {FRAME_F_LOCKED, "mlocked"},         {FRAME_F_ACTIVE, "active"},
        {FRAME_F_INACTIVE, "inactive"},      {FRAME_F_REF, "referenced"},
        {FRAME_F_CACHED, "free, page kept"},
    };
    size_t len = 0;
    buf[0] = 0;
    for (unsigned i = 0; i < ARRAY_LEN(words) && len < n; i++)
        if (flags & words[i].flag)
            len += (size_t)snprintf(buf + len, n - len, "%s%s", len ? ", " : "",
                                    words[i].word);
}

/* A sentence over as many lines as it needs. */
static void wrapped(struct draw *g, struct cursor *c, const char *text)
{
    int wide = columns(g, c);
    while (*text && room(g, c)) {
        const char *line = text;
        int n = take_line(&text, wide);
        put(g, c->x, c->y, g->t->dim, "%.*s", n, line);
        c->y += g->lh;
    }
}

static void head(struct draw *g, struct cursor *c, const struct ins_frame *f)
{
    bool recent = frame_recent(g->d, f->pfn);
    draw_cell(g, c->x, c->y, g->ch + 1, f->state, recent, f->flags);
    int x = c->x + g->ch + 6;
    const char *word = "unknown", *sentence = "nobody has said what it is";
    if (f->state < FS_COUNT) {
        word = ins_states[f->state].word;
        sentence = ins_states[f->state].sentence;
    }
    x = put_bold(g, x, c->y, g->t->ink, word) + g->cw;
    (void)x;
    int top = c->y;
    c->y += g->lh;
    wrapped(g, c, sentence);
    add_word(g, (struct rect){c->x, top, c->right - c->x, c->y - top}, word,
             sentence);
}

static void facts(struct draw *g, struct cursor *c, const struct ins_frame *f)
{
    char text[64], when[32];
    struct flow flow = {c, c->x};
    snprintf(text, sizeof text, "0x%llx", (unsigned long long)f->pa);
    fact(g, &flow, "pa", text);
    snprintf(text, sizeof text, "bank %u row 0x%x", f->dram_bank, f->dram_row);
    fact(g, &flow, "DRAM", text);
    line_end(g, &flow);
    if (f->owner)
        snprintf(text, sizeof text, "%.15s (pid %u)",
                 f->owner_name[0] ? f->owner_name : "gone", f->owner);
    else
        snprintf(text, sizeof text, "kernel");
    fact(g, &flow, "owner", text);
    snprintf(text, sizeof text, "%d", f->refs);
    fact(g, &flow, "refs", text);
    snprintf(text, sizeof text, "%u", f->pins);
    fact(g, &flow, "pins", text);
    line_end(g, &flow);
    if (f->object) {
        snprintf(text, sizeof text, "inode %llu page %llu",
                 (unsigned long long)f->object, (unsigned long long)f->index);
        fact(g, &flow, "file", text);
    }
    if (f->last_use_epoch)
        snprintf(text, sizeof text, "%s ago",
                 sim_time(when, g->d, f->age_cycles));
    else
        snprintf(text, sizeof text, "never");
    fact(g, &flow, "used", text);
    flag_words(f->flags, text, sizeof text);
    if (text[0])
        fact(g, &flow, "marks", text);
    line_end(g, &flow);
}

static void pte_row(struct draw *g, struct cursor *c, const struct ins_pte *p)
{
    char who[24];
    snprintf(who, sizeof who, "%.10s", proc_name(g->d, p->pid));
    add_term(g, (struct rect){c->x, c->y, c->right - c->x, g->lh}, "pte");
    add_term(g, (struct rect){c->x + 16 * g->cw, c->y, 12 * g->cw, g->lh},
             "va");
    put(g, c->x, c->y, g->t->dim, "%5u", p->pid);
    put_fit(g, c->x + 6 * g->cw, c->y, 9, g->t->ink, who);
    int x = put(g, c->x + 16 * g->cw, c->y, g->t->ink, "%012llx",
                (unsigned long long)(p->va & 0xffffffffffffull));
    x = put_pte_flags(g, x + g->cw, c->y, p->pte);
    put(g, x + g->cw / 2, c->y, g->t->dim, "%s",
        p->level == 0   ? "4K"
        : p->level == 1 ? "2M"
                        : "1G");
}

/* All PTEs as far as there is room; then how many more. */
static void ptes(struct draw *g, struct cursor *c, const struct ins_frame *f,
                 int rows_kept)
{
    if (!room(g, c))
        return;
    if (!f->nptes) {
        put(g, c->x, c->y, g->t->dim, "no PTE maps it");
        c->y += g->lh;
        return;
    }
    unsigned have = f->nptes < INS_PTES_MAX ? f->nptes : INS_PTES_MAX;
    add_term(g, (struct rect){c->x, c->y, c->right - c->x, g->lh}, "pte");
    put(g, c->x, c->y, g->t->dim, "  pid process   va           %u PTE%s",
        f->nptes, f->nptes == 1 ? "" : "s");
    c->y += g->lh;
    int keep = rows_kept * g->lh;
    for (unsigned i = 0; i < have && room(g, c); i++) {
        bool last = c->y + 2 * g->lh > c->bottom - keep;
        if (i && last && i + 1 < f->nptes) {
            put(g, c->x, c->y, g->t->dim, "+ %u more: monitor's page %llu",
                f->nptes - i, (unsigned long long)f->pfn);
            c->y += g->lh;
            return;
        }
        pte_row(g, c, &f->ptes[i]);
        c->y += g->lh;
    }
}

/* As much as fits from where it was scrolled to; b shows it at length. */
static void biography(struct draw *g, struct cursor *c)
{
    const struct ins_display *d = g->d;
    if (!room(g, c))
        return;
    int x = c->x, y = c->y, rows = (c->bottom - c->y) / g->lh - 1;
    unsigned n = d->nbiography < INS_BIOGRAPHY ? d->nbiography : INS_BIOGRAPHY;
    unsigned first = g->l.life.w ? 0 : life_clamp(g, rows);
    char text[64];
    if (!n)
        snprintf(text, sizeof text, "nothing has happened to it yet");
    else if (rows <= 0)
        snprintf(text, sizeof text, "what happened: %u%s events; b: all", n,
                 n == INS_BIOGRAPHY ? "+" : "");
    else if (rows < (int)n)
        snprintf(text, sizeof text, "what happened, %u-%u of %u%s; b: all",
                 first + 1, first + (unsigned)rows, n,
                 n == INS_BIOGRAPHY ? "+" : "");
    else
        snprintf(text, sizeof text, "what happened to it, latest first");
    put_fit(g, x, y, columns(g, c), g->t->dim, text);
    add_hit(g, (struct rect){x, y, c->right - x, g->lh}, HIT_LIFE, 0, NULL);
    c->y += g->lh;
    int spare = rows - (int)n;
    for (unsigned i = first; i < n && room(g, c); i++) {
        int more =
            draw_life_event(g, x, c->y, columns(g, c), spare, &d->biography[i]);
        spare -= more;
        c->y += (1 + more) * g->lh;
    }
}

static void nothing(struct draw *g, struct cursor *c)
{
    static const char *const hints[] = {
        "Point at a frame to see whose it is, which",
        "page tables map it, when it was used and what",
        "happened to it. A click pins it; arrow keys",
        "walk on from there.",
    };
    for (unsigned i = 0; i < ARRAY_LEN(hints) && room(g, c); i++) {
        put_fit(g, c->x, c->y, columns(g, c), g->t->dim, hints[i]);
        c->y += g->lh;
    }
}

void draw_frame_pane(struct draw *g, struct rect r)
{
    const struct ins_display *d = g->d;
    s64 pfn = view_frame(g->v);
    char about[80], number[24];
    const char *how = g->v->hover != NO_FRAME ? "under the pointer" : "pinned";
    if (pfn < 0 && d->selected_valid && !d->running) {
        pfn = (s64)d->selected.pfn; /* that of the event which stopped it */
        how = "of the event";
    }
    if (pfn >= 0)
        snprintf(about, sizeof about, "%s  %s", frame_number(number, (u64)pfn),
                 how);
    else
        snprintf(about, sizeof about, "none chosen");
    struct rect in = pane_open(g, r, "FRAME", about);
    struct cursor c = {in.x, in.y, in.x + in.w, in.y + in.h};
    add_term(g, (struct rect){r.x, r.y, r.w, g->ch + 3}, "pfn");
    /* A low pane has room for no PTE, which is its widest line. */
    int half = in.h <= 6 * g->lh ? 38 : 46;
    bool halves = in.w >= 2 * (half + 1) * g->cw && d->nbiography;
    struct cursor second = c;
    if (halves) {
        c.right = in.x + half * g->cw;
        second.x = c.right + g->cw;
    }
    if (pfn < 0)
        nothing(g, &c);
    else if (!d->selected_valid || d->selected.pfn != (u64)pfn)
        put(g, c.x, c.y, g->t->dim, "asking …");
    else {
        head(g, &c, &d->selected);
        if (room(g, &c))
            facts(g, &c, &d->selected);
        ptes(g, &c, &d->selected,
             halves ? 0 : 1 + (d->nbiography < 5 ? (int)d->nbiography : 5));
        biography(g, halves ? &second : &c);
    }
    pane_close(g);
}
