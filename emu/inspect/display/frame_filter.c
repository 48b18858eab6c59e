/* SPDX-License-Identifier: MIT */
/* The frames to which words apply, for the map and for `info frames`. A frame's
 * state, flags and facts have few combinations; inspect_row_is decides once for
 * each combination, and a frame looks its combination up. */
#include "inspect/display/update.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- keys --------------------------------------------------------------- */

/* The number of a combination: flags 7 bits, state 4, PTEs 4, pins 1. */
static unsigned key_of(u8 state, u8 flags, u8 ptes, u8 fact)
{
    static_assert(FS_COUNT < 16 && FACT_PINS == 2, "they fit");
    return (flags & 127u) | (state & 15u) << 7 | (ptes & 15u) << 11 |
           (fact & FACT_PINS) << 14;
}

static struct ins_row row_of(unsigned key)
{
    u8 ptes = (u8)(key >> 11 & 15);
    struct ins_row r = {.flags = (u8)(key & 127),
                        .state = (u8)(key >> 7 & 15),
                        .pins = key >> 15,
                        .nptes = ptes & PTE_OF_MANY ? 2 : ptes & PTE_OF_ONE};
    r.pte = (ptes & PTE_USED ? PTE_A : 0) | (ptes & PTE_WRITTEN ? PTE_D : 0);
    ins_mark_row(&r);
    return r;
}

static bool conditions_hold(const struct ins_filter *f, const struct ins_row *r)
{
    if (r->state >= FS_COUNT)
        return false;
    for (unsigned i = 0; i < f->n; i++)
        if (!f->unmodified[i] && inspect_row_is(r, &f->is[i]) == f->negated[i])
            return false;
    return true;
}

bool ins_unmodified_hold(const struct ins_filter *f, u64 pfn, u8 state)
{
    struct ins_row r = {.state = state,
                        .unmodified = ins_unmodified(f->m, pfn)};
    for (unsigned i = 0; i < f->n; i++)
        if (f->unmodified[i] && inspect_row_is(&r, &f->is[i]) == f->negated[i])
            return false;
    return true;
}

static void fill_keys(struct ins_filter *f)
{
    f->key = xcalloc(FILTER_KEYS, 1);
    for (unsigned k = 0; k < FILTER_KEYS; k++) {
        struct ins_row r = row_of(k);
        f->key[k] = conditions_hold(f, &r);
    }
}

/* ---- words -------------------------------------------------------------- */

struct parser {
    struct machine *m;
    struct ins_filter *f;
    const char *at;
    char word[40];
    bool negate, joined; /* not, and: a condition has to follow */
    char *err;
    size_t n;
};

/* Rewrites "where dirty && !mapped && pid == 7" as "dirty and not mapped pid =
 * 7". False: other operators join the words, or there are too many. */
static bool plain_words(const char *from, char *words, size_t n)
{
    size_t at = 0;
    from += strspn(from, " \t");
    if (!strncmp(from, "where ", 6))
        from += 6;
    for (const char *p = from; *p && at + 6 < n; p++) {
        bool pair = !strncmp(p, "&&", 2) || !strncmp(p, "==", 2);
        if (!pair && (strchr("&=|<>()", *p) || (*p == '!' && p[1] == '=')))
            return false;
        at = pair        ? append(words, n, at, *p == '&' ? " and " : " = ")
             : *p == '!' ? append(words, n, at, " not ")
                         : append(words, n, at, "%c", *p);
        p += pair;
    }
    words[at] = 0;
    return at + 6 < n;
}

#define complain(p, ...) (snprintf((p)->err, (p)->n, __VA_ARGS__), false)

static bool no_words(const char *words)
{
    return !words[strspn(words, " \t,")];
}

/* Reads the next word into p->word; false: there is none. */
static bool next_word(struct parser *p)
{
    p->at += strspn(p->at, " \t,");
    size_t n = strcspn(p->at, " \t,");
    snprintf(p->word, sizeof p->word, "%.*s", (int)n, p->at);
    p->at += n;
    return n;
}

/* Reads a number at *text that `end` or the end of the text follows. */
static bool read_number(const char **text, char end, u64 *value)
{
    char *stop;
    if (!isdigit((u8) * *text))
        return false;
    errno = 0;
    *value = strtoull(*text, &stop, 0);
    *text = stop;
    return !errno && (*stop == end || !*stop);
}

/* The word that a condition with a value takes, perhaps behind an "=". */
static bool next_value(struct parser *p)
{
    return next_word(p) && (strcmp(p->word, "=") || next_word(p));
}

static bool take_number(struct parser *p, const char *what, u64 *value)
{
    const char *text = p->word;
    if (!next_value(p))
        return complain(p, "%s: a number is missing", what);
    if (read_number(&text, 0, value))
        return true;
    return complain(p, "%s: %s: not a number", what, p->word);
}

