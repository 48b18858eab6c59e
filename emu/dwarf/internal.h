/* SPDX-License-Identifier: MIT */
/* Internal to source/: declarations shared by its files. */
#pragma once

#include "dwarf/dwarf.h"

#include <dwarf.h>
#include <elfutils/libdw.h>

/* A range of addresses, and its compilation unit. */
struct unit_range {
    u64 start, end, unit;
};
struct source {
    int fd;
    Elf *elf;
    Dwarf *dwarf;
    struct unit_range *range; /* by start */
    size_t nranges;
    u64 *unit; /* offset of each unit's entry */
    size_t nunits;
    bool units_read, frames_read;
    Dwarf_CFI *debug_frame, *eh_frame;
    struct type_name *types; /* type.c: by name; NULL until first needed */
    size_t ntypes;
};

/* A search for an entry gives up after ENTRIES_MOST, because a malformed
 * file's subtree may never end. */
#define ENTRIES_MOST 4000000u
#define DEPTH_MOST   64

/* Gets the entry of the compilation unit that contains pc; false: none. */
bool unit_at(struct source *s, u64 pc, Dwarf_Die *unit);
bool unit_nth(struct source *s, size_t i, Dwarf_Die *unit);
/* Gets the entry that a reference names by its offset. */
bool entry(struct source_ref r, Dwarf_Die *die);
static inline struct source_ref ref_of(struct source *s, Dwarf_Die *die)
{
    return (struct source_ref){s, die ? dwarf_dieoffset(die) : 0};
}
/* Returns DW_AT_name of the entry or of its abstract origin; NULL: none. */
const char *name_of(Dwarf_Die *die);
/* Gets the entry that an attribute of die, or of its origin, refers to. */
bool refers_to(Dwarf_Die *die, unsigned attribute, Dwarf_Die *to);
/* Gets the number that an attribute holds; false: no number. */
bool number_of(Dwarf_Die *die, unsigned attribute, u64 *value);
void type_names_free(struct source *s);
/* type.c: gets a struct's members from number `from` on, at most max; returns
 * their number. */
unsigned source_members(struct source_ref type, unsigned from,
                        struct source_member *out, const char **name,
                        unsigned max);
/* Returns an enumerator's name; NULL: none has that value. */
const char *source_enumerator(struct source_ref type, u64 value);

/* Calls fn for each entry below `top`, with its depth, until fn returns
 * WALK_STOP; WALK_OVER skips the entry's children. True: stopped. */
enum walk { WALK_ON, WALK_OVER, WALK_STOP };
bool walk_entries(Dwarf_Die *top,
                  enum walk (*fn)(void *, Dwarf_Die *, unsigned), void *opaque);
