/* SPDX-License-Identifier: MIT */
/* Looks up the names of layout.def in the ELF's symbols and DWARF. */
#include "dwarf/dwarf.h"
#include "xv6/internal.h"

#include <stdio.h>

#define NESTED 8 /* most levels of arrays and pointers in a type */

static const char *const symbols[XV6_SYMBOLS] = {
#define FIELD(id, path)
#define STATE(name, state)
#define SYMBOL(id, name) name,
#include "xv6/layout.def"
#undef SYMBOL
};

static const char *const fields[XV6_FIELDS] = {
#define SYMBOL(id, name)
#undef FIELD
#define FIELD(id, path) path,
#include "xv6/layout.def"
#undef FIELD
};

static const struct {
    const char *name;
    u8 state;
} states[] = {
#define FIELD(id, path)
#undef STATE
#define STATE(name, state) {name, state},
#include "xv6/layout.def"
#undef STATE
#undef FIELD
#undef SYMBOL
};

bool xv6_symbols_known(const struct elf_symbols *s)
{
    u64 va;
    for (unsigned i = 0; i < XV6_SYMBOLS; i++)
        if (!elf_symbol(s, symbols[i], &va))
            return false;
    return true;
}

/* Strips arrays and pointers from a type; *held = false if there are any. */
static struct source_ref innermost(struct source_ref type, bool *held)
{
    for (unsigned i = 0; i < NESTED; i++) {
        struct source_shape is = source_shape(type);
        if (is.kind != SOURCE_ARRAY && is.kind != SOURCE_POINTER)
            break;
        type = is.to;
        *held = false;
    }
    return type;
}

static bool next_name(const char **path, char *name, size_t n)
{
    size_t length = strcspn(*path, ".");
    snprintf(name, n, "%.*s", (int)length, *path);
    *path += length + ((*path)[length] == '.');
    return length > 0;
}

static bool find_field(struct source *s, const char *path,
                       struct xv6_member *out, struct source_ref *type)
{
    struct source_variable v;
    struct source_member m;
    char name[24];
    u64 at = 0;
    if (!next_name(&path, name, sizeof name) ||
        !source_variable(s, 0, name, &v))
        return false;
    *type = v.type;
    while (next_name(&path, name, sizeof name)) {
        bool held = true; /* a struct in a struct: offsets add up */
        struct source_ref in = innermost(*type, &held);
        u64 bytes = source_shape(in).bytes;
        if (!source_member(in, name, &m) || m.bits)
            return false;
        at = (held ? at : 0) + m.at;
        *type = m.type;
        if (m.at > bytes || source_shape(m.type).bytes > bytes - m.at)
            return false;
    }
    struct source_shape is = source_shape(*type);
    if (is.bytes > UINT32_MAX || at > UINT32_MAX || !is.bytes)
        return false;
    *out = (struct xv6_member){.at = (u32)at, .size = (u32)is.bytes};
    if (is.kind == SOURCE_ARRAY && is.count && is.count <= is.bytes) {
        out->count = (u32)is.count;
        out->each = (u32)(is.bytes / is.count);
    }
    return true;
}

/* Maps enum procstate to enum proc_state, by the enumerators' names. */
static void find_states(struct source_ref type, u8 out[XV6_STATES])
{
    char text[40];
    for (u32 value = 0; value < XV6_STATES; value++) {
        out[value] = PS_UNUSED;
        source_show(type, &value, sizeof value, NULL, text, sizeof text);
        for (unsigned i = 0; i < ARRAY_LEN(states); i++)
            if (!strcmp(text, states[i].name))
                out[value] = states[i].state;
    }
}

bool xv6_layout_read(const struct elf_symbols *s, const char *file,
                     struct xv6_layout *out, char *why, size_t n)
{
    struct source *source = source_open(file);
    struct source_ref type, state = {0};
    unsigned i = 0;
    memset(out, 0, sizeof *out);
    for (unsigned j = 0; j < XV6_SYMBOLS; j++)
        if (!elf_symbol(s, symbols[j], &out->symbol[j]))
            return false;
    if (!source) {
        snprintf(why, n,
                 "this looks like xv6, but its ELF file has no debug "
                 "information (-g)");
        return false;
    }
    for (; i < XV6_FIELDS; i++) {
        if (!find_field(source, fields[i], &out->field[i], &type))
            break;
        if (i == XF_PROC_STATE)
            state = type;
    }
    if (i == XV6_FIELDS)
        find_states(state, out->state);
    else
        snprintf(why, n, "this looks like xv6, but its types lack %s",
                 fields[i]);
    source_close(source);
    return i == XV6_FIELDS;
}
