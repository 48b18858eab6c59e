/* SPDX-License-Identifier: MIT */
/* The page's prompt is an element of the page, which reads and completes lines
 * (terminal/prompt.c): here stands only who has the keys. */
#include "monitor/terminal/terminal.h"

void prompt_start(struct session *s)
{
    s->at_prompt = true;
    s->prompt_waits = false;
}

void prompt_stop(struct session *s)
{
    s->at_prompt = false;
}

void prompt_read(struct session *s)
{
    (void)s;
}

bool prompt_interrupt(struct session *s)
{
    (void)s;
    return false;
}
