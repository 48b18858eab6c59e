/* SPDX-License-Identifier: MIT */
/* Internal to monitor/: the input and output of the process. See stream.h for
 * its standard streams, term.h for the console's screen. */
#pragma once

#include "monitor/session.h"

/* ---- output (output.c) ----------------------------------------------- */
/* Prints text for people; nothing if JSON is wanted. */
void say(struct answer *a, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* If JSON is wanted, prints a line (template: see json_add). Returns CMD_OK. */
enum command_status answer_json(struct answer *a, const char *template, ...)
    __attribute__((format(printf, 2, 3)));
/* Prints a->j if JSON is wanted; frees it. Returns CMD_OK. */
enum command_status finish_json(struct answer *a);
/* Keeps an error in a->to->error, and prints it unless a->to->refusing; in a
 * script, on standard error with file and line (if it has a file). Returns
 * status. */
enum command_status fail(struct answer *a, enum command_status status,
                         const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void session_flush(struct session *s); /* prints a line that has no end yet */

/* ---- the terminal (tty.c, prompt.c) ---------------------------------- */
void tty_raw(struct session *s, bool on);
/* Notes that readline has set the terminal to its own mode (lent), or back. */
void tty_lent(bool lent);
/* Reads typed bytes: keys for the guest, and Ctrl-A's commands. */
void tty_keys(struct session *s);
#define TTY_MOST 4096
/* Takes what read() has returned, at most TTY_MOST bytes, as tty_keys does. */
void tty_give(struct session *s, char *keys, ssize_t n);
void prompt_start(struct session *s); /* the prompt takes the terminal */
void prompt_stop(struct session *s);  /* the console has the terminal again */
void prompt_read(struct session *s);  /* takes a typed byte */
/* Call at a signal that ends the program. True: it was Ctrl-C at the prompt,
 * which only begins a fresh line. */
bool prompt_interrupt(struct session *s);

/* ---- completion ------------------------------------------------------ */
/* The words that begin with the typed letters, in order, for readline or the
 * web page. */
struct words {
    const char *text; /* typed */
    size_t length;
    char **list;
    size_t n;
};
/* Gathers the words that may stand at line[start]. False: a file's name is
 * wanted. (Defined in verbs/.) */
bool complete_line(struct session *s, const char *line, size_t start,
                   struct words *w);
/* Returns the characters that end a word at `point`: a file's name may hold
 * characters that end a word of an expression. */
char *complete_breaks(const char *line, size_t point);
/* Finds the verb by its name, alias or unique beginning (n letters). NULL: err
 * says why. */
const struct command *command_find(const char *verb, size_t n, char *err,
                                   size_t size);
/* Prints why the machine stopped, and where. (Defined in session/.) */
void session_report(struct answer *a);
