/* SPDX-License-Identifier: MIT */
/* Runs --panel=term at a real terminal: sets raw mode, takes keys, and writes
 * the lines that changed. Without a terminal it prints the last screen once, as
 * plain text, on standard error, because a program may read standard output. */
#include "panel/term/term.h"

#include "base/ending.h"
#include "panel/input/keys.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

enum { NO_KEY = -1, CTRL_A = 1, CTRL_C = 3, CTRL_L = 12 };

struct tty {
    struct session *session;
    const struct config *config;
    struct ins_display *d;
    struct view *v;
    struct controls c;
    enum term_depth depth;
    struct term_text now, before;
    int columns, rows;
    bool ctrl_a;
    char typed[64]; /* bytes read, of which the last may begin a sequence */
    size_t ntyped;
};

static void out(const char *text, size_t n)
{
    while (n) {
        ssize_t done = write(1, text, n);
        if (done < 0 && errno != EINTR && errno != EAGAIN)
            return;
        if (done > 0) {
            text += done;
            n -= (size_t)done;
        }
    }
}

/* Writes the lines that differ from those of the screen before. */
static void show(struct tty *t)
{
    enum { CELLS_MOST = 8192 }; /* a row is 2 pixels; fb_init: at most 16384 */
    struct winsize ws;
    int columns = 80, rows = 24;
    if (!ioctl(1, TIOCGWINSZ, &ws) && ws.ws_col && ws.ws_row) {
        columns = ws.ws_col < CELLS_MOST ? ws.ws_col : CELLS_MOST;
        rows = ws.ws_row < CELLS_MOST ? ws.ws_row : CELLS_MOST;
    }
    if (columns != t->columns || rows != t->rows || t->c.repaint) {
        t->c.repaint = false;
        out("\033[2J", 4);
        t->before.n = 0;
        t->columns = columns;
        t->rows = rows;
    }
    term_render(&t->now, t->d, t->v, columns, rows, t->depth);
    t->c.w = columns;
    t->c.h = 2 * rows;
    const char *a = t->now.text, *a_end = a + t->now.n;
    const char *b = t->before.text, *b_end = b + t->before.n;
    for (int row = 1; a < a_end; row++) {
        const char *a_nl = memmem(a, (size_t)(a_end - a), "\r\n", 2);
        const char *b_nl =
            b < b_end ? memmem(b, (size_t)(b_end - b), "\r\n", 2) : NULL;
        size_t an = (size_t)((a_nl ? a_nl : a_end) - a);
        size_t bn = b < b_end ? (size_t)((b_nl ? b_nl : b_end) - b) : 0;
        if (an != bn || memcmp(a, b, an)) {
            char move[24];
            int n = snprintf(move, sizeof move, "\033[%d;1H", row);
            out(move, (size_t)n);
            out(a, an);
        }
        a = a_nl ? a_nl + 2 : a_end;
        b = b_nl ? b_nl + 2 : b_end;
    }
    struct term_text swap = t->before;
    t->before = t->now;
    t->now = swap;
}

static void tty_picture(struct tty *t)
{
    const char *path = phrase("clockhand-%llu.png", t->d->cycle);
    char err[160];
    t->c.picture = false;
    if (panel_screenshot(t->d, t->config, path, err, sizeof err))
        view_note(t->v, t->d, "picture written to %s", path);
    else
        view_note(t->v, t->d, "%s: %s", path, err);
    t->v->chosen[CHOICE_NOTE] = 0; /* Esc undoes other choices first */
}

/* True if the rest of a key's sequence may still come. */
static bool begins_sequence(const char *s, size_t len)
{
    size_t n = 2;
    if (s[0] != KEY_ESC || (len > 1 && s[1] != '[' && s[1] != 'O'))
        return false;
    while (n < len && ((s[n] >= ' ' && s[n] < '@') || (n == 2 && s[n] == '[')))
        n++;
    return n >= len;
}

/* Returns one key, or NO_KEY, from bytes; *n: the bytes that it took. */
static int decode(const char *s, size_t len, size_t *n)
{
    for (const struct key_bytes *it = key_bytes; it->bytes; it++) {
        size_t k = strlen(it->bytes);
        if (k <= len && !memcmp(s, it->bytes, k)) {
            *n = k;
            return it->key;
        }
    }
    *n = 1;
    if (len < 2 || s[0] != KEY_ESC || (s[1] != '[' && s[1] != 'O'))
        return (unsigned char)*s;
    /* Skip an unknown key's sequence: its letters are no keys. Linux's
     * console begins F1 to F5 with a second bracket. */
    *n = len > 2 && s[2] == '[' ? 3 : 2;
    while (*n < len && s[*n] >= ' ' && s[*n] < '@')
        ++*n;
    *n += *n < len;
    return NO_KEY;
}

