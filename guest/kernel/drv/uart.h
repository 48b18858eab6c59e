/* SPDX-License-Identifier: MIT */
/* The serial port: a 16550A. Output is polled, input by interrupt. */
#pragma once

#include "lib/kernel.h"

/* The receiver of the port's input. => callable from an interrupt */
struct uart_line {
    bool (*has_room)(void); /* for a byte */
    void (*input)(u8 byte); /* => has_room() */
};

/* Finds the port, whose input goes to `line` from then on. False: there is
 * none. => irq_init has run */
bool uart_init(const struct uart_line *line);
void uart_write(const char *bytes, size_t n);
/* Called when the terminal may have room again: reads input that waits in the
 * port. */
void uart_resume(void);
/* Sets the function that gets the key after a BREAK.
 * => it may run in an interrupt */
void uart_on_sysrq(void (*fn)(u8 key));
