/* SPDX-License-Identifier: MIT */
/* The page-table walker's access to memory. */
#pragma once

#include "engine/state.h"

void walk_port_init(struct engine *e);
/* For engine_follow_translations: e->r is about to store to a line that may
 * hold a PTE. */
void walk_port_stored(struct engine *e, u64 pa, u64 n);