/* Sets the process that p->word names or numbers; false: there is none. */
static bool take_process_name(struct parser *p)
{
    struct ins_proc procs[256], one;
    const char *text = p->word;
    u64 pid = ~0ull;
    if (isalpha((u8)*p->word)) {
        unsigned n = inspect_procs(p->m, procs, ARRAY_LEN(procs));
        for (unsigned i = 0; i < n && pid == ~0ull; i++)
            if (!strcmp(procs[i].name, p->word))
                pid = procs[i].pid;
    } else if (!read_number(&text, 0, &pid)) {
        pid = ~0ull;
    }
    if (pid > ~0u || !inspect_proc(p->m, (u32)pid, &one))
        return false;
    p->f->has_pid = p->f->asks_ptes = true;
    p->f->pid = one.tgid;
    return true;
}

static bool take_pid(struct parser *p)
{
    if (!next_value(p))
        return complain(p, "pid: a process is missing");
    return take_process_name(p) || complain(p, "no process %s", p->word);
}

/* va A-B, B exclusive; va A: A's page. */
static bool take_range(struct parser *p)
{
    struct ins_filter *f = p->f;
    const char *text = p->word;
    if (!next_value(p) || !read_number(&text, '-', &f->from))
        return complain(p, "va: A-B, two addresses, are missing");
    f->to = f->from + 1;
    if (*text++ && !read_number(&text, 0, &f->to))
        return complain(p, "va: %s: not A-B, two addresses", p->word);
    if (f->to <= f->from)
        return complain(p, "va: %s: nothing lies there", p->word);
    return f->has_va = f->asks_ptes = true;
}

/* slot: any frame that has a slot; slot N: the frame that has slot N. */
static bool take_slot(struct parser *p)
{
    u64 slot = INS_NO_SLOT;
    const char *rest = p->at + strspn(p->at, " \t,=");
    if (isdigit((u8)*rest) && !take_number(p, "slot", &slot))
        return false;
    p->f->slot = slot < INS_NO_SLOT ? (u32)slot : INS_NO_SLOT;
    return p->f->has_slot = true;
}

/* bank N, row N: the place of a frame in DRAM. */
static bool take_dram(struct parser *p)
{
    bool bank = word_same(p->word, "bank");
    const char *what = bank ? "bank" : "row";
    u64 n;
    p->f->dram = ins_dram_part(p->m);
    if (!p->f->dram)
        return complain(p, "%s: this machine has no DRAM with banks", what);
    if (!take_number(p, what, &n))
        return false;
    *(bank ? &p->f->bank : &p->f->row) = n < ~0u ? (u32)n : ~0u;
    return *(bank ? &p->f->has_bank : &p->f->has_row) = true;
}

static bool take_inode(struct parser *p)
{
    return p->f->has_inode = take_number(p, "inode", &p->f->inode);
}

void inspect_frame_words(void (*fn)(void *, const char *), void *opaque)
{
    static const char *const others[] = {"pid",  "inode", "va",  "slot",
                                         "bank", "row",   "not", "all"};
    for (unsigned i = 0; i < FS_COUNT; i++)
        fn(opaque, ins_states[i].word);
    for (unsigned i = 0; i < MARK_COUNT; i++)
        fn(opaque, ins_marks[i].word);
    for (unsigned i = 0; i < ARRAY_LEN(others); i++)
        fn(opaque, others[i]);
}

static void offer_word(void *near, const char *word)
{
    word_offer(near, word);
}

/* A condition with a value is not negated, and of two of a kind one would go
 * unheard. */
static bool once(struct parser *p, bool has, const char *what)
{
    if (p->negate)
        return complain(p, "not %s: only words like dirty can be negated",
                        p->word);
    return !has || complain(p, "%s: once is enough", what);
}

static bool take_condition(struct parser *p)
{
    struct ins_filter *f = p->f;
    struct word_nearest near;
    if (f->n == FILTER_WORDS)
        return complain(p, "%d words are enough", FILTER_WORDS);
    f->unmodified[f->n] = !inspect_condition(p->word, &f->is[f->n]);
    if (f->unmodified[f->n] &&
        !inspect_unmodified_condition(p->m, p->word, &f->is[f->n])) {
        bool had = f->has_pid;
        if (isalpha((u8)*p->word) && take_process_name(p))
            return once(p, had, "pid");
        near = (struct word_nearest){.typed = p->word};
        inspect_frame_words(offer_word, &near);
        return *near.best
                   ? complain(p, "%s: unknown; did you mean %.30s?", p->word,
                              near.best)
                   : complain(p,
                              "%s: neither a process nor a word for frames "
                              "(dirty, file, ...)",
                              p->word);
    }
    f->asks_ptes |= f->is[f->n].mark &
                    (1u << MARK_DIRTY | 1u << MARK_CLEAN | 1u << MARK_MAPPED |
                     1u << MARK_SHARED | 1u << MARK_REFERENCED);
    f->negated[f->n++] = p->negate;
    p->negate = false;
    return true;
}

