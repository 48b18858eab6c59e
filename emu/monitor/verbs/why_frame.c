/* SPDX-License-Identifier: MIT */
/* Tells the events behind a frame's state and marks (`why PFN`, `why dirty
 * PFN`) or those of all frames (`why dirty`, `why evict`). */
#include "inspect/events.h"
#include "inspect/frames.h"
#include "inspect/kernel.h"
#include "inspect/parts.h"
#include "inspect/process.h"
#include "inspect/words.h"
#include "monitor/verbs/verbs.h"

#include <stdlib.h>

#define SHOWN  256 /* most events shown of a frame */
#define LATEST 8   /* most events shown of a condition or a kind */

#define BIT(reason) (1ull << R_##reason)

/* Returns the events (1 << reason) that give a frame the mark of c, for marks
 * that the frame's state does not show. 0: no event does. */
static u64 reasons_that_make(const struct ins_condition *c)
{
    static const u64 by[MARK_COUNT] = {
        [MARK_DIRTY] = BIT(DEMAND_ZERO) | BIT(STACK_GROW) | BIT(COW_COPY) |
                       BIT(COW_REUSE) | BIT(FORK_COPY) | BIT(FILE_WRITE) |
                       BIT(SWAP_FREE) | BIT(SWAP_OFF) | BIT(SWAP_KEEP) |
                       BIT(FAULT_HUGE) | BIT(COLLAPSE),
        [MARK_CLEAN] = BIT(WRITE_BACK) | BIT(SWAP_OUT) | BIT(PAGE_IN) |
                       BIT(FILE_READ) | BIT(READ_AHEAD) | BIT(SWAP_IN) |
                       BIT(SWAP_AHEAD),
        /* Events that make a page-table entry, or note a use. */
        [MARK_REFERENCED] = BIT(DEMAND_ZERO) | BIT(STACK_GROW) | BIT(PAGE_IN) |
                            BIT(MAP_CACHED) | BIT(COW_COPY) | BIT(COW_REUSE) |
                            BIT(COW_SHARE) | BIT(FORK_COPY) | BIT(SWAP_IN) |
                            BIT(SWAP_MAP) | BIT(FILE_READ) | BIT(FILE_WRITE) |
                            BIT(READ_AHEAD) | BIT(FAULT_HUGE) | BIT(COLLAPSE) |
                            BIT(ZERO_MAP),
        [MARK_LOCKED] = BIT(MLOCK),
        [MARK_ACTIVE] = BIT(ACTIVATE),
        [MARK_INACTIVE] = BIT(DEACTIVATE),
        [MARK_CACHED] = BIT(CACHED) | BIT(CACHE_IDLE) | BIT(FREE_BEHIND),
        [MARK_SHARED] =
            BIT(COW_SHARE) | BIT(MAP_CACHED) | BIT(SWAP_MAP) | BIT(ZERO_MAP),
        /* A write begins without an event, but for one to swap. */
        [MARK_IO] = BIT(PAGE_IN) | BIT(FILE_READ) | BIT(READ_AHEAD) |
                    BIT(SWAP_IN) | BIT(SWAP_AHEAD) | BIT(SWAP_ADD),
        [MARK_MAPPED] = BIT(DEMAND_ZERO) | BIT(STACK_GROW) | BIT(PAGE_IN) |
                        BIT(MAP_CACHED) | BIT(COW_COPY) | BIT(SWAP_IN) |
                        BIT(SWAP_MAP) | BIT(ZERO_MAP) | BIT(FAULT_HUGE) |
                        BIT(COLLAPSE),
    };
    for (unsigned i = 0; i < MARK_COUNT; i++)
        if (c->mark >> i & 1)
            return by[i];
    return 0;
}

/* Returns the states of the condition and of its mark, as bits. */
static u32 states_of(const struct ins_condition *c)
{
    u32 states = c->states;
    for (unsigned i = 0; i < MARK_COUNT; i++)
        if (c->mark >> i & 1)
            states |= ins_marks[i].states;
    return states;
}

