/* SPDX-License-Identifier: MIT */
/* Draws the Sv39 walk that is being stepped, or the latest one. On top: the
 * address, cut into its fields. Below: the tables as a tree (walk_tree.c) or,
 * without room for that, a row for each step, with table and offset, the entry
 * and its bits, the place that served the read, and its cost. Last: how the
 * walk ended. walk_words.c has the words. */
#include "panel/tabs/walk.h"

/* ---- the address --------------------------------------------------------- */

u32 walk_level_colour(const struct draw *g, unsigned level)
{
    static const u8 index[] = {2, 0, 1}; /* level 0, 1, 2 */
    return g->t->data[index[level % 3]];
}

struct field {
    char bits[16];
    const char *name;
    u32 colour;
};

static void field_of(const struct draw *g, struct field *f, u64 va, int level)
{
    unsigned low = level < 0 ? 0 : 12 + 9 * (unsigned)level;
    unsigned n = level < 0 ? 12 : 9;
    u64 v = bits(va, low + n - 1, low);
    for (unsigned i = 0; i < n; i++)
        f->bits[i] = v >> (n - 1 - i) & 1 ? '1' : '0';
    f->bits[n] = 0;
    f->colour = level < 0 ? g->t->dim : walk_level_colour(g, (unsigned)level);
    bool brief = in_cells(g);
    f->name = level < 0
                  ? phrase(brief ? "off 0x%03llx" : "offset 0x%03llx", v)
                  : phrase(brief ? "VPN%d %llu" : "VPN[%d] %llu", level, v);
}

/* Writes the address's bits and, below, each field's name and number. Without
 * room for the bits there is only the second line. Returns the y below. */
static int fields(struct draw *g, struct rect r, u64 va)
{
    struct field f[4];
    int wide[4], sum = 0, line = g->l.line;
    bool room = false;
    struct font *font = g->mono;
    for (int i = 0; i < 4; i++)
        field_of(g, &f[i], va, 2 - i);
    for (int px = g->l.big; px >= g->l.px - 1 && !room; px--) {
        font = fonts_get(g->v->fonts, FACE_MONO, px);
        sum = -g->pad;
        for (int i = 0; i < 4; i++) {
            wide[i] = font_width(font, f[i].bits) + 2 * line;
            wider(&wide[i], font_width(g->sans, f[i].name));
            sum += wide[i] + g->pad;
        }
        room = sum <= r.w;
    }
    int x = r.x, y = r.y;
    int high = !room ? 0 : font->height > g->lh ? font->height : g->lh;
    for (int i = 0; i < 4; i++) {
        if (!room)
            wide[i] = g->l.edge ? (r.w - 3 * g->pad) / 4
                                : font_width(g->sans, f[i].name);
        else {
            fill(g, x, y, wide[i], high, g->t->page);
            put_as(g, font, x + line, y + (high - g->lh) / 2, g->t->ink,
                   f[i].bits);
        }
        int at = y + high;
        if (g->l.edge)
            fill(g, x, at, wide[i], line, f[i].colour);
        put_fit(g, g->sans, x, at + line, wide[i], f[i].colour, f[i].name);
        add_term(g, rect(x, y, wide[i], at + g->lh - y),
                 i < 3 ? "vpn" : "page");
        x += wide[i] + g->pad;
    }
    return y + high + g->lh + line + g->pad / 4;
}

/* ---- the steps ----------------------------------------------------------- */

/* The parts of a row, and their widths; 0: not shown. */
enum part { LEVEL, TABLE, TO, BOXES, WHERE, CYCLES, PARTS };
struct columns {
    int w[PARTS];
    bool brief; /* short words */
};

static int columns_wide(const struct draw *g, const struct columns *c,
                        enum part end)
{
    int sum = -g->pad;
    for (enum part i = 0; i < end; i++)
        sum += c->w[i] ? c->w[i] + g->pad : 0;
    return sum;
}

static const char *points_to(const struct walk_step *s)
{
    return phrase("→ 0x%08llx", PTE_PPN(s->pte) << PAGE_SHIFT);
}

/* Returns the width of the longest word for a place that served a read. */
static int where_wide(const struct draw *g, bool brief)
{
    int most = 0;
    for (unsigned i = 0; i < SERVED_COUNT; i++)
        wider(&most, font_width(g->sans, served_text(i, brief)));
    return most;
}

/* Lays out the columns. Their usual widths keep them in place from walk to
 * walk; without room, parts become narrow or are left out. */
