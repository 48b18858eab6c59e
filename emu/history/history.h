/* SPDX-License-Identifier: MIT */
/* The machine's past: snapshots, which copy only changes, and the input log.
 * Going back restores the snapshot before the target and runs on from it.
 *
 * A machine that stands before its present repeats: it takes its input from the
 * log, prints nothing again, and refuses changes, until it has reached the
 * present again or history_branch() begins another future. */
#pragma once

#include "base/state.h"
#include "history/log.h"

#define HISTORY_BYTES (512ull << 20)

struct machine; /* history only passes it on, to the functions of its port */
struct history;

/* Why a run of the machine ended. */
enum machine_stop {
    MS_DEADLINE, /* the requested cycle or number of steps is reached */
    MS_OFF,      /* the guest powered off: see exit_status */
    MS_BREAKPOINT,
    MS_WATCHPOINT,
    MS_WALK,
    MS_TRAPPED,
    MS_STALE,    /* engine_stop_stale() was called */
    MS_EVENT,    /* an event that machine_catch_events named */
    MS_ASKED,    /* machine_ask_stop */
    MS_LIMIT,    /* --max-instructions / --max-sim-time */
    MS_REPLAYED, /* a recording that is replayed ends here */
    MS_DEPARTED, /* the repetition differs from the log: history_departure */
    MS_HUNG      /* a wfi that no event and no input will end; no time passes */
};

/* All that history asks of the machine. */
struct history_port {
    struct moment (*now)(const struct machine *);
    bool (*off)(const struct machine *);
    /* All state but the memories of history_memory, and what a watcher keeps.
     */
    void (*visit)(struct machine *, struct state *);
    /* A snapshot was taken: writes to memories are to be noted anew. */
    void (*taken)(struct machine *);
    /* Memories and state are those of `at`: what depends on them is stale. */
    void (*restored)(struct machine *, struct moment at);
    /* Returns a disk's own file, to which something was written since the last
     * call; NULL: there was no such write. */
    const char *(*wrote_file)(struct machine *);

    enum machine_stop (*run)(struct machine *, u64 deadline); /* a cycle */
    enum machine_stop (*step)(struct machine *, u64 steps);
    /* The cycle at which a waiting hart wakes; NEVER: it does not wait. */
    u64 (*wakes)(const struct machine *);
    void (*ask_stop)(struct machine *);
    /* The leg that runs now ends at that cycle at the latest. */
    void (*lower_deadline)(struct machine *, u64 cycle);
    /* Repeats an input that comes between two instructions. */
    void (*input)(struct machine *, const struct input_entry *);
    /* While it repeats, the machine's output goes to host_io's `repeated`. */
    void (*hush)(struct machine *, bool repeating);

    /* A digest of the hart, and the hash of all state. */
    u64 (*digest)(const struct machine *);
    void (*hash)(struct machine *, char hex[33]);
    /* The bytes that are equal in all machines that may replay one log. */
    size_t (*configuration)(struct machine *, u8 **bytes);
    bool (*same_configuration)(struct machine *, const u8 *bytes, size_t n,
                               char *err, size_t size);
};
/* Makes a machine's history, with an empty log; it keeps no past yet. */
struct history *history_new(const struct history_port *port, struct machine *m,
                            u64 ram_bytes);
void history_free(struct history *h);

/* Begins to keep the past, in at most this number of bytes unless two snapshots
 * need more. No effect if the past is kept already. Call it after all watchers
 * have registered (machine_on_past, history_also, history_memory). */
void history_begin(struct history *h, u64 bytes);
/* For runs that will hardly go back: keeps only one snapshot until the machine
 * first goes back. That then takes as long as the run so far. */
void history_lazily(struct history *h);
bool history_on(const struct history *h);
/* Drops the past, after machine_load has replaced the machine's state. */
void history_restart(struct history *h);

/* These make a watcher's own state go back with the machine. history_also
 * serves small fields, which fn visits. history_memory serves a memory of units
 * of one size, of which snapshots copy only those that were written. */
void history_also(struct history *h, void (*fn)(void *, struct state *),
                  void *opaque);
struct history_memory {
    u64 units;
    u32 unit;    /* bytes */
    u8 *written; /* a byte for each unit; the writer sets it, history clears */
    void *opaque;
    /* get returns a unit's bytes, NULL (zeros; in an overlay: not written) or
     * copies_mark; put takes these. Both NULL: an array at `opaque`. */
    const u8 *(*get)(void *opaque, u64 i);
    void (*put)(void *opaque, u64 i, const u8 *p);
};
void history_memory(struct history *h, const struct history_memory *r);

/* ---- the present and the past ------------------------------------------- */

struct moment history_now(const struct history *h);
/* Returns the present: the latest moment that the machine has reached. */
struct moment history_present(const struct history *h);
/* Returns the earliest moment to which the machine can go back. */
struct moment history_first(const struct history *h);
/* True if the machine stands before its present, or repeats a recording: no
 * input from outside reaches it. */