/* True if an event with these states and this reason makes a frame meet c. Of
 * the reasons that make frames dirty some also bring clean pages of files, and
 * shared memory that was only read. A write to swap that failed leaves shared
 * memory dirty again, other pages as dirty as before. */
static bool begins(const struct ins_condition *c, u8 from, u8 to, u8 reason)
{
    u32 states = states_of(c);
    bool clean =
        c->mark >> MARK_DIRTY & 1 &&
        (to == FS_FILE_CLEAN || (to == FS_SHMEM && reason == R_DEMAND_ZERO) ||
         (to != FS_SHMEM && reason == R_SWAP_KEEP));
    if (states >> to & 1 && !(states >> from & 1))
        return true;
    return reason < 64 && reasons_that_make(c) >> reason & 1 && to != FS_FREE &&
           !clean;
}

static bool begins_condition(const struct ins_condition *c,
                             const struct ins_event *e)
{
    return e->pfn != LENS_NO_PFN && e->from < FS_COUNT && e->to < FS_COUNT &&
           begins(c, e->from, e->to, e->reason) &&
           !(c->mark >> MARK_REFERENCED & 1 && inspect_mapped_around(e));
}

/* True if the event says that a page goes to swap. An anonymous one is dirty
 * until swap-out; one of shared memory is not from here on, unless a store or
 * the write's failure makes it so again. */
static bool goes_dirty_to_swap(const struct ins_condition *c,
                               const struct ins_event *e)
{
    return c->mark >> MARK_DIRTY & 1 && e->reason == R_SWAP_ADD &&
           e->to == FS_SWAPCACHE;
}

static bool ends_condition(const struct ins_condition *c,
                           const struct ins_event *e)
{
    u32 states = states_of(c);
    return e->pfn != LENS_NO_PFN && states >> e->from & 1 &&
           !(states >> e->to & 1) && !goes_dirty_to_swap(c, e);
}

/* True if after the event the frame no longer met c, or was another page's. */
static bool undoes_condition(const struct ins_condition *c,
                             const struct ins_event *e)
{
    static const struct ins_condition clean = {.mark = 1u << MARK_CLEAN};
    u64 reasons = reasons_that_make(&clean) | BIT(SWAP_ADD);
    bool cleans = c->mark >> MARK_DIRTY & 1 && e->reason < 64 &&
                  reasons >> e->reason & 1 && !goes_dirty_to_swap(c, e) &&
                  !(states_of(c) >> (e->to & 31) & 1);
    return e->pfn != LENS_NO_PFN &&
           (e->to == FS_FREE || cleans || ends_condition(c, e));
}

/* Returns the event that ended the condition which `made` (NULL: an event that
 * is not known) had begun, among the frame's n latest events; NULL: none. The
 * frame's state does not show how long its page is dirty, so that its end is
 * looked for from `made` on. */
static const struct ins_event *end_of(const struct ins_condition *c,
                                      const struct ins_event *made,
                                      const struct ins_event *e, unsigned n)
{
    const struct ins_event *end = made ? made : e + n;
    bool dirty = made && c->mark >> MARK_DIRTY & 1;
    for (const struct ins_event *p = end; p-- > e;)
        if (dirty ? undoes_condition(c, p) : ends_condition(c, p))
            return p;
    return NULL;
}

/* Returns the event with which the page came into the frame; NULL: not known,
 * or the frame has no page. */
static const struct ins_event *arrival(const struct ins_event *e, unsigned n)
{
    for (unsigned i = 0; i < n && e[i].to != FS_FREE; i++)
        if (e[i].from == FS_FREE)
            return &e[i];
    return NULL;
}

/* Returns the events of reasons_that_make(c) that make no frame meet c under
 * this kernel: an unmodified Linux marks no page that it reads ahead. */
static u64 not_here(struct session *s, const struct ins_condition *c)
{
    return c && c->mark >> MARK_REFERENCED & 1 && inspect_probed(s->m)
               ? BIT(READ_AHEAD)
               : 0;
}

