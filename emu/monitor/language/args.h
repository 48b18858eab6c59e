/* SPDX-License-Identifier: MIT */
/* Internal to monitor/: the arguments of a command. */
#pragma once

#include "monitor/language/output.h"

/* Cuts a comment off, and the blanks before it. */
void args_strip_comment(char *line);

/* ---- arguments (args.c) --------------------------------------------------
 * Functions of `const char **p` skip blanks, take an argument from *p, and move
 * *p after it. `what` is the argument's name in messages. False or NULL: fail()
 * has said why, unless a comment below says otherwise. */
bool args_word(struct answer *a, const char **p, char *buf, size_t n,
               const char *what);
bool args_string(struct answer *a, const char **p, char *buf, size_t n,
                 size_t *length);
bool args_value(struct answer *a, const char **p, u64 *value, const char *what);
/* As args_value, but a value below 0 is an error: for counts and times. */
bool args_amount(struct answer *a, const char **p, u64 *value,
                 const char *what);
/* Reads the rest of the line, which is a count, or empty (*n stays). */
bool args_count(struct answer *a, const char *p, u64 *n);
struct expr *args_expr(struct answer *a, const char **p);
bool args_end(struct answer *a, const char *p); /* nothing may follow */
/* Returns 1 if the line begins a block of a script, -1 if it is an `end`. */
int block_depth(const char *line);
/* True: the text's first word is `word`. */
bool args_begin_with(const char *text, const char *word);
bool args_more(const char **p); /* skips blanks; false, no message: the end */
/* Takes -v, if it is there: a verb that runs the machine then reports the stop,
 * even if the verb stands in a script. */
void args_aloud(struct answer *a, const char **p);
/* Takes a name that expressions can use; `verb` is for messages. */
bool args_name(struct answer *a, const char **p, const char *verb, char *name,
               size_t n);
struct format {
    u64 count;
    char letter;
    unsigned size;
};
bool args_format(struct answer *a, const char **p, struct format *f);
bool args_pid(struct answer *a, const char **p, u64 *pid);
/* Finds the process whose name is these n letters. False, no message: none. */
bool process_named(struct session *s, const char *name, size_t n, u64 *pid);
/* Skips frame, page, pfn, number if a word with a digit, point or $ follows. */
void args_frame_words(const char **p);
bool args_event_va(const char *p); /* p begins with event.va; no message */
/* Takes the longest name of an event, of one to three words ("page fault"),
 * into buf. False, with *p unchanged: no name is there. */
bool args_event(const char **p, char *buf, size_t n);
/* Writes text to buf, bytes other than printable ASCII escaped; returns buf. */
char *args_quote(const char *text, char *buf, size_t n);
/* Evaluates e. False: fail() has said why. */
bool evaluate(struct answer *a, const struct expr *e, u64 *value);

/* ---- places in a program (location.c) -------------------------------- */
struct location {
    u64 va[SOURCE_PLACES];
    unsigned n;
    struct source_row row; /* of the first address; file NULL: not known */
    struct ins_code code;  /* source NULL: from a symbol or EXPR */
    char text[100];        /* as typed */
};
/* Takes FILE:LINE, a function (its place is after its prologue), *ADDR or an
 * expression. False, with a message: no such place. */
bool args_location(struct answer *a, const char **p, struct location *out);
/* Takes LINE (of the file that the hart is in) or a place as args_location
 * does; gives its file and line. False, with a message: no such line. */
bool args_line(struct answer *a, const char **p, struct ins_code *code,
               const char **file, unsigned *line);
/* Gives the line that the hart is at. False, no message: none is known. */
bool line_here(struct session *s, struct ins_code *code,
               struct source_row *row);
