/* SPDX-License-Identifier: MIT */
#include "departures.h"

#include <stdio.h>

enum csr_rule departs_csr(unsigned csr)
{
#define DEPARTURE(id, what, manual, how)
#define DEPARTURE_CSR(first, last, rule, what, manual)                         \
    if (csr >= (first) && csr <= (last))                                       \
        return rule;
#include "departures.def"
    return CSR_SAME;
}

void departures_list(void)
{
    static const char *const here[] = {
        [CSR_VALUE] = "accessed, the value read does not count",
        [CSR_HPM] = "accessed (M: if Zihpm), the value read does not count",
        [CSR_SSTC] = "accessed (M: if no Sstc), the value read does not count",
        [CSR_ZERO] = "accessed, the value read does not count; M writes 0",
    };
#define DEPARTURE(id, what, manual, how)                                       \
    printf("%s\n    QEMU 7.2: %s\n    manual: %s\n    here: %s\n", id, what,   \
           manual, how);
#define DEPARTURE_CSR(first, last, rule, what, manual)                         \
    printf("CSR 0x%03x to 0x%03x\n    QEMU 7.2: %s\n    manual: %s\n    "      \
           "here: %s\n",                                                       \
           first, last, what, manual, here[rule]);
#include "departures.def"
}
