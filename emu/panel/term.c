/* SPDX-License-Identifier: MIT */
/* The panel in a terminal: what a screen of it says. Frames are half blocks,
 * two to a character, in 24-bit colour or the 256 of xterm; without colour,
 * letters. tty.c reads the keys and writes the lines that changed. */
#include "panel/term.h"

#include "panel/palette.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* Below the map: a line about the map and the keys, and the console, which
 * gives its first line to a caption that needs two. */
enum { SIDE = 46, ENTRY = 22, BELOW = 5, AGE_LIMIT = 40 };

enum term_depth term_depth_of(const char *term, const char *colorterm,
                              bool letters)
{
    if (letters || !term || !strcmp(term, "dumb"))
        return TERM_LETTERS;
    if (colorterm &&
        (strstr(colorterm, "truecolor") || strstr(colorterm, "24bit")))
        return TERM_24BIT;
    return strstr(term, "256color") ? TERM_256 : TERM_LETTERS;
}

static void add(struct term_text *t, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
static void add(struct term_text *t, const char *fmt, ...)
{
    va_list ap;
    if (t->room - t->n < 512) {
        t->room = t->room ? 2 * t->room : 16384;
        t->text = xrealloc(t->text, t->room);
    }
    va_start(ap, fmt);
    t->n += (size_t)vsnprintf(t->text + t->n, 512, fmt, ap);
    va_end(ap);
}

/* The nearest of xterm's 6 x 6 x 6 cube and its greys. */
static unsigned xterm256(u32 rgb)
{
    static const u8 level[6] = {0, 95, 135, 175, 215, 255};
    unsigned best = 16, best_d = ~0u;
    for (unsigned i = 16; i < 256; i++) {
        unsigned d = 0;
        for (unsigned s = 0; s < 3; s++) {
            static const u8 weight[3] = {36, 6, 1};
            unsigned v =
                i < 232 ? level[(i - 16) / weight[s] % 6] : 8 + 10 * (i - 232);
            int e = (int)(rgb >> (16 - 8 * s) & 255) - (int)v;
            d += (unsigned)(e * e);
        }
        if (d < best_d) {
            best_d = d;
            best = i;
        }
    }
    return best;
}

struct paint {
    u32 colour[256][2];
    unsigned index[256][2];
};

static void paint_init(struct paint *p, const struct view *v,
                       enum term_depth depth)
{
    const struct theme *t = theme_get(v->light);
    for (unsigned k = 0; k < 256; k++)
        for (unsigned r = 0; r < 2; r++) {
            bool two = k < FS_COUNT && k != FS_FREE && k != FS_ZEROED;
            u32 c = k < FS_COUNT ? t->kind[k][two ? r : 1] : t->unknown;
            if (v->filter >= 0 && (int)k != v->filter)
                c = colour_mix(c, t->page, 205);
            p->colour[k][r] = c;
            p->index[k][r] = depth == TERM_256 && (k < FS_COUNT || k == 255)
                                 ? xterm256(c)
                                 : 0;
        }
}

static void colour(struct term_text *t, const struct paint *p,
                   enum term_depth depth, bool back, u8 kind, bool recent)
{
    u32 c = p->colour[kind][recent];
    if (depth == TERM_24BIT)
        add(t, "\033[%d;2;%u;%u;%um", back ? 48 : 38, c >> 16, c >> 8 & 255,
            c & 255);
    else
        add(t, "\033[%d;5;%um", back ? 48 : 38, p->index[kind][recent]);
}

struct picture {
    struct grid grid;
    unsigned shrink;
    int columns, lines; /* of text */
    bool letters;
};

/* The least shrinking with which the map fits beside SIDE columns. */
static struct picture picture_for(const struct ins_display *d,
                                  const struct view *v, int columns, int rows,
                                  bool letters)
{
    struct picture p = {grid_for(d->nframes, v->linear), 0, 0, 0, letters};
    int wide = columns - SIDE - 1, high = rows - 2 - BELOW;
    for (;; p.shrink++) {
        u32 w = (p.grid.cols + (1u << p.shrink) - 1) >> p.shrink;
        u32 h = (p.grid.rows + (1u << p.shrink) - 1) >> p.shrink;
        p.columns = (int)w;
        p.lines = letters ? (int)h : (int)(h + 1) / 2;
        if (p.columns <= wide && p.lines <= high)
            return p;
    }
}

static bool spokesman(const struct picture *p, const struct ins_display *d,
                      int col, int row, u64 *pfn)
{
    return grid_spokesman(&p->grid, d->kind, FS_FREE, (u32)col << p->shrink,
                          (u32)row << p->shrink, p->shrink, pfn);
}

static void map_line(struct term_text *t, const struct ins_display *d,
                     const struct picture *p, const struct paint *paint,
                     enum term_depth depth, int line)
{
    for (int col = 0; col < p->columns; col++) {
        u64 up, down;
        if (p->letters) {
            bool any = spokesman(p, d, col, line, &up);
            u8 k = any ? d->kind[up] : 255;
            add(t, "%c", !any ? ' ' : k < FS_COUNT ? ins_states[k].glyph : '?');
            continue;
        }
        bool has_up = spokesman(p, d, col, 2 * line, &up);
        bool has_down = spokesman(p, d, col, 2 * line + 1, &down);
        if (has_up)
            colour(t, paint, depth, false, d->kind[up], d->age[up] < AGE_LIMIT);
        if (has_down)
            colour(t, paint, depth, true, d->kind[down],
                   d->age[down] < AGE_LIMIT);
        else
            add(t, "\033[49m");
        add(t, "%s", has_up ? "▀" : " ");
    }
    if (!p->letters)
        add(t, "\033[0m");
}

/* Text cut or padded to exactly n columns (plain ASCII). */
static void cell(struct term_text *t, int n, const char *text)
{
    add(t, "%-*.*s", n, n, text);
}

/* Thresholds, swap, hands: as much as is told. */
static void policy_text(const struct ins_display *d, char *buf, size_t n)
{
    const struct ins_policy *p = &d->vm;
    char number[24];
    u64 low, high;
    size_t len = 0;
    if (inspect_gauge(p, "low", &low) && inspect_gauge(p, "high", &high))
        len =
            (size_t)snprintf(buf, n, "low %llu high %llu ",
                             (unsigned long long)low, (unsigned long long)high);
    if (p->swap && p->swap_total && len < n)
        len += (size_t)snprintf(buf + len, n - len, "swap %llu/%llu ",
                                (unsigned long long)p->swap_used,
                                (unsigned long long)p->swap_total);
    if (p->hand[0] < d->nframes && len < n)
        snprintf(buf + len, n - len, "hand %s",
                 frame_number(number, p->hand[0]));
}

/* The legend: in two columns where below one there is no room for the
 * processes of a shell and a few programs. */
static int legend_columns(int lines)
{
    return lines < FS_COUNT + 2 + 9 ? 2 : 1;
}

static void legend_entry(struct term_text *t, const struct ins_display *d,
                         const struct paint *paint, enum term_depth depth,
                         int kind, int columns)
{
    char text[64];
    if (depth > TERM_LETTERS) {
        colour(t, paint, depth, true, (u8)kind, true);
        add(t, "  \033[0m");
    } else
        add(t, "%c ", ins_states[kind].glyph);
    snprintf(text, sizeof text, " %-13s%*llu", ins_states[kind].word,
             columns == ENTRY ? 6 : 8, (unsigned long long)d->histogram[kind]);
    cell(t, columns - 2, text);
}

static void proc_line(struct term_text *t, const struct ins_display *d, int i,
                      int rows, int columns)
{
    static const char states[] = "-RrSDTZ";
    char text[128] = "";
    int n = (int)(d->nprocs < INS_PROCS_MAX ? d->nprocs : INS_PROCS_MAX);
    if (i < n && i == rows - 1 && n > rows)
        snprintf(text, sizeof text, "      + %d more: info ps in the monitor",
                 n - i);
    else if (i < n) {
        const struct ins_proc *p = &d->procs[i];
        snprintf(text, sizeof text, "%5u %-10.10s %c %6lluK %7llu %5llu",
                 p->pid, p->name,
                 p->state < sizeof states - 1 ? states[p->state] : '?',
                 (unsigned long long)p->rss * 4, (unsigned long long)p->min_flt,
                 (unsigned long long)p->maj_flt);
    }
    cell(t, columns, text);
}

static void side_line(struct term_text *t, const struct ins_display *d,
                      const struct paint *paint, enum term_depth depth,
                      int line, int lines, int columns)
{
    char text[128] = "";
    int across = legend_columns(lines);
    int legend = (FS_COUNT + across - 1) / across;
    if (line < legend) {
        int left = across == 1 ? columns : ENTRY;
        legend_entry(t, d, paint, depth, line, left);
        if (across == 1)
            return;
        add(t, " ");
        if (line + legend < FS_COUNT)
            legend_entry(t, d, paint, depth, line + legend, ENTRY);
        else
            cell(t, ENTRY, "");
        cell(t, columns - 2 * ENTRY - 1, "");
        return;
    }
    line -= legend;
    if (line > 1) {
        proc_line(t, d, line - 2, lines - legend - 2, columns);
        return;
    }
    if (line == 0)
        policy_text(d, text, sizeof text);
    else
        snprintf(text, sizeof text, "  pid name       s     rss   minor   maj");
    cell(t, columns, text);
}

static const char *const help[] = {
    "KEYS                                             any key closes this page",
    "space    run or pause",
    ".        forward one instruction; > to the next page fault",
    "w        stop at the next page walk; then one step of it a key",
    "[ ]      slower, faster: 1/1000 of real time ... as fast as it goes",
    "1 to 6   stop at the next fault, copy on write, taking or giving of "
    "memory,",
    "         process event, reclaim, disk; again: no more. Enter goes on",
    "f        show only one kind of frame; Esc all of them",
    "o        order of the map: Morton (aligned blocks are squares), linear",
    "t        dark or light theme",
    "S        SysRq m: the kernel's own report on memory",
    "c        type to the guest; Esc comes back",
    "F12      picture of the panel as PNG",
    "q        end (Ctrl-A x does, too, while the guest has the keys)",
    "Frames: bright if used within 32 ms, dim if not. Processes: R on the "
    "hart,",
    "r ready, S sleeping, D waits for a disk, T stopped, Z ended; rss is its",
    "memory in RAM, minor and maj its page faults without and with a disk.",
    "The line above the console says how many frames a half block (with",
    "--letters a letter) stands for; the list beside the map has the colours.",
    "Charts, lanes, walk and TLB are in the window alone: --panel.",
};

static void help_lines(struct term_text *t, int columns, int lines)
{
    for (int line = 0; line < lines; line++) {
        cell(t, columns, line < (int)ARRAY_LEN(help) ? help[line] : "");
        add(t, "\r\n");
    }
    cell(t, columns, "");
}

static void status_line(struct term_text *t, const struct ins_display *d,
                        int columns, enum term_depth depth)
{
    char text[256];
    double s = d->clock_hz ? (double)d->cycle / (double)d->clock_hz : 0;
    snprintf(text, sizeof text,
             " %-4s %.4f s  %.1f MIPS  free %llu of %llu  %s  policy %s",
             d->mode, s, d->mips, (unsigned long long)d->free_frames,
             (unsigned long long)d->nframes, d->timing,
             d->policy[0] ? d->policy : "none");
    add(t, depth > TERM_PLAIN ? "\033[7m" : "");
    cell(t, columns, text);
    add(t, depth > TERM_PLAIN ? "\033[0m" : "");
}

/* The meaning of a cell of the map, and the keys that lead to all others. */
static void map_key(struct term_text *t, const struct view *v,
                    const struct picture *p, int columns, enum term_depth depth)
{
    char text[160];
    unsigned frames = 1u << 2 * p->shrink;
    const char *keys = depth == TERM_PLAIN ? ""
                       : v->console        ? "Esc ends typing to the guest"
                                    : "c types to the guest, ? lists the keys";
    snprintf(text, sizeof text, "-- %s is %u frame%s%s%s",
             p->letters ? "a letter" : "a half block", frames,
             frames == 1 ? "" : "s", *keys ? " -- " : "", keys);
    cell(t, columns, text);
}

/* The guest's last lines, up to its cursor. */
static void console_line(struct term_text *t, const struct ins_display *d,
                         const struct view *v, int line, int lines, int columns)
{
    int row = (int)d->cursor_row - (lines - 1) + line;
    if ((int)d->cursor_row < lines)
        row = line;
    char text[INS_CONSOLE_COLS + 1] = "";
    if (row >= 0 && row < INS_CONSOLE_ROWS)
        memcpy(text, d->console[row], INS_CONSOLE_COLS);
    for (char *c = text; *c; c++)
        if ((unsigned char)*c < ' ' || (unsigned char)*c >= 0x7f)
            *c = '?';
    int at = row == (int)d->cursor_row && v->console ? (int)d->cursor_col : -1;
    if (at < 0 || at >= INS_CONSOLE_COLS) {
        cell(t, columns, text);
        return;
    }
    cell(t, at, text);
    char under = (size_t)at < strlen(text) ? text[at] : ' ';
    add(t, "\033[7m%c\033[0m", under);
    cell(t, columns - at - 1,
         under == ' ' && (size_t)at >= strlen(text) ? "" : text + at + 1);
}

/* Where a text that one line cannot hold is broken: behind a word. */
static int broken_at(const char *text, int columns)
{
    int at = (int)strlen(text);
    if (at <= columns)
        return at;
    for (at = columns; at > columns / 2; at--)
        if (text[at] == ' ')
            return at;
    return columns;
}

static void caption_text(const struct ins_display *d, const struct view *v,
                         char *plain, size_t n)
{
    snprintf(plain, n, "%s", view_caption(v, d));
    for (char *c = plain; *c; c++)
        if ((unsigned char)*c < ' ' || (unsigned char)*c >= 0x7f)
            *c = '?';
}

/* The console, and the caption in one line, or two. */
static void lower_lines(struct term_text *t, const struct ins_display *d,
                        const struct view *v, int columns)
{
    char caption[200];
    caption_text(d, v, caption, sizeof caption);
    int first = broken_at(caption, columns);
    const char *rest = caption + first + (caption[first] == ' ');
    int lines = BELOW - 1 - (*rest != 0);
    for (int line = 0; line < lines; line++) {
        console_line(t, d, v, line, lines, columns);
        add(t, "\r\n");
    }
    add(t, "%-*.*s", columns, first, caption);
    if (!*rest)
        return;
    add(t, "\r\n");
    if ((int)strlen(rest) > columns)
        memcpy(caption + (rest - caption) + columns - 3, "...", 4);
    cell(t, columns, rest);
}

void term_render(struct term_text *t, const struct ins_display *d,
                 const struct view *v, int columns, int rows,
                 enum term_depth depth)
{
    t->n = 0;
    if (columns < 80 || rows < 24) {
        add(t, "the panel needs 80 x 24");
        return;
    }
    struct paint paint;
    paint_init(&paint, v, depth);
    struct picture p = picture_for(d, v, columns, rows, depth <= TERM_LETTERS);
    int high = rows - 2 - BELOW;
    status_line(t, d, columns, depth);
    add(t, "\r\n");
    if (v->help) {
        help_lines(t, columns, high + BELOW);
        return;
    }
    for (int line = 0; line < high; line++) {
        if (line < p.lines)
            map_line(t, d, &p, &paint, depth, line);
        else
            cell(t, p.columns, "");
        add(t, " ");
        side_line(t, d, &paint, depth, line, high, columns - p.columns - 1);
        add(t, "\r\n");
    }
    map_key(t, v, &p, columns, depth);
    add(t, "\r\n");
    lower_lines(t, d, v, columns);
}
