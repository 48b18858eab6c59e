/* SPDX-License-Identifier: MIT */
#pragma once

#include "dev/dev.h"
#include "dev/bus.h"
#include "dev/plic.h"

#define UART_FIFO 16

struct uart {
    struct plic *plic;
    struct events *events;
    const struct host_io *io;
    u64 char_cycles; /* one character's time at 115200 baud */

    u8 ier, fcr, lcr, mcr, scr;
    u16 divisor;
    bool thr_pending; /* transmitter-empty interrupt, not yet read in IIR */
    bool overrun, brk;
    u8 fifo[UART_FIFO];
    u32 head, count;
    u32 empty_polls; /* polls of the empty FIFO since a byte came or was sent */

    /* Bytes on the wire, in order, not yet in the FIFO. They are state, because
     * the machine has been given them already. */
    u8 *wire;
    u64 wire_at, wire_len, wire_cap; /* first byte, number of bytes, room */
    u64 break_in; /* 1 + bytes on the wire before a BREAK; 0: no BREAK there */
    u64 last_arrival; /* cycle at which a byte entered the FIFO */
    u64 last_used;    /* cycle at which the guest sent or took a byte */
};
void uart_init(struct uart *u, struct plic *p, struct events *q,
               const struct host_io *io, u64 clock_hz);
void uart_free(struct uart *u);
void uart_reset(struct uart *u);
void uart_state(struct uart *u, struct state *s);
bool uart_read(struct uart *u, u64 offset, unsigned bytes, u64 now, u64 *value);
bool uart_write(struct uart *u, u64 offset, unsigned bytes, u64 now, u64 value);
/* Takes bytes from outside, at cycle `now`. They enter the FIFO one character
 * time apart, while there is room. */
void uart_input(struct uart *u, const u8 *bytes, size_t n, u64 now);
/* Takes a break condition: a zero byte, flagged in LSR, that follows the bytes
 * on the wire (at once if none). Only one can be on the wire at a time. */
void uart_break(struct uart *u);
void uart_event(struct uart *u, u64 now); /* EV_UART_RX */
/* True if no byte is in the FIFO or on the wire, and the guest has shown that
 * it wants one: receive interrupts are on, or it has polled. */
bool uart_hungry(const struct uart *u);
/* True if the guest keeps polling an empty receiver. */
bool uart_starved(const struct uart *u);
