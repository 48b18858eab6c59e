/* SPDX-License-Identifier: MIT */
/* Ends the program in order, whatever the reason. */
#pragma once

#include "base/base.h"

/* After this call the first TERM, INT, HUP, QUIT or PIPE only requests the end,
 * which then comes in order; a second signal (except PIPE) ends the program at
 * once. A signal that was ignored before (nohup, a shell's background job)
 * stays ignored. XFSZ is ignored: a write beyond RLIMIT_FSIZE only fails. */
void ending_catch(void);
/* Returns the signal that requested the end; 0: none. */
int ending_asked(void);
/* While a prompt has the terminal, SIGINT (Ctrl-C) ends at most the prompt's
 * current activity, however often it comes; any other signal still ends the
 * program in order. */
void ending_prompt(bool on);
/* Withdraws a SIGINT that the prompt has handled. False: no SIGINT came, or
 * another signal has come, too. */
bool ending_withdraw(void);
/* Returns a descriptor for poll, readable once a signal has requested the end;
 * -1: signals are not caught. */
int ending_fd(void);
/* Waits for input before a read that may block. False: a signal came. */
bool ending_await(int fd);

/* Registers fn (async-signal-safe), which restores the terminal or removes a
 * file. fn runs before a caught signal, SIGABRT or SIGSEGV ends the program. */
void ending_undo(void (*fn)(void));

/* Flushes the standard streams. False: standard output cannot be written. That
 * is reported once, unless SIGPIPE is the reason. */
bool ending_flush(void);
/* At exit: flushes the standard streams; exits with status 2 if that fails. */
void ending_check_streams(void);
/* Call last: dies by the signal that requested the end. Without one, returns
 * `status`, or 2 if any output could not be written (complain). */
int ending_status(int status);
