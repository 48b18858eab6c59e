/* SPDX-License-Identifier: MIT */
/* Questions that departures.def answers. */
#ifndef DIFFTEST_DEPARTURES_H
#define DIFFTEST_DEPARTURES_H

#include "base/base.h"

/* How a program may access a CSR. */
enum csr_rule {
    CSR_SAME,  /* as it likes */
    CSR_VALUE, /* as it likes, but what is read does not count */
    CSR_HPM,   /* likewise; by M only on machines with Zihpm */
    CSR_SSTC,  /* by M only on machines without Sstc */
    CSR_ZERO   /* likewise; M writes nothing but 0, and to no other bits */
};

enum csr_rule departs_csr(unsigned csr);
void departures_list(void);

#endif
