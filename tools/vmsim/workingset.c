/* SPDX-License-Identifier: MIT */
#include "tools/vmsim/workingset.h"

#include <stdlib.h>

/* Counts the windows of t references in which a page's last use is the one at
 * `now`; the page's next use is at `next`. Such a window ends at now..now+t-1,
 * before `next`, and at t or later, since it must be whole. */
static u64 windows_with(u64 t, u64 now, u64 next)
{
    u64 first = now > t ? now : t, end = now + t < next ? now + t : next;
    return end > first ? end - first : 0;
}

static void one_window(struct working_set *w, const struct string *s, u64 *last,
                       u32 pages)
{
    u64 missing = 0, sizes = 0;
    memset(last, 0, pages * sizeof *last);
    for (u64 now = 1; now <= s->n; now++) {
        u64 *before = &last[s->id[now - 1] & ~STRING_WRITE];
        missing += !*before || now - *before > w->t;
        sizes += *before ? windows_with(w->t, *before, now) : 0;
        *before = now;
    }
    for (u32 page = 0; page < pages; page++)
        sizes += windows_with(w->t, last[page], s->n + 1);
    w->missing = s->n ? (double)missing / (double)s->n : 0;
    w->size = s->n >= w->t ? (double)sizes / (double)(s->n - w->t + 1) : 0;
}

void working_set(struct working_set *w, unsigned n, const struct string *s,
                 u32 pages)
{
    u64 *last =
        xcalloc(pages, sizeof *last); /* by page: its last use, from 1 */
    for (unsigned i = 0; i < n; i++)
        one_window(&w[i], s, last, pages);
    free(last);
}
