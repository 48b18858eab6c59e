/* SPDX-License-Identifier: MIT */
/* The walk pane: the Sv39 walk that is being stepped, or the last one. The
 * address cut into its fields, then each step as the walker did it: address
 * of the PTE, its value and bits, where the read was served, what it cost. */
#include "panel/draw.h"

#include <stdio.h>

static const char *const where_word[SERVED_COUNT] = {
    [SERVED_NONE] = "",
    [SERVED_PWC] = "walk cache",
    [SERVED_L1] = "L1",
    [SERVED_L2] = "L2",
    [SERVED_DRAM_HIT] = "row hit",
    [SERVED_DRAM_CLOSED] = "row closed",
    [SERVED_DRAM_CONFLICT] = "row conflict",
    [SERVED_RAM] = "RAM",
};

static u32 field_colour(const struct draw *g, unsigned level)
{
    static const u8 index[] = {2, 0, 1}; /* level 0, 1, 2 */
    return g->t->data[index[level % 3]];
}

static int field(struct draw *g, int x, int y, u64 value, unsigned nbits,
                 u32 colour, const char *name)
{
    char text[16];
    for (unsigned i = 0; i < nbits; i++)
        text[i] = value >> (nbits - 1 - i) & 1 ? '1' : '0';
    text[nbits] = 0;
    int w = (int)nbits * g->cw;
    fb_fill(g->fb, (struct rect){x - 2, y, w + 4, g->ch}, g->t->pane);
    put(g, x, y, g->t->ink, "%s", text);
    fb_fill(g->fb, (struct rect){x - 2, y + g->ch - 1, w + 4, 2}, colour);
    put(g, x, y + g->lh, colour, "%s", name);
    return x + w + 2 * g->cw;
}

static void fields(struct draw *g, int x, int y, u64 va)
{
    char name[24];
    x += 2;
    for (int level = 2; level >= 0; level--) {
        u64 vpn = bits(va, 20 + 9 * (unsigned)level, 12 + 9 * (unsigned)level);
        snprintf(name, sizeof name, "VPN[%d]%4llu", level,
                 (unsigned long long)vpn);
        x = field(g, x, y, vpn, 9, field_colour(g, (unsigned)level), name);
    }
    snprintf(name, sizeof name, "offset 0x%03llx",
             (unsigned long long)(va & 0xfff));
    field(g, x, y, va & 0xfff, 12, g->t->dim, name);
}

static void cost(struct draw *g, int x, int right, int y,
                 const struct walk_step *s)
{
    char text[24];
    snprintf(text, sizeof text, "%u cy", s->cycles);
    put(g, x, y, s->where <= SERVED_L2 ? g->t->good : g->t->warn, "%s",
        s->where < SERVED_COUNT ? where_word[s->where] : "");
    put_right(g, right, y, g->t->ink, text);
    if (s->where < SERVED_COUNT)
        add_term(g, (struct rect){x, y, right - x, g->ch},
                 where_word[s->where]);
}

static void read_row(struct draw *g, struct rect in, int y,
                     const struct walk_step *s)
{
    u32 colour = field_colour(g, s->level);
    char text[8];
    u64 table = s->pte_pa >> PAGE_SHIFT, base = 0x80000000ull >> PAGE_SHIFT;
    if (table >= base && table - base < g->d->nframes)
        add_hit(g, (struct rect){in.x, y, in.w, g->ch}, HIT_FRAME, table - base,
                NULL);
    snprintf(text, sizeof text, "L%u", s->level);
    put_bold(g, in.x, y, colour, text);
    int x = put(g, in.x + 3 * g->cw, y, g->t->ink, "%08llx",
                (unsigned long long)(s->pte_pa & ~0xfffull));
    put(g, x, y, colour, "+%03llx", (unsigned long long)(s->pte_pa & 0xfff));
    x = put(g, in.x + 16 * g->cw, y, g->t->ink, "%012llx",
            (unsigned long long)s->pte);
    x = put_pte_flags(g, x + g->cw, y, s->pte);
    cost(g, x + g->cw, in.x + in.w, y, s);
}

static void ad_row(struct draw *g, struct rect in, int y,
                   const struct walk_step *s)
{
    add_word(g, (struct rect){in.x, y, in.w, g->ch}, "A/D",
             "the walker writes the PTE: A at its first use, D at its first "
             "store");
    put_bold(g, in.x, y, g->t->accent, "A/D");
    int x = put(g, in.x + 4 * g->cw, y, g->t->dim, "set in PTE");
    x = in.x + 16 * g->cw;
    x = put(g, x, y, g->t->ink, "%012llx", (unsigned long long)s->pte);
    x = put_pte_flags(g, x + g->cw, y, s->pte);
    cost(g, x + g->cw, in.x + in.w, y, s);
}

