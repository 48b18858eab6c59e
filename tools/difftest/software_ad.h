/* SPDX-License-Identifier: MIT */
/* Sets A and D by software (Svade). The machine faults where a bit is missing;
 * this handler, below the guest, sets the bit and repeats the instruction. The
 * result must be the same as with a walker that sets A and D itself (Svadu). */
#pragma once

#include "machine/machine.h"

struct software_ad {
    struct machine *m;
    struct hart before; /* the hart after the last instruction or trap */
    u64 set;            /* PTEs changed */
};

void software_ad_watch(struct software_ad *a, struct machine *m);
/* After each trap: if only A or D was missing, sets it and undoes the trap. */
void software_ad_trap(struct software_ad *a);
