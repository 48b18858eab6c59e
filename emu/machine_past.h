/* SPDX-License-Identifier: MIT */
/* Shared by machine_history.c, machine_follow.c and machine_travel.c; no other
 * file of emu/ includes it.
 *
 * The machine's memories (RAM, overlays, what watchers have) derive from one
 * snapshot, `base`: they differ from it where they have been written since.
 * So a new snapshot copies that, and going to another one restores that and
 * where the two snapshots differ. Everything else is one stream of bytes, by
 * the one list of state, kept in pieces that snapshots share. */
#ifndef CLOCKHAND_MACHINE_PAST_H
#define CLOCKHAND_MACHINE_PAST_H

#include "history/copies.h"
#include "machine_parts.h"

#define MEMORIES (DISK_SLOTS + 4)
#define ALSO     4

struct snapshot {
    u32 owners;
    struct moment at;
    struct input_place place; /* in the log */
    bool console_ended;
    void *memory[MEMORIES]; /* versions */
    /* Frames of RAM that may have been written between `since` and `at`, a bit
     * each: a word that was changed and changed back leaves equal copies. */
    struct moment since;
    void *written;
    void *stream;
    u64 stream_bytes;
};

/* A past up to its present: history_branch() puts one aside. */
struct line {
    struct input_log *log;
    struct snapshot **at; /* ascending */
    size_t n, room;
    struct snapshot *present;
};

struct history {
    bool on;
    bool lazy; /* only the first snapshot, until the first way back */
    u64 bound, bytes;
    unsigned nmemories, ram; /* ram: which of them it is */
    struct history_memory memory[MEMORIES];
    struct copies_shape shape[MEMORIES], stream, written;
    struct copies_store *store[MEMORIES + 2];
    unsigned nstores;
    struct {
        void (*fn)(void *, struct state *);
        void *opaque;
    } also[ALSO];
    unsigned nalso;

    struct state_kept kept; /* the stream of the last one */
    struct snapshot **at;   /* ascending */
    u64 *steps;             /* moment_steps of each */
    size_t n, room;
    struct snapshot *base;
    u64 interval, next; /* steps between two; when the next one is due */
    u64 looked;         /* bytes of memories that the last one looked at */

    /* Repeating: from the log, up to `shown`, where the present is. */
    struct input_place place, followed; /* followed: when the leg began */
    bool follows;                       /* input comes from the log */
    bool quiet;                         /* without output or watchers */
    bool replays;                       /* up to a recording's end */
    struct moment shown;                /* the furthest moment ever reached */
    struct snapshot *present; /* there; NULL: the machine stands there */
    bool aims;                /* stop (MS_ASKED) at: */
    struct moment aim;
    bool arrived;
    bool tried; /* leg.events_only was given at: */
    struct moment events_tried;
    struct host_io live;
    struct line *aside; /* by a branch */

    bool records; /* checks into the log */
    u64 next_check;
    struct moment agreed; /* the last check that held */
    char departure[200];

    u64 left; /* sum of what has left the machine, to a disk's file */
    const char *left_to;
    u64 left_at;

    /* The cycles that a search backwards has before it, for its share of the
     * way; to 0: none is under way. */
    struct {
        u64 from, to;
    } searched;
    u64 look; /* cycles of a way between two calls of: */
    bool (*progress)(void *, double);
    void *progress_opaque;
};

static inline struct history *past_of(const struct machine *m)
{
    struct history *h = m->parts ? m->parts->history : NULL;
    return h && h->on ? h : NULL;
}

/* A snapshot of now, one owner. */
struct snapshot *snapshot_take(struct machine *m);
void snapshot_drop(struct history *h, struct snapshot *s);
void snapshot_restore(struct machine *m, struct snapshot *s);
/* Into the list; the list owns it then. */
void snapshots_add(struct history *h, struct snapshot *s);
void snapshots_forget(struct history *h, size_t i);
void snapshots_clear(struct history *h);
/* May the frame of RAM have been written between snapshot i of the list and the
 * next one? False is certain. */
bool snapshots_wrote(const struct history *h, size_t i, u64 frame);
/* The index of the last snapshot not after `to`; -1: there is none. */
s64 snapshots_before(const struct history *h, struct moment to);
/* Takes a snapshot if one is due. */
void snapshots_keep(struct machine *m);
/* Withholds the machine's output (quiet), or lets it out again. */
void history_hush(struct machine *m, bool quiet);
u64 machine_digest(const struct machine *m);

#endif
