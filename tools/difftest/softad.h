/* SPDX-License-Identifier: MIT */
/* A and D set by software: a machine that faults where they are missing, and
 * somebody below the guest who sets them and tries again. What comes out must
 * be what a walker that sets them itself leaves. */
#ifndef DIFFTEST_SOFTAD_H
#define DIFFTEST_SOFTAD_H

#include "machine.h"

struct softad {
    struct machine *m;
    struct hart before; /* the hart after the last instruction or trap */
    u64 set;            /* PTEs changed */
};

void softad_watch(struct softad *a, struct machine *m);
/* A trap has just been taken: is undone, if it was for A or D alone. */
void softad_trap(struct softad *a);

#endif
