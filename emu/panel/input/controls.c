/* SPDX-License-Identifier: MIT */
/* Passes requests from window, terminal and web page to the session. */
#include "panel/input/keys.h"
#include "panel/panel.h"

static void queue_command(void *s, const char *line)
{
    session_queue_command(s, line);
}

static void queue_keys(void *s, const char *bytes, size_t n)
{
    session_queue_keys(s, bytes, n);
}

static void select_frame(void *s, s64 pfn)
{
    session_select_frame(s, pfn);
}

static void light(void *s, const char *words)
{
    session_light(s, words);
}

struct controls controls_of(struct session *s, struct view *v,
                            const struct ins_display *d)
{
    return (struct controls){.v = v,
                             .d = d,
                             .command = queue_command,
                             .keys = queue_keys,
                             .select = select_frame,
                             .light = light,
                             .pressed = PANES,
                             .opaque = s};
}
