/* SPDX-License-Identifier: MIT */
/* Shared by the policies: lists of pages, random draws, growing arrays. */
#include "tools/vmsim/textbook/textbook.h"

#define POLICY(id, name, line)                                                 \
    extern const struct textbook_policy textbook_##id;
#include "tools/vmsim/textbook/policies.def"
#undef POLICY

static const struct textbook_policy *const policies[] = {
#define POLICY(id, name, line) &textbook_##id,
#include "tools/vmsim/textbook/policies.def"
#undef POLICY
    NULL};

const struct textbook_policy *textbook_find(const char *name)
{
    for (unsigned i = 0; policies[i]; i++)
        if (!strcmp(policies[i]->name, name))
            return policies[i];
    return NULL;
}

/* Puts the page between two neighbours, either of which may be NONE. */
static void put_between(struct memory *m, unsigned list, u32 before, u32 page,
                        u32 after)
{
    struct list *l = &m->list[list];
    assert(!m->page[page].list);
    m->page[page].list = (u8)list;
    m->page[page].prev = before;
    m->page[page].next = after;
    *(before == NONE ? &l->head : &m->page[before].next) = page;
    *(after == NONE ? &l->tail : &m->page[after].prev) = page;
    l->count++;
}

void list_push_head(struct memory *m, unsigned list, u32 page)
{
    put_between(m, list, NONE, page, m->list[list].head);
}

void list_push_tail(struct memory *m, unsigned list, u32 page)
{
    put_between(m, list, m->list[list].tail, page, NONE);
}

void list_insert_before(struct memory *m, u32 neighbour, u32 page)
{
    struct page *n = &m->page[neighbour];
    put_between(m, n->list, n->prev, page, neighbour);
}

void list_remove(struct memory *m, u32 page)
{
    struct page *p = &m->page[page];
    struct list *l = &m->list[p->list];
    *(p->prev == NONE ? &l->head : &m->page[p->prev].next) = p->next;
    *(p->next == NONE ? &l->tail : &m->page[p->next].prev) = p->prev;
    l->count--;
    p->list = 0;
}

u32 list_pop_head(struct memory *m, unsigned list)
{
    u32 page = m->list[list].head;
    list_remove(m, page);
    return page;
}

u32 list_pop_tail(struct memory *m, unsigned list)
{
    u32 page = m->list[list].tail;
    list_remove(m, page);
    return page;
}

u32 memory_draw(struct memory *m, u32 n)
{
    return (u32)((rand_step(&m->rng) >> 32) * n >> 32);
}

void *grow_array(void *array, size_t entry, u32 old, u32 pages)
{
    char *grown = xrealloc(array, pages * entry);
    memset(grown + old * entry, 0, (pages - old) * entry);
    return grown;
}
