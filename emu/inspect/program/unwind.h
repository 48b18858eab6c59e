/* SPDX-License-Identifier: MIT */
/* Internal to inspect/: finds call stacks by the call frame information of a
 * program's ELF (.debug_frame, .eh_frame; libdw). */
#pragma once

#include "inspect/answers.h"

struct unwinder;
/* Makes an unwinder for the program whose ELF is `file`. If there is no file,
 * or no frame information in it, the unwinder reads functions' code from
 * memory; `start` gives the first address of pc's function (false: unknown). */
struct unwinder *unwinder_new(const char *file,
                              bool (*start)(void *, u64 pc, u64 *first),
                              void *opaque);
void unwinder_free(struct unwinder *u);
/* Forgets all rules: other programs may be at these addresses now. */
void unwinder_forget(struct unwinder *u);
/* Stores `at`, then the return addresses for registers x, innermost first, at
 * most max in all. Returns their number. Ends where no rule is known, at an
 * address outside the program, at a trap handler, or where sp does not grow. */
unsigned unwind(struct unwinder *u, struct machine *m, const u64 x[32], u64 at,
                u64 *pc, unsigned max);
/* Makes registers sp, ra, s0 and *pc the caller's. inner: pc is the hart's or
 * an interrupted pc, not a return address. False: the stack ends here. */
bool unwind_one(struct unwinder *u, struct machine *m, u64 reg[32], bool inner,
                u64 *pc);
/* As unwind_one, from a trap handler to the code that the trap interrupted.
 * False: pc is in no trap handler, or registers cannot be found. */
bool unwind_trap(struct unwinder *u, struct machine *m, u64 reg[32], bool inner,
                 u64 *pc);
/* Makes u call `rules`, which gives the frame information of the program that a
 * process has mapped at pc, and pc's address in its ELF (own); false: none. */
void unwinder_programs(struct unwinder *u,
                       bool (*rules)(void *, u64 pc, u64 *own,
                                     struct Dwarf_CFI_s *cfi[2]));