static void key(struct tty *t, int k)
{
    const struct view *v = t->v;
    bool words = v->console || v->finding, after = t->ctrl_a;
    const char byte = (char)k;
    if (k == NO_KEY)
        return;
    t->ctrl_a = k == CTRL_A && !after;
    if (t->ctrl_a)
        return; /* Ctrl-A x leaves, as without the panel; a second Ctrl-A, or
                   Esc, is the guest's */
    if ((after && k == 'x') || (!words && k == CTRL_C))
        t->c.quit = true;
    else if (v->console &&
             ((after && k == KEY_ESC) || (k >= 0x80 && k <= 0xff)))
        session_queue_keys(t->session, &byte,
                           1); /* Esc, or a byte of a longer character */
    else if (k == CTRL_L && !words)
        controls_key(&t->c, 'l', true);
    else if (k == KEY_ENTER || k == KEY_TAB || k == KEY_ESC || k >= ' ')
        controls_key(&t->c, k, false);
    else if (words)
        controls_key(&t->c, k | 0x60, true);
}

/* Takes the typed keys. all: no more bytes follow, so a last Esc is a key. */
static void take_keys(struct tty *t, bool all)
{
    size_t i = 0, n;
    for (; i < t->ntyped; i += n) {
        if (!all && begins_sequence(t->typed + i, t->ntyped - i))
            break;
        key(t, decode(t->typed + i, t->ntyped - i, &n));
    }
    t->ntyped -= i;
    memmove(t->typed, t->typed + i, t->ntyped);
}

static void read_keys(struct tty *t)
{
    ssize_t got = read(0, t->typed + t->ntyped, sizeof t->typed - t->ntyped);
    t->c.quit |= got == 0;
    t->ntyped += got > 0 ? (size_t)got : 0;
    take_keys(t, false);
    if (t->ntyped == sizeof t->typed) /* no sequence is so long */
        take_keys(t, true);
}

static void tty_loop(struct tty *t)
{
    bool changed = true;
    while (!t->c.quit && !session_ended(t->session)) {
        struct timespec at;
        clock_gettime(CLOCK_MONOTONIC, &at);
        t->v->now = (double)at.tv_sec + (double)at.tv_nsec * 1e-9;
        struct pollfd p = {.fd = 0, .events = POLLIN};
        if (poll(&p, 1, 33) > 0) {
            read_keys(t);
            changed = true;
        } else if (t->ntyped) {
            take_keys(t, true);
            changed = true;
        }
        bool ran = t->d->running;
        if (session_display(t->session, t->d)) {
            controls_observe(&t->c, ran);
            changed = true;
        }
        if (t->c.picture)
            tty_picture(t);
        if (changed)
            show(t);
        changed = false;
    }
}

/* The process has one terminal, which is restored however the program ends. */
static struct termios before;
static volatile sig_atomic_t taken;

static void give_back(void)
{
    static const char leave[] = "\033[0m\033[?25h\033[?1049l";
    if (!taken)
        return;
    taken = 0;
    out(leave, sizeof leave - 1);
    tcsetattr(0, TCSADRAIN, &before);
}

static void at_terminal(struct tty *t)
{
    static const char enter[] = "\033[?1049h\033[?25l\033[2J";
    struct termios raw;
    if (!tcgetattr(0, &before)) {
        raw = before;
        cfmakeraw(&raw);
        tcsetattr(0, TCSADRAIN, &raw);
        taken = 1;
        atexit(give_back);
        ending_undo(give_back);
    }
    out(enter, sizeof enter - 1);
    tty_loop(t);
    give_back();
    out(t->before.text, t->before.n); /* the last picture stays to be read */
    out("\033[0m\r\n", 6);
}

/* Waits for the end, as there is no terminal; then prints the last display,
 * with the guest's screen below map and legend. */
static void without_terminal(struct tty *t)
{
    enum { ROWS_WITH_CONSOLE = 30 };
    while (!session_ended(t->session)) {
        session_display(t->session, t->d);
        usleep(20000);
    }
    session_display(t->session, t->d);
    t->v->tab = PANE_CONSOLE;
    term_render(&t->now, t->d, t->v, TERM_COLUMNS, ROWS_WITH_CONSOLE,
                TERM_PLAIN);
    fprintf(stderr, "%.*s\n", (int)t->now.n, t->now.text);
}

void term_main(struct session *s, const struct config *c)
{
    struct tty t = {.session = s, .config = c};
    t.d = session_display_new(s);
    t.v = view_new(c->light);
    t.c = controls_of(s, t.v, t.d);
    t.c.terminal = true;
    t.depth = term_depth_of(getenv("TERM"), getenv("COLORTERM"), c->letters);
    session_publish(s, true);
    if (isatty(0) && isatty(1))
        at_terminal(&t);
    else
        without_terminal(&t);
    session_publish(s, false);
    free(t.now.text);
    free(t.before.text);
    view_free(t.v);
    inspect_display_free(t.d);
}
