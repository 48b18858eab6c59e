/* SPDX-License-Identifier: MIT */
/* Obeys the cursor, erase and scroll sequences of busybox's ash, vi and top
 * (ECMA-48, VT100). Unknown CSI and OSC sequences are dropped as a whole, so
 * that they leave no letters behind. */
#include "console/term.h"

#define ROWS INS_CONSOLE_ROWS
#define COLS INS_CONSOLE_COLS

enum { GROUND, ESCAPE, CSI, OSC, OSC_ESCAPE, CHARSET };

static void blank(struct term *t, unsigned row, unsigned from, unsigned to)
{
    memset(&t->cell[row][from], ' ', to - from);
}

void term_init(struct term *t)
{
    memset(t, 0, sizeof *t);
    memset(t->cell, ' ', sizeof t->cell);
    t->bottom = ROWS - 1;
}

/* Moves rows from..bottom up (n > 0) or down, and blanks the uncovered rows. */
static void scroll(struct term *t, unsigned from, int n)
{
    unsigned rows = t->bottom - from + 1;
    unsigned by = (unsigned)(n < 0 ? -n : n);
    if (by > rows)
        by = rows;
    if (n > 0) {
        memmove(t->cell[from], t->cell[from + by], (rows - by) * COLS);
        memset(t->cell[t->bottom + 1 - by], ' ', by * COLS);
    } else {
        memmove(t->cell[from + by], t->cell[from], (rows - by) * COLS);
        memset(t->cell[from], ' ', by * COLS);
    }
}

static void line_feed(struct term *t)
{
    t->wrap = false;
    if (t->row == t->bottom)
        scroll(t, t->top, 1);
    else if (t->row < ROWS - 1)
        t->row++;
}

static void reverse_line_feed(struct term *t)
{
    t->wrap = false;
    if (t->row == t->top)
        scroll(t, t->top, -1);
    else if (t->row)
        t->row--;
}

static void letter(struct term *t, char c)
{
    if (t->wrap) {
        t->col = 0;
        line_feed(t);
    }
    t->cell[t->row][t->col] = c;
    if (t->col == COLS - 1)
        t->wrap = true;
    else
        t->col++;
}

static void control(struct term *t, u8 c)
{
    switch (c) {
    case '\b':
        t->wrap = false;
        t->col -= t->col > 0;
        break;
    case '\t':
        t->col = (t->col | 7) + 1;
        if (t->col > COLS - 1)
            t->col = COLS - 1;
        break;
    case '\n':
        t->sends_cr |= t->after_cr;
        if (!t->sends_cr)
            t->col = 0;
        line_feed(t);
        break;
    case '\v':
    case '\f':
        line_feed(t);
        break;
    case '\r':
        t->wrap = false;
        t->col = 0;
        break;
    case 0x1b:
        t->state = ESCAPE;
        break;
    }
}

static void move(struct term *t, int row, int col)
{
    t->wrap = false;
    t->row = (unsigned)(row < 0 ? 0 : row > ROWS - 1 ? ROWS - 1 : row);
    t->col = (unsigned)(col < 0 ? 0 : col > COLS - 1 ? COLS - 1 : col);
}

/* how: 0 erases from the cursor on, 1 up to the cursor, 2 the whole line. */
static void erase_line(struct term *t, unsigned how)
{
    if (how > 2)
        return;
    blank(t, t->row, how ? 0 : t->col, how == 1 ? t->col + 1 : COLS);
}

static void erase_display(struct term *t, unsigned how)
{
    erase_line(t, how);
    for (unsigned r = 0; r < ROWS; r++)
        if (how == 2 || (how == 0 && r > t->row) || (how == 1 && r < t->row))
            blank(t, r, 0, COLS);
}

/* Inserts (n > 0) or deletes letters at the cursor. */
static void shift_line(struct term *t, int n)
{
    unsigned room = COLS - t->col, by = (unsigned)(n < 0 ? -n : n);
    char *at = &t->cell[t->row][t->col];
    if (by > room)
        by = room;
    if (n > 0)
        memmove(at + by, at, room - by);
    else
        memmove(at, at + by, room - by);
    memset(n > 0 ? at : at + room - by, ' ', by);
}

static void region(struct term *t, unsigned top, unsigned bottom)
{
    if (bottom == 0 || bottom > ROWS)
        bottom = ROWS;
    if (top == 0)
        top = 1;
    if (top >= bottom)
        return;
    t->top = top - 1;
    t->bottom = bottom - 1;
    move(t, 0, 0);
}

