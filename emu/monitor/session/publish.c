/* SPDX-License-Identifier: MIT */
/* The session's thread and the panel's thread share, under one lock, a queue of
 * commands and keys, which go in, and a copied display, which goes out. A pipe
 * wakes the session when it sleeps. */
#include "base/ending.h"
#include "inspect/events.h"
#include "inspect/parts.h"
#include "inspect/policy.h"
#include "inspect/truth.h"
#include "monitor/session/run.h"
#include "monitor/terminal/term.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define PUBLISH_EVERY  (1 / 60.0)
#define PUBLISH_QUIET  .5  /* seconds, while nothing that is shown changes */
#define OWN_CAPTION    255 /* rank of a caption about no event */
#define READ_SECONDS   1.5 /* least time of a caption if no higher rank comes */
#define ANSWER_SECONDS 5   /* the least time of an answer to the panel */

static void unlock(pthread_mutex_t **lock)
{
    pthread_mutex_unlock(*lock);
}

/* Holds the lock to the end of the block. */
#define LOCKED(s)                                                              \
    __attribute__((cleanup(unlock))) pthread_mutex_t *locked = &(s)->lock;     \
    pthread_mutex_lock(locked)

struct session *outermost_session(struct session *s)
{
    while (s->outer)
        s = s->outer;
    return s;
}

static void take_sample(void *opaque)
{
    struct session *s = opaque;
    u64 every = inspect_sample(s->m, s->events, &s->work->samples);
    machine_on_clock(s->m, CLOCK_SAMPLES, every, take_sample, s);
}

void publish_init(struct session *s)
{
    pthread_mutex_init(&s->lock, NULL);
    if (pipe2(s->wake, O_CLOEXEC | O_NONBLOCK))
        die("session", "no pipe: %s", strerror(errno));
    s->queue_end = &s->queue;
    s->selected = -1;
    s->caption_pfn = LENS_NO_PFN;
    s->caption_cycle = NEVER;
    s->work = inspect_display_new(s->m);
    machine_on_clock(s->m, CLOCK_SAMPLES, 1, take_sample, s);
}

void publish_free(struct session *s)
{
    while (s->queue) {
        struct queued *q = s->queue;
        s->queue = q->next;
        free(q);
    }
    machine_on_clock(s->m, CLOCK_SAMPLES, 0, NULL, NULL);
    inspect_display_free(s->shown);
    inspect_display_free(s->work);
    close(s->wake[0]);
    close(s->wake[1]);
    pthread_mutex_destroy(&s->lock);
}

/* Drops the caption of an event that, at this moment, has not happened yet. */
static void drop_later_caption(struct session *s)
{
    if (s->caption_cycle != NEVER && s->caption_cycle > inspect_cycle(s->m))
        publish_caption(s, "", LENS_NO_PFN, 0);
}

void publish_forget(struct session *s, bool same_life)
{
    s->captioned = inspect_events_count(s->events);
    drop_later_caption(s);
    memset(s->examples_shown, 0, sizeof s->examples_shown);
    if (same_life)
        return;
    struct ins_samples *of = &s->work->samples;
    u64 life = of->life + 1;
    memset(of, 0, sizeof *of);
    of->life = life;
}

/* ---- the panel's thread ---------------------------------------------- */

static void wake(struct session *s)
{
    /* A full pipe wakes as well. */
    if (write(s->wake[1], "", 1) < 0)
        assert(errno == EAGAIN);
}

static void enqueue(struct session *s, const char *text, size_t n, int kind)
{
    struct queued *q = xcalloc(1, sizeof *q + n + 1);
    memcpy(q->text, text, n);
    q->n = n;
    q->kind = kind;
    LOCKED(s);
    *s->queue_end = q;
    s->queue_end = &q->next;
    wake(s);
}

void session_queue_command(struct session *s, const char *line)
{
    enqueue(s, line, strlen(line), QUEUED_COMMAND);
}

void session_queue_line(struct session *s, const char *line)
{
    enqueue(s, line, strlen(line), QUEUED_LINE);
}

void session_queue_keys(struct session *s, const char *bytes, size_t n)
{
    enqueue(s, bytes, n, QUEUED_KEYS);
}

struct ins_display *session_display_new(struct session *s)
{
    struct ins_display *d = inspect_display_new(s->m);
    inspect_display_blank(d);
    return d;
}

