/* SPDX-License-Identifier: MIT */
/* Internal to monitor/: struct session, which its folders share. Most
 * functions of each folder are in terminal/terminal.h, language/args.h,
 * session/run.h and verbs/verbs.h (README.md). */
#pragma once

#include "console/stream.h"
#include "console/wrap.h"
#include "inspect/answers.h"
#include "history/history.h"
#include "monitor/answer.h"
#include "monitor/debugger.h"
#include "expr/expr.h"
#include "monitor/monitor.h"
#include "show/show.h"

#include <stdio.h>

/* ---- a verb, as the table of verbs has it (verbs/command.c) ---------- */
enum complete {
    PLACE,
    NOTHING,
    SYMBOLS,
    PROCS,
    FILES,
    VERBS,
    INFO,
    EVENTS,
    WORDS,
    COUNTERS,
    TUNABLES
};
struct command {
    const char *verb, *args;
    enum complete complete;
    enum command_status (*fn)(struct answer *a, const char *args);
    const char *help, *example; /* example: lines to type */
};

/* ---- reasons to stop ------------------------------------------------- */
enum stop_kind {
    STOP_NONE, /* the machine goes on */
    STOP_DONE, /* the goal is reached */
    STOP_OFF,
    STOP_BREAK,
    STOP_WATCH,
    STOP_CATCH,
    STOP_WALK,
    STOP_LIMIT,
    STOP_HUNG,
    STOP_REPLAYED, /* the recording ends here */
    STOP_DEPARTED, /* the machine departed from the recording */
    STOP_HALT,
    STOP_ENDED /* the session is to end */
};
enum stopper_kind {
    BY_BREAK,
    BY_WATCH,
    BY_CATCH_EVENT,
    BY_CATCH_WALK,
    BY_CATCH_TRAP,
    BY_CATCH_STALE
};
#define STOPPERS 64
struct stopper { /* a breakpoint, watchpoint or catch */
    u32 number;  /* 0: unused */
    u8 kind;
    bool once, on_read, on_write;
    bool kept;     /* the copy that stoppers_keep made owns the condition */
    bool fault;    /* `catch fault`: page-fault traps, if there are no events */
    bool windows;  /* `catch stale all` */
    bool freed;    /* `catch freed`, which has the same kind as `catch stale` */
    bool of_panel; /* set in the panel: halts the machine, and does not end a
                    * script's running verb */
    bool of_remote;        /* set by a debugger; not in the list */
    u64 va, len, old;      /* break: va; watch: va, len, last value */
    bool physical;         /* watch: va is a physical address */
    u64 at[SOURCE_PLACES]; /* break: all its addresses, va the first */
    unsigned nat;
    struct source *program; /* break: stops only in this program's code */
    bool moves;      /* processes may map the program at different addresses */
    u64 bias;        /* the program's bias for at[0 .. places - 1] */
    unsigned places; /* addresses of the break in one process (follow.c) */
    u64 reasons;     /* catch */
    struct expr *condition;
    char text[160]; /* as typed */
    u64 hits;
};

#define BREAKS_MOST 256
#define ARMED_MOST  (BREAKS_MOST + DEBUGGER_STOPS)
struct armed { /* the breakpoints and other stops that the engine has */
    u64 va[ARMED_MOST];
    size_t nva, nwatch, nmemory;
};

/* Up to where somebody wants the machine to run: to the first of these
 * conditions that holds. A condition that is not set never holds. */
struct goal {
    bool on, reached;
    u64 deadline; /* cycle, or NEVER */
    u64 steps;    /* instructions still to execute; 0: no limit */
    u64 instret;  /* steps end at this instret; 0: `steps` counts traps, too */
    struct expr *until; /* owned */
    u64 every, look;    /* cycles between tests of `until`; the next test */
    bool step_walk;     /* to the next page walk */
    u64 events;         /* 1 << enum reason: to the next event of these */
    bool any_event;     /* none was named: publish_reasons set `events` */
    bool stepping;      /* to the end of the debugger's step */
};

#define MARKS 64
struct marks {
    struct mark {
        char name[32];
        u64 cycle;
        struct moment at;
    } at[MARKS];
    unsigned n;
};

#define LETS 64
struct lets { /* numbers with names */
    struct let {
        char name[32];
        u64 value;
    } at[LETS];
    unsigned n;
};

/* The watch on the machine's progress (silence.c). */
struct silence {
    double next;                /* host time of the next look */
    struct ins_progress before; /* at the last look */
    unsigned looks;             /* looks in a row that found no progress */
    u64 since;                  /* no trap has come since this cycle */
    struct ins_progress began;  /* the hart's progress at `since` */
    bool told;
};

