/* SPDX-License-Identifier: MIT */
/* Builds one line of JSON in memory. Keys are NULL inside arrays. 64-bit
 * addresses and PTEs are strings ("0x..."), because many readers of JSON keep
 * only 53 bits of a number; counts are numbers. */
#pragma once

#include "base/base.h"

#include <stdarg.h>

struct json {
    char *text; /* NUL-terminated, owned; free with json_free */
    size_t n, capacity;
    bool comma; /* the next member needs a comma before it */
};

void json_open(struct json *j, const char *key, char bracket); /* { or [ */
void json_close(struct json *j, char bracket);                 /* } or ] */
void json_u64(struct json *j, const char *key, u64 v);
void json_s64(struct json *j, const char *key, s64 v);
void json_hex(struct json *j, const char *key, u64 v);
void json_double(struct json *j, const char *key, double v);
void json_bool(struct json *j, const char *key, bool v);
void json_str(struct json *j, const char *key, const char *v);
/* Adds what the template shows: "{pid:%u name:%s threads:[". Its conversions
 * are printf's u d s g, with ll for 64 bits; %#x, %#llx: a string "0x...";
 * %hhd: a bool. A blank separates a value from the next key. */
__attribute__((format(printf, 2, 3))) void json_add(struct json *j,
                                                    const char *template, ...);
void json_vadd(struct json *j, const char *template, va_list ap);
void json_free(struct json *j);
