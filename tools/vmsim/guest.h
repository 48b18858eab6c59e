/* SPDX-License-Identifier: MIT */
/* Runs guest:NAME, a kernel policy or --policy-file's, on seam.c's memory. */
#pragma once

#include "tools/vmsim/memory.h"

/* True if name is guest:NAME of a kernel policy or of --policy-file's. */
bool guest_has(const char *name);
/* Runs the whole string; all pages are anonymous, touched through PTEs. */
void guest_run(struct simulation *, const struct string *,
               const struct numbering *);
void guest_list(void);
