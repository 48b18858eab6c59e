/* SPDX-License-Identifier: MIT */
// rooms: base source
// max_len: 16384
/* Any bytes as a program with debug information: every question about it. The
 * last 16 bytes give a pc, and the contents of registers and memory. */
#include "fuzz.h"

#include <stdlib.h>

#include "source/source.h"

/* Fewer than a user gets: the harness looks at each of them. */
#define VARIABLES 24
#define CALLS     6
#define PLACES    4

static u64 salt;

static bool read_memory(void *opaque, u64 va, void *to, size_t n)
{
    (void)opaque;
    assert(n <= 65536);
    memset(to, (int)(va ^ salt), n);
    return (va ^ salt) % 7 != 0;
}

static bool read_csr(void *opaque, unsigned number, u64 *value)
{
    (void)opaque;
    assert(number < 4096);
    *value = salt * number;
    return number & 1;
}

static const struct source_memory memory = {read_memory, NULL, read_csr};

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

static void look_at_variable(const struct source_variable *v,
                             const struct source_frame *f)
{
    u8 bytes[300];
    char text[60];
    u64 va;
    struct source_shape shape = source_shape(v->type);
    size_t n = shape.bytes < sizeof bytes ? shape.bytes : sizeof bytes;

    look_at_type(v->type);
    if (!source_read(v->var, f, &memory, salt % 3, bytes, n))
        source_show(v->type, bytes, n, &memory, text, sizeof text);
    source_address(v->var, f, &memory, &va);
    source_in_scope(v->var, f->look);
}

/* All questions of `bt full`. */
static void look_at_frame(struct source *s, const struct source_frame *f)
{
    struct source_scope scope[SOURCE_SCOPES];
    struct source_variable v[VARIABLES];
    struct source_function function;
    struct source_row row;
    unsigned n = source_scopes(s, f->look, scope), nv;

    assert(n <= SOURCE_SCOPES);
    if (source_row_at(s, f->look, &row)) {
        assert(row.start <= f->look && f->look < row.end && row.file);
        source_folder(s, row.file);
    }
    source_function_at(s, f->look, &function);
    for (unsigned i = 0; i < n && i < 3; i++) {
        source_scope_has(s, scope[i].die, f->look - 1);
        nv = source_variables(s, scope[i].die, f->look, v, VARIABLES);
        assert(nv <= VARIABLES);
        for (unsigned k = 0; k < nv; k++)
            look_at_variable(&v[k], f);
    }
    if (source_local(s, f->look, 0, "i", &v[0]))
        look_at_variable(&v[0], f);
}

static void look_from(struct source *s, u64 pc)
{
    struct source_frame f = {.pc = pc, .look = pc, .inner = true}, up;

    f.known = ~salt | 4;
    f.bias = salt & 0xf000;
    for (unsigned i = 0; i < 64; i++)
        f.reg[i] = salt + 16 * i;
    f.reg[1] = pc + 4; /* a caller */
    for (unsigned i = 0; i < CALLS; i++) {
        look_at_frame(s, &f);
        if (!source_caller(s, &f, &memory, &up))
            break;
        f = up;
    }
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
    if (source_variable(s, 0, 0, "v", &v)) {
        struct source_frame nowhere = {.pc = 0};
        look_at_variable(&v, &nowhere);
    }
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
