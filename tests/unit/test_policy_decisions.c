/* SPDX-License-Identifier: MIT */
// rooms: policy base
// wrap: policy_space policy_space_after policy_space_frame policy_space_hold
// wrap: policy_space_rss policy_load policy_free policy_zone_free
// wrap: policy_now policy_waiters policy_hopeless
/* Compares the decisions of the kernel's policies with decisions.def: their
 * number, a hash of all, and the first ten. Decisions are the pages evicted on
 * reference strings, or by a process at its RLIMIT_RSS; the process that a
 * swapper moves out or in, and when; and, if nothing can be freed, the naps of
 * policies' threads and how often they give up. All these change with a
 * policy's constants: a batch's size, an age, the distance of two hands, a
 * pause. If that is on purpose, DECISIONS=print prints the new rows. */
#include "unit.h"

#include "tools/vmsim/seam.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))
#define FIRST    10
#define SECOND   1000000000ull

struct decisions {
    uint64_t n, hash, first[FIRST];
};

static void note(struct decisions *d, uint64_t what)
{
    if (d->n < FIRST)
        d->first[d->n] = what;
    d->n++;
    for (unsigned i = 0; i < 8; i++, what >>= 8) /* FNV-1a */
        d->hash = (d->hash ^ (what & 0xff)) * 0x100000001b3ull;
}

static uint64_t lot;

static uint64_t draw(uint64_t below)
{
    lot = lot * 6364136223846793005ull + 1442695040888963407ull;
    return (lot >> 33) % below;
}

/* ---- strings of references ---- */

/* Accesses a program's own memory, twice as large as there are frames: nine of
 * ten accesses go to a fifth of the memory, and one in three is a write. */
static void step_memory(uint64_t i)
{
    uint64_t page = draw(10) ? draw(200) : draw(1000);
    (void)i;
    sim_access(page, draw(3) == 0, KIND_ANON);
}

/* Reads three files in order; each fourth access is to a random mapped page. */
static void step_files(uint64_t i)
{
    uint64_t file = i / 1500 % 3, at = i % 500;
    if (i % 4)
        sim_read(file * 500 + at);
    else
        sim_access(file * 500 + draw(100), false, KIND_FILE);
}

/* Accesses memory and files in turns; some accesses of either write. */
static void step_both(uint64_t i)
{
    uint64_t turn = i / 400 % 4;
    if (turn == 0)
        sim_access(draw(300), draw(2) == 0, KIND_ANON);
    else if (turn == 1)
        sim_read(1000 + i % 700);
    else if (turn == 2)
        sim_access(1000 + draw(60), draw(8) == 0, KIND_FILE);
    else
        sim_access(400 + i % 350, i % 3 == 0, KIND_ANON);
}

/* Accesses a memory that is larger than the distance of the hands. */
static void step_large(uint64_t i)
{
    sim_access(draw(4) ? draw(1200) : draw(2900), i % 5 == 0, KIND_ANON);
}

static const struct string {
    const char *name;
    uint32_t frames;
    uint64_t pages; /* the numbers of its pages are below this */
    void (*step)(uint64_t i);
    uint64_t steps;
} strings[] = {
    {"memory", 500, 1000, step_memory, 8000},
    {"files", 600, 1500, step_files, 9000},
    {"both", 700, 2000, step_both, 12000},
    {"large", 1300, 3000, step_large, 9000},
};

static void note_gone(struct decisions *d, bool *there, uint64_t pages)
{
    for (uint64_t page = 0; page < pages; page++) {
        bool was = there[page];
        there[page] = sim_has(page);
        if (was && !there[page])
            note(d, page);
    }
}

static struct decisions victims(const struct policy_ops *p,
                                const struct string *s)
{
    struct decisions d = {.hash = 0xcbf29ce484222325ull};
    static bool there[3000];
    memset(there, 0, sizeof there);
    lot = 1;
    sim_start(p, s->frames);
    for (uint64_t i = 0; i < s->steps; i++) {
        uint64_t faults = sim_stats().faults;
        s->step(i);
        if (sim_stats().faults != faults) /* only a fault evicts */
            note_gone(&d, there, s->pages);
    }
    return d;
}

