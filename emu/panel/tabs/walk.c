/* SPDX-License-Identifier: MIT */
/* The Sv39 walk that is being stepped, or the latest one: the address cut into
 * its fields; the tables as a tree (walk_tree.c) or, without room for that, a
 * row for each step: the table and index, the entry and its bits, the place
 * that served the read, and its cost; and the end of the walk. walk_words.c has
 * the words. */
#include "panel/tabs/walk.h"

#include <stdio.h>

enum { RAM_PPN = 0x80000 }; /* of the first frame */

/* ---- the address --------------------------------------------------------- */

u32 walk_level_colour(const struct draw *g, unsigned level)
{
    static const u8 index[] = {2, 0, 1}; /* level 0, 1, 2 */
    return g->t->data[index[level % 3]];
}

struct field {
    char bits[16], name[24];
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
    bool brief = !g->l.edge; /* in a terminal */
    if (level < 0)
        snprintf(f->name, sizeof f->name,
                 brief ? "off 0x%03x" : "offset 0x%03x", (unsigned)v);
    else
        snprintf(f->name, sizeof f->name, brief ? "VPN%d %u" : "VPN[%d] %u",
                 level, (unsigned)v);
}

/* Two lines: the bits, and below them the name and number of each field. If the
 * bits have no room, only the second line. Returns the y below. */
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
            int name = font_width(g->sans, f[i].name);
            wide[i] = font_width(font, f[i].bits) + 2 * line;
            wide[i] = wide[i] > name ? wide[i] : name;
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

/* Widths of a row's parts; 0: not shown. */
struct columns {
    int level, table, to, boxes, where, cycles;
    bool brief; /* short words */
};

static int columns_wide(const struct draw *g, const struct columns *c)
{
    const int w[] = {c->level, c->table, c->to, c->boxes, c->where, c->cycles};
    int sum = -g->pad;
    for (unsigned i = 0; i < ARRAY_LEN(w); i++)
        sum += w[i] ? w[i] + g->pad : 0;
    return sum;
}

/* The width of the longest word for a place that served a read. */
static int where_wide(const struct draw *g, bool brief)
{
    int most = 0;
    for (unsigned i = 0; i < SERVED_COUNT; i++) {
        int w = font_width(g->sans, served_text(i, brief));
        most = w > most ? w : most;
    }
    return most;
}

/* Widens columns to the steps' texts. Columns begin at the usual width, so that
 * they stay in place from walk to walk. */
static void widen_for(struct draw *g, struct columns *c, const struct walk *w)
{
    unsigned n = w->nsteps < WALK_STEPS_MAX ? w->nsteps : WALK_STEPS_MAX;
    for (unsigned i = 0; i < n; i++) {
        const struct walk_step *s = &w->steps[i];
        char text[48];
        snprintf(text, sizeof text, "0x%08llx+0x7f8", s->pte_pa & ~0xfffull);
        int wide = font_width(g->mono, text);
        c->table = wide > c->table ? wide : c->table;
        snprintf(text, sizeof text, "→ 0x%08llx",
                 PTE_PPN(s->pte) << PAGE_SHIFT);
        wide = font_width(g->mono, text);
        c->to = wide > c->to ? wide : c->to;
        snprintf(text, sizeof text, "%u cycles", s->cycles);
        wide = font_width(g->sans, text);
        c->cycles = wide > c->cycles ? wide : c->cycles;
    }
}

static struct columns walk_columns(struct draw *g, int room,
                                   const struct walk *w)
{
    struct columns c = {font_width(g->bold, "level 2"),
                        font_width(g->mono, "0x80265000+0x7f8"),
                        font_width(g->mono, "→ 0x80f25000"),
                        pte_boxes_width(g),
                        where_wide(g, false),
                        font_width(g->sans, "999 cycles"),
                        false};
    widen_for(g, &c, w);
    for (unsigned give = 0; give < 6 && columns_wide(g, &c) > room; give++)
        switch (give) {
        case 0:
            c.brief = true;
            c.where = where_wide(g, true);
            break;
        case 1:
            c.level = font_width(g->bold, "2");
            break;
        case 2:
            c.cycles = font_width(g->sans, "99999");
            break;
        case 3:
            c.to = 0;
            break;
        case 4:
            c.table = 0;
            break;
        default:
            c.where = 0;
        }
    return c;
}

static int put_level(struct draw *g, const struct columns *c, int x, int y,
                     u32 colour, unsigned level)
{
    char text[16];
    bool one = c->level <= 2 * font_width(g->bold, "2");
    snprintf(text, sizeof text, one ? "%u" : "level %u", level);
    put_bold(g, x, y, colour, text);
    add_term(g, rect(x, y, c->level, g->lh), "level");
    return x + c->level + g->pad;
}

