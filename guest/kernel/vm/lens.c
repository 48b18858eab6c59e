/* SPDX-License-Identifier: MIT */
#include "proc/proc.h"
#include "vm/lens.h"

struct lens_info lens_info = {.version = LENS_VERSION};
u64 counters[C_COUNT];
enum actor lens_nobody = ACTOR_BOOT;

static struct proc *behalf;

struct proc *lens_on_behalf(struct proc *p)
{
    struct proc *was = behalf;
    behalf = p;
    return was;
}

void lens_report(u32 pfn, enum frame_state from, enum frame_state to,
                 enum reason reason)
{
    struct proc *p = behalf ? behalf : current;
    if (!lens_regs)
        return;
    enum actor actor = p ? p->actor : lens_nobody;
    if (p && p->event_va)
        lens_regs[LENS_EVENT_VA / 8] = p->event_va;
    lens_regs[LENS_EVENT / 8] =
        lens_event(pfn, from, to, reason, actor, p ? p->lens.tgid : 0);
}
