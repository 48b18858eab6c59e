/* SPDX-License-Identifier: MIT */
/* The `?` overlay: every key, and what the map's marks mean in words. */
#include "panel/draw.h"

static const struct {
    const char *key, *does;
} keys[] = {
    {"space", "run or pause"},
    {".", "forward one instruction; Shift: to the next page fault; Ctrl: 1 ms"},
    {"w", "stop at the next page walk; then one step of it a key"},
    {"[ ]", "slower, faster: 1/1000 of real time ... as fast as it goes"},
    {"f", "show only one kind of frame (or click it in the legend)"},
    {"h", "heat: colour is the time since last use"},
    {"o", "order of the map: Morton (aligned blocks are squares), linear"},
    {"wheel", "zoom at the pointer; drag moves; Home shows all"},
    {"click",
     "pin a frame; a word: what it means; a chart, lane, process: why"},
    {"1 to 6",
     "stop at the events of a lane (or click its name); Enter goes on"},
    {"b", "all that happened to the frame; wheel and Page Up, Down scroll"},
    {"s", "other charts"},
    {"S", "SysRq m: the kernel's own report on memory (or click it above)"},
    {"m", "small windows: walk and TLB in place of processes, memory, disks"},
    {"arrows", "walk the pinned frame over the map"},
    {"c", "type to the guest; Esc or F10 comes back"},
    {"+ -", "larger, smaller text"},
    {"t", "dark or light theme"},
    {"Esc", "close a list, clear the filter, let go of the frame"},
    {"F12", "picture of the panel as PNG"},
    {"?", "this page; any key closes it"},
};

static const char *const notes[] = {
    "The rulers add: a frame's number is its row's label + its column's.",
    "A frame: hue is its kind, bright if used within 32 ms, dim if not.",
    "To leave: close the window, or Ctrl-A x in the terminal that opened it.",
};

enum { HELP_COLUMNS = 78, HELP_ROWS = ARRAY_LEN(keys) + ARRAY_LEN(notes) + 1 };

/* The panel's text size, or the largest at which the page fits. */
static void help_size(struct draw *g)
{
    int size = g->l.size;
    while (size && (HELP_COLUMNS * font_regular[size].width > g->fb->w ||
                    HELP_ROWS * (font_regular[size].height + 3) +
                            font_regular[size].height + 15 >
                        g->fb->h))
        size--;
    g->f = &font_regular[size];
    g->b = &font_bold[size];
    g->cw = g->f->width;
    g->ch = g->f->height;
    g->lh = g->ch + 1;
}

void draw_help(struct draw *g)
{
    help_size(g);
    int w = HELP_COLUMNS * g->cw;
    int h = g->ch + 3 + HELP_ROWS * (g->lh + 2) + 12;
    struct rect r = {(g->fb->w - w) / 2, (g->fb->h - h) / 2, w, h};
    fb_shade(g->fb, (struct rect){0, 0, g->fb->w, g->fb->h}, g->t->page, 150);
    if (g->fb->log)
        g->fb->log->n = 0; /* what lies below is meant to be covered */
    fb_fill(g->fb, r, g->t->pane);
    pane_open(g, r, "KEYS", "Clockhand");
    int y = r.y + g->ch + 3 + 6;
    for (unsigned i = 0; i < ARRAY_LEN(keys); i++, y += g->lh + 2) {
        put_bold(g, r.x + 2 * g->cw, y, g->t->accent, keys[i].key);
        put(g, r.x + 10 * g->cw, y, g->t->ink, "%s", keys[i].does);
    }
    y += g->lh / 2;
    for (unsigned i = 0; i < ARRAY_LEN(notes); i++, y += g->lh + 2)
        put(g, r.x + 2 * g->cw, y, g->t->dim, "%s", notes[i]);
    pane_close(g);
    fb_frame(g->fb, r, g->t->accent);
}
