/* SPDX-License-Identifier: MIT */
/* Draws the clicked slot of swap in the place of the frame pane: the page that
 * it holds, and the processes whose page tables name it. */
#include "panel/draw/draw.h"

u32 slot_chosen(const struct draw *g)
{
    const struct ins_display *d = g->d;
    bool frame = view_frame(g->v) != NO_FRAME || d->nlit;
    u64 i = inspect_slot_index(d, d->lit_slot);
    return frame || i >= d->nslots ? INS_NO_SLOT : d->lit_slot;
}

static const char *slot_sentence(const struct ins_display *d, u8 state)
{
    return state == SLOT_FREE || state == SLOT_BAD ? "no page lies there now"
           : !d->outs_known ? "waiting for the machine's answer: whose page"
           : !d->nouts ? "no page table names it: a page of shared memory, or "
                         "one that no process will use again"
           : d->nouts == 1
               ? phrase("the only copy of a page of %.16s (pid %u)",
                        proc_name(d, d->out[0].pid), d->out[0].pid)
               : phrase("the only copy of a page that %u page tables name",
                        d->nouts);
}

/* Draws a process whose page table names the slot, and the page's address; a
 * click lights up the process's frames. */
static void owner_row(struct draw *g, struct rect r, const struct ins_out *o)
{
    const char *va = phrase("0x%llx", o->va);
    int x =
        put_in(g, g->sans, r, g->t->dim, proc_text(g->d, o->pid)) + g->l.digit;
    if (x + font_width(g->mono, va) <= r.x + r.w)
        x = put_mono(g, x, r.y, g->t->ink, va);
    add_light(g, line_at(g, r.x, r.y, x - r.x), "pid %u", o->pid);
}

void draw_slot_page(struct draw *g, struct rect r)
{
    const struct ins_display *d = g->d;
    u8 state = d->slot[inspect_slot_index(d, d->lit_slot)] & 3;
    g->title.x = put_bold(g, g->title.x - g->l.digit, g->title.y, g->t->ink,
                          phrase("swap slot %s", grouped(d->lit_slot))) +
                 2 * g->l.digit;
    pane_about(g, "selected; Esc deselects");
    int y = put_lines(g, g->sans, r, g->t->ink, slot_sentence(d, state));
    add_word(
        g, rect(r.x, r.y, r.w, y - r.y), "slot",
        "a place on the swap disk for one page; its entry in a page table "
        "is not valid and has the slot's number in the place of a frame's");
    EACH(o, d->out, d->outs_known ? d->nouts : 0) {
        if (y + g->lh <= r.y + r.h)
            owner_row(g, line_at(g, r.x, y, r.w), o);
        y += g->lh;
    }
}
