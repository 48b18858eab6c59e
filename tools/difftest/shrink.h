/* SPDX-License-Identifier: MIT */
/* Shortens a program as long as it shows the difference. */
#pragma once

#include <stdio.h>

#include "run.h"

/* One comparison of a program: Clockhand against QEMU or against its own fast
 * timing, or its translator against its interpreter. */
struct trial {
    const struct setting *setting;
    enum mode mode;            /* of our run */
    bool against_ours;         /* fast timing is the other side, not QEMU */
    u64 flags;                 /* FLAG_DETAIL */
    u8 *image, *ours, *theirs; /* IMAGE_BYTES each */
    u64 instructions;          /* retired in our run */
    u64 translated;            /* blocks, in all trials */
    char what[64]; /* the kind of difference that shrink looks for */
    u64 cause[2];
};
struct difference try_program(struct trial *t, struct program *p);

/* Drops blocks, passes, items and set-up, then puts nops for words, as long as
 * the difference stays. Returns the number of trials. */
unsigned shrink(struct trial *t, struct program *p);
/* Prints what is left of the program in assembler. */
void listing(FILE *f, struct program *p, const struct difference *d);
/* cuts_write writes a program's seed and removed parts, which determine it, as
 * text. cuts_read reads on after the seed's line; false: it is malformed. */
void cuts_write(FILE *f, const struct program *p);
bool cuts_read(FILE *f, struct program *p);
