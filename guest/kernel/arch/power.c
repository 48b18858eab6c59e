/* SPDX-License-Identifier: MIT */
#include "arch/power.h"
#include "arch/fdt.h"
#include "arch/sbi.h"

#define FINISHER_PASS 0x5555u
#define FINISHER_FAIL 0x3333u /* with the status in the upper half */

void power_off(u8 status)
{
    u64 pa;
    int node = fdt_addr() ? fdt_compatible(-1, "sifive,test0") : -1;
    if (node >= 0 && fdt_reg(node, 0, &pa, NULL)) {
        volatile u32 *finisher = fdt_map(pa);
        *finisher = status ? (u32)status << 16 | FINISHER_FAIL : FINISHER_PASS;
    }
    sbi_poweroff(status != 0);
}
