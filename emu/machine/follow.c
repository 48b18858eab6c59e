/* SPDX-License-Identifier: MIT */
/* Repeats the past: applies each entry of the log at its moment, until the
 * present or a recording's end is reached. This file also has the run loop's
 * hooks for history. */
#include "machine/past.h"

#include <stdio.h>
#include <stdlib.h>

#include <xxhash.h>

#define CHECK_CYCLES (1u << 24) /* between a recording's checks */

/* Returns a digest of the hart: nearly every difference between two machines
 * soon changes one of its registers. */
u64 machine_digest(const struct machine *m)
{
    const struct hart *h = &m->hart;
    u64 of[] = {h->pc,     h->priv, h->mstatus, h->satp,
                h->scause, h->sepc, h->mip,     engine_traps(m->engine)};
    u64 x = XXH3_64bits_withSeed(h->x, sizeof(h->x), h->cycle);
    u64 f = XXH3_64bits_withSeed(h->f, sizeof(h->f), h->instret);
    return XXH3_64bits_withSeed(of, sizeof(of), x ^ (f << 1));
}

/* ---- departing ---------------------------------------------------------- */

static void say_departed(struct machine *m, const char *what)
{
    struct history *h = m->parts->history;
    snprintf(h->departure, sizeof(h->departure),
             "%s at cycle %llu (identical at cycle %llu)", what, m->hart.cycle,
             h->agreed.cycle);
}

static int departed(struct machine *m)
{
    struct history *h = m->parts->history;
    h->follows = h->replays = false;
    history_hush(m, false);
    return MS_DEPARTED;
}

static int depart(struct machine *m, const char *what)
{
    say_departed(m, what);
    return departed(m);
}

const char *history_departure(const struct machine *m)
{
    return m->parts->history ? m->parts->history->departure : "";
}

/* ---- input that the machine asks for ------------------------------------ */

/* Lowers the engine's deadline if the next log entry comes before it. */
static void lower_deadline(struct machine *m)
{
    struct history *h = m->parts->history;
    struct input_entry e;
    if (!input_log_next(m->parts->log, &h->place, &e) ||
        input_is_asked_for(e.kind) || e.at.cycle >= m->parts->deadline)
        return;
    m->parts->deadline = e.at.cycle;
    engine_set_deadline(m->engine, e.at.cycle);
}

bool history_take(struct machine *m, enum input_kind kind,
                  struct input_entry *e)
{
    struct history *h = m->parts->history;
    if (!input_log_next(m->parts->log, &h->place, e) || e->kind != kind ||
        (kind == INPUT_LINE && e->at.cycle != m->hart.cycle)) {
        say_departed(m,
                     "the machine asked for input, which it did not before,");
        machine_ask_stop(m);
        return false;
    }
    input_log_pass(m->parts->log, &h->place);
    lower_deadline(m);
    return true;
}

int history_take_pipe(struct machine *m)
{
    struct history *h = m->parts->history;
    struct input_entry e;
    u64 at;
    bool any = input_log_next(m->parts->log, &h->place, &e);
    enum input_kind kind =
        any && e.kind > INPUT_PIPE ? (enum input_kind)e.kind : INPUT_PIPE;
    at = h->place.offset;
    if (!history_take(m, kind, &e) || kind == INPUT_PIPE_LATER)
        return HOST_IN_LATER;
    return kind == INPUT_PIPE ? e.bytes[at] : -1;
}

/* ---- input at its moment ------------------------------------------------ */

/* Ends the past: the machine goes on from here, live or by a recording. */
static void reach_present(struct machine *m)
{
    struct history *h = m->parts->history;
    history_hush(m, false);
    h->follows = h->replays;
    if (h->present)
        snapshots_add(h, h->present);
    h->present = NULL;
}

static int compare_digest(struct machine *m, const struct input_entry *e)
{
    struct history *h = m->parts->history;
    if (get_le(e->bytes, 8) != machine_digest(m))
        return depart(m, "the machine is another one than was recorded,");
    h->agreed = machine_moment(m);
    return -1;
}

