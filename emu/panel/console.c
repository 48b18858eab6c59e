/* SPDX-License-Identifier: MIT */
/* The guest's screen, and the bars above and below everything: status and
 * caption. */
#include "panel/draw.h"

#include <stdio.h>

void draw_console_pane(struct draw *g, struct rect r)
{
    const struct ins_display *d = g->d;
    bool typing = g->v->console;
    int rows = (r.h - g->ch - 7) / g->ch, first = 0;
    char about[80];
    rows = rows < INS_CONSOLE_ROWS ? rows : INS_CONSOLE_ROWS;
    if ((int)d->cursor_row >= rows) /* around its cursor */
        first = (int)d->cursor_row + 1 - rows;
    if (first + rows > INS_CONSOLE_ROWS)
        first = INS_CONSOLE_ROWS - rows;
    int len = snprintf(about, sizeof about, "%s",
                       typing ? "keys go to the guest; Esc or F10 returns"
                              : "c: type here");
    if (rows < INS_CONSOLE_ROWS)
        snprintf(about + len, sizeof about - (size_t)len, "  lines %d-%d of %d",
                 first + 1, first + rows, INS_CONSOLE_ROWS);
    struct rect in = pane_open(g, r, "CONSOLE", about);
    add_term(g, (struct rect){r.x, r.y, r.w, g->ch + 3}, "console");
    struct rect screen = {r.x, in.y - 2, r.w, r.y + r.h - in.y + 2};
    fb_fill(g->fb, screen, g->t->pane);
    int x = r.x + 3, y = in.y - 1;
    for (int row = 0; row < rows; row++) {
        char line[INS_CONSOLE_COLS + 1];
        memcpy(line, d->console[first + row], sizeof line);
        line[INS_CONSOLE_COLS] = 0;
        put(g, x, y + row * g->ch, g->t->ink, "%s", line);
    }
    if (d->cursor_row < INS_CONSOLE_ROWS && d->cursor_col < INS_CONSOLE_COLS) {
        struct rect block = {x + (int)d->cursor_col * g->cw,
                             y + ((int)d->cursor_row - first) * g->ch, g->cw,
                             g->ch};
        if (typing)
            fb_shade(g->fb, block, g->t->accent, 200);
        else
            fb_frame(g->fb, block, g->t->dim);
    }
    if (typing) {
        fb_frame(g->fb, r, g->t->accent);
        fb_fill(g->fb, (struct rect){r.x, r.y, r.w, 2}, g->t->accent);
    }
    pane_close(g);
}

/* One "label value" of the status bar, if it still fits before `right`. */
static int segment(struct draw *g, int x, int right, int y, const char *label,
                   const char *value)
{
    int n = text_columns(label) + text_columns(value) + (label[0] ? 1 : 0);
    if (x + n * g->cw > right)
        return x;
    if (label[0])
        x = put(g, x, y, g->t->dim, "%s ", label);
    x = put(g, x, y, g->t->ink, "%s", value);
    add_term(g, (struct rect){x - n * g->cw, y, n * g->cw, g->ch},
             label[0] ? label : "mips");
    return x + 2 * g->cw;
}

/* What the machine was told to stop at, lane by lane. */
static void stops_text(const struct ins_display *d, char *buf, size_t n)
{
    size_t len = 0;
    buf[0] = 0;
    for (int i = 0; i < LANES && len + 12 < n; i++)
        if (lane_stops(d, i))
            len += (size_t)snprintf(buf + len, n - len, "%s%s", len ? ", " : "",
                                    lane_name(i));
    /* What the monitor caught besides: a few by their words. */
    u64 rest = d->catching;
    for (int i = 0; i < LANES; i++)
        for (unsigned k = 0; lane_stops(d, i) && k < LANE_WORDS; k++)
            if (lane_catches(i)[k])
                rest &= ~inspect_reason_mask(lane_catches(i)[k]);
    for (unsigned r = 0, more = 0; r < R_COUNT && len + 24 < n; r++)
        if (rest >> r & 1) {
            bool enough = more++ == 2;
            len += (size_t)snprintf(buf + len, n - len, "%s%s", len ? ", " : "",
                                    enough ? "…" : ins_reasons[r].word);
            if (enough)
                break;
        }
}

static void pace_text(const struct ins_display *d, char *buf, size_t n)
{
    if (d->pace_limit > 0)
        snprintf(buf, n, "%.3gx of %.3gx", d->pace_now, d->pace_limit);
    else
        snprintf(buf, n, "%.3gx of max", d->pace_now);
}

