/* SPDX-License-Identifier: MIT */
/* A session that is led by a program in place of scripts (lesson/). */
#include "monitor/drive.h"

#include "monitor/session.h"

void session_drive(struct session *s,
                   enum command_status (*fn)(void *opaque, struct session *s),
                   void *opaque)
{
    s->drive = fn;
    s->drive_opaque = opaque;
}

void session_console(struct session *s, void (*fn)(void *, u8 byte),
                     void *opaque)
{
    s->streams->console_fn = fn;
    s->streams->console_opaque = opaque;
}

void session_at(struct session *s, const char *file, unsigned line)
{
    s->file = file;
    s->line = line;
}

const char *session_error(const struct session *s)
{
    return s->error;
}

const struct expr_env *session_env(const struct session *s)
{
    return &s->env;
}

void session_outer(struct session *s, struct session *outer)
{
    s->outer = outer;
}

bool session_left(const struct session *s)
{
    return s->quit || s->ended;
}

enum command_status drive_run(struct session *s)
{
    s->nesting++; /* the terminal is not the guest's */
    s->streams->scripted = true;
    s->context = IN_SCRIPT;
    enum command_status st = s->drive(s->drive_opaque, s);
    s->nesting--;
    s->streams->scripted = false;
    s->file = NULL;
    return st;
}

/* The panel belongs to the session that leads this one. */
void drive_serve_outer(struct session *s)
{
    if (!s->outer)
        return;
    session_serve(s->outer);
    s->quit |= s->outer->quit;
}
