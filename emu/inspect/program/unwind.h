/* SPDX-License-Identifier: MIT */
/* Internal to inspect/: who called. Call stacks by the call frame information
 * of the program's own ELF (.debug_frame, .eh_frame; libdw). */
#ifndef CLOCKHAND_UNWIND_H
#define CLOCKHAND_UNWIND_H

#include "inspect/inspect.h"

struct unwinder;
/* Of a program whose ELF is `file`. Without one, or where it has no frame
 * information, functions are read in memory: `start` tells where the one that
 * pc is in begins (false: not known). */
struct unwinder *unwinder_new(const char *file,
                              bool (*start)(void *, u64 pc, u64 *first),
                              void *opaque);
void unwinder_free(struct unwinder *u);
/* Another program is at these addresses now. */
void unwinder_forget(struct unwinder *u);
/* at, then return addresses, innermost first, for registers x; at most max.
 * Reads memory, changes nothing. Ends where no rule is known, at an address
 * outside the program, or where the stack does not grow.
 */
unsigned unwind(struct unwinder *u, struct machine *m, const u64 x[32], u64 at,
                u64 *pc, unsigned max);
/* One frame out: registers sp, ra, s0 and *pc become the caller's. inner: pc is
 * where the hart is, no return address. False: it ends here. */
bool unwind_one(struct unwinder *u, struct machine *m, u64 reg[32], bool inner,
                u64 *pc);

#endif
