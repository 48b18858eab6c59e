/* SPDX-License-Identifier: MIT */
/* Takes and restores snapshots, and keeps them within a bound of memory. */
#include "history/past.h"

#include <stdlib.h>

#include "history/thin.h"

/* Steps (instructions and traps) between snapshots: some forty milliseconds of
 * the host, usually the most that one step back repeats. After a snapshot for
 * which more than EASY bytes were compared the interval grows in proportion, so
 * that keeping the past usually costs less than a tenth of the speed. */
#define INTERVAL 15000000u
#define EASY     (3u << 20)
#define LONGEST  16u /* times INTERVAL */
/* Cycles between two calls of the progress function: some 10 ms of the host. */
#define LOOK   2000000u
#define PIECE  1024u      /* bytes of the stream in one unit of copies */
#define PIECES (1u << 20) /* of a stream, at most, besides captured writes */
/* "Written" bits of GROUP frames are kept together, in GROUP_BYTES bytes. */
#define GROUP       512u
#define GROUP_BYTES (GROUP / 8)

/* Units of one size share a store: a page of RAM may equal one of swap.
 * Contents of smaller units hardly ever repeat, so only pages are looked up by
 * content. */
static struct copies_store *store_of(struct history *h, u32 unit)
{
    unsigned i = 0;
    while (i < h->nstores && copies_unit(h->store[i]) != unit)
        i++;
    if (i == h->nstores)
        h->store[h->nstores++] =
            copies_store_new(unit, unit == PAGE_BYTES, &h->bytes);
    return h->store[i];
}

struct history *history_new(const struct history_port *port, struct machine *m,
                            u64 ram_bytes)
{
    struct history *h = xcalloc(1, sizeof(*h));
    u64 frames = ram_bytes / PAGE_BYTES;
    h->port = port;
    h->machine = m;
    h->log = input_log_new();
    /* the disks capture at most as many bytes as RAM has (struct virtio) */
    h->stream = copies_shape(PIECES + ram_bytes / PIECE, store_of(h, PIECE));
    h->written =
        copies_shape((frames + GROUP - 1) / GROUP, store_of(h, GROUP_BYTES));
    h->interval = INTERVAL;
    h->progress_cycles = LOOK;
    return h;
}

void history_memory(struct history *h, const struct history_memory *r)
{
    assert(h->nmemories < MEMORIES && !h->on);
    h->shape[h->nmemories] = copies_shape(r->units, store_of(h, r->unit));
    h->memory[h->nmemories++] = *r;
}

void history_also(struct history *h, void (*fn)(void *, struct state *),
                  void *opaque)
{
    assert(h->nalso < ALSO && !h->on);
    h->also[h->nalso].fn = fn;
    h->also[h->nalso++].opaque = opaque;
}

static const u8 *unit_get(const struct history_memory *r, u64 i)
{
    return r->get ? r->get(r->opaque, i) : (u8 *)r->opaque + i * r->unit;
}

static void unit_put(const struct history_memory *r, u64 i, const u8 *p)
{
    u8 *to = (u8 *)r->opaque + i * r->unit;
    if (r->put)
        r->put(r->opaque, i, p);
    else if (p)
        memcpy(to, p, r->unit);
    else
        memset(to, 0, r->unit);
}

/* ---- one snapshot ------------------------------------------------------- */

/* Copies the units that have been written since base into the version *root. */
static void memory_keep(struct history *h, unsigned k, void **root)
{
    struct history_memory *r = &h->memory[k];
    for (u64 i = 0; i < r->units; i++) {
        u64 eight = 0;
        if (i % 8 == 0 && i + 8 <= r->units)
            memcpy(&eight, r->written + i, 8);
        else
            eight = r->written[i];
        if (!eight) {
            i += i % 8 == 0 && i + 8 <= r->units ? 7 : 0;
            continue;
        }
        if (!r->written[i])
            continue;
        r->written[i] = 0;
        h->compared += r->unit;
        copies_set(&h->shape[k], root, i, unit_get(r, i));
    }
}

/* Notes which frames of RAM have been written since base. Call it before
 * memory_keep, which clears the bytes. */
