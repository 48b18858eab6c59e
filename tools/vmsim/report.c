/* SPDX-License-Identifier: MIT */
#include "tools/vmsim/report.h"

#include <stdio.h>

static double ratio(u64 part, u64 all)
{
    return all ? (double)part / (double)all : 0;
}

void report_heading(bool json, bool dirty)
{
    if (!json)
        printf("%-16s %8s %12s %12s %12s %7s%s\n", "policy", "frames",
               "references", "hits", "faults", "ratio",
               dirty ? "   dirty" : "");
}

/* dirty: evictions of dirty pages; NULL: they were not counted. */
static void counts_line(const char *policy, u64 frames, u64 references,
                        u64 faults, const u64 *dirty, bool json)
{
    printf(json ? "{\"policy\": \"%s\", \"frames\": %llu, "
                  "\"references\": %llu, \"hits\": %llu, "
                  "\"faults\": %llu, \"miss_ratio\": %.6f"
                : "%-16s %8llu %12llu %12llu %12llu %7.4f",
           policy, frames, references, references - faults, faults,
           ratio(faults, references));
    if (dirty)
        printf(json ? ", \"dirty_evictions\": %llu" : " %7llu", *dirty);
    printf(json ? "}\n" : "\n");
}

void report_counts(const struct simulation *s, bool json)
{
    counts_line(s->name, s->frames, s->counts.references, s->counts.faults,
                &s->counts.dirty_evictions, json);
}

/* ---- decisions ---- */

static void decision_as_json(const struct decision *d)
{
    printf("{\"policy\": \"%s\", \"frames\": %u, \"reference\": %llu"
           ", \"page\": %llu, \"write\": %s, \"hit\": %s, "
           "\"victims\": [",
           d->policy, d->frames, d->time, d->page, d->write ? "true" : "false",
           d->hit ? "true" : "false");
    for (unsigned i = 0; i < d->nvictims; i++)
        printf("%s{\"page\": %llu, \"dirty\": %s}", i ? ", " : "",
               d->victim[i].page, d->victim[i].dirty ? "true" : "false");
    printf("]");
    if (d->nvictims && d->why)
        printf(", \"why\": \"%s\"", d->why);
    printf("}\n");
}

void report_decision(void *opaque, const struct decision *d)
{
    if (opaque) {
        decision_as_json(d);
        return;
    }
    printf("%s %u: %llu: page %llu%s: %s", d->policy, d->frames, d->time,
           d->page, d->write ? " w" : "", d->hit ? "hit" : "fault");
    if (!d->hit && !d->nvictims)
        printf(", a free frame");
    for (unsigned i = 0; i < d->nvictims; i++)
        printf(", %llu%s leaves", d->victim[i].page,
               d->victim[i].dirty ? " (dirty)" : "");
    if (d->nvictims && d->why)
        printf(": %s", d->why);
    printf("\n");
}

/* ---- curves ---- */

void report_mrc(const char *policy, const struct mrc *m, const u64 *frames,
                unsigned n, bool json)
{
    for (u64 i = 0; i < (n ? n : m->depths); i++) {
        u64 f = n ? frames[i] : i + 1, faults = mrc_faults(m, f);
        if (n || f == 1 || faults != mrc_faults(m, f - 1))
            counts_line(policy, f, m->references, faults, NULL, json);
    }
}

void report_working_set_heading(bool json)
{
    if (!json)
        printf("%10s %8s %12s %12s %12s\n", "T", "m(T)", "s(T)", "bits",
               "damon");
}

/* pages: the mean in a window of T references; 0: the trace has fewer. */
static void size_cell(const char *name, double pages, bool json)
{
    if (json && pages > 0)
        printf(", \"%s\": %.4f", name, pages);
    else if (json)
        printf(", \"%s\": null", name);
    else if (pages > 0)
        printf(" %12.2f", pages);
    else
        printf(" %12s", "-");
}

void report_working_set(const struct working_set *w, struct sampled s,
                        bool json)
{
    printf(json ? "{\"t\": %llu, \"missing\": %.6f" : "%10llu %8.4f", w->t,
           w->missing);
    size_cell("size", w->size, json);
    size_cell("bits", s.bits, json);
    size_cell("damon", s.damon, json);
    printf(json ? "}\n" : "\n");
}