/* A debugger (session.c). */
struct debugged {
    const struct debugger_port *port; /* NULL: there is none */
    void *d;
    int fd;
    bool open; /* it is served: scripts have ended, or `lent` */
    bool lent; /* session_debugged has lent the machine */
    enum command_status (*verb)(void *opaque, struct answer *a);
    void *verb_opaque;
};

/* The files of the command line that are written while the machine runs. */
struct logs {
    struct ins_commit_log *commits;   /* --commit-log; or NULL */
    struct ins_refs *refs;            /* --refs; or NULL */
    struct ins_trace *trace;          /* --trace; or NULL */
    struct ins_counter_log *counters; /* --counters; or NULL */
};

/* A program in place of scripts (drive.h). */
struct driver {
    enum command_status (*fn)(void *, struct session *);
    void *opaque;
    u64 most;      /* cycles that a verb may run the machine; 0: no limit */
    bool too_long; /* the latest verb that ran the machine exceeded `most` */
};

/* `list` showed this file up to this line when machine_now was `cycle`. */
struct listed {
    char *file;
    unsigned line;
    u64 cycle;
};

/* The place where variables' names are looked up; va 0: the hart's pc. */
struct scope {
    u64 va;
    struct ins_code code;
};

/* Running the machine (run/). */
struct run {
    const struct run_port *port;
    bool going; /* the machine runs, slice by slice, to the first goal */
    struct goal goals[CONTEXTS]; /* stay until reached, or dropped by whose
                                  * they are (session_aim, session_drop) */
    enum stop_kind stopped;      /* why the machine last stopped */
    enum context whose;          /* whom that stop concerns */
    const struct stopper *stopper;
    char stop_text[200];
    struct stopper stoppers[STOPPERS], once;
    struct armed armed;
    u32 next_number;
    bool interrupted;   /* the debugger's command is to end at once */
    enum context seeks; /* whose events a search through the past looks for */
    /* Why a condition could not be evaluated, which is a stop; or "". */
    char failed[200];
    u64 slice;        /* cycles, adapted to the host's speed */
    double pace;      /* 0: max */
    double pace_host; /* host time that corresponds to pace_cycle */
    u64 pace_cycle;
    bool told_how_to_stop, told_of_pace; /* the user has read it once */
    struct silence silence;
    struct walk_told { /* stop_report.c: the stops at walks, latest first */
        u64 cycle, va, pc, satp, faults;
    } walks_told[2];
};

struct session {
    struct machine *m;
    const struct config *config;
    struct streams *streams;
    struct ins_events *events;
    struct logs logs;
    struct ins_truth_log *truth; /* NULL: not counted (session_new) */
    struct ins_profile *profile; /* NULL: off */
    struct ins_stale *stale;
    struct ins_paths *paths;
    struct ins_probes *probes; /* of Linux; NULL: none (session_new) */
    struct ins_sources *sources;
    struct expr_env env;

    /* Those who give lines from outside: scripts or a lesson, the prompt. */
    struct asker lead, person;
    struct wrap wrap;
    struct driver driver;
    struct session *outer;
    struct kept *kept; /* the state that session_back restores (keep.c) */

    unsigned led;   /* scripts, lessons, debuggers that lead the session, each
                     * begun by the one before */
    unsigned files; /* those that are files */
    char no_name[160]; /* env.c: why an expression's name means nothing */

    struct run run;
    struct listed listed;
    struct scope scope;
    double started; /* session_main's beginning */
    int exit_status;
    u64 saved; /* the cycle at which `save` was last given */
    bool ended, quit;

    struct marks marks, marks_aside; /* aside: of the future put aside */
    struct moment stepped; /* where the last stepi began: reverse-stepi goes
                            * back to it even over a sleep, which is no step */
    struct lets lets;
    struct report *report; /* of the file that runs (claims.h) */

    /* terminal */
    struct debugged debugged;
    bool at_prompt;    /* the prompt has the terminal, else the console has */
    bool prompt_waits; /* the prompt gets the terminal at the next stop */
    bool ctrl_a;

    struct show show; /* what the panel is shown */
    struct inbox {    /* what the panel asks; shared with its thread */
        pthread_mutex_t lock;
        int wake[2]; /* a byte here ends a wait */
        struct queued {
            struct queued *next;
            enum { QUEUED_COMMAND, QUEUED_KEYS, QUEUED_LINE } kind;
            size_t n;
            char text[];
        } * first, **end;
        bool quit_asked, over; /* over: session_main has ended */
    } inbox;
};
