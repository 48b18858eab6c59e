/* SPDX-License-Identifier: MIT */
/* Internal to monitor/: whoever gives a line of the command language, and the
 * answer that its verb gives. */
#pragma once

#include "inspect/json.h"
#include "monitor/monitor.h"

/* The sources of commands, which are also the owners of goals and stops. A
 * lesson and a program at a pipe are as a script; IN_REMOTE is the debugger. */
enum context { IN_SCRIPT, IN_PROMPT, IN_PANEL, IN_REMOTE, CONTEXTS };

/* Whoever gives lines, one after another. */
struct asker {
    enum context who;        /* owns the goals that the lines set */
    const char *file;        /* script, or NULL; for messages */
    unsigned line;           /* the number of the latest line in `file` */
    bool in_file;            /* stops are not printed */
    bool refusing;           /* errors are kept, not printed (cmd_refuse) */
    session_print_fn *print; /* NULL: answers are not printed */
    void *opaque;            /* for print */
    char error[600];         /* the latest line's message, if it failed */
    bool told;               /* the latest line was answered in JSON */
};

/* Executes a line that `by` gives (verbs/command.c). */
enum command_status session_execute(struct session *s, struct asker *by,
                                    const char *line);

/* The answer to one line. Each verb gets it as its first argument. */
struct answer {
    struct session *s;
    struct asker *to;
    const struct command *verb; /* NULL: `ps` was typed for `info ps`, ... */
    bool json, printed;         /* JSON is wanted; printed: it was printed */
    bool aloud;       /* -v: the stop is printed, even if to->in_file */
    bool is_unsigned; /* the value that `evaluate` gave last */
    struct json j;    /* the answer so far, as JSON */
};
