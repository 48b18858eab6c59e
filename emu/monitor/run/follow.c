/* SPDX-License-Identifier: MIT */
/* Finds the addresses of breakpoints in libraries and other
 * position-independent programs. The kernel maps such a program at any free
 * address. Before a process executes the program's code it takes a page fault,
 * by which the address becomes known. A breakpoint keeps earlier addresses
 * while stopper.at has room, because another process may have the program
 * elsewhere, and because going back in time needs them. */
#include "inspect/symbols.h"
#include "monitor/run/run.h"

static void add_places(struct stopper *b, u64 bias)
{
    if (b->nat + b->places > SOURCE_PLACES)
        b->nat = b->places; /* no room: forget other processes' places */
    for (unsigned k = 0; k < b->places && b->nat < SOURCE_PLACES; k++)
        b->at[b->nat++] = b->at[k] - b->bias + bias;
}

void stoppers_follow(struct session *s)
{
    bool added = false;
    u64 bias;

    for (unsigned i = 0; i < STOPPERS; i++) {
        struct stopper *b = &s->run.stoppers[i];
        if (!b->number || !b->moves ||
            !inspect_program_bias(s->sources, b->program, &bias) ||
            stopper_breaks_at(b, b->at[0] - b->bias + bias))
            continue;
        add_places(b, bias);
        added = true;
    }
    if (added)
        stoppers_arm(s);
}

bool stopper_in_program(struct session *s, const struct stopper *b)
{
    struct ins_code code;
    u64 pc = s->m->hart.pc;

    if (!b->program)
        return true;
    if (!inspect_code_at(s->sources, pc, &code) || !code.user ||
        code.source != b->program)
        return false;
    for (unsigned k = 0; k < b->places; k++)
        if (b->at[k] - b->bias == pc - code.bias)
            return true;
    return false; /* the break is here only in other processes */
}
