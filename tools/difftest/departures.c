/* SPDX-License-Identifier: MIT */
#include "departures.h"

#include <stdio.h>

bool departs_csr(unsigned csr)
{
    (void)csr;
#define DEPARTURE(id, what, manual, how)
#define DEPARTURE_CSR(first, last, values, what, manual)                       \
    if (!(values) && csr >= (first) && csr <= (last))                          \
        return true;
#include "departures.def"
#undef DEPARTURE
#undef DEPARTURE_CSR
    return false;
}

bool departs_csr_value(unsigned csr)
{
    (void)csr;
#define DEPARTURE(id, what, manual, how)
#define DEPARTURE_CSR(first, last, values, what, manual)                       \
    if ((values) && csr >= (first) && csr <= (last))                           \
        return true;
#include "departures.def"
#undef DEPARTURE
#undef DEPARTURE_CSR
    return false;
}

void departures_list(void)
{
#define DEPARTURE(id, what, manual, how)                                       \
    printf("%s\n    QEMU 7.2: %s\n    manual: %s\n    here: %s\n", id, what,   \
           manual, how);
#define DEPARTURE_CSR(first, last, values, what, manual)                       \
    printf("CSR 0x%03x to 0x%03x\n    QEMU 7.2: %s\n    manual: %s\n    "      \
           "here: %s\n",                                                       \
           first, last, what, manual,                                          \
           values ? "accessed, the value read does not count"                  \
                  : "not accessed");
#include "departures.def"
#undef DEPARTURE
#undef DEPARTURE_CSR
}
