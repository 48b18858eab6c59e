/* SPDX-License-Identifier: MIT */
/* Keeps a task's supplementary groups: a sorted list, which the tasks that
 * inherited it share and none changes. */
#include "task/groups.h"

#include "task/proc.h"
#include "vm/page.h"

struct groups *groups_new(u32 n)
{
    struct groups *g = kmalloc(sizeof *g + n * sizeof *g->id);

    if (g) {
        g->refs = 1;
        g->n = n;
    }
    return g;
}

struct groups *groups_get(struct groups *g)
{
    if (g)
        g->refs++;
    return g;
}

void groups_put(struct groups *g)
{
    if (g && --g->refs == 0)
        kfree(g);
}

/* Moves id[at] down to its place in a heap of n numbers, the largest on top. */
static void sift(u32 *id, u32 at, u32 n)
{
    for (u32 child; (child = 2 * at + 1) < n; at = child) {
        if (child + 1 < n && id[child + 1] > id[child])
            child++;
        if (id[at] >= id[child])
            return;
        u32 less = id[at];
        id[at] = id[child];
        id[child] = less;
    }
}

void groups_sort(struct groups *g)
{
    for (u32 i = g->n / 2; i-- > 0;)
        sift(g->id, i, g->n);
    for (u32 n = g->n; n > 1; n--) {
        u32 largest = g->id[0];
        g->id[0] = g->id[n - 1];
        g->id[n - 1] = largest;
        sift(g->id, 0, n - 1);
        if (n % 1024 == 0)
            cond_resched(); /* nobody else has the list yet */
    }
}

bool groups_have(const struct groups *g, u32 gid)
{
    u32 low = 0, high = g ? g->n : 0;

    while (low < high) {
        u32 mid = (low + high) / 2;
        if (g->id[mid] == gid)
            return true;
        if (g->id[mid] < gid)
            low = mid + 1;
        else
            high = mid;
    }
    return false;
}
