/* SPDX-License-Identifier: MIT */
/* Gives the present value of a source's first term (outputs.def), if the
 * kernel's tables have it: counters, levels of the policy, levels of swap. */
#include "inspect/internal.h"
#include "inspect/numbers.h"
#include "inspect/policy.h"
#include "inspect/words.h"

static bool same_name(const char *p, size_t n, const char *name)
{
    return strlen(name) == n && !memcmp(p, name, n);
}

static enum ins_known counter_value(struct machine *m,
                                    const struct ins_policy *p, unsigned i,
                                    s64 *value)
{
    u64 v;
    if (!(p->notions >> ins_counters[i].notion & 1))
        return INS_ABSENT;
    if (!ins_kernel_counter(m, i, &v))
        return INS_UNKNOWN;
    *value = (s64)v;
    return INS_HERE;
}

static enum ins_known level_value(const struct ins_policy *p,
                                  const struct ins_gauge_word *g, s64 *value)
{
    u64 v;
    if (!(p->notions >> g->notion & 1))
        return INS_ABSENT;
    if (inspect_gauge(p, g->name, &v))
        *value = (s64)v;
    else if (!strcmp(g->name, "swap_used") && p->swap)
        *value = (s64)p->swap_used;
    else if (!strcmp(g->name, "swap_free") && p->swap)
        *value = (s64)(p->swap_total - p->swap_used);
    else if (g == &ins_gauges[G_DEFICIT] || g == &ins_gauges[G_AGED] ||
             g == &ins_gauges[G_PENDING] || g == &ins_gauges[G_PROCS_SWAPPED])
        return INS_ABSENT; /* this policy shows no such level */
    else
        return INS_UNKNOWN;
    return INS_HERE;
}

enum ins_known inspect_number(struct machine *m, const char *name, size_t n,
                              s64 *value)
{
    struct ins_policy p;
    if (!inspect_policy(m, &p))
        return INS_UNKNOWN;
    for (unsigned i = 0; i < C_COUNT; i++)
        if (same_name(name, n, ins_counters[i].name))
            return counter_value(m, &p, i, value);
    for (unsigned i = 0; i < G_COUNT; i++)
        if (same_name(name, n, ins_gauges[i].name))
            return level_value(&p, &ins_gauges[i], value);
    return INS_UNKNOWN;
}

enum ins_known inspect_source(struct machine *m, const char *source, s64 *value)
{
    enum ins_known known = INS_ABSENT;
    *value = 0;
    for (const char *p = source; *p && *p != ' ';) {
        bool minus = *p == '-';
        p += *p == '+' || *p == '-';
        size_t n = strcspn(p, "+- ");
        s64 v = 0;
        switch (inspect_number(m, p, n, &v)) {
        case INS_UNKNOWN:
            return INS_UNKNOWN;
        case INS_HERE:
            known = INS_HERE;
            *value += minus ? -v : v;
            break;
        case INS_ABSENT:
            break;
        }
        p += n;
    }
    return known;
}