bool without_events(struct answer *a)
{
    if (inspect_has_events(a->s->m) || !inspect_tables_known(a->s->m))
        return false;
    say(a, "  the cause is not known: this kernel reports no events\n");
    return true;
}

/* ---- one frame ------------------------------------------------------- */

enum command_status why_frame(struct answer *a, u64 pfn)
{
    struct session *s = a->s;
    struct ins_frame f;
    struct ins_event *e;
    char file[280];
    inspect_frame(s->m, pfn, &f);
    page_of_file(s, f.pfn, f.state, f.object, f.index, file, sizeof file);
    say(a, "frame %llu is %s%s%s\n", pfn, inspect_state_word(f.state),
        f.object ? ": " : "", f.object ? file : "");
    json_add(&a->j, "{pfn:%llu state:%s", pfn, inspect_state_word(f.state));
    unsigned known = inspect_events_known(s->events, (u32)pfn, &e);
    unsigned n = known < SHOWN ? known : SHOWN;
    u32 total = inspect_events_of_frame(s->events, (u32)pfn);
    if (n)
        events_head(a);
    else
        without_events(a);
    events_list(a, &a->j, "events", e, n);
    json_add(&a->j, "known:%u total:%u}", known, total);
    if (known > n)
        say(a,
            "%u earlier events are known: goto %llu and ask again, or info "
            "events from %llu\n",
            known - n, e[n - 1].cycle, e[known - 1].number);
    if (total > known)
        say(a,
            "%u earlier events are no longer kept; a run with --events FILE "
            "writes all\n",
            total - known);
    free(e);
    return finish_json(a);
}

static const struct ins_event *
first_that(bool (*is)(const struct ins_condition *, const struct ins_event *),
           const struct ins_condition *c, u64 reasons,
           const struct ins_event *e, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        if (c ? is(c, &e[i]) : e[i].reason < 64 && reasons >> e[i].reason & 1)
            return &e[i];
    return NULL;
}

static void one_event(struct answer *a, struct json *j, const char *key,
                      const char *text, const struct ins_event *e)
{
    if (!e)
        return;
    say(a, "%s", text);
    events_list(a, j, key, e, 1);
    if (e->reason < R_COUNT)
        say(a, "%16s(%s: %s; actor %s: %s)\n", "", inspect_event_word(e),
            inspect_event_sentence(e), inspect_actor_word(e->actor),
            e->actor == ACTOR_FAULT     ? "the page-fault handler"
            : e->actor == ACTOR_SYSCALL ? "a system call of the process"
            : e->actor == ACTOR_PAGEOUT ? "the pageout daemon"
            : e->actor == ACTOR_WRITER  ? "a daemon that writes files"
            : e->actor == ACTOR_EXIT    ? "the end of the process"
            : e->actor == ACTOR_BOOT    ? "the kernel's start"
            : e->actor == ACTOR_LIMIT   ? "the process, at its RLIMIT_RSS"
            : e->actor == ACTOR_SWAPPER ? "the swapper of whole processes"
                                        : "the kernel");
}

#define SETS_A                                                                 \
    "sets it when the page is used, the kernel when it makes an entry in a "   \
    "page fault; fork does not set it in the child's entry"
#define SETS_D                                                                 \
    "sets it when the page is written, the kernel when it makes an entry for " \
    "a store; fork copies it to the child's entry"

/* Returns the subject of "sets the A bit". */
static const char *sets_bits(const struct session *s)
{
    return hart_hw_ad(&s->m->hart) ? "the walker"
                                   : "the kernel's fault handler";
}

