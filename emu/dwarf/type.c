/* SPDX-License-Identifier: MIT */
/* Describes types: shapes, members, names. In a malformed file a chain of types
 * may be a ring, so every walk along a chain is bounded. */
#include "dwarf/internal.h"

#include <stdio.h>
#include <stdlib.h>

#define CHAIN_MOST 32

static bool is_alias(int tag)
{
    return tag == DW_TAG_typedef || tag == DW_TAG_const_type ||
           tag == DW_TAG_volatile_type || tag == DW_TAG_restrict_type ||
           tag == DW_TAG_atomic_type;
}

/* Gets the type without typedefs and qualifiers; false: `void`, or a ring. */
static bool without_typedefs(struct source_ref type, Dwarf_Die *die)
{
    if (!entry(type, die))
        return false;
    for (unsigned i = 0; i < CHAIN_MOST; i++) {
        if (!is_alias(dwarf_tag(die)))
            return true;
        if (!refers_to(die, DW_AT_type, die))
            return false;
    }
    return false;
}

static struct source_ref type_of(struct source *s, Dwarf_Die *die)
{
    Dwarf_Die to;

    return ref_of(s, refers_to(die, DW_AT_type, &to) ? &to : NULL);
}

/* ---- arrays ------------------------------------------------------------- */

/* Gets the dimensions, outermost first; an unknown length is 0. */
#define DIMENSIONS 8
static unsigned dimensions(Dwarf_Die *die, u64 count[DIMENSIONS])
{
    Dwarf_Die child;
    unsigned n = 0;
    u64 v;

    if (dwarf_child(die, &child))
        return 0;
    do {
        if (dwarf_tag(&child) != DW_TAG_subrange_type)
            continue;
        count[n] = 0;
        if (number_of(&child, DW_AT_count, &v))
            count[n] = v;
        else if (number_of(&child, DW_AT_upper_bound, &v) && v + 1)
            count[n] = v + 1;
        n++;
    } while (n < DIMENSIONS && !dwarf_siblingof(&child, &child));
    return n;
}

/* An array of arrays is one entry with several dimensions. The inner arrays
 * have no entry, so the shape is one array of the innermost elements. */
static void array_shape(struct source *s, Dwarf_Die *die,
                        struct source_shape *out)
{
    u64 count[DIMENSIONS];
    unsigned n = dimensions(die, count);

    out->kind = SOURCE_ARRAY;
    out->to = type_of(s, die);
    out->count = n ? 1 : 0;
    out->dimensions = n;
    for (unsigned i = 0; i < n; i++)
        if (__builtin_mul_overflow(out->count, count[i], &out->count))
            out->count = 0;
}

/* ---- shapes ------------------------------------------------------------- */

static void base_shape(Dwarf_Die *die, struct source_shape *out)
{
    u64 encoding = 0;

    number_of(die, DW_AT_encoding, &encoding);
    out->is_unsigned = encoding == DW_ATE_unsigned ||
                       encoding == DW_ATE_unsigned_char ||
                       encoding == DW_ATE_boolean || encoding == DW_ATE_UTF;
    out->kind =
        encoding == DW_ATE_boolean ? SOURCE_BOOL
        : encoding == DW_ATE_float ? SOURCE_FLOAT
        : encoding == DW_ATE_unsigned_char || encoding == DW_ATE_signed_char
            ? SOURCE_CHAR
        : encoding == DW_ATE_signed || encoding == DW_ATE_unsigned
            ? SOURCE_INT
            : SOURCE_OTHER;
    if (out->bytes > 8 && out->kind != SOURCE_FLOAT)
        out->kind = SOURCE_OTHER;
}

static struct source_shape shape(struct source_ref type, unsigned depth)
{
    struct source_shape out = {.kind = SOURCE_VOID}, to;
    Dwarf_Die die;

    if (depth > CHAIN_MOST || !without_typedefs(type, &die))
        return out;
    out.kind = SOURCE_OTHER;
    number_of(&die, DW_AT_byte_size, &out.bytes);
    switch (dwarf_tag(&die)) {
    case DW_TAG_base_type:
        base_shape(&die, &out);
        break;
    case DW_TAG_enumeration_type:
        out.kind = SOURCE_ENUM;
        to = shape(type_of(type.of, &die), depth + 1);
        out.is_unsigned = to.kind == SOURCE_VOID || to.is_unsigned;
        break;
    case DW_TAG_pointer_type:
    case DW_TAG_reference_type:
    case DW_TAG_rvalue_reference_type:
        out.kind = SOURCE_POINTER;
        out.bytes = 8;
        out.is_unsigned = true;
        out.to = type_of(type.of, &die);
        break;
    case DW_TAG_structure_type:
    case DW_TAG_class_type:
    case DW_TAG_union_type:
        out.kind = SOURCE_STRUCT;
        break;
    case DW_TAG_array_type:
        array_shape(type.of, &die, &out);
        to = shape(out.to, depth + 1);
        if (__builtin_mul_overflow(to.bytes, out.count, &out.bytes))
            out.bytes = out.count = 0;
        break;
    case DW_TAG_subroutine_type:
        out.kind = SOURCE_FUNCTION;
        break;
    }
    return out;
}

