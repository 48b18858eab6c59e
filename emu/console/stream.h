/* SPDX-License-Identifier: MIT */
/* The process's standard streams, which the guest's console uses. */
#pragma once

#include "machine/machine.h"

#include <stdio.h>

struct config;
struct state;
struct term;

#define HEARD_MAX 65536
struct streams {
    const struct config *config;
    /* Streams for output: the process's own, or, while a panel has the
     * terminal, a buffer (kept) that is printed at the end. */
    FILE *out, *err;
    char *kept;
    size_t nkept;
    bool tty;       /* standard input is a terminal, and no panel has it */
    double started; /* host seconds, for startup_seconds */
    u8 in[65536];
    size_t in_at, in_n;
    bool in_ended;
    bool wanted;    /* window: the guest has asked an empty pipe for input */
    bool in_line;   /* the guest's input so far ends within a line */
    bool broken;    /* standard output cannot be written any more */
    bool line_open; /* the last byte that we put on stdout was no newline */
    struct term *term;
    /* The guest's output that no expect has matched yet (without CRs). */
    char heard[HEARD_MAX];
    size_t nheard;
    u64 nall, taken; /* bytes heard since the start; up to the last match */
    const char *expecting; /* text to stop at, or NULL */
    bool matched;
    struct machine *machine; /* to be stopped at a match */
    /* With a window: serves it until standard input has bytes or has ended.
     * False: the user quit. */
    bool (*await_input)(void *);
    void *await_opaque;
    bool muted;        /* the guest's output is not shown */
    char question[16]; /* held back by question() */
    size_t nquestion;
    void (*console_fn)(void *, u8 byte); /* shows the console (drive.h) */
    void *console_opaque;
    char line[240]; /* the console's line, for listen_for_panic */
    size_t nline;
    u64 panicked; /* cycle of the last byte since "Kernel panic:"; or 0 */
};
double host_now(void); /* in seconds; it never reaches the machine */
/* Saves or restores, as a part of the past, expect's text and the console. */
void streams_past(void *streams, struct state *s);
void streams_flush(struct streams *st);
void streams_free(struct streams *st);
/* Removes cursor reports from n bytes that a terminal sent; returns how many
 * bytes are left. */
size_t streams_drop_answers(char *p, size_t n);
/* Looks for text in the output that was heard. True: it was there, and is
 * dropped with all output before it. */
bool streams_expect(struct streams *st, const char *text);
/* Call when the machine went back in its past: output that expect has matched
 * already is not matched again. */
void streams_elsewhere(struct streams *st);
/* Waits for the next byte of standard input and returns it; -1 at the end;
 * HOST_IN_LATER: the program is to end before a byte comes. */
int streams_read(struct streams *st);
/* True: the guest has asked for input, and the open pipe had none. */
bool streams_owe(const struct streams *st);
/* Gives the guest a line of the pipe, which has input now. */
void streams_give(struct streams *st);
