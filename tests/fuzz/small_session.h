/* SPDX-License-Identifier: MIT */
/* A small machine with a monitor whose answers nobody reads. */
#pragma once

#include "small_machine.h"

#include "monitor/verbs/verbs.h"

static struct machine *m;
static struct session *s;

static void ignore(UNUSED void *opaque, const char *text, UNUSED bool json)
{
    assert(text);
}

static void small_session(enum context context)
{
    struct config *c = small_config();
    c->panel = PANEL_TERM; /* the terminal is left alone */
    c->pace_given = true;
    struct host_io io = session_host_io(c);
    m = machine_new(c, &io);
    s = session_new(m, c);
    s->lead.who = context;
    session_output(s, ignore, NULL);
}
