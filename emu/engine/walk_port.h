/* SPDX-License-Identifier: MIT */
/* The page-table walker's way to memory. */
#ifndef CLOCKHAND_ENGINE_WALK_PORT_H
#define CLOCKHAND_ENGINE_WALK_PORT_H

#include "engine/state.h"

/* Fills e->walk_port. */
void walk_port_init(struct engine *e);

#endif
