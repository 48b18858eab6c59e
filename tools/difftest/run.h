/* SPDX-License-Identifier: MIT */
/* Runs an image on either machine. Both get and give back the bytes of RAM from
 * MONITOR_PA to END_PA. */
#pragma once

#include "program.h"

#define IMAGE_BYTES ((size_t)(END_PA - MONITOR_PA))

/* SOFTWARE_AD: the walker sets no A and D, software_ad.c does. ENGINES:
 * interpreter and translator side by side, in either timing. */
enum mode {
    MODE_FAST,
    MODE_CYCLE,
    MODE_WATCHED,
    MODE_SOFTWARE_AD,
    MODE_ENGINES_FAST,
    MODE_ENGINES_CYCLE
};

struct coverage;
struct machine;
struct hart;
struct walk;
struct setting {
    u64 exts; /* the programs are for these, and QEMU has them */
    u64 ours; /* Clockhand's: the same unless --isa plants a fault */
    bool hw_ad;
    bool triggers; /* QEMU gets debug triggers */
    const char *qemu;
};

/* Runs Clockhand in this process. MODE_WATCHED steps in fast timing and counts
 * everything in cov. Returns the instructions retired; 0: the program did not
 * end within `limit`. */
u64 run_ours(const u8 *image, u8 *out, enum mode mode, const struct setting *s,
             u64 limit, struct coverage *cov);

/* Returns the kind of access whose page fault or access fault is `cause`. */
enum access access_of(u64 cause);
/* Fills *w with the walk that a hart in this state would make for an access,
 * with A and D set by the walker; changes nothing. */
void probe(struct machine *m, const struct hart *h, u64 va, enum access access,
           u32 priv, struct walk *w);

/* Runs QEMU in the background. qemu_wait: false if QEMU failed or took 10 s. */
void qemu_start(const u8 *image, const struct setting *s);
bool qemu_wait(u8 *out, const char **why);
/* Returns the extensions that both machines can have. */
u64 qemu_exts(void);

/* ---- comparison ---- */

struct difference {
    bool found;
    unsigned block; /* counted without dropped blocks */
    char what[64];
    u64 ours, theirs;
    char text[160]; /* further values, for the report */
};
/* Runs the program on both engines side by side (engines.c). *f: their first
 * difference, with the translator's value as `ours`. Returns as run_ours, but a
 * bare program need not end. *translated grows by the blocks translated. */
u64 run_engines(const u8 *image, const struct program *p, bool timed,
                const struct setting *s, u64 limit, struct difference *f,
                u64 *translated);
/* Return the path of an executable with these bytes at MONITOR_PA, or
 * (small_elf) with no more than an entry point. */
const char *elf_file(char path[40], const void *bytes, size_t n);
const char *small_elf(void);

/* Returns the first difference between the results of two runs. */
struct difference compare(const u8 *ours, const u8 *theirs);
