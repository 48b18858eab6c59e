/* SPDX-License-Identifier: MIT */
/* Takes the terminal's input: signals, flow control, editing of a line, data.
 * Runs in the port's interrupt, or in a process that makes room (uart_resume).
 *
 *          tail            canon           head
 *   buffer: | finished lines | line being typed |      (ICANON)
 *           | data                              |      (otherwise)
 */
#include "fs/dev/tty.h"

#include "fs/async.h"
#include "task/signal.h"
#include "drv/lens.h"

static u8 *at(struct tty *t, u32 pos)
{
    return &t->buffer[pos % TTY_BUFFER];
}
static void set_end_mark(struct tty *t, u32 pos, bool end)
{
    u8 bit = (u8)(1u << pos % 8), *byte = &t->ends[pos % TTY_BUFFER / 8];
    *byte = (u8)(end ? *byte | bit : *byte & ~bit);
}
static u32 used(struct tty *t)
{
    return t->head - t->tail;
}
static bool lflag(struct tty *t, u32 flag)
{
    return t->tio.c_lflag & flag;
}
/* True if c is the control character cc[which]; a value of 0 disables it. */
static bool is_cc(struct tty *t, u8 c, int which)
{
    return c != 0 && t->tio.c_cc[which] == c;
}

/* False if the buffer is full and a reader can make room: then input waits in
 * the port. With ICANON a reader can make room only after a line is complete:
 * until then input is accepted, and an overlong line truncated, as in Linux. */
bool tty_has_room(void)
{
    struct tty *t = &console_tty;

    return used(t) < TTY_BUFFER - 1 ||
           (lflag(t, ICANON) && t->canon == t->tail);
}

static void append(struct tty *t, u8 c, bool end)
{
    if (used(t) >= TTY_BUFFER) /* accept_data leaves a byte for a line's end */
        return;
    *at(t, t->head) = c;
    set_end_mark(t, t->head, end);
    t->head++;
}

/* ---- echo ---------------------------------------------------------------- */

static void echo_text(struct tty *t, const char *s)
{
    tty_output(t, (const u8 *)s, strlen(s));
}

/* Echoes c; with ECHOCTL a control character except tab and newline as ^X. */
static void echo(struct tty *t, u8 c)
{
    if (lflag(t, ECHOCTL) && (c < 0x20 || c == 0x7f) && c != '\t' &&
        c != '\n') {
        u8 pair[2] = {'^', c ^ 0x40};
        tty_output(t, pair, 2);
    } else {
        tty_output(t, &c, 1);
    }
}

/* Returns the number of columns of the tab that was just removed. */
static u32 tab_width(struct tty *t)
{
    u32 columns = 0;

    for (u32 pos = t->head; pos != t->canon;) {
        u8 c = *at(t, --pos);
        if (c == '\t')
            return 8 - (columns & 7);
        if (c < 0x20 || c == 0x7f)
            columns += lflag(t, ECHOCTL) ? 2 : 0;
        else if (!((t->tio.c_iflag & IUTF8) && (c & 0xc0) == 0x80))
            columns++;
    }
    return 8 - ((columns + t->line_column) & 7);
}

static void echo_erased(struct tty *t, u8 c)
{
    if (!lflag(t, ECHO))
        return;
    if (!lflag(t, ECHOE)) {
        echo(t, t->tio.c_cc[VERASE]);
    } else if (c == '\t') {
        for (u32 n = tab_width(t); n; n--)
            echo_text(t, "\b");
    } else if (c < 0x20 || c == 0x7f) {
        if (lflag(t, ECHOCTL))
            echo_text(t, "\b \b\b \b");
    } else {
        echo_text(t, "\b \b");
    }
}

/* ---- editing of the line ------------------------------------------------- */

static void erase_char(struct tty *t)
{
    u8 c;

    if (t->head == t->canon)
        return;
    do /* removes all bytes of a UTF-8 character */
        c = *at(t, --t->head);
    while ((t->tio.c_iflag & IUTF8) && (c & 0xc0) == 0x80 &&
           t->head != t->canon);
    echo_erased(t, c);
}

static bool word_char(u8 c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
           (c >= 'a' && c <= 'z') || c == '_' || c >= 0x80;
}

static void erase_word(struct tty *t)
{
    while (t->head != t->canon && !word_char(*at(t, t->head - 1)))
        erase_char(t);
    while (t->head != t->canon && word_char(*at(t, t->head - 1)))
        erase_char(t);
}

static void erase_line(struct tty *t)
{
    if (lflag(t, ECHO) && lflag(t, ECHOK) &&
        !(lflag(t, ECHOE) && lflag(t, ECHOKE))) {
        echo(t, t->tio.c_cc[VKILL]);
        echo_text(t, "\n");
        t->head = t->canon;
        return;
    }
    while (t->head != t->canon)
        erase_char(t);
}

