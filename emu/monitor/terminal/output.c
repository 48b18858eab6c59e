/* SPDX-License-Identifier: MIT */
/* Writes verbs' output (text for people, or a line of JSON) and errors. */
#include "monitor/terminal/terminal.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void say(struct session *s, const char *fmt, ...)
{
    char *text;
    va_list ap;
    if (s->json)
        return; /* no words for people beside JSON */
    va_start(ap, fmt);
    int n = vasprintf(&text, fmt, ap);
    va_end(ap);
    if (n < 0)
        return;
    if (n && s->output)
        s->output(s->output_opaque, text);
    free(text);
}

enum command_status finish_json(struct session *s)
{
    if (s->json && s->output && s->j.text) {
        s->output(s->output_opaque, s->j.text);
        s->output(s->output_opaque, "\n");
        s->answered = true;
    }
    json_free(&s->j);
    return CMD_OK;
}

enum command_status answer_json(struct session *s, const char *template, ...)
{
    va_list ap;
    va_start(ap, template);
    json_vadd(&s->j, template, ap);
    va_end(ap);
    return finish_json(s);
}

enum command_status fail(struct session *s, enum command_status status,
                         const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(s->error, sizeof s->error, fmt, ap);
    va_end(ap);
    if (s->refusing)
        return status;
    if (s->context == IN_SCRIPT) {
        streams_flush(s->streams);
        if (s->file)
            fprintf(stderr, "clockhand: %s:%u: %s\n", s->file, s->line,
                    s->error);
        else
            fprintf(stderr, "clockhand: %s\n", s->error);
    } else {
        say(s, "%s\n", s->error);
    }
    return status;
}

void session_output(struct session *s, void (*fn)(void *, const char *text),
                    void *opaque)
{
    s->output = fn;
    s->output_opaque = opaque;
}
