/* SPDX-License-Identifier: MIT */
/* Values at a function's entry (DWARF 5, 3.4 and 2.5.1.7): the call site
 * describes each argument by an expression over the caller's registers, which
 * are still known. */
#include "source/value.h"

#define ORIGINS_MOST 8

/* Moves *die to the entry that all instances and declarations share. */
static void origin_of(Dwarf_Die *die)
{
    static const unsigned by[] = {DW_AT_abstract_origin, DW_AT_specification};
    Dwarf_Attribute a;
    Dwarf_Die to;

    for (unsigned i = 0; i < ORIGINS_MOST; i++) {
        bool found = false;
        for (unsigned k = 0; k < ARRAY_LEN(by) && !found; k++)
            found = dwarf_attr(die, by[k], &a) && dwarf_formref_die(&a, &to);
        if (!found)
            return;
        *die = to;
    }
}

static bool is_external(Dwarf_Die *die)
{
    Dwarf_Attribute a;
    bool flag;

    return dwarf_attr(die, DW_AT_external, &a) && !dwarf_formflag(&a, &flag) &&
           flag;
}

/* Two entries of one function: another file has a declaration of its own. */
static bool same_function(Dwarf_Die a, Dwarf_Die b)
{
    origin_of(&a);
    origin_of(&b);
    if (dwarf_dieoffset(&a) == dwarf_dieoffset(&b))
        return true;
    const char *x = name_of(&a), *y = name_of(&b);
    return x && y && !strcmp(x, y) && is_external(&a) && is_external(&b);
}

struct site {
    u64 returns;
    Dwarf_Die die;
};

static enum walk find_site(void *opaque, Dwarf_Die *die, unsigned depth)
{
    struct site *s = opaque;
    int tag = dwarf_tag(die);
    Dwarf_Attribute a;
    Dwarf_Addr at;

    (void)depth;
    if (tag != DW_TAG_call_site && tag != DW_TAG_GNU_call_site)
        return WALK_ON;
    if (!dwarf_attr(
            die, tag == DW_TAG_call_site ? DW_AT_call_return_pc : DW_AT_low_pc,
            &a) ||
        dwarf_formaddr(&a, &at) || at != s->returns)
        return WALK_OVER;
    s->die = *die;
    return WALK_STOP;
}

/* An attribute of DWARF 5, or the GNU attribute that it replaced. */
static bool new_or_gnu(Dwarf_Die *die, unsigned now, unsigned before,
                       Dwarf_Attribute *a)
{
    return dwarf_attr(die, now, a) || dwarf_attr(die, before, a);
}

/* True if the call site calls that function. Otherwise the function that it
 * calls has jumped on to this one (a tail call), with other arguments. */
static bool leads_to(struct source *s, struct site *site, Dwarf_Die *function,
                     struct value_at at)
{
    Dwarf_Attribute a;
    Dwarf_Die to;
    Dwarf_Addr start;
    u64 target;

    if (new_or_gnu(&site->die, DW_AT_call_origin, DW_AT_abstract_origin, &a))
        return dwarf_formref_die(&a, &to) && same_function(to, *function);
    return new_or_gnu(&site->die, DW_AT_call_target, DW_AT_GNU_call_site_target,
                      &a) &&
           !value_of(s, &a, at, &target) && !dwarf_entrypc(function, &start) &&
           target == start + at.f->bias;
}

static bool is_register(Dwarf_Die *parameter, unsigned number)
{
    Dwarf_Attribute a;
    Dwarf_Op *op;
    size_t n;

    return dwarf_attr(parameter, DW_AT_location, &a) &&
           !dwarf_getlocation(&a, &op, &n) && n == 1 &&
           value_register(op) == (int)number;
}

/* The parameter that the call site passes in that register. */
static bool parameter_of(struct site *site, unsigned number, Dwarf_Die *out)
{
    unsigned left = ENTRIES_MOST;

    if (dwarf_child(&site->die, out))
        return false;
    do {
        int tag = dwarf_tag(out);
        if ((tag == DW_TAG_call_site_parameter ||
             tag == DW_TAG_GNU_call_site_parameter) &&
            is_register(out, number))
            return true;
    } while (left-- && !dwarf_siblingof(out, out));
    return false;
}

bool entry_register(struct source *s, unsigned number, struct value_at at,
                    u64 *value)
{
    struct source_frame f = *at.f, up;
    Dwarf_Die caller, parameter;
    Dwarf_Attribute a;

    if (!at.function || !source_caller(s, &f, at.mem, &up) || f.trap)
        return false;
    up.bias = f.bias;
    up.pc -= up.bias;
    up.look -= up.bias;
    struct site site = {.returns = up.pc};
    if (!function_at(s, up.look, &caller) ||
        !walk_entries(&caller, find_site, &site))
        return false;
    struct value_at there = {&up, at.mem, &caller, at.depth + 1};
    return leads_to(s, &site, at.function, there) &&
           parameter_of(&site, number, &parameter) &&
           new_or_gnu(&parameter, DW_AT_call_value, DW_AT_GNU_call_site_value,
                      &a) &&
           !value_of(s, &a, there, value);
}
