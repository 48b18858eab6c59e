/* SPDX-License-Identifier: MIT */
/* Owns the memory for host code, and chooses the blocks to translate. A page of
 * that memory is never writable and executable at once. */
#include <stdlib.h>
#include <sys/mman.h>

#include "engine/draft.h"
#include "engine/translate.h"

#if HOST_CODE

#define CODE_BYTES (64u << 20)
/* More than the code of any block, its late code included. */
#define BLOCK_CODE (BLOCK_INSNS * 512)

struct translator {
    u8 *base, *at;
    bool timed;
    u8 heat;
    FILE *names;
    struct stubs stubs;
    struct draft_code draft;
};

static void writable(u8 *at, bool yes)
{
    uintptr_t page = (uintptr_t)at & ~(PAGE_BYTES - 1);
    int err = mprotect((void *)page, BLOCK_CODE + PAGE_BYTES,
                       PROT_READ | (yes ? PROT_WRITE : PROT_EXEC));
    assert(!err);
    if (!yes) /* for hosts without a coherent instruction cache */
        __builtin___clear_cache((char *)page,
                                (char *)page + BLOCK_CODE + PAGE_BYTES);
}

static void name(const struct translator *t, const u8 *from, const char *what,
                 u64 pa)
{
    if (t->names)
        fprintf(t->names, "%llx %llx %s_%llx\n", (u64)(uintptr_t)from,
                (u64)(t->at - from), what, pa);
}

static void begin(struct translator *t, struct engine *e)
{
    struct block *dead[] = {e->unbound, e->far, e->scratch};
    struct code c = {.at = t->base, .end = t->base + CODE_BYTES};

    t->timed = e->timed;
    writable(t->base, true);
    stubs_make(&c, &t->stubs, t->timed);
    writable(t->base, false);
    t->at = c.at;
    name(t, t->base, "stubs", 0);
    for (unsigned i = 0; i < 3; i++)
        dead[i]->code = t->stubs.interpreted;
}

bool engine_translates(void)
{
    void *p =
        mmap(NULL, PAGE_BYTES, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED)
        return false;
    bool may = !mprotect(p, PAGE_BYTES, PROT_READ | PROT_WRITE) &&
               !mprotect(p, PAGE_BYTES, PROT_READ | PROT_EXEC);
    munmap(p, PAGE_BYTES);
    return may;
}

struct translator *translator_new(struct engine *e, u8 heat, FILE *names)
{
    if (!engine_translates())
        return NULL;
    struct translator *t = xcalloc(1, sizeof(*t));

    t->names = names;
    t->base = mmap(NULL, CODE_BYTES, PROT_READ,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (t->base == MAP_FAILED) {
        free(t);
        return NULL;
    }
    t->heat = heat;
    begin(t, e);
    return t;
}

void translator_free(struct translator *t)
{
    if (!t)
        return;
    munmap(t->base, CODE_BYTES);
    free(t);
}

void translator_flush(struct engine *e)
{
    if (e->translator)
        begin(e->translator, e);
}

void translate_count_entries(const struct engine *e, struct block *b)
{
    if (!e->translator)
        return;
    b->code = e->translator->stubs.interpreted;
    b->heat = e->translator->heat;
    b->rec[0].handler = TRY;
}

/* Translates b. False: no room is left. */
static bool translate_block(struct engine *e, struct block *b)
{
    struct translator *t = e->translator;
    struct draft_code *d = &t->draft;

    if ((size_t)(t->base + CODE_BYTES - t->at) < BLOCK_CODE + 2 * PAGE_BYTES)
        return false;
    d->c = (struct code){.at = t->at, .end = t->base + CODE_BYTES};
    d->s = &t->stubs;
    d->e = e;
    d->timed = t->timed;
    d->transfers_in_c = e->misaligned;
    writable(t->at, true);
    draft_block(d, b);
    writable(t->at, false);
    assert(!d->c.full);
    b->code = t->at;
    b->body = d->body;
    t->at = d->c.at;
    name(t, b->code, "guest", b->pa);
    e->stats.translated++;
    return true;
}

const struct rec *translate_run(struct engine *e, UNUSED const struct rec *r)
{
    return e->translator->stubs.enter(e, e->b);
}

const struct rec *translate_try(struct engine *e, const struct rec *r)
{
    struct block *b = e->b;
    struct rec *first = b->rec;

    if (--b->heat)
        return (e->timed ? handlers_cycle : handlers_fast)[r->op](e, r);
    if (translate_block(e, b)) {
        first->handler = TRANSLATED;
    } else {
        first->handler = first->op;
        e->arena_used = e->arena_bytes; /* the next block made flushes all */
    }
    return (e->timed ? handlers_cycle : handlers_fast)[first->handler](e, r);
}

#else

bool engine_translates(void)
{
    return false;
}

struct translator *translator_new(UNUSED struct engine *e, UNUSED u8 heat,
                                  UNUSED FILE *names)
{
    return NULL;
}

void translator_free(UNUSED struct translator *t)
{
}

void translator_flush(UNUSED struct engine *e)
{
}

void translate_count_entries(UNUSED const struct engine *e,
                             UNUSED struct block *b)
{
}

const struct rec *translate_run(UNUSED struct engine *e, const struct rec *r)
{
    return r;
}

const struct rec *translate_try(UNUSED struct engine *e, const struct rec *r)
{
    return r;
}

#endif