/* Returns which of its 100 pages a process gives up at an RLIMIT_RSS of 30. */
static struct decisions own_victims(const struct policy_ops *p)
{
    struct decisions d = {.hash = 0xcbf29ce484222325ull};
    lot = 1;
    sim_start(p, 200);
    for (uint64_t i = 0; p->own_victim && i < 2000; i++) {
        uint64_t page = draw(3) ? draw(25) : draw(100);
        bool full = policy_mapped_frames() >= 30 && !sim_has(page);
        uint32_t frame = full ? p->own_victim(1) : POLICY_NONE;
        if (frame != POLICY_NONE) {
            note(&d, policy_index(frame));
            policy_take(frame);
        }
        sim_access(page, draw(3) == 0, KIND_ANON);
        if (p->page_touched)
            for (uint32_t f = 0; p->every_use && f < 200; f++)
                if (policy_kind(f) && policy_index(f) == page)
                    p->page_touched(f, CAME_FAULT);
    }
    return d;
}

/* ---- a world of processes, which the wrapped calls describe -------------- */

#define SPACES 8
#define WORLD  1200 /* frames; the processes want more */

static bool world;
static uint64_t stuck; /* time, in ns, while nothing can be freed; else 0 */
static struct decisions swaps;
static uint64_t second, free_frames;
static struct policy_space spaces[SPACES + 1];

/* Wraps a call that `world` or `stuck` may answer in the simulator's place. */
#define WRAP(type, name, parameters, answer)                                   \
    type __real_policy_##name parameters;                                      \
    type __wrap_policy_##name parameters;                                      \
    type __wrap_policy_##name parameters                                       \
    {                                                                          \
        return answer;                                                         \
    }
WRAP(uint64_t, space_after, (uint64_t id),
     !world        ? __real_policy_space_after(id)
     : id < SPACES ? id + 1
                   : 0)
WRAP(bool, space, (uint64_t id, struct policy_space *info),
     world ? (*info = spaces[id], true) : __real_policy_space(id, info))
WRAP(uint64_t, space_rss, (uint64_t id),
     world ? spaces[id].rss : __real_policy_space_rss(id))
WRAP(uint32_t, space_frame, (uint64_t id, uint64_t *va),
     world ? POLICY_NONE : __real_policy_space_frame(id, va))
WRAP(uint64_t, load, (void), world ? 3 << 16 : __real_policy_load())
WRAP(uint64_t, free, (void),
     world   ? free_frames
     : stuck ? 0
             : __real_policy_free())
WRAP(uint64_t, zone_free, (unsigned zone),
     stuck ? 0 : __real_policy_zone_free(zone))
WRAP(uint64_t, now, (void), stuck ? stuck : __real_policy_now())
WRAP(uint64_t, waiters, (void), stuck ? 1 : __real_policy_waiters())

/* A process that is swapped out or in moves all its pages at once. */
void __real_policy_space_hold(uint64_t id, bool out);
void __wrap_policy_space_hold(uint64_t id, bool out);
void __wrap_policy_space_hold(uint64_t id, bool out)
{
    if (!world) {
        __real_policy_space_hold(id, out);
        return;
    }
    struct policy_space *s = &spaces[id];
    uint64_t pages = s->rss + s->swapped;
    free_frames += s->rss;
    s->rss = out ? 0 : pages;
    s->swapped = out ? pages : 0;
    free_frames = s->rss < free_frames ? free_frames - s->rss : 0;
    s->out = out;
    s->since_ns = second * SECOND;
    note(&swaps, second << 8 | id << 1 | out);
}

static unsigned given_up;
void __real_policy_hopeless(void);
void __wrap_policy_hopeless(void);
void __wrap_policy_hopeless(void)
{
    given_up++;
    __real_policy_hopeless();
}

static const struct policy_thread *thread_of(const struct policy_ops *p,
                                             const char *name)
{
    const struct policy_thread *t = p->threads;
    while (t && t->name && strcmp(t->name, name))
        t++;
    return t && t->name ? t : NULL;
}

/* Passes one second of the world: running processes take memory, some sleep for
 * longer and longer, and swapped-out ones want in after a while. */
