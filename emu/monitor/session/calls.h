/* SPDX-License-Identifier: MIT */
/* Internal to monitor/: the calls that the hart is in (calls.c), as people
 * see them. A call that was inlined and begins at the hart's pc has not been
 * entered yet, as gdb has it, after a step came there from its caller: it is
 * hidden, and the caller's line is the one of the call. */
#ifndef CLOCKHAND_MONITOR_CALLS_H
#define CLOCKHAND_MONITOR_CALLS_H

#include "monitor/session/run.h"

/* Innermost first, without those hidden. Its owner frees `all`. */
struct calls {
    struct ins_call *all;
    unsigned n, chosen;
};
struct calls calls_now(struct session *s);
/* The call that names are meant of; NULL: the hart's innermost. */
const struct ins_call *calls_chosen(const struct session *s);
/* How many calls are hidden where the hart stands. */
unsigned calls_hidden(const struct session *s);
/* The hart stands where so many calls are not entered yet. */
void calls_hide(struct session *s, unsigned hidden);
/* That one is chosen, by its number in bt, until the hart goes on. */
void calls_choose(struct session *s, unsigned hidden, unsigned number);
/* How many of the calls inlined at pc begin there, innermost first. */
unsigned calls_beginning(struct source *source, u64 pc,
                         const struct source_scope *scope, unsigned n);
/* The line that people mean by "here": the chosen call's. */
bool calls_line(struct session *s, struct ins_code *code,
                struct source_row *row);

#endif
