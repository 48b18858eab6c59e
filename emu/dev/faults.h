/* SPDX-License-Identifier: MIT */
/* Chooses the requests that a disk fails because the user asked for it:
 * `--drive FILE,fail=...`. */
#pragma once

#include "base/base.h"
#include "base/state.h"

#define DISK_FAULTS 8

enum fault_op { FAULT_READ, FAULT_WRITE, FAULT_FLUSH, FAULT_NONE };

/* One fail=OP[:SECTOR[-SECTOR]][#N[-N]]. The flushes are numbered, or the reads
 * or writes (also discards) that touch these sectors; from..to of them fail. */
struct disk_fault {
    u64 op, first, last; /* enum fault_op; sectors */
    u64 from, to;        /* numbers begin with 1 */
};
/* Reads the decimal FIRST[-LAST] at *p, and moves *p past it; false: it has
 * another form. */
bool range_parse(const char **p, u64 *first, u64 *last);
/* Reads the text after "fail="; false: it has another form. */
bool fault_parse(const char *text, struct disk_fault *f);

struct disk_faults {
    const struct disk_fault *rule; /* configuration */
    unsigned n;
    u64 matched[DISK_FAULTS]; /* state: requests so far, for each rule */
    u64 failed;               /* state: how many have failed */
};
/* Counts a request. True: it must fail. Rules for flushes have no sectors. */
bool faults_strike(struct disk_faults *f, enum fault_op op, u64 sector,
                   u64 sectors);
