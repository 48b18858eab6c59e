/* SPDX-License-Identifier: MIT */
/* Finds a member's offset in a struct by DWARF (DWARF 5, 5.7.6; libdw). */
#include "inspect/internal.h"

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <fcntl.h>
#include <unistd.h>

static bool named(Dwarf_Die *die, int tag, const char *name)
{
    const char *its = dwarf_tag(die) == tag ? dwarf_diename(die) : NULL;
    return its && !strcmp(its, name);
}

static bool in_struct(Dwarf_Die *structure, const char *member, u64 *offset)
{
    Dwarf_Die die;
    Dwarf_Attribute attr;
    Dwarf_Word at;
    if (dwarf_child(structure, &die))
        return false;
    do {
        if (!named(&die, DW_TAG_member, member))
            continue;
        if (!dwarf_attr(&die, DW_AT_data_member_location, &attr) ||
            dwarf_formudata(&attr, &at))
            return false;
        *offset = at;
        return true;
    } while (!dwarf_siblingof(&die, &die));
    return false;
}

/* Searches one compilation unit; a mere declaration has no members. */
static bool in_unit(Dwarf_Die *unit, const char *structure, const char *member,
                    u64 *offset)
{
    Dwarf_Die die;
    if (dwarf_child(unit, &die))
        return false;
    do
        if (named(&die, DW_TAG_structure_type, structure) &&
            in_struct(&die, member, offset))
            return true;
    while (!dwarf_siblingof(&die, &die));
    return false;
}

bool ins_member(const char *file, const char *structure, const char *member,
                u64 *offset)
{
    bool found = false;
    int fd = open(file, O_RDONLY | O_CLOEXEC);
    Dwarf *dwarf = fd < 0 ? NULL : dwarf_begin(fd, DWARF_C_READ);
    Dwarf_CU *cu = NULL;
    Dwarf_Die unit;
    while (dwarf && !found &&
           !dwarf_get_units(dwarf, cu, &cu, NULL, NULL, &unit, NULL))
        found = in_unit(&unit, structure, member, offset);
    if (dwarf)
        dwarf_end(dwarf);
    if (fd >= 0)
        close(fd);
    return found;
}
