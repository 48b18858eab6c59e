/* SPDX-License-Identifier: MIT */
#include "dev/faults.h"

#include <errno.h>
#include <stdlib.h>

/* Reads the digits at *p, and moves *p past them. */
static bool decimal(const char **p, u64 *n)
{
    char *end;
    if (**p < '0' || **p > '9') /* strtoull would take spaces and signs, too */
        return false;
    errno = 0;
    *n = strtoull(*p, &end, 10);
    *p = end;
    return !errno;
}

bool range_parse(const char **p, u64 *first, u64 *last)
{
    if (!decimal(p, first))
        return false;
    *last = *first;
    return **p != '-' || (++*p, decimal(p, last) && *first <= *last);
}

/* Reads the range after the mark at *p. Without the mark, changes nothing and
 * returns true. */
static bool range(const char **p, char mark, u64 *first, u64 *last)
{
    return **p != mark || (++*p, range_parse(p, first, last));
}

bool fault_parse(const char *text, struct disk_fault *f)
{
    static const char *const ops[] = {[FAULT_READ] = "read",
                                      [FAULT_WRITE] = "write",
                                      [FAULT_FLUSH] = "flush"};
    *f = (struct disk_fault){.last = ~0ull, .from = 1, .to = ~0ull};
    for (; f->op < ARRAY_LEN(ops); f->op++) {
        const char *p = text + strlen(ops[f->op]);
        if (!strncmp(text, ops[f->op], strlen(ops[f->op])))
            return (f->op == FAULT_FLUSH ||
                    range(&p, ':', &f->first, &f->last)) &&
                   range(&p, '#', &f->from, &f->to) && f->from && !*p;
    }
    return false;
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
