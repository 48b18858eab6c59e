/* SPDX-License-Identifier: MIT */
/* The page-table walker's access to memory. */
#pragma once

#include "engine/state.h"

void walk_port_init(struct engine *e);
