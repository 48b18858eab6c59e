/* SPDX-License-Identifier: MIT */
/* Shared by snapshots.c, follow.c, travel.c and a few tests.
 *
 * The machine's memories (RAM, overlays, watchers' memories) differ from one
 * snapshot, `base`, only in units written since. So a new snapshot copies these
 * units, and going to another snapshot restores them and the units in which the
 * two snapshots differ. All other state is one stream of bytes
 * (snapshot_visit), kept in pieces that snapshots share. */
#pragma once

#include "dev/dev.h"
#include "history/copies.h"
#include "history/history.h"

#define MEMORIES 14 /* RAM, overlays, inspect/'s */
#define ALSO     5

struct snapshot {
    u32 owners;
    struct moment at;
    struct input_place place; /* of its next input in the log */
    void *memory[MEMORIES];   /* versions (copies.h) */
    /* A bit for each frame of RAM that may have been written between `since`
     * and `at`. Copies would miss a word that was changed and changed back. */
    struct moment since;
    void *written;
    void *stream;
    u64 stream_bytes;
};

struct snapshots {
    struct snapshot **at; /* ascending; each is owned once by the list */
    u64 *steps;           /* moment_steps of each */
    size_t n, room;
};

/* The past up to a present that history_branch() puts aside. The branch's own
 * list begins with the same snapshots, which then have two owners. Both lists
 * are thinned when all snapshots together exceed the bound. */
struct saved_timeline {
    struct input_log *log;
    struct snapshots list;
    struct snapshot *present;
};

struct history {
    const struct history_port *port;
    struct machine *machine;
    struct input_log *log;
    bool on;   /* else only the log is kept */
    bool lazy; /* only one snapshot until the machine first goes back */
    u64 bound, bytes;
    unsigned nmemories; /* memory[0] is RAM */
    struct history_memory memory[MEMORIES];
    struct copies_shape shape[MEMORIES], stream, written;
    struct copies_store *store[MEMORIES + 2];
    unsigned nstores;
    struct {
        void (*fn)(void *, struct state *);
        void *opaque;
    } also[ALSO];
    unsigned nalso;

    struct state_kept kept; /* stream of the snapshot last taken or restored */
    struct snapshots list;
    struct snapshot *base;
    u64 interval, next; /* steps between snapshots; step of the next */
    u64 compared;       /* bytes of memories that the last snapshot compared */

    /* While the machine repeats. */
    struct input_place place, followed; /* followed: place at leg's start */
    bool follows;                       /* input comes from the log */
    bool repeating;                     /* before the present; no new output */
    bool replays;                       /* up to a recording's end */
    struct moment shown;                /* the present: the furthest reached */
    struct snapshot *present; /* of `shown`; NULL: the machine is there */
    bool has_target;          /* the run stops (MS_ASKED) at `target` */
    struct moment target;
    bool arrived;
    bool tried; /* leg.events_only was set at events_tried */
    struct moment events_tried;
    struct saved_timeline *aside; /* put aside by a branch; or NULL */

    bool records; /* adds checks to the log */
    u64 next_check;
    struct moment agreed; /* the last check that held */
    char departure[200];

    const char *written_file; /* the disk's own file written last; or NULL */
    u64 written_at;           /* the cycle of that write */

    /* The cycles through which a search backwards goes, for its progress. to 0:
     * there is no search. */
    struct {
        u64 from, to;
    } searched;
    u64 progress_cycles; /* cycles between two calls of `progress` */
    bool (*progress)(void *, double);
    void *progress_opaque;
};

static inline bool is_off(const struct history *h)
{
    return h->port->off(h->machine);
}

/* Takes a snapshot of now; its owners are the caller and h->base. */
struct snapshot *snapshot_take(struct history *h);
void snapshot_drop(struct history *h, struct snapshot *s);
void snapshot_restore(struct history *h, struct snapshot *s);
/* Gives s to h's list, which drops it if it has a snapshot of that moment. */
void snapshots_add(struct history *h, struct snapshot *s);
void snapshots_forget(struct history *h, struct snapshots *l, size_t i);
void snapshots_clear(struct history *h, struct snapshots *l);
/* Copies l to the empty list `with`; each snapshot gets one more owner. */
void snapshots_share(const struct snapshots *l, struct snapshots *with);
/* False: the frame of RAM has certainly not been written between snapshot i of
 * the list and the next one. */
bool snapshots_wrote(const struct history *h, size_t i, u64 frame);
void saved_timeline_free(struct history *h, struct saved_timeline *l);
/* Returns the index of the last snapshot not after `to`; -1: there is none. */
s64 snapshots_before(const struct history *h, struct moment to);
/* Takes a snapshot if one is due. */
void snapshots_keep(struct history *h);
/* Sets `repeating` (history_port.hush). */
void history_hush(struct history *h, bool repeating);
