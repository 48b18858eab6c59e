/* SPDX-License-Identifier: MIT */
/* Implements the ns16550a (National's PC16550D data sheet, 1995) as QEMU's
 * serial-mm on the virt board. Output leaves immediately, so the transmitter is
 * always empty and its interrupt is raised again after each byte. Input always
 * arrives at 115200 baud: the divisor has no effect. */
#include "dev/uart.h"

#include <linux/serial_reg.h>
#include <stdlib.h>

#define LSR_EMPTY (UART_LSR_TEMT | UART_LSR_THRE)
#define MSR_READY (UART_MSR_DCD | UART_MSR_DSR | UART_MSR_CTS)
#define STARVED   2000 /* polls of an empty receiver */

/* Returns IIR's value, by the data sheet's priority (table V). */
static u8 interrupt_id(const struct uart *u)
{
    static const u8 trigger[4] = {1, 4, 8, 14};
    bool fifo = u->fcr & UART_FCR_ENABLE_FIFO;
    if (u->ier & UART_IER_RLSI && (u->overrun || u->brk))
        return UART_IIR_RLSI;
    if (u->ier & UART_IER_RDI && u->count) {
        /* Below the trigger level the chip interrupts only after the character
         * timeout; here the guest need not wait for the timeout. */
        if (fifo && u->count < trigger[u->fcr >> 6])
            return UART_IIR_RX_TIMEOUT;
        return UART_IIR_RDI;
    }
    if (u->ier & UART_IER_THRI && u->thr_pending)
        return UART_IIR_THRI;
    return UART_IIR_NO_INT;
}

/* Drives the interrupt line. Call it only when something may have changed: the
 * PLIC takes each call with a high line for a new interrupt. */
static void update_line(struct uart *u)
{
    plic_set(u->plic, device_map[DEV_UART].irq,
             interrupt_id(u) != UART_IIR_NO_INT);
}

static u32 fifo_room(const struct uart *u)
{
    u32 size = u->fcr & UART_FCR_ENABLE_FIFO ? UART_FIFO : 1;
    return u->count < size ? size - u->count : 0;
}

/* Schedules an event for the next byte on the wire, only while the FIFO has
 * room. */
static void schedule_rx(struct uart *u, u64 now)
{
    u64 at = u->last_arrival + u->char_cycles;
    if ((!u->wire_len && !u->break_in) || !fifo_room(u))
        at = NEVER;
    else if (at < now)
        at = now;
    u->events->at[EV_UART_RX] = at;
}

static void receive(struct uart *u, u8 byte)
{
    u->fifo[(u->head + u->count++) % UART_FIFO] = byte;
    u->empty_polls = 0;
}

void uart_init(struct uart *u, struct plic *p, struct events *q,
               const struct host_io *io, u64 clock_hz)
{
    memset(u, 0, sizeof(*u));
    u->plic = p;
    u->events = q;
    u->io = io;
    u->char_cycles = clock_hz / 11520;
    uart_reset(u);
}

void uart_free(struct uart *u)
{
    free(u->wire);
    u->wire = NULL;
}

/* Resets the chip. Bytes on the wire stay: the line is not part of the chip. */
void uart_reset(struct uart *u)
{
    u->ier = u->fcr = u->lcr = u->scr = 0;
    u->mcr = UART_MCR_OUT2;
    u->divisor = 12;
    u->thr_pending = u->overrun = u->brk = false;
    u->head = u->count = u->empty_polls = 0;
    update_line(u);
    schedule_rx(u, 0);
}

void uart_state(struct uart *u, struct state *s)
{
    state_tag(s, "uart");
    state_vals(s, u->ier, u->fcr, u->lcr, u->mcr, u->scr, u->divisor);
    state_flag(s, &u->thr_pending);
    state_flag(s, &u->overrun);
    state_flag(s, &u->brk);
    state_vals(s, u->fifo, u->head, u->count, u->empty_polls, u->last_arrival,
               u->last_used, u->break_in);
    u64 n = u->wire_len;
    state_val(s, n);
    state_check(s, u->head < UART_FIFO && u->count <= UART_FIFO,
                "uart: FIFO out of range");
    state_check(s, u->break_in <= n + 1, "uart: a BREAK out of range");
    state_check(s, n <= 1u << 30 && n <= state_left(s), "uart: too much input");
    if (state_loading(s)) {
        if (state_error(s)) {
            u->head = u->count = 0;
            n = u->break_in = 0;
        }
        u->wire = xrealloc(u->wire, n);
        u->wire_len = u->wire_cap = n;
        u->wire_at = 0;
    }
    state_bytes(s, u->wire + u->wire_at, n);
}

void uart_input(struct uart *u, const u8 *bytes, size_t n, u64 now)
{
    if (u->wire_at) {
        memmove(u->wire, u->wire + u->wire_at, u->wire_len);
        u->wire_at = 0;
    }
    if (u->wire_len + n > u->wire_cap) {
        u->wire_cap = (u->wire_len + n) * 2;
        u->wire = xrealloc(u->wire, u->wire_cap);
    }
    memcpy(u->wire + u->wire_len, bytes, n);
    u->wire_len += n;
    schedule_rx(u, now);
}