static void cursor(struct term *t, u8 final, int n)
{
    int row = (int)t->row, col = (int)t->col;
    if (final == 'A' || final == 'F')
        row -= n;
    else if (final == 'B' || final == 'E')
        row += n;
    else if (final == 'C' || final == 'D')
        col += final == 'C' ? n : -n;
    else if (final == 'G')
        col = n - 1;
    else
        row = n - 1;
    move(t, row, final == 'E' || final == 'F' ? 0 : col);
}

static void sequence(struct term *t, u8 final)
{
    unsigned p0 = t->param[0], p1 = t->param[1];
    int n = p0 > 9999 ? 9999 : p0 ? (int)p0 : 1;
    bool inside = t->row >= t->top && t->row <= t->bottom;
    if (t->private_)
        return; /* modes: show the cursor, other screen */
    if (strchr("ABCDEFGd", final))
        cursor(t, final, n);
    else if (final == 'H' || final == 'f')
        move(t, n - 1, p1 ? (int)(p1 > 9999 ? 9999 : p1) - 1 : 0);
    else if (final == 'J')
        erase_display(t, p0);
    else if (final == 'K')
        erase_line(t, p0);
    else if (final == '@')
        shift_line(t, n);
    else if (final == 'P')
        shift_line(t, -n);
    else if (final == 'L' && inside)
        scroll(t, t->row, -n);
    else if (final == 'M' && inside)
        scroll(t, t->row, n);
    else if (final == 'S')
        scroll(t, t->top, n);
    else if (final == 'T')
        scroll(t, t->top, -n);
    else if (final == 'X')
        blank(t, t->row, t->col,
              t->col + (unsigned)n > COLS ? COLS : t->col + (unsigned)n);
    else if (final == 'r')
        region(t, p0, p1);
    else if (final == 's')
        t->saved_row = t->row, t->saved_col = t->col;
    else if (final == 'u')
        move(t, (int)t->saved_row, (int)t->saved_col);
}

static void escape(struct term *t, u8 c)
{
    t->state = GROUND;
    switch (c) {
    case '[':
        t->state = CSI;
        memset(t->param, 0, sizeof t->param);
        t->nparams = 0;
        t->private_ = false;
        break;
    case ']':
        t->state = OSC;
        break;
    case '(':
    case ')':
        t->state = CHARSET;
        break;
    case 'D':
        line_feed(t);
        break;
    case 'E':
        t->col = 0;
        line_feed(t);
        break;
    case 'M':
        reverse_line_feed(t);
        break;
    case '7':
        t->saved_row = t->row, t->saved_col = t->col;
        break;
    case '8':
        move(t, (int)t->saved_row, (int)t->saved_col);
        break;
    case 'c':
        term_init(t);
        break;
    }
}

static void csi(struct term *t, u8 c)
{
    unsigned *p = &t->param[t->nparams];
    if (c >= '0' && c <= '9') {
        *p = *p > 9999 ? *p : *p * 10 + (c - '0');
    } else if (c == ';') {
        if (t->nparams < ARRAY_LEN(t->param) - 1)
            t->nparams++;
    } else if (c >= '<' && c <= '?') {
        t->private_ = true;
    } else if (c >= 0x40 && c < 0x7f) {
        t->state = GROUND;
        sequence(t, c);
    } else if (c < 0x20) {
        control(t, c);
    }
}

static void ground(struct term *t, u8 c)
{
    if (c < 0x20 || c == 0x7f) {
        t->utf8 = 0;
        control(t, c);
    } else if (c < 0x80) {
        t->utf8 = 0;
        letter(t, (char)c);
    } else if (t->utf8 && c < 0xc0) {
        t->utf8--; /* its character's first byte has printed '?' */
    } else {
        t->utf8 = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : c >= 0xc0 ? 1 : 0;
        letter(t, '?');
    }
}

void term_put(struct term *t, u8 byte)
{
    switch (t->state) {
    case ESCAPE:
        escape(t, byte);
        break;
    case CSI:
        csi(t, byte);
        break;
    case OSC: /* a title: until BEL or ESC \ */
        t->state = byte == '\a' ? GROUND : byte == 0x1b ? OSC_ESCAPE : OSC;
        break;
    case OSC_ESCAPE:
    case CHARSET:
        t->state = GROUND;
        break;
    default:
        ground(t, byte);
    }
    t->after_cr = byte == '\r';
}

void term_copy(const struct term *t,
               char out[INS_CONSOLE_ROWS][INS_CONSOLE_COLS + 1])
{
    for (unsigned r = 0; r < ROWS; r++) {
        memcpy(out[r], t->cell[r], COLS);
        out[r][COLS] = 0;
    }
}
