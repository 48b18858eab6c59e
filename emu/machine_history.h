/* SPDX-License-Identifier: MIT */
/* The machine's past: snapshots that copy only what has changed, the input
 * log, and going back = the snapshot before + the same instructions again.
 *
 * While the machine stands before its present, it repeats: it takes its input
 * from the log, prints nothing anew, and nobody may change it, until it has
 * come to the present again or history_branch() begins another future. */
#ifndef CLOCKHAND_MACHINE_HISTORY_H
#define CLOCKHAND_MACHINE_HISTORY_H

#include "history/log.h"
#include "machine.h"

#define HISTORY_BYTES (512ull << 20)

/* From now on the past is kept, in at most so many bytes (nothing changes if it
 * is already). Call it after everything that watches (machine_on_past,
 * history_also) is there. */
void history_begin(struct machine *m, u64 bytes);
/* For runs that will hardly go back: nothing is copied until the first way
 * back, which then takes as long as the run so far. */
void history_lazily(struct machine *m);
void history_end(struct machine *m);
bool history_on(const struct machine *m);
/* Drops the past: by machine_load the machine has become another one. */
void history_restart(struct machine *m);

/* A watcher's own state goes back with the machine: fn visits what is small; of
 * memories of equal units the written units are kept. */
void history_also(struct machine *m, void (*fn)(void *, struct state *),
                  void *opaque);
struct history_memory {
    u64 units;
    u32 unit;    /* bytes */
    u8 *written; /* a byte each unit: set by who writes, cleared here */
    void *opaque;
    /* A unit's bytes, NULL (reads as zeros), or copies_mark; and back. */
    const u8 *(*get)(void *opaque, u64 i);
    void (*put)(void *opaque, u64 i, const u8 *p);
};
void history_memory(struct machine *m, const struct history_memory *r);

/* ---- where it stands ---------------------------------------------------- */

struct moment history_now(const struct machine *m);
/* The present: the latest moment that the machine has reached. */
struct moment history_present(const struct machine *m);
/* As far back as one can go. */
struct moment history_first(const struct machine *m);
/* True if the machine stands before its present, or repeats a recording: no
 * input from outside reaches it. */
bool history_past(const struct machine *m);
/* True while the machine repeats what it has done before: watchers have seen
 * it. */
bool history_repeats(const struct machine *m);
struct history_figures {
    u64 snapshots, bytes, bound;
};
struct history_figures history_figures(const struct machine *m);

/* ---- going -------------------------------------------------------------- */

enum history_end {
    HISTORY_THERE,
    HISTORY_NOT_FOUND,   /* history_find_back: no such stop */
    HISTORY_TOO_EARLY,   /* before history_first */
    HISTORY_AHEAD,       /* after the present */
    HISTORY_INTERRUPTED, /* the machine stands where it stood */
    HISTORY_DEPARTED,    /* repeating did not go as before: a fault of ours */
    HISTORY_OFF
};
/* "as far back as ...": a sentence, without a full stop. */
const char *history_words(struct machine *m, enum history_end e);
/* fn is called now and then while the machine repeats on the way to a place:
 * share of the way, 0..1. False: give up. */
void history_on_progress(struct machine *m, bool (*fn)(void *, double share),
                         void *opaque);
/* Breakpoints and watches that are set do not stop these; event catches and
 * watchpoints should be taken off, since they cost. */
enum history_end history_goto(struct machine *m, struct moment to);
/* The first boundary at or after the cycle. */
enum history_end history_goto_cycle(struct machine *m, u64 cycle);
/* n steps back: where stepi N came from. */
enum history_end history_back(struct machine *m, u64 n);

/* The last stop before now that `hit` takes, with the breakpoints and so on
 * that are set: the machine stands there as it stood after running to it.
 *   begin  the machine has been put somewhere before: look at memory
 *   hit    it has stopped, for `why`: is it one? Called for the stop that is
 *          returned once more, last of all
 * frame >= 0: only where that frame of RAM has been written. */
struct history_search {
    void *opaque;
    void (*begin)(void *opaque);
    bool (*hit)(void *opaque, enum machine_stop why);
    s64 frame;
};
enum history_end history_find_back(struct machine *m,
                                   const struct history_search *s);
/* The first stop from here on, not after `end`; if there is none, the machine
 * stands at `end`. */
enum history_end history_find_on(struct machine *m,
                                 const struct history_search *s,
                                 struct moment end);

/* ---- another future ------------------------------------------------------ */

/* Puts aside what came after this moment, which becomes the present. False: the
 * machine is not in its past, or a future is put aside already. */
bool history_branch(struct machine *m);
/* Back to the present that was put aside; false: there is none. */
bool history_leave_branch(struct machine *m);
bool history_branched(const struct machine *m);

/* ---- the log in a file --------------------------------------------------- */

/* --record: checks go into the log as it runs; then the file. */
void history_record(struct machine *m);
bool history_write_log(struct machine *m, const char *path, char *err,
                       size_t n);
/* --replay: a machine that has not run yet takes all input from the file. */
bool history_replay(struct machine *m, const char *path, char *err, size_t n);
/* After MS_DEPARTED: when, and what was wrong. */
const char *history_departure(const struct machine *m);

#endif
