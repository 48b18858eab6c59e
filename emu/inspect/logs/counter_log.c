/* SPDX-License-Identifier: MIT */
/* Writes --counters: a row of CSV each period of simulated time, and one at the
 * end. A row has the cycle, levels (vm.free, vm.low ..., named as in
 * expressions; empty if the policy lacks the level) and every counter of the
 * kernel. Rows begin when the kernel's tables are known. If a row's cycle is
 * not later than that of the row before it, one of the verbs branch, branch
 * leave and load has taken the machine to that cycle. */
#include "base/whole.h"
#include "inspect/display.h"
#include "inspect/internal.h"
#include "inspect/logs.h"
#include "inspect/policy.h"
#include "inspect/words.h"
#include "history/history.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

struct ins_counter_log {
    struct machine *m;
    FILE *f;
    u64 rows, latest; /* latest: the last row's cycle */
};

static void write_header(FILE *f)
{
    char word[24];
    fputs("cycle,vm.free", f);
    for (unsigned i = 0; i < INS_LEVELS; i++)
        fprintf(f, ",vm.%s", ins_levels[i]);
    fputs(",vm.swap_used", f);
    for (unsigned i = 0; i < FS_COUNT; i++)
        if (i != FS_FREE)
            fprintf(f, ",vm.%s",
                    ins_key(ins_states[i].word, word, sizeof word));
    for (unsigned i = 0; i < C_COUNT; i++)
        fprintf(f, ",%s", ins_counters[i].name);
    fputc('\n', f);
}

static void write_field(FILE *f, bool known, u64 v)
{
    if (known)
        fprintf(f, ",%llu", v);
    else
        fputc(',', f);
}

static void write_row(void *opaque)
{
    struct ins_counter_log *l = opaque;
    struct ins_policy policy;
    struct ins_sample now;
    u64 level, cycle = machine_now(l->m);
    if (history_repeats(l->m->past) || (l->rows && cycle <= l->latest) ||
        !inspect_policy(l->m, &policy))
        return;
    l->rows++;
    l->latest = cycle;
    ins_sample_now(l->m, &policy, &now);
    fprintf(l->f, "%llu,%llu", cycle, now.free_frames);
    for (unsigned i = 0; i < INS_LEVELS; i++)
        write_field(l->f, inspect_gauge(&policy, ins_levels[i], &level),
                    now.level[i]);
    write_field(l->f, policy.swap, now.swap_used);
    for (unsigned i = 0; i < FS_COUNT; i++)
        if (i != FS_FREE)
            write_field(l->f, true, now.histogram[i]);
    for (unsigned i = 0; i < C_COUNT; i++)
        write_field(l->f, true, now.counters[i]);
    fputc('\n', l->f);
}

void inspect_counter_log_went(struct ins_counter_log *l)
{
    if (!l)
        return;
    l->rows = 0;
    write_row(l);
}

struct ins_counter_log *inspect_counter_log_open(struct machine *m,
                                                 const char *path, u64 every)
{
    struct ins_counter_log *l = xcalloc(1, sizeof *l);
    l->m = m;
    l->f = strcmp(path, "-") ? fopen(path, "w") : stdout;
    if (!l->f)
        die(path, "cannot be written: %s", strerror(errno));
    write_header(l->f);
    machine_on_clock(m, CLOCK_COUNTERS, every, write_row, l);
    return l;
}

bool inspect_counter_log_close(struct ins_counter_log *l)
{
    bool ok = true;
    if (!l)
        return true;
    write_row(l);
    machine_on_clock(l->m, CLOCK_COUNTERS, 0, NULL, NULL);
    if (l->f != stdout) { /* standard output is checked at exit */
        ok = stream_written(l->f);
        int error = errno;
        ok = !fclose(l->f) && ok;
        errno = ok ? 0 : error;
    }
    free(l);
    return ok;
}
