/* SPDX-License-Identifier: MIT */
/* The page-table walker's access to memory. */
#ifndef CLOCKHAND_ENGINE_WALK_PORT_H
#define CLOCKHAND_ENGINE_WALK_PORT_H

#include "engine/state.h"

void walk_port_init(struct engine *e);

#endif