static struct columns walk_columns(struct draw *g, int room,
                                   const struct walk *w)
{
    struct columns c = {.w = {font_width(g->bold, "level 2"),
                              font_width(g->mono, "0x80265000+0x7f8"),
                              font_width(g->mono, "→ 0x80f25000"),
                              pte_boxes_width(g), where_wide(g, false),
                              font_width(g->sans, "999 cycles")}};
    const struct {
        enum part part;
        int w;
    } gives[] = {{WHERE, where_wide(g, true)},
                 {LEVEL, font_width(g->bold, "2")},
                 {CYCLES, font_width(g->sans, "99999")},
                 {TO, 0},
                 {TABLE, 0},
                 {WHERE, 0}};
    EACH(s, w->steps, w->nsteps) {
        wider(&c.w[TABLE], font_width(g->mono, phrase("0x%08llx+0x7f8",
                                                      s->pte_pa & ~0xfffull)));
        wider(&c.w[TO], font_width(g->mono, points_to(s)));
        wider(&c.w[CYCLES],
              font_width(g->sans, phrase("%u cycles", s->cycles)));
    }
    EACH(it, gives, ARRAY_LEN(gives))
        if (columns_wide(g, &c, PARTS) > room) {
            c.w[it->part] = it->w;
            c.brief = true;
        }
    return c;
}

static void put_level(struct draw *g, struct rect at, u32 colour,
                      unsigned level)
{
    bool one = at.w <= 2 * font_width(g->bold, "2");
    put_bold(g, at.x, at.y, colour, phrase(one ? "%u" : "level %u", level));
    add_term(g, at, "level");
}

static void put_table(struct draw *g, struct rect at, u32 colour, u64 pte_pa)
{
    int x = put_in(g, g->mono, at, g->t->ink,
                   phrase("0x%08llx", pte_pa & ~0xfffull));
    int rest = at.x + at.w - x;
    put_fit(g, g->mono, x, at.y, rest, colour,
            phrase("+0x%03llx", pte_pa & 0xfff));
    add_pa(g, at, pte_pa, "page table");
    /* a click on the offset goes to the entry's last write */
    add_line(g, line_at(g, x, at.y, rest), "last-write pa:0x%llx", pte_pa);
}

static void put_to(struct draw *g, struct rect at, const struct walk_step *s)
{
    bool valid = s->pte & PTE_V;
    put_in(g, valid ? g->mono : g->sans, at, valid ? g->t->ink : g->t->bad,
           valid ? points_to(s) : "→ not valid");
    if (valid)
        add_pa(g, at, PTE_PPN(s->pte) << PAGE_SHIFT, "ppn");
    else
        add_term(g, at, "V");
}

static void put_cost(struct draw *g, const struct columns *c, int x, int right,
                     int y, const struct walk_step *s)
{
    int where = c->w[WHERE], cycles = c->w[CYCLES];
    if (where) {
        put_fit(g, g->sans, x, y, where,
                s->where <= SERVED_L2 ? g->t->good : g->t->warn,
                served_text(s->where, c->brief));
        add_term(g, line_at(g, x, y, where), served_term(s->where));
    }
    bool words = cycles >= font_width(g->sans, "999 cycles");
    const char *text = phrase(!words           ? "%u"
                              : s->cycles == 1 ? "%u cycle"
                                               : "%u cycles",
                              s->cycles);
    int w = font_width(g->sans, text);
    w = w < cycles ? w : cycles;
    put_fit(g, g->sans, right - w, y, w, g->t->ink, text);
    add_term(g, line_at(g, right - cycles, y, cycles), "cycle");
}

static void step_row(struct draw *g, const struct columns *c, struct rect r,
                     const struct walk_step *s)
{
    u32 colour = walk_level_colour(g, s->level);
    struct rect at[PARTS];
    for (enum part i = 0; i < PARTS; i++)
        at[i] = line_at(g, r.x + columns_wide(g, c, i) + g->pad, r.y, c->w[i]);
    if (s->kind == STEP_SET_AD) {
        static const char *const does[] = {"the walker sets A or D in it",
                                           "sets A or D", ""};
        unsigned form = 0;
        int w = columns_wide(g, c, BOXES);
        while (form < 2 && font_width(g->sans, does[form]) > w)
            form++;
        put_as(g, g->sans, r.x, r.y, g->t->accent, does[form]);
        add_word(g, line_at(g, r.x, r.y, w), "A, D", WALKER_SETS);
    } else {
        put_level(g, at[LEVEL], colour, s->level);
        if (c->w[TABLE])
            put_table(g, at[TABLE], colour, s->pte_pa);
        if (c->w[TO])
            put_to(g, at[TO], s);
    }
    int x = pte_boxes(g, at[BOXES].x, r.y, s->pte) + g->pad;
    put_cost(g, c, x, r.x + r.w, r.y, s);
    if (s->pte_pa) /* a right click finds this, not the table's frame */
        add_why(g, r, "pa:0x%llx", s->pte_pa);
}

static void next_row(struct draw *g, struct rect r, const struct walk *w)
{
    unsigned low = 12 + 9 * (w->level % 3);
    fill(g, r.x - g->pad / 2, r.y, r.w + g->pad, g->lh, g->t->band);
    put_in(g, g->bold, r, g->t->accent,
           w->set_ad ? "▶ next: the walker sets A or D in it"
                     : phrase("▶ next: level %u, entry %llu at 0x%llx",
                              w->level, bits(w->va, low + 8, low), w->table));
    if (g->d->walk_live)
        add_key(g, r, 'w');
    else
        add_term(g, r, "walk");
}