static int end_of_recording(struct machine *m, const struct input_entry *e)
{
    struct history *h = m->parts->history;
    char hex[33];
    machine_hash(m, hex);
    if (e->n && (e->n != 32 || memcmp(e->bytes, hex, 32)))
        return depart(m, "the hash is another one than was recorded,");
    h->follows = h->replays = false;
    return MS_REPLAYED;
}

static int apply_entry(struct machine *m, const struct input_entry *e)
{
    struct history *h = m->parts->history;
    input_log_pass(m->parts->log, &h->place);
    if (e->kind == INPUT_CHECK)
        return compare_digest(m, e);
    if (e->kind == INPUT_END)
        return end_of_recording(m, e);
    machine_repeat_input(m, e);
    m->parts->dispatched++;
    return -1;
}

/* Limits the leg to end at the moment `at` at the latest. */
static int limit_leg(struct machine *m, struct leg *leg, struct moment at)
{
    struct history *h = m->parts->history;
    struct moment now = machine_moment(m);
    if (moment_compare(now, at) > 0)
        return depart(m, "an input's moment is past,");
    if (now.cycle < at.cycle) {
        leg->until = leg->until < at.cycle ? leg->until : at.cycle;
        return -1;
    }
    if (moment_steps(now) < moment_steps(at)) {
        leg->steps = 1;
        return -1;
    }
    leg->events_only = true;
    if (h->tried && !moment_compare(h->events_tried, now)) {
        h->arrived = h->has_target && !moment_compare(at, h->target);
        return h->arrived ? MS_ASKED : depart(m, "an event does not come");
    }
    h->tried = true;
    h->events_tried = now;
    return -1;
}

/* True beyond the target, too: a run with another input may never meet it. */
static bool at_target(const struct machine *m)
{
    const struct history *h = m->parts->history;
    return h->has_target && moment_compare(machine_moment(m), h->target) >= 0;
}

/* Applies the entries of this moment, but none once the target is reached. *at:
 * the earlier of the next entry and the present. Returns as history_leg. */
static int apply_due(struct machine *m, struct moment *at)
{
    struct history *h = m->parts->history;
    for (;;) {
        struct input_entry e;
        struct moment now = machine_moment(m);
        if (at_target(m))
            return -1;
        bool comes = input_log_next(m->parts->log, &h->place, &e) &&
                     !input_is_asked_for(e.kind);
        *at = comes ? e.at : (struct moment){NEVER, NEVER, 0, NEVER};
        if (h->repeating && (!comes || moment_compare(h->shown, *at) < 0)) {
            *at = h->shown;
            if (moment_compare(now, *at))
                return -1;
            reach_present(m);
            if (!h->follows)
                return -1;
            continue;
        }
        if (!comes || moment_compare(now, *at))
            return -1;
        int stop = apply_entry(m, &e);
        if (stop >= 0 || !h->follows)
            return stop;
    }
}

static int follow(struct machine *m, struct leg *leg)
{
    struct history *h = m->parts->history;
    struct moment at;
    if (h->departure[0])
        return departed(m);
    int stop = apply_due(m, &at);
    h->followed = h->place;
    if (at_target(m)) {
        h->arrived = true;
        return MS_ASKED;
    }
    if (stop >= 0 || !h->follows)
        return stop;
    if (h->has_target && moment_compare(h->target, at) < 0)
        at = h->target;
    return at.cycle == NEVER ? -1 : limit_leg(m, leg, at);
}

/* After a run in the past, applies the input of the moment reached. In a replay
 * this happens only if the machine is off, because no further leg runs then. */
int history_settle(struct machine *m)
{
    struct history *h = m->parts->history;
    struct moment next;
    if (!h || h->has_target || !(h->repeating || (m->off && h->follows)))
        return -1;
    int stop = apply_due(m, &next);
    h->followed = h->place;
    return m->off && stop == MS_REPLAYED ? -1 : stop;
}

/* ---- the run loop's side ------------------------------------------------ */

