/* SPDX-License-Identifier: MIT */
#include "proc/proc.h"
#include "vm/lens.h"

struct lens_info lens_info = {.version = LENS_VERSION};
u64 counters[C_COUNT];
enum actor lens_nobody = ACTOR_BOOT;

static const struct lens_by *behalf;

const struct lens_by *lens_on_behalf(const struct lens_by *by)
{
    const struct lens_by *was = behalf;
    behalf = by;
    return was;
}

struct lens_by lens_by_now(void)
{
    const struct proc *p = current;
    return behalf ? *behalf
           : p    ? (struct lens_by){p->actor, p->lens.tgid}
                  : (struct lens_by){lens_nobody, 0};
}

void lens_report(u32 pfn, enum frame_state from, enum frame_state to,
                 enum reason reason)
{
    if (!lens_regs)
        return;
    struct lens_by by = lens_by_now();
    if (!behalf && current && current->event_va)
        lens_regs[LENS_EVENT_VA / 8] = current->event_va;
    lens_regs[LENS_EVENT / 8] =
        lens_event(pfn, from, to, reason, by.actor, by.tgid);
}
