/* SPDX-License-Identifier: MIT */
/* Internal to monitor/: the terminal that the console and the prompt share. */
#pragma once

#include "monitor/run/run.h"

void tty_raw(struct session *s, bool on);
/* Notes that readline has set the terminal to its own mode (lent), or back. */
void tty_lent(bool lent);
/* Reads typed bytes: keys for the guest, and Ctrl-A's commands. */
void tty_keys(struct session *s);
#define TTY_MOST 4096
/* Takes what read() has returned, at most TTY_MOST bytes, as tty_keys does. */
void tty_give(struct session *s, char *keys, ssize_t n);
void prompt_start(struct session *s); /* the prompt takes the terminal */
void prompt_stop(struct session *s);  /* the console has the terminal again */
void prompt_read(struct session *s);  /* takes a typed byte */
/* Call at a signal that ends the program. True: it was Ctrl-C at the prompt,
 * which only begins a fresh line. */
bool prompt_interrupt(struct session *s);