static void record_check(struct machine *m, struct leg *leg)
{
    struct history *h = m->parts->history;
    u8 digest[8];
    if (m->hart.cycle >= h->next_check) {
        put_le(digest, machine_digest(m), 8);
        input_log_add(m->parts->log, machine_moment(m), INPUT_CHECK, digest, 8);
        h->next_check = m->hart.cycle + CHECK_CYCLES;
    }
    if (leg->until > h->next_check)
        leg->until = h->next_check;
}

int history_leg(struct machine *m, struct leg *leg)
{
    struct history *h = past_of(m);
    const u64 most = 1u << 20; /* cycles of a leg */
    int stop = -1;
    if (!h)
        return -1;
    if (h->follows && (stop = follow(m, leg)) >= 0)
        return stop;
    snapshots_keep(m);
    if (h->records && !h->follows)
        record_check(m, leg);
    if (leg->until - m->hart.cycle > most && !m->hart.wfi && !h->lazy)
        leg->until = m->hart.cycle + most;
    return -1;
}

/* A write to a disk's own file cannot be undone: the past begins anew after the
 * write. */
static void note_file_writes(struct machine *m)
{
    struct history *h = m->parts->history;
    const struct machine_parts *p = m->parts;
    const char *file = NULL;
    for (unsigned i = 0; i < p->ndisks; i++) {
        if (p->backing[i].left_machine == h->file_writes[i])
            continue;
        h->file_writes[i] = p->backing[i].left_machine;
        file = p->backing[i].file;
    }
    if (!file)
        return;
    h->written_file = file;
    h->written_at = m->hart.cycle;
    snapshots_clear(h, &h->list);
    saved_timeline_free(h, h->aside); /* its disk has other bytes */
    h->aside = NULL;
    h->lazy = false;
    h->next = moment_steps(machine_moment(m)) + h->interval / 8;
}

bool history_dispatched(struct machine *m)
{
    struct history *h = past_of(m);
    if (!h)
        return true;
    note_file_writes(m);
    if (!h->follows)
        return true;
    return h->place.next == h->followed.next; /* the leg still holds */
}

/* Lets time pass to `until` as the recorded run did, though no event is due. */
bool history_sleeps(struct machine *m, u64 until)
{
    const struct history *h = past_of(m);
    if (!h || !h->follows || until == NEVER || m->hart.cycle >= until)
        return false;
    engine_idle_until(m->engine, until);
    return true;
}

/* ---- the log in a file -------------------------------------------------- */

void history_note_disks(struct machine *m)
{
    for (unsigned i = 0; i < m->parts->ndisks; i++)
        m->parts->backing[i].digest_at_start =
            backing_digest(&m->parts->backing[i]);
}

void history_record(struct machine *m)
{
    struct history *h = past_of(m);
    history_note_disks(m);
    h->records = true;
    h->next_check = m->hart.cycle;
}

bool history_write_log(struct machine *m, const char *path, char *err, size_t n)
{
    struct history *h = past_of(m);
    u8 *machine;
    char hex[33] = "";
    if (!h->repeating)
        machine_hash(m, hex);
    struct input_log *l = input_log_copy(m->parts->log);
    input_log_add(l, history_present(m), INPUT_END, hex, strlen(hex));
    size_t bytes = machine_configuration(m, &machine);
    bool ok = input_log_write(l, path, machine, bytes, err, n);
    free(machine);
    input_log_free(l);
    return ok;
}

bool history_replay(struct machine *m, const char *path, char *err, size_t n)
{
    struct history *h = past_of(m);
    u8 *machine;
    size_t bytes;
    struct input_log *l = input_log_read(path, &machine, &bytes, err, n);
    if (!l)
        return false;
    bool ok = machine_same_configuration(m, machine, bytes, err, n);
    free(machine);
    if (!ok) {
        input_log_free(l);
        return false;
    }
    input_log_free(m->parts->log);
    m->parts->log = l;
    h->follows = h->replays = true;
    h->place = (struct input_place){0, 0};
    return true;
}
