/* SPDX-License-Identifier: MIT */
/* Reads the hart's registers by name and by number. */
#include "inspect/parts.h"
#include "inspect/task.h"

#include <stdlib.h>

/* Returns the number in "x10" or "f10", or -1. */
static int numbered(const char *name, char letter)
{
    char *end;
    if (name[0] != letter || name[1] < '0' || name[1] > '9')
        return -1;
    unsigned long n = strtoul(name + 1, &end, 10);
    return *end || n > 31 ? -1 : (int)n;
}

int inspect_register_number(const char *name)
{
    for (int i = 0; i < 32; i++) {
        if (!strcmp(name, isa_xname[i]))
            return i;
        if (!strcmp(name, isa_fname[i]))
            return MACHINE_F + i;
    }
    if (!strcmp(name, "fp"))
        return 8;
    if (!strcmp(name, "pc"))
        return MACHINE_PC;
    if (!strcmp(name, "priv"))
        return MACHINE_PRIV;
    int x = numbered(name, 'x'), f = numbered(name, 'f');
    if (x >= 0 || f >= 0)
        return x >= 0 ? x : MACHINE_F + f;
    int csr = hart_csr_number(name);
    return csr < 0 ? -1 : MACHINE_CSR + csr;
}

const char *inspect_x_name(unsigned n)
{
    return isa_xname[n];
}

const char *inspect_f_name(unsigned n)
{
    return isa_fname[n];
}

bool inspect_register(const struct machine *m, u32 number, u64 *value)
{
    const struct hart *h = &m->hart;
    if (number < MACHINE_PC)
        *value = h->x[number];
    else if (number == MACHINE_PC)
        *value = h->pc;
    else if (number < MACHINE_CSR)
        *value = h->f[number - MACHINE_F];
    else if (number == MACHINE_PRIV)
        *value = h->priv;
    else if (number < MACHINE_PRIV)
        return inspect_csr(m, number - MACHINE_CSR, value);
    return number <= MACHINE_PRIV;
}
