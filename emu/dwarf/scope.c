/* SPDX-License-Identifier: MIT */
/* Finds functions, the calls inlined into them, and global variables. The
 * entries of a compilation unit form a tree: functions and global variables are
 * below the unit, blocks and inlined calls below functions. */
#include "dwarf/internal.h"

#include <stdlib.h>

/* ---- scopes of an address ----------------------------------------------- */

/* Finds the function that contains pc, directly below the unit of pc. */
static bool function_at(struct source *s, u64 pc, Dwarf_Die *out)
{
    Dwarf_Die unit;
    unsigned left = ENTRIES_MOST;

    if (!unit_at(s, pc, &unit) || dwarf_child(&unit, out))
        return false;
    do
        if (dwarf_tag(out) == DW_TAG_subprogram && dwarf_haspc(out, pc) > 0)
            return true;
    while (left && left-- && !dwarf_siblingof(out, out));
    return false;
}

/* The function, inlined calls and blocks that contain pc, outermost first. */
struct chain {
    u64 pc;
    Dwarf_Die die[SOURCE_SCOPES * 2];
    unsigned n;
};

static bool is_inner_scope(int tag)
{
    return tag == DW_TAG_lexical_block || tag == DW_TAG_inlined_subroutine;
}

static void chain_at(struct source *s, u64 pc, struct chain *c)
{
    unsigned left = ENTRIES_MOST;
    bool more;

    *c = (struct chain){.pc = pc};
    if (!function_at(s, pc, &c->die[0]))
        return;
    c->n = 1;
    while (c->n < ARRAY_LEN(c->die)) {
        Dwarf_Die child;
        more = !dwarf_child(&c->die[c->n - 1], &child);
        while (
            more && left && left-- &&
            !(is_inner_scope(dwarf_tag(&child)) && dwarf_haspc(&child, pc) > 0))
            more = !dwarf_siblingof(&child, &child);
        if (!more || !left)
            break;
        c->die[c->n++] = child;
    }
}

static bool is_call(Dwarf_Die *die)
{
    return dwarf_tag(die) != DW_TAG_lexical_block;
}

static const char *call_file(Dwarf_Die *die)
{
    Dwarf_Files *files;
    Dwarf_Die unit;
    u64 index;
    size_t n;

    if (!number_of(die, DW_AT_call_file, &index) ||
        !dwarf_diecu(die, &unit, NULL, NULL) ||
        dwarf_getsrcfiles(&unit, &files, &n) || index >= n)
        return NULL;
    const char *name = dwarf_filesrc(files, index, NULL, NULL);
    return name && !strncmp(name, "./", 2) ? name + 2 : name;
}

unsigned source_scopes(struct source *s, u64 pc,
                       struct source_scope out[SOURCE_SCOPES])
{
    struct chain c;
    unsigned n = 0;
    u64 line;

    chain_at(s, pc, &c);
    for (unsigned i = c.n; i-- && n < SOURCE_SCOPES;) {
        if (!is_call(&c.die[i]))
            continue;
        struct source_scope *o = &out[n++];
        *o = (struct source_scope){.function = name_of(&c.die[i]),
                                   .die = dwarf_dieoffset(&c.die[i]),
                                   .inlined = i > 0};
        if (o->inlined && number_of(&c.die[i], DW_AT_call_line, &line)) {
            o->call_file = call_file(&c.die[i]);
            o->call_line = (unsigned)line;
        }
    }
    return n;
}

/* ---- functions ---------------------------------------------------------- */

static bool optimised(Dwarf_Die *unit)
{
    Dwarf_Attribute a;
    const char *by =
        dwarf_attr(unit, DW_AT_producer, &a) ? dwarf_formstring(&a) : NULL;

    for (; by && (by = strstr(by, " -O")); by += 3)
        if (by[3] != '0')
            return true;
    return false;
}

/* Finds a variable with a location list, which gives its location for each
 * address, the function's first included. */
static enum walk find_location_list(void *opaque, Dwarf_Die *die,
                                    UNUSED unsigned depth)
{
    Dwarf_Attribute a;
    bool *found = opaque;

    if (dwarf_attr(die, DW_AT_location, &a))
        *found |= dwarf_whatform(&a) == DW_FORM_loclistx ||
                  dwarf_whatform(&a) == DW_FORM_sec_offset ||
                  dwarf_whatform(&a) == DW_FORM_data4;
    return *found ? WALK_STOP : WALK_ON;
}

/* Returns the address of the second line, after the prologue, which stores the
 * arguments. Returns the start if the code is optimised or has one line. */
