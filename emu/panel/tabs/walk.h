/* SPDX-License-Identifier: MIT */
/* Words about a page walk (walk_words.c), for the tab that draws it. */
#pragma once

#include "panel/draw/draw.h"

/* How a walk ended. After that, in phase WALK_IDLE, its steps stay readable. */
enum walk_end { WALK_GOING, WALK_FOUND, WALK_FAULT };
enum walk_end walk_ending(const struct walk *w);
/* Returns "store to 0x3fff36f000 by hog (11)". */
const char *walk_title(const struct ins_display *d);
/* Returns "store page fault: not present: V is clear", "found: ..." or "". */
const char *walk_verdict(const struct ins_display *d);
const char *entry_size(const struct tlb_entry *e); /* "2 MiB" */
#define WALKER_SETS                                                            \
    "the walker writes the entry: A at its first use, D at its first store"
/* served_text returns words for the memory that served a read, such as a cache;
 * served_term returns the glossary's term for it. */
const char *served_text(unsigned where, bool brief);
const char *served_term(unsigned where);

/* walk.c: a level's colour, in the address and in the tables. */
u32 walk_level_colour(const struct draw *g, unsigned level);
/* walk_tree.c */
bool walk_tree_fits(const struct draw *g, struct rect r);
void draw_walk_tree(struct draw *g, struct rect r, const struct walk *w);
