/* SPDX-License-Identifier: MIT */
// rooms: engine time mmu hart isa base
/* Runs 400 random hostile guests, always the same, by interpreter and
 * translator; `make fuzz FUZZ=translator` runs others. */
#include "unit.h"

#include "engine/hostile.c"

TEST(test_hostile)
{
    u64 seed = 1;
    u8 data[400];

    for (unsigned i = 0; i < 400; i++) {
        size_t n = 40 + (rand_step(&seed) >> 20) % (sizeof data - 40);
        for (size_t k = 0; k < n; k++)
            data[k] = (u8)(rand_step(&seed) >> 40);
        hostile(data, n);
    }
}
