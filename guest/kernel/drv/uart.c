/* SPDX-License-Identifier: MIT */
/* Drives the ns16550a (TI TL16C550C data sheet, SLLS177).
 *
 * Input stays in the port while the terminal has no room: the driver switches
 * the receive interrupt off, and uart_resume() switches it on again, so that a
 * burst of text waits at its source. Bytes after a BREAK may be lost. */
#include "drv/uart.h"

#include "arch/fdt.h"
#include "arch/irq.h"
#include "arch/sbi.h"
#include "task/time.h"
#include "drv/lens.h"

#include <linux/serial_reg.h>

enum { IIR_FIFOS = 0xc0, FIFO_BYTES = 16 };

static volatile u8 *regs; /* NULL: no UART; the firmware does output */
static u32 shift;         /* registers are 1 << shift bytes apart */
static const struct uart_line *line;
static bool held; /* receive interrupt off: the terminal is full */

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
        while (!(get(UART_LSR) & UART_LSR_THRE))
            ;
        for (u32 room = FIFO_BYTES; room && n; room--, n--)
            put(UART_TX, (u8)*bytes++);
    }
}

/* ---- SysRq: a BREAK, and within five seconds a key ---- */

#define SYSRQ_NS (5 * NSEC_PER_SEC)

static void (*sysrq)(u8 key);
static bool broken;     /* BREAK seen; its zero byte follows */
static u64 armed_until; /* the next key before this time is SysRq's; or 0 */

void uart_on_sysrq(void (*fn)(u8 key))
{
    sysrq = fn;
}

/* True if the byte belongs to SysRq and not to the terminal. */
static bool taken_by_sysrq(u8 c)
{
    if (broken && c == 0) {
        broken = false;
        armed_until = now_ns() + SYSRQ_NS;
        return true;
    }
    bool mine = armed_until && now_ns() < armed_until;
    armed_until = 0;
    if (mine && sysrq)
        sysrq(c);
    return mine;
}

/* Reads input until there is none or the terminal is full. SysRq's bytes are
 * read even then, but not those behind a byte that is held. */
static void receive(void)
{
    u8 status;
    while ((status = get(UART_LSR)) & UART_LSR_DR) {
        broken |= (status & UART_LSR_BI) != 0;
        if (broken || armed_until) {
            u8 c = get(UART_RX);
            if (!taken_by_sysrq(c) && line->has_room())
                line->input(c);
            continue;
        }
        if (!line->has_room()) {
            held = true;
            put(UART_IER, 0);
            return;
        }
        line->input(get(UART_RX));
    }
}

static void uart_interrupt(void *arg)
{
    COUNT(TTY_RCVIN);
    receive();
}

void uart_resume(void)
{
    if (!held)
        return;
    held = false;
    receive();
    if (!held)
        put(UART_IER, UART_IER_RDI);
}

bool uart_init(const struct uart_line *of)
{
    u64 pa, size;
    int node = fdt_compatible(-1, "ns16550a");

    if (node < 0 || !fdt_enabled(node) || !fdt_reg(node, 0, &pa, &size))
        return false;
    shift = (u32)fdt_u32(node, "reg-shift", 0);
    if (shift > 2)
        return false;
    regs = fdt_map(pa);
    put(UART_IER, 0);
    put(UART_LCR, UART_LCR_WLEN8);
    /* Enabling the FIFOs empties them, so this is left out if the firmware has
     * enabled them. */
    if ((get(UART_IIR) & IIR_FIFOS) != IIR_FIFOS)
        put(UART_FCR, UART_FCR_ENABLE_FIFO);
    put(UART_MCR, UART_MCR_DTR | UART_MCR_RTS | UART_MCR_OUT2);
    line = of;
    if (irq_register(fdt_irq(node, 0), "ttyS0", uart_interrupt, NULL) == 0)
        put(UART_IER, UART_IER_RDI);
    return true;
}
