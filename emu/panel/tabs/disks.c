/* SPDX-License-Identifier: MIT */
/* The disks: for each a line from its first sector to its last with the head
 * and the queued requests; the request in service in words; the queue, with the
 * frame that each request fills or empties. */
#include "panel/draw/draw.h"

#include <stdio.h>

enum { READ = 0, WRITE = 1, DISCARD = 11, ZEROES = 13 };
#define RAM_BASE 0x80000000ull

static u32 request_colour(const struct draw *g, const struct disk_request *r)
{
    return r->type == READ    ? g->t->data[0]
           : r->type == WRITE ? g->t->data[1]
                              : g->t->dim;
}

/* The verb for a request's sectors; NULL: the request concerns no sectors. */
static const char *verb_of(const struct disk_request *r)
{
    switch (r->type) {
    case READ:
        return "reads";
    case WRITE:
        return "writes";
    case DISCARD:
        return "gives up";
    case ZEROES:
        return "zeroes";
    default:
        return NULL;
    }
}

static unsigned requests_of(const struct disk_view *v)
{
    return v->nrequests < DISK_REQUESTS ? v->nrequests : DISK_REQUESTS;
}

/* The request in service; NULL: the disk is idle. */
static const struct disk_request *at_work(const struct disk_view *v)
{
    for (unsigned i = 0; i < requests_of(v); i++)
        if (!v->request[i].waits && verb_of(&v->request[i]))
            return &v->request[i];
    return NULL;
}

/* The head's sector: if a request is in service, that request's, to which the
 * head is moving; else the sector at which the head stands. */
static u64 head_of(const struct disk_view *v)
{
    const struct disk_request *r = at_work(v);
    return r && (r->type == READ || r->type == WRITE) ? r->sector
                                                      : v->stats.head_sector;
}

static bool request_frame(const struct draw *g, const struct disk_request *r,
                          u64 *pfn)
{
    *pfn = (r->pa - RAM_BASE) >> PAGE_SHIFT;
    return r->pa >= RAM_BASE && *pfn < g->d->nframes;
}

/* "reads sector 30,000 into frame 1127" */
static void request_text(const struct draw *g, const struct disk_request *r,
                         char *buf, size_t n)
{
    char sector[32], number[24];
    u64 pfn;
    const char *verb = verb_of(r);
    if (!verb) {
        snprintf(buf, n, "%s", inspect_request_word(r->type));
        return;
    }
    size_t at = append(buf, n, 0, "%s %llu KiB at sector %s", verb,
                       (r->bytes + 1023) / 1024, grouped(sector, r->sector));
    if (request_frame(g, r, &pfn))
        append(buf, n, at, ", %s frame %s", r->type == READ ? "into" : "from",
               frame_number(number, pfn));
}

/* ---- the line of sectors ------------------------------------------------- */

static int sector_x(struct rect s, const struct disk_view *v, u64 sector)
{
    double part = (double)sector / (double)(v->sectors ? v->sectors : 1);
    return s.x + (int)((part > 1 ? 1 : part) * (s.w - 1));
}

/* The head is a T that stands on the line. */
static void sectors(struct draw *g, struct rect r, unsigned slot,
                    const struct disk_view *v)
{
    const struct ins_block *block = &g->d->selected_block;
    int line = g->l.px / 8 ? g->l.px / 8 : 1, top = 2 * line * g->l.edge;
    struct rect s = {r.x, r.y + top, r.w, r.h - top};
    fb_fill(g->fb, s, g->t->page);
    for (unsigned i = 0; i < requests_of(v); i++) {
        const struct disk_request *q = &v->request[i];
        if (!verb_of(q))
            continue;
        int x = sector_x(s, v, q->sector);
        int w = sector_x(s, v, q->sector + q->bytes / 512) - x;
        fb_fill(g->fb, (struct rect){x, s.y, w > top ? w : top, s.h},
                request_colour(g, q));
    }
    int x = sector_x(s, v, head_of(v));
    x = x > s.x + s.w - line ? s.x + s.w - line : x;
    fb_fill(g->fb, (struct rect){x - top, r.y, 2 * top + line, top}, g->t->ink);
    fb_fill(g->fb, (struct rect){x, r.y, line, r.h}, g->t->ink);
    add_word(g, r, "disk",
             "from its first sector to its last: the head, and where it must "
             "go; blue is read, orange written, grey given up or zeroed");
    if (!block->known || block->disk != slot)
        return;
    int reach = g->l.digit;
    x = sector_x(s, v, block->sector);
    struct rect mark = {x - line, r.y, 2 * line + 1, r.h};
    fb_fill(g->fb, mark, g->t->accent);
    add_frame(g, (struct rect){x - reach, r.y, 2 * reach, r.h},
              g->d->selected.pfn);
}

/* The selected frame and its page's sector on this disk; false: it has none
 * there. */
