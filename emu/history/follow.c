/* SPDX-License-Identifier: MIT */
/* Repeats the past: applies each entry of the log at its moment, until the
 * present or a recording's end is reached. This file also has the run loop's
 * hooks for history. */
#include "history/past.h"

#include <stdio.h>
#include <stdlib.h>

#define CHECK_CYCLES (1u << 24) /* between a recording's checks */

/* ---- departing ---------------------------------------------------------- */

static void say_departed(struct history *h, const char *what)
{
    snprintf(h->departure, sizeof(h->departure),
             "%s at cycle %llu (identical at cycle %llu)", what,
             history_now(h).cycle, h->agreed.cycle);
}

static int departed(struct history *h)
{
    h->follows = h->replays = false;
    history_hush(h, false);
    return MS_DEPARTED;
}

static int depart(struct history *h, const char *what)
{
    say_departed(h, what);
    return departed(h);
}

const char *history_departure(const struct history *h)
{
    return h->departure;
}

/* ---- input -------------------------------------------------------------- */

void history_input(struct history *h, enum input_kind kind, const void *bytes,
                   size_t n)
{
    input_log_add(h->log, history_now(h), kind, bytes, n);
}

/* ---- input that the machine asks for ------------------------------------ */

/* Lowers the engine's deadline if the next log entry comes before it. */
static void lower_deadline(struct history *h)
{
    struct input_entry e;
    if (!input_log_next(h->log, &h->place, &e) || input_is_asked_for(e.kind))
        return;
    h->port->lower_deadline(h->machine, e.at.cycle);
}

bool history_take(struct history *h, enum input_kind kind,
                  struct input_entry *e)
{
    if (!input_log_next(h->log, &h->place, e) || e->kind != kind ||
        (kind == INPUT_LINE && e->at.cycle != history_now(h).cycle)) {
        say_departed(h,
                     "the machine asked for input, which it did not before,");
        h->port->ask_stop(h->machine);
        return false;
    }
    input_log_pass(h->log, &h->place);
    lower_deadline(h);
    return true;
}

int history_take_pipe(struct history *h)
{
    struct input_entry e;
    u64 at;
    bool any = input_log_next(h->log, &h->place, &e);
    enum input_kind kind =
        any && e.kind > INPUT_PIPE ? (enum input_kind)e.kind : INPUT_PIPE;
    at = h->place.offset;
    if (!history_take(h, kind, &e) || kind == INPUT_PIPE_LATER)
        return HOST_IN_LATER;
    return kind == INPUT_PIPE ? e.bytes[at] : -1;
}

/* ---- input at its moment ------------------------------------------------ */

/* Ends the past: the machine goes on from here, live or by a recording. */
static void reach_present(struct history *h)
{
    history_hush(h, false);
    h->follows = h->replays;
    if (h->present)
        snapshots_add(h, h->present);
    h->present = NULL;
}

static int compare_digest(struct history *h, const struct input_entry *e)
{
    if (get_le(e->bytes, 8) != h->port->digest(h->machine))
        return depart(h, "the machine is another one than was recorded,");
    h->agreed = history_now(h);
    return -1;
}

static int end_of_recording(struct history *h, const struct input_entry *e)
{
    char hex[33];
    h->port->hash(h->machine, hex);
    if (e->n && (e->n != 32 || memcmp(e->bytes, hex, 32)))
        return depart(h, "the hash is another one than was recorded,");
    h->follows = h->replays = false;
    return MS_REPLAYED;
}

static int apply_entry(struct history *h, const struct input_entry *e)
{
    input_log_pass(h->log, &h->place);
    if (e->kind == INPUT_CHECK)
        return compare_digest(h, e);
    if (e->kind == INPUT_END)
        return end_of_recording(h, e);
    h->port->input(h->machine, e);
    return -1;
}

/* Limits the leg to end at the moment `at` at the latest. */
static int limit_leg(struct history *h, struct leg *leg, struct moment at)
{
    struct moment here = history_now(h);
    if (moment_compare(here, at) > 0)
        return depart(h, "an input's moment is past,");
    if (here.cycle < at.cycle) {
        leg->until = leg->until < at.cycle ? leg->until : at.cycle;
        return -1;
    }
    if (moment_steps(here) < moment_steps(at)) {
        leg->steps = 1;
        return -1;
    }
    leg->events_only = true;
    if (h->tried && !moment_compare(h->events_tried, here)) {
        h->arrived = h->has_target && !moment_compare(at, h->target);
        return h->arrived ? MS_ASKED : depart(h, "an event does not come");
    }
    h->tried = true;
    h->events_tried = here;
    return -1;
}

/* True beyond the target, too: a run with another input may never meet it. */
static bool at_target(const struct history *h)
{
    return h->has_target && moment_compare(history_now(h), h->target) >= 0;
}

