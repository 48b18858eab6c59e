/* SPDX-License-Identifier: MIT */
/* Which kernel answers: one with a lens, or an unmodified one. */
#pragma once

#include "inspect/answers.h"

/* True if the kernel's tables can be read: it has opened the lens, or it is an
 * unmodified kernel whose structures are known (Linux 6.12, xv6). */
bool inspect_tables_known(struct machine *m);
/* Returns why the kernel's tables cannot be read, as a sentence; "": they can,
 * or no kernel was looked for. */
const char *inspect_tables_why_not(struct machine *m);

/* Writes a frame's kind, flags and generation: "slab dentry: compound_head
 * slab"; "" under a kernel with a lens. */
void inspect_unmodified_words(struct machine *m, u64 pfn,
                              const struct ins_unmodified *f, char *buf,
                              size_t n);

/* Returns the prefix of an unmodified kernel's numbers: "linux" or "xv6". */
const char *inspect_unmodified_name(struct machine *m);
/* Returns the name of an unmodified kernel's i-th number (of /proc/vmstat, or
 * xv6's); NULL: no more. *known: false if RAM does not give it. */
const char *inspect_unmodified_counter(struct machine *m, unsigned i,
                                       u64 *value, bool *known);
