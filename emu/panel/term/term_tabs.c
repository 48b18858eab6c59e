/* SPDX-License-Identifier: MIT */
/* The open tab in a terminal: each tab of panes.def as a short text. */
#include "panel/term/term_parts.h"
#include "panel/tabs/walk.h"

#include <stdarg.h>
#include <stdio.h>

/* ---- writing line by line ------------------------------------------------ */

struct lines { /* lines above view.scroll are skipped */
    struct term_draw *t;
    struct area a;
    int at; /* the next line's number */
};

static int line_row(const struct lines *l)
{
    int row = l->at;
    return row < 0 || row >= l->a.rows ? -1 : l->a.row + row;
}

static void line(struct lines *l, u8 ink, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
static void line(struct lines *l, u8 ink, const char *fmt, ...)
{
    char text[512];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    if (line_row(l) >= 0)
        screen_put(l->t->s, line_row(l), l->a.column, l->a.columns, ink, text);
    l->at++;
}

/* Whole words over as many lines as they need. */
static void words(struct lines *l, u8 ink, const char *text)
{
    int left = l->a.rows - l->at;
    if (l->at >= 0 && left > 0)
        l->at += screen_put_words(
            l->t->s,
            (struct area){l->a.row + l->at, l->a.column, left, l->a.columns},
            ink, text);
}

/* The lines of a list of n, from view.scroll on, which it limits. */
static struct lines list_of(struct term_draw *t, struct area a, enum pane_id id,
                            int n)
{
    int most = n > a.rows ? n - a.rows : 0;
    if ((int)t->v->scroll[id] > most)
        t->v->scroll[id] = (unsigned)most;
    return (struct lines){t, a, -(int)t->v->scroll[id]};
}

/* ---- the tabs -------------------------------------------------------------
 */

static void walk(struct lines *l)
{
    const struct walk *w = &l->t->d->walk;
    char text[256];
    unsigned n = w->nsteps < WALK_STEPS_MAX ? w->nsteps : WALK_STEPS_MAX;
    if (!n && !l->t->d->walk_live) {
        words(l, INK_PLAIN, "No walk yet: w stops at the next one.");
        return;
    }
    walk_title(l->t->d, text, sizeof text);
    line(l, INK_BOLD, "%s", text);
    for (unsigned i = 0; i < n; i++) {
        const struct walk_step *s = &w->steps[i];
        if (s->kind == STEP_SET_AD)
            line(l, INK_PLAIN, "sets A, D      %-12s %4u cyc",
                 served_text(s->where, true), s->cycles);
        else
            line(l, INK_PLAIN, "level %u  0x%08llx  %-10s %4u cyc  %s",
                 s->level, s->pte_pa, served_text(s->where, true), s->cycles,
                 !(s->pte & PTE_V)          ? "not valid"
                 : s->pte & (PTE_R | PTE_X) ? "page"
                                            : "table");
    }
    walk_verdict(l->t->d, text, sizeof text);
    words(l, walk_ending(w) == WALK_FAULT ? INK_BOLD : INK_PLAIN,
          *text ? text : "w: its next step");
}

static void tlb(struct lines *l)
{
    const struct ins_display *d = l->t->d;
    unsigned n = d->ndtlb < ARRAY_LEN(d->dtlb) ? d->ndtlb : ARRAY_LEN(d->dtlb);
    int across = l->a.columns >= 92 ? 2 : 1;
    *l = list_of(l->t, l->a, PANE_TLB, 1 + (int)n / across);
    line(l, INK_DIM, "   address       frame  asid");
    int top = l->at, rows = ((int)n + across - 1) / across;
    for (unsigned i = 0; i < n; i++) {
        const struct tlb_entry *e = &d->dtlb[i];
        struct lines half = *l;
        half.at = top + (int)i % (rows ? rows : 1);
        half.a.columns = l->a.columns / across;
        half.a.column += (int)i / (rows ? rows : 1) * half.a.columns;
        if (e->valid)
            line(&half, INK_PLAIN, "%#14llx %7llu %5u%s", e->vpn << PAGE_SHIFT,
                 e->ppn - (0x80000000ull >> PAGE_SHIFT), e->asid,
                 e->level ? "  large" : "");
        else
            line(&half, INK_DIM, "%14s", "-");
    }
}

static void dram(struct lines *l)
{
    const struct ins_display *d = l->t->d;
    if (!d->nbanks) {
        words(l, INK_PLAIN, "The fast timing has no DRAM: --timing cycle.");
        return;
    }
    *l = list_of(l->t, l->a, PANE_DRAM, 1 + (int)d->nbanks);
    line(l, INK_DIM, "bank  row        hits   misses conflicts");
    for (unsigned i = 0; i < d->nbanks && i < INS_BANKS; i++) {
        const struct ins_bank *b = &d->bank[i];
        char row[16] = "closed";
        if (b->open)
            snprintf(row, sizeof row, "%#x", b->row);
        line(l, INK_PLAIN, "%4u  %-7s %8llu %8llu %9llu", i, row, b->hits,
             b->misses, b->conflicts);
    }
}

static void buddy(struct lines *l)
{
    const struct ins_display *d = l->t->d;
    char size[32];
    if (!d->buddy_known) {
        words(l, INK_PLAIN, "No kernel reports its free blocks.");
        return;
    }
    line(l, INK_DIM, "free blocks by their size");
    int rows = l->a.rows - 1 < 6 ? 6 : l->a.rows - 1, top = l->at;
    for (int i = 0; i < INS_ORDERS; i++) {
        struct lines part = *l;
        part.at = top + i % rows;
        part.a.column += i / rows * 23;
        part.a.columns = l->a.columns - i / rows * 23;
        if (part.a.columns < 20)
            break;
        size_text(size, (u64)PAGE_BYTES << i);
        line(&part, d->buddy[i] ? INK_PLAIN : INK_DIM, "%6s %8llu  %.*s", size,
             d->buddy[i], d->buddy[i] ? 1 : 0, "#");
    }
}

static void disks(struct lines *l)
{
    const struct ins_display *d = l->t->d;
    for (unsigned i = 0; i < d->ndisks && i < DISK_SLOTS; i++) {
        const struct disk_view *v = &d->disks[i];
        if (!v->present)
            continue;
        const struct disk_request *r = v->nrequests ? &v->request[0] : NULL;
        line(l, INK_BOLD, "disk %u: head at sector %llu of %llu", i,
             v->stats.head_sector, v->sectors);
        if (r)
            line(l, INK_PLAIN, "  %s at %llu, %llu bytes; %u in its queue",
                 inspect_request_word(r->type), r->sector, r->bytes, v->queued);
        else
            line(l, INK_PLAIN, "  nothing to do");
    }
    if (!l->at)
        words(l, INK_PLAIN, "This machine has no disk.");
}

static void belief(struct lines *l)
{
    const struct ins_belief *b = &l->t->d->belief;
    words(l, INK_DIM,
          b->lists ? "By its lists the kernel believes in use:"
                   : "By its marks the kernel believes in use:");
    line(l, INK_DIM, "%24s %12s", "truly used", "idle 32 ms");
    line(l, INK_PLAIN, "believed used %10llu %12llu", b->hot_used, b->hot_idle);
    line(l, INK_PLAIN, "believed idle %10llu %12llu", b->cold_used,
         b->cold_idle);
    words(l, INK_PLAIN,
          "used and believed idle: the pages that it would take wrongly");
    if (b->taken)
        line(l, INK_PLAIN, "%llu taken, %llu wanted again within 100 ms",
             b->taken, b->regretted);
}

static void counters(struct lines *l)
{
    const struct ins_display *d = l->t->d;
    int n = 0, across = l->a.columns / 28 < 1 ? 1 : l->a.columns / 28;
    int wide = l->a.columns / across;
    for (unsigned i = 0; i < C_COUNT; i++)
        n += d->counters[i] != 0;
    *l = list_of(l->t, l->a, PANE_COUNTERS, (n + across - 1) / across);
    for (unsigned i = 0, k = 0; i < C_COUNT; i++) {
        if (!d->counters[i])
            continue;
        struct lines part = *l;
        part.a.column += (int)k % across * wide;
        part.a.columns = wide - 2;
        line(&part, INK_PLAIN, "%-*.*s %9llu", wide - 12, wide - 12,
             ins_counters[i].name, d->counters[i]);
        l->at += (int)++k % across == 0;
    }
    if (!n)
        words(l, INK_PLAIN, "The kernel has counted nothing yet.");
}

static void policy(struct lines *l)
{
    const struct ins_display *d = l->t->d;
    int n = (int)(d->ntunables < INS_TUNABLES ? d->ntunables : INS_TUNABLES);
    *l = list_of(l->t, l->a, PANE_POLICY, n + 3);
    line(l, INK_BOLD, "%s: %s", d->policy[0] ? d->policy : "policy",
         d->policy_line[0] ? d->policy_line : "no kernel reports one");
    line(l, l->t->v->slider == 0 ? INK_REVERSE : INK_PLAIN,
         d->pace_limit > 0 ? "%-22s %10.4g of real time"
                           : "%-22s as fast as it goes",
         "pace", d->pace_limit);
    for (int i = 0; i < n; i++) {
        const struct ins_slider *s = &d->tunable[i];
        line(l, l->t->v->slider == i + 1 ? INK_REVERSE : INK_PLAIN,
             "%-22.22s %10lld %s (%lld to %lld)", s->name, s->value, s->unit,
             s->min, s->max);
    }
    line(l, INK_DIM, "Tab: the next one; arrows: less, more");
}

static void event_line(struct lines *l, const struct ins_event *e)
{
    char when[32], frame[24] = "";
    sim_time(when, l->t->d, e->cycle);
    if (e->pfn != LENS_NO_PFN)
        snprintf(frame, sizeof frame, "frame %u", e->pfn);
    line(l, INK_PLAIN, "%10s  %-13s %-12s %.10s (%u)", when,
         inspect_reason_word(e->reason), frame, proc_name(l->t->d, e->pid),
         e->pid);
}

/* The event at hand, and the entries that map its frame and a copy's source. */
static void event(struct lines *l)
{
    const struct ins_display *d = l->t->d;
    const struct ins_event *e =
        d->caption_pfn < d->nframes ? news_caption_event(d) : NULL;
    const struct ins_frame *f[] = {&d->selected, &d->source};
    if (!e) {
        words(l, INK_PLAIN, "No event of a frame is at hand.");
        return;
    }
    event_line(l, e);
    bool known[] = {d->selected_valid && f[0]->pfn == e->pfn,
                    d->source_valid && f[1]->pfn == e->source};
    for (unsigned i = 0; i < 2 && known[0]; i++)
        for (unsigned k = 0; known[i] && k < f[i]->nptes && k < INS_PTES_MAX;
             k++)
            if (f[i]->ptes[k].pid)
                line(l, INK_PLAIN, "%.16s (%u) 0x%llx -> frame %llu",
                     proc_name(d, f[i]->ptes[k].pid), f[i]->ptes[k].pid,
                     f[i]->ptes[k].va, f[i]->pfn);
}

static void events(struct lines *l)
{
    const struct ins_display *d = l->t->d;
    unsigned n = d->nevents < INS_LANE_MAX ? d->nevents : INS_LANE_MAX;
    *l = list_of(l->t, l->a, PANE_EVENTS, (int)n);
    for (unsigned i = 0; i < n && l->at < l->a.rows; i++)
        event_line(l, &d->events[i]);
    if (!n)
        words(l, INK_PLAIN, "Nothing has happened yet.");
}

void term_biography(struct term_draw *t, struct area a)
{
    const struct ins_display *d = t->d;
    unsigned n = d->nbiography < INS_BIOGRAPHY ? d->nbiography : INS_BIOGRAPHY;
    struct lines l = list_of(t, a, PANE_FRAME, (int)n + 2);
    if (!d->selected_valid) {
        words(&l, INK_PLAIN, "The arrow keys choose a frame.");
        return;
    }
    for (unsigned i = 0; i < n && l.at < a.rows; i++)
        event_line(&l, &d->biography[i]);
    if (!n)
        line(&l, INK_PLAIN, "nothing happened to it yet");
}

/* ---- the place for detail --------------------------------------------------
 */

static void (*const shows[PANES])(struct lines *l) = {
#define PANE(id, ...)
#define TAB(id, name, ...) [PANE_##id] = name,
#define console            NULL /* it is always there */
#include "panel/panes.def"
#undef console
};

void term_detail(struct term_draw *t, struct area a)
{
    int x = a.column, end = a.column + a.columns;
    if (a.rows < 2)
        return;
    for (enum pane_id id = TAB_FIRST; id < PANES && x < end; id++) {
        if (!shows[id])
            continue;
        char name[2] = {(char)panes[id].key, 0};
        if (id == t->v->tab)
            x = screen_putf(t->s, a.row, x, end - x, INK_REVERSE, " %s %s ",
                            name, panes[id].title);
        else
            x = screen_put(t->s, a.row, x, end - x, INK_DIM, name);
        x++;
    }
    struct lines l = {t, {a.row + 1, a.column, a.rows - 1, a.columns}, 0};
    if (t->v->tab < PANES && shows[t->v->tab])
        shows[t->v->tab](&l);
}
