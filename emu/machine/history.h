/* SPDX-License-Identifier: MIT */
/* The machine's past: snapshots, which copy only changes, and the input log.
 * Going back restores the snapshot before the target and runs on from it.
 *
 * A machine that stands before its present repeats: it takes its input from the
 * log, prints nothing again, and refuses changes, until it has reached the
 * present again or history_branch() begins another future. */
#pragma once

#include "history/log.h"
#include "machine/machine.h"

#define HISTORY_BYTES (512ull << 20)

/* Begins to keep the past, in at most this number of bytes unless two snapshots
 * need more. No effect if the past is kept already. Call it after all watchers
 * have registered (machine_on_past, history_also, history_memory). */
void history_begin(struct machine *m, u64 bytes);
/* For runs that will hardly go back: keeps only one snapshot until the machine
 * first goes back. That then takes as long as the run so far. */
void history_lazily(struct machine *m);
void history_end(struct machine *m);
bool history_on(const struct machine *m);
/* Drops the past, after machine_load has replaced the machine's state. */
void history_restart(struct machine *m);

/* These make a watcher's own state go back with the machine. history_also
 * serves small fields, which fn visits. history_memory serves a memory of units
 * of one size, of which snapshots copy only those that were written. */
void history_also(struct machine *m, void (*fn)(void *, struct state *),
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
void history_memory(struct machine *m, const struct history_memory *r);

/* ---- the present and the past ------------------------------------------- */

struct moment history_now(const struct machine *m);
/* Returns the present: the latest moment that the machine has reached. */
struct moment history_present(const struct machine *m);
/* Returns the earliest moment to which the machine can go back. */
struct moment history_first(const struct machine *m);
/* True if the machine stands before its present, or repeats a recording: no
 * input from outside reaches it. */
bool history_past(const struct machine *m);
/* True while the machine repeats its past. Watchers are called again for its
 * events, but must not write them to their files a second time. */
bool history_repeats(const struct machine *m);
struct history_figures {
    u64 snapshots, bytes, bound;
};
struct history_figures history_figures(const struct machine *m);

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
const char *history_words(struct machine *m, enum history_end e);
/* Makes fn be called now and then on the way to a moment; share: the part of
 * the way that is done, 0..1. fn returns false to give up. */
void history_on_progress(struct machine *m, bool (*fn)(void *, double share),
                         void *opaque);
/* Breakpoints and watches do not stop these functions. Remove event catches and
 * watchpoints before, because they cost host time. */
enum history_end history_goto(struct machine *m, struct moment to);
/* Goes to the first instruction boundary at or after the cycle. */
enum history_end history_goto_cycle(struct machine *m, u64 cycle);
/* Goes n steps back: the reverse of stepi N. */
enum history_end history_back(struct machine *m, u64 n);

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
enum history_end history_find_back(struct machine *m,
                                   const struct history_search *s);
/* Goes on to the first stop that `hit` accepts, not after `end`; if there is
 * none, the machine stands at `end`. */
enum history_end history_find_on(struct machine *m,
                                 const struct history_search *s,
                                 struct moment end);

/* ---- another future ------------------------------------------------------ */

/* Makes the machine's moment the present, and puts aside the future that came
 * after it. False: the machine is not in its past, or a future is put aside
 * already. */
bool history_branch(struct machine *m);
/* Does history_branch(), but drops the future that it would put aside. */
bool history_drop_future(struct machine *m);
/* Returns to the present that was put aside; false: there is none. */
bool history_leave_branch(struct machine *m);
bool history_branched(const struct machine *m);

/* ---- the log in a file --------------------------------------------------- */

/* Call before the first run: notes the disks' content, for the log. */
void history_note_disks(struct machine *m);
/* For --record. After history_record, runs add checks to the log;
 * history_write_log writes the log into a file. */
void history_record(struct machine *m);
bool history_write_log(struct machine *m, const char *path, char *err,
                       size_t n);
/* For --replay: a machine that has not run yet takes all input from a file. */
bool history_replay(struct machine *m, const char *path, char *err, size_t n);
/* Describes, with its cycle, the difference that caused MS_DEPARTED. */
const char *history_departure(const struct machine *m);
