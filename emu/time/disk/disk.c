/* SPDX-License-Identifier: MIT */
/* Models a disk and its queue. Requests are kept in the order of arrival. A
 * request is ready for service after the overhead, in which the disk decodes
 * it. Once the disk has chosen it, its end is known. The disk chooses:
 *
 *   FIFO    the oldest request; one at a time
 *   C-LOOK  the next request upwards from the end of the last one, by sector;
 *           if there is none, the lowest. One at a time. A held request that
 *           overlaps no older one waits at most this sweep and the next
 *   NCQ     the request with the least value of positioning time (seek and
 *           rotation) minus 1/64 of age. An age of 64 times the longest
 *           positioning puts it before every new request. One at a time;
 *           flash, which has no positions, serves as many as it holds
 *
 * The disk chooses among the requests that it holds, the `tags` oldest. No
 * request passes an older one if the two share a sector that one of them
 * changes (SCSI's restricted reordering: SPC, control mode page). A request
 * that moves no sector (DISK_NOTHING) is done when all earlier ones are done.
 *
 * A choice is made at a certain cycle and considers the requests that are
 * ready by then. The choice is a function of the requests and their times,
 * whenever it is computed. */
#include <stdlib.h>

#include "time/disk/disk.h"

#include <stdio.h>

struct job {
    u64 tag, sector, arrival, ready;
    u64 done; /* DISK_NEVER while it waits to be chosen */
    /* set when the request is chosen: its cycles in the statistics */
    u64 seek, busy;
    u32 sectors;
    u8 op; /* enum disk_op: read, write, discard, nothing */
};

struct disk_model {
    const struct disk_kind *kind;
    u64 clock_hz, sectors;
    u8 queue;    /* enum disk_discipline */
    u32 degrees; /* position of the platters at time 0 */
    struct disk_heads heads;
    struct disk_flash flash;
    /* state */
    u64 position;   /* sector after the last read or write chosen */
    u64 free_at;    /* cycle of the next choice at the earliest */
    u64 busy_until; /* latest end of a chosen request */
    struct disk_stats stats;
    u32 count;
    struct job job[DISK_QUEUE_MAX];
};

/* ---- time --------------------------------------------------------------- */

static u64 scale(u64 x, u64 num, u64 den)
{
    return x / den * num + x % den * num / den;
}

static u64 to_ns(const struct disk_model *d, u64 cycle)
{
    return scale(cycle, 1000000000, d->clock_hz);
}

/* Returns the first cycle not before the time ns. */
static u64 to_cycle(const struct disk_model *d, u64 ns)
{
    u64 c = scale(ns, d->clock_hz, 1000000000);
    return to_ns(d, c) < ns ? c + 1 : c;
}

/* ---- names -------------------------------------------------------------- */

static bool option_is(const char *at, size_t n, const char *word)
{
    return strlen(word) == n && !memcmp(at, word, n);
}

/* Parses phase=DEGREES, from 0 to less than 360. */
static bool phase_is(const char *at, size_t n, u32 *degrees)
{
    static const char word[] = "phase=";
    size_t digits = n - strlen(word);
    if (n <= strlen(word) || memcmp(at, word, strlen(word)) || digits > 3)
        return false;
    *degrees = 0;
    for (at += strlen(word); digits; digits--, at++) {
        if (*at < '0' || *at > '9')
            return false;
        *degrees = *degrees * 10 + (u32)(*at - '0');
    }
    return *degrees < 360;
}

/* Parses NAME[,nobuffer][,queue=fifo|clook|ncq][,phase=DEGREES]. False: bad
 * form, unknown name, or an option that the disk cannot have. */
static bool parse(struct disk_model *d, const char *name, bool *buffered)
{
    size_t n = strcspn(name, ",");

    d->kind = disk_kind_find(name, n);
    if (!d->kind)
        return false;
    d->queue = d->kind->queue;
    *buffered = true;
    for (name += n; *name; name += n) {
        name++;
        n = strcspn(name, ",");
        if (option_is(name, n, "queue=fifo"))
            d->queue = DISK_FIFO;
        else if (option_is(name, n, "queue=ncq") && d->kind->tags > 1)
            d->queue = DISK_NCQ;
        else if (option_is(name, n, "queue=clook") && d->kind->rpm)
            d->queue = DISK_CLOOK;
        else if (option_is(name, n, "nobuffer") && d->kind->rpm)
            *buffered = false;
        else if (!d->kind->rpm || !phase_is(name, n, &d->degrees))
            return false;
    }
    return true;
}

