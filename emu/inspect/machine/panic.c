/* SPDX-License-Identifier: MIT */
/* Reads the registers of a built kernel that has panicked. It keeps them in
 * panic_frame (guest/abi/trapframe.h), which other kernels lack. */
#include "inspect/parts.h"
#include "inspect/symbols.h"
#include "inspect/walk.h"
#include "trapframe.h"

bool inspect_panic(struct machine *m, u64 x[32], u64 *pc, bool *called)
{
    u64 at;
    u8 bytes[8 * TRAPFRAME_WORDS];
    if (!inspect_symbol(m, "panic_frame", &at) ||
        !inspect_read_va(m, at, bytes, sizeof bytes))
        return false;
    for (unsigned i = 0; i < 32; i++)
        x[i] = get_le(bytes + i * 8, 8);
    *pc = get_le(bytes + 8 * TRAPFRAME_PC, 8);
    *called = get_le(bytes + 8 * TRAPFRAME_CAUSE, 8) == TRAP_NONE;
    return *pc != 0;
}
