/* SPDX-License-Identifier: MIT */
#include "tools/vmsim/memory.h"

#include "base/word.h"
#include "tools/vmsim/guest.h"

#include <stdio.h>
#include <stdlib.h>

#define AHEAD 16 /* distance of prefetching, in references */

_Noreturn void policy_unknown(const char *name)
{
    char kernels[80];
    struct word_nearest near = {.typed = name};
    snprintf(kernels, sizeof kernels, "guest:%s", name);
#define POLICY(id, name, line) word_offer(&near, name);
#include "tools/vmsim/textbook/policies.def"
#undef POLICY
#define POLICY(id, line) word_offer(&near, "guest:" #id);
#include "policy/policies.def"
#undef POLICY
    if (*near.best && !guest_has(kernels))
        die(name, "no such policy; did you mean %s?", near.best);
    die(name, "no such policy; try %s",
        guest_has(kernels) ? kernels : "--policy list");
}

void simulation_start(struct simulation *s, const char *name, u32 frames,
                      u64 seed)
{
    *s = (struct simulation){.name = name, .frames = frames};
    bool guest = guest_has(name);
    s->textbook = guest ? NULL : textbook_find(name);
    if (!s->textbook && !guest)
        policy_unknown(name);
    if (guest)
        return;
    struct memory *m = s->memory = xcalloc(1, s->textbook->size);
    m->policy = s->textbook;
    m->frames = frames;
    m->frame = xcalloc(frames, sizeof *m->frame);
    m->rng = seed ? seed : 1; /* rand_step's state must not be 0 */
    for (unsigned i = 0; i < LISTS; i++)
        m->list[i] = (struct list){NONE, NONE, 0};
    if (m->policy->start)
        m->policy->start(m);
}

void simulation_end(struct simulation *s)
{
    if (!s->memory)
        return;
    if (s->textbook->end)
        s->textbook->end(s->memory);
    free_all(s->memory->page, s->memory->frame, s->memory);
}

/* Makes room for every page that has a number so far. */
static void grow(struct memory *m, u32 pages)
{
    if (pages <= m->pages)
        return;
    pages += pages / 8;
    m->page = grow_array(m->page, sizeof *m->page, m->pages, pages);
    if (m->policy->grow)
        m->policy->grow(m, pages);
    m->pages = pages;
}

static void tell(const struct simulation *s, const struct numbering *pages,
                 u32 id, bool write, u32 result, bool dirty)
{
    struct victim victim = {.dirty = dirty};
    struct decision d = {.policy = s->name,
                         .frames = s->frames,
                         .time = s->memory->time,
                         .page = pages->page[id],
                         .write = write,
                         .hit = result == HIT,
                         .why = s->memory->why};
    if (result < NONE) {
        victim.page = pages->page[result];
        d.nvictims = 1;
        d.victim = &victim;
    }
    s->watch(s->opaque, &d);
}

static void refer(struct simulation *s, const struct numbering *pages, u32 id,
                  bool write)
{
    struct memory *m = s->memory;
    u32 result = m->policy->access(m, id);
    bool dirty = false;
    s->counts.hits += result == HIT;
    if (result < NONE) {
        dirty = m->page[result].dirty;
        s->counts.dirty_evictions += dirty;
        m->page[result].dirty = false;
    }
    if (write)
        m->page[id].dirty = true;
    if (s->watch)
        tell(s, pages, id, write, result, dirty);
    m->time++;
}

static void count(struct simulation *s)
{
    s->counts.references = s->memory->time;
    s->counts.faults = s->counts.references - s->counts.hits;
}

void simulation_batch(struct simulation *s, const struct batch *b,
                      const struct numbering *pages)
{
    grow(s->memory, pages->count);
    const struct page *page = s->memory->page;
    for (u32 i = 0; i < b->n; i++) {
        if (i + AHEAD < b->n)
            __builtin_prefetch(&page[b->id[i + AHEAD]], 1);
        refer(s, pages, b->id[i], b->write[i]);
    }
    count(s);
}

void simulation_string(struct simulation *s, const struct string *string,
                       const struct numbering *pages)
{
    if (!s->textbook) {
        guest_run(s, string, pages);
        return;
    }
    grow(s->memory, pages->count);
    for (u64 i = 0; i < string->n; i++) {
        u32 id = string->id[i];
        if (string->next)
            s->memory->next_use = string->next[i] ? i + string->next[i] : NEVER;
        refer(s, pages, id & ~STRING_WRITE, id & STRING_WRITE);
    }
    count(s);
}

void policy_list(void)
{
#define POLICY(id, name, line) printf("%-16s %s\n", name, line);
#include "tools/vmsim/textbook/policies.def"
#undef POLICY
    guest_list();
}