struct disk_model *disk_model_new(const char *name, u64 sectors, u64 clock_hz)
{
    struct disk_model *d = xcalloc(1, sizeof(*d));
    bool buffered;

    if (!parse(d, name, &buffered)) {
        free(d);
        return NULL;
    }
    d->clock_hz = clock_hz;
    d->sectors = sectors;
    d->flash.kind = d->kind;
    if (d->kind->rpm)
        heads_init(&d->heads, d->kind, buffered);
    d->heads.phase = d->heads.turn * d->degrees / 360;
    return d;
}

void disk_model_name(const struct disk_model *d, char *name, size_t n)
{
    static const char *const queues[] = {
        [DISK_FIFO] = "fifo", [DISK_NCQ] = "ncq", [DISK_CLOOK] = "clook"};
    bool queue = d->queue != d->kind->queue;
    char phase[20] = "";

    if (d->degrees)
        snprintf(phase, sizeof phase, ",phase=%u", d->degrees);
    snprintf(name, n, "%s%s%s%s%s", d->kind->name,
             d->kind->rpm && !d->heads.buffered ? ",nobuffer" : "",
             queue ? ",queue=" : "", queue ? queues[d->queue] : "", phase);
}

u64 disk_model_cache(const struct disk_model *d)
{
    const struct disk_kind *k = d->kind;

    if (!k->rpm)
        return (u64)k->cache << 10;
    return d->heads.buffered ? (u64)k->segments * k->segment * SECTOR_BYTES : 0;
}

void disk_model_free(struct disk_model *d)
{
    free(d);
}

/* ---- the choice --------------------------------------------------------- */

static bool is_read(const struct job *j)
{
    return j->op == DISK_READ;
}

/* True for a request that moves no sector: it is not chosen and blocks none. */
static bool is_mark(const struct job *j)
{
    return j->op == DISK_NOTHING;
}

static bool collide(const struct job *a, const struct job *b)
{
    return !(is_read(a) && is_read(b)) && !is_mark(a) && !is_mark(b) &&
           a->sector < b->sector + b->sectors &&
           b->sector < a->sector + a->sectors;
}

static u32 at_once(const struct disk_model *d)
{
    return d->kind->rpm || d->queue == DISK_FIFO ? 1 : d->kind->tags;
}

/* True if job i may start at cycle t: it waits, its overhead is over, and it
 * collides with no older unfinished job. */
static bool may_start(const struct disk_model *d, u32 i, u64 t)
{
    const struct job *j = &d->job[i];

    if (j->done != DISK_NEVER || is_mark(j) || j->ready > t)
        return false;
    for (u32 k = 0; k < i; k++)
        if (d->job[k].done > t && collide(&d->job[k], j))
            return false;
    return true;
}

/* Returns a job's score; the lowest wins. FIFO and flash take the first job. */
static s64 score(const struct disk_model *d, const struct job *j, u64 t)
{
    if (d->queue == DISK_CLOOK)
        return (s64)(j->sector >= d->position
                         ? j->sector - d->position
                         : j->sector + (1ull << 62) - d->position);
    if (d->queue == DISK_NCQ && d->kind->rpm) {
        u64 cost = j->op == DISK_DISCARD || !j->sectors
                       ? 0
                       : heads_cost(&d->heads, to_ns(d, t), j->sector,
                                    j->sector + j->sectors, !is_read(j));
        return (s64)cost - (s64)(to_ns(d, t - j->arrival) / 64);
    }
    return 0;
}

/* True if as many jobs as the disk serves at once are in service at cycle t. */
static bool full(const struct disk_model *d, u64 t)
{
    u32 running = 0;

    for (u32 i = 0; i < d->count; i++)
        running += d->job[i].done != DISK_NEVER && d->job[i].done > t &&
                   !is_mark(&d->job[i]);
    return running >= at_once(d);
}

