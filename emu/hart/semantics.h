/* SPDX-License-Identifier: MIT */
/* Functions used by the bodies in hart/semantics.def. A file that includes
 * semantics.def defines the words listed at its head: engine/handlers.c and
 * engine/translate.c do. */
#ifndef CLOCKHAND_SEMANTICS_H
#define CLOCKHAND_SEMANTICS_H

#include "hart/arith.h"
#include "hart/bits.h"
#include "hart/fp.h"
#include "hart/hart.h"

#endif