static void written_keep(struct history *h, struct snapshot *s)
{
    static const u8 none[GROUP];
    const struct history_memory *ram = &h->memory[0];
    for (u64 first = 0; first < ram->units; first += GROUP) {
        const u8 *written = ram->written + first;
        u64 n = ram->units - first < GROUP ? ram->units - first : GROUP;
        u8 bits[GROUP_BYTES] = {0};
        if (!memcmp(written, none, n))
            continue;
        for (u64 i = 0; i < n; i++)
            bits[i / 8] |= (u8)((written[i] != 0) << i % 8);
        copies_set(&h->written, &s->written, first / GROUP, bits);
    }
}

static void snapshot_visit(struct history *h, struct state *s)
{
    h->port->visit(h->machine, s);
    for (unsigned i = 0; i < h->nalso; i++)
        h->also[i].fn(h->also[i].opaque, s);
}

static void stream_keep(struct history *h, struct snapshot *s)
{
    struct state_kept *k = &h->kept;
    u8 last[PIECE] = {0};
    struct state *visitor = state_keeper(k);
    snapshot_visit(h, visitor);
    state_keep_finish(visitor);
    s->stream_bytes = k->n;
    u64 whole = k->n / PIECE;
    assert(whole < h->stream.units);
    for (u64 i = 0; i < whole; i++)
        copies_set(&h->stream, &s->stream, i, k->bytes + i * PIECE);
    memcpy(last, k->bytes + whole * PIECE, k->n % PIECE);
    copies_set(&h->stream, &s->stream, whole, last);
}

struct snapshot *snapshot_take(struct history *h)
{
    struct snapshot *s = xcalloc(1, sizeof(*s)), *base = h->base;
    s->owners = 1;
    s->at = history_now(h);
    s->place = h->follows ? h->place : input_log_end(h->log);
    s->since = base ? base->at : s->at;
    written_keep(h, s);
    h->compared = 0;
    for (unsigned k = 0; k < h->nmemories; k++) {
        s->memory[k] = base ? copies_hold(base->memory[k]) : NULL;
        memory_keep(h, k, &s->memory[k]);
    }
    s->stream = base ? copies_hold(base->stream) : NULL;
    stream_keep(h, s);
    h->port->taken(h->machine);
    snapshot_drop(h, base);
    h->base = s;
    s->owners++;
    return s;
}

void snapshot_drop(struct history *h, struct snapshot *s)
{
    if (!s || --s->owners)
        return;
    for (unsigned k = 0; k < h->nmemories; k++)
        copies_drop(&h->shape[k], s->memory[k]);
    copies_drop(&h->stream, s->stream);
    copies_drop(&h->written, s->written);
    free(s);
}

/* ---- restoring one ------------------------------------------------------- */

struct putting {
    struct history *h;
    const struct snapshot *s;
    unsigned k;
};

static void unit_restore(void *putting, u64 i)
{
    struct putting *p = putting;
    struct history_memory *r = &p->h->memory[p->k];
    r->written[i] = 0;
    unit_put(r, i, copies_at(&p->h->shape[p->k], p->s->memory[p->k], i));
}

static void memories_restore(struct history *h, const struct snapshot *s)
{
    struct putting p = {h, s, 0};
    for (; p.k < h->nmemories; p.k++) {
        struct history_memory *r = &h->memory[p.k];
        for (u64 i = 0; i < r->units; i++)
            if (r->written[i])
                unit_restore(&p, i);
        copies_differ(&h->shape[p.k], h->base->memory[p.k], s->memory[p.k],
                      unit_restore, &p);
        memset(r->written, 0, r->units);
    }
}

static void stream_restore(struct history *h, const struct snapshot *s)
{
    struct state_kept *k = &h->kept;
    u64 pieces = s->stream_bytes / PIECE + 1;
    if (k->room < pieces * PIECE) {
        k->room = pieces * PIECE;
        k->bytes = xrealloc(k->bytes, k->room);
    }
    for (u64 i = 0; i < pieces; i++)
        memcpy(k->bytes + i * PIECE, copies_at(&h->stream, s->stream, i),
               PIECE);
    struct state *visitor = state_keep_loader(k->bytes, s->stream_bytes);
    snapshot_visit(h, visitor);
    const char *why = state_error(visitor);
    if (why)
        die("history", "a snapshot cannot be read back: %s", why);
    if (!state_load_finish(visitor))
        die("history", "a snapshot has more than the machine");
}

