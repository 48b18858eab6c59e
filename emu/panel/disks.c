/* SPDX-License-Identifier: MIT */
/* The disks' queues: for each disk where its head stands and what it has been
 * asked for, on a line from its first sector to its last; the oldest requests
 * in words, with the frame that each fills or empties and the time left. */
#include "panel/draw.h"

#include <stdio.h>

enum { READ = 0, WRITE = 1, DISCARD = 11, ZEROES = 13 };

static u32 request_colour(const struct draw *g, const struct disk_request *r)
{
    return r->type == READ    ? g->t->data[0]
           : r->type == WRITE ? g->t->data[1]
                              : g->t->dim;
}

/* What a request that concerns sectors begins with; 0: it concerns none. */
static char letter_of(const struct disk_request *r)
{
    switch (r->type) {
    case READ:
        return 'R';
    case WRITE:
        return 'W';
    case DISCARD:
        return 'D';
    case ZEROES:
        return 'Z';
    default:
        return 0;
    }
}

static const char *base_name(const char *file)
{
    const char *slash = strrchr(file, '/');
    return slash ? slash + 1 : file;
}

/* A request in service: the head is on its way there. */
static u64 head_of(const struct disk_view *v)
{
    for (unsigned i = 0; i < v->nrequests && i < DISK_REQUESTS; i++)
        if (!v->request[i].waits &&
            (v->request[i].type == READ || v->request[i].type == WRITE))
            return v->request[i].sector;
    return v->stats.head_sector;
}

static int sector_x(struct rect s, const struct disk_view *v, u64 sector)
{
    double part = (double)sector / (double)(v->sectors ? v->sectors : 1);
    return s.x + (int)((part > 1 ? 1 : part) * (s.w - 1));
}

static void strip(struct draw *g, struct rect s, const struct disk_view *v)
{
    fb_fill(g->fb, s, g->t->band);
    for (unsigned i = 0; i < v->nrequests && i < DISK_REQUESTS; i++) {
        const struct disk_request *r = &v->request[i];
        if (!letter_of(r))
            continue;
        int x = sector_x(s, v, r->sector);
        int end = sector_x(s, v, r->sector + r->bytes / 512);
        fb_fill(g->fb,
                (struct rect){x, s.y + 1, end - x > 2 ? end - x : 2, s.h - 2},
                request_colour(g, r));
    }
    int x = sector_x(s, v, head_of(v)); /* the head: a T over the line */
    fb_fill(g->fb, (struct rect){x - 2, s.y - 2, 6, 2}, g->t->ink);
    fb_fill(g->fb, (struct rect){x, s.y, 2, s.h}, g->t->ink);
    add_word(
        g, (struct rect){s.x, s.y - 2, s.w, s.h + 4}, "disk",
        "from its first sector to its last: the head, and where it must "
        "go; blue reads (R), orange writes (W), grey sectors to be zeroed (Z) "
        "or given up (D: discard)");
}

static void head_row(struct draw *g, struct rect in, int y, unsigned slot,
                     const struct disk_view *v)
{
    char text[64];
    if (v->queued)
        snprintf(text, sizeof text, "%u queued", v->queued);
    else
        snprintf(text, sizeof text, "idle");
    int right = put_right(g, in.x + in.w, y,
                          v->queued ? g->t->accent : g->t->dim, text);
    int x = put(g, in.x, y, g->t->ink, "vd%c ", 'a' + (int)(slot % 26));
    snprintf(text, sizeof text, "head %llu", (unsigned long long)head_of(v));
    int left = (right - x) / g->cw - 1;
    const char *file = v->file ? base_name(v->file) : "in memory";
    int n = text_columns(text) + 1;
    if (left > n + 4) {
        put_right(g, right - g->cw, y, g->t->dim, text);
        left -= n;
    }
    put_fit(g, x, y, left, g->t->dim, file);
    add_term(g, (struct rect){in.x, y, in.w, g->lh}, "queue");
}

static void request_row(struct draw *g, struct rect in, int y,
                        const struct disk_request *r)
{
    char text[40];
    u64 now = g->d->cycle, base = 0x80000000;
    u32 colour = request_colour(g, r);
    if (letter_of(r)) {
        put(g, in.x + g->cw, y, colour, "%c", letter_of(r));
        snprintf(text, sizeof text, "%llu", (unsigned long long)r->sector);
        put_fit(g, in.x + 3 * g->cw, y, 10, g->t->ink, text);
        snprintf(text, sizeof text, "+%llu",
                 (unsigned long long)(r->bytes / 512));
        put_fit(g, in.x + 13 * g->cw, y, 5, g->t->dim, text);
    } else
        put_fit(g, in.x + g->cw, y, 10, colour, inspect_request_word(r->type));
    u64 pfn = (r->pa - base) >> PAGE_SHIFT;
    if (r->pa >= base && pfn < g->d->nframes) {
        char number[24];
        snprintf(text, sizeof text, "%c%s", r->type == READ ? '>' : '<',
                 frame_number(number, pfn));
        put_fit(g, in.x + 18 * g->cw, y, 8, g->t->ink, text);
        add_hit(g, (struct rect){in.x, y, in.w, g->lh}, HIT_FRAME, pfn, NULL);
    }
    sim_time(text, g->d, r->done_at > now ? r->done_at - now : 0);
    if (text_columns(text) <= in.w / g->cw - 26)
        put_right(g, in.x + in.w, y, g->t->dim, text);
}

void draw_disks_pane(struct draw *g, struct rect r)
{
    const struct ins_display *d = g->d;
    unsigned n = d->ndisks < DISK_SLOTS ? d->ndisks : DISK_SLOTS, shown = 0;
    char about[64];
    snprintf(about, sizeof about, n ? "sector, frame, time left" : "none");
    struct rect in = pane_open(g, r, "DISKS", about);
    add_term(g, (struct rect){r.x, r.y, r.w, g->ch + 3}, "queue");
    int head = g->lh + g->ch / 2 + 3, bottom = in.y + in.h;
    int fit = in.h / head;
    n = (int)n > fit ? (unsigned)fit : n;
    int rows = (in.h - (int)n * head) / g->lh; /* requests, all disks */
    for (int y = in.y; shown < n; shown++) {
        const struct disk_view *v = &d->disks[shown];
        head_row(g, in, y, shown, v);
        strip(g, (struct rect){in.x, y + g->lh + 2, in.w, g->ch / 2 - 1}, v);
        y += head;
        for (unsigned i = 0; i < v->nrequests && i < DISK_REQUESTS &&
                             rows > 0 && y + g->lh <= bottom + 1;
             i++, rows--, y += g->lh)
            request_row(g, in, y, &v->request[i]);
    }
    pane_close(g);
}