/* Says in how many of the frame's entries the bit is set, naming the first. */
static void where_set(struct answer *a, const struct ins_frame *f, u64 bit)
{
    const struct ins_pte *first = NULL;
    struct ins_proc p;
    unsigned n = 0;
    for (unsigned i = 0; i < f->nptes && i < INS_PTES_MAX; i++) {
        if (!f->ptes[i].pid || !(f->ptes[i].pte & bit))
            continue;
        first = n++ ? first : &f->ptes[i];
    }
    say(a, "  the %s bit is set in ", bit == PTE_D ? "D" : "A");
    if (!first || f->nptes > INS_PTES_MAX) {
        say(a, "some of its %u entries", f->users);
        return;
    }
    if (n > 1 && n == f->users)
        say(a, "all %u of its entries, the first of them ", n);
    else if (n > 1)
        say(a, "%u of its %u entries, the first of them ", n, f->users);
    if (!inspect_proc(a->s->m, first->pid, &p))
        snprintf(p.name, sizeof p.name, "?");
    say(a, "pid %u's%s (%s, at 0x%llx)", first->pid, n > 1 ? "" : " entry",
        p.name, first->va);
    if (n == 1 && f->users > 1)
        say(a, " alone, of %u entries", f->users);
}

/* Says that the kernel set the mark when it made the entry, if no instruction
 * has used the page since its mark was cleared. */
static void set_unused(struct answer *a, const struct ins_frame *f,
                       const struct ins_event *e, unsigned n)
{
    unsigned i = 0;
    while (i < n && e[i].reason != R_REF_CLEARED && e[i].from != FS_FREE)
        i++;
    if (i == n || e[i].reason != R_REF_CLEARED || !f->users ||
        !inspect_unused_since(a->s->m, f->pfn, e[i].cycle))
        return;
    say(a,
        "  nobody has used the frame since its mark was cleared at cycle "
        "%llu (last use %.0f ms ago): the kernel made an entry with the mark\n",
        e[i].cycle, (double)f->age_cycles * 1e3 / (double)a->s->m->clock_hz);
}

/* Tells of the D and A bits, which change without an event of their own. */
static void tell_pte_bits(struct answer *a, u64 pfn,
                          const struct ins_condition *c,
                          const struct ins_event *e, unsigned n)
{
    struct session *s = a->s;
    bool dirty = c->mark >> MARK_DIRTY & 1;
    struct ins_frame f;
    if (a->json || !(c->mark & (1u << MARK_DIRTY | 1u << MARK_REFERENCED)))
        return;
    inspect_frame(s->m, pfn, &f);
    if (f.pte & (dirty ? PTE_D : PTE_A)) {
        where_set(a, &f, dirty ? PTE_D : PTE_A);
        say(a, ": %s %s\n", sets_bits(s), dirty ? SETS_D : SETS_A);
    }
    if (dirty)
        return;
    if (f.flags & FRAME_F_REF)
        say(a, "  the kernel's own mark in the frame table is set%s\n",
            !inspect_lens_open(s->m)
                ? ""
                : ": the kernel sets it for each entry that it makes, for "
                  "read() and write(), and for a page of a file that it reads");
    set_unused(a, &f, e, n);
}

/* Says "frame 30 is not dirty: it is anonymous, referenced". */
static void tell_whether(struct answer *a, const struct ins_row *r,
                         const struct ins_condition *c, bool is,
                         const char *marks)
{
    const char *state = inspect_state_word(r->state);
    say(a, "frame %u is %s%s", r->pfn, is ? "" : "not ", c->word);
    if (strcmp(state, c->word))
        say(a, ": it is %s%s%s", state, *marks ? ", " : "", marks);
    else if (*marks)
        say(a, ", %s", marks);
    say(a, "\n");
}

/* Writes since when events are known: "cycle 134000000, when its probes were
 * placed" (an unmodified Linux) or "the kernel's start". */
static const char *events_since(struct session *s, char *buf, size_t n)
{
    u64 from = inspect_probes_since(s->probes);
    if (from)
        snprintf(buf, n, "cycle %llu, when its probes were placed", from);
    return from ? buf : "the kernel's start (or since this machine was loaded)";
}

/* Says that no known event made the frame meet c: it did so before its first
 * event, or the event is forgotten. e: the frame's n latest events; undone: the
 * latest that made it not meet c, or NULL. */
