/* SPDX-License-Identifier: MIT */
/* Opens a program, walks its entries, and finds an address's unit by the units'
 * own ranges, because not every compiler writes .debug_aranges. */
#include "dwarf/internal.h"

#include <fcntl.h>
#include <gelf.h>
#include <stdlib.h>
#include <unistd.h>

static struct source *begin(Elf *elf, int fd)
{
    Dwarf *dwarf = elf ? dwarf_begin_elf(elf, DWARF_C_READ, NULL) : NULL;
    Dwarf_CU *cu = NULL;

    if (dwarf && dwarf_get_units(dwarf, NULL, &cu, NULL, NULL, NULL, NULL)) {
        dwarf_end(dwarf); /* no readable unit */
        dwarf = NULL;
    }
    if (!dwarf) {
        elf_end(elf);
        if (fd >= 0)
            close(fd);
        return NULL;
    }
    struct source *s = xcalloc(1, sizeof *s);
    s->fd = fd;
    s->elf = elf;
    s->dwarf = dwarf;
    return s;
}

struct source *source_open(const char *file)
{
    int fd = open(file, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return NULL;
    elf_version(EV_CURRENT);
    return begin(elf_begin(fd, ELF_C_READ_MMAP, NULL), fd);
}

struct source *source_open_memory(void *image, size_t n)
{
    elf_version(EV_CURRENT);
    return begin(elf_memory(image, n), -1);
}

void source_close(struct source *s)
{
    if (!s)
        return;
    type_names_free(s);
    free(s->range);
    free(s->unit);
    dwarf_end(s->dwarf); /* frees debug_frame, too */
    if (s->eh_frame)
        dwarf_cfi_end(s->eh_frame);
    elf_end(s->elf);
    if (s->fd >= 0)
        close(s->fd);
    free(s);
}

bool source_moves(const struct source *s)
{
    GElf_Ehdr h;

    return gelf_getehdr(s->elf, &h) && h.e_type == ET_DYN;
}

void source_cfi(struct source *s, Dwarf_CFI *cfi[2])
{
    if (!s->frames_read) {
        s->frames_read = true;
        s->debug_frame = dwarf_getcfi(s->dwarf);
        s->eh_frame = dwarf_getcfi_elf(s->elf);
    }
    cfi[0] = s->debug_frame;
    cfi[1] = s->eh_frame;
}

/* ---- units -------------------------------------------------------------- */

#define UNITS_MOST  100000u
#define RANGES_MOST 1000000u

static void add_ranges(struct source *s, Dwarf_Die *die)
{
    Dwarf_Addr base, start, end;
    ptrdiff_t at = 0;

    while (s->nranges < RANGES_MOST &&
           (at = dwarf_ranges(die, at, &base, &start, &end)) > 0) {
        if (start >= end)
            continue;
        if (!(s->nranges & (s->nranges - 1)))
            s->range = xrealloc(s->range, (s->nranges ? 2 * s->nranges : 1) *
                                              sizeof *s->range);
        s->range[s->nranges++] =
            (struct unit_range){start, end, dwarf_dieoffset(die)};
    }
}

static int by_start(const void *a, const void *b)
{
    const struct unit_range *x = a, *y = b;

    if (x->start != y->start)
        return x->start < y->start ? -1 : 1;
    return x->unit < y->unit ? -1 : x->unit > y->unit;
}

static void read_units(struct source *s)
{
    Dwarf_CU *cu = NULL;
    Dwarf_Die die;
    u8 type;

    if (s->units_read)
        return;
    s->units_read = true;
    while (s->nunits < UNITS_MOST &&
           !dwarf_get_units(s->dwarf, cu, &cu, NULL, &type, &die, NULL)) {
        if (type != DW_UT_compile && type != DW_UT_partial)
            continue;
        if (!(s->nunits & (s->nunits - 1)))
            s->unit = xrealloc(s->unit, (s->nunits ? 2 * s->nunits : 1) *
                                            sizeof *s->unit);
        s->unit[s->nunits++] = dwarf_dieoffset(&die);
        add_ranges(s, &die);
    }
    if (s->nranges)
        qsort(s->range, s->nranges, sizeof *s->range, by_start);
}

bool unit_nth(struct source *s, size_t i, Dwarf_Die *unit)
{
    read_units(s);
    return i < s->nunits && dwarf_offdie(s->dwarf, s->unit[i], unit);
}

bool unit_at(struct source *s, u64 pc, Dwarf_Die *unit)
{
    size_t lo = 0, hi;

    read_units(s);
    for (hi = s->nranges; lo < hi;) { /* the first range after pc */
        size_t mid = lo + (hi - lo) / 2;
        if (s->range[mid].start <= pc)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo && pc < s->range[lo - 1].end &&
           dwarf_offdie(s->dwarf, s->range[lo - 1].unit, unit);
}

/* ---- entries ------------------------------------------------------------ */

bool entry(struct source_ref r, Dwarf_Die *die)
{
    return r.of && r.die && dwarf_offdie(r.of->dwarf, r.die, die);
}

const char *name_of(Dwarf_Die *die)
{
    Dwarf_Attribute a;

    return dwarf_attr_integrate(die, DW_AT_name, &a) ? dwarf_formstring(&a)
                                                     : NULL;
}

bool refers_to(Dwarf_Die *die, unsigned attribute, Dwarf_Die *to)
{
    Dwarf_Attribute a;

    return dwarf_attr_integrate(die, attribute, &a) &&
           dwarf_formref_die(&a, to);
}

bool number_of(Dwarf_Die *die, unsigned attribute, u64 *value)
{
    Dwarf_Attribute a;
    Dwarf_Sword s;
    Dwarf_Word u;

    if (!dwarf_attr_integrate(die, attribute, &a))
        return false;
    if (dwarf_whatform(&a) == DW_FORM_sdata ||
        dwarf_whatform(&a) == DW_FORM_implicit_const) {
        if (dwarf_formsdata(&a, &s))
            return false;
        *value = (u64)s;
        return true;
    }
    if (dwarf_formudata(&a, &u))
        return false;
    *value = u;
    return true;
}

/* Visits in the file's order, without recursion: an entry, its children, its
 * next sibling. */
bool walk_entries(Dwarf_Die *top,
                  enum walk (*fn)(void *, Dwarf_Die *, unsigned), void *opaque)
{
    Dwarf_Die path[DEPTH_MOST];
    unsigned depth = 0, left = ENTRIES_MOST;
    bool down;

    if (dwarf_child(top, &path[0]))
        return false;
    while (left--) {
        enum walk w = fn(opaque, &path[depth], depth);
        if (w == WALK_STOP)
            return true;
        down = w == WALK_ON && depth + 1 < DEPTH_MOST &&
               !dwarf_child(&path[depth], &path[depth + 1]);
        if (down) {
            depth++;
            continue;
        }
        while (dwarf_siblingof(&path[depth], &path[depth]))
            if (!depth--)
                return false;
    }
    return false;
}