struct source_shape source_shape(struct source_ref type)
{
    return shape(type, 0);
}

/* ---- members ------------------------------------------------------------ */

/* Reads a bit-field, if it is one. DW_AT_data_bit_offset (DWARF 4 on) counts
 * from the struct's beginning, DW_AT_bit_offset (before) from the storage's
 * most significant bit. False: malformed. */
static bool bit_field(struct source *s, Dwarf_Die *die,
                      struct source_member *out)
{
    u64 bits, from, bytes;

    if (!number_of(die, DW_AT_bit_size, &bits))
        return true;
    if (!bits || bits > 64)
        return false;
    out->bits = (unsigned)bits;
    if (number_of(die, DW_AT_data_bit_offset, &from)) {
        out->at = from / 8;
        out->bit = from % 8;
    } else if (number_of(die, DW_AT_bit_offset, &from)) {
        bytes = source_shape(type_of(s, die)).bytes;
        number_of(die, DW_AT_byte_size, &bytes);
        if (8 * bytes < from + bits)
            return false;
        from = 8 * bytes - from - bits;
        out->at += from / 8;
        out->bit = from % 8;
    }
    return out->bit + out->bits <= 64;
}

/* Gets the member's offset: a number, or, in DWARF 2 (5.6.6), an expression
 * that adds a number to the struct's address; without either, 0 (a union). */
static bool member_offset(Dwarf_Die *die, u64 *at)
{
    Dwarf_Attribute a;
    Dwarf_Op *op;
    size_t n;

    if (!dwarf_attr(die, DW_AT_data_member_location, &a) ||
        number_of(die, DW_AT_data_member_location, at))
        return true;
    if (dwarf_getlocation(&a, &op, &n) || n != 1 ||
        op->atom != DW_OP_plus_uconst)
        return false;
    *at = op->number;
    return true;
}

static bool member_of(struct source *s, Dwarf_Die *die,
                      struct source_member *out)
{
    *out = (struct source_member){.type = type_of(s, die)};
    return dwarf_tag(die) == DW_TAG_member && member_offset(die, &out->at) &&
           bit_field(s, die, out);
}

static bool member(struct source_ref type, const char *name,
                   struct source_member *out, unsigned depth)
{
    Dwarf_Die die, child;
    unsigned left = ENTRIES_MOST / 100;

    if (depth > 8 || !without_typedefs(type, &die) || dwarf_child(&die, &child))
        return false;
    do {
        struct source_member m, in;
        const char *has = dwarf_diename(&child);
        if (!member_of(type.of, &child, &m))
            continue;
        if (has && !strcmp(has, name)) {
            *out = m;
            return true;
        }
        if (!has && member(m.type, name, &in, depth + 1)) {
            *out = in;
            out->at += m.at;
            return true;
        }
    } while (left && left-- && !dwarf_siblingof(&child, &child));
    return false;
}

bool source_member(struct source_ref type, const char *name,
                   struct source_member *out)
{
    return member(type, name, out, 0);
}

unsigned source_members(struct source_ref type, unsigned from,
                        struct source_member *out, const char **name,
                        unsigned max)
{
    Dwarf_Die die, child;
    unsigned n = 0, i = 0;

    if (!without_typedefs(type, &die) || dwarf_child(&die, &child))
        return 0;
    do {
        if (n == max || !member_of(type.of, &child, &out[n]) || i++ < from)
            continue;
        name[n++] = dwarf_diename(&child);
    } while (n < max && !dwarf_siblingof(&child, &child));
    return n;
}

const char *source_enumerator(struct source_ref type, u64 value)
{
    Dwarf_Die die, child;
    unsigned left = ENTRIES_MOST / 100;
    u64 is;

    if (!without_typedefs(type, &die) || dwarf_child(&die, &child))
        return NULL;
    do
        if (dwarf_tag(&child) == DW_TAG_enumerator &&
            number_of(&child, DW_AT_const_value, &is) && is == value)
            return dwarf_diename(&child);
    while (left && left-- && !dwarf_siblingof(&child, &child));
    return NULL;
}

/* ---- by name ------------------------------------------------------------ */

struct type_name {
    const char *name;
    u64 die;
    int tag;
};

void type_names_free(struct source *s)
{
    free(s->types);
}

