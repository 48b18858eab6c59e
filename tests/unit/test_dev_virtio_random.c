/* SPDX-License-Identifier: MIT */
// rooms: base isa hart dev mmu time
// wrap: exit
/* Runs the fuzzer's driver, which writes anything anywhere, on random input. */
#include "unit.h"
#include "../fuzz/fuzz.c"
#include "../fuzz/fuzz_virtio.c"

TEST(random_drivers)
{
    u64 rng = 2026;
    u8 input[512];
    unsigned served = 0, broken = 0;

    for (int round = 0; round < 8000; round++) {
        for (unsigned i = 0; i < sizeof input; i += 8) {
            put_le(input + i, rand_step(&rng), 8);
            if (i && input[i + 7] & 3) /* a valid request, or time passes */
                input[i] = 9 + (input[i + 7] >> 2 & 1);
        }
        LLVMFuzzerTestOneInput(input, sizeof input);
        served += b.v.q.used_idx;
        broken += b.v.status & STATUS_NEEDS_RESET ? 1 : 0;
    }
    print_message("# %u served, %u broken\n", served, broken);
    assert_true(served > 1000 && broken > 1000);
}
