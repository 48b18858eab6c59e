/* SPDX-License-Identifier: MIT */
/* vmsim's output: tables for people, or one JSON object on each line. */
#pragma once

#include "tools/vmsim/memory.h"
#include "tools/vmsim/mrc.h"
#include "tools/vmsim/workingset.h"

void report_heading(bool json, bool dirty);
void report_counts(const struct simulation *, bool json);
/* Prints a decision (a simulation's `watch`); opaque: not NULL for JSON. */
void report_decision(void *opaque, const struct decision *);
/* Prints the curve at n sizes or, if n is 0, at each size where it falls. */
void report_mrc(const char *policy, const struct mrc *, const u64 *frames,
                unsigned n, bool json);
void report_working_set_heading(bool json);
void report_working_set(const struct working_set *, struct sampled, bool json);