bool session_display(struct session *s, struct ins_display *to)
{
    LOCKED(s);
    bool newer = s->shown && s->shown->serial != to->serial;
    if (newer)
        inspect_display_copy(to, s->shown);
    s->taken = true;
    return newer;
}

void session_select_frame(struct session *s, s64 pfn)
{
    LOCKED(s);
    s->selected = pfn;
    wake(s);
}

void session_light(struct session *s, const char *words)
{
    LOCKED(s);
    snprintf(s->light, sizeof s->light, "%s", words);
    wake(s);
}

void session_publish(struct session *s, bool on)
{
    LOCKED(s);
    s->publish = on;
    wake(s);
}

void session_quit(struct session *s)
{
    LOCKED(s);
    s->quit_asked = true;
    machine_ask_stop(s->m);
    wake(s);
}

bool publish_on(struct session *s)
{
    s = outermost_session(s);
    LOCKED(s);
    return s->publish;
}

bool session_ended(struct session *s)
{
    LOCKED(s);
    return s->over;
}

/* ---- the session's thread -------------------------------------------- */

/* The rank of an event's caption. For READ_SECONDS only a caption of a higher
 * rank replaces it. 0: no caption. */
static const u8 rank[R_COUNT] = {
    [R_FAULT_ILLEGAL] = 9, [R_OOM] = 9,           [R_OOM_THRASH] = 9,
    [R_FORK] = 8,          [R_EXEC] = 7,          [R_PROC_EXIT] = 6,
    [R_COW_REUSE] = 5,     [R_COW_COPY] = 4,      [R_SWAP_IN] = 4,
    [R_SWAP_OUT] = 4,      [R_WRITE_BACK] = 4,    [R_RECLAIM] = 3,
    [R_PAGE_IN] = 3,       [R_SWAP_MAP] = 3,      [R_SWAP_ADD] = 2,
    [R_DEMAND_ZERO] = 2,   [R_REF_CLEARED] = 1,   [R_FAULT_HUGE] = 2,
    [R_READ_AHEAD] = 2,    [R_SWAP_AHEAD] = 2,    [R_UNMAP] = 2,
    [R_COLLAPSE] = 2,      [R_SPLIT_RECLAIM] = 4, [R_SPLIT_COW] = 4,
    [R_SPLIT_PART] = 4,    [R_FILE_READ] = 2,     [R_FILE_WRITE] = 2};

/* next-event stops at events of rank RANK_TOLD or more; lower ones come by the
 * thousand, as when the clock's hand passes frames. It stops at EXAMPLES events
 * of each reason, but at every event of rank RANK_CHAPTER or more: fork, exec,
 * exit, an illegal fault, an OOM kill. After such an event it counts anew. */
enum { RANK_TOLD = 2, RANK_CHAPTER = 6, EXAMPLES = 3 };

u64 publish_reasons(const struct session *s, bool past)
{
    u64 reasons = 0;
    for (unsigned i = 0; i < R_COUNT; i++)
        if (rank[i] >= RANK_TOLD && (past || s->examples_shown[i] < EXAMPLES))
            reasons |= 1ull << i;
    return reasons;
}

void publish_note_example(struct session *s, unsigned reason)
{
    if (reason >= R_COUNT)
        return;
    if (rank[reason] >= RANK_CHAPTER)
        memset(s->examples_shown, 0, sizeof s->examples_shown);
    else if (s->examples_shown[reason] < EXAMPLES)
        s->examples_shown[reason]++;
}

void publish_chapter(struct session *s)
{
    memset(s->examples_shown, 0, sizeof s->examples_shown);
    if (s->goal.any_event)
        s->goal.events = publish_reasons(s, history_past(s->m->past));
    if (s->other_goal.any_event)
        s->other_goal.events = publish_reasons(s, history_past(s->m->past));
}

unsigned publish_best_event(struct session *s, u64 *told, struct ins_event *out)
{
    struct ins_event e[INS_LANE_MAX];
    int best = -1;
    u64 now = inspect_events_count(s->events), fresh = now - *told;
    unsigned n = inspect_events_recent(s->events, LENS_NO_PFN, e,
                                       fresh < INS_LANE_MAX ? (unsigned)fresh
                                                            : INS_LANE_MAX);
    *told = now;
    for (unsigned i = 0; i < n; i++)
        if (e[i].reason < R_COUNT && rank[e[i].reason] &&
            (best < 0 || rank[e[i].reason] > rank[e[best].reason]))
            best = (int)i;
    if (best < 0)
        return 0;
    *out = e[best];
    return rank[out->reason];
}