static void not_made(struct answer *a, u64 pfn, const struct ins_condition *c,
                     const struct ins_event *e, unsigned n,
                     const struct ins_event *undone, const char *word)
{
    struct session *s = a->s;
    char since[80];
    if (!c)
        say(a, "  no event of %s about this frame is still known\n", word);
    else if (undone)
        say(a,
            "  no event made it %s after %s, at cycle %llu: it was not so "
            "then\n",
            c->word, inspect_event_word(undone), undone->cycle);
    else if (!n && c->states)
        say(a, "  no event has been about it since %s\n",
            events_since(s, since, sizeof since));
    else if (n && n == inspect_events_of_frame(s->events, (u32)pfn) &&
             c->states >> e[n - 1].from & 1)
        say(a, "  it was %s from %s to its first event: %s, at cycle %llu\n",
            c->word, events_since(s, since, sizeof since),
            inspect_reason_word(e[n - 1].reason), e[n - 1].cycle);
    else
        say(a, "  no event that is still known made it %s\n", c->word);
    if (c && c->mark >> MARK_IO & 1)
        say(a, "  a write-back begins without an event: its event is its "
               "end\n");
    if (c && c->mark >> MARK_SHARED & 1)
        say(a,
            "  a mapping may come without an event: fork maps pages of files, "
            "and a second process may have waited for the same read\n");
}

/* If a catch stopped the kernel between its report of the event and the change
 * itself, says that the frame will meet c when the kernel goes on. */
static void not_yet(struct answer *a, const struct ins_event *made,
                    const struct ins_condition *c)
{
    struct session *s = a->s;
    if (s->run.stopped == STOP_CATCH && s->run.stopper &&
        s->run.stopper->reasons &&
        inspect_caught_recorded(s->m, s->events).cycle == made->cycle)
        say(a,
            "  the machine stands inside the kernel's %s: the frame is %s when "
            "the kernel goes on\n",
            inspect_reason_word(made->reason), c->word);
}

/* Tells the page's arrival in the frame, for a frame that no event made meet c,
 * if that explains it: a page comes to a list without an event of its own; the
 * event of shared memory's first use does not say whether it was a store; and a
 * fault that waited for a read that another began maps the page in silence.
 * False: it does not explain it. e: the frame's n latest events */
static bool by_arrival(struct answer *a, const struct ins_condition *c,
                       const struct ins_event *e, unsigned n)
{
    const struct ins_event *came = arrival(e, n);
    bool listed = c->mark & (1u << MARK_ACTIVE | 1u << MARK_INACTIVE);
    bool first_use = c->mark >> MARK_DIRTY & 1 && came &&
                     came->to == FS_SHMEM && came->reason == R_DEMAND_ZERO;
    bool awaited =
        came &&
        (came->reason == R_SWAP_AHEAD || came->reason == R_READ_AHEAD) &&
        c->mark &
            (1u << MARK_MAPPED | 1u << MARK_REFERENCED | 1u << MARK_SHARED);
    if (!came || !(listed || first_use || awaited))
        return false;
    for (const struct ins_event *p = e; first_use && p < came; p++)
        if (undoes_condition(c, p))
            return false;
    one_event(a, &a->j, "came_by",
              listed ? "no event moved it from another list; it came with:\n"
              : awaited
                  ? "a fault that waited for this read mapped it:\n"
                  : "this first use made it dirty, if it was a store, or a "
                    "later store did:\n",
              came);
    return true;
}

