/* SPDX-License-Identifier: MIT */
/* ns16550a (TI TL16C550C data sheet, SLLS177): bytes out, bytes in.
 *
 * Input stays in the port while the terminal has no room: the receive
 * interrupt is switched off then and uart_resume() switches it on again, so
 * a burst of typed or piped text is held up at its source, never lost. */
#include "drv/uart.h"

#include "arch/fdt.h"
#include "arch/irq.h"
#include "arch/sbi.h"
#include "drv/tty.h"

enum { RBR = 0, THR = 0, IER = 1, IIR = 2, FCR = 2, LCR = 3, MCR = 4, LSR = 5 };
enum {
    IER_RX = 1,
    FCR_ENABLE = 1,
    IIR_FIFOS = 0xc0,
    LCR_8N1 = 3,
    MCR_DTR_RTS_OUT2 = 0x0b,
    LSR_READY = 0x01,
    LSR_EMPTY = 0x20,
    FIFO_BYTES = 16
};

static volatile u8 *regs; /* NULL: none found, the firmware prints */
static u32 shift;         /* registers are 1 << shift bytes apart */
static bool held;         /* receive interrupt off: the terminal is full */

static u8 get(u32 reg)
{
    return regs[reg << shift];
}
static void put(u32 reg, u8 value)
{
    regs[reg << shift] = value;
}

void uart_write(const char *bytes, size_t n)
{
    if (!regs) {
        while (n--)
            sbi_putchar(*bytes++);
        return;
    }
    while (n) {
        while (!(get(LSR) & LSR_EMPTY))
            ;
        for (u32 room = FIFO_BYTES; room && n; room--, n--)
            put(THR, (u8)*bytes++);
    }
}

/* Takes input until there is none or the terminal is full. */
static void receive(void)
{
    while (get(LSR) & LSR_READY) {
        if (!tty_has_room()) {
            held = true;
            put(IER, 0);
            return;
        }
        tty_input(get(RBR));
    }
}

static void interrupt(void *arg)
{
    (void)arg;
    receive();
}

void uart_resume(void)
{
    if (!held)
        return;
    held = false;
    receive();
    if (!held)
        put(IER, IER_RX);
}

void uart_init(void)
{
    u64 pa, size;
    int node = fdt_compatible(-1, "ns16550a");

    if (node < 0 || !fdt_enabled(node) || !fdt_reg(node, 0, &pa, &size))
        return;
    shift = (u32)fdt_u32(node, "reg-shift", 0);
    if (shift > 2)
        return;
    regs = fdt_map(pa);
    put(IER, 0);
    put(LCR, LCR_8N1);
    /* Switching the FIFOs on empties them: not if the firmware did. */
    if ((get(IIR) & IIR_FIFOS) != IIR_FIFOS)
        put(FCR, FCR_ENABLE);
    put(MCR, MCR_DTR_RTS_OUT2);
    console_register(tty_kernel_write);
    if (irq_register(fdt_irq(node, 0), interrupt, NULL) == 0)
        put(IER, IER_RX);
}
