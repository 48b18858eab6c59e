/* SPDX-License-Identifier: MIT */
/* departures.def as questions. */
#ifndef DIFFTEST_DEPARTURES_H
#define DIFFTEST_DEPARTURES_H

#include "base/base.h"

bool departs_csr(unsigned csr);
bool departs_csr_value(unsigned csr);
void departures_list(void);

#endif
