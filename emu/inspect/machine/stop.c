/* SPDX-License-Identifier: MIT */
/* Says why the machine stopped: the kernel's event, the hart's last trap. */
#include "inspect/events.h"
#include "inspect/internal.h"
#include "inspect/parts.h"
#include "inspect/process.h"
#include "inspect/profile.h"

bool inspect_lens_open(const struct machine *m)
{
    const struct lens_view *v = machine_lens(m);
    return v && v->open;
}

bool inspect_has_events(const struct machine *m)
{
    return inspect_lens_open(m) || inspect_probed(m);
}

struct ins_event inspect_met(const struct machine *m)
{
    struct lens_record r = machine_met(m);
    return inspect_event_of(&r);
}

struct ins_event inspect_caught(const struct machine *m)
{
    struct lens_record r = machine_caught(m);
    return inspect_event_of(&r);
}

struct ins_event inspect_caught_recorded(struct machine *m,
                                         struct ins_events *events)
{
    struct ins_event e = inspect_caught(m), known[32];
    unsigned n = inspect_events_recent(events, e.pfn, known, ARRAY_LEN(known));
    for (unsigned i = 0; i < n; i++)
        if (known[i].cycle == e.cycle && known[i].reason == e.reason)
            return known[i];
    return e;
}

const char *inspect_exception(u64 number)
{
    return number < 16 && hart_cause_name[number] ? hart_cause_name[number]
                                                  : "?";
}

/* Privileged specification, 3.1.6.1: mstatus.MPP is bits 12..11, SPP bit 8. */
struct ins_trap inspect_trap(const struct machine *m)
{
    const struct hart *h = &m->hart;
    bool machine = h->priv == PRV_M;
    u64 cause = machine ? h->mcause : h->scause;
    struct ins_trap t = {.number = cause & ~CAUSE_INTERRUPT,
                         .interrupt = cause & CAUSE_INTERRUPT,
                         .pc = machine ? h->mepc : h->sepc,
                         .value = machine ? h->mtval : h->stval,
                         .from = machine ? bits(h->mstatus, 12, 11)
                                         : bits(h->mstatus, 8, 8)};
    t.name = inspect_exception(cause);
    t.page_fault = cause == CAUSE_FETCH_PAGE || cause == CAUSE_LOAD_PAGE ||
                   cause == CAUSE_STORE_PAGE;
    return t;
}

u32 inspect_current_pid(struct machine *m)
{
    return ins_current_pid(m);
}

void inspect_cycles_by(const struct machine *m, u64 by[INS_CAUSES])
{
    struct cycles_by c = engine_cycles_by(m->engine);
    _Static_assert(sizeof c == INS_CAUSES * sizeof *by, "a name for each");
    memcpy(by, &c, sizeof c);
}
