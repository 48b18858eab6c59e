/* SPDX-License-Identifier: MIT */
/* Declares the functions that bodies in hart/semantics.def use. The files that
 * include semantics.def, engine/handlers.c and engine/translate.c, define the
 * words listed at its head. */
#pragma once

#include "hart/arith.h"
#include "hart/bits.h"
#include "hart/fp.h"
#include "hart/hart.h"
