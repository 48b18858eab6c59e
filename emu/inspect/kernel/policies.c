/* SPDX-License-Identifier: MIT */
/* Lists the policies that a kernel image has, with a line about each. */
#include "base/word.h"
#include "inspect/policy.h"

#include "boot/tables.h"

#include <stdio.h>
#include <stdlib.h>

void inspect_policies(const struct machine *m,
                      bool (*fn)(void *, const char *name, const char *line),
                      void *opaque)
{
    if (!m->config || !m->config->kernel)
        return;
    struct boot_table t = boot_policies(m->config->kernel);
    const struct lens_policy *rows = t.rows;
    for (u64 i = 0; i < t.n && fn(opaque, rows[i].name, rows[i].line); i++)
        ;
    free(t.rows);
}

struct policy_search {
    const char *name;
    char *buf;
    size_t n;
    bool found;
};

static bool is_policy(void *opaque, const char *name, const char *line)
{
    struct policy_search *s = opaque;
    s->found = word_same(name, s->name);
    if (s->found)
        snprintf(s->buf, s->n, "%s", line);
    return !s->found;
}

bool inspect_policy_line(const struct machine *m, const char *name, char *buf,
                         size_t n)
{
    struct policy_search s = {.name = name, .buf = buf, .n = n};
    inspect_policies(m, is_policy, &s);
    return s.found;
}

bool inspect_tunable_number(const char *text, s64 *value)
{
    return boot_tunable_number(text, value);
}
