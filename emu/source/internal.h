/* SPDX-License-Identifier: MIT */
/* Internal to source/: what its files share. */
#ifndef CLOCKHAND_SOURCE_INTERNAL_H
#define CLOCKHAND_SOURCE_INTERNAL_H

#include "source/source.h"

#include <dwarf.h>
#include <elfutils/libdw.h>

/* A stretch of addresses, and the compilation unit that it is of. */
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
    struct type_name *types; /* type.c: by name, once one was asked for */
    size_t ntypes;
};

/* How many entries one question looks at, at most: a file may say that a
 * subtree never ends. */
#define ENTRIES_MOST 4000000u
#define DEPTH_MOST   64

/* The unit's entry that has pc; false: none. */
bool unit_at(struct source *s, u64 pc, Dwarf_Die *unit);
bool unit_nth(struct source *s, size_t i, Dwarf_Die *unit);
/* An entry by its offset, as references keep it. */
bool entry(struct source_ref r, Dwarf_Die *die);
static inline struct source_ref ref_of(struct source *s, Dwarf_Die *die)
{
    return (struct source_ref){s, die ? dwarf_dieoffset(die) : 0};
}
/* The function's entry that has pc; false: none. */
bool function_at(struct source *s, u64 pc, Dwarf_Die *out);
/* DW_AT_name, its own or of what it is an instance of; NULL: none. */
const char *name_of(Dwarf_Die *die);
/* The entry that an attribute refers to, its own or its origin's. */
bool refers_to(Dwarf_Die *die, unsigned attribute, Dwarf_Die *to);
/* A number; false: there is none of that attribute. */
bool number_of(Dwarf_Die *die, unsigned attribute, u64 *value);
/* The function's or inlined call's entry that a variable's entry is in, and the
 * innermost block around it. False: a variable of a file. */
bool home_of(struct source_ref var, Dwarf_Die *function, Dwarf_Die *block);
void type_names_free(struct source *s);
/* A struct's members from number `from` on; how many were written. type.c */
unsigned source_members(struct source_ref type, unsigned from,
                        struct source_member *out, const char **name,
                        unsigned max);
/* NULL: no enumerator has that value. */
const char *source_enumerator(struct source_ref type, u64 value);

/* Calls fn for each entry below `top` until it says WALK_STOP; WALK_OVER: what
 * is below this one is left out. */
enum walk { WALK_ON, WALK_OVER, WALK_STOP };
bool walk_entries(Dwarf_Die *top,
                  enum walk (*fn)(void *, Dwarf_Die *, unsigned), void *opaque);

#endif
