/* SPDX-License-Identifier: MIT */
/* Internal to monitor/: by source lines. LOC, and running to the next line, out
 * of a function, to a place. */
#ifndef CLOCKHAND_STEP_H
#define CLOCKHAND_STEP_H

#include "monitor/session/session.h"

/* ---- LOC (location.c) ---------------------------------------------------- */
struct location {
    u64 va[SOURCE_PLACES];
    unsigned n;
    struct source_row row; /* of the first; file NULL: not known */
    struct ins_code code;  /* whose it is; source NULL: an address */
    char text[100];        /* as typed */
};
/* FILE:LINE, a function, *ADDR, an expression. after_prologue: of a function
 * where its arguments can be read. False, with a message: no such place. */
bool args_location(struct session *s, const char **p, struct location *out);
/* FILE:LINE, FUNCTION or LINE (of the file that the hart is in) to a file and a
 * line of it. */
bool args_line(struct session *s, const char **p, struct ins_code *code,
               const char **file, unsigned *line);
/* The line that the hart is at; false: none is known. */
bool line_here(struct session *s, struct ins_code *code,
               struct source_row *row);
/* A file's name without its folders. */
const char *file_part(const char *name);
/* "fault.c:12", then the line's text if the file is there. cmd_source.c */
void line_text(struct session *s, const struct ins_code *code,
               const struct source_row *row, char *buf, size_t n);

/* ---- stepping (step.c) --------------------------------------------------- */
enum stepping { STEP_IN, STEP_OVER, STEP_OUT };

/* An address at which the machine is to stop, for whom. */
struct step_place {
    u64 va;
    u64 sp, room; /* the stack pointer: this, or up to so much below it */
    bool above;   /* or anywhere above it */
    bool end;     /* what was asked for is reached there */
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
    unsigned hidden; /* at its end: calls that it has not entered (frames.h) */
    u64 frame; /* of the function that it is in: the canonical frame address */
    /* While the machine runs to one of these. */
    bool running;
    struct step_place place[STEP_PLACES];
    unsigned nplaces;
    /* finish: what the function returns. */
    struct source_ref returns;
    char returned[200];
};
/* Towards the stepper's end for a part of a slice that ends at cycle `to`. */
enum machine_stop step_advance(struct session *s, u64 to, bool *reached);
/* Begins at the line that the hart is at; false: none is known. */
bool step_from_here(struct session *s, struct stepper *t);

#endif
