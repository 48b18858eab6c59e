/* SPDX-License-Identifier: MIT */
/* Serves interrupts: the PLIC (RISC-V PLIC 1.0), the supervisor timer. */
#include "arch/irq.h"
#include "arch/csr.h"
#include "arch/fdt.h"
#include "task/sched.h"
#include "lib/counters.h"

/* The PLIC context of hart 0's S-mode; context 0 is its M-mode. */
#define CONTEXT          1u
#define PLIC_ENABLE(ctx) (0x2000u + 0x80u * (ctx))
#define PLIC_LIMIT(ctx)  (0x200000u + 0x1000u * (ctx))
#define PLIC_CLAIM(ctx)  (0x200004u + 0x1000u * (ctx))

static volatile u8 *plic;
static struct {
    const char *name;
    void (*fn)(void *);
    void *arg;
} handlers[NIRQ];
u64 irq_counts[NIRQ];
bool irq_serving;

static volatile u32 *reg(u32 offset)
{
    return (volatile u32 *)(volatile void *)(plic + offset);
}

void irq_init(void)
{
    u64 base;
    int node = fdt_compatible(-1, "sifive,plic-1.0.0");
    if (node < 0)
        node = fdt_compatible(-1, "riscv,plic0");
    if (node < 0 || !fdt_reg(node, 0, &base, NULL))
        panic("the device tree has no PLIC");
    plic = fdt_map(base);
    for (u32 i = 0; i < NIRQ / 32; i++)
        *reg(PLIC_ENABLE(CONTEXT) + 4 * i) = 0;
    *reg(PLIC_LIMIT(CONTEXT)) = 0;
    csr_write("sie", 1u << IRQ_EXT | 1u << IRQ_TIMER);
}

int irq_register(u32 irq, const char *name, void (*fn)(void *arg), void *arg)
{
    if (irq == 0 || irq >= NIRQ)
        return -EINVAL;
    if (handlers[irq].fn)
        return -EBUSY;
    handlers[irq].name = name;
    handlers[irq].fn = fn;
    handlers[irq].arg = arg;
    *reg(4 * irq) = 1;
    *reg(PLIC_ENABLE(CONTEXT) + 4 * (irq / 32)) |= 1u << irq % 32;
    return 0;
}

const char *irq_name(u32 irq)
{
    return irq < NIRQ && handlers[irq].fn ? handlers[irq].name : NULL;
}

static void serve_plic(void)
{
    for (u32 irq; (irq = *reg(PLIC_CLAIM(CONTEXT))) != 0;) {
        if (irq < NIRQ) {
            irq_counts[irq]++;
            if (handlers[irq].fn)
                handlers[irq].fn(handlers[irq].arg);
        }
        COUNT(INTR);
        *reg(PLIC_CLAIM(CONTEXT)) = irq;
    }
}

void irq_poll(void)
{
    u64 pending = csr_read("sip");
    irq_serving = true;
    if (pending & 1u << IRQ_EXT)
        serve_plic();
    if (pending & 1u << IRQ_TIMER) {
        irq_counts[0]++;
        COUNT(INTR);
        timer_interrupt();
    }
    irq_serving = false;
}
