/* SPDX-License-Identifier: MIT */
/* Lets a function of lesson/ lead the session in place of scripts. */
#include "inspect/parts.h"
#include "monitor/drive.h"
#include "monitor/session/sources.h"

#include <string.h>
#include <termios.h>
#include <unistd.h>

void session_set_screenshot(struct session *s,
                            bool (*fn)(const struct ins_display *d,
                                       const struct config *c, const char *path,
                                       char *err, size_t n))
{
    s->show.screenshot = fn;
}

void session_set_pictures(struct session *s, const struct show_pictures *p)
{
    s->show.pictures = p;
}

void session_drive(struct session *s,
                   enum command_status (*fn)(void *opaque, struct session *s),
                   void *opaque)
{
    s->driver.fn = fn;
    s->driver.opaque = opaque;
}

void session_console(struct session *s, void (*fn)(void *, u8 byte),
                     void *opaque)
{
    s->streams->console_fn = fn;
    s->streams->console_opaque = opaque;
}

void session_at(struct session *s, const char *file, unsigned line)
{
    s->lead.file = file;
    s->lead.line = line;
}

const char *session_error(const struct session *s)
{
    return s->lead.error;
}

const struct expr_env *session_env(const struct session *s)
{
    return &s->env;
}

void session_lets(struct session *s, const struct session *from)
{
    s->lets = from->lets;
}

void session_outer(struct session *s, struct session *outer)
{
    s->outer = outer;
    s->show.outer = &outer->show;
}

enum command_status drive_run(struct session *s)
{
    s->led++; /* as in a script, typed keys do not go to the guest */
    enum command_status st = s->driver.fn(s->driver.opaque, s);
    drive_forget(s);
    s->led--;
    s->lead.file = NULL;
    return st;
}

/* ---- asking ---------------------------------------------------------- */

bool drive_asks(struct session *s)
{
    const struct config *c = outermost_session(s)->config;
    return s->driver.fn && !c->solve && (!c->grade || c->verbose);
}

/* Appends to `line` the bytes that have been read already. 1: the line is
 * whole; 0: more is to come; -1: the input has ended. */
static int line_typed(struct streams *st, char *line, size_t *at, size_t n)
{
    while (st->in_at < st->in_n) {
        char c = (char)st->in[st->in_at++];
        if (c == '\n')
            return 1;
        if (*at + 1 < n && c != '\r')
            line[(*at)++] = c;
    }
    return !st->in_ended ? 0 : *at ? 1 : -1;
}

/* Serves the panel for a turn. session_ask calls it until the learner has
 * answered. The panel may run the machine; session_back undoes that. */
static void wait_for_answer(struct session *s)
{
    struct streams *st = outermost_session(s)->streams;
    if (inbox_any(s))
        session_keep(s);
    drive_panel(s);
    streams_flush(st);
    if (!s->quit && inbox_wait(s, s->run.going ? 0 : .05, true) &&
        streams_read(st) >= 0)
        st->in_at--; /* put back: it was read to test for input */
}

void session_print(struct session *s, const char *text)
{
    wrap_text(&s->wrap, s->led, text);
}

void session_forget_typed(struct session *s)
{
    struct streams *st = outermost_session(s)->streams;
    if (!st->tty)
        return;
    st->in_at = st->in_n;
    tcflush(STDIN_FILENO, TCIFLUSH);
}

void session_cover(struct session *s, bool covered)
{
    s->show.covered = covered;
    publish_now(&s->show, true);
}

bool session_ask(struct session *s, char *line, size_t n)
{
    size_t at = 0;
    int got = 0;
    struct streams *st = outermost_session(s)->streams;
    streams_flush(st);
    while (!session_left(s) && !(got = line_typed(st, line, &at, n)))
        wait_for_answer(s);
    line[at] = 0;
    s->run.going = false;
    session_drop(s, IN_PANEL);
    s->m->mmu.catch_walk = false;
    return got > 0 && !session_left(s);
}
