/* SPDX-License-Identifier: MIT */
#include "drv/lens.h"
#include "proc/proc.h"
#include "vm/lens.h"

struct lens_info lens_info = {.version = LENS_VERSION};
u64 counters[C_COUNT];

void lens_report(u32 pfn, enum frame_state from, enum frame_state to,
                 enum reason reason)
{
    struct proc *p = current;
    if (!lens_present())
        return;
    enum actor actor = p ? p->actor : ACTOR_KERNEL;
    lens_emit(lens_event(pfn, from, to, reason, actor, p ? p->lens.pid : 0),
              p ? p->event_va : 0);
}