static void reprint(struct tty *t)
{
    if (!lflag(t, ECHO))
        return;
    echo(t, t->tio.c_cc[VREPRINT]);
    echo_text(t, "\n");
    for (u32 pos = t->canon; pos != t->head; pos++)
        echo(t, *at(t, pos));
}

static void input_ready(struct tty *t)
{
    wake_up(&t->readers);
    async_signal(&t->async, POLL_IN);
}

static void finish_line(struct tty *t, u8 c)
{
    append(t, c, true);
    COUNT_ADD(TTY_CANCH, t->head - t->canon);
    t->canon = t->head;
    input_ready(t);
}

/* Handles editing characters and ends of lines; true if c was one of them. */
static bool canonical(struct tty *t, u8 c)
{
    bool extended = lflag(t, IEXTEN);

    if (is_cc(t, c, VERASE)) {
        erase_char(t);
    } else if (is_cc(t, c, VKILL)) {
        erase_line(t);
    } else if (extended && is_cc(t, c, VWERASE)) {
        erase_word(t);
    } else if (extended && is_cc(t, c, VREPRINT)) {
        reprint(t);
    } else if (extended && is_cc(t, c, VLNEXT)) {
        t->literal = true;
        if (lflag(t, ECHO) && lflag(t, ECHOCTL))
            echo_text(t, "^\b");
    } else if (c == '\n') {
        if (lflag(t, ECHO) || lflag(t, ECHONL))
            echo_text(t, "\n");
        finish_line(t, c);
    } else if (is_cc(t, c, VEOF)) {
        finish_line(t, 0); /* marks the end; the reader drops the 0 */
    } else if (is_cc(t, c, VEOL) || (extended && is_cc(t, c, VEOL2))) {
        if (lflag(t, ECHO))
            echo(t, c);
        finish_line(t, c);
    } else {
        return false;
    }
    return true;
}

/* ---- signals and flow control -------------------------------------------- */

void tty_flush_input(struct tty *t)
{
    t->head = t->canon = t->tail;
    t->literal = false;
}

static bool signal_char(struct tty *t, u8 c)
{
    int sig = is_cc(t, c, VINTR)   ? SIGINT
              : is_cc(t, c, VQUIT) ? SIGQUIT
              : is_cc(t, c, VSUSP) ? SIGTSTP
                                   : 0;

    if (!sig)
        return false;
    if (!lflag(t, NOFLSH))
        tty_flush_input(t);
    t->stopped = false;
    wake_up(&t->writers);
    if (lflag(t, ECHO))
        echo(t, c);
    if (t->pgrp)
        pgrp_signal(t->pgrp, sig);
    return true;
}

static bool flow_char(struct tty *t, u8 c)
{
    bool stop = is_cc(t, c, VSTOP), start = is_cc(t, c, VSTART);

    if (stop && !(start && t->stopped)) {
        t->stopped = true;
        return true;
    }
    if (start || (t->stopped && (t->tio.c_iflag & IXANY))) {
        t->stopped = false;
        wake_up(&t->writers);
        return start;
    }
    return false;
}

static void accept_data(struct tty *t, u8 c)
{
    if (used(t) >= TTY_BUFFER - 1) {
        if (t->tio.c_iflag & IMAXBEL)
            echo_text(t, "\a");
        return;
    }
    if (lflag(t, ECHO)) {
        if (t->head == t->canon)
            t->line_column = t->column;
        echo(t, c);
    }
    append(t, c, false);
    if (!lflag(t, ICANON)) {
        t->canon = t->head;
        input_ready(t);
    }
}

void tty_input(u8 c)
{
    struct tty *t = &console_tty;
    u32 in = t->tio.c_iflag;

    COUNT(TTY_RAWCH);
    if (in & ISTRIP)
        c &= 0x7f;
    if ((in & IUCLC) && lflag(t, IEXTEN) && c >= 'A' && c <= 'Z')
        c += 'a' - 'A';
    if (t->literal) {
        t->literal = false;
        accept_data(t, c);
        return;
    }
    if ((in & IXON) && flow_char(t, c))
        return;
    if (lflag(t, ISIG) && signal_char(t, c))
        return;
    if (c == '\r') {
        if (in & IGNCR)
            return;
        if (in & ICRNL)
            c = '\n';
    } else if (c == '\n' && (in & INLCR)) {
        c = '\r';
    }
    if (lflag(t, ICANON) && canonical(t, c))
        return;
    accept_data(t, c);
}

/* From canonical to raw mode, everything typed becomes readable. From raw to
 * canonical mode, all input counts as one complete line (as in Linux). */
void tty_mode_changed(struct tty *t, u32 old_lflag)
{
    if (!((old_lflag ^ t->tio.c_lflag) & ICANON))
        return;
    t->literal = false;
    if (lflag(t, ICANON)) {
        for (u32 pos = t->tail; pos != t->head; pos++)
            set_end_mark(t, pos, pos + 1 == t->head);
    }
    t->canon = t->head;
    wake_up(&t->readers);
}