/* Left of `right`; returns what is left of it then. */
static int sysrq_button(struct draw *g, struct rect r, int right, int y)
{
    static const char text[] = "SysRq m";
    int w = (text_columns(text) + 2) * g->cw;
    struct rect at = {right - w, r.y + 2, w, r.h - 4};
    fb_frame(g->fb, at, g->t->dim);
    put(g, at.x + g->cw, y, g->t->ink, "%s", text);
    add_hit(g, at, HIT_SYSRQ, 0, NULL);
    return at.x - 2 * g->cw;
}

void draw_status(struct draw *g, struct rect r)
{
    static const char keys[] = "? keys";
    const struct ins_display *d = g->d;
    char text[128];
    fb_fill(g->fb, r, g->t->band);
    int y = r.y + 3, x = r.x + 6;
    const char *mode = d->mode[0] ? d->mode : d->running ? "RUN" : "HALT";
    u32 colour = !strcmp(mode, "RUN")   ? g->t->good
                 : !strcmp(mode, "OFF") ? g->t->dim
                                        : g->t->warn;
    int w = (text_columns(mode) + 2) * g->cw;
    fb_fill(g->fb, (struct rect){x, r.y + 2, w, r.h - 4}, colour);
    put_bold(g, x + g->cw, y, colour_strong(colour), mode);
    add_word(
        g, (struct rect){x, r.y, w, r.h}, "machine",
        "RUN: it runs; HALT: it stands still, space goes on; WALK: likewise, "
        "inside a page walk; STDIN: it waits for the pipe or file that is its "
        "standard input; OFF: its power is off");
    x += w + 2 * g->cw;
    int right = put_right(g, r.x + r.w - 6, y, g->t->dim, keys);
    add_hit(g, (struct rect){right, r.y, r.x + r.w - right, r.h}, HIT_HELP, 0,
            NULL);
    right -= 2 * g->cw;
    right = sysrq_button(g, r, right, y);
    x = segment(g, x, right, y, "cycle", grouped(text, d->cycle));
    x = segment(g, x, right, y, "time", sim_time(text, d, d->cycle));
    snprintf(text, sizeof text, "%.1f MIPS", d->mips);
    x = segment(g, x, right, y, "", text);
    pace_text(d, text, sizeof text);
    x = segment(g, x, right, y, "pace", text);
    x = segment(g, x, right, y, "timing", d->timing);
    int from = x;
    x = segment(g, x, right, y, "policy", d->policy[0] ? d->policy : "none");
    if (x > from)
        add_policy(g, (struct rect){from, y, x - from, g->ch});
    if (g->v->filter >= 0 && g->v->filter < FS_COUNT)
        x = segment(g, x, right, y, "only", ins_states[g->v->filter].word);
    stops_text(d, text, sizeof text);
    if (text[0]) {
        int n = text_columns(text) + 9;
        if (x + n * g->cw <= right) {
            fb_fill(g->fb,
                    (struct rect){x - 3, r.y + 2, n * g->cw + 6, r.h - 4},
                    g->t->bad);
            put(g, x, y, colour_strong(g->t->bad), "stops at %s", text);
            x += (n + 2) * g->cw;
        }
    }
    snprintf(text, sizeof text, "%.40s", d->where);
    segment(g, x, right, y, "pc", text);
}

void draw_caption(struct draw *g, struct rect r)
{
    fb_fill(g->fb, r, g->t->band);
    fb_fill(g->fb, (struct rect){r.x, r.y, 3, r.h}, g->t->accent);
    const char *text = view_caption(g->v, g->d);
    int columns = (r.w - 14) / g->cw;
    u32 pfn = g->d->caption_pfn;
    add_word(g, r, "caption",
             "what just happened; a click on a word shows here what it means");
    if (pfn < g->d->nframes && text == g->d->caption) {
        static const char hint[] = "click: the frame";
        put_right(g, r.x + r.w - 6, r.y + 3, g->t->dim, hint);
        columns -= text_columns(hint) + 2;
        add_hit(g, r, HIT_FRAME, pfn, NULL);
    }
    int lines = (r.h - 6) / g->lh;
    for (int y = r.y + 3; lines > 1 && text_columns(text) > columns;
         y += g->lh, lines--, r.y += g->lh) {
        const char *line = text;
        int n = take_line(&text, columns);
        put(g, r.x + 8, y, g->t->ink, "%.*s", n, line);
        columns = (r.w - 14) / g->cw;
    }
    put_fit(g, r.x + 8, r.y + 3, columns, g->t->ink, text);
}
