/* SPDX-License-Identifier: MIT */
/* Executes what the panel has queued, and waits for panel, debugger, signals
 * and the terminal. */
#include "base/ending.h"
#include "monitor/session/sources.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define ANSWER_SECONDS 5 /* the least time of an answer to the panel */

/* The first line that a verb prints, which becomes the panel's caption. Further
 * lines are dropped. */
struct first_line {
    char text[200];
    bool ended;
};

static void to_caption(void *opaque, const char *text, UNUSED bool json)
{
    struct first_line *first = opaque;
    size_t at = strlen(first->text), n = strcspn(text, "\n");
    if (first->ended)
        return;
    snprintf(first->text + at, sizeof first->text - at, "%.*s", (int)n, text);
    first->ended = text[n] && *first->text;
}

static void run_queued(struct session *s, const struct queued *q)
{
    if (q->kind == QUEUED_KEYS) {
        machine_input(s->m, q->text, q->n);
        card_typed(s);
        return;
    }
    if (q->kind == QUEUED_LINE) {
        struct asker typed = s->person;
        if (s->led) /* a script or a lesson goes on after it */
            typed.who = IN_PANEL;
        s->quit |= session_execute(s, &typed, q->text) == CMD_QUIT;
        return;
    }
    struct first_line first = {.text = ""};
    struct asker panel = {
        .who = IN_PANEL, .print = to_caption, .opaque = &first};
    cards_over(&s->show, q->text);
    enum command_status status = session_execute(s, &panel, q->text);
    s->quit |= status == CMD_QUIT;
    if (status == CMD_BAD)
        s->show.answer_until = host_now() + ANSWER_SECONDS;
    /* A drag queues many gotos: only the last one reports. */
    bool told = !strncmp(s->show.caption, first.text, strlen(first.text));
    if (!told && !(!strncmp(q->text, "goto ", 5) && inbox_any(s)))
        publish_caption(&s->show, first.text, LENS_NO_PFN, ANSWER_SECONDS);
}

void session_serve(struct session *s)
{
    bool any = false;
    if (ending_asked() && !prompt_interrupt(s))
        s->quit = true;
    for (struct queued *q; (q = inbox_next(s)); free(q), any = true)
        run_queued(s, q);
    streams_flush(s->streams);
    if (s->streams->broken) /* nobody could read the output */
        s->quit = true;
    publish_now(&s->show, any);
    debugger_serve(s);
}

bool inbox_wait(struct session *s, double seconds, bool terminal)
{
    struct session *w = outermost_session(s);
    struct pollfd p[4] = {
        {.fd = w->inbox.wake[0], .events = POLLIN},
        {.fd = ending_fd(), .events = POLLIN},
        {.fd = s->debugged.open ? s->debugged.fd : -1, .events = POLLIN},
        {.fd = STDIN_FILENO, .events = POLLIN}};
    char drain[64];
    int ms = seconds < 0 ? -1 : (int)(seconds * 1e3 + .999);
    if (poll(p, terminal ? 4 : 3, ms) <= 0)
        return false;
    if (p[0].revents)
        while (read(w->inbox.wake[0], drain, sizeof drain) > 0)
            ;
    return terminal && p[3].revents;
}

static bool quit_asked(struct session *s)
{
    LOCKED(&s->inbox.lock);
    return s->inbox.quit_asked;
}

/* Runs within a slice: queued commands wait, but displays are published. */
bool inbox_await_input(struct session *s)
{
    struct pollfd in = {.fd = STDIN_FILENO, .events = POLLIN};
    while (poll(&in, 1, 0) == 0) {
        if (quit_asked(s) || ending_asked()) {
            s->quit = true;
            return false;
        }
        if (!s->show.awaits_input)
            publish_caption(&s->show,
                            "standard input, a pipe or file that is to be "
                            "read, has nothing yet: the machine waits for it, "
                            "and so does what is typed here",
                            LENS_NO_PFN, 0);
        s->show.awaits_input = true;
        publish_now(&s->show, true);
        inbox_wait(s, -1, true);
    }
    s->show.awaits_input = false;
    return true;
}
