/* SPDX-License-Identifier: MIT */
/* Reads the goldfish real-time clock: nanoseconds since 1970 in two registers
 * (Android's goldfish; QEMU hw/rtc/goldfish_rtc.c). It is read once; later
 * times come from the time CSR and need no device access. */
#include "drv/drv.h"

#include "arch/fdt.h"
#include "task/time.h"
#include "task/wait.h"

enum { TIME_LOW = 0, TIME_HIGH = 4 };

static u64 wall_offset; /* wall clock = now_ns() + this */

void rtc_init(void)
{
    u64 pa, size;
    int node = fdt_compatible(-1, "google,goldfish-rtc");

    if (node < 0 || !fdt_enabled(node) || !fdt_reg(node, 0, &pa, &size))
        return;
    volatile u32 *regs = fdt_map(pa);
    u64 low = regs[TIME_LOW / 4]; /* latches the high half */
    u64 high = regs[TIME_HIGH / 4];
    rtc_set_wall_ns(high << 32 | low);
}

void rtc_set_wall_ns(u64 ns)
{
    wall_offset = ns - now_ns();
}

u64 wall_ns(void)
{
    return now_ns() + wall_offset;
}

struct ktime wall_now(void)
{
    u64 ns = wall_ns();

    return (struct ktime){(s64)(ns / NSEC_PER_SEC), (u32)(ns % NSEC_PER_SEC)};
}

u64 deadline_now(u64 deadline, bool wall)
{
    s64 at = (s64)(deadline - wall_offset); /* below 0: before the start */

    return !wall || deadline == NEVER ? deadline : (u64)MAX(at, 0);
}
