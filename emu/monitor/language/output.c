/* SPDX-License-Identifier: MIT */
/* Writes verbs' output (text for people, or a line of JSON) and errors. */
#include "monitor/language/output.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void say(struct answer *a, const char *fmt, ...)
{
    char *text;
    va_list ap;
    if (a->json)
        return; /* no words for people beside JSON */
    va_start(ap, fmt);
    int n = vasprintf(&text, fmt, ap);
    va_end(ap);
    if (n < 0)
        return;
    if (n && a->to->print)
        a->to->print(a->to->opaque, text, false);
    free(text);
}

enum command_status finish_json(struct answer *a)
{
    if (a->json && a->to->print && a->j.text) {
        a->to->print(a->to->opaque, a->j.text, true);
        a->to->print(a->to->opaque, "\n", true);
        a->printed = a->to->told = true;
    }
    json_free(&a->j);
    return CMD_OK;
}

enum command_status answer_json(struct answer *a, const char *template, ...)
{
    va_list ap;
    va_start(ap, template);
    json_vadd(&a->j, template, ap);
    va_end(ap);
    return finish_json(a);
}

enum command_status fail(struct answer *a, enum command_status status,
                         const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(a->to->error, sizeof a->to->error, fmt, ap);
    va_end(ap);
    if (a->to->refusing)
        return status;
    if (a->to->who == IN_SCRIPT) {
        streams_flush(a->s->streams);
        if (a->to->file)
            fprintf(stderr, "clockhand: %s:%u: %s\n", a->to->file, a->to->line,
                    a->to->error);
        else
            fprintf(stderr, "clockhand: %s\n", a->to->error);
    } else {
        say(a, "%s\n", a->to->error);
    }
    return status;
}

void session_output(struct session *s, session_print_fn *fn, void *opaque)
{
    s->lead.print = s->person.print = fn;
    s->lead.opaque = s->person.opaque = opaque;
}

void session_flush(struct session *s)
{
    wrap_flush(&s->wrap, s->led);
}
