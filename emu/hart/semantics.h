/* SPDX-License-Identifier: MIT */
/* What the bodies in hart/semantics.def call. Whoever includes that defines the
 * words that its head lists: engine/handlers.c and engine/translate.c. */
#ifndef CLOCKHAND_SEMANTICS_H
#define CLOCKHAND_SEMANTICS_H

#include "hart/arith.h"
#include "hart/bits.h"
#include "hart/fp.h"
#include "hart/hart.h"

#endif
