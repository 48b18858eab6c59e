/* SPDX-License-Identifier: MIT */
/* Internal to display/: the data that its files keep between two updates of a
 * display, and the parts of an update. */
#pragma once

#include "inspect/display.h"
#include "inspect/internal.h"
#include "inspect/process.h"

/* ---- ../memory/file_block.c ---------------------------------------------- */
/* Finds the place on disk of the page in a clean frame of a file. False unless
 * exactly one disk has an ext2 file system and holds the page's bytes there. */
bool ins_file_block(struct machine *m, const struct ins_frame *f,
                    struct ins_block *out);

/* ---- areas.c ------------------------------------------------------------- */
/* Fills the areas of a space that has none yet, and gives them cells. */
void ins_areas(struct ins_space *s, const struct ins_vma *v, unsigned n);

struct ins_update {
    u64 kinds[256]; /* histogram of ins_display.kind */
    u8 *shared;     /* 1: the frame has several references */
    u8 *accessed;   /* 1: a PTE with its A bit set maps the frame */
    u64 *root;      /* the root tables that were read */
    u64 next;       /* when the next whole update is due, in host ns */
    u64 bank_counts[INS_BANKS];
};

/* Called at every update that is not whole. */
void ins_update_kinds(struct machine *m, struct ins_display *d);
/* Called at every update. */
void ins_update_banks(struct machine *m, struct ins_display *d);
void ins_update_sliders(struct machine *m, struct ins_display *d);
/* Called at a whole update, in this order; some use results of earlier ones. */
void ins_update_ages(struct machine *m, struct ins_display *d);
void ins_update_rows(struct machine *m, struct ins_display *d);
void ins_update_lit(struct machine *m, struct ins_display *d);
void ins_update_spaces(struct machine *m, struct ins_display *d);
void ins_update_belief(struct ins_display *d);
void ins_update_slots(struct machine *m, struct ins_display *d);
/* Counts all kinds of ins_display.kind anew. */
void ins_update_recount(struct ins_display *d);
