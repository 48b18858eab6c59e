/* SPDX-License-Identifier: MIT */
/* Draws the disks. Each has a line from its first sector to its last with the
 * head and the queued requests; then, in words, the request in service and the
 * queue, with the frame that each request reads into or writes from. */
#include "inspect/words.h"
#include "panel/draw/draw.h"

enum { READ = 0, WRITE = 1, DISCARD = 11, ZEROES = 13 };

static u32 request_colour(const struct draw *g, const struct disk_request *r)
{
    return r->type == READ    ? g->t->data[0]
           : r->type == WRITE ? g->t->data[1]
                              : g->t->dim;
}

/* Returns the verb for a request's sectors; NULL: it concerns no sectors. */
static const char *verb_of(const struct disk_request *r)
{
    return r->type == READ      ? "reads"
           : r->type == WRITE   ? "writes"
           : r->type == DISCARD ? "gives up"
           : r->type == ZEROES  ? "zeroes"
                                : NULL;
}

/* Returns the request for sectors that is in service; NULL: there is none. */
static const struct disk_request *at_work(const struct disk_view *v)
{
    EACH(r, v->request, v->nrequests)
        if (!r->waits && verb_of(r))
            return r;
    return NULL;
}

/* Returns the sector at which to draw the head: that of the read or write in
 * service, to which the head moves; else the sector where the head stands. */
static u64 head_of(const struct disk_view *v)
{
    const struct disk_request *r = at_work(v);
    return r && (r->type == READ || r->type == WRITE) ? r->sector
                                                      : v->stats.head_sector;
}

/* Returns "reads 4 KiB at sector 30,000, into frame 1127". */
static const char *request_text(const struct draw *g,
                                const struct disk_request *r)
{
    s64 pfn = ram_frame(g->d, r->pa);
    const char *verb = verb_of(r), *frame = "";
    if (!verb)
        return inspect_request_word(r->type);
    if (pfn != NO_FRAME)
        frame =
            phrase(", %s frame %lld", r->type == READ ? "into" : "from", pfn);
    return phrase("%s %llu KiB at sector %s%s", verb, (r->bytes + 1023) / 1024,
                  grouped(r->sector), frame);
}

/* ---- the line of sectors ------------------------------------------------- */

static int sector_x(struct rect s, const struct disk_view *v, u64 sector)
{
    double part = (double)sector / (double)(v->sectors ? v->sectors : 1);
    return s.x + (int)((part > 1 ? 1 : part) * (s.w - 1));
}

/* Draws the line of sectors, on which the head stands as a T. */
static void sectors(struct draw *g, struct rect r, unsigned slot,
                    const struct disk_view *v)
{
    const struct ins_block *block = &g->d->selected_block;
    int line = g->l.line, top = 2 * line * g->l.edge;
    struct rect s = {r.x, r.y + top, r.w, r.h - top};
    fb_fill(g->fb, s, g->t->page);
    EACH(q, v->request, v->nrequests) {
        if (!verb_of(q))
            continue;
        int x = sector_x(s, v, q->sector);
        int w = sector_x(s, v, q->sector + q->bytes / 512) - x;
        fill(g, x, s.y, w > top ? w : top, s.h, request_colour(g, q));
    }
    int x = sector_x(s, v, head_of(v));
    x = x > s.x + s.w - line ? s.x + s.w - line : x;
    fill(g, x - top, r.y, 2 * top + line, top, g->t->ink);
    fill(g, x, r.y, line, r.h, g->t->ink);
    add_word(g, r, "disk",
             "from its first sector to its last: the head, and where it must "
             "go; blue is read, orange written, grey given up or zeroed");
    if (!block->known || block->disk != slot)
        return;
    int reach = g->l.digit;
    x = sector_x(s, v, block->sector);
    struct rect mark = {x - line, r.y, 2 * line + 1, r.h};
    fb_fill(g->fb, mark, g->t->accent);
    add_frame(g, rect(x - reach, r.y, 2 * reach, r.h), g->d->selected.pfn);
}

/* Shows which sector of this disk holds the selected frame's page. False:
 * there is none, or no room. */
static bool block_row(struct draw *g, struct rect r, unsigned slot)
{
    const struct ins_block *block = &g->d->selected_block;
    if (!block->known || block->disk != slot || r.h < g->lh)
        return false;
    put_fit(g, g->sans, r.x + 2 * g->pad, r.y, r.w - 2 * g->pad, g->t->accent,
            phrase(in_cells(g) ? "sector %s: the page of frame %s"
                               : "sector %s holds the page of frame %s, too",
                   grouped(block->sector), frame_number(g->d->selected.pfn)));
    add_frame(g, r, g->d->selected.pfn);
    return true;
}

