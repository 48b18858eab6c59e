/* SPDX-License-Identifier: MIT */
#include "tools/vmsim/quiz.h"

#include <errno.h>
#include <stdlib.h>

#define REFERENCES 20
#define PAGES      7
#define LABEL      9  /* columns of a row's label */
#define WIDTH      79 /* of a line */

FILE *quiz_string(u64 seed)
{
    static char text[2 * REFERENCES];             /* lines of one digit */
    u64 rng = seed * 2 + 1, page = PAGES, before; /* rng is never 0 */
    for (int i = 0; i < 8; i++)
        rand_step(&rng); /* small seeds draw similar numbers first */
    for (int i = 0; i < REFERENCES; i++) {
        before = page;
        do
            page = (rand_step(&rng) >> 32) % PAGES;
        while (page == before);
        text[2 * i] = (char)('0' + page);
        text[2 * i + 1] = '\n';
    }
    FILE *f = fmemopen(text, sizeof text, "r");
    if (!f)
        die("--quiz", "%s", strerror(errno));
    return f;
}

void quiz_print_string(const struct string *s, const struct numbering *pages)
{
    for (u64 i = 0; i < s->n; i++)
        printf("%s%llu", i ? " " : "", pages->page[s->id[i] & ~STRING_WRITE]);
    printf("\n");
}

/* Which page each frame holds after each reference. */
struct table {
    u32 frames;
    u64 n;
    u64 *held; /* page + 1 by [reference * frames + frame]; 0: nothing */
    bool *fault;
};

/* Notes a decision: a new page takes the first victim's frame or a free one. */
static void note(void *opaque, const struct decision *d)
{
    struct table *t = opaque;
    u64 *now = &t->held[d->time * t->frames];
    u32 to = t->frames;
    if (d->time)
        memcpy(now, now - t->frames, t->frames * sizeof *now);
    for (unsigned i = 0; i < d->nvictims; i++)
        for (u32 f = 0; f < t->frames; f++)
            if (now[f] == d->victim[i].page + 1) {
                now[f] = 0;
                to = i ? to : f;
            }
    for (u32 f = 0; f < t->frames && to == t->frames; f++)
        to = now[f] ? to : f;
    t->fault[d->time] = !d->hit;
    if (!d->hit && to < t->frames)
        now[to] = d->page + 1;
}

static void print_block(const struct table *t, const struct string *s,
                        const struct numbering *pages, u64 from, u64 to,
                        int width, bool filled)
{
    printf("%-*s", LABEL, "page");
    for (u64 i = from; i < to; i++)
        printf("%*llu", width, pages->page[s->id[i] & ~STRING_WRITE]);
    for (u32 f = 0; f < t->frames; f++) {
        printf("\nframe %-*u", LABEL - 6, f + 1);
        for (u64 i = from; i < to; i++) {
            u64 page = t->held[i * t->frames + f];
            if (filled && page)
                printf("%*llu", width, page - 1);
            else
                printf("%*s", width, filled ? "" : ".");
        }
    }
    printf("\n%-*s", LABEL, "fault");
    for (u64 i = from; i < to; i++)
        printf("%*s", width, !filled ? "." : t->fault[i] ? "F" : "");
    printf("\n");
}

void quiz_table(struct simulation *sim, const struct string *s,
                const struct numbering *pages, bool filled)
{
    int width = 2;
    struct table t = {.frames = sim->frames,
                      .n = s->n,
                      .held = xcalloc(s->n * sim->frames, sizeof(u64)),
                      .fault = xcalloc(s->n, sizeof(bool))};
    for (u32 i = 0; i < pages->count; i++) {
        int n = snprintf(NULL, 0, " %llu", pages->page[i]);
        width = n > width ? n : width;
    }
    if (filled) {
        sim->watch = note;
        // cppcheck-suppress autoVariables
        sim->opaque = &t;
        simulation_string(sim, s, pages);
    }
    printf("\n%s, %u frame%s", sim->name, sim->frames,
           sim->frames == 1 ? "" : "s");
    if (filled)
        printf(": %llu faults, %llu hits", sim->counts.faults,
               sim->counts.hits);
    printf("\n");
    u64 columns = (u64)((WIDTH - LABEL) / width);
    for (u64 i = 0; i < s->n; i += columns)
        print_block(&t, s, pages, i, i + columns < s->n ? i + columns : s->n,
                    width, filled);
    free_all(t.held, t.fault);
}
