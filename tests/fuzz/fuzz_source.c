/* SPDX-License-Identifier: MIT */
// rooms: base dwarf
// max_len: 16384
/* Opens any bytes as a program with debug information, and asks every question
 * about it. The last 16 bytes give a pc and the contents of memory. */
#include "fuzz.h"

#include <stdlib.h>

#include "dwarf/dwarf.h"

#include <elfutils/libdw.h>

/* Fewer places than a user gets: the harness looks at each of them. */
#define PLACES 4

static u64 salt;

static bool read_memory(UNUSED void *opaque, u64 va, void *to, size_t n)
{
    assert(n <= 65536);
    memset(to, (int)(va ^ salt), n);
    return (va ^ salt) % 7 != 0;
}

static const struct source_memory memory = {read_memory, NULL};

static void look_at_type(struct source_ref type)
{
    struct source_shape shape = source_shape(type);
    struct source_member m;
    char text[100];

    source_type_text(type, text, sizeof text);
    assert(strlen(text) < sizeof text);
    if (source_member(type, "bytes", &m) || source_member(type, "low", &m))
        assert(!m.bits || m.bit + m.bits <= 64);
    if (shape.kind == SOURCE_ARRAY || shape.kind == SOURCE_POINTER)
        source_shape(shape.to);
}

static void look_at_variable(const struct source_variable *v)
{
    u8 bytes[300];
    char text[60];
    u64 va;
    struct source_shape shape = source_shape(v->type);
    size_t n = shape.bytes < sizeof bytes ? shape.bytes : sizeof bytes;

    look_at_type(v->type);
    if (!source_address(v->var, &va) && read_memory(NULL, va, bytes, n))
        source_show(v->type, bytes, n, &memory, text, sizeof text);
}

/* Asks all that `bt` asks of the code at pc. */
static void look_from(struct source *s, u64 pc)
{
    struct source_scope scope[SOURCE_SCOPES];
    struct source_function function;
    struct source_variable v;
    struct source_row row;
    Dwarf_CFI *cfi[2];
    Dwarf_Frame *rules = NULL;

    assert(source_scopes(s, pc, scope) <= SOURCE_SCOPES);
    if (source_row_at(s, pc, &row)) {
        assert(row.start <= pc && pc < row.end && row.file);
        source_folder(s, row.file);
    }
    source_function_at(s, pc, &function);
    source_cfi(s, cfi);
    for (unsigned i = 0; i < ARRAY_LEN(cfi); i++)
        if (cfi[i] && !dwarf_cfi_addrframe(cfi[i], pc, &rules))
            free(rules);
    if (source_variable(s, pc, "v", &v))
        look_at_variable(&v);
}

static void look_for_names(struct source *s)
{
    static const char *const kinds[] = {"struct", "enum", "", "union"};
    static const char *const names[] = {"part", "kind", "part_t", "int"};
    struct source_function f;
    struct source_variable v;
    struct source_row row;
    struct source_ref type;
    u64 va[SOURCE_PLACES];

    if (source_function(s, "called", &f))
        look_from(s, f.body + salt % 64);
    if (source_variable(s, 0, "v", &v))
        look_at_variable(&v);
    for (unsigned i = 0; i < ARRAY_LEN(kinds); i++)
        if (source_type_named(s, kinds[i], names[i], &type))
            look_at_type(type);
    unsigned n = source_places(s, "program.c", (unsigned)salt % 50, va, &row);
    assert(n <= SOURCE_PLACES);
    for (unsigned i = 0; i < n && i < PLACES; i++)
        look_from(s, va[i]);
    source_lines(s, "program.c", 1, va);
    source_file_named(s, "program.c");
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t n)
{
    u8 *copy = malloc(n ? n : 1); /* libelf may swap in place */

    assert(copy);
    memcpy(copy, data, n);
    salt = n < 16 ? 0 : get_le(copy + n - 8, 8);
    struct source *s = source_open_memory(copy, n);
    if (s) {
        look_for_names(s);
        if (n >= 16)
            look_from(s, get_le(copy + n - 16, 8));
        source_close(s);
    }
    free(copy);
    return 0;
}
