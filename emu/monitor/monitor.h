/* SPDX-License-Identifier: MIT */
/* The command language, and the session that runs the machine for people.
 *
 *   commands.def  one table: verb, arguments, help, function, completion
 *   command.c     parse a line, find the verb, `json` prefix
 *   expr.c        C integer expressions over $reg, cycle, symbols, counters
 *   session.c     the loop: slices of machine, input, command queue, pace
 *   script.c      -x files: expect, send, assert, file and line in messages
 *   prompt.c      readline, completion, Ctrl-A keys, raw terminal
 *   term.c        a small screen for the guest's console (panel's pane)
 *
 * Threads: the session runs the machine; the panel's thread only queues
 * command lines and reads published displays. */
#ifndef CLOCKHAND_MONITOR_H
#define CLOCKHAND_MONITOR_H

#include "inspect/inspect.h"

enum command_status { CMD_OK, CMD_FAILED /* expect/assert */, CMD_BAD,
                      CMD_QUIT };

struct session;
struct session *session_new(struct machine *m, const struct config *c);
void session_free(struct session *s);

/* One line of the command language. Output (text for people, or one JSON line
 * after the word `json`) goes to session_output's function. */
enum command_status session_command(struct session *s, const char *line);
void session_output(struct session *s, void (*fn)(void *, const char *text),
                    void *opaque);

/* Runs everything that the configuration asks for - scripts, console, prompt
 * - until the machine is off or the user quits; returns the exit status. */
int session_main(struct session *s);

/* From the panel's thread. Commands are executed at an instruction boundary;
 * keys go to the guest's console. */
void session_queue_command(struct session *s, const char *line);
void session_queue_keys(struct session *s, const char *bytes, size_t n);
/* Copies the newest display if it is newer than *to's serial. */
bool session_display(struct session *s, struct ins_display *to);
struct ins_display *session_display_new(struct session *s);
void session_select_frame(struct session *s, s64 pfn); /* -1: none */
void session_quit(struct session *s); /* the window was closed */
bool session_ended(struct session *s);

/* Called by panel/ when it exists: session_main publishes displays at most
 * every 1/60 s of host time while this is on. */
void session_publish(struct session *s, bool on);

#endif
