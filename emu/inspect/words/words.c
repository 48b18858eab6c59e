/* SPDX-License-Identifier: MIT */
/* Holds words and sentences for every state, reason, counter and mark, from
 * guest/abi, linux/kept.def and marks.def; terms from glossary.def. */
#include "base/word.h"
#include "dev/blk.h"
#include "inspect/events.h"
#include "inspect/frames.h"
#include "inspect/numbers.h"
#include "inspect/policy.h"
#include "inspect/words.h"
#include "linux/reader.h"

const struct ins_state_word ins_states[FS_COUNT] = {
#define STATE(id, word, glyph, colour, sentence)                               \
    [FS_##id] = {word, sentence, glyph, colour},
#include "frame_states.def"
};

const struct ins_reason_word ins_reasons[R_COUNT] = {
#define REASON(id, word, kind, sentence) [R_##id] = {word, kind, sentence},
#include "events.def"
};

const struct ins_counter_word ins_counters[C_COUNT] = {
#define COUNTER(id, name, unit, notion, events, sentence)                      \
    [C_##id] = {name, unit, sentence, events, NOTION_##notion},
#include "counters.def"
};

const char *const ins_actors[ACTOR_COUNT] = {
    [ACTOR_BOOT] = "boot",       [ACTOR_FAULT] = "fault",
    [ACTOR_SYSCALL] = "syscall", [ACTOR_EXIT] = "exit",
    [ACTOR_PAGEOUT] = "pageout", [ACTOR_WRITER] = "writer",
    [ACTOR_KERNEL] = "kernel",   [ACTOR_LIMIT] = "limit",
    [ACTOR_SWAPPER] = "swapper",
};

const struct ins_term ins_terms[] = {
#define TERM(word, sentence) {word, sentence},
#include "inspect/words/glossary.def"
#undef TERM
};
const unsigned ins_nterms = ARRAY_LEN(ins_terms);

/* A word for each enum proc_state, as ps prints it. */
const char *const ins_proc_states[] = {"-",    "running", "ready", "sleeping",
                                       "disk", "stopped", "zombie"};

const char *inspect_proc_state_word(u32 state)
{
    return state < ARRAY_LEN(ins_proc_states) ? ins_proc_states[state] : "?";
}

const char *inspect_state_word(u32 state)
{
    return state < FS_COUNT ? ins_states[state].word : "unknown";
}

const char *inspect_reason_word(u32 reason)
{
    return reason < R_COUNT ? ins_reasons[reason].word : "?";
}

static const char *const kept_words[] = {
#define KEPT(id, word, active, sentence) "kept-" word,
#include "linux/kept.def"
};

const char *inspect_kept(const struct ins_event *e, const char **sentence)
{
    if (e->reason != R_KEPT || !e->source || e->source >= LINUX_KEPTS)
        return NULL;
    *sentence = linux_kepts[e->source].sentence;
    return linux_kepts[e->source].word;
}

bool inspect_copied_file(const struct ins_event *e)
{
    static const u32 files =
        1u << FS_FILE_CLEAN | 1u << FS_FILE_DIRTY | 1u << FS_SHMEM;
    bool unmapped = e->pid && !e->source && e->slot == INS_NO_SLOT;
    return e->reason == R_COW_COPY && (unmapped || files >> e->origin & 1);
}

const char *inspect_event_sentence(const struct ins_event *e)
{
    const char *kept;
    return inspect_kept(e, &kept) ? kept
           : inspect_fault_failed(e)
               ? "a fault for which no free frame was found"
           : inspect_moved(e) ? "compaction moved the page here from another "
                                "frame"
           : inspect_mapped_around(e)
               ? "mapped by a fault on a page beside it: not used yet"
           : inspect_copied_file(e)
               ? "write to a page of a file in a private mapping: the writer "
                 "gets a copy of its own"
           : e->reason == R_COW_COPY && e->origin != FS_FREE
               ? "write to a shared page: the writer gets a copy of its own"
           : e->reason == R_WRITE_BACK && e->to == FS_FILE_DIRTY
               ? "its write to its file is over, but it changed meanwhile"
           : e->reason == R_DEMAND_ZERO && e->to == FS_SHMEM
               ? "first use of a page of shared memory: a cleared frame"
           : e->reason == R_FILE_WRITE && e->actor == ACTOR_FAULT &&
                   (e->va || e->fault_va)
               ? "a store to a shared mapping changed this page"
           : e->reason == R_FILE_WRITE && e->from == FS_FREE &&
                   e->to == FS_SHMEM
               ? "first use of a page of a tmpfs or of shared memory, by a call"
           : e->reason < R_COUNT ? ins_reasons[e->reason].sentence
                                 : "?";
}

bool inspect_fault_failed(const struct ins_event *e)
{
    return e->reason == R_FAULT_MINOR && e->source;
}

bool inspect_moved(const struct ins_event *e)
{
    return e->reason == R_COLLAPSE && e->source;
}

bool inspect_mapped_around(const struct ins_event *e)
{
    return e->reason == R_MAP_CACHED && e->fault_va;
}

u32 inspect_copied_from(const struct ins_event *e)
{
    return e->reason == R_KEPT || inspect_fault_failed(e) ? 0 : e->source;
}

const char *inspect_event_word(const struct ins_event *e)
{
    const char *sentence;
    return inspect_kept(e, &sentence) ? kept_words[e->source]
           : inspect_fault_failed(e)  ? "fault-no-frame"
           : inspect_moved(e)         ? "moved"
                                      : inspect_reason_word(e->reason);
}

const char *inspect_actor_word(u32 actor)
{
    return actor < ACTOR_COUNT ? ins_actors[actor] : "?";
}

const char *inspect_request_word(u8 type)
{
    static const char *const words[] = {
        [T_IN] = "read",         [T_OUT] = "write",
        [T_FLUSH] = "flush",     [T_GET_ID] = "get id",
        [T_DISCARD] = "discard", [T_WRITE_ZEROES] = "write zeroes"};
    bool known = type < ARRAY_LEN(words) && words[type];
    return known ? words[type] : "other";
}

_Static_assert(R_COUNT <= 64, "a set of reasons is one word");

#define BIT(reason) (1ull << R_##reason)
const struct ins_event_group ins_event_groups[] = {
    {"fault",
     "the end of a page fault, however many frames it took (explain page "
     "fault)",
     BIT(FAULT_MINOR) | BIT(FAULT_MAJOR) | BIT(FAULT_ILLEGAL)},
    {"oom", "a process is chosen to die for want of memory",
     BIT(OOM) | BIT(OOM_THRASH)},
    {"evict",
     "reclaim, or a rule of the cache, took a page's frame: the frame is free, "
     "or on a cache list, and the page's next use is a fault. (The end of a "
     "file and drop_caches are no evictions: catch truncate, catch "
     "drop-cache)",
     BIT(RECLAIM) | BIT(CACHED) | BIT(CACHE_IDLE) | BIT(FREE_BEHIND) |
         BIT(INODE_REUSE)},
};
const unsigned ins_nevent_groups = ARRAY_LEN(ins_event_groups);

/* Returns the word of events.def or of a group for a synonym, else word. */
static const char *event_word(const char *word)
{
    static const char *const said[][2] = {
        {"eviction", "evict"},         {"evicted", "evict"},
        {"page-fault", "fault"},       {"pagefault", "fault"},
        {"swapout", "swap-out"},       {"copy-on-write", "cow"},
        {"writeback", "write-back"},   {"major", "fault-major"},
        {"minor", "fault-minor"},      {"pgfault", "fault"},
        {"pgmajfault", "fault-major"}, {"moved", "collapse"}};
    for (unsigned i = 0; i < ARRAY_LEN(said); i++)
        if (word_same(word, said[i][0]))
            return said[i][1];
    return word;
}

u64 inspect_reason_mask(const char *word)
{
    u64 mask = 0;
    word = event_word(word);
    for (unsigned i = 0; i < ins_nevent_groups; i++)
        if (word_same(word, ins_event_groups[i].word))
            return ins_event_groups[i].reasons;
    for (unsigned r = 0; r < R_COUNT; r++)
        if (word_same(word, ins_reasons[r].word))
            return 1ull << r;
    for (unsigned r = 0; r < R_COUNT; r++)
        if (word_same(word, ins_reasons[r].kind))
            mask |= 1ull << r;
    return mask;
}

/* ---- marks of frames (marks.def; memory/frame_marks.c finds them) ---- */

#define ST(state) (1u << FS_##state)
const struct ins_mark_word ins_marks[MARK_COUNT] = {
#define MARK(id, word, states, flags, shown, sentence)                         \
    [MARK_##id] = {word, sentence, states, flags, shown},
#include "inspect/words/marks.def"
};

static const struct {
    const char *said, *meant;
} synonyms[] = {
    {"mlocked", "locked"},
    {"lock", "locked"},
    {"i/o", "io"},
    {"used", "referenced"},
    {"anonymous-memory", "anon"},
    {"page-cache", "file"},
    {"pagecache", "file"},
    {"swapped", "swap"},
    {"pagetable", "page-table"},
    {"pgtable", "page-table"},
    {"copy-on-write", "cow"},
    {"tmpfs", "shm"},
    {"shmem", "shm"},
    {"modified", "dirty"},
    {"zero", "zeroed"},
    {"cached", "kept"},
    {"cache-list", "kept"},
};

const char *inspect_meant(const char *word)
{
    for (unsigned i = 0; i < ARRAY_LEN(synonyms); i++)
        if (word_same(word, synonyms[i].said))
            return synonyms[i].meant;
    return word;
}

bool inspect_condition(const char *word, struct ins_condition *c)
{
    word = inspect_meant(word);
    *c = (struct ins_condition){.word = NULL};
    for (unsigned i = 0; i < FS_COUNT && !c->word; i++)
        if (word_same(word, ins_states[i].word)) {
            c->word = ins_states[i].word;
            c->sentence = ins_states[i].sentence;
            c->states = 1u << i;
        }
    for (unsigned i = 0; i < MARK_COUNT && !c->word; i++)
        if (word_same(word, ins_marks[i].word)) {
            c->word = ins_marks[i].word;
            c->sentence = ins_marks[i].sentence;
            c->mark = 1u << i;
        }
    return c->word;
}

/* The exact spelling comes first: DRAM is a place, dram a cause of cycles. */
static const struct ins_term *find_term(const char *word)
{
    for (unsigned i = 0; i < ins_nterms; i++)
        if (!strcmp(word, ins_terms[i].word))
            return &ins_terms[i];
    for (unsigned i = 0; i < ins_nterms; i++)
        if (word_same(word, ins_terms[i].word))
            return &ins_terms[i];
    return NULL;
}

/* Returns the meaning in one of the tables, in their order; sentence NULL: the
 * word is not in that table. */
static struct ins_meaning meaning_in(unsigned table, const char *word)
{
    const char *event = event_word(word);
    const struct ins_term *t;
    struct ins_condition c;
    switch (table) {
    case 0:
        for (unsigned i = 0; i < FS_COUNT; i++)
            if (word_same(word, ins_states[i].word))
                return (struct ins_meaning){"frame state",
                                            ins_states[i].sentence};
        break;
    case 1:
        for (unsigned i = 0; i < C_COUNT; i++)
            if (word_same(word, ins_counters[i].name))
                return (struct ins_meaning){"counter",
                                            ins_counters[i].sentence};
        break;
    case 2:
        for (unsigned i = 0; i < G_COUNT; i++)
            if (word_same(word, ins_gauges[i].name))
                return (struct ins_meaning){"level", ins_gauges[i].sentence};
        break;
    case 3:
        t = find_term(word);
        return (struct ins_meaning){"term", t ? t->sentence : NULL};
    case 4:
        for (unsigned i = 0; i < R_COUNT; i++)
            if (word_same(event, ins_reasons[i].word))
                return (struct ins_meaning){"event reason",
                                            ins_reasons[i].sentence};
        break;
    case 5:
        for (unsigned i = 0; i < ins_nevent_groups; i++)
            if (word_same(event, ins_event_groups[i].word))
                return (struct ins_meaning){"event",
                                            ins_event_groups[i].sentence};
        break;
    case 6:
        for (unsigned i = 0; i < NOTION_COUNT; i++)
            if (word_same(event, ins_notions[i].word))
                return (struct ins_meaning){"notion of a policy",
                                            ins_notions[i].sentence};
        break;
    default:
        if (inspect_condition(word, &c) && c.mark)
            return (struct ins_meaning){"mark of a frame", c.sentence};
    }
    return (struct ins_meaning){NULL, NULL};
}

unsigned inspect_meanings(const char *word, struct ins_meaning m[INS_MEANINGS])
{
    unsigned n = 0;
    struct ins_condition c;
    for (unsigned table = 0; table < INS_MEANINGS; table++) {
        m[n] = meaning_in(table, word);
        n += m[n].sentence != NULL;
    }
    /* Another word for a state (a mark: above) is a last resort. */
    if (!n && inspect_condition(word, &c))
        m[n++] = (struct ins_meaning){"mark of a frame", c.sentence};
    return n;
}

const char *inspect_explain(const char *word, const char **what)
{
    struct ins_meaning m[INS_MEANINGS];
    if (!inspect_meanings(word, m))
        return NULL;
    *what = m[0].what;
    return m[0].sentence;
}

static const struct {
    const char *policies, *name, *sentence;
} policy_gauges[] = {
#define POLICY_GAUGE(policies, name, sentence) {policies, name, sentence},
#include "inspect/words/gauges.def"
};

/* True if the list of words, with blanks between them, has the word. */
static bool has_word(const char *list, const char *word)
{
    size_t n = strlen(word);
    for (const char *p = list; (p = strstr(p, word)); p += n)
        if ((p == list || p[-1] == ' ') && (!p[n] || p[n] == ' '))
            return true;
    return false;
}

const char *inspect_gauge_sentence(const char *policy, const char *name)
{
    for (unsigned i = 0; i < ARRAY_LEN(policy_gauges); i++)
        if (!strcmp(policy_gauges[i].name, name) &&
            (!*policy_gauges[i].policies ||
             has_word(policy_gauges[i].policies, policy)))
            return policy_gauges[i].sentence;
    for (unsigned i = 0; i < ins_nterms; i++)
        if (!strcmp(ins_terms[i].word, name))
            return ins_terms[i].sentence;
    for (unsigned i = 0; i < G_COUNT; i++)
        if (!strcmp(ins_gauges[i].name, name))
            return ins_gauges[i].sentence;
    return NULL;
}

bool inspect_gauge(const struct ins_policy *p, const char *name, u64 *value)
{
    for (unsigned i = 0; i < p->ngauges; i++)
        if (!strcmp(p->gauge[i].name, name)) {
            *value = p->gauge[i].value;
            return true;
        }
    return false;
}

const char *const ins_levels[INS_LEVELS] = {
    [LEVEL_MIN] = "min", [LEVEL_LOW] = "low", [LEVEL_HIGH] = "high"};

void inspect_levels(const struct ins_policy *p, u64 level[INS_LEVELS])
{
    for (unsigned i = 0; i < INS_LEVELS; i++)
        if (!inspect_gauge(p, ins_levels[i], &level[i]))
            level[i] = 0;
}
