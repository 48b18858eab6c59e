/* SPDX-License-Identifier: MIT */
/* Merges the mappings of a process into at most INS_AREAS areas and lays these
 * out on a strip of cells. */
#include "inspect/display/update.h"

#include <stdio.h>

#define USER_END (1ull << 38) /* Sv39's lower half */

/* ---- sorts -------------------------------------------------------------- */

static const char *last_part(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* The program's file is mapped at the lowest address; bss follows it. */
static u8 sort_of(const struct ins_vma *v, u64 program,
                  const struct ins_area *before)
{
    bool file = v->flags & VMA_FILE && v->inode;
    if (v->flags & VMA_STACK)
        return AREA_STACK;
    if (v->flags & VMA_HEAP)
        return AREA_HEAP;
    if (file && v->inode == program && !(v->flags & VMA_SHARED))
        return v->flags & VMA_W ? AREA_DATA : AREA_TEXT;
    if (file)
        return strstr(last_part(v->name), ".so") ? AREA_LIB : AREA_MAP;
    bool bss = before && before->sort <= AREA_DATA &&
               before->start + (before->pages << PAGE_SHIFT) == v->start;
    return bss ? AREA_DATA : AREA_MAP;
}

static u64 program_inode(const struct ins_vma *v, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        if (v[i].flags & VMA_FILE && v[i].inode)
            return v[i].inode;
    return 0;
}

/* ---- areas -------------------------------------------------------------- */

static u64 end_of(const struct ins_area *a)
{
    return a->start + (a->pages << PAGE_SHIFT);
}

/* True if b begins at a's end, with a's sort and, after AREA_HEAP, a's file. */
static bool continues_area(const struct ins_area *a, const struct ins_area *b)
{
    bool same = a->sort == b->sort;
    return same && end_of(a) == b->start &&
           (a->inode == b->inode || a->sort <= AREA_HEAP);
}

/* Merges b, and the gap between them, into a. */
static void merge_areas(struct ins_area *a, const struct ins_area *b)
{
    if (b->pages > a->pages) {
        a->sort = b->sort;
        a->inode = b->inode;
        memcpy(a->name, b->name, sizeof a->name);
    }
    a->pages = (end_of(b) - a->start) >> PAGE_SHIFT;
}

/* Merges the two neighbours that span the fewest bytes. */
static void merge_nearest(struct ins_space *s)
{
    unsigned best = 0;
    u64 least = ~0ull;
    for (unsigned i = 0; i + 1 < s->nareas; i++) {
        u64 span = end_of(&s->area[i + 1]) - s->area[i].start;
        if (span < least) {
            least = span;
            best = i;
        }
    }
    merge_areas(&s->area[best], &s->area[best + 1]);
    s->nareas--;
    memmove(&s->area[best + 1], &s->area[best + 2],
            (s->nareas - best - 1) * sizeof s->area[0]);
}

static void add_mapping(struct ins_space *s, const struct ins_vma *v,
                        u64 program)
{
    struct ins_area *before = s->nareas ? &s->area[s->nareas - 1] : NULL;
    struct ins_area a = {.start = v->start,
                         .pages = (v->end - v->start) >> PAGE_SHIFT,
                         .inode = v->flags & VMA_FILE ? v->inode : 0};
    if (v->end <= v->start || v->end > USER_END || v->start % PAGE_BYTES ||
        (before && v->start < end_of(before)))
        return; /* a sound kernel makes no such mapping */
    a.sort = sort_of(v, program, before);
    snprintf(a.name, sizeof a.name, "%.23s", last_part(v->name));
    s->pages += a.pages;
    if (before && continues_area(before, &a)) {
        before->pages += a.pages;
        return;
    }
    if (s->nareas == INS_AREAS)
        merge_nearest(s);
    s->area[s->nareas++] = a;
}

static u64 cells_of(const struct ins_space *s)
{
    u64 n = 0;
    for (unsigned i = 0; i < s->nareas; i++)
        n += (s->area[i].pages + s->pages_a_cell - 1) / s->pages_a_cell;
    return n;
}

/* A cell stands for 2^n pages, so that a growing strip keeps its
 * scale until the strip has doubled. */
void ins_areas(struct ins_space *s, const struct ins_vma *v, unsigned n)
{
    u64 program = program_inode(v, n), at = 0;
    for (unsigned i = 0; i < n; i++)
        add_mapping(s, &v[i], program);
    s->pages_a_cell = 1;
    while (cells_of(s) > INS_STRIP)
        s->pages_a_cell *= 2;
    for (unsigned i = 0; i < s->nareas; i++) {
        struct ins_area *a = &s->area[i];
        a->first = (u16)at;
        a->cells = (u16)((a->pages + s->pages_a_cell - 1) / s->pages_a_cell);
        at += a->cells;
    }
    s->ncells = (u16)at;
}
