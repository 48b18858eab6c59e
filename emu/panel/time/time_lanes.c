/* SPDX-License-Identifier: MIT */
/* Draws the event lanes of the time axis: a labelled lane for each sort of
 * event. Known events have a tick each; earlier ones are shown as counts
 * between two samples. A click on a lane's name switches whether the machine
 * stops at the events that the lane's `catches` name. */
#include "inspect/words.h"
#include "panel/time/time_axis.h"

static const struct lane {
    const char *name, *sentence;
    const char *catches[LANE_WORDS]; /* words of the monitor's `catch` */
} lanes[LANES] = {
    {"fault",
     "page faults, often two events each: the page's, and the fault's end "
     "(served, or refused with a signal)",
     {"fault"}},
    {"copy",
     "pages that fork shared or copied, and writes to shared ones: copied, or "
     "kept; pages of 2 MiB split into small ones, or put together from them",
     {"cow", "huge"}},
    {"memory",
     "upper ticks: frames taken; lower: given back, as by munmap or exit",
     {"alloc", "free"}},
    {"process",
     "fork, exec, exit, the out-of-memory kill, and a deadlock",
     {"fork", "exec", "proc-exit", "oom", "deadlock"}},
    {"reclaim",
     "upper ticks: frames spared, moved or locked; lower: frames taken",
     {"scan", "reclaim", "drop-cache", "cached", "cache-idle", "free-behind",
      "cache-reuse", "inode-reuse"}},
    {"disk",
     "upper ticks: pages read from files and swap; lower: written there",
     {"page-in", "file", "swapin", "pageout"}},
};

enum height { WHOLE, UPPER, LOWER };

/* The lane of each kind of reason (guest/abi/events.def). */
static const struct {
    const char *kind;
    u8 lane, height;
} kinds[] = {
    {"fault", 0, WHOLE},   {"cow", 1, WHOLE},    {"alloc", 2, UPPER},
    {"boot", 2, UPPER},    {"none", 2, UPPER},   {"free", 2, LOWER},
    {"fork", 3, WHOLE},    {"exec", 3, WHOLE},   {"exit", 3, WHOLE},
    {"oom", 3, WHOLE},     {"scan", 4, UPPER},   {"reclaim", 4, LOWER},
    {"pageout", 5, LOWER}, {"swapin", 5, UPPER}, {"file", 5, UPPER},
    {"lock", 4, UPPER},    {"huge", 1, WHOLE},
};

const char *lane_name(int lane)
{
    return lanes[lane].name;
}

const char *const *lane_catches(int lane)
{
    return lanes[lane].catches;
}

bool lane_stops(const struct ins_display *d, int lane)
{
    for (unsigned i = 0; i < LANE_WORDS && lanes[lane].catches[i]; i++) {
        u64 mask = inspect_reason_mask(lanes[lane].catches[i]);
        if ((d->catching & mask) != mask)
            return false;
    }
    return true;
}

/* The lane of a reason's ticks; lane -1: none. */
struct place {
    s8 lane;
    u8 height;
};

static struct place lane_place(u8 reason)
{
    struct place p = {-1, WHOLE};
    switch (reason) { /* reasons whose place is not that of their kind */
    case R_COW_SHARE:
        return (struct place){1, WHOLE};
    case R_PAGE_IN:
        return (struct place){5, UPPER};
    case R_FILE_WRITE:
        return (struct place){5, LOWER};
    }
    for (unsigned i = 0; reason < R_COUNT && i < ARRAY_LEN(kinds); i++)
        if (!strcmp(kinds[i].kind, ins_reasons[reason].kind))
            p = (struct place){(s8)kinds[i].lane, kinds[i].height};
    return p;
}

int lane_of(u8 reason)
{
    return lane_place(reason).lane;
}

/* ---- counts in each column ----------------------------------------------- */

