/* SPDX-License-Identifier: MIT */
/* For lesson/: lets a program lead a session, in place of scripts. */
#pragma once

#include "expr/expr.h"
#include "monitor/monitor.h"

#include <stdio.h>

/* Makes session_main call fn on the session's thread, in place of scripts.
 * Commands are executed as a script's, but the console's output goes to the
 * function that session_console registers. */
void session_drive(struct session *s,
                   enum command_status (*fn)(void *opaque, struct session *s),
                   void *opaque);
void session_console(struct session *s, void (*fn)(void *, u8 byte),
                     void *opaque);
/* Sets the file and line for the error messages of the next command. */
void session_at(struct session *s, const char *file, unsigned line);
const char *session_error(const struct session *s); /* the latest message */
const struct expr_env *session_env(const struct session *s);
/* Gives s the names that `let` has defined in `from`. */
void session_lets(struct session *s, const struct session *from);
/* Makes s use the window and the standard input of `outer`, the session that
 * leads it. The panel then shows s's machine, and its commands go to s. */
void session_outer(struct session *s, struct session *outer);
/* Prints as a verb does: lines are broken between words at the terminal's
 * width. */
void session_print(struct session *s, const char *text);
/* Drops text that was typed at a terminal before a question was asked. */
void session_forget_typed(struct session *s);
/* Makes the panel hide the page walk, or show it again. The walk is covered
 * while a question waits, because it may be the answer. */
void session_cover(struct session *s, bool covered);
/* Reads a line of standard input, without its end. Meanwhile the panel is
 * served and may run the machine; session_back undoes that. False: the input
 * or the session has ended, or the user quit. */
bool session_ask(struct session *s, char *line, size_t n);
/* True if the line begins with a verb or a word of `info`, if `explain` knows
 * it, or if a verb would be proposed. "b or c": false, as "or" is no place. */
bool session_knows(struct session *s, const char *line);
/* From now on a verb that runs the machine fails if nothing stops the machine
 * for `cycles` cycles (0: no limit). */
void session_limit_cycles(struct session *s, u64 cycles);
/* session_keep remembers the machine, stops, names and the guest's output,
 * unless it has done so already. session_back restores and forgets them; it
 * returns true if the machine had run meanwhile. */
void session_keep(struct session *s);
bool session_back(struct session *s);
bool session_left(
    const struct session *s); /* the user quit, or the session is to end */
