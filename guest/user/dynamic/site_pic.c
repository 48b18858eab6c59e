/* SPDX-License-Identifier: MIT */
/* A library of 64 functions, each in a page of its own, each of which calls a
 * function of the program. Position-independent: the call goes through the
 * PLT, and all that the dynamic linker has to patch is the table of pointers,
 * whose 64 entries lie side by side (001-17). */
#include "sites.h"

#define SITE(n)                                                                \
    int outside_##n(int);                                                      \
    int inside_##n(int);                                                       \
    __attribute__((                                                            \
        aligned(4096),                                                         \
        optimize("no-optimize-sibling-calls"))) int inside_##n(int x)          \
    {                                                                          \
        return outside_##n(x);                                                 \
    }
SITES(SITE)
