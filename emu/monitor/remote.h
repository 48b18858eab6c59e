/* SPDX-License-Identifier: MIT */
/* For gdb/: a debugger at the other end of a connection drives the session's
 * machine. It is served at instruction boundaries, between the slices of the
 * run loop. The debugger's stops are kept apart from the user's breakpoints. */
#pragma once

#include "monitor/monitor.h"

/* Makes session_main wait for a debugger before the machine's first
 * instruction. session_main calls serve(opaque) at every turn of its loop and
 * as soon as fd can be read, even while it executes a debugger's command.
 * `where` is the argument of gdb's `target remote`; it is not copied. */
void session_remote(struct session *s, void (*serve)(void *opaque),
                    void *opaque, int fd, const char *where);
/* Registers the function by which the verb gdb opens a connection if there is
 * none yet: listen calls session_remote. */
void session_remote_listen(struct session *s,
                           void (*listen)(void *opaque, struct session *s),
                           void *opaque);
/* Notes that a debugger is attached, or has gone. While it is attached, a
 * machine that hangs or halts waits for it, and the session does not end. */
void session_remote_attached(struct session *s, bool attached);

/* Numbered as in gdb's Z packets. Software and hardware breakpoints are the
 * same: none writes the guest's memory, and there is no scarce hardware. */
enum remote_kind {
    REMOTE_SOFT,
    REMOTE_HARD,
    REMOTE_WRITE,
    REMOTE_READ,
    REMOTE_ACCESS
};
#define REMOTE_STOPS 256
/* These set and clear a stop at the len bytes from va on (a breakpoint ignores
 * len). Setting it twice has no effect. set returns false if too many
 * stops are set already; clear, if no such stop is set. */
bool session_remote_set(struct session *s, enum remote_kind kind, u64 va,
                        u64 len);
bool session_remote_clear(struct session *s, enum remote_kind kind, u64 va,
                          u64 len);
void session_remote_clear_all(struct session *s);

/* A debugger's step: one instruction of a task at the privilege at which the
 * step begins. Traps to a higher privilege and interrupts at the same one are
 * served first, and the guest's scheduler may run other tasks. The step ends
 * at the handler of a signal, or of an exception taken at the same privilege;
 * in a bare program, at the handler of any exception. */
struct task_step {
    bool on;
    u32 task;      /* 0: no task is on the hart, or the guest does not tell */
    u64 from, end; /* steps while pc is in [from, end); 0, 0: once */
    /* State of the step: */
    bool began;  /* an instruction of the task has executed or trapped */
    u32 priv;    /* the task's instructions run at most at this privilege */
    u64 serving; /* pc of the task at which a trap is served; or 0 */
    bool within; /* the trap is an interrupt that the task itself serves */
};
/* Starts the machine: for one step, or (NULL) until something stops it. */
void session_remote_go(struct session *s, const struct task_step *step);
/* Goes back by a step of the task on the hart, or to the nearest earlier stop,
 * and halts. False: the past begins here, is off, or is replayed wrongly. */
bool session_remote_back(struct session *s, bool step);
void session_remote_halt(struct session *s);
/* True: the monitor has lent the machine, and halts it when the debugger
 * leaves. */
bool session_remote_lent(const struct session *s);
/* Ends the debugger's command that is running; the machine stops at once. */
void session_remote_interrupt(struct session *s);

enum remote_why {
    REMOTE_RUNS,
    REMOTE_STEPPED,
    REMOTE_AT_BREAK, /* a breakpoint of the debugger's */
    REMOTE_AT_WATCH, /* a watchpoint: remote_state has its kind and va */
    REMOTE_HALTED,
    REMOTE_OTHER /* session_remote_report tells */
};
struct remote_state {
    enum remote_why why;
    enum remote_kind kind;
    u64 va;
};
struct remote_state session_remote_state(const struct session *s);
/* Tells fn in words why the machine stopped, and where. */
void session_remote_report(struct session *s, session_print_fn *fn,
                           void *opaque);
/* Executes one line of the command language; its output and errors go to fn;
 * verbs that run the machine are over when it returns. True: the machine has
 * moved. */
bool session_remote_command(struct session *s, const char *line,
                            session_print_fn *fn, void *opaque);
void session_remote_kill(struct session *s); /* as if the user quit */
