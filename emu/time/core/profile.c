/* SPDX-License-Identifier: MIT */
/* Defines the named cores from profile.def, and prints `--cpu list`. */
#include <stdio.h>

#include "time/time.h"

/* Common to every core: an instruction issues in one cycle, and its result is
 * ready then unless profile.def gives its class a latency. An integer divide
 * holds the pipeline for its least time; pipe_divide computes the rest. */
#define COMMON                                                                 \
    .pipe.latency = {[0 ... IC_COUNT - 1] = 1},                                \
    .pipe.occupancy = {[0 ... IC_COUNT - 1] = 1}

/* GCC and clang warn of a field given twice; here the later value is intended.
 */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Woverride-init"
#ifdef __clang__
#pragma clang diagnostic ignored "-Winitializer-overrides"
#endif

static const struct cpu_profile profiles[] = {
    {
        .name = "u54",
        .origin = "SiFive U54, single issue (FU540)",
        /* No .isa: naming the default core must change nothing. */
        COMMON,
        .pipe.occupancy[IC_DIV] = 2,
#define FIELD(m, w, u54, a, rocket, b, u74, c, ideal, d) .m = u54,
#include "time/core/profile.def"
    },
    {
        .name = "rocket",
        .origin = "Rocket, single issue (RTL; lowRISC's numbers)",
        .isa = "rv64gc_zicntr_zihpm_sstc",
        .isa_origin = "RV64GC: its default configuration; Sstc is ours*",
        COMMON,
        .pipe.occupancy[IC_DIV] = 33,
#define FIELD(m, w, u54, a, rocket, b, u74, c, ideal, d) .m = rocket,
#include "time/core/profile.def"
    },
    {
        .name = "u74",
        .origin = "SiFive U74, dual issue (FU740)",
        .isa = "rv64gc_zba_zbb_zicntr_zihpm_sstc",
        .isa_origin = "RV64GC, Zba, Zbb: Linux's tree of the JH7110; Sstc is "
                      "ours*",
        COMMON,
        .pipe.occupancy[IC_DIV] = 16,
#define FIELD(m, w, u54, a, rocket, b, u74, c, ideal, d) .m = u74,
#include "time/core/profile.def"
    },
    {
        .name = "ideal",
        .origin =
            "one cycle an instruction, no caches: arithmetic in classrooms",
        COMMON,
#define FIELD(m, w, u54, a, rocket, b, u74, c, ideal, d) .m = ideal,
#include "time/core/profile.def"
    },
};
#pragma GCC diagnostic pop

const struct cpu_profile *cpu_profile_find(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(profiles); i++)
        if (!strcmp(profiles[i].name, name))
            return &profiles[i];
    return NULL;
}

struct memtime_config cpu_profile_memory(const struct cpu_profile *p,
                                         const struct dram_part *dram,
                                         u64 clock_hz, u64 ram_base,
                                         u64 ram_bytes)
{
    return (struct memtime_config){.l1i = p->l1i,
                                   .l1d = p->l1d,
                                   .l2 = p->l2,
                                   .posts = p->posts,
                                   .dram_base_cycles = p->dram_base_cycles,
                                   .dram = dram,
                                   .clock_hz =
                                       clock_hz ? clock_hz : p->clock_hz,
                                   .ram_base = ram_base,
                                   .ram_bytes = ram_bytes};
}

enum mark { V, C, M, O };

void cpu_profile_list(void)
{
    const struct tlb_shape fast = TLB_FAST;
    static const char sign[] = {[V] = ' ', [C] = '+', [M] = '?', [O] = '*'};
    static const struct row {
        const char *words;
        unsigned long value[ARRAY_LEN(profiles)];
        u8 mark[ARRAY_LEN(profiles)];
    } rows[] = {
#define FIELD(m, w, u54, a, rocket, b, u74, c, ideal, d)                       \
    {w, {u54, rocket, u74, ideal}, {a, b, c, d}},
#include "time/core/profile.def"
    };

    for (size_t i = 0; i < ARRAY_LEN(profiles); i++)
        printf("%-7s %s\n", profiles[i].name, profiles[i].origin);
    printf("\n--cpu NAME gives this instruction set, unless --isa says "
           "otherwise\n(the FU540's own: --isa rv64gc_zicntr_zihpm):\n");
    for (size_t i = 0; i < ARRAY_LEN(profiles); i++) {
        const struct cpu_profile *p = &profiles[i];
        printf("%-7s %-34s %s\n", p->name, p->isa ? p->isa : "the default's",
               p->isa ? p->isa_origin : "--isa list");
    }
    printf("\nCycles unless the row says otherwise. Unmarked: published; + "
           "computed from that;\n? quoted from memory; * ours.\n\n%-48s",
           "");
    for (size_t i = 0; i < ARRAY_LEN(profiles); i++)
        printf(" %11s ", profiles[i].name);
    for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
        printf("\n%-48s", rows[r].words);
        for (size_t i = 0; i < ARRAY_LEN(profiles); i++)
            printf(" %11lu%c", rows[r].value[i], sign[rows[r].mark[i]]);
    }
    printf(
        "\n\nAll of them: L2 replacement FIFO*, lines of 64 bytes, %d-entry "
        "walker cache*.\nBranch tables are indexed by address xor history "
        "(Rocket's RTL; u54: that of 2017,\nwith the U54's numbers; u74* has "
        "3.6 KiB of unknown shape). Targets of branches and\ndirect jumps are "
        "always known*; target buffers are fully associative, FIFO*.\n",
        PWC_ENTRIES);
    printf(
        "Fast timing: both L1 TLBs have %u entries of 4 KiB, %u ways, and %u "
        "for larger pages,\nfully associative*; no L2 TLB. --tlb or --tlb2 "
        "decide in either timing.\n",
        fast.entries, fast.ways, fast.large);
}