/* Draws the latest steps that fit. Setting A or D, and retries, add steps. */
static int draw_steps(struct draw *g, struct rect r, const struct walk *w)
{
    struct columns c = walk_columns(g, r.w, w);
    unsigned n = w->nsteps < WALK_STEPS_MAX ? w->nsteps : WALK_STEPS_MAX;
    bool going = w->phase == WALK_ARMED || w->phase == WALK_RUNNING;
    int rows = r.h / g->lh - going;
    rows = rows > 0 ? rows : 0;
    for (unsigned i = (int)n > rows ? n - (unsigned)rows : 0; i < n; i++) {
        const struct walk_step *s = &w->steps[i];
        if (s->kind == STEP_SET_AD || s->pte_pa) /* else it read nothing */
            step_row(g, &c, rect_take(&r, g->lh), s);
    }
    if (going)
        next_row(g, rect_take(&r, g->lh), w);
    return r.y;
}

/* ---- the whole ----------------------------------------------------------- */

static void draw_verdict(struct draw *g, struct rect r, const struct walk *w)
{
    enum walk_end end = walk_ending(w);
    const char *text = walk_verdict(g->d);
    if (end == WALK_GOING)
        return;
    bool fault = end == WALK_FAULT;
    u32 colour = fault ? g->t->bad : g->t->good;
    if (in_cells(g) && r.h < 2 * g->lh)
        put_clauses(g, g->bold, r.x, r.y, r.w, colour, text);
    else
        put_lines(g, g->bold, r, colour, text);
    u64 pa = tlb_pa(&w->filled, w->va);
    if (fault)
        add_term(g, r, "page fault");
    else {
        add_pa(g, r, pa, "tlb");
        /* the word of memory that the access reads or writes */
        add_why(g, r, "pa:0x%llx", pa);
    }
}

/* True if the machine has halted at an event that is not of the walk's page. */
static bool walk_of_another_page(const struct ins_display *d)
{
    EACH(e, d->events, d->nevents)
        if (e->pfn == d->caption_pfn)
            return !d->running && d->caption_pfn < d->nframes &&
                   e->va >> PAGE_SHIFT != d->walk.va >> PAGE_SHIFT;
    return false;
}

void draw_walk(struct draw *g, struct rect r)
{
    const struct walk *w = &g->d->walk;
    bool live = g->d->walk_live;
    struct draw base = *g, big = larger(g, r, 10, 72);
    struct rect head = r;
    g = &big;
    if (g->d->covered) {
        put_lines(g, g->sans, r, g->t->dim,
                  "A question waits, and the walk may be its answer: it is "
                  "shown again when you have answered.");
        return;
    }
    bool going = walk_ending(w) == WALK_GOING;
    key_button(g, &head, 'w',
               !live   ? "w: step a walk"
               : going ? "w: next step"
                       : "w: next walk");
    if (w->phase == WALK_IDLE && !w->nsteps) {
        headline(g, &head, 2, g->t->ink, "No page walk yet");
        put_lines(
            g, g->sans, rect(r.x, head.y, r.w, head.h), g->t->dim,
            "A walk is how the hardware finds a page's frame when the TLB "
            "does not hold it: it reads an entry from each of three "
            "tables. w stops the machine before the next walk; then each "
            "w is one step.");
        return;
    }
    const char *when = live                         ? ""
                       : walk_of_another_page(g->d) ? "latest walk (not this "
                                                      "event's): "
                                                    : "latest walk: ";
    add_term(g,
             headline(g, &head, in_cells(g) ? 5 : 7,
                      live ? g->t->accent : g->t->ink, "%s%s", when,
                      walk_title(g->d)),
             "walk");
    int bottom = r.y + r.h, y = head.y;
    const char *text = walk_verdict(g->d);
    int words = going ? 1 : lines_of(g->bold, r.w, text);
    words = words > 2 ? 2 : words;
    if (in_cells(g) && bottom - y < 6 * g->lh)
        words = 1;              /* the steps get the room of the second line */
    int steps = (int)w->nsteps; /* fields must leave room for them */
    struct rect tree = {r.x, y, r.w, bottom - y - words * g->lh};
    struct rect less = tree; /* below the address's fields */
    less.h -= 3 * g->lh;
    bool grows = walk_tree_fits(&base, tree);
    if (grows ? walk_tree_fits(&base, less)
              : bottom - y >= (3 + in_cells(g) + steps + words) * g->lh)
        y = fields(g, rect(r.x, y, r.w, bottom - y), w->va);
    if (grows) {
        tree.h -= y - tree.y;
        tree.y = y;
        draw_walk_tree(&base, tree, w);
        y = tree.y + tree.h;
        if (going)
            next_row(g, rect(r.x, y, r.w, g->lh), w);
    } else {
        int room = bottom - y - (going ? 0 : words) * g->lh;
        room = room > 0 ? room : 0;
        y = draw_steps(g, rect(r.x, y, r.w, room), w);
    }
    if (y + g->lh + g->pad / 2 + (words - 1) * g->lh <= bottom)
        y += g->pad / 2;
    draw_verdict(g, rect(r.x, y, r.w, bottom - y), w);
}
