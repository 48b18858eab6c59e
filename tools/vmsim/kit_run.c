/* SPDX-License-Identifier: MIT */
/* kit/run FILE.so FRAMES: simulates the policy in FILE.so on references that
 * arrive one at a time. tools/grade gives a hand-in this program instead of
 * vmsim: it has no policy but the hand-in's, and it cannot know the future.
 *
 * Standard input has a line for each reference, `PAGE` or `PAGE w`; an empty
 * line, or the input's end, ends the string. After each reference a line on
 * standard output has the pages that left memory, then 1 for a hit or 0 for a
 * fault, then the reference's number, from 1. Messages are vmsim's. */
#include "base/base.h"
#include "base/program.h"
#include "tools/vmsim/own.h"
#include "tools/vmsim/seam.h"

#include <stdio.h>
#include <stdlib.h>

static void page_left(uint64_t page, bool dirty)
{
    (void)dirty;
    printf("%llu ", (unsigned long long)page);
}

int main(int argc, char **argv)
{
    char line[64], *end;
    program_name = "vmsim";
    unsigned long frames = argc == 3 ? strtoul(argv[2], NULL, 10) : 0;
    if (!frames || frames > 1u << 30)
        die("kit/run", "usage: kit/run FILE.so FRAMES");
    sim_start(own_policy_of(own_load(argv[1])), (uint32_t)frames);
    sim_watch(page_left);
    while (fgets(line, sizeof line, stdin) && *line != '\n') {
        u64 page = strtoull(line, &end, 10);
        bool hit = sim_access(page, strchr(end, 'w'), KIND_ANON);
        printf("%d %llu\n", hit, (unsigned long long)sim_stats().references);
        fflush(stdout);
    }
    sim_end();
    return 0;
}
