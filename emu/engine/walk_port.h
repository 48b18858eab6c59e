/* SPDX-License-Identifier: MIT */
/* Gives the page-table walker access to memory. */
#pragma once

#include "engine/state.h"

void walk_port_init(struct engine *e);
/* For engine_follow_translations: call when e->r is about to store to a line
 * that may hold a PTE. */
void walk_port_stored(struct engine *e, u64 pa, u64 n);
/* Likewise when e->r has written satp. */
void walk_port_new_satp(struct engine *e);
