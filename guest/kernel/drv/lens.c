/* SPDX-License-Identifier: MIT */
/* Finds the lens's registers in the device tree and passes them the address of
 * the kernel's tables. */
#include "drv/lens.h"

#include "arch/fdt.h"
#include "vm/page.h"

volatile u64 *lens_regs; /* NULL: no lens */

/* Reports the frames that are in use already: the machine learns the state of
 * frames only from events, and assumes that all are free before the first. */
static void report_boot(void)
{
    for (u64 pfn = 0, n; pfn < nframes; pfn += n) {
        enum frame_state state = frames[pfn].frame.state;
        n = page_free_run(&frames[pfn]);
        if (n)
            continue;
        do
            n++;
        while (pfn + n < nframes && frames[pfn + n].frame.state == state);
        lens_regs[LENS_BOOT / 8] = lens_boot(pfn, state, n);
    }
}

void lens_init(struct lens_info *info)
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
    regs[LENS_OPEN / 8] = va_pa(info);
    lens_regs = regs;
    report_boot();
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
