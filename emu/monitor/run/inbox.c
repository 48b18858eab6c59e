/* SPDX-License-Identifier: MIT */
/* Takes the requests of the panel's thread: lines and keys in a queue, a frame
 * to show, words to light, the end. A pipe wakes the session when it sleeps.
 * The session's thread executes the queue between slices. */
#include "base/ending.h"
#include "monitor/run/run.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

void inbox_init(struct session *s)
{
    pthread_mutex_init(&s->inbox.lock, NULL);
    if (pipe2(s->inbox.wake, O_CLOEXEC | O_NONBLOCK))
        die("session", "no pipe: %s", strerror(errno));
    s->inbox.end = &s->inbox.first;
}

void inbox_free(struct session *s)
{
    while (s->inbox.first) {
        struct queued *q = s->inbox.first;
        s->inbox.first = q->next;
        free(q);
    }
    close(s->inbox.wake[0]);
    close(s->inbox.wake[1]);
    pthread_mutex_destroy(&s->inbox.lock);
}

struct session *outermost_session(struct session *s)
{
    while (s->outer)
        s = s->outer;
    return s;
}

/* ---- the panel's thread ---------------------------------------------- */

struct ins_display *session_display_new(struct session *s)
{
    struct ins_display *d = inspect_display_new(s->m);
    inspect_display_blank(d);
    return d;
}

bool session_display(struct session *s, struct ins_display *to)
{
    return publish_copy(&s->show, to);
}

static void wake(struct session *s)
{
    /* A full pipe wakes as well. */
    if (write(s->inbox.wake[1], "", 1) < 0)
        assert(errno == EAGAIN);
}

static void enqueue(struct session *s, const char *text, size_t n, int kind)
{
    struct queued *q = xcalloc(1, sizeof *q + n + 1);
    memcpy(q->text, text, n);
    q->n = n;
    q->kind = kind;
    LOCKED(&s->inbox.lock);
    *s->inbox.end = q;
    s->inbox.end = &q->next;
    wake(s);
}

void session_queue_command(struct session *s, const char *line)
{
    enqueue(s, line, strlen(line), QUEUED_COMMAND);
}

void session_queue_line(struct session *s, const char *line)
{
    enqueue(s, line, strlen(line), QUEUED_LINE);
}

void session_queue_keys(struct session *s, const char *bytes, size_t n)
{
    enqueue(s, bytes, n, QUEUED_KEYS);
}

void session_select_frame(struct session *s, s64 pfn)
{
    publish_select(&s->show, pfn);
    wake(s);
}

void session_light(struct session *s, const char *words)
{
    publish_light(&s->show, words);
    wake(s);
}

void session_publish(struct session *s, bool on)
{
    publish_switch(&s->show, on);
    wake(s);
}

void session_quit(struct session *s)
{
    LOCKED(&s->inbox.lock);
    s->inbox.quit_asked = true;
    machine_ask_stop(s->m);
    wake(s);
}

bool session_ended(struct session *s)
{
    LOCKED(&s->inbox.lock);
    return s->inbox.over;
}

/* ---- the session's thread -------------------------------------------- */

bool inbox_any(struct session *s)
{
    s = outermost_session(s);
    LOCKED(&s->inbox.lock);
    return s->inbox.first;
}

struct queued *inbox_next(struct session *s)
{
    struct session *w = outermost_session(s);
    LOCKED(&w->inbox.lock);
    struct queued *q = w->inbox.first;
    if (q && !(w->inbox.first = q->next))
        w->inbox.end = &w->inbox.first;
    if (w->inbox.quit_asked)
        s->quit = true;
    return q;
}
