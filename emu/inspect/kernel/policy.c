/* SPDX-License-Identifier: MIT */
/* Reads the VM policy from the lens or from an unmodified kernel's structures:
 * name, clock hands' positions, thresholds, use of swap. */
#include "inspect/internal.h"
#include "inspect/policy.h"

#include <stdio.h>

static void read_hands(struct machine *m, const struct lens_info *info,
                       u32 out[2])
{
    u64 at[2];
    if (!info->hands_pa || !machine_peek(m, info->hands_pa, at, sizeof at))
        return;
    for (unsigned i = 0; i < 2; i++)
        if (at[i] < ins_nframes(m))
            out[i] = (u32)at[i];
}

static void read_gauges(struct machine *m, const struct lens_info *info,
                        struct ins_policy *out)
{
    for (unsigned i = 0; i < LENS_GAUGES && info->gauges[i].name[0]; i++) {
        struct ins_gauge *g = &out->gauge[out->ngauges];
        if (!machine_peek(m, info->gauges[i].value_pa, &g->value, 8))
            continue;
        snprintf(g->name, sizeof g->name, "%.15s", info->gauges[i].name);
        out->ngauges++;
    }
}

/* Returns a gauge's unit, which the lens lacks: frames, except in others[]. */
const char *inspect_gauge_unit(const char *name)
{
    static const struct {
        const char *name, *unit;
    } others[] = {{"priority", "steps of 12"}, {"prev_priority", "steps of 12"},
                  {"unreclaimable", "zones"},  {"swap_tendency", "percent"},
                  {"anon_cost", "points"},     {"file_cost", "points"},
                  {"slowscan", "frames/s"},    {"fastscan", "frames/s"},
                  {"swapped", "processes"},    {"messages", "messages"}};
    for (unsigned i = 0; i < ARRAY_LEN(others); i++)
        if (!strcmp(name, others[i].name))
            return others[i].unit;
    return "frames";
}

static void add_gauge(struct ins_policy *out, const char *name, u64 value)
{
    struct ins_gauge *g = &out->gauge[out->ngauges++];
    snprintf(g->name, sizeof g->name, "%s", name);
    g->value = value;
}

/* Gives an unmodified kernel's policy. Linux's thresholds sum over zones. */
static bool unmodified_policy(struct machine *m, struct ins_policy *out)
{
    struct linux_kernel *k = ins_linux(m);
    struct linux_level l;
    if (ins_xv6(m)) { /* no reclaim */
        snprintf(out->name, sizeof out->name, "xv6");
        out->notions = 1ull << NOTION_ANY;
        return true;
    }
    if (!k)
        return false;
    snprintf(out->name, sizeof out->name, "Linux %.9s", linux_release(k));
    out->notions =
        1ull << NOTION_ANY | 1ull << NOTION_SCANNER | 1ull << NOTION_LISTS;
    if (linux_levels(k, &l)) {
        add_gauge(out, "min", l.min);
        add_gauge(out, "low", l.low);
        add_gauge(out, "high", l.high);
    }
    out->swap = linux_swap(k, &out->swap_total, &out->swap_used);
    return true;
}

bool inspect_policy(struct machine *m, struct ins_policy *out)
{
    const struct lens_view *v = ins_lens(m);
    *out = (struct ins_policy){.hand = {LENS_NO_PFN, LENS_NO_PFN}};
    if (!v)
        return unmodified_policy(m, out);
    snprintf(out->name, sizeof out->name, "%.15s", v->info->policy);
    out->notions = v->info->notions;
    read_hands(m, v->info, out->hand);
    read_gauges(m, v->info, out);
    inspect_gauge(out, "kept", &out->kept);
    out->swap = v->info->swap_total_pa && v->info->swap_used_pa &&
                machine_peek(m, v->info->swap_total_pa, &out->swap_total, 8) &&
                machine_peek(m, v->info->swap_used_pa, &out->swap_used, 8);
    return true;
}
