/* SPDX-License-Identifier: MIT */
/* guest:NAME: the kernel's own policies (guest/kernel/policy) over seam.c. */
#ifndef VMSIM_GUEST_H
#define VMSIM_GUEST_H

#include "tools/vmsim/memory.h"

/* Is that `guest:` and the name of one, or of --policy-file's? */
bool guest_has(const char *name);
/* Pages are a program's own memory, touched through its page table. */
void guest_run(struct simulation *, const struct string *,
               const struct numbering *);
void guest_list(void);

#endif