static bool is_type(int tag)
{
    return tag == DW_TAG_structure_type || tag == DW_TAG_union_type ||
           tag == DW_TAG_enumeration_type || tag == DW_TAG_typedef ||
           tag == DW_TAG_base_type;
}

static int by_name(const void *a, const void *b)
{
    const struct type_name *x = a, *y = b;
    int d = strcmp(x->name, y->name);

    return d ? d : x->die < y->die ? -1 : x->die > y->die;
}

/* Reads complete types only: a declaration has no members. */
static void read_types(struct source *s)
{
    unsigned left = ENTRIES_MOST;
    Dwarf_Die unit, die;

    s->types = xcalloc(1, sizeof *s->types);
    for (size_t i = 0; unit_nth(s, i, &unit); i++) {
        if (dwarf_child(&unit, &die))
            continue;
        do {
            const char *name = dwarf_diename(&die);
            if (!name || !is_type(dwarf_tag(&die)) ||
                dwarf_hasattr(&die, DW_AT_declaration))
                continue;
            if (!(s->ntypes & (s->ntypes - 1)))
                s->types = xrealloc(s->types, (s->ntypes ? 2 * s->ntypes : 1) *
                                                  sizeof *s->types);
            s->types[s->ntypes++] = (struct type_name){
                name, dwarf_dieoffset(&die), dwarf_tag(&die)};
        } while (left && left-- && !dwarf_siblingof(&die, &die));
    }
    qsort(s->types, s->ntypes, sizeof *s->types, by_name);
}

bool source_type_named(struct source *s, const char *what, const char *name,
                       struct source_ref *out)
{
    int tag = !strcmp(what, "struct")  ? DW_TAG_structure_type
              : !strcmp(what, "union") ? DW_TAG_union_type
              : !strcmp(what, "enum")  ? DW_TAG_enumeration_type
                                       : 0;
    size_t lo = 0, hi;

    if (!s->types)
        read_types(s);
    for (hi = s->ntypes; lo < hi;) {
        size_t mid = lo + (hi - lo) / 2;
        if (strcmp(s->types[mid].name, name) < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    for (; lo < s->ntypes && !strcmp(s->types[lo].name, name); lo++) {
        int is = s->types[lo].tag;
        if (tag ? is == tag : is == DW_TAG_typedef || is == DW_TAG_base_type) {
            *out = (struct source_ref){s, s->types[lo].die};
            return true;
        }
    }
    return false;
}

/* ---- types in C's notation ---------------------------------------------- */

static const char *keyword(int tag)
{
    static const char *const words[] = {[DW_TAG_structure_type] = "struct ",
                                        [DW_TAG_union_type] = "union ",
                                        [DW_TAG_enumeration_type] = "enum ",
                                        [DW_TAG_const_type] = "const ",
                                        [DW_TAG_volatile_type] = "volatile "};
    bool known = (unsigned)tag < ARRAY_LEN(words) && words[tag];
    return known ? words[tag] : "";
}

/* The stars collected so far point to a function: they become (*), and () comes
 * after them. */
static void function_text(char *stars, char *after, size_t n)
{
    char inner[CHAIN_MOST + 4];

    snprintf(after, n, "()");
    if (!*stars)
        return;
    snprintf(inner, sizeof inner, "%s", stars);
    snprintf(stars, sizeof inner, "(%.*s)", CHAIN_MOST, inner);
}

/* Collects stars and brackets on the way to the name. */
char *source_type_text(struct source_ref type, char *buf, size_t n)
{
    char before[64] = "", stars[CHAIN_MOST + 4] = "", after[80] = "";
    const char *name = NULL;
    Dwarf_Die die;
    bool known = entry(type, &die);

    for (unsigned i = 0; known && i < CHAIN_MOST; i++) {
        int tag = dwarf_tag(&die);
        name = dwarf_diename(&die);
        if (tag == DW_TAG_pointer_type)
            memmove(stars + 1, stars, strlen(stars) + 1), *stars = '*';
        else if (tag == DW_TAG_array_type)
            snprintf(after, sizeof after, "[%llu]",
                     source_shape(ref_of(type.of, &die)).count);
        else if (tag == DW_TAG_subroutine_type)
            function_text(stars, after, sizeof after);
        else if (strlen(before) < 40)
            strcat(before, keyword(tag));
        if (name || (!is_alias(tag) && tag != DW_TAG_pointer_type &&
                     tag != DW_TAG_array_type && tag != DW_TAG_subroutine_type))
            break;
        known = refers_to(&die, DW_AT_type, &die);
    }
    if (!name)
        name = known ? "{...}" : "void";
    snprintf(buf, n, "%s%s%s%s%s", before, name, *stars || *after ? " " : "",
             stars, after);
    return buf;
}