void uart_event(struct uart *u, u64 now)
{
    if (u->break_in == 1 && fifo_room(u)) {
        u->break_in = 0;
        u->brk = true;
        receive(u, 0);
        u->last_arrival = now;
    } else if (u->wire_len && fifo_room(u)) {
        receive(u, u->wire[u->wire_at++]);
        u->wire_len--;
        u->break_in -= u->break_in != 0;
        u->last_arrival = now;
    }
    schedule_rx(u, now);
    update_line(u);
}

void uart_break(struct uart *u)
{
    if (u->wire_len || u->break_in) {
        u->break_in = u->break_in ? u->break_in : u->wire_len + 1;
        return;
    }
    u->brk = true;
    if (fifo_room(u))
        receive(u, 0);
    else
        u->overrun = true;
    update_line(u);
}

bool uart_hungry(const struct uart *u)
{
    return !u->count && !u->wire_len && !u->break_in &&
           (u->ier & UART_IER_RDI || u->empty_polls);
}

bool uart_starved(const struct uart *u)
{
    return !u->count && !u->wire_len && !u->break_in &&
           u->empty_polls >= STARVED;
}

static u8 read_data(struct uart *u, u64 now)
{
    u8 v = 0;
    if (u->count) {
        u->last_used = now;
        v = u->fifo[u->head];
        u->head = (u->head + 1) % UART_FIFO;
        u->count--;
        schedule_rx(u, now);
        update_line(u);
    } else if (u->empty_polls < STARVED) {
        u->empty_polls++;
    }
    return v;
}

static u8 read_line_status(struct uart *u)
{
    u8 v = LSR_EMPTY;
    if (u->count)
        v |= UART_LSR_DR;
    else if (u->empty_polls < STARVED)
        u->empty_polls++;
    v |= u->overrun ? UART_LSR_OE : 0;
    v |= u->brk ? UART_LSR_BI : 0;
    if (u->overrun || u->brk) {
        u->overrun = u->brk = false;
        update_line(u);
    }
    return v;
}

/* In loopback the modem outputs come back as inputs (data sheet 8.8). */
static u8 read_modem_status(const struct uart *u)
{
    u8 m = u->mcr;
    if (!(m & UART_MCR_LOOP))
        return MSR_READY;
    return (u8)((m & 2) << 3 | (m & 1) << 5 | (m & 4) << 4 | (m & 8) << 4);
}

bool uart_read(struct uart *u, u64 offset, unsigned bytes, u64 now, u64 *value)
{
    bool dlab = u->lcr & UART_LCR_DLAB;
    (void)bytes; /* an access of any width is to one register, as on QEMU's
                  * board */
    if (offset > UART_SCR)
        return false;
    *value = 0;
    switch (offset) {
    case UART_RX:
        *value = dlab ? u->divisor & 0xff : read_data(u, now);
        break;
    case UART_IER:
        *value = dlab ? u->divisor >> 8 : u->ier;
        break;
    case UART_IIR:
        *value = interrupt_id(u) | (u->fcr & UART_FCR_ENABLE_FIFO ? 0xc0 : 0);
        if ((*value & 0xf) == UART_IIR_THRI) {
            u->thr_pending = false;
            update_line(u);
        }
        break;
    case UART_LCR:
        *value = u->lcr;
        break;
    case UART_MCR:
        *value = u->mcr;
        break;
    case UART_LSR:
        *value = read_line_status(u);
        break;
    case UART_MSR:
        *value = read_modem_status(u);
        break;
    case UART_SCR:
        *value = u->scr;
        break;
    }
    return true;
}

static void transmit(struct uart *u, u8 byte, u64 now)
{
    u->thr_pending = true;
    u->last_used = now;
    u->empty_polls = 0; /* those polls were for the transmitter */
    if (!(u->mcr & UART_MCR_LOOP)) {
        if (u->io->console_out)
            u->io->console_out(u->io->opaque, byte);
    } else if (fifo_room(u)) {
        receive(u, byte);
        schedule_rx(u, now);
    } else {
        u->overrun = true;
    }
    update_line(u);
}

static void write_fifo_control(struct uart *u, u8 value, u64 now)
{
    if ((value ^ u->fcr) & UART_FCR_ENABLE_FIFO || value & UART_FCR_CLEAR_RCVR)
        u->head = u->count = 0;
    u->fcr = value & (UART_FCR_ENABLE_FIFO | 0xc0);
    schedule_rx(u, now);
    update_line(u);
}

bool uart_write(struct uart *u, u64 offset, UNUSED unsigned bytes, u64 now,
                u64 value)
{
    bool dlab = u->lcr & UART_LCR_DLAB;
    u8 v = (u8)value;
    if (offset > UART_SCR)
        return false;
    switch (offset) {
    case UART_RX:
        if (dlab)
            u->divisor = (u->divisor & 0xff00) | v;
        else
            transmit(u, v, now);
        break;
    case UART_IER:
        if (dlab) {
            u->divisor = (u16)((u->divisor & 0xff) | v << 8);
            break;
        }
        if ((v ^ u->ier) & UART_IER_THRI)
            u->thr_pending = v & UART_IER_THRI;
        u->ier = v & 0xf;
        update_line(u);
        break;
    case UART_IIR:
        write_fifo_control(u, v, now);
        break;
    case UART_LCR:
        u->lcr = v;
        break;
    case UART_MCR:
        u->mcr = v & 0x1f;
        break;
    case UART_SCR:
        u->scr = v;
        break;
    }
    return true;
}