#define COLUMNS 4096 /* a wider plot has several pixels to a column */
#define PART    16   /* parts per event; a column may get less than one event */
struct crowd {
    int n; /* columns */
    struct place at[R_COUNT];
    u16 many[LANES][2][COLUMNS]; /* upper and lower half, parts of events */
};

static void counts_add(struct crowd *c, struct place p, int column,
                       unsigned parts)
{
    if (column < 0 || column >= c->n)
        return;
    for (int half = 0; half < 2; half++) {
        u16 *many = &c->many[p.lane][half][column];
        if (p.height == (half ? UPPER : LOWER))
            continue;
        *many = *many + parts > 0xffff ? 0xffff : (u16)(*many + parts);
    }
}

static unsigned first_shown(const struct timeline *h)
{
    return h->nevents > LANE_EVENTS ? h->nevents - LANE_EVENTS : 0;
}

/* Returns the index of the first shown event that comes after a cycle. */
static unsigned known_until(const struct timeline *h, u64 cycle)
{
    unsigned n = timeline_from(h, cycle + 1), first = first_shown(h);
    return n > first ? n : first;
}

static int column_of(const struct crowd *c, const struct axis *a, int x)
{
    return (int)((s64)(x - a->plot.x) * c->n / a->plot.w);
}

/* Spreads the counts between samples i - 1 and i over their columns. */
static void counts_between(struct crowd *c, const struct axis *a, unsigned i)
{
    int x = axis_x(a, a->s[i - 1]->cycle), end = axis_x(a, a->s[i]->cycle);
    int from = column_of(c, a, x), to = column_of(c, a, end);
    to = to > from ? to : from + 1;
    for (unsigned r = 0; r < R_COUNT; r++) {
        u32 now = a->s[i]->tally[r], then = a->s[i - 1]->tally[r];
        if (now <= then || c->at[r].lane < 0)
            continue;
        u64 parts = (u64)(now - then) * PART / (unsigned)(to - from);
        parts = parts < 1 ? 1 : parts > 0xffff ? 0xffff : parts;
        for (int k = from; k < to; k++)
            counts_add(c, c->at[r], k, (unsigned)parts);
    }
}

static bool all_known(const struct timeline *h, const struct axis *a,
                      unsigned i)
{
    u64 counted = 0;
    unsigned known =
        known_until(h, a->s[i]->cycle) - known_until(h, a->s[i - 1]->cycle);
    for (unsigned r = 0; r < R_COUNT; r++)
        if (a->s[i]->tally[r] > a->s[i - 1]->tally[r])
            counted += a->s[i]->tally[r] - a->s[i - 1]->tally[r];
    return known >= counted;
}

static void counts_make(struct crowd *c, const struct draw *g,
                        const struct axis *a)
{
    const struct timeline *h = &g->v->timeline;
    c->n = a->plot.w < COLUMNS ? a->plot.w : COLUMNS;
    for (unsigned r = 0; r < R_COUNT; r++)
        c->at[r] = lane_place((u8)r);
    for (int i = 0; i < LANES; i++)
        for (int half = 0; half < 2; half++)
            memset(c->many[i][half], 0, (size_t)c->n * sizeof(u16));
    for (unsigned i = 1; i < a->n; i++)
        if (a->s[i]->cycle >= a->first && a->s[i - 1]->cycle <= a->last &&
            !all_known(h, a, i))
            counts_between(c, a, i);
    for (unsigned i = first_shown(h); i < h->nevents; i++) {
        const struct ins_event *e = timeline_event_at(h, i);
        if (e->reason < R_COUNT && c->at[e->reason].lane >= 0 &&
            e->cycle >= a->first && e->cycle <= a->last)
            counts_add(c, c->at[e->reason],
                       column_of(c, a, axis_x(a, e->cycle)), PART);
    }
}

/* ---- drawing ------------------------------------------------------------- */

/* Returns a colour, brighter for more events; one event is well visible. */
static u32 count_colour(const struct draw *g, int lane, unsigned parts)
{
    unsigned bright = parts >= PART
                          ? 150 + 20 * (unsigned)(27 - __builtin_clz(parts))
                          : 60 + 6 * parts;
    return colour_mix(g->t->pane, g->t->data[lane],
                      bright < 256 ? bright : 256);
}

