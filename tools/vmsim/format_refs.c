/* SPDX-License-Identifier: MIT */
/* Reads the format of `clockhand --refs` (guest/abi/refs.h). The touches of all
 * processes make one reference string; calls across vm/policy.h are skipped. */
#include "tools/vmsim/refs_read.h"
#include "tools/vmsim/trace.h"

static void read_refs(struct reader *r, struct batch *b)
{
    struct refs_record record;
    char why[160];
    int more = 1;
    if (!r->refs && !(r->refs = refs_open_stream(r->f, why, sizeof why)))
        die(r->name, "%s", why);
    while (!r->ended && b->n < BATCH && !b->renews &&
           (more = refs_next(r->refs, &record)) > 0) {
        u64 page = refs_number(record.process, record.page);
        if (record.type == REFS_TOUCH) {
            b->page[b->n] = page;
            b->write[b->n++] = record.kind == REFS_STORE;
        } else if (record.type == REFS_BORN) {
            b->renews = true;
            b->renewed = page;
        }
    }
    if (more < 0)
        die(r->name, "%s", refs_why(r->refs));
    r->ended |= more == 0;
}

static void close_refs(struct reader *r)
{
    refs_close(r->refs);
}

const struct trace_format format_refs = {"refs",
                                         "what clockhand --refs has written",
                                         refs_is, read_refs, close_refs};
