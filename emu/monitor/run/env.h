/* SPDX-License-Identifier: MIT */
/* Internal to monitor/: the names that expressions of a session may use. */
#pragma once

#include "monitor/session.h"

void env_init(struct session *s);
struct mark *mark_find(struct session *s, const char *name); /* or NULL */
/* Numbers of the monitor's own (names.def). */
struct number_name {
    const char *name, *sentence;
};
extern const struct number_name number_names[];
extern const unsigned nnumber_names;
struct names {
    void (*fn)(void *opaque, const char *name);
    void *opaque;
};
/* Calls fn with the names of names.def, lets, marks, counters, tunables. */
void env_names(struct session *s, struct names n);
