/* SPDX-License-Identifier: MIT */
/* What the bodies in hart/semantics.def call. Whoever includes semantics.def
 * defines OP(id, ...body...) and the vocabulary that its head lists exactly;
 * today that is engine/exec.c alone (the single-stepper is the same code over
 * blocks of one instruction). */
#ifndef CLOCKHAND_SEMANTICS_H
#define CLOCKHAND_SEMANTICS_H

#include "hart/arith.h"
#include "hart/bits.h"
#include "hart/fp.h"
#include "hart/hart.h"

#endif
