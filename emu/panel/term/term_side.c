/* SPDX-License-Identifier: MIT */
/* Right of the map in a terminal: the legend, address spaces as strips, the
 * selected frame, one tab. */
#include "panel/term/term_parts.h"

#include <stdio.h>

enum {
    ENTRY = 22,       /* columns of a legend's entry */
    DETAIL_LEAST = 7, /* rows: the tabs' names, and six of text */
    SPACES_LEAST = 2,
    TITLED = 6 /* with so many rows or more, a title */
};

static const char *state_letter(u32 state)
{
    static const char *const letters[] = {"-", "R", "r", "S", "D", "T", "Z"};
    return state < ARRAY_LEN(letters) ? letters[state] : "?";
}

/* ---- legend -------------------------------------------------------------- */

static void legend_entry(struct term_draw *t, int row, int column, int room,
                         unsigned kind)
{
    struct cell *c = screen_at(t->s, row, column), *next;
    char n[32];
    if (!c || room < 10)
        return;
    bool lit =
        !t->d->lit_words[0] || !strcmp(t->d->lit_words, ins_states[kind].word);
    u8 ink = !lit ? INK_DIM : INK_PLAIN;
    if (term_colours(t)) {
        c->back = t->t->kind[kind][1] & 0xffffff;
        if ((next = screen_at(t->s, row, column + 1)))
            next->back = c->back;
    } else
        c->code = (u32)ins_states[kind].glyph;
    snprintf(n, sizeof n, "%llu", kind_frames(t->d, kind));
    int x =
        screen_put(t->s, row, column + 3, room - 3, ink, ins_states[kind].word);
    screen_put_right(t->s, row, x + 1, column + room, ink, n);
}

/* Returns its rows. */
static int legend(struct term_draw *t, struct area a)
{
    int across = (a.columns + 2) / (ENTRY + 2);
    across = across < 1 ? 1 : across > 4 ? 4 : across;
    int rows = (FS_COUNT + across - 1) / across;
    rows = rows > a.rows ? a.rows : rows;
    for (int i = 0; i < FS_COUNT; i++)
        if (i / rows < across)
            legend_entry(t, a.row + i % rows, a.column + i / rows * (ENTRY + 2),
                         ENTRY, (unsigned)i);
    return rows;
}

/* ---- address spaces ------------------------------------------------------ */

static void paint_strip_cell(struct term_draw *t, struct cell *c, u8 what)
{
    u8 kind = what & 0x7f;
    if (!c)
        return;
    if (!term_colours(t)) {
        c->code = kind == STRIP_NEVER  ? '-'
                  : kind == STRIP_SWAP ? '~'
                  : kind < FS_COUNT    ? (u32)ins_states[kind].glyph
                                       : '?';
        return;
    }
    u32 swap = t->t->kind[FS_SWAPCACHE][1] & 0xffffff;
    c->code = kind == STRIP_NEVER ? 0xb7 : kind == STRIP_SWAP ? '=' : ' ';
    c->fore = kind == STRIP_SWAP ? swap : t->t->dim & 0xffffff;
    if (kind == STRIP_SWAP)
        c->back = colour_mix(t->t->page, swap, 70) & 0xffffff;
    else if (kind < FS_COUNT)
        c->back = t->t->kind[kind][(what & STRIP_HOT) != 0] & 0xffffff;
}

/* The cell shown for a column of several cells: one used lately, else one in a
 * frame or in swap. */
static u8 most_telling(const struct ins_space *s, unsigned from, unsigned to)
{
    u8 best = STRIP_NEVER;
    for (unsigned i = from; i < to && i < s->ncells && i < INS_STRIP; i++)
        if (best == STRIP_NEVER || (s->cell[i] & STRIP_HOT && best < 0x80))
            best = s->cell[i];
    return best;
}