static u64 body_of(Dwarf_Die *die, Dwarf_Die *unit, u64 start)
{
    Dwarf_Addr *at = NULL;
    bool list = optimised(unit);
    u64 body = start;

    if (!list)
        walk_entries(die, find_location_list, &list);
    if (list || dwarf_entry_breakpoints(die, &at) <= 0)
        return start;
    if (at[0] > start)
        body = at[0];
    free(at);
    return body;
}

static bool describe_function(Dwarf_Die *die, struct source_function *out)
{
    Dwarf_Addr start;
    Dwarf_Die unit;
    int line = 0;

    if (dwarf_entrypc(die, &start) || !dwarf_diecu(die, &unit, NULL, NULL))
        return false;
    dwarf_decl_line(die, &line);
    const char *file = dwarf_decl_file(die);
    *out = (struct source_function){
        .name = name_of(die),
        .file = file && !strncmp(file, "./", 2) ? file + 2 : file,
        .line = (unsigned)line,
        .entry = start};
    out->body = body_of(die, &unit, start);
    return out->name;
}

bool source_function_at(struct source *s, u64 pc, struct source_function *out)
{
    Dwarf_Die die;

    return function_at(s, pc, &die) && describe_function(&die, out);
}

/* Calls fn for each entry directly below a unit until it returns true. */
static bool each_unit_entry(struct source *s, bool (*fn)(void *, Dwarf_Die *),
                            void *opaque)
{
    unsigned left = ENTRIES_MOST;
    Dwarf_Die unit, die;

    for (size_t i = 0; unit_nth(s, i, &unit); i++) {
        if (dwarf_child(&unit, &die))
            continue;
        do
            if (fn(opaque, &die))
                return true;
        while (left && left-- && !dwarf_siblingof(&die, &die));
    }
    return false;
}

struct named {
    struct source *s;
    const char *name;
    struct source_function *function;
    struct source_variable *variable;
};

static bool is_named(Dwarf_Die *die, const char *name)
{
    const char *has = name_of(die);
    return has && !strcmp(has, name);
}

static bool function_named(void *opaque, Dwarf_Die *die)
{
    struct named *f = opaque;

    return dwarf_tag(die) == DW_TAG_subprogram && is_named(die, f->name) &&
           describe_function(die, f->function);
}

bool source_function(struct source *s, const char *name,
                     struct source_function *out)
{
    struct named f = {.s = s, .name = name, .function = out};

    return each_unit_entry(s, function_named, &f);
}

/* ---- global variables --------------------------------------------------- */

/* Takes a variable that has the name and, unlike a declaration, a location. */
static bool variable_named(void *opaque, Dwarf_Die *die)
{
    struct named *f = opaque;
    Dwarf_Die type;

    if (dwarf_tag(die) != DW_TAG_variable || !is_named(die, f->name) ||
        !dwarf_hasattr_integrate(die, DW_AT_location))
        return false;
    *f->variable = (struct source_variable){
        .var = ref_of(f->s, die),
        .type = ref_of(f->s, refers_to(die, DW_AT_type, &type) ? &type : NULL)};
    return true;
}

bool source_variable(struct source *s, u64 pc, const char *name,
                     struct source_variable *out)
{
    struct named f = {.s = s, .name = name, .variable = out};
    unsigned left = ENTRIES_MOST;
    Dwarf_Die unit, die;

    if (pc && unit_at(s, pc, &unit) && !dwarf_child(&unit, &die))
        do
            if (variable_named(&f, &die))
                return true;
        while (left && left-- && !dwarf_siblingof(&die, &die));
    return each_unit_entry(s, variable_named, &f);
}

/* A global's location is one operation, which names a fixed address. */
const char *source_address(struct source_ref var, u64 *va)
{
    static const char optimized_out[] = "optimized out";
    Dwarf_Die die;
    Dwarf_Attribute a, in_table;
    Dwarf_Op *op;
    Dwarf_Addr at;
    size_t n;

    if (!entry(var, &die) || !dwarf_attr_integrate(&die, DW_AT_location, &a) ||
        dwarf_getlocation(&a, &op, &n) || n != 1)
        return optimized_out;
    at = op->number;
    if (op->atom != DW_OP_addr &&
        ((op->atom != DW_OP_addrx && op->atom != DW_OP_GNU_addr_index) ||
         dwarf_getlocation_attr(&a, op, &in_table) ||
         dwarf_formaddr(&in_table, &at)))
        return optimized_out;
    *va = at;
    return NULL;
}
