/* SPDX-License-Identifier: MIT */
/* The configuration of a machine: defaults, changed by the options in their
 * order (those of a --config file count where --config stands). One table
 * (options.def) has every option: --help, the man page, --config and the parser
 * come from it. */
#pragma once

#include "base/base.h"
#include "dev/faults.h"

/* Values in the order of the words in options.def. */
enum timing { TIMING_FAST, TIMING_CYCLE, TIMING_DEFAULT };
enum panel_kind { PANEL_OFF, PANEL_WINDOW, PANEL_TERM };

#define CONFIG_DRIVES  8
#define CONFIG_SCRIPTS 16
#define CONFIG_SETS    64
struct config_drive {
    const char *file;
    bool readonly, overlay, legacy;
    bool cut; /* has a volatile write cache; the power is cut at the end */
    u64 cut_seed;
    const char *cut_loses; /* the sectors that it may lose; NULL: all */
    struct disk_fault fault[DISK_FAULTS]; /* fail=..., in order */
    unsigned nfaults;
    u64 memory_bytes; /* file == NULL: a disk in memory of this size (swap) */
};

struct config {
    const char *elf; /* bare-metal program, or NULL */
    const char *kernel, *initrd, *append, *bios, *dtb, *dump_dtb;
    const char *symbols; /* --symbols, of a kernel without a lens; or NULL */
    bool boots_guest;    /* neither elf nor kernel is given: the built guest */
    const char *run;     /* --run CMD */
    const char *policy;  /* --policy NAME; append has it, too, unless it is the
                          * default */
    const char *policy_file;       /* built into the kernel; NULL: none */
    const char *default_policy;    /* the kernel's; NULL: it has no policies */
    bool append_given;             /* --append or --policy */
    const char *sets[CONFIG_SETS]; /* NAME=VALUE of --set */
    unsigned nsets;
    bool list_sets, list_policies;
    const char *scripts[CONFIG_SCRIPTS];
    unsigned nscripts;
    u64 ram_bytes, swap_bytes;
    struct config_drive drives[CONFIG_DRIVES];
    unsigned ndrives;
    enum timing timing;
    bool timing_given;
    bool interpreted; /* --engine interp */
    u8 heat;          /* engine_config.heat; 0: default; --engine eager: 1 */
    bool perf_map;
    unsigned nesting;     /* number of --config files being read now */
    const char **configs; /* all --config files */
    unsigned nconfigs;
    double pace; /* most simulated time per host time; 0: no limit */
    bool pace_given;
    const char *cpu, *dram, *disk_model, *isa;
    u64 clock_hz;                                       /* 0: the profile's */
    u32 tlb_entries, tlb_ways, tlb2_entries, tlb2_ways; /* 0: see options.def */
    bool tlb2_given;
    unsigned asid, hw_ad; /* 0 or 1 */
    u64 epoch, seed;
    u64 tries; /* allowed at a lesson's exercise */
    enum panel_kind panel;
    bool monitor, verbose, letters;
    unsigned light;    /* 0 or 1 */
    bool start_halted; /* -S */
    bool stay; /* after -x, continue at the console: a panel was asked for but
                * has no display, and standard input is a terminal */
    const char *gdb;    /* --gdb PORT or unix:PATH */
    const char *lesson; /* --lesson NAME: lesson/ leads the session */
    bool solve, grade, exercise;
    const char *save, *load, *stats, *events, *screenshot, *commit_log;
    const char *record, *replay, *trace, *counters, *refs;
    const char *counters_every;
    u64 counters_cycles;
    const char *signature;
    u64 signature_granularity;        /* bytes in a line of --signature */
    u64 max_instructions, max_cycles; /* 0: none */
    const char *max_sim_time;         /* text; becomes max_cycles */
    bool hash;
};

/* Fills c from argv. Dies with status 2 on a user's mistake. --help, --version
 * and the lists are printed and end the program with status 0. */
void config_parse(struct config *c, int argc, char **argv);
void config_defaults(struct config *c);
/* Returns the path of a file of the built guest (program_data_file); dies if
 * there is none. */
const char *config_built(const char *name);
/* Returns the path of the built guest's kernel. If there is a c->policy_file,
 * links the kernel with that policy into a temporary file, which is removed at
 * the program's end; c->policy becomes that policy unless another was chosen.
 * Dies if the kernel is missing or cannot be built. */
const char *config_guest_kernel(struct config *c);
/* Call it after c->kernel is set. Dies if --policy or --set cannot apply to it,
 * or --set is used with --load. --policy list, --set list end the program. */
void config_complete_kernel(struct config *c);
/* Dies if an output file cannot be written, or is another file of c, too (only
 * --save may name --load's). Call before the run, which may take an hour. */
void config_check_outputs(const struct config *c);
/* True if there is an option of this name (without its dashes). */
bool config_option(const char *name);
/* config_size parses "16M" to bytes; config_time parses "10ms" or a number to
 * cycles. False: malformed. */
bool config_size(const char *text, u64 *bytes);
bool config_time(const char *text, u64 clock_hz, u64 *cycles);