enum command_status why_frame_is(struct answer *a, u64 pfn,
                                 const struct ins_condition *c, u64 reasons,
                                 const char *word)
{
    struct session *s = a->s;
    struct ins_rows rows;
    struct ins_event *e;
    char marks[120], text[120], file[280];
    if (!inspect_rows(s->m, 0, &rows))
        return no_lens(a, "why");
    struct ins_row r = rows.row[pfn];
    inspect_rows_free(&rows);
    unsigned n = inspect_events_known(s->events, (u32)pfn, &e);
    bool is = c && inspect_row_is(&r, c);
    const struct ins_event *made =
        first_that(begins_condition, c, reasons, e, n);
    const struct ins_event *ended =
        !c   ? NULL
        : is ? first_that(undoes_condition, c, 0, e, n)
             : end_of(c, made, e, n);
    if (made && made->reason < 64 && not_here(s, c) >> made->reason & 1)
        made = NULL;
    if (is && made && ended && ended->number > made->number)
        made = NULL; /* what made it so has ended: it is so for another cause */
    inspect_row_marks(&r, marks, sizeof marks);
    json_add(&a->j, "{word:%s pfn:%llu state:%s", c ? c->word : word, pfn,
             inspect_state_word(r.state));
    if (c)
        json_bool(&a->j, "is", is);
    if (c)
        tell_whether(a, &r, c, is, marks);
    if (!c)
        say(a, "frame %llu is %s now%s%s\n", pfn, inspect_state_word(r.state),
            *marks ? ", " : "", marks);
    page_of_file(s, r.pfn, r.state, r.object, r.index, file, sizeof file);
    if (r.object)
        say(a, "it is %s\n", file);
    snprintf(text, sizeof text,
             is && c->mark >> MARK_REFERENCED & 1
                 ? "the latest event that marked it %s:\n"
             : is ? "what made it %s:\n"
             : c  ? "what last made it %s:\n"
                  : "the latest event of %s:\n",
             c ? c->word : word);
    one_event(a, &a->j, "made_by", text, made);
    if (c && !is && made && made == e)
        not_yet(a, made, c);
    why_chosen(a, made, e + n);
    if (!is)
        one_event(a, &a->j, "ended_by", "and that ended with:\n", ended);
    if (!made && !(is && by_arrival(a, c, e, n)))
        not_made(a, pfn, c, e, n, is ? ended : NULL, word);
    if (is)
        tell_pte_bits(a, pfn, c, e, n);
    free(e);
    json_close(&a->j, '}');
    return finish_json(a);
}

/* ---- all frames ------------------------------------------------------ */

struct latest {
    const struct ins_condition *c;
    u64 reasons, not_here;
    u64 first; /* number of the first event that the answer's table counts */
    struct ins_event e[LATEST];
    unsigned n;
};

static bool keep_latest(void *opaque, const struct ins_event *e)
{
    struct latest *l = opaque;
    if (e->number < l->first)
        return false;
    bool counts = !(e->reason < 64 && l->not_here >> e->reason & 1);
    if (l->c ? counts && begins_condition(l->c, e)
             : e->reason < 64 && l->reasons >> e->reason & 1)
        l->e[l->n++] = *e;
    return l->n < LATEST;
}

/* Counts the events of that reason that made frames meet the condition, those
 * among them that changed only a mark of the frame and not its state. */
static u64 count_made(struct session *s, const struct ins_condition *c,
                      u8 reason)
{
    u64 sum = 0;
    for (u8 from = 0; from < FS_COUNT; from++)
        for (u8 to = 0; to < FS_COUNT; to++)
            if (begins(c, from, to, reason))
                sum += inspect_events_moved(s->events, from, to, reason);
    return sum;
}

static void reason_row(struct answer *a, struct json *j, unsigned reason, u64 n)
{
    json_add(j, "{reason:%s events:%llu}", ins_reasons[reason].word, n);
    say(a, "  %-13s %8llu  %s\n", ins_reasons[reason].word, n,
        ins_reasons[reason].sentence);
}

static void show_latest(struct answer *a, struct json *j, struct latest *l)
{
    inspect_events_each(a->s->events, keep_latest, l);
    if (l->n)
        say(a, "the latest:\n");
    events_list(a, j, "latest", l->e, l->n);
}

struct present_frames {
    u64 n, example; /* example: one of the n frames, if any */
    u64 eventless;  /* of n: no event has been about them */
};

