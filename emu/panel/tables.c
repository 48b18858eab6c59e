/* SPDX-License-Identifier: MIT */
/* The panes that are tables: the data TLB, and the processes. */
#include "panel/draw.h"

#include <stdio.h>

/* The virtual page number; of a large page the digits that it has, and behind
 * them, in another colour, its size (N: 64 KiB). 7 columns. */
static int put_vpn(struct draw *g, int x, int y, u32 ink,
                   const struct tlb_entry *e)
{
    static const char *const size[] = {"", "2M", "1G"};
    u64 vpn = e->vpn & 0x7ffffff;
    unsigned level = e->level < ARRAY_LEN(size) ? e->level : 0;
    const char *behind = e->napot ? "N" : size[level];
    unsigned shift = e->napot ? 4 : 9 * level;
    int digits = e->napot ? 6 : 7 - 2 * (int)level, end = x + 7 * g->cw;
    put(g, x, y, ink, "%0*llx", digits, (unsigned long long)(vpn >> shift));
    if (behind[0])
        put_right(g, end, y, g->t->accent, behind);
    return end + g->cw;
}

static void tlb_entry(struct draw *g, int x, int y, const struct tlb_entry *e)
{
    u64 base = 0x80000000ull >> PAGE_SHIFT;
    char perm[8], number[24];
    bool in_ram = e->ppn >= base && e->ppn - base < g->d->nframes;
    u64 pfn = in_ram ? e->ppn - base : 0;
    if (in_ram) {
        fb_fill(g->fb, (struct rect){x, y + 1, 4, g->ch - 3},
                kind_colour(g, g->d->kind[pfn], true));
        add_hit(g, (struct rect){x, y, 20 * g->cw, g->ch}, HIT_FRAME, pfn,
                NULL);
    } else
        add_word(g, (struct rect){x, y, 20 * g->cw, g->ch}, "dev",
                 "not RAM: registers of devices, which the kernel maps whole");
    snprintf(perm, sizeof perm, "%c%c%c", e->flags & PTE_R ? 'r' : '-',
             e->flags & PTE_W ? 'w' : '-', e->flags & PTE_X ? 'x' : '-');
    x += 5;
    u32 ink = e->flags & PTE_U ? g->t->ink : g->t->dim;
    char asid[8];
    snprintf(asid, sizeof asid, "%3x", e->asid);
    put_fit(g, x, y, 3, ink, asid);
    x = put_vpn(g, x + 4 * g->cw, y, ink, e);
    if (in_ram)
        x = put(g, x, y, ink, "%*s ", pfn_digits(g->d->nframes),
                frame_number(number, pfn));
    else /* no frame: a device's registers */
        x = put(g, x, y, g->t->dim, "%*s ", pfn_digits(g->d->nframes), "dev");
    put(g, x, y, ink, "%s", perm);
}

void draw_tlb_pane(struct draw *g, struct rect r)
{
    const struct ins_display *d = g->d;
    unsigned n = d->ndtlb < ARRAY_LEN(d->dtlb) ? d->ndtlb : ARRAY_LEN(d->dtlb);
    char about[96];
    int each = TLB_CHARS - 4 + pfn_digits(d->nframes);
    int columns = r.w >= (3 * each - 1) * g->cw ? 3 : 2;
    int rows = (r.h - g->ch - 5) / g->ch;
    int shown = columns * rows < (int)n ? columns * rows : (int)n;
    if (shown < (int)n)
        snprintf(about, sizeof about, "%d of %u valid: asid vpn pfn", shown, n);
    else
        snprintf(about, sizeof about, "%u valid: asid vpn pfn%s", n,
                 columns == 3 ? " rights, dim: kernel's" : " rights");
    struct rect in = pane_open(g, r, "DATA TLB", about);
    add_term(g, (struct rect){r.x, r.y, r.w, g->ch + 3}, "dtlb");
    static const char *const words[] = {"asid", "vpn", "pfn"};
    for (unsigned i = 0; i < ARRAY_LEN(words); i++)
        add_title_term(g, r, "DATA TLB", about, words[i], words[i]);
    int w = in.w / columns;
    for (int i = 0; i < shown; i++)
        tlb_entry(g, in.x + i / rows * w, in.y + i % rows * g->ch, &d->dtlb[i]);
    pane_close(g);
}

