/* SPDX-License-Identifier: MIT */
/* A hart that gets no further (program/stuck.c). */
#pragma once

#include "inspect/answers.h"

/* Requires a hart in wfi and no future event (MS_HUNG). False: a key could wake
 * the hart. True: buf says why it never wakes. */
bool inspect_asleep_for_ever(struct machine *m, char *buf, size_t n);
/* True: the hart does nothing but trap, since the trap handler's first
 * instruction traps, too; buf then says where, and what the first trap was. */
bool inspect_trap_loop(const struct machine *m, char *buf, size_t n);
struct ins_progress inspect_progress(const struct machine *m);
/* True if the hart is in a trap loop, or if it has stayed since `before` at a
 * jump to itself with interrupts off; buf then says why this never ends. */
bool inspect_no_progress(struct machine *m, const struct ins_progress *before,
                         char *buf, size_t n);