static void live(void)
{
    for (uint64_t id = 1; id <= SPACES; id++) {
        struct policy_space *s = &spaces[id];
        uint64_t more = s->out || id % 4 == 0 ? 0 : id;
        more = more < free_frames ? more : free_frames;
        s->rss += more;
        free_frames -= more;
        s->slept_ns = id % 4 == 0 && !s->out ? s->slept_ns + SECOND : 0;
        s->wants_in = s->out && second - s->since_ns / SECOND > id;
    }
    if (second % 40 == 39) { /* one process begins anew, one shrinks to half */
        free_frames += spaces[3].rss + spaces[5].rss / 2;
        spaces[3].rss = 20;
        spaces[5].rss -= spaces[5].rss / 2;
    }
}

static struct decisions swapped(const struct policy_ops *p,
                                const struct policy_thread *swapper)
{
    swaps = (struct decisions){.hash = 0xcbf29ce484222325ull};
    sim_start(p, WORLD);
    free_frames = WORLD;
    world = true;
    for (uint64_t id = 1; id <= SPACES; id++) {
        spaces[id] =
            (struct policy_space){.rss = 60 + 25 * id, .pid = (uint32_t)id};
        spaces[id].since_ns = id * SECOND;
        free_frames -=
            spaces[id].rss < free_frames ? spaces[id].rss : free_frames;
    }
    for (second = 20; second < 400; second++) {
        struct policy_nap nap = {0, 0};
        for (int i = 0; i < 50 && nap.until < (second + 1) * SECOND; i++)
            nap = swapper->run(nap.until > second * SECOND ? nap.until
                                                           : second * SECOND);
        live();
    }
    world = false;
    return swaps;
}

/* Returns each thread's naps (4 * us + W_ bits), and how often it gives up,
 * while no frame is free and none can be freed. */
static struct decisions naps(const struct policy_ops *p)
{
    struct decisions d = {.hash = 0xcbf29ce484222325ull};
    sim_start(p, 1000);
    for (const struct policy_thread *t = p->threads; t && t->name; t++) {
        stuck = SECOND;
        given_up = 0;
        for (int i = 0; i < 300; i++) {
            struct policy_nap nap = t->run(stuck);
            if (nap.until == NAP_LONG)
                nap.until = stuck;
            uint64_t us = nap.until > stuck ? (nap.until - stuck) / 1000 : 0;
            note(&d, us << 2 | nap.wake);
            stuck += us ? us * 1000 : 1000;
        }
        note(&d, given_up);
    }
    stuck = 0;
    return d;
}

/* ---- against the record ---- */

static const struct row {
    const char *policy, *what;
    struct decisions d;
} rows[] = {
#define DECISIONS(policy, what, n, hash, ...)                                  \
    {#policy, #what, {n, hash, {__VA_ARGS__}}},
#include "decisions.def"
#undef DECISIONS
};

static unsigned wrong;

static void print(const char *before, const char *policy, const char *what,
                  const struct decisions *d)
{
    printf("%sDECISIONS(%s, %s, %lu, 0x%lx", before, policy, what,
           (unsigned long)d->n, (unsigned long)d->hash);
    for (unsigned i = 0; i < FIRST; i++)
        printf("%s%lu", i ? ", " : ",\n        ", (unsigned long)d->first[i]);
    printf(")\n");
}

static void compare(const struct policy_ops *p, const char *what,
                    const struct decisions *d)
{
    if (!d->n)
        return;
    if (getenv("DECISIONS")) {
        print("", p->name, what, d);
        return;
    }
    for (unsigned i = 0; i < COUNT(rows); i++)
        if (!strcmp(rows[i].policy, p->name) && !strcmp(rows[i].what, what) &&
            !memcmp(&rows[i].d, d, sizeof *d))
            return;
    wrong++;
    print("# now: ", p->name, what, d);
}

TEST(decisions_are_as_ever)
{
    struct decisions d;
    for (unsigned i = 0; i < npolicies; i++) {
        const struct policy_ops *p = policies[i];
        for (unsigned k = 0; k < COUNT(strings); k++) {
            d = victims(p, &strings[k]);
            compare(p, strings[k].name, &d);
        }
        d = own_victims(p);
        compare(p, "limit", &d);
        const struct policy_thread *t = thread_of(p, "swapper");
        t = t ? t : thread_of(p, "sched");
        if (t) {
            d = swapped(p, t);
            compare(p, "swapper", &d);
        }
        d = naps(p);
        compare(p, "stuck", &d);
    }
    if (wrong)
        fail_msg("%u rows of decisions.def differ, or are missing", wrong);
}
