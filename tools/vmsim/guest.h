/* SPDX-License-Identifier: MIT */
/* guest:NAME: the kernel's own policies (guest/kernel/policy) over seam.c. */
#pragma once

#include "tools/vmsim/memory.h"

/* True if name is `guest:` and such a policy's name, or that of --policy-file.
 */
bool guest_has(const char *name);
/* Pages are a program's own memory, touched through its page table. */
void guest_run(struct simulation *, const struct string *,
               const struct numbering *);
void guest_list(void);