static bool take_word(struct parser *p)
{
    struct ins_filter *f = p->f;
    const struct {
        const char *word;
        bool (*take)(struct parser *);
        bool has;
    } valued[] = {
        {"pid", take_pid, f->has_pid},    {"process", take_pid, f->has_pid},
        {"of", take_pid, f->has_pid},     {"va", take_range, f->has_va},
        {"slot", take_slot, f->has_slot}, {"bank", take_dram, f->has_bank},
        {"row", take_dram, f->has_row},   {"inode", take_inode, f->has_inode}};
    bool negates = word_same(p->word, "not"), all = word_same(p->word, "all");
    if (negates || (word_same(p->word, "and") && !p->joined)) {
        p->negate ^= negates;
        return p->joined = true;
    }
    p->joined = false;
    for (unsigned i = 0; i < ARRAY_LEN(valued); i++)
        if (word_same(p->word, valued[i].word))
            return once(p, valued[i].has, valued[i].word) && valued[i].take(p);
    return all ? once(p, false, "all") : take_condition(p);
}

bool ins_filter_parse(struct machine *m, const char *words,
                      struct ins_filter *f, char *err, size_t n)
{
    char plain[256];
    struct parser p = {.m = m, .f = f, .at = plain, .err = err, .n = n};
    *f = (struct ins_filter){.slot = INS_NO_SLOT, .m = m};
    if (!inspect_tables_known(m))
        return complain(&p, "the kernel has opened no lens (yet)");
    if (!plain_words(words, plain, sizeof plain))
        return complain(&p, "words joined by &&, like dirty && !mapped && pid "
                            "== 7");
    while (next_word(&p))
        if (!take_word(&p))
            return false;
    if (p.joined)
        return complain(&p, "%s: a word is missing", p.negate ? "not" : "and");
    f->facts = (f->has_inode ? FACT_OBJECT : 0) |
               (f->has_slot ? FACT_SLOT : 0) |
               (f->has_bank || f->has_row ? FACT_DRAM : 0);
    for (unsigned i = 0; i < f->n; i++)
        f->facts |= f->unmodified[i] ? FACT_UNMODIFIED : 0;
    f->ptes = f->has_va ? PTE_OF_VA : 0;
    fill_keys(f);
    return true;
}

void ins_filter_free(struct ins_filter *f)
{
    free(f->key);
    f->key = NULL;
}

/* ---- facts -------------------------------------------------------------- */

void ins_census_leaf(const struct ins_filter *f, u32 pid,
                     const struct ins_leaf *l, u8 *census, u64 nframes)
{
    u64 pfn = (l->pa - RAM_BASE) >> PAGE_SHIFT, pages = 1ull << 9 * l->level;
    u8 bits = PTE_OF_ONE | (l->pte & PTE_A ? PTE_USED : 0) |
              (l->pte & PTE_D ? PTE_WRITTEN : 0);
    bool of_pid = f->has_pid && pid == f->pid;
    bool anybody = !f->has_pid || of_pid;
    if (l->pa < RAM_BASE)
        return;
    for (u64 i = 0; i < pages && pfn + i < nframes; i++) {
        u64 va = l->va + (i << PAGE_SHIFT);
        bool there =
            f->has_va && anybody && va < f->to && va + PAGE_BYTES > f->from;
        u8 *is = &census[pfn + i];
        *is |= bits | (*is & PTE_OF_ONE ? PTE_OF_MANY : 0) |
               (of_pid ? PTE_OF_PID : 0) | (there ? PTE_OF_VA : 0);
    }
}

/* Returns 1 or 0, without branches: it runs sixty times a second for all
 * frames. For an invalid state no key is set. */
static inline u8 matches(const struct ins_filter *f, u8 state, u8 flags,
                         u8 fact, u8 ptes)
{
    unsigned of_pid = (unsigned)!f->has_pid | (fact & FACT_OWNER) / FACT_OWNER |
                      (ptes & PTE_OF_PID) / PTE_OF_PID;
    unsigned lacks = (f->facts & ~fact) | (f->ptes & ~ptes);
    return (u8)(f->key[key_of(state, flags, ptes, fact)] & of_pid & !lacks);
}

/* ---- at once ------------------------------------------------------------ */

struct census {
    struct machine *m;
    const struct ins_filter *f;
    u8 *bits;
    u32 pid;
    u64 budget;
};

static void filter_leaf(void *opaque, const struct ins_leaf *l)
{
    struct census *c = opaque;
    ins_census_leaf(c->f, c->pid, l, c->bits, ins_nframes(c->m));
}

