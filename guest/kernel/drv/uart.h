/* SPDX-License-Identifier: MIT */
/* The serial port: a 16550A. Output is polled, input by interrupt. */
#pragma once

#include "lib/kernel.h"

void uart_init(void);
void uart_write(const char *bytes, size_t n);
/* Called when the terminal may have room again: reads input that waits in the
 * port. */
void uart_resume(void);
/* Sets the function that gets the key after a BREAK.
 * => it may run in an interrupt */
void uart_on_sysrq(void (*fn)(u8 key));
