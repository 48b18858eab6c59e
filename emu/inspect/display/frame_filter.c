/* SPDX-License-Identifier: MIT */
/* Finds the frames to which words apply, for the map and for `info frames`. */
#include "base/word.h"
#include "inspect/frames.h"
#include "inspect/kernel.h"
#include "inspect/walk.h"
#include "inspect/words.h"
#include "inspect/display/update.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define FILTER_WORDS 8
/* The facts about a frame's PTEs that a filter asks for. */
enum {
    PTE_OF_ONE = 1,
    PTE_OF_MANY = 2,
    PTE_USED = 4,    /* A */
    PTE_WRITTEN = 8, /* D */
    PTE_OF_PID = 16,
    PTE_OF_VA = 32
};

struct filter {
    struct ins_condition is[FILTER_WORDS];
    bool negated[FILTER_WORDS];
    bool unmodified; /* some word is an unmodified kernel's */
    unsigned n;
    bool has_pid, has_inode, has_va, has_slot, has_bank, has_row;
    bool asks_ptes; /* the filter depends on the page tables */
    u32 pid, slot;  /* slot INS_NO_SLOT: any */
    u32 bank, row;  /* of the DRAM */
    const struct dram_part *dram;
    u64 inode, from, to;
};

/* ---- words -------------------------------------------------------------- */

struct parser {
    struct machine *m;
    struct filter *f;
    const char *at;
    char word[40];
    bool negate, joined; /* joined: a word must follow `not` or `and` */
    char *err;
    size_t n;
};

/* Rewrites "where !mapped && pid == 7" as "not mapped and pid = 7" (with more
 * blanks). False: the text has other operators, or is too long. */
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

/* Reads a number at *text; `end` or the end of the text must follow it. */
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

/* Reads the word that is a condition's value, perhaps after an "=". */
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

/* Sets the process whose name or pid is p->word; false: there is none. */
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

/* Takes va A-B, B exclusive; va A: A's page. */
static bool take_range(struct parser *p)
{
    struct filter *f = p->f;
    const char *text = p->word;
    if (!next_value(p) || !read_number(&text, '-', &f->from))
        return complain(p, "va: an address or a range A-B is missing");
    if (!*text)
        f->from &= ~(PAGE_BYTES - 1);
    f->to = f->from + 1;
    if (*text++ && !read_number(&text, 0, &f->to))
        return complain(p, "va: %s: not A-B, two addresses", p->word);
    if (f->to <= f->from)
        return complain(p, "va: %s: the range is empty", p->word);
    return f->has_va = f->asks_ptes = true;
}

/* Takes slot (all frames that have a slot) or slot N (the frame that has N). */
static bool take_slot(struct parser *p)
{
    u64 slot = INS_NO_SLOT;
    const char *rest = p->at + strspn(p->at, " \t,=");
    if (isdigit((u8)*rest) && !take_number(p, "slot", &slot))
        return false;
    p->f->slot = slot < INS_NO_SLOT ? (u32)slot : INS_NO_SLOT;
    return p->f->has_slot = true;
}

/* Takes bank N, row N: the place of a frame in DRAM. */
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

/* A condition with a value, and `all`, cannot be negated; a value cannot be
 * given twice, since one of the two would be ignored. */
static bool once(struct parser *p, bool has, const char *what)
{
    if (p->negate)
        return complain(p, "not %s: only words like dirty can be negated",
                        p->word);
    return !has || complain(p, "%s: once is enough", what);
}

