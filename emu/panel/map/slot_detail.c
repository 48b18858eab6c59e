/* SPDX-License-Identifier: MIT */
/* The clicked slot of swap, in the place of the frame pane: the page that it
 * holds, and the processes whose page tables name it. */
#include "panel/draw/draw.h"

#include <stdio.h>

u32 slot_chosen(const struct draw *g)
{
    const struct ins_display *d = g->d;
    bool frame = view_frame(g->v) != NO_FRAME || d->nlit;
    u64 i = inspect_slot_index(d, d->lit_slot);
    return frame || i >= d->nslots ? INS_NO_SLOT : d->lit_slot;
}

static void slot_sentence(const struct ins_display *d, u8 state, char *buf,
                          size_t n)
{
    if (state == SLOT_FREE || state == SLOT_BAD)
        snprintf(buf, n, "no page lies there now");
    else if (!d->outs_known)
        snprintf(buf, n, "waiting for the machine's answer: whose page");
    else if (!d->nouts)
        snprintf(
            buf, n,
            "no page table names it: a page of shared memory, or one that no "
            "process will use again");
    else if (d->nouts == 1)
        snprintf(buf, n, "the only copy of a page of %.16s (pid %u)",
                 proc_name(d, d->out[0].pid), d->out[0].pid);
    else
        snprintf(buf, n, "the only copy of a page that %u page tables name",
                 d->nouts);
}

/* A process whose page table names the slot, and the page's address; a click
 * lights up the process's frames. */
static void owner_row(struct draw *g, struct rect r, const struct ins_out *o)
{
    char who[40], va[32];
    snprintf(who, sizeof who, "%.16s (%u)", proc_name(g->d, o->pid), o->pid);
    snprintf(va, sizeof va, "0x%llx", o->va);
    int x = put_fit(g, g->sans, r.x, r.y, r.w, g->t->dim, who) + g->l.digit;
    if (x + font_width(g->mono, va) <= r.x + r.w)
        x = put_mono(g, x, r.y, g->t->ink, va);
    add_light(g, (struct rect){r.x, r.y, x - r.x, g->lh}, "pid %u", o->pid);
}

void draw_slot_page(struct draw *g, struct rect r)
{
    const struct ins_display *d = g->d;
    char text[128], n[32];
    u8 state = d->slot[inspect_slot_index(d, d->lit_slot)] & 3;
    snprintf(text, sizeof text, "swap slot %s", grouped(n, d->lit_slot));
    g->title.x =
        put_bold(g, g->title.x - g->l.digit, g->title.y, g->t->ink, text) +
        2 * g->l.digit;
    pane_about(g, "selected; Esc deselects");
    slot_sentence(d, state, text, sizeof text);
    int y = put_lines(g, g->sans, r, g->t->ink, text);
    add_word(
        g, (struct rect){r.x, r.y, r.w, y - r.y}, "slot",
        "a place on the swap disk for one page; its entry in a page table "
        "is not valid and has the slot's number in the place of a frame's");
    unsigned rows = d->nouts < INS_OUTS ? d->nouts : INS_OUTS;
    for (unsigned i = 0; d->outs_known && i < rows; i++, y += g->lh)
        if (y + g->lh <= r.y + r.h)
            owner_row(g, (struct rect){r.x, y, r.w, g->lh}, &d->out[i]);
}
