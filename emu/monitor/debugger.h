/* SPDX-License-Identifier: MIT */
/* For gdb/: a debugger drives the session's machine. It is served at
 * instruction boundaries, between the slices of the run loop. Its stops are
 * kept apart from the user's breakpoints. */
#pragma once

#include "engine/engine.h"
#include "monitor/answer.h"

struct stopper;

/* What the session asks of a debugger (`d` is session_debugger's). */
struct debugger_port {
    /* Called at every turn of session_main's loop and as soon as fd can be
     * read, even while a command of the debugger's is executed. */
    void (*serve)(void *d);
    /* While it is attached, a machine that hangs or halts waits for it, and the
     * session does not end. */
    bool (*attached)(const void *d);
    /* Adds its stops, DEBUGGER_STOPS at most, to those that the engine has. */
    void (*arm)(const void *d, u64 *va, size_t *nva, struct engine_watch *watch,
                size_t *nwatch);
    /* Gives in *by the stop that was hit. False: none was. */
    bool (*judge)(void *d, enum machine_stop why, struct stopper *by);
    /* Moves the machine, which has stopped for it, to where it expects it. */
    void (*arrive)(void *d);
    /* Runs a slice of its step (goal.stepping). *reached: it has ended. */
    enum machine_stop (*advance)(void *d, bool *reached);
};
#define DEBUGGER_STOPS 256

/* Makes session_main wait for a debugger before the machine's first
 * instruction, and serve it. */
void session_debugger(struct session *s, const struct debugger_port *port,
                      void *d, int fd);
/* Registers the verb gdb; without it the verb fails with a message. */
void session_gdb_verb(struct session *s,
                      enum command_status (*fn)(void *opaque, struct answer *a),
                      void *opaque);
/* Lends the machine to the debugger until over(opaque) says that gdb has ended,
 * or that a pipe's next line is there. On return the machine is halted. */
void session_debugged(struct answer *a, bool (*over)(void *), void *opaque);