void snapshot_restore(struct history *h, struct snapshot *s)
{
    s->owners++;
    memories_restore(h, s); /* first, as it drops the hart's reservation */
    stream_restore(h, s);
    h->port->restored(h->machine, s->at);
    h->place = s->place;
    snapshot_drop(h, h->base);
    h->base = s;
}

/* ---- all of them -------------------------------------------------------- */

/* Makes the frames written before `from` count as written before `to`, the
 * snapshot that follows; `from` is then dropped. */
static void written_join(const struct history *h, struct snapshot *to,
                         const struct snapshot *from)
{
    if (moment_compare(to->since, from->at) > 0)
        return; /* writes between `from` and to->since are not known */
    if (moment_compare(from->since, to->since) < 0)
        to->since = from->since;
    for (u64 group = 0; group < h->written.units; group++) {
        const u8 *more = copies_at(&h->written, from->written, group);
        const u8 *own = copies_at(&h->written, to->written, group);
        u8 bits[GROUP_BYTES];
        if (!more)
            continue;
        for (unsigned i = 0; i < GROUP_BYTES; i++)
            bits[i] = more[i] | (own ? own[i] : 0);
        copies_set(&h->written, &to->written, group, bits);
    }
}

bool snapshots_wrote(const struct history *h, size_t i, u64 frame)
{
    const struct snapshot *s = h->list.at[i + 1];
    const u8 *bits = copies_at(&h->written, s->written, frame / GROUP);
    if (moment_compare(s->since, h->list.at[i]->at) > 0)
        return true; /* not known */
    return bits && bits[frame % GROUP / 8] >> frame % 8 & 1;
}

void snapshots_forget(struct history *h, struct snapshots *l, size_t i)
{
    size_t after = l->n - i - 1;
    if (after)
        written_join(h, l->at[i + 1], l->at[i]);
    snapshot_drop(h, l->at[i]);
    memmove(l->at + i, l->at + i + 1, after * sizeof(*l->at));
    memmove(l->steps + i, l->steps + i + 1, after * sizeof(*l->steps));
    l->n--;
}

s64 snapshots_before(const struct history *h, struct moment to)
{
    size_t low = 0, high = h->list.n;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (moment_compare(h->list.at[mid]->at, to) <= 0)
            low = mid + 1;
        else
            high = mid;
    }
    return (s64)low - 1;
}

static void insert(struct snapshots *l, size_t i, struct snapshot *s)
{
    if (l->n == l->room) {
        l->room = l->room ? 2 * l->room : 64;
        l->at = xrealloc(l->at, l->room * sizeof(*l->at));
        l->steps = xrealloc(l->steps, (l->room + 1) * sizeof(*l->steps));
    }
    memmove(l->at + i + 1, l->at + i, (l->n - i) * sizeof(*l->at));
    memmove(l->steps + i + 1, l->steps + i, (l->n - i) * sizeof(*l->steps));
    l->at[i] = s;
    l->steps[i] = moment_steps(s->at);
    l->n++;
}

/* Forgets snapshots, each from the longer list (h's own or that of h->aside),
 * until the bound holds or two are left. Near step `here` they stay densest. */
static void thin(struct history *h, u64 here)
{
    while (h->bytes > h->bound) {
        struct snapshots *l = &h->list;
        if (h->aside && h->aside->list.n > l->n)
            l = &h->aside->list;
        if (l->n < 3)
            break;
        snapshots_forget(h, l, thin_which(l->steps, l->n, here));
    }
}

void snapshots_add(struct history *h, struct snapshot *s)
{
    size_t i = (size_t)(snapshots_before(h, s->at) + 1);
    if (i && !moment_compare(h->list.at[i - 1]->at, s->at)) {
        snapshot_drop(h, s);
        return;
    }
    insert(&h->list, i, s);
    thin(h, moment_steps(s->at));
}

void snapshots_share(const struct snapshots *l, struct snapshots *with)
{
    for (size_t i = 0; i < l->n; i++) {
        insert(with, i, l->at[i]);
        l->at[i]->owners++;
    }
}