static bool take_condition(struct parser *p)
{
    struct filter *f = p->f;
    struct word_nearest near;
    if (f->n == FILTER_WORDS)
        return complain(p, "%d words are enough", FILTER_WORDS);
    bool known = inspect_condition(p->word, &f->is[f->n]);
    if (!known && inspect_unmodified_condition(p->m, p->word, &f->is[f->n]))
        known = f->unmodified = true;
    if (!known) {
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
    struct filter *f = p->f;
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

/* Parses the words. False, with a message in err: they have no meaning now. */
static bool parse(struct machine *m, const char *words, struct filter *f,
                  char *err, size_t n)
{
    char plain[256];
    struct parser p = {.m = m, .f = f, .at = plain, .err = err, .n = n};
    *f = (struct filter){.slot = INS_NO_SLOT};
    if (!inspect_tables_known(m))
        return complain(&p, "the kernel has opened no lens (yet)");
    if (!plain_words(words, plain, sizeof plain))
        return complain(&p, "give words joined by &&, like dirty && !mapped && "
                            "pid == 7");
    while (next_word(&p))
        if (!take_word(&p))
            return false;
    if (p.joined)
        return complain(&p, "%s: a word is missing", p.negate ? "not" : "and");
    return true;
}

/* ---- frames -------------------------------------------------------------- */

/* Gathers the PTE_* bits of each frame from all page tables. */
struct census {
    struct machine *m;
    const struct filter *f;
    u8 *bits; /* PTE_* */
    u64 nframes;
    u32 pid;
    u64 budget;
};

static void filter_leaf(void *opaque, const struct ins_leaf *l)
{
    struct census *c = opaque;
    const struct filter *f = c->f;
    u64 pfn = (l->pa - RAM_BASE) >> PAGE_SHIFT, pages = 1ull << 9 * l->level;
    u8 bits = PTE_OF_ONE | (l->pte & PTE_A ? PTE_USED : 0) |
              (l->pte & PTE_D ? PTE_WRITTEN : 0);
    bool of_pid = f->has_pid && c->pid == f->pid;
    bool anybody = !f->has_pid || of_pid;
    if (l->pa < RAM_BASE)
        return;
    for (u64 i = 0; i < pages && pfn + i < c->nframes; i++) {
        u64 va = l->va + (i << PAGE_SHIFT);
        bool there =
            f->has_va && anybody && va < f->to && va + PAGE_BYTES > f->from;
        u8 *is = &c->bits[pfn + i];
        *is |= bits | (*is & PTE_OF_ONE ? PTE_OF_MANY : 0) |
               (of_pid ? PTE_OF_PID : 0) | (there ? PTE_OF_VA : 0);
    }
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

static bool in_dram(const struct filter *f, u64 pfn)
{
    unsigned bank;
    u32 row;
    ins_dram_place(f->dram, RAM_BASE + (pfn << PAGE_SHIFT), &bank, &row);
    return (!f->has_bank || bank == f->bank) && (!f->has_row || row == f->row);
}

static bool words_hold(const struct census *c, u64 pfn,
                       const struct lens_frame *is, u8 ptes)
{
    const struct filter *f = c->f;
    struct ins_row r = {.flags = is->flags,
                        .state = is->state,
                        .pins = is->pins,
                        .nptes = ptes & PTE_OF_MANY ? 2 : ptes & PTE_OF_ONE};
    r.pte = (ptes & PTE_USED ? PTE_A : 0) | (ptes & PTE_WRITTEN ? PTE_D : 0);
    ins_mark_row(&r);
    if (f->unmodified)
        r.unmodified = ins_unmodified(c->m, pfn);
    for (unsigned i = 0; i < f->n; i++)
        if (inspect_row_is(&r, &f->is[i]) == f->negated[i])
            return false;
    return true;
}

/* bytes: the frame's row, which may be longer than struct lens_frame. */
static bool matches(const struct census *c, u64 pfn, const u8 *bytes,
                    u64 stride)
{
    const struct filter *f = c->f;
    u8 ptes = c->bits[pfn];
    struct lens_frame is;
    u32 slot = INS_NO_SLOT;
    memcpy(&is, bytes, sizeof is);
    if (is.state == FS_SWAPCACHE && stride >= GUEST_FRAME_SLOT + sizeof slot)
        memcpy(&slot, bytes + GUEST_FRAME_SLOT, sizeof slot);
    return is.state < FS_COUNT &&
           (!f->has_pid || is.owner == f->pid || ptes & PTE_OF_PID) &&
           (!f->has_inode || is.object == f->inode) &&
           (!f->has_va || ptes & PTE_OF_VA) &&
           (!f->has_slot || (slot != INS_NO_SLOT &&
                             (f->slot == INS_NO_SLOT || slot == f->slot))) &&
           (!f->dram || in_dram(f, pfn)) && words_hold(c, pfn, &is, ptes);
}

bool inspect_light(struct machine *m, const char *words, struct ins_lit *to,
                   char *err, size_t n)
{
    struct filter f;
    u64 have, stride, frames = ins_nframes(m);
    *to = (struct ins_lit){.slot = INS_NO_SLOT};
    if (!parse(m, words, &f, err, n))
        return false;
    const u8 *row = ins_kernel_rows(m, 0, frames, &have, &stride);
    struct census c = {m,      &f, xcalloc(frames, 1),
                       frames, 0,  ins_table_budget(m)};
    if (f.asks_ptes)
        ins_spaces(m, filter_space, &c);
    *to = (struct ins_lit){.frame = xcalloc(frames, 1),
                           .of_pid = f.has_pid,
                           .pid = f.pid,
                           .slot = f.slot};
    to->alone = f.has_pid && !f.n && !f.has_inode && !f.has_va && !f.has_slot &&
                !f.dram;
    for (u64 i = 0; row && !no_words(words) && i < frames && i < have; i++) {
        to->frame[i] = matches(&c, i, row + i * stride, stride);
        to->n += to->frame[i];
    }
    free(c.bits);
    return true;
}

/* ---- in a display -------------------------------------------------------- */

void inspect_display_light(struct ins_display *d, const char *words)
{
    snprintf(d->lit_words, sizeof d->lit_words, "%s", words);
    *d->lit_error = 0;
    if (d->update)
        d->update->next = 0;
}

/* Finds the frames anew at each whole update. Words that had no meaning may get
 * one when a process begins or the lens opens. */
void ins_update_lit(struct machine *m, struct ins_display *d)
{
    struct ins_lit lit = {.slot = INS_NO_SLOT};
    *d->lit_error = 0;
    if (!no_words(d->lit_words))
        inspect_light(m, d->lit_words, &lit, d->lit_error, sizeof d->lit_error);
    free(d->lit);
    d->lit = lit.frame;
    d->nlit = lit.n;
    d->lit_slot = lit.slot;
}