/* Returns the job to start at cycle t, or -1. */
static int choose(const struct disk_model *d, u64 t)
{
    u32 held = 0;
    int best = -1;
    s64 least = 0;

    for (u32 i = 0; i < d->count && held < d->kind->tags; i++) {
        if (d->job[i].done <= t)
            continue;
        held += !is_mark(&d->job[i]);
        if (may_start(d, i, t)) {
            s64 s = score(d, &d->job[i], t);
            if (best < 0 || s < least) {
                best = (int)i;
                least = s;
            }
        }
        if (d->queue == DISK_FIFO && d->job[i].done == DISK_NEVER &&
            !is_mark(&d->job[i]))
            break;
    }
    return best;
}

/* Returns the job that will be chosen next (-1: none), and when. If none may
 * start, that changes only when a job becomes ready or ends. */
static int next_choice(const struct disk_model *d, u64 *when)
{
    for (u64 t = d->free_at;;) {
        bool wait = full(d, t);
        int i = wait ? -1 : choose(d, t);
        if (i >= 0) {
            *when = t;
            return i;
        }
        u64 later = DISK_NEVER;
        for (u32 k = 0; k < d->count; k++) {
            const struct job *j = &d->job[k];
            bool waits = j->done == DISK_NEVER;
            u64 e = waits ? j->ready : j->done;
            if (e > t && e < later && !is_mark(j) && !(wait && waits))
                later = e;
        }
        if (later == DISK_NEVER)
            return -1;
        t = later;
    }
}

/* ---- service ------------------------------------------------------------ */

static u64 serve(struct disk_model *d, struct job *j, u64 t, u64 *seek)
{
    u64 at = to_ns(d, t), first = j->sector, end = first + j->sectors;
    bool write = !is_read(j), heads = d->kind->rpm;

    *seek = 0;
    if (j->op == DISK_DISCARD) /* flash changes a map entry, platters nothing */
        return to_cycle(d, heads ? at : at + d->kind->write4k);
    d->position = end;
    return to_cycle(d, heads
                           ? heads_serve(&d->heads, at, first, end, write, seek)
                           : flash_serve(&d->flash, at, first, end, write));
}

static void pass_marks(struct disk_model *d)
{
    u64 last = 0;

    for (u32 i = 0; i < d->count; i++) {
        struct job *j = &d->job[i];
        if (is_mark(j))
            j->done = last > j->arrival ? last : j->arrival + 1;
        if (j->done == DISK_NEVER)
            return;
        if (j->done > last)
            last = j->done;
    }
}

static void start(struct disk_model *d, u32 i, u64 t)
{
    struct job *j = &d->job[i];
    u64 seek, from = j->arrival;

    j->done = serve(d, j, t, &seek);
    if (j->done <= j->arrival)
        j->done = j->arrival + 1;
    if (j->done < t)
        j->done = t;
    d->free_at = at_once(d) == 1 ? j->done : t;
    j->seek = scale(seek, d->clock_hz, 1000000000);
    /* Earlier requests already count the cycles until busy_until. */
    if (from < d->busy_until)
        from = d->busy_until;
    j->busy = j->done > from ? j->done - from : 0;
    if (d->busy_until < j->done)
        d->busy_until = j->done;
    pass_marks(d);
}

static void make_choices(struct disk_model *d, u64 now)
{
    u64 t;
    int i;

    while ((i = next_choice(d, &t)) >= 0 && t <= now)
        start(d, (u32)i, t);
}

/* ---- interface ---------------------------------------------------------- */

void disk_submit(struct disk_model *d, u64 now, u64 tag, enum disk_op op,
                 u64 sector, u32 sectors)
{
    u64 overhead = d->kind->rpm ? to_cycle(d, d->kind->overhead) : 0;

    if (op == DISK_ZERO_UNMAP && !d->kind->rpm)
        op = DISK_DISCARD;
    else if (op == DISK_ZERO || op == DISK_ZERO_UNMAP)
        op = DISK_WRITE;
    assert(d->count < DISK_QUEUE_MAX);
    make_choices(d, now);
    d->job[d->count++] = (struct job){.tag = tag,
                                      .op = (u8)op,
                                      .sector = sector,
                                      .sectors = sectors,
                                      .arrival = now,
                                      .ready = now + overhead,
                                      .done = DISK_NEVER};
    pass_marks(d);
    make_choices(d, now);
}