void snapshots_clear(struct history *h, struct snapshots *l)
{
    while (l->n)
        snapshots_forget(h, l, l->n - 1);
    free_all(l->at, l->steps);
    *l = (struct snapshots){0};
}

/* Returns the number of steps until the next snapshot, after one that compared
 * this many bytes. In the past snapshots lie close together whatever they cost,
 * since the user is likely to move about there. */
static u64 interval_after(const struct history *h, u64 compared)
{
    u64 times = compared < LONGEST * (u64)EASY ? compared : LONGEST * (u64)EASY;
    if (h->repeating || times < EASY)
        return h->interval;
    return h->interval * (times >> 10) / (EASY >> 10);
}

/* Takes a snapshot if one is due, but in the past only if none lies near:
 * within an interval before, or half an interval ahead. */
void snapshots_keep(struct history *h)
{
    struct moment at = history_now(h);
    u64 steps = moment_steps(at);
    if (steps < h->next || is_off(h) || h->lazy)
        return;
    s64 k = snapshots_before(h, at);
    u64 behind = k < 0 ? h->interval : steps - h->list.steps[k];
    u64 ahead =
        k + 1 < (s64)h->list.n ? h->list.steps[k + 1] - steps : h->interval;
    h->next = steps + h->interval / 8;
    if (behind < h->interval || ahead < h->interval / 2)
        return;
    snapshots_add(h, snapshot_take(h));
    h->next = steps + interval_after(h, h->compared);
}

/* ---- beginning and ending ----------------------------------------------- */

void history_begin(struct history *h, u64 bytes)
{
    if (h->on)
        return;
    h->bound = bytes;
    h->on = true;
    h->shown = history_now(h);
    snapshots_add(h, snapshot_take(h));
    h->next = moment_steps(h->shown) + h->interval;
}

void history_lazily(struct history *h)
{
    h->lazy = true;
}

void saved_timeline_free(struct history *h, struct saved_timeline *l)
{
    if (!l)
        return;
    snapshots_clear(h, &l->list);
    snapshot_drop(h, l->present);
    input_log_free(l->log);
    free(l);
}

/* Drops the whole past; the machine stays as it is. */
static void past_clear(struct history *h)
{
    snapshots_clear(h, &h->list);
    snapshot_drop(h, h->present);
    snapshot_drop(h, h->base);
    saved_timeline_free(h, h->aside);
    h->present = h->base = NULL;
    h->aside = NULL;
    h->follows = h->replays = h->has_target = false;
    history_hush(h, false);
}

void history_free(struct history *h)
{
    past_clear(h);
    for (unsigned i = 0; i < h->nstores; i++)
        copies_store_free(h->store[i]);
    input_log_free(h->log);
    free_all(h->kept.bytes, h);
}

void history_restart(struct history *h)
{
    input_log_cut(h->log, (struct input_place){0, 0});
    if (!history_on(h))
        return;
    past_clear(h);
    for (unsigned k = 0; k < h->nmemories; k++)
        memset(h->memory[k].written, 1, h->memory[k].units);
    h->shown = history_now(h);
    snapshots_add(h, snapshot_take(h));
    h->next = moment_steps(h->shown) + h->interval;
}

/* ---- output while repeating ---------------------------------------------- */

void history_hush(struct history *h, bool repeating)
{
    if (h->repeating == repeating)
        return;
    h->repeating = repeating;
    h->port->hush(h->machine, repeating);
}

/* ---- the present and the past -------------------------------------------- */

bool history_on(const struct history *h)
{
    return h && h->on;
}

struct moment history_now(const struct history *h)
{
    return h->port->now(h->machine);
}

struct moment history_present(const struct history *h)
{
    return h->repeating ? h->shown : history_now(h);
}

struct moment history_first(const struct history *h)
{
    return h->list.n ? h->list.at[0]->at : history_now(h);
}

bool history_past(const struct history *h)
{
    return h && h->follows;
}

bool history_repeats(const struct history *h)
{
    return h && h->repeating;
}

struct history_figures history_figures(const struct history *h)
{
    return (struct history_figures){h->list.n, h->bytes, h->bound};
}