/* ---- one disk ------------------------------------------------------------ */

static const char *file_of(const struct disk_view *v)
{
    const char *slash = v->file ? strrchr(v->file, '/') : NULL;
    return slash ? slash + 1 : v->file ? v->file : "in memory";
}

/* Writes name, file, head and queue; in a narrow pane the file is cut first. */
static void name_row(struct draw *g, struct rect r, unsigned slot,
                     const struct disk_view *v)
{
    int x = put_bold(g, r.x, r.y, g->t->ink, disk_name(slot)) + g->pad;
    int right = r.x + r.w;
    const char *text =
        v->queued ? phrase("%s in its queue", grouped(v->queued)) : "idle";
    int w = font_width(g->sans, text);
    if (right - w > x) {
        put_right(g, g->sans, right, r.y, v->queued ? g->t->accent : g->t->dim,
                  text);
        right -= w + g->pad;
    }
    text = phrase("head at sector %s", grouped(head_of(v)));
    w = font_width(g->sans, text);
    if (right - w > x + 8 * g->l.digit) {
        put_right(g, g->sans, right, r.y, g->t->dim, text);
        right -= w + g->pad;
    }
    put_fit(g, g->sans, x, r.y, right - x, g->t->dim, file_of(v));
    add_term(g, r, "queue");
}

static void request_row(struct draw *g, struct rect r,
                        const struct disk_request *q)
{
    u64 now = g->d->cycle, end = q->done_at > now ? q->done_at : now;
    const char *text = request_text(g, q);
    const char *left =
        q->waits ? "waits" : phrase("%s to go", sim_time(g->d, end - now));
    int w = font_width(g->sans, left), x = r.x + 2 * g->pad;
    int room = r.x + r.w - x - w - g->pad;
    if (room < 12 * g->l.digit ||
        (in_cells(g) && room < font_width(g->sans, text))) {
        room = r.x + r.w - x;
        w = 0;
    }
    put_clauses(g, g->sans, x, r.y, room,
                q->waits ? g->t->dim : request_colour(g, q), text);
    if (w)
        put_right(g, g->sans, r.x + r.w, r.y, g->t->dim, left);
    add_pa(g, r, q->pa, "queue");
}

/* ---- the whole ----------------------------------------------------------- */

static void disks_title(struct draw *g, struct rect *r, unsigned n)
{
    const struct ins_display *d = g->d;
    const char *text = n == 1 ? "The disk is idle" : "All disks are idle";
    u64 queued = 0;
    unsigned busy = 0, which = 0;
    for (unsigned i = 0; i < n; i++) {
        queued += d->disks[i].queued;
        if (at_work(&d->disks[i]) && !busy++)
            which = i;
    }
    if (busy)
        text =
            phrase("%s %s; %s asked for in all", disk_name(which),
                   request_text(g, at_work(&d->disks[which])), grouped(queued));
    else if (queued)
        text = "Requests wait; no disk is at work yet";
    add_term(g, headline_say(g, r, 3, g->t->ink, text), "queue");
}

void draw_disks(struct draw *g, struct rect r)
{
    const struct ins_display *d = g->d;
    unsigned n = d->ndisks < DISK_SLOTS ? d->ndisks : DISK_SLOTS;
    if (!n) {
        tab_empty(g, r, "This machine has no disk", "");
        return;
    }
    unsigned want = 0;
    for (unsigned i = 0; i < n; i++)
        want += 2 + (d->disks[i].nrequests < 3 ? d->disks[i].nrequests : 3);
    struct draw big = larger(g, r, (int)want + 3, 56);
    g = &big;
    disks_title(g, &r, n);
    int fit = r.h / (2 * g->lh);
    n = (int)n > fit ? (unsigned)fit : n;
    /* Lines for requests; a disk leaves those it does not need to the next. */
    int rows = r.h / g->lh - 2 * (int)n;
    for (unsigned i = 0; i < n; i++) {
        const struct disk_view *v = &d->disks[i];
        int share = rows / (int)(n - i);
        name_row(g, rect_take(&r, g->lh), i, v);
        struct rect line = rect_take(&r, g->lh);
        line.y += g->pad / 4;
        line.h -= g->l.gap;
        sectors(g, line, i, v);
        if (share > 0 && block_row(g, line_at(g, r.x, r.y, r.w), i)) {
            rect_take(&r, g->lh);
            share--;
            rows--;
        }
        EACH(q, v->request, v->nrequests)
            if (share > 0) {
                request_row(g, rect_take(&r, g->lh), q);
                share--;
                rows--;
            }
    }
}
