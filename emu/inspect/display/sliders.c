/* SPDX-License-Identifier: MIT */
/* Tells which tunables a policy reads; the display lists these first. */
#include "inspect/policy.h"
#include "inspect/display/update.h"

#include <stdio.h>

/* Names the tunables, except UFS's, that a policy reads; a prefix with its dot
 * names all tunables that begin so. rooms.t requires a row for each policy. */
#define WATERMARKS "vm.min_free_kbytes vm.watermark_scale_factor "
static const struct {
    const char *policy, *reads;
} reads[] = {
    {"clock", WATERMARKS},
    {"twohand", WATERMARKS "clock.handspread "},
    {"fifo", WATERMARKS},
    {"lru", WATERMARKS},
    {"random", WATERMARKS},
    {"arc", WATERMARKS},
    {"linux26", "vm.min_free_kbytes vm.swappiness vm.lower_zone_protection "},
    {"linux612", WATERMARKS "vm.swappiness "},
    {"linux24", "linux24. vm.page-cluster "},
    {"linux240t", "linux24. vm.page-cluster "},
    {"kpaged", "linux24. vm.page-cluster "},
    {"sunos", "sunos. "},
    {"solaris8", "sunos. "},
    {"bsd43", "bsd43. "},
    {"mach97", "mach.default_pager mach.free_min mach.free_target "},
    {"gnumach99", "mach. "},
};

bool inspect_tunable_of(const char *policy, const char *name)
{
    const char *p = "";
    for (unsigned i = 0; i < ARRAY_LEN(reads); i++)
        if (!strcmp(policy, reads[i].policy))
            p = reads[i].reads;
    for (size_t n; (n = strcspn(p, " ")); p += n + 1)
        if (!strncmp(name, p, n) && (p[n - 1] == '.' || !name[n]))
            return true;
    return false;
}

/* Gives the gauge that a tunable sets: the one in other[], else the gauge whose
 * name follows the tunable's dot. */
bool inspect_tunable_sets(const struct ins_policy *p, const char *name,
                          const char **mark, u64 *now)
{
    static const struct {
        const char *tunable, *gauge;
    } other[] = {
        {"vm.min_free_kbytes", "min"},    {"mach.free_min", "low"},
        {"mach.free_target", "high"},     {"linux24.freepages_min", "min"},
        {"linux24.freepages_low", "low"}, {"linux24.freepages_high", "high"}};
    const char *dot = strrchr(name, '.'), *gauge = dot ? dot + 1 : name;
    for (unsigned i = 0; i < ARRAY_LEN(other); i++)
        if (!strcmp(name, other[i].tunable))
            gauge = other[i].gauge;
    *mark = gauge;
    return inspect_tunable_of(p->name, name) && inspect_gauge(p, gauge, now);
}

static void add_sliders(struct machine *m, struct ins_display *d, bool own)
{
    struct lens_tunable t;
    const char *mark;
    u64 pa = 0;
    machine_tunables(m, &pa);
    for (u64 i = 0; d->ntunables < INS_TUNABLES; i++) {
        if (!inspect_tunable_nth(m, i, &t))
            return;
        if (inspect_tunable_of(d->vm.name, t.name) != own)
            continue;
        struct ins_slider *s = &d->tunable[d->ntunables++];
        *s = (struct ins_slider){
            .value = t.value, .preset = t.preset, .min = t.min, .max = t.max};
        s->pa = pa + i * sizeof t + offsetof(struct lens_tunable, value);
        s->sets = inspect_tunable_sets(&d->vm, t.name, &mark, &s->now);
        snprintf(s->name, sizeof s->name, "%s", t.name);
        snprintf(s->unit, sizeof s->unit, "%s", t.unit);
    }
}

void ins_update_sliders(struct machine *m, struct ins_display *d)
{
    d->ntunables = 0;
    add_sliders(m, d, true);
    add_sliders(m, d, false);
}