static void filter_space(void *opaque, const struct lens_proc *p)
{
    struct census *c = opaque;
    struct tree_visit v = {
        .leaf = filter_leaf, .opaque = c, .budget = c->budget};
    c->pid = p->pid;
    ins_tree(c->m, p->satp, TREE_USER_FIRST, TREE_USER_LAST, &v);
    c->budget = v.budget;
}

bool inspect_light(struct machine *m, const char *words, struct ins_lit *to,
                   char *err, size_t n)
{
    struct ins_filter f;
    u64 have, stride, frames = ins_nframes(m);
    *to = (struct ins_lit){.frame = NULL};
    bool ok = ins_filter_parse(m, words, &f, err, n);
    bool none = no_words(words);
    const u8 *row = ins_kernel_rows(m, 0, frames, &have, &stride);
    if (ok) {
        struct census c = {m, &f, xcalloc(frames, 1), 0, ins_table_budget(m)};
        if (f.asks_ptes)
            ins_spaces(m, filter_space, &c);
        to->frame = xcalloc(frames, 1);
        to->of_pid = f.has_pid;
        to->pid = f.pid;
        to->alone = f.has_pid && !f.n && !f.facts && !f.ptes;
        for (u64 i = 0; row && !none && i < frames && i < have; i++) {
            struct lens_frame r;
            memcpy(&r, row + i * stride, sizeof r);
            u8 fact = ins_facts(&f, i, &r, row + i * stride, stride);
            to->frame[i] = matches(&f, r.state < FS_COUNT ? r.state : 0xff,
                                   r.flags, fact, c.bits[i]);
            to->n += to->frame[i];
        }
        free(c.bits);
    }
    ins_filter_free(&f);
    return ok;
}

/* ---- in a display ------------------------------------------------------- */

void inspect_display_light(struct ins_display *d, const char *words)
{
    snprintf(d->lit_words, sizeof d->lit_words, "%s", words);
    *d->lit_error = 0;
    if (d->update)
        d->update->filter_changed = true;
}

static void drop_filter(struct ins_display *d)
{
    struct ins_update *update = d->update;
    ins_filter_free(&update->filter);
    free(d->lit);
    free(update->census);
    free(update->next_census);
    d->lit = update->census = update->next_census = NULL;
    d->nlit = 0;
    update->filtered = false;
    d->lit_slot = INS_NO_SLOT;
    d->outs_known = false;
    update->round.at = update->round.n = 0; /* another slot, another round */
}

/* Words without a meaning now may get one later, when a process has begun or
 * the lens is open: they are parsed again at each update. */
bool ins_update_filter(struct machine *m, struct ins_display *d)
{
    struct ins_update *update = d->update;
    bool none = no_words(d->lit_words), again = !none && !update->filtered;
    bool gone = update->filtered && !inspect_tables_known(m);
    if (!update->filter_changed && !again && !gone)
        return false;
    update->filter_changed = false;
    drop_filter(d);
    *d->lit_error = 0;
    if (none)
        return false;
    update->filtered = ins_filter_parse(m, d->lit_words, &update->filter,
                                        d->lit_error, sizeof d->lit_error);
    if (!update->filtered)
        return false;
    d->lit = xcalloc(d->nframes, 1);
    if (update->filter.asks_ptes) {
        update->census = xcalloc(d->nframes, 1);
        update->next_census = xcalloc(d->nframes, 1);
    }
    update->lit_at = 0;
    if (update->filter.has_slot)
        d->lit_slot = update->filter.slot;
    return true;
}

void ins_update_lit(struct ins_display *d, bool whole)
{
    struct ins_update *update = d->update;
    if (!update->filtered)
        return;
    u64 most = d->nframes > LIT_AT_ONCE ? LIT_AT_ONCE / 2 : LIT_AT_ONCE;
    struct ins_range r = ins_part_due(&update->lit_at, d->nframes, most, whole);
    update->lit = r;
    /* Copied to locals: the compiler must assume that lit[] aliases everything
     * else. */
    const struct ins_filter f = update->filter;
    const u8 *kind = d->kind, *flags = d->flags, *fact = update->fact;
    const u8 *census = update->census ? update->census : update->none;
    u64 stay = update->census ? ~0ull : 0, n = d->nlit;
    bool by_key = !f.has_pid && !f.facts && !f.ptes;
    u8 *lit = d->lit;
    for (u64 i = r.from; i < r.to; i++) {
        u8 ptes = census[i & stay];
        u8 is = by_key ? f.key[key_of(kind[i], flags[i], ptes, fact[i])]
                       : matches(&f, kind[i], flags[i], fact[i], ptes);
        n = n + is - lit[i];
        lit[i] = is;
    }
    d->nlit = n;
}