struct search {         /* finds the latest wanted event of those listed */
    u64 reasons, until; /* until: the event's latest possible cycle */
    u32 pid, left;      /* pid 0: any; left: events still to look at */
    struct ins_event *found;
};

static bool look_at(void *opaque, const struct ins_event *e)
{
    struct search *w = opaque;
    bool wanted = e->reason < R_COUNT && w->reasons >> e->reason & 1 &&
                  e->cycle <= w->until && (!w->pid || e->pid == w->pid);
    if (wanted)
        *w->found = *e;
    w->left = wanted ? 0 : w->left - 1;
    return w->left;
}

static bool latest_of(struct session *s, u64 reasons, struct ins_event *e)
{
    struct search w = {
        .reasons = reasons, .until = NEVER, .left = INS_LANE_MAX, .found = e};
    e->reason = R_COUNT;
    if (s->events)
        inspect_events_each(s->events, look_at, &w);
    return e->reason < R_COUNT;
}

static bool latest_told(struct session *s, struct ins_event *told)
{
    return latest_of(s, publish_reasons(s, true), told);
}

u32 publish_frame(const struct session *s, const struct ins_event *e)
{
    struct ins_event shared = {.pfn = LENS_NO_PFN};
    struct search w = {.reasons = 1ull << R_COW_SHARE,
                       .until = e->cycle,
                       .pid = e->pid,
                       .left = INS_LANE_MAX,
                       .found = &shared};
    if (e->reason != R_FORK)
        return e->pfn;
    inspect_events_each(s->events, look_at, &w);
    u64 since = e->cycle - shared.cycle; /* long for a vfork: it shares none */
    return since < s->m->clock_hz / 100 ? shared.pfn : LENS_NO_PFN;
}

static void event_caption(struct session *s)
{
    struct ins_event e;
    unsigned best = publish_best_event(s, &s->captioned, &e);
    drop_later_caption(s);
    double host = host_now();
    if (!best || (host < s->caption_until && best <= s->caption_rank))
        return;
    s->caption_rank = best;
    s->caption_until = host + READ_SECONDS;
    inspect_caption(s->m, &e, s->caption, sizeof s->caption);
    s->caption_pfn = publish_frame(s, &e);
    s->caption_cycle = e.cycle;
}

void publish_caption(struct session *s, const char *text, u32 pfn,
                     double seconds)
{
    snprintf(s->caption, sizeof s->caption, "%s", text);
    s->caption_pfn = pfn;
    s->caption_cycle = pfn == LENS_NO_PFN ? NEVER : inspect_cycle(s->m);
    s->captioned = s->events ? inspect_events_count(s->events) : 0;
    s->caption_until = host_now() + seconds;
    s->caption_rank = OWN_CAPTION;
}

void publish_latest(struct session *s)
{
    struct ins_event told;
    publish_caption(s, "", LENS_NO_PFN, 0);
    if (!latest_told(s, &told))
        return;
    inspect_caption(s->m, &told, s->caption, sizeof s->caption);
    s->caption_pfn = publish_frame(s, &told);
    s->caption_cycle = told.cycle;
}

static void measure_speed(struct session *s, double now)
{
    double dt = now - s->speed_host;
    if (dt < .25)
        return;
    const struct hart *h = &s->m->hart;
    s->mips = (double)(h->instret - s->speed_instret) / dt / 1e6;
    s->pace_now =
        (double)(h->cycle - s->speed_cycle) / dt / (double)s->m->clock_hz;
    s->speed_host = now;
    s->speed_instret = h->instret;
    s->speed_cycle = h->cycle;
}

static const char *mode_word(const struct session *s)
{
    return s->m->off                           ? "OFF"
           : s->awaits_input                   ? "STDIN"
           : s->running                        ? "RUN"
           : s->m->mmu.walk.phase != WALK_IDLE ? "WALK"
           : history_past(s->m->past)          ? "PAST"
                                               : "HALT";
}

/* Fills in the policy's line, or keeps it as it is while the machine runs. */
static void policy_line(const struct session *s, struct ins_display *d)
{
    if ((*d->policy_line && d->running) || !*d->policy)
        return;
    if (!inspect_policy_line(s->m, d->policy, d->policy_line,
                             sizeof d->policy_line))
        snprintf(d->policy_line, sizeof d->policy_line, "%s", d->policy);
}