static const struct {
    char letter;
    const char *sentence;
} proc_states[] = {
    [PS_UNUSED] = {'-', "unused"},
    [PS_RUNNING] = {'R', "running: on the hart"},
    [PS_READY] = {'r', "ready: waits for the hart"},
    [PS_SLEEPING] = {'S', "sleeping: waits for something to happen"},
    [PS_DISK] = {'D', "waits for a disk"},
    [PS_STOPPED] = {'T', "stopped by a signal"},
    [PS_ZOMBIE] = {'Z', "zombie: ended, its parent has not asked yet"},
};

const char *proc_state_sentence(u32 state)
{
    return state < ARRAY_LEN(proc_states) ? proc_states[state].sentence
                                          : "unknown";
}

/* At most four columns. */
static void short_count(char *buf, size_t n, u64 v)
{
    if (v < 10000)
        snprintf(buf, n, "%llu", (unsigned long long)v);
    else if (v < 1000000)
        snprintf(buf, n, "%lluk", (unsigned long long)v / 1000);
    else
        snprintf(buf, n, "%lluM", (unsigned long long)v / 1000000 % 1000);
}

static void proc_row(struct draw *g, struct rect in, int y,
                     const struct ins_proc *p, int name_columns)
{
    char text[32];
    const char *sentence = NULL;
    char letter = '?';
    if (p->state < ARRAY_LEN(proc_states)) {
        letter = proc_states[p->state].letter;
        sentence = proc_states[p->state].sentence;
    }
    if (p->current)
        fb_fill(g->fb, (struct rect){in.x - 2, y, in.w + 4, g->ch}, g->t->band);
    int x = in.x + 5 * g->cw;
    snprintf(text, sizeof text, "%u", p->pid);
    put_right(g, x, y, g->t->dim, text);
    put_fit(g, x + g->cw, y, name_columns, g->t->ink, p->name);
    x += (name_columns + 2) * g->cw;
    x = put(g, x, y, letter == 'R' ? g->t->good : g->t->dim, "%c", letter);
    put_right(g, x += 5 * g->cw, y, g->t->ink,
              size_text(text, p->rss * PAGE_BYTES));
    put_right(g, x += 5 * g->cw, y, g->t->dim, size_text(text, p->vsize));
    short_count(text, sizeof text, p->min_flt);
    put_right(g, x += 5 * g->cw, y, g->t->ink, text);
    short_count(text, sizeof text, p->maj_flt);
    put_right(g, x += 5 * g->cw, y, g->t->ink, text);
    add_why(g, (struct rect){in.x, y, in.w, g->ch}, WHY_PROC + p->pid, p->name,
            sentence, (struct span){0});
}

void draw_procs_pane(struct draw *g, struct rect r)
{
    const struct ins_display *d = g->d;
    char about[48];
    snprintf(about, sizeof about, "%u", d->nprocs);
    struct rect in = pane_open(g, r, "PROCESSES", about);
    add_word(g, (struct rect){r.x, r.y, r.w, in.y + g->lh - r.y}, "processes",
             "programs and the kernel's own threads, by number (pid): where "
             "they are, their memory, their faults");
    int names = in.w / g->cw - 5 - 1 - 2 - 5 - 5 - 5 - 5;
    names = names > 16 ? 16 : names;
    int x = in.x + 5 * g->cw;
    put_right(g, x, in.y, g->t->dim, "pid");
    put(g, x + g->cw, in.y, g->t->dim, "name");
    x += (names + 3) * g->cw;
    static const char *const heads[] = {"rss", "size", "min", "maj"};
    static const u8 widths[] = {5, 5, 5, 5};
    static const char *const terms[] = {"rss", "vsize", "minor", "major"};
    for (unsigned i = 0; i < 4; i++) {
        put_right(g, x += widths[i] * g->cw, in.y, g->t->dim, heads[i]);
        add_term(g, (struct rect){x - 4 * g->cw, in.y, 4 * g->cw, g->ch},
                 terms[i]);
    }
    int y = in.y + g->lh;
    unsigned n = d->nprocs < INS_PROCS_MAX ? d->nprocs : INS_PROCS_MAX;
    for (unsigned i = 0; i < n; i++, y += g->lh) {
        if (y + 2 * g->lh > in.y + in.h + 1 && i + 1 < n) {
            put(g, in.x, y, g->t->dim, "+ %u more: info ps", n - i);
            break;
        }
        proc_row(g, in, y, &d->procs[i], names);
    }
    if (!n)
        put_fit(g, in.x, y, in.w / g->cw, g->t->dim, "no kernel tells of any");
    pane_close(g);
}
