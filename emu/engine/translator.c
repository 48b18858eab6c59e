/* SPDX-License-Identifier: MIT */
/* Owns the memory for host code, and chooses the blocks to translate. That
 * memory is mapped twice: to be executed, and elsewhere to be written. So no
 * address is both writable and executable, and rights never change later. Under
 * Valgrind, which cannot map it twice, one mapping serves both purposes. */
#include <stdlib.h>
#include <sys/mman.h>

#include "engine/draft.h"
#include "engine/translate.h"

#if HOST_CODE

#define CODE_BYTES (64u << 20)
/* More than the code of any block, its late code included. */
#define BLOCK_CODE (BLOCK_INSNS * 512)

struct translator {
    u8 *base, *at; /* where the code runs */
    ptrdiff_t view;
    bool timed;
    u8 heat;
    FILE *names;
    struct stubs stubs;
    struct draft_code draft;
};

/* Maps memory for code; returns where it runs, or NULL if the host forbids new
 * executable code or lacks room. The code is written *view bytes further on. */
static u8 *map_code(size_t bytes, ptrdiff_t *view)
{
    u8 *runs = mmap(NULL, bytes, PROT_READ | PROT_EXEC,
                    MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (runs == MAP_FAILED)
        return NULL;
    /* with the length 0, mremap(2) maps shared memory a second time */
    u8 *written = mremap(runs, 0, bytes, MREMAP_MAYMOVE);
    if (written != MAP_FAILED &&
        !mprotect(written, bytes, PROT_READ | PROT_WRITE)) {
        *view = written - runs;
        return runs;
    }
    if (written != MAP_FAILED)
        munmap(written, bytes);
    *view = 0; /* valgrind makes no second mapping */
    if (!mprotect(runs, bytes, PROT_READ | PROT_WRITE | PROT_EXEC))
        return runs;
    munmap(runs, bytes);
    return NULL;
}

static void unmap_code(u8 *runs, size_t bytes, ptrdiff_t view)
{
    munmap(runs, bytes);
    if (view)
        munmap(runs + view, bytes);
}

/* Finishes the code that was written from t->at to `end`. */
static void written(struct translator *t, u8 *end)
{
    /* for hosts without a coherent instruction cache */
    __builtin___clear_cache((char *)t->at, (char *)end);
    t->at = end;
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
    struct code c = {
        .at = t->base, .end = t->base + CODE_BYTES, .view = t->view};

    t->timed = e->timed;
    t->at = t->base;
    stubs_make(&c, &t->stubs, t->timed);
    written(t, c.at);
    name(t, t->base, "stubs", 0);
    for (unsigned i = 0; i < 3; i++)
        dead[i]->code = t->stubs.interpreted;
}

bool engine_translates(void)
{
    ptrdiff_t view;
    u8 *p = map_code(CODE_BYTES, &view); /* as much as a translator needs */
    if (p)
        unmap_code(p, CODE_BYTES, view);
    return p;
}

struct translator *translator_new(struct engine *e, u8 heat, FILE *names)
{
    struct translator *t = xcalloc(1, sizeof(*t));

    t->names = names;
    t->base = map_code(CODE_BYTES, &t->view);
    if (!t->base) {
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
    unmap_code(t->base, CODE_BYTES, t->view);
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
    d->c = (struct code){
        .at = t->at, .end = t->base + CODE_BYTES, .view = t->view};
    d->s = &t->stubs;
    d->e = e;
    d->timed = t->timed;
    d->transfers_in_c = e->misaligned;
    draft_block(d, b);
    assert(!d->c.full);
    b->code = t->at;
    b->body = d->body;
    written(t, d->c.at);
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
        e->arena_used = e->arena_bytes; /* making a block then flushes all */
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
