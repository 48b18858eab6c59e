/* SPDX-License-Identifier: MIT */
/* Internal to monitor/: those who give lines - scripts, programs, the panel -
 * and the main loop that serves them. */
#pragma once

#include "monitor/session/terminal.h"
#include "monitor/verbs/verbs.h"

/* ---- the main loop (session.c, serve.c) ------------------------------- */
/* Serves the panel and the terminal, then runs a slice. STOP_HALT: the machine
 * does not run now. */
enum stop_kind session_turn(struct session *s);
/* Executes the commands that the panel has queued, publishes a display, flushes
 * the output, serves the debugger (serve.c). */
void session_serve(struct session *s);
/* Sleeps up to `seconds` (< 0: no limit), or until the panel, the debugger, a
 * signal or (if `terminal`) the terminal has something. True: the terminal. */
bool inbox_wait(struct session *s, double seconds, bool terminal);
/* Serves the panel until standard input has bytes or has ended. False: the user
 * quit. */
bool inbox_await_input(struct session *s);

/* ---- scripts and their blocks (script.c, block.c) -------------------- */
/* Runs a file's lines ("-": standard input's) up to the first that fails. */
enum command_status script_run(struct answer *a, const char *file);
int script_status(enum command_status st); /* the exit status */
/* The lines of a `repeat`, `while` or `if`. */
struct block;
struct block *block_new(void);
/* False, with a message: words follow an `else` or `end`. */
bool block_add(struct answer *a, struct block *b, const char *line);
/* Call it only if each block in b has its end. */
enum command_status block_execute(struct answer *a, const struct block *b);
void block_free(struct block *b);

/* ---- programs in place of scripts (drive.c) --------------------------- */
enum command_status drive_run(struct session *s);
/* True if a person is asked questions, and may look around meanwhile. */
bool drive_asks(struct session *s);
