/* SPDX-License-Identifier: MIT */
/* Replaces session/prompt.c: an element of the page reads the lines, so this
 * file only records whether the session is at its prompt. */
#include "monitor/session/terminal.h"

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
}

bool prompt_interrupt(struct session *s)
{
    return false;
}
