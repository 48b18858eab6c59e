/* SPDX-License-Identifier: MIT */
/* Internal to monitor/: steps by source lines, and running to a place. */
#ifndef CLOCKHAND_STEP_H
#define CLOCKHAND_STEP_H

#include "monitor/session/run.h"

enum stepping { STEP_IN, STEP_OVER, STEP_OUT };

/* An address at which the machine is to stop, and the stack pointers for which
 * it stops there. */
struct step_place {
    u64 va;
    u64 sp, room; /* the stack pointer: sp, or at most `room` below it */
    bool above;   /* instead: any above sp */
    bool end;     /* the step is over there */
};
struct stepper {
    enum stepping kind;
    u64 count; /* lines still to go */
    struct ins_context who;
    /* The line that is to be left. */
    struct source *source;
    const char *file;
    unsigned line;
    u64 scope[SOURCE_SCOPES]; /* the calls that it is in, innermost first */
    unsigned nscopes;
    unsigned hidden; /* at its end: calls that it has not entered (calls.h) */
    u64 frame; /* of the function that it is in: the canonical frame address */
    /* While the machine runs to one of these. */
    bool running;
    struct step_place place[STEP_PLACES];
    unsigned nplaces;
    /* finish: what the function returns. */
    struct source_ref returns;
    char returned[200];
};
/* Runs towards the step's end, for a part of a slice that ends at cycle `to`.
 */
enum machine_stop step_advance(struct session *s, u64 to, bool *reached);
/* Begins a step at the line that the hart is at; false: no line is known. */
bool step_from_here(struct session *s, struct stepper *t);

#endif
