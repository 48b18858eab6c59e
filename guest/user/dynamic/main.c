/* SPDX-License-Identifier: MIT */
/* Calls each function of the library, which calls back; then sleeps.
 *
 *   pic | text | static [SECONDS]      (default 0)
 *
 * The program is built three times: with the library in position-independent
 * code, with the library that must be patched in its text, and statically.
 * Status 0 if all 64 calls came back. */
#include "sites.h"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define OUTSIDE(n)                                                             \
    int outside_##n(int);                                                      \
    int outside_##n(int x)                                                     \
    {                                                                          \
        return x + 1;                                                          \
    }                                                                          \
    int inside_##n(int);
SITES(OUTSIDE)

#define CALL(n) x = inside_##n(x);

int main(int argc, char **argv)
{
    int x = 0;
    SITES(CALL)
    if (x != 64)
        return 1;
    if (argc > 1)
        sleep((unsigned)atoi(argv[1]));
    return 0;
}