static void strip(struct term_draw *t, int row, int column, int room,
                  const struct ins_space *s)
{
    if (!s->ncells || room <= 0)
        return;
    unsigned n = s->ncells < INS_STRIP ? s->ncells : INS_STRIP;
    int wide = (int)n < room ? (int)n : room;
    for (int i = 0; i < wide; i++)
        paint_strip_cell(t, screen_at(t->s, row, column + i),
                         most_telling(s, n * (unsigned)i / (unsigned)wide,
                                      n * (unsigned)(i + 1) / (unsigned)wide));
}

static void process(struct term_draw *t, struct area a, unsigned i)
{
    const struct ins_proc *p = &t->d->procs[i];
    char size[32];
    int x = screen_putf(t->s, a.row, a.column, a.columns,
                        p->current ? INK_BOLD : INK_PLAIN, "%4u %-8.8s %s %6s ",
                        p->pid, p->name, state_letter(p->state),
                        size_text(size, p->rss * PAGE_BYTES));
    if (i < t->d->nspaces && t->d->spaces[i].pid == p->pid)
        strip(t, a.row, x + 1, a.column + a.columns - x - 1, &t->d->spaces[i]);
}

/* Processes with memory come first, then those without, then kernel threads. */
static int rank_of(const struct ins_proc *p)
{
    return p->rss ? 0 : p->satp ? 1 : 2;
}

static void spaces(struct term_draw *t, struct area a)
{
    unsigned n = t->d->nprocs < INS_PROCS_MAX ? t->d->nprocs : INS_PROCS_MAX;
    unsigned order[INS_PROCS_MAX], k = 0;
    for (int rank = 0; rank < 3; rank++)
        for (unsigned i = n; i-- > 0;) /* the latest first */
            if (rank_of(&t->d->procs[i]) == rank)
                order[k++] = i;
    if (a.rows >= TITLED) {
        screen_put(t->s, a.row++, a.column, a.columns, INK_DIM,
                   " pid name       in RAM  along its addresses");
        a.rows--;
    }
    for (int row = 0; row < a.rows && row < (int)k; row++) {
        struct area line = {a.row + row, a.column, 1, a.columns};
        if (row == a.rows - 1 && row + 1 < (int)k)
            screen_putf(t->s, line.row, line.column + 5, line.columns - 5,
                        INK_PLAIN, "and %d more", (int)k - row);
        else
            process(t, line, order[row]);
    }
}

/* ---- the whole ------------------------------------------------------------
 */

static void frame_line(struct term_draw *t, struct area a)
{
    const struct ins_frame *f = &t->d->selected;
    char age[32];
    int x = screen_putf(t->s, a.row, a.column, a.columns, INK_BOLD,
                        "frame %llu", f->pfn);
    sim_time(age, t->d, f->age_cycles);
    screen_putf(t->s, a.row, x + 1, a.column + a.columns - x - 1, INK_PLAIN,
                "%s%s%.16s%s, %u PTE%s, used %s%s",
                inspect_state_word(f->state), f->owner ? " of " : "",
                f->owner ? f->owner_name : "",
                f->flags & FRAME_F_DIRTY ? ", dirty" : "", f->nptes,
                f->nptes == 1 ? "" : "s", f->last_use_epoch ? age : "never",
                f->last_use_epoch ? " ago" : "");
}

void term_side(struct term_draw *t, struct area a)
{
    int used = legend(t, a);
    a.row += used;
    a.rows -= used;
    bool chosen = t->v->whole_biography || t->v->pinned != NO_FRAME;
    if (t->d->selected_valid && (chosen || a.rows > 2 * DETAIL_LEAST)) {
        frame_line(t, a);
        a.row++;
        a.rows--;
    }
    if (t->v->whole_biography) {
        term_biography(t, a);
        return;
    }
    int detail = a.rows / 2 > DETAIL_LEAST ? a.rows / 2 : DETAIL_LEAST;
    int high = a.rows - detail, need = 1 + (int)t->d->nprocs;
    if (high > need) /* no more rows than processes */
        high = need;
    if (high >= SPACES_LEAST) {
        spaces(t, (struct area){a.row, a.column, high, a.columns});
        a.row += high;
        a.rows -= high;
    }
    term_detail(t, a);
}