static int put_table(struct draw *g, const struct columns *c, int x, int y,
                     u32 colour, u64 pte_pa)
{
    char text[24];
    if (!c->table)
        return x;
    snprintf(text, sizeof text, "0x%08llx", pte_pa & ~0xfffull);
    int at = put_fit(g, g->mono, x, y, c->table, g->t->ink, text);
    snprintf(text, sizeof text, "+0x%03llx", pte_pa & 0xfff);
    put_fit(g, g->mono, at, y, x + c->table - at, colour, text);
    u64 table = pte_pa >> PAGE_SHIFT;
    struct rect hit = {x, y, c->table, g->lh};
    if (table >= RAM_PPN && table - RAM_PPN < g->d->nframes)
        add_frame(g, hit, table - RAM_PPN);
    else
        add_term(g, hit, "page table");
    /* a click on the offset goes to the entry's last write */
    add_line(g, rect(at, y, x + c->table - at, g->lh), "last-write pa:0x%llx",
             pte_pa);
    return x + c->table + g->pad;
}

/* The address that the entry points to. */
static int put_to(struct draw *g, const struct columns *c, int x, int y,
                  const struct walk_step *s)
{
    char text[32];
    u64 ppn = PTE_PPN(s->pte);
    struct rect hit = {x, y, c->to, g->lh};
    if (!c->to)
        return x;
    if (!(s->pte & PTE_V)) {
        put_fit(g, g->sans, x, y, c->to, g->t->bad, "→ not valid");
        add_term(g, hit, "V");
    } else {
        snprintf(text, sizeof text, "→ 0x%08llx", ppn << PAGE_SHIFT);
        put_fit(g, g->mono, x, y, c->to, g->t->ink, text);
        if (ppn >= RAM_PPN && ppn - RAM_PPN < g->d->nframes)
            add_frame(g, hit, ppn - RAM_PPN);
        else
            add_term(g, hit, "ppn");
    }
    return x + c->to + g->pad;
}

static void put_cost(struct draw *g, const struct columns *c, int x, int right,
                     int y, const struct walk_step *s)
{
    char text[24];
    bool near = s->where <= SERVED_L2;
    if (c->where) {
        put_fit(g, g->sans, x, y, c->where, near ? g->t->good : g->t->warn,
                served_text(s->where, c->brief));
        add_term(g, rect(x, y, c->where, g->lh), served_term(s->where));
    }
    bool words = c->cycles >= font_width(g->sans, "999 cycles");
    snprintf(text, sizeof text,
             !words           ? "%u"
             : s->cycles == 1 ? "%u cycle"
                              : "%u cycles",
             s->cycles);
    int w = font_width(g->sans, text);
    w = w < c->cycles ? w : c->cycles;
    put_fit(g, g->sans, right - w, y, w, g->t->ink, text);
    add_term(g, rect(right - c->cycles, y, c->cycles, g->lh), "cycle");
}

static void step_row(struct draw *g, const struct columns *c, struct rect r,
                     const struct walk_step *s)
{
    u32 colour = walk_level_colour(g, s->level);
    int x = r.x;
    if (s->kind == STEP_SET_AD) {
        int w = c->level + (c->table ? g->pad + c->table : 0) +
                (c->to ? g->pad + c->to : 0);
        static const char *const does[] = {"the walker sets A or D in it",
                                           "sets A or D", ""};
        unsigned form = 0;
        while (form < 2 && font_width(g->sans, does[form]) > w)
            form++;
        put_as(g, g->sans, x, r.y, g->t->accent, does[form]);
        add_word(g, rect(x, r.y, w, g->lh), "A, D",
                 "the walker writes the entry: A at its first use, D at its "
                 "first store");
        x += w + g->pad;
    } else {
        x = put_level(g, c, x, r.y, colour, s->level);
        x = put_table(g, c, x, r.y, colour, s->pte_pa);
        x = put_to(g, c, x, r.y, s);
    }
    x = pte_boxes(g, x, r.y, s->pte) + g->pad;
    put_cost(g, c, x, r.x + r.w, r.y, s);
    if (s->pte_pa) /* over the table's frame */
        add_why(g, r, "pa:0x%llx", s->pte_pa);
}

static void next_row(struct draw *g, struct rect r, const struct walk *w)
{
    char text[96];
    fill(g, r.x - g->pad / 2, r.y, r.w + g->pad, g->lh, g->t->band);
    if (w->set_ad)
        snprintf(text, sizeof text, "▶ next: the walker sets A or D in it");
    else
        snprintf(text, sizeof text, "▶ next: level %u, entry %llu at 0x%llx",
                 w->level,
                 bits(w->va, 20 + 9 * (w->level % 3), 12 + 9 * (w->level % 3)),
                 w->table);
    put_fit(g, g->bold, r.x, r.y, r.w, g->t->accent, text);
    if (g->d->walk_live)
        add_key(g, r, 'w');
    else
        add_term(g, r, "walk");
}