static void count_job(struct disk_stats *t, const struct job *j)
{
    u64 bytes = (u64)j->sectors * SECTOR_BYTES;

    switch (j->op) {
    case DISK_READ:
        t->reads++;
        t->read_bytes += bytes;
        break;
    case DISK_WRITE:
        t->writes++;
        t->write_bytes += bytes;
        break;
    case DISK_DISCARD:
        t->discards++;
        t->discard_bytes += bytes;
        break;
    }
}

/* Returns the job whose known end is first, of several the oldest; -1: none. */
static int first_over(const struct disk_model *d)
{
    int first = -1;

    for (u32 i = 0; i < d->count; i++)
        if (d->job[i].done != DISK_NEVER &&
            (first < 0 || d->job[i].done < d->job[first].done))
            first = (int)i;
    return first;
}

bool disk_done(struct disk_model *d, u64 now, u64 *tag)
{
    make_choices(d, now);
    int i = first_over(d);
    if (i < 0 || d->job[i].done > now)
        return false;
    struct job *j = &d->job[i];
    *tag = j->tag;
    count_job(&d->stats, j);
    d->stats.seek_cycles += j->seek;
    d->stats.busy_cycles += j->busy;
    if (!is_mark(j) && j->op != DISK_DISCARD)
        d->stats.head_sector = j->sector + j->sectors;
    d->count--;
    memmove(j, j + 1, (d->count - (u32)i) * sizeof(*j));
    return true;
}

u64 disk_next(const struct disk_model *d)
{
    int i = first_over(d);
    u64 over = i < 0 ? DISK_NEVER : d->job[i].done, t;

    return next_choice(d, &t) >= 0 && t < over ? t : over;
}

void disk_cancel(struct disk_model *d)
{
    for (u32 i = 0; i < d->count; i++) {
        const struct job *j = &d->job[i];
        if (j->done == DISK_NEVER || is_mark(j))
            continue;
        d->stats.seek_cycles += j->seek;
        d->stats.busy_cycles += j->busy;
    }
    d->count = 0;
}

unsigned disk_outlook(const struct disk_model *d, struct disk_outlook *out,
                      unsigned max)
{
    unsigned n = d->count < max ? d->count : max;
    u64 t;
    int i;

    if (!n)
        return 0;
    struct disk_model *copy = xcalloc(1, sizeof(*copy));
    memcpy(copy, d,
           offsetof(struct disk_model, job) + d->count * sizeof(d->job[0]));
    while ((i = next_choice(copy, &t)) >= 0)
        start(copy, (u32)i, t);
    for (unsigned k = 0; k < n; k++)
        out[k] = (struct disk_outlook){.tag = d->job[k].tag,
                                       .done_at = copy->job[k].done,
                                       .waits = d->job[k].done == DISK_NEVER};
    free(copy);
    return n;
}

struct disk_stats disk_stats(const struct disk_model *d)
{
    return d->stats;
}

/* ---- state -------------------------------------------------------------- */

static void job_state(struct job *j, u64 sectors, struct state *s)
{
    state_vals(s, j->tag, j->sector, j->arrival, j->ready, j->done, j->seek,
               j->busy);
    state_vals(s, j->sectors, j->op);
    state_check(s,
                j->op <= DISK_NOTHING && j->sector <= sectors &&
                    j->sectors <= sectors - j->sector &&
                    j->sectors < 1u << 23 && j->arrival <= j->ready &&
                    j->done > j->arrival,
                "disk: request out of range");
}

void disk_model_state(struct disk_model *d, struct state *s)
{
    u32 count = d->count;
    u8 queue = d->queue;

    state_tag(s, d->kind->name);
    state_val(s, queue);
    state_check(s, queue == d->queue, "a disk has another queue");
    state_vals(s, d->position, d->free_at, d->busy_until, d->stats);
    if (d->kind->rpm)
        heads_state(&d->heads, s);
    else
        flash_state(&d->flash, s);
    state_val(s, count);
    state_check(s, count <= DISK_QUEUE_MAX, "disk: too many requests");
    if (state_loading(s)) {
        d->count = 0;
        if (state_error(s))
            return;
    }
    for (u32 i = 0; i < count; i++)
        job_state(&d->job[i], d->sectors, s);
    if (!state_loading(s) || !state_error(s))
        d->count = count;
}