/* Why a PTE ended the walk: the manual's order (privileged 4.3.2). */
static const char *reason(const struct walk *w, const struct walk_step *last)
{
    u64 pte = last ? last->pte : 0;
    if (!sv39_canonical(w->va))
        return "bits 63..39 of the address differ from bit 38";
    if (w->cause == 1 || w->cause == 5 || w->cause == 7)
        return "the PTE itself could not be read";
    if (!last)
        return "before any PTE was read";
    if (!(pte & PTE_V))
        return "the PTE is not valid (V = 0)";
    if (!(pte & PTE_R) && pte & PTE_W)
        return "the PTE has W without R: reserved";
    if (pte & PTE_RESERVED)
        return "bits 60..54 of the PTE are reserved";
    if (!pte_upper_ok(pte, last->level, pte & (PTE_R | PTE_X), w->ctx.napot,
                      w->ctx.pbmt))
        return pte & PTE_N ? "N (Svnapot) where or as it may not be"
                           : "a memory type (Svpbmt) that may not be";
    if (!(pte & (PTE_R | PTE_X)))
        return last->level ? "a pointer with reserved bits set"
                           : "the last level must be a leaf";
    if (pte & PTE_U && w->ctx.priv == 1 &&
        (w->access == ACC_FETCH || !w->ctx.sum))
        return "a user page, touched by the kernel without SUM";
    if (!(pte & PTE_U) && w->ctx.priv == 0)
        return "a kernel page, touched by a program (U = 0)";
    if (w->access == ACC_FETCH && !(pte & PTE_X))
        return "not executable (X = 0)";
    if (w->access == ACC_STORE && !(pte & PTE_W))
        return "not writable (W = 0)";
    if (w->access == ACC_LOAD && !(pte & PTE_R))
        return "not readable (R = 0)";
    if (last->level && PTE_PPN(pte) & ((1ull << 9 * last->level) - 1))
        return "a misaligned large page";
    return "A or D is 0, and software is to set it";
}

static const char *cause_word(u32 cause)
{
    switch (cause) {
    case 1:
        return "instruction access fault";
    case 5:
        return "load access fault";
    case 7:
        return "store access fault";
    case 12:
        return "instruction page fault";
    case 13:
        return "load page fault";
    case 15:
        return "store page fault";
    default:
        return "fault";
    }
}

/* How it ended. A walk that was used up is idle, but its steps are there. */
enum outcome { GOING, FILLED, FAULTED };
static enum outcome outcome(const struct walk *w, const struct walk_step *last)
{
    if (w->phase == WALK_FAULTED || (last && last->kind == STEP_FAULT))
        return FAULTED;
    if (w->phase == WALK_FILLED || (last && last->kind == STEP_DONE) ||
        (w->phase == WALK_IDLE && last && last->kind == STEP_SET_AD))
        return FILLED;
    return GOING;
}

static void verdict(struct draw *g, struct rect in, int y, const struct walk *w,
                    const struct walk_step *last, const struct walk_step *read)
{
    int x = in.x;
    add_term(g, (struct rect){in.x, y, in.w, g->ch},
             outcome(w, last) == FILLED ? "tlb" : "walk");
    switch (outcome(w, last)) {
    case FAULTED:
        x = put_bold(g, x, y, g->t->bad, cause_word(w->cause)) + g->cw;
        put_fit(g, x, y, (in.x + in.w - x) / g->cw, g->t->ink, reason(w, read));
        break;
    case FILLED: {
        const struct tlb_entry *e = &w->filled;
        u64 pa = tlb_pa(e, w->va);
        char text[32];
        snprintf(text, sizeof text, "PA 0x%08llx", (unsigned long long)pa);
        x = put_bold(g, x, y, g->t->good, text) + 2 * g->cw;
        put(g, x, y, g->t->dim, "into the TLB: %s page, %u cycles in all",
            e->napot        ? "64 KiB"
            : e->level == 0 ? "4 KiB"
            : e->level == 1 ? "2 MiB"
                            : "1 GiB",
            w->cycles);
        break;
    }
    default:
        if (g->d->walk_live)
            add_hit(g, (struct rect){in.x, y, in.w, g->ch}, HIT_STEP, 0, NULL);
        put(g, x, y, g->t->accent, "%s",
            g->d->walk_live
                ? "stopped inside the walk: w, or a click here: the next step"
                : "a walk under way");
    }
}

