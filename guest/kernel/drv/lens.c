/* SPDX-License-Identifier: MIT */
/* Finds the lens's registers in the device tree, passes them the address of the
 * kernel's tables, and reports events. */
#include "drv/lens.h"

#include "arch/fdt.h"
#include "task/proc.h"

struct lens_info lens_info = {.version = LENS_VERSION};
volatile u64 *lens_regs;
enum actor lens_nobody = ACTOR_BOOT;

void lens_init(u64 info_pa)
{
    u64 pa, size;
    int node = fdt_compatible(-1, LENS_COMPATIBLE);

    if (node < 0 || !fdt_enabled(node) || !fdt_reg(node, 0, &pa, &size) ||
        size < LENS_SIZE)
        return;
    volatile u64 *regs = fdt_map(pa);
    if (regs[LENS_MAGIC / 8] != LENS_MAGIC_VALUE) {
        kprintf("lens: unknown version, not used\n");
        return;
    }
    regs[LENS_OPEN / 8] = info_pa;
    lens_regs = regs;
}

void lens_want_input(void)
{
    if (lens_regs)
        lens_regs[LENS_WANT / 8] = 1;
}

void lens_poweroff(int status)
{
    if (lens_regs)
        lens_regs[LENS_EXIT / 8] = (u64)status & 0xff;
}

/* ---- events ---- */

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
        lens_regs[LENS_EVENT_VA / 8] =
            current->event_va | (u64)current->event_space << 48;
    lens_regs[LENS_EVENT / 8] =
        lens_event(pfn, from, to, reason, by.actor, by.tgid);
}
