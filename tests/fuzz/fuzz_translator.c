/* SPDX-License-Identifier: MIT */
// rooms: base isa hart mmu time engine
// max_len: 400
/* A hostile guest (tests/unit/engine/hostile.c) cannot make translated code
 * touch the host's memory outside guest RAM. */
#include "fuzz.h"

#include "../unit/engine/hostile.c"

int LLVMFuzzerInitialize(UNUSED int *argc, UNUSED char ***argv)
{
    return 0;
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t n)
{
    hostile(data, n);
    return 0;
}