/* Applies the entries of this moment, but none once the target is reached. *at:
 * the earlier of the next entry and the present. Returns as history_leg. */
static int apply_due(struct history *h, struct moment *at)
{
    for (;;) {
        struct input_entry e;
        struct moment here = history_now(h);
        if (at_target(h))
            return -1;
        bool comes = input_log_next(h->log, &h->place, &e) &&
                     !input_is_asked_for(e.kind);
        *at = comes ? e.at : (struct moment){NEVER, NEVER, 0, NEVER};
        if (h->repeating && (!comes || moment_compare(h->shown, *at) < 0)) {
            *at = h->shown;
            if (moment_compare(here, *at))
                return -1;
            reach_present(h);
            if (!h->follows)
                return -1;
            continue;
        }
        if (!comes || moment_compare(here, *at))
            return -1;
        int stop = apply_entry(h, &e);
        if (stop >= 0 || !h->follows)
            return stop;
    }
}

static int follow(struct history *h, struct leg *leg)
{
    struct moment at;
    if (h->departure[0])
        return departed(h);
    int stop = apply_due(h, &at);
    h->followed = h->place;
    if (at_target(h)) {
        h->arrived = true;
        return MS_ASKED;
    }
    if (stop >= 0 || !h->follows)
        return stop;
    if (h->has_target && moment_compare(h->target, at) < 0)
        at = h->target;
    return at.cycle == NEVER ? -1 : limit_leg(h, leg, at);
}

/* After a run in the past, applies the input of the moment reached. In a replay
 * this happens only if the machine is off, because no further leg runs then. */
int history_settle(struct history *h)
{
    struct moment next;
    if (h->has_target || !(h->repeating || (is_off(h) && h->follows)))
        return -1;
    int stop = apply_due(h, &next);
    h->followed = h->place;
    return is_off(h) && stop == MS_REPLAYED ? -1 : stop;
}

/* ---- the run loop's side ------------------------------------------------ */

static void record_check(struct history *h, struct leg *leg)
{
    u8 digest[8];
    if (history_now(h).cycle >= h->next_check) {
        put_le(digest, h->port->digest(h->machine), 8);
        input_log_add(h->log, history_now(h), INPUT_CHECK, digest, 8);
        h->next_check = history_now(h).cycle + CHECK_CYCLES;
    }
    if (leg->until > h->next_check)
        leg->until = h->next_check;
}

int history_leg(struct history *h, struct leg *leg)
{
    const u64 most = 1u << 20; /* cycles of a leg */
    int stop = -1;
    if (!history_on(h))
        return -1;
    if (h->follows && (stop = follow(h, leg)) >= 0)
        return stop;
    snapshots_keep(h);
    if (h->records && !h->follows)
        record_check(h, leg);
    if (leg->until - history_now(h).cycle > most && !leg->asleep && !h->lazy)
        leg->until = history_now(h).cycle + most;
    return -1;
}

/* A write to a disk's own file cannot be undone: the past begins anew after the
 * write. */
static void note_file_writes(struct history *h)
{
    const char *file = h->port->wrote_file(h->machine);
    if (!file)
        return;
    h->written_file = file;
    h->written_at = history_now(h).cycle;
    snapshots_clear(h, &h->list);
    saved_timeline_free(h, h->aside); /* its disk has other bytes */
    h->aside = NULL;
    h->lazy = false;
    h->next = moment_steps(history_now(h)) + h->interval / 8;
}

bool history_dispatched(struct history *h)
{
    if (!history_on(h))
        return true;
    note_file_writes(h);
    if (!h->follows)
        return true;
    return h->place.next == h->followed.next; /* the leg still holds */
}

/* ---- the log in a file -------------------------------------------------- */

void history_record(struct history *h)
{
    h->records = true;
    h->next_check = history_now(h).cycle;
}

bool history_write_log(struct history *h, const char *path, char *err, size_t n)
{
    u8 *machine;
    char hex[33] = "";
    if (!h->repeating)
        h->port->hash(h->machine, hex);
    struct input_log *l = input_log_copy(h->log);
    input_log_add(l, history_present(h), INPUT_END, hex, strlen(hex));
    size_t bytes = h->port->configuration(h->machine, &machine);
    bool ok = input_log_write(l, path, machine, bytes, err, n);
    free(machine);
    input_log_free(l);
    return ok;
}

bool history_replay(struct history *h, const char *path, char *err, size_t n)
{
    u8 *machine;
    size_t bytes;
    struct input_log *l = input_log_read(path, &machine, &bytes, err, n);
    if (!l)
        return false;
    bool ok = h->port->same_configuration(h->machine, machine, bytes, err, n);
    free(machine);
    if (!ok) {
        input_log_free(l);
        return false;
    }
    input_log_free(h->log);
    h->log = l;
    h->follows = h->replays = true;
    h->place = (struct input_place){0, 0};
    return true;
}
