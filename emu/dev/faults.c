/* SPDX-License-Identifier: MIT */
#include "dev/faults.h"

#include <errno.h>
#include <stdlib.h>

/* FIRST[-LAST], decimal; *p moves beyond it. */
static bool range(const char **p, u64 *first, u64 *last)
{
    char *end;
    errno = 0;
    if (**p < '0' || **p > '9')
        return false;
    *first = *last = strtoull(*p, &end, 10);
    if (*end == '-') {
        if (end[1] < '0' || end[1] > '9')
            return false;
        *last = strtoull(end + 1, &end, 10);
    }
    *p = end;
    return !errno && *first <= *last;
}

bool fault_parse(const char *text, struct disk_fault *f)
{
    static const char *const ops[] = {[FAULT_READ] = "read",
                                      [FAULT_WRITE] = "write",
                                      [FAULT_FLUSH] = "flush"};
    const char *p = text;
    *f = (struct disk_fault){.last = ~0ull, .from = 1, .to = ~0ull};
    for (f->op = 0; f->op < ARRAY_LEN(ops); f->op++)
        if (!strncmp(text, ops[f->op], strlen(ops[f->op])))
            break;
    if (f->op == ARRAY_LEN(ops))
        return false;
    p += strlen(ops[f->op]);
    if (*p == ':' && f->op != FAULT_FLUSH &&
        (p++, !range(&p, &f->first, &f->last)))
        return false;
    if (*p == '#' && (p++, !range(&p, &f->from, &f->to) || !f->from))
        return false;
    return !*p;
}

bool faults_strike(struct disk_faults *f, enum fault_op op, u64 sector,
                   u64 sectors)
{
    bool fails = false;
    for (unsigned i = 0; i < f->n; i++) {
        const struct disk_fault *r = &f->rule[i];
        bool touches =
            sectors && sector <= r->last && r->first < sector + sectors;
        if (r->op != op || (op != FAULT_FLUSH && !touches))
            continue;
        u64 number = ++f->matched[i];
        fails |= number >= r->from && number <= r->to;
    }
    f->failed += fails;
    return fails;
}

void faults_state(struct disk_faults *f, struct state *s)
{
    state_tag(s, "disk faults");
    state_val(s, f->failed);
    for (unsigned i = 0; i < f->n; i++)
        state_val(s, f->matched[i]);
}
