/* SPDX-License-Identifier: MIT */
/* Internal to monitor/: what an answer prints. */
#pragma once

#include "monitor/session.h"

/* Prints text for people; nothing if JSON is wanted. */
void say(struct answer *a, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* If JSON is wanted, prints a line (template: see json_add). Returns CMD_OK. */
enum command_status answer_json(struct answer *a, const char *template, ...)
    __attribute__((format(printf, 2, 3)));
/* Prints a->j if JSON is wanted; frees it. Returns CMD_OK. */
enum command_status finish_json(struct answer *a);
/* Keeps an error in a->to->error, and prints it unless a->to->refusing; in a
 * script, on standard error with file and line (if it has a file). Returns
 * status. */
enum command_status fail(struct answer *a, enum command_status status,
                         const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void session_flush(struct session *s); /* prints a line that has no end yet */
