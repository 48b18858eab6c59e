/* SPDX-License-Identifier: MIT */
/* Counts instructions, traps and their circumstances while Clockhand steps
 * through a program. */
#pragma once

#include "machine/machine.h"
#include "program.h"

enum count {
#define COUNT(id, what) C_##id,
#include "coverage.def"
    N_COUNTS
};

struct coverage {
    struct machine *m;
    u64 op[OP_COUNT]; /* retired in the code under test */
    u64 short_op[64]; /* compressed, by row of rvc.def */
    u8 fs;            /* mstatus.FS as the last instruction left it */
    u64 count[N_COUNTS];
    u64 fault[PTE_VERDICTS];
    u64 trap[16][4][4]; /* by cause, from and to privilege */
    u64 irq[16][4][4];
    u8 csr[4096];    /* a bit for each privilege that accessed it */
    u16 tried[4096]; /* 4 bits a privilege: read, written, set, cleared */
    u64 retired;     /* instructions of the code under test */
    u64 all;         /* instructions, the monitor's included */
};

void coverage_watch(struct coverage *c, struct machine *m);
/* In coverage_system.c: count what coverage.c does not, of an instruction that
 * retired, of one that failed with `cause`, and of an interrupt. */
void coverage_retired(struct coverage *c, const struct engine_commit *log,
                      const struct insn *in);
void coverage_failed(struct coverage *c, u64 cause, u64 epc, u64 tval,
                     unsigned from);
void coverage_interrupt(struct coverage *c, u64 cause);
unsigned coverage_print_system(const struct coverage *c, u64 exts);
void coverage_trap(struct coverage *c, struct machine *m);
/* Prints the report. Returns the number of its counts that are 0 although
 * machines with exts can reach them. */
unsigned coverage_print(struct coverage *c, u64 exts);