void publish_fill(struct session *s, struct ins_display *d, s64 selected,
                  bool quick)
{
    const struct term *t = s->streams->term;
    d->running = quick; /* costly data may wait */
    inspect_display_update(s->m, s->events, d, selected);
    const struct ins_truth *truth = inspect_truth(s->truth);
    d->belief.taken = truth ? truth->victims : 0;
    for (unsigned i = 0; i < ARRAY_LEN(d->belief.regretted); i++)
        d->belief.regretted[i] = truth ? truth->turned[i] : 0;
    d->dtlb_places = inspect_tlb(s->m, INS_DTLB).entries;
    policy_line(s, d);
    d->running = s->running;
    d->catching = stoppers_reasons(s);
    snprintf(d->mode, sizeof d->mode, "%s", mode_word(s));
    d->pace_limit = s->pace;
    term_copy(t, d->console);
    d->cursor_row = t->row;
    d->cursor_col = t->col;
    d->covered = s->covered;
}

/* Finds the event to draw beside a card: the event at which the machine stands;
 * else the latest since the card with one of its reasons, else the latest. */
static bool event_of_card(struct session *s, const struct card *card,
                          struct ins_event *e)
{
    if (!s->running && latest_told(s, e) && s->m->hart.cycle <= e->cycle + 1)
        return true;
    return (latest_of(s, card->reasons, e) && e->cycle >= card->cycle) ||
           (latest_told(s, e) && e->cycle >= card->cycle);
}

static struct ins_display *bring_up_to_date(struct session *s, bool quick)
{
    struct ins_display *d = s->work;
    struct session *w = outermost_session(s);
    pthread_mutex_lock(&w->lock);
    s64 selected = s->published_frame = w->selected;
    if (strcmp(d->lit_words, w->light))
        inspect_display_light(d, w->light);
    pthread_mutex_unlock(&w->lock);
    event_caption(s);
    const struct card *card = story_shown(s);
    d->caption_pfn = s->caption_pfn;
    d->caption_cycle = s->caption_cycle;
    struct ins_event told;
    if (card) { /* no frame is drawn until the card has an event */
        bool one = event_of_card(s, card, &told);
        d->caption_pfn = one ? publish_frame(s, &told) : LENS_NO_PFN;
        d->caption_cycle = one ? told.cycle : NEVER;
    }
    /* If the user has selected no frame, show that of the caption's event; but
     * while the machine runs, only at a pace up to real time, which leaves the
     * host time to search for the frame's entries. */
    bool slow = s->pace > 0 && s->pace <= 1;
    if (selected < 0 && d->caption_pfn != LENS_NO_PFN && (!s->running || slow))
        selected = d->caption_pfn;
    else if (selected < 0 && !s->running && s->page_shown)
        selected = (s64)s->page_pfn; /* the verb `page` showed it */
    publish_fill(s, d, selected, quick);
    bool moves = s->running && !s->awaits_input;
    d->mips = moves ? s->mips : 0;
    d->pace_now = moves ? s->pace_now : 0;
    d->card = card != NULL;
    story_fill(s, d);
    snprintf(d->caption, sizeof d->caption, "%s",
             card ? card->text : s->caption);
    return d;
}

struct ins_display *publish_work(struct session *s)
{
    return bring_up_to_date(s, false);
}

/* True if displays may be published rarely, to spare the host: the panel has
 * not taken the last one yet, or the machine still stands where that display
 * showed it and the panel has asked for nothing else. A change made at the
 * prompt is then seen a little later. */
static bool may_wait(struct session *s)
{
    const struct ins_display *d = s->work;
    struct session *w = outermost_session(s);
    const struct card *card = story_shown(s);
    bool changes = s->running || d->running ||
                   d->cycle != inspect_cycle(s->m) ||
                   strcmp(d->caption, card ? card->text : s->caption) ||
                   d->card_waits != s->card_waits;
    LOCKED(w);
    changes |=
        w->selected != s->published_frame || strcmp(d->lit_words, w->light);
    return !w->taken || !changes;
}

void publish_now(struct session *s, bool force)
{
    double now = host_now(), since = now - s->published;
    measure_speed(s, now);
    if (!publish_on(s) || (!force && (since < PUBLISH_EVERY ||
                                      (since < PUBLISH_QUIET && may_wait(s)))))
        return;
    s->published = now;
    struct ins_display *d = bring_up_to_date(s, s->running && !s->awaits_input);
    struct session *w = outermost_session(s);
    LOCKED(w);
    if (!w->shown)
        w->shown = inspect_display_new(s->m);
    u64 serial = w->shown->serial;
    inspect_display_copy(w->shown, d);
    w->taken = false;
    if (w->shown->serial ==
        serial) /* the display before was another machine's */
        w->shown->serial++;
}

