/* SPDX-License-Identifier: MIT */
/* Internal to monitor/: travel through the machine's past. */
#pragma once

#include "monitor/run/run.h"

struct past_way { /* from past_depart to past_arrive */
    struct session *s;
    struct answer *a;     /* NULL: without a message */
    double started, said; /* host seconds */
    bool told;            /* a line of progress stands on standard error */
};
/* Begins travel. False, with a message: there is no past to go to. */
bool past_depart(struct past_way *w);
/* Ends travel: the session forgets all later events and output. Fails if
 * `end` is not HISTORY_THERE, and says why. */
enum command_status past_arrive(struct past_way *w, enum history_end end);
/* Goes back, for the debugger, without a message: one step (`search` NULL), or
 * to the last stop that `search` accepts (`traps`: traps are stops, too). */
enum history_end past_back(struct session *s,
                           const struct history_search *search, bool traps);
/* Goes to a moment of the past, or to the present, without a message. */
enum history_end past_goto(struct session *s, struct moment to);
/* True, with a message: the machine stands in its past, which cannot change. */
bool past_refuses(struct answer *a, const char *verb);
