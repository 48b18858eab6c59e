/* SPDX-License-Identifier: MIT */
/* Internal to gdb/: a session that a debugger drives. */
#pragma once

#include "monitor/debugger.h"

/* Numbered as in gdb's Z packets. Software and hardware breakpoints are the
 * same: none writes the guest's memory, and there is no scarce hardware. */
enum remote_kind {
    REMOTE_SOFT,
    REMOTE_HARD,
    REMOTE_WRITE,
    REMOTE_READ,
    REMOTE_ACCESS
};

/* A debugger's step: one instruction of a task at the privilege at which the
 * step begins. Traps to a higher privilege and interrupts at the same one are
 * served first, and the guest's scheduler may run other tasks. The step ends
 * at the handler of a signal, or of an exception taken at the same privilege;
 * in a bare program, at the handler of any exception. */
struct task_step {
    u32 task;      /* 0: no task is on the hart, or the guest does not tell */
    u64 from, end; /* steps while pc is in [from, end); 0, 0: once */
    /* State of the step: */
    bool began;  /* an instruction of the task has executed or trapped */
    u32 priv;    /* the task's instructions run at most at this privilege */
    u64 serving; /* pc of the task at which a trap is served; or 0 */
    bool within; /* the trap is an interrupt that the task itself serves */
};

enum remote_why {
    REMOTE_RUNS,
    REMOTE_STEPPED,
    REMOTE_AT_BREAK, /* a breakpoint of the debugger's */
    REMOTE_AT_WATCH, /* a watchpoint: remote_state has its kind and va */
    REMOTE_HALTED,
    REMOTE_OTHER /* remote_report tells */
};
struct remote_state {
    enum remote_why why;
    enum remote_kind kind;
    u64 va;
};

struct remote {
    struct session *s;
    void (*serve)(void *opaque); /* reads the connection */
    void *opaque;
    bool attached;
    bool on_way; /* arrive is taking the stopped machine one step back */
    struct remote_stop {
        enum remote_kind kind;
        u64 va, len;
    } stop[DEBUGGER_STOPS];
    unsigned nstops;
    struct task_step step;
    struct remote_state hit; /* kind and va of the last stop that was hit */
};

/* Lets the session call serve(opaque), and wait for fd. */
void remote_open(struct remote *r, struct session *s, void (*serve)(void *),
                 void *opaque, int fd);
/* These set and clear a stop at the len bytes from va on (a breakpoint ignores
 * len). Setting it twice has no effect. set returns false if too many
 * stops are set already; clear, if no such stop is set. */
bool remote_set(struct remote *r, enum remote_kind kind, u64 va, u64 len);
bool remote_clear(struct remote *r, enum remote_kind kind, u64 va, u64 len);
void remote_clear_all(struct remote *r);
/* Starts the machine: for one step, or (NULL) until something stops it. */
void remote_go(struct remote *r, const struct task_step *step);
/* Goes back by a step of the task on the hart, or to the nearest earlier stop,
 * and halts. False: the past begins here, is off, or is replayed wrongly. */
bool remote_back(struct remote *r, bool step);
void remote_halt(struct remote *r);
/* Ends the debugger's command that is running; the machine stops at once. */
void remote_interrupt(struct remote *r);
struct remote_state remote_state(const struct remote *r);
/* Tells fn in words why the machine stopped, and where. */
void remote_report(struct remote *r, session_print_fn *fn, void *opaque);
/* Executes one line of the command language; its output and errors go to fn;
 * verbs that run the machine are over when it returns. True: the machine has
 * moved. */
bool remote_command(struct remote *r, const char *line, session_print_fn *fn,
                    void *opaque);