static struct present_frames count_present(struct session *s,
                                           const struct ins_condition *c)
{
    struct present_frames now = {.n = 0};
    struct ins_rows rows;
    if (!inspect_rows(s->m, 0, &rows))
        return now;
    for (u64 i = 0; i < rows.n; i++) {
        if (!inspect_row_is(&rows.row[i], c))
            continue;
        if (!now.n++)
            now.example = i;
        now.eventless += !inspect_events_of_frame(s->events, (u32)i);
    }
    inspect_rows_free(&rows);
    return now;
}

/* Reports the frames that meet the condition although no event was about them;
 * the counts of events that are printed next do not include them. */
static void since_start(struct answer *a, struct json *j,
                        const struct ins_condition *c,
                        const struct present_frames *now)
{
    if (!c->states)
        return;
    json_u64(j, "since_start", now->eventless);
    char since[80];
    if (now->eventless)
        say(a,
            "%llu of them ha%s been so since %s: no event has been about "
            "them.\n",
            now->eventless, now->eventless == 1 ? "s" : "ve",
            events_since(a->s, since, sizeof since));
}

enum command_status why_condition(struct answer *a,
                                  const struct ins_condition *c)
{
    struct session *s = a->s;
    struct latest l = {.c = c,
                       .not_here = not_here(s, c),
                       .first = inspect_events_first(s->events)};
    struct present_frames now = count_present(s, c);
    bool any = false;
    json_add(&a->j, "{word:%s sentence:%s frames:%llu", c->word, c->sentence,
             now.n);
    say(a, "%s: %s\n%llu frame%s so now.\n", c->word, c->sentence, now.n,
        now.n == 1 ? " is" : "s are");
    if (without_events(a)) {
        json_close(&a->j, '}');
        return finish_json(a);
    }
    since_start(a, &a->j, c, &now);
    say(a,
        "Events that made frames %s so far (a frame may count more than "
        "once):\n",
        c->word);
    json_open(&a->j, "made_by", '[');
    for (unsigned reason = 1; reason < R_COUNT; reason++) {
        u64 n = l.not_here >> reason & 1 ? 0 : count_made(s, c, (u8)reason);
        if (n)
            reason_row(a, &a->j, reason, n);
        any |= n;
    }
    json_close(&a->j, ']');
    if (!any)
        say(a, "  no event so far\n");
    if (c->mark >> MARK_REFERENCED & 1)
        say(a, "(map-cached counts those mapped around a fault, too, which get "
               "no mark)\n");
    if (c->mark & (1u << MARK_REFERENCED | 1u << MARK_DIRTY))
        say(a,
            "and by %s, without an event of the frame: it sets the %s of a "
            "page that is %s\n",
            sets_bits(s), c->mark >> MARK_DIRTY & 1 ? "D bit" : "A bit",
            c->mark >> MARK_DIRTY & 1 ? "written" : "used");
    show_latest(a, &a->j, &l);
    json_close(&a->j, '}');
    if (now.n)
        say(a, "list them: info frames %s; why one is so: why %s %llu\n",
            c->word, c->word, now.example);
    return finish_json(a);
}

enum command_status why_events(struct answer *a, const char *word, u64 reasons)
{
    struct latest l = {.reasons = reasons};
    u32 tally[R_COUNT];
    inspect_events_tally(a->s->events, tally);
    json_add(&a->j, "{word:%s", word);
    say(a, "%s: events, and how many so far:\n", word);
    json_open(&a->j, "made_by", '[');
    for (unsigned reason = 0; reason < R_COUNT; reason++)
        if (reasons >> reason & 1)
            reason_row(a, &a->j, reason, tally[reason]);
    json_close(&a->j, ']');
    show_latest(a, &a->j, &l);
    json_close(&a->j, '}');
    say(a, "%s%s%sto stop at the next: catch %s; of one frame: why %s PFN\n",
        l.n == LATEST ? "more of them: info events 256 " : "",
        l.n == LATEST ? word : "", l.n == LATEST ? "; " : "", word, word);
    return finish_json(a);
}
