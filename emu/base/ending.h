/* SPDX-License-Identifier: MIT */
/* Ends the program in order, whatever the reason. */
#pragma once

#include "base/base.h"

/* After this call the first TERM, INT, HUP, QUIT or PIPE only requests the end,
 * which then comes in order; a second one (but PIPE) ends the program at once.
 * A signal that was ignored before (nohup, a shell's background job) stays
 * ignored. XFSZ is ignored: the write beyond the limit then fails. */
void ending_catch(void);
/* Returns the signal that requested the end; 0: none. */
int ending_asked(void);
/* While a prompt has the terminal, SIGINT (Ctrl-C) ends at most the prompt's
 * current activity, however often it comes; any other signal still ends the
 * program in order. */
void ending_prompt(bool on);
/* Withdraws a SIGINT that the prompt has handled. False: none came, or another
 * signal did. */
bool ending_withdraw(void);
/* Returns a descriptor for poll, readable once a signal has requested the end;
 * -1: signals are not caught. */
int ending_fd(void);
/* Waits for input before a read that may block. False: a signal came. */
bool ending_await(int fd);

/* fn (async-signal-safe) restores the terminal. It is called if the program is
 * killed at once, aborts or crashes. */
void ending_undo(void (*fn)(void));

/* Flushes the standard streams. False: one of them cannot be written; that was
 * reported (once), unless a signal is the reason. */
bool ending_flush(void);
/* At exit: flushes the standard streams; exits with status 2 if that fails. */
void ending_check_streams(void);
/* The last call: dies by the signal that requested the end, or returns
 * `status`, but 2 if something could not be written (complain). */
int ending_status(int status);