/* The latest steps that fit: an A/D update that lost a race repeats reads. */
static int draw_steps(struct draw *g, struct rect r, const struct walk *w)
{
    struct columns c = walk_columns(g, r.w, w);
    unsigned n = w->nsteps < WALK_STEPS_MAX ? w->nsteps : WALK_STEPS_MAX;
    bool going = w->phase == WALK_ARMED || w->phase == WALK_RUNNING;
    int rows = r.h / g->lh - going;
    rows = rows > 0 ? rows : 0;
    for (unsigned i = (int)n > rows ? n - (unsigned)rows : 0; i < n; i++) {
        const struct walk_step *s = &w->steps[i];
        if (s->kind != STEP_SET_AD && !s->pte_pa)
            continue; /* the walk ended before it read anything */
        step_row(g, &c, rect(r.x, r.y, r.w, g->lh), s);
        r.y += g->lh;
    }
    if (going) {
        next_row(g, rect(r.x, r.y, r.w, g->lh), w);
        r.y += g->lh;
    }
    return r.y;
}

/* ---- the whole ----------------------------------------------------------- */

static void draw_verdict(struct draw *g, struct rect r, const struct walk *w)
{
    char text[200];
    enum walk_end end = walk_ending(w);
    if (end == WALK_GOING)
        return;
    walk_verdict(g->d, text, sizeof text);
    bool fault = end == WALK_FAULT;
    u32 colour = fault ? g->t->bad : g->t->good;
    if (in_cells(g) && r.h < 2 * g->lh)
        put_clauses(g, g->bold, r.x, r.y, r.w, colour, text);
    else
        put_lines(g, g->bold, r, colour, text);
    u64 ppn = tlb_pa(&w->filled, w->va) >> PAGE_SHIFT;
    if (!fault && ppn >= RAM_PPN && ppn - RAM_PPN < g->d->nframes)
        add_frame(g, r, ppn - RAM_PPN);
    else
        add_term(g, r, fault ? "page fault" : "tlb");
    if (!fault) /* the word of memory that the access reads or writes */
        add_why(g, r, "pa:0x%llx", tlb_pa(&w->filled, w->va));
}

/* True if the machine has halted at an event of another page than the walk's.
 */
static bool walk_of_another_page(const struct ins_display *d)
{
    for (unsigned i = 0; i < d->nevents && i < INS_LANE_MAX; i++)
        if (d->events[i].pfn == d->caption_pfn)
            return !d->running && d->caption_pfn < d->nframes &&
                   d->events[i].va >> PAGE_SHIFT != d->walk.va >> PAGE_SHIFT;
    return false;
}

void draw_walk(struct draw *g, struct rect r)
{
    const struct walk *w = &g->d->walk;
    char text[128];
    bool live = g->d->walk_live;
    struct draw base = *g, big = larger(g, r, 10, 72);
    struct rect head = r;
    g = &big;
    if (g->d->covered) {
        put_lines(g, g->sans, r, g->t->dim,
                  "A question waits in the terminal, and the walk may be its "
                  "answer: it is shown again when you have answered.");
        return;
    }
    key_button(g, &head, 'w', live ? "w: next step" : "w: step a walk");
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
    walk_title(g->d, text, sizeof text);
    int top = head.y;
    headline(g, &head, in_cells(g) ? 5 : 7, live ? g->t->accent : g->t->ink,
             "%s%s",
             live                         ? ""
             : walk_of_another_page(g->d) ? "latest walk (not this event's): "
                                          : "latest walk: ",
             text);
    add_term(g, rect(r.x, top, head.w, head.y - top), "walk");
    int bottom = r.y + r.h, y = head.y;
    bool going = walk_ending(w) == WALK_GOING;
    walk_verdict(g->d, text, sizeof text);
    int words = going ? 1 : lines_of(g->bold, r.w, text);
    words = words > 2 ? 2 : words;
    if (in_cells(g) && bottom - y < 6 * g->lh)
        words = 1; /* the steps have its room */
    struct rect tree = {r.x, y, r.w, bottom - y - words * g->lh};
    struct rect less = tree; /* below the address's fields */
    less.h -= 3 * g->lh;
    bool grows = walk_tree_fits(&base, tree);
    if (grows ? walk_tree_fits(&base, less)
              : bottom - y >= (in_cells(g) ? 8 : 6) * g->lh)
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
