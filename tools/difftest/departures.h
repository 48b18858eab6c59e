/* SPDX-License-Identifier: MIT */
/* Looks things up in the table of departures (departures.def). */
#pragma once

#include "base/base.h"

/* The rule for a program's access to a CSR. */
enum csr_rule {
    CSR_SAME,  /* no limit */
    CSR_VALUE, /* no limit, but the value read does not count */
    CSR_HPM,   /* like CSR_VALUE; M accesses it only if there is Zihpm */
    CSR_SSTC,  /* like CSR_VALUE; M accesses it only if there is no Sstc */
    CSR_ZERO   /* like CSR_VALUE; M writes nothing but 0 */
};

enum csr_rule departs_csr(unsigned csr);
void departures_list(void);