static void draw_lane(struct draw *g, const struct crowd *c, struct rect r,
                      int lane)
{
    int space = r.h > 6 ? r.h / 6 : r.h > 2, half = (r.h - space) / 2;
    for (int h = 0; h < 2; h++)
        for (int k = 0; k < c->n;) {
            unsigned parts = c->many[lane][h][k];
            int from = k++;
            while (k < c->n && c->many[lane][h][k] == parts)
                k++;
            int x = r.x + (int)((s64)from * r.w / c->n);
            int end = r.x + (int)((s64)k * r.w / c->n);
            if (parts)
                fill(g, x, h ? r.y + half : r.y, end - x,
                     h ? r.h - space - half : half,
                     count_colour(g, lane, parts));
        }
}

/* Draws a lane's number and name, inverted if its events stop the machine. */
static void lane_label(struct draw *g, const struct axis *a, struct rect r,
                       int lane)
{
    u32 ink = g->t->data[lane];
    int bar = g->pad / 3 + 1;
    const char *text = phrase("%d %s", lane + 1, lanes[lane].name);
    if (lane_stops(g->d, lane)) {
        struct rect at = {a->names.x - g->pad / 2,
                          r.y + (r.h - g->sans->height) / 2, a->names.w,
                          g->sans->height};
        fb_fill(g->fb, at, g->t->bad);
        ink = colour_strong(g->t->bad);
        for (int i = 0; i < 2; i++) /* two bars: pause */
            fill(g, at.x + at.w - (2 * i + 2) * bar, at.y + at.h / 4, bar,
                 at.h / 2, ink);
    }
    add_key(g, row_name(g, a, r, ink, text), '1' + lane);
}

void draw_lanes(struct draw *g, struct axis *a, const struct time_rows *rows)
{
    struct crowd c;
    counts_make(&c, g, a);
    for (unsigned i = 0; i < rows->n; i++) {
        int lane = rows->row[i] - ROW_LANE;
        struct rect r = rows->at[i];
        if (lane < 0)
            continue;
        fill(g, r.x, r.y + r.h - 1, r.w, 1, g->t->page);
        draw_lane(g, &c, r, lane);
        lane_label(g, a, r, lane);
        add_events(g, r, EVENTS_LANE + (unsigned)lane, lanes[lane].name,
                   lanes[lane].sentence, axis_span(a));
    }
}

bool lane_used(const struct draw *g, const struct axis *a, int lane)
{
    const u32 *tally = a->s[a->n - 1]->tally;
    for (unsigned r = 0; r < R_COUNT; r++)
        if (tally[r] && lane_of((u8)r) == lane)
            return true;
    return lane_stops(g->d, lane);
}

int lane_rank(int lane)
{
    /* A fork is more telling than its thousand copies. */
    static const u8 rank[LANES] = {1, 3, 0, 5, 2, 4};
    return rank[lane];
}

/* ---- under the cursor ---------------------------------------------------- */

const struct ins_event *lane_event(const struct draw *g, const struct axis *a,
                                   int x, unsigned *n)
{
    const struct timeline *h = &g->v->timeline;
    const struct ins_event *best = NULL;
    u64 from = axis_cycle(a, x - 1), to = axis_cycle(a, x + 1);
    *n = 0;
    for (unsigned i = from ? known_until(h, from - 1) : first_shown(h);
         i < h->nevents && timeline_event_at(h, i)->cycle <= to; i++) {
        const struct ins_event *e = timeline_event_at(h, i);
        int lane = e->reason < R_COUNT ? lane_of(e->reason) : -1;
        if (lane < 0)
            continue;
        ++*n;
        if (!best || lane_rank(lane) > lane_rank(lane_of(best->reason)))
            best = e;
    }
    return best;
}