bool history_past(const struct history *h);
/* True while the machine repeats its past. Watchers are called again for its
 * events, but must not write them to their files a second time. */
bool history_repeats(const struct history *h);
struct history_figures {
    u64 snapshots, bytes, bound;
};
struct history_figures history_figures(const struct history *h);

/* ---- going -------------------------------------------------------------- */

enum history_end {
    HISTORY_THERE,
    HISTORY_NOT_FOUND,   /* this past has no such stop or moment */
    HISTORY_TOO_EARLY,   /* before history_first */
    HISTORY_NOT_ASIDE,   /* no branch has put a future aside */
    HISTORY_AHEAD,       /* after the present */
    HISTORY_INTERRUPTED, /* given up: back as before (not in history_find_on) */
    HISTORY_DEPARTED,    /* the repetition differed: Clockhand's fault */
    HISTORY_OFF
};
/* Returns a sentence for e, without a full stop: "the past is kept as ...". */
const char *history_words(struct history *h, enum history_end e);
/* Makes fn be called now and then on the way to a moment; share: the part of
 * the way that is done, 0..1. fn returns false to give up. */
void history_on_progress(struct history *h, bool (*fn)(void *, double share),
                         void *opaque);
/* Breakpoints and watches do not stop these functions. Remove event catches and
 * watchpoints before, because they cost host time. */
enum history_end history_goto(struct history *h, struct moment to);
/* Goes to the first instruction boundary at or after the cycle. */
enum history_end history_goto_cycle(struct history *h, u64 cycle);
/* Goes n steps back: the reverse of stepi N. */
enum history_end history_back(struct history *h, u64 n);

/* Goes back to the last stop before now that a breakpoint, watch or catch would
 * cause and that `hit` accepts. The machine is then as it was after running to
 * that stop.
 *   begin  called when the machine stands at an earlier moment: memory must be
 *          read afresh
 *   hit    called when the machine has stopped for `why`; true accepts the
 *          stop. If one is found, the last call was for that stop
 * frame >= 0: skips intervals in which that frame of RAM was not written. */
struct history_search {
    void *opaque;
    void (*begin)(void *opaque);
    bool (*hit)(void *opaque, enum machine_stop why);
    s64 frame;
};
enum history_end history_find_back(struct history *h,
                                   const struct history_search *s);
/* Goes on to the first stop that `hit` accepts, not after `end`; if there is
 * none, the machine stands at `end`. */
enum history_end history_find_on(struct history *h,
                                 const struct history_search *s,
                                 struct moment end);

/* ---- another future ------------------------------------------------------ */

/* Makes the machine's moment the present, and puts aside the future that came
 * after it. False: the machine is not in its past, or a future is put aside
 * already. */
bool history_branch(struct history *h);
/* Makes the machine's moment the present, and drops the future that came after
 * it. False: the machine is not in its past. */
bool history_drop_future(struct history *h);
/* Returns to the present that was put aside; false: there is none. */
bool history_leave_branch(struct history *h);
bool history_branched(const struct history *h);

/* ---- the log in a file --------------------------------------------------- */

/* For --record. After history_record, runs add checks to the log;
 * history_write_log writes the log into a file. */
void history_record(struct history *h);
bool history_write_log(struct history *h, const char *path, char *err,
                       size_t n);
/* For --replay: a machine that has not run yet takes all input from a file. */
bool history_replay(struct history *h, const char *path, char *err, size_t n);
/* Describes, with its cycle, the difference that caused MS_DEPARTED. */
const char *history_departure(const struct history *h);

/* ---- for the machine: input, and the run loop --------------------------- */

/* Adds an input from outside to the log, at this moment. */
void history_input(struct history *h, enum input_kind kind, const void *bytes,
                   size_t n);
/* history_take takes input of that kind from the log, for the part that asks
 * for it now. False: the log has none here, so the machine has departed from
 * it; history_take_pipe then returns HOST_IN_LATER, as it does for
 * INPUT_PIPE_LATER. */
bool history_take(struct history *h, enum input_kind kind,
                  struct input_entry *e);
int history_take_pipe(struct history *h);
/* The next leg of the run loop: history_leg shortens it to the log's next
 * entry, and takes snapshots. */
struct leg {
    u64 until;        /* cycle */
    u64 steps;        /* 0: any number */
    bool asleep;      /* the hart waits */
    bool events_only; /* only dispatch due events */
};
/* Returns < 0 to go on, else the reason to stop (enum machine_stop). */
int history_leg(struct history *h, struct leg *leg);
/* Call when a run has ended at a moment of the recorded past: applies the input
 * logged for that moment, so that the state does not depend on how the run got
 * there. Returns as history_leg. */
int history_settle(struct history *h);
/* Call when due events were dispatched; false: the leg has changed. */
bool history_dispatched(struct history *h);
