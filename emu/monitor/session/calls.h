/* SPDX-License-Identifier: MIT */
/* Internal to monitor/: the calls that the hart is in, as people see them. If a
 * step came from the caller to the first instruction of an inlined call, that
 * call is hidden, as in gdb: it counts as not entered yet, and the line shown
 * is the caller's, with the call. */
#ifndef CLOCKHAND_MONITOR_CALLS_H
#define CLOCKHAND_MONITOR_CALLS_H

#include "monitor/session/run.h"

/* The calls, innermost first, without the hidden ones. The caller of calls_now
 * frees `all`. */
struct calls {
    struct ins_call *all;
    unsigned n, chosen;
};
struct calls calls_now(struct session *s);
/* The call in which names are looked up; NULL: the hart's innermost. */
const struct ins_call *calls_chosen(const struct session *s);
/* The number of hidden calls where the hart stands. */
unsigned calls_hidden(const struct session *s);
/* Hides the innermost `hidden` calls where the hart stands. */
void calls_hide(struct session *s, unsigned hidden);
/* Chooses a call by its number in bt, until the hart goes on. */
void calls_choose(struct session *s, unsigned hidden, unsigned number);
/* The number of inlined calls that begin at pc, innermost first. */
unsigned calls_beginning(struct source *source, u64 pc,
                         const struct source_scope *scope, unsigned n);
/* The line of the chosen call: "here" in verbs. */
bool calls_line(struct session *s, struct ins_code *code,
                struct source_row *row);

#endif
