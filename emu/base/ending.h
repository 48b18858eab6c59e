/* SPDX-License-Identifier: MIT */
/* How the program ends: in order, whatever makes it end. */
#ifndef CLOCKHAND_ENDING_H
#define CLOCKHAND_ENDING_H

#include "base/base.h"

/* From here on the first TERM, INT, HUP, QUIT or PIPE only asks for the end,
 * which then comes in order; a second signal ends the program at once. One
 * that was ignored before (nohup, a shell's background job) stays ignored.
 * XFSZ is ignored: the write beyond the limit fails, and is reported. */
void ending_catch(void);
/* The signal that has asked; 0: none. */
int ending_asked(void);
/* A prompt has the terminal: there SIGINT (Ctrl-C) ends at most what the prompt
 * does, however often it comes, and any other signal still ends in order. */
void ending_prompt(bool on);
/* True: SIGINT had asked, and asks no longer: the prompt has answered it. */
bool ending_withdraw(void);
/* For poll: readable once a signal has asked. -1: nothing is caught. */
int ending_fd(void);
/* Before a read that may block: waits for input, too. False: a signal came. */
bool ending_await(int fd);

/* fn, which may call only what a signal handler may, gives the terminal back:
 * called where the program is killed at once, aborts or crashes. */
void ending_undo(void (*fn)(void));

/* Writes out the standard streams. False: one of them cannot be written, which
 * has been told (once), unless a signal says why. */
bool ending_flush(void);
/* At exit: what is still in the standard streams is written, or the status is
 * 2 and a line says why. */
void ending_check_streams(void);
/* The last act: dies by the signal that asked, or returns the status: 2 if
 * something could not be written (complain). */
int ending_status(int status);

#endif