enum { STEP_ROWS = 4 };

static void steps(struct draw *g, struct rect in, int y, const struct walk *w)
{
    const struct walk_step *last = NULL, *read = NULL;
    int rows = 0;
    unsigned n = w->nsteps < WALK_STEPS_MAX ? w->nsteps : WALK_STEPS_MAX;
    /* An A/D update that lost a race reads again: the latest rows count. */
    for (unsigned i = n > STEP_ROWS ? n - STEP_ROWS : 0; i < n; i++) {
        last = &w->steps[i];
        if (last->kind == STEP_SET_AD) {
            ad_row(g, in, y + rows++ * g->lh, last);
        } else if (last->pte_pa) {
            read = last;
            read_row(g, in, y + rows++ * g->lh, last);
        }
    }
    bool going = w->phase == WALK_ARMED || w->phase == WALK_RUNNING;
    if (going && rows < STEP_ROWS) {
        int at = y + rows * g->lh;
        fb_fill(g->fb, (struct rect){in.x - 2, at - 1, in.w + 4, g->lh},
                g->t->band);
        if (w->set_ad)
            put(g, in.x, at, g->t->accent, "next: set A/D in the PTE");
        else
            put(g, in.x, at, g->t->accent,
                "next: read level %u of table 0x%llx", w->level,
                (unsigned long long)w->table);
        if (g->d->walk_live)
            add_hit(g, (struct rect){in.x, at, in.w, g->lh}, HIT_STEP, 0, NULL);
        else
            add_term(g, (struct rect){in.x, at, in.w, g->lh}, "walk");
    }
    verdict(g, in, y + STEP_ROWS * g->lh, w, last, read);
}

void draw_walk_pane(struct draw *g, struct rect r)
{
    static const char *const access[] = {"fetch", "load", "store"};
    const struct walk *w = &g->d->walk;
    bool any = w->phase != WALK_IDLE || w->nsteps;
    struct rect in = pane_open(g, r, "SV39 WALK",
                               !any              ? "none yet"
                               : g->d->walk_live ? "now, in the hart"
                                                 : "the last one");
    add_term(g, (struct rect){r.x, r.y, r.w, g->ch + 3}, "walk");
    static const char step[] = "w: step";
    int at = put_right(g, r.x + r.w - 4, r.y + 2, g->t->accent, step);
    add_hit(g,
            (struct rect){at - g->cw, r.y, r.x + r.w - at + g->cw, g->ch + 3},
            HIT_STEP, 0, NULL);
    add_term(g, (struct rect){in.x, in.y + g->lh, in.w, 2 * g->lh}, "vpn");
    if (!any) {
        put_fit(g, in.x, in.y, in.w / g->cw, g->t->dim,
                "w, or a click here: stop before the next page walk.");
        add_hit(g, (struct rect){in.x, in.y, in.w, g->lh}, HIT_STEP, 0, NULL);
        pane_close(g);
        return;
    }
    u64 satp = w->ctx.satp;
    int x = put(g, in.x, in.y, g->t->dim, "va ");
    x = put(g, x, in.y, g->t->ink, "0x%llx", (unsigned long long)w->va);
    int va_end = x;
    x = put(g, x, in.y, g->t->dim, "  %s  ",
            w->access < 3 ? access[w->access] : "?");
    int satp_at = x;
    x = put(g, x, in.y, g->t->dim, "satp ");
    x = put(g, x, in.y, g->t->ink, "0x%llx",
            (unsigned long long)(satp & 0xfffffffffffull) << 12);
    int asid_at = x;
    x = put(g, x, in.y, g->t->dim, " asid ");
    x = put(g, x, in.y, g->t->ink, "%llu",
            (unsigned long long)(satp >> 44 & 0xffff));
    add_term(g, (struct rect){in.x, in.y, va_end - in.x, g->lh}, "va");
    add_word(g, (struct rect){va_end, in.y, satp_at - va_end, g->lh}, "access",
             "what the hart wanted of the address: fetch an instruction, load, "
             "or store");
    add_term(g, (struct rect){satp_at, in.y, asid_at - satp_at, g->lh}, "satp");
    add_term(g, (struct rect){asid_at, in.y, x - asid_at, g->lh}, "asid");
    fields(g, in.x, in.y + g->lh + 1, w->va);
    steps(g, in, in.y + 3 * g->lh + 3, w);
    pane_close(g);
}
