/* SPDX-License-Identifier: MIT */
/* Draws the topmost row of the time axis: frames by the sort of their pages, as
 * areas one above the other. */
#include "panel/time/time_axis.h"

const struct stack_part stack_parts[STACKS] = {
    {"of the kernel", FS_KCODE},
    {"of files", FS_FILE_CLEAN},
    {"shared memory", FS_SHMEM},
    {"anonymous", FS_ANON},
    {"shared until written", FS_COW},
    {"in the swap cache", FS_SWAPCACHE},
    {"free", FS_FREE},
};
static const u8 stack_index[FS_COUNT] = {
    [FS_KCODE] = 0,      [FS_KDATA] = 0, [FS_PGTABLE] = 0, [FS_FILE_CLEAN] = 1,
    [FS_FILE_DIRTY] = 1, [FS_SHMEM] = 2, [FS_ANON] = 3,    [FS_COW] = 4,
    [FS_SWAPCACHE] = 5,  [FS_FREE] = 6,  [FS_ZEROED] = 6,
};

void stack_of(const struct ins_sample *s, u64 frames[STACKS])
{
    memset(frames, 0, STACKS * sizeof *frames);
    for (unsigned k = 0; k < FS_COUNT; k++)
        frames[stack_index[k]] += s->histogram[k];
}

/* Returns an area's colour: that of frames not used lately, which is calm; for
 * the kernel's area, the colour of frames used lately. */
static u32 stack_colour(const struct draw *g, unsigned i)
{
    u8 kind = stack_parts[i].kind;
    return g->t->kind[kind][kind == FS_KCODE];
}

/* Gives the y's of the areas' edges, from the bottom up. */
static void stack_edges(const struct draw *g, const struct ins_sample *s,
                        struct rect r, int edge[STACKS + 1])
{
    u64 frames[STACKS], sum = 0, all = g->d->nframes ? g->d->nframes : 1;
    stack_of(s, frames);
    edge[0] = r.y + r.h;
    for (unsigned i = 0; i < STACKS; i++) {
        sum += frames[i];
        u64 part = sum < all ? sum : all;
        edge[i + 1] = r.y + r.h - (int)(part * (u64)r.h / all);
    }
}

/* Writes an area's name once, at the first place where the area is high enough
 * for the whole name. edge: the edges at columns `step` apart. */
static void stack_name(struct draw *g, struct rect r, unsigned i,
                       int (*edge)[STACKS + 1], int step)
{
    const char *word = stack_parts[i].word;
    int high = g->sans->height, wide = font_width(g->sans, word) + g->pad;
    int from = 0, top = r.y, bottom = r.y + r.h;
    for (int k = 0; k * step < r.w; k++) {
        top = top > edge[k][i + 1] ? top : edge[k][i + 1];
        bottom = bottom < edge[k][i] ? bottom : edge[k][i];
        if (bottom - top < high) { /* the name may begin at k, or after k */
            from = k;
            top = edge[k][i + 1];
            bottom = edge[k][i];
            if (bottom - top < high) {
                from = k + 1;
                top = r.y;
                bottom = r.y + r.h;
            }
        }
        if ((k - from) * step < wide + g->pad)
            continue;
        u32 ink = stack_parts[i].kind == FS_FREE
                      ? g->t->dim
                      : colour_strong(stack_colour(g, i));
        put_as(g, g->sans, r.x + from * step + g->pad,
               (top + bottom) / 2 - g->lh / 2, ink, word);
        return;
    }
}

static void stack_names(struct draw *g, const struct axis *a, struct rect r)
{
    enum { PLACES = 512 };
    int edge[PLACES + 1][STACKS + 1], step = r.w / PLACES + 1;
    step = step < g->pad ? g->pad : step;
    for (int k = 0; k * step < r.w; k++) {
        unsigned at = axis_sample(a, axis_cycle(a, r.x + k * step));
        at = at == AXIS_SAMPLES ? 0 : at;
        stack_edges(g, a->s[at], r, edge[k]);
    }
    for (unsigned i = 0; i < STACKS; i++)
        stack_name(g, r, i, edge, step);
}

void draw_stack(struct draw *g, struct axis *a, struct rect r)
{
    int edge[STACKS + 1];
    for (unsigned i = 0; i < a->n; i++) {
        int x, end;
        if (!axis_columns(a, i, r, &x, &end))
            continue;
        end = i + 1 == a->n ? r.x + r.w : end;
        if (end <= x)
            continue;
        stack_edges(g, a->s[i], r, edge);
        for (unsigned k = 0; k < STACKS; k++)
            if (edge[k] > edge[k + 1])
                fill(g, x, edge[k + 1], end - x, edge[k] - edge[k + 1],
                     stack_colour(g, k));
    }
    stack_names(g, a, r);
    static const char about[] =
        "what the frames held over time, from below: the kernel, pages of "
        "files, shared memory, anonymous, shared until written, in the swap "
        "cache; free on top";
    struct rect at = row_name(g, a, r, g->t->ink, "frames");
    add_word(g, at, "frames", about);
    add_events(g, r, EVENTS_MEMORY, "frames", about, axis_span(a));
}
