/* SPDX-License-Identifier: MIT */
/* The audit of the frame table (memory/audit.c). */
#pragma once

#include "inspect/answers.h"

struct ins_audit {
    bool ran;    /* false: no lens, or the kernel is changing its tables */
    u64 checked; /* frames */
    u64 errors;
    char first[160]; /* the first disagreement in words; "" if none */
};
/* Compares each frame's reference count with the PTEs of all processes, and its
 * state in the frame table with the state that the events alone give. Also
 * checks the counts of frames, and the states of page tables' frames. */
void inspect_audit(struct machine *m, struct ins_audit *out);