bool publish_queued(struct session *s)
{
    s = outermost_session(s);
    LOCKED(s);
    return s->queue;
}

static struct queued *dequeue(struct session *s)
{
    struct session *w = outermost_session(s);
    LOCKED(w);
    struct queued *q = w->queue;
    if (q && !(w->queue = q->next))
        w->queue_end = &w->queue;
    if (w->quit_asked)
        s->quit = true;
    return q;
}

/* The first line that a verb prints, which becomes the panel's caption. Further
 * lines are dropped. */
struct answer {
    char line[200];
    bool ended;
};

static void to_caption(void *opaque, const char *text)
{
    struct answer *a = opaque;
    size_t at = strlen(a->line), n = strcspn(text, "\n");
    if (a->ended)
        return;
    snprintf(a->line + at, sizeof a->line - at, "%.*s", (int)n, text);
    a->ended = text[n] && *a->line;
}

static void run_queued(struct session *s, const struct queued *q)
{
    if (q->kind == QUEUED_KEYS) {
        machine_input(s->m, q->text, q->n);
        story_typed(s);
        return;
    }
    void (*output)(void *, const char *) = s->output;
    void *opaque = s->output_opaque;
    enum context context = s->context;
    if (q->kind == QUEUED_LINE) {
        if (s->nesting) /* a script or a lesson goes on after it */
            s->context = IN_PANEL;
        s->quit |= session_command(s, q->text) == CMD_QUIT;
        s->context = context;
        return;
    }
    struct answer answer = {.line = ""};
    story_over(s, q->text);
    s->context = IN_PANEL;
    session_output(s, to_caption, &answer);
    enum command_status status = session_command(s, q->text);
    s->quit |= status == CMD_QUIT;
    if (status == CMD_BAD)
        s->answer_until = host_now() + ANSWER_SECONDS;
    session_output(s, output, opaque);
    /* A drag queues many gotos: only the last one reports. */
    bool told = !strncmp(s->caption, answer.line, strlen(answer.line));
    if (!told && !(!strncmp(q->text, "goto ", 5) && publish_queued(s)))
        publish_caption(s, answer.line, LENS_NO_PFN, ANSWER_SECONDS);
    s->context = context;
}

void session_serve(struct session *s)
{
    bool any = false;
    if (ending_asked() && !prompt_interrupt(s))
        s->quit = true;
    for (struct queued *q; (q = dequeue(s)); free(q), any = true)
        run_queued(s, q);
    streams_flush(s->streams);
    if (s->streams->broken) /* nobody could read the output */
        s->quit = true;
    publish_now(s, any);
    remote_serve(s);
}

bool publish_wait(struct session *s, double seconds, bool terminal)
{
    struct session *w = outermost_session(s);
    struct pollfd p[4] = {
        {.fd = w->wake[0], .events = POLLIN},
        {.fd = ending_fd(), .events = POLLIN},
        {.fd = s->remote.open ? s->remote.fd : -1, .events = POLLIN},
        {.fd = STDIN_FILENO, .events = POLLIN}};
    char drain[64];
    int ms = seconds < 0 ? -1 : (int)(seconds * 1e3 + .999);
    if (poll(p, terminal ? 4 : 3, ms) <= 0)
        return false;
    if (p[0].revents)
        while (read(w->wake[0], drain, sizeof drain) > 0)
            ;
    return terminal && p[3].revents;
}

static bool quit_asked(struct session *s)
{
    LOCKED(s);
    return s->quit_asked;
}

/* Runs within a slice: queued commands wait, but displays are published. */
bool publish_await_input(struct session *s)
{
    struct pollfd in = {.fd = STDIN_FILENO, .events = POLLIN};
    while (poll(&in, 1, 0) == 0) {
        if (quit_asked(s) || ending_asked()) {
            s->quit = true;
            return false;
        }
        if (!s->awaits_input)
            publish_caption(s,
                            "standard input, a pipe or file that is to be "
                            "read, has nothing yet: the machine waits for it, "
                            "and so does what is typed here",
                            LENS_NO_PFN, 0);
        s->awaits_input = true;
        publish_now(s, true);
        publish_wait(s, -1, true);
    }
    s->awaits_input = false;
    return true;
}
