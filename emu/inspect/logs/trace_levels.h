/* SPDX-License-Identifier: MIT */
/* Internal: writes the guest kernel's levels and counters as tracks. */
#pragma once

#include "inspect/answers.h"
#include "inspect/logs/perfetto.h"

struct trace_levels;
struct trace_levels *trace_levels_new(void);
void trace_levels_free(struct trace_levels *l);
/* Writes the values that have changed, at ns of simulated time. */
void trace_levels_write(struct trace_levels *l, struct machine *m,
                        struct perfetto *p, u64 ns);