static bool block_row(struct draw *g, struct rect r, unsigned slot)
{
    const struct ins_block *block = &g->d->selected_block;
    char text[96], n[32], number[24];
    if (!block->known || block->disk != slot || r.h < g->lh)
        return false;
    snprintf(text, sizeof text,
             in_cells(g) ? "sector %s: the page of frame %s"
                         : "sector %s holds the page of frame %s, too",
             grouped(n, block->sector),
             frame_number(number, g->d->selected.pfn));
    put_fit(g, g->sans, r.x + 2 * g->pad, r.y, r.w - 2 * g->pad, g->t->accent,
            text);
    add_frame(g, r, g->d->selected.pfn);
    return true;
}

/* ---- one disk ------------------------------------------------------------ */

static const char *file_of(const struct disk_view *v)
{
    const char *slash = v->file ? strrchr(v->file, '/') : NULL;
    return slash ? slash + 1 : v->file ? v->file : "in memory";
}

/* Name, file, head and queue; in a narrow pane the file's name is cut first. */
static void name_row(struct draw *g, struct rect r, unsigned slot,
                     const struct disk_view *v)
{
    char text[96], a[32];
    snprintf(text, sizeof text, "vd%c", 'a' + (int)(slot % 26));
    int x = put_bold(g, r.x, r.y, g->t->ink, text) + g->pad;
    int right = r.x + r.w;
    if (v->queued)
        snprintf(text, sizeof text, "%s in its queue", grouped(a, v->queued));
    else
        snprintf(text, sizeof text, "idle");
    int w = font_width(g->sans, text);
    if (right - w > x) {
        put_right(g, g->sans, right, r.y, v->queued ? g->t->accent : g->t->dim,
                  text);
        right -= w + g->pad;
    }
    snprintf(text, sizeof text, "head at sector %s", grouped(a, head_of(v)));
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
    char text[128], time[32], left[48];
    u64 pfn, now = g->d->cycle;
    sim_time(time, g->d, q->done_at > now ? q->done_at - now : 0);
    snprintf(left, sizeof left, q->waits ? "waits" : "%s to go", time);
    int w = font_width(g->sans, left), x = r.x + 2 * g->pad;
    int room = r.x + r.w - x - w - g->pad;
    request_text(g, q, text, sizeof text);
    if (room < 12 * g->l.digit ||
        (in_cells(g) && room < font_width(g->sans, text))) {
        room = r.x + r.w - x;
        w = 0;
    }
    put_clauses(g, g->sans, x, r.y, room,
                q->waits ? g->t->dim : request_colour(g, q), text);
    if (w)
        put_right(g, g->sans, r.x + r.w, r.y, g->t->dim, left);
    if (request_frame(g, q, &pfn))
        add_frame(g, r, pfn);
    else
        add_term(g, r, "queue");
}

/* ---- the whole ----------------------------------------------------------- */

static void disks_title(struct draw *g, struct rect *r, unsigned n)
{
    const struct ins_display *d = g->d;
    char text[128], a[32];
    u64 queued = 0;
    unsigned busy = 0, which = 0;
    for (unsigned i = 0; i < n; i++) {
        queued += d->disks[i].queued;
        if (at_work(&d->disks[i]) && !busy++)
            which = i;
    }
    int top = r->y;
    if (!busy)
        headline(g, r, 3, g->t->ink, "%s",
                 n == 1 ? "The disk is idle" : "All disks are idle");
    else {
        request_text(g, at_work(&d->disks[which]), text, sizeof text);
        headline(g, r, 3, g->t->ink, "vd%c %s; %s asked for in all",
                 'a' + (int)(which % 26), text, grouped(a, queued));
    }
    add_term(g, (struct rect){r->x, top, r->w, r->y - top}, "queue");
}

void draw_disks(struct draw *g, struct rect r)
{
    const struct ins_display *d = g->d;
    unsigned n = d->ndisks < DISK_SLOTS ? d->ndisks : DISK_SLOTS;
    if (!n) {
        headline(g, &r, 0, g->t->ink, "This machine has no disk");
        return;
    }
    unsigned want = 0;
    for (unsigned i = 0; i < n; i++)
        want +=
            2 + (requests_of(&d->disks[i]) < 3 ? requests_of(&d->disks[i]) : 3);
    struct draw big = larger(g, r, (int)want + 3, 56);
    g = &big;
    disks_title(g, &r, n);
    int each = 2 * g->lh, y = r.y, fit = r.h / each;
    n = (int)n > fit ? (unsigned)fit : n;
    int rows =
        (r.h - (int)n * each) / g->lh; /* left for requests, of all disks */
    for (unsigned i = 0; i < n; i++) {
        const struct disk_view *v = &d->disks[i];
        int share =
            rows / (int)(n - i); /* rows that one disk leaves go to the next */
        name_row(g, (struct rect){r.x, y, r.w, g->lh}, i, v);
        sectors(
            g,
            (struct rect){r.x, y + g->lh + g->pad / 4, r.w, g->lh - g->l.gap},
            i, v);
        y += each;
        if (share > 0 && block_row(g, (struct rect){r.x, y, r.w, g->lh}, i)) {
            y += g->lh;
            rows--;
            share--;
        }
        for (unsigned k = 0; k < requests_of(v) && share > 0; k++, share--) {
            request_row(g, (struct rect){r.x, y, r.w, g->lh}, &v->request[k]);
            y += g->lh;
            rows--;
        }
    }
}
