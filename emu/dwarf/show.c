/* SPDX-License-Identifier: MIT */
/* Writes values as text, as gdb does: structs with their members' names,
 * enumerators, strings, functions by name. Long values are cut with "...". */
#include "dwarf/internal.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>

#define ELEMENTS_MOST 200
#define DEPTH         8
#define STRING_MOST   200

struct shown {
    char *buf;
    size_t at, size;
    const struct source_memory *mem;
};

__attribute__((format(printf, 2, 3))) static void put(struct shown *o,
                                                      const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(o->buf + o->at, o->size - o->at, fmt, ap);
    va_end(ap);
    if (n > 0)
        o->at = o->at + (size_t)n < o->size ? o->at + (size_t)n : o->size - 1;
}

static bool full(const struct shown *o)
{
    return o->at + 1 >= o->size;
}

static void put_char(struct shown *o, u8 c, char quote)
{
    static const char from[] = "\a\b\f\n\r\t\v\x1b", to[] = "abfnrtve";
    const char *at = c ? strchr(from, c) : NULL;

    if (at)
        put(o, "\\%c", to[at - from]);
    else if (c == '\\' || c == (u8)quote)
        put(o, "\\%c", c);
    else if (isprint(c))
        put(o, "%c", c);
    else
        put(o, "\\%03o", c);
}

/* Prints text to its NUL, or n bytes, then "..." if these are not the whole. */
static void put_string(struct shown *o, const u8 *text, size_t n, bool whole)
{
    size_t i;

    put(o, "\"");
    for (i = 0; i < n && text[i]; i++)
        put_char(o, text[i], '"');
    put(o, i == n && !whole ? "\"..." : "\"");
}

static void put_pointed_string(struct shown *o, u64 va)
{
    u8 text[STRING_MOST];
    size_t n = 0;

    while (n < sizeof text && o->mem &&
           o->mem->read(o->mem->opaque, va + n, &text[n], 1) && text[n])
        n++;
    if (n < sizeof text && !n && (!o->mem || !va))
        return;
    if (o->mem && va && o->mem->read(o->mem->opaque, va, text, 1)) {
        put(o, " ");
        put_string(o, text, n < sizeof text ? n : sizeof text, n < sizeof text);
    }
}

static void show(struct shown *o, struct source_ref type, const u8 *bytes,
                 size_t n, unsigned depth);

static void show_pointer(struct shown *o, struct source_ref type,
                         const struct source_shape *s, u64 v, unsigned depth)
{
    struct source_shape to = source_shape(s->to);
    struct source_function f;
    char text[120];

    if (!depth && to.kind != SOURCE_CHAR)
        put(o, "(%s) ", source_type_text(type, text, sizeof text));
    put(o, "0x%llx", v);
    if (to.kind == SOURCE_CHAR)
        put_pointed_string(o, v);
    else if (to.kind == SOURCE_FUNCTION && source_function_at(type.of, v, &f))
        put(o, f.entry == v ? " <%s>" : " <%s+%llu>", f.name, v - f.entry);
}

static void show_enum(struct shown *o, struct source_ref type,
                      const struct source_shape *s, u64 v)
{
    u64 is = s->is_unsigned ? v : (u64)sext(v, (unsigned)(8 * s->bytes));
    const char *name = source_enumerator(type, is);
    bool any = false;

    if (name) {
        put(o, "%s", name);
        return;
    }
    /* Flags are shown by name if each bit has one, else as a number. */
    for (u64 left = v; left; left &= left - 1)
        if (!source_enumerator(type, left & -left)) {
            put(o, "%lld", is);
            return;
        }
    for (u64 left = v; left; left &= left - 1, any = true)
        put(o, "%s%s", any ? " | " : "(",
            source_enumerator(type, left & -left));
    put(o, any ? ")" : "0");
}

static void show_float(struct shown *o, const u8 *bytes, size_t n)
{
    float f;
    double d;

    if (n == sizeof f) {
        memcpy(&f, bytes, n);
        put(o, "%.9g", (double)f);
    } else if (n == sizeof d) {
        memcpy(&d, bytes, n);
        put(o, "%.17g", d);
    } else {
        put(o, "<%zu bytes>", n);
    }
}

static u64 bits_of(const struct source_member *m, const u8 *bytes, size_t n)
{
    u8 all[9] = {0};
    size_t take = (m->bit + m->bits + 7) / 8;

    if (m->at > n)
        return 0;
    memcpy(all, bytes + m->at, take < n - m->at ? take : n - m->at);
    u64 v = get_le(all, 8) >> m->bit;
    if (m->bits == 64)
        return v;
    v &= (1ull << m->bits) - 1;
    return source_shape(m->type).is_unsigned ? v : (u64)sext(v, m->bits);
}

static void show_struct(struct shown *o, struct source_ref type,
                        const u8 *bytes, size_t n, unsigned depth)
{
    struct source_member m;
    const char *name;

    put(o, "{");
    for (unsigned i = 0; !full(o) && source_members(type, i, &m, &name, 1);
         i++) {
        u8 own[8];
        u64 size = source_shape(m.type).bytes;
        put(o, i ? ", " : "");
        if (name)
            put(o, "%s = ", name);
        if (m.bits) {
            put_le(own, bits_of(&m, bytes, n), 8);
            show(o, m.type, own, size < 8 ? size : 8, depth + 1);
        } else if (m.at > n || size > n - m.at) {
            put(o, "<beyond its end>");
        } else {
            show(o, m.type, bytes + m.at, size, depth + 1);
        }
    }
    put(o, "}");
}

static void show_array(struct shown *o, const struct source_shape *s,
                       const u8 *bytes, size_t n, unsigned depth)
{
    struct source_shape to = source_shape(s->to);
    u64 i, same;

    if (to.kind == SOURCE_CHAR && to.bytes == 1) {
        put_string(o, bytes, n < STRING_MOST ? n : STRING_MOST,
                   n <= STRING_MOST);
        return;
    }
    put(o, "{");
    for (i = 0; to.bytes && (i + 1) * to.bytes <= n && !full(o); i += same) {
        const u8 *at = bytes + i * to.bytes;
        if (i >= ELEMENTS_MOST) {
            put(o, "...");
            break;
        }
        for (same = 1; (i + same + 1) * to.bytes <= n &&
                       !memcmp(at, at + same * to.bytes, to.bytes);)
            same++;
        if (same < 10)
            same = 1;
        put(o, i ? ", " : "");
        show(o, s->to, at, to.bytes, depth + 1);
        if (same > 1)
            put(o, " <repeats %llu times>", same);
    }
    put(o, "}");
}

static void show_integer(struct shown *o, const struct source_shape *s, u64 v)
{
    s64 is = sext(v, (unsigned)(8 * s->bytes));

    if (s->kind == SOURCE_BOOL && v < 2)
        put(o, v ? "true" : "false");
    else if (s->is_unsigned)
        put(o, "%llu", v);
    else
        put(o, "%lld", is);
    if (s->kind == SOURCE_CHAR && s->bytes == 1) {
        put(o, " '");
        put_char(o, (u8)v, '\'');
        put(o, "'");
    }
}

static void show(struct shown *o, struct source_ref type, const u8 *bytes,
                 size_t n, unsigned depth)
{
    struct source_shape s = source_shape(type);
    bool word = n && n <= 8 && n == s.bytes;

    if (depth > DEPTH || full(o))
        put(o, "...");
    else if (s.kind == SOURCE_STRUCT)
        show_struct(o, type, bytes, n, depth);
    else if (s.kind == SOURCE_ARRAY)
        show_array(o, &s, bytes, n, depth);
    else if (s.kind == SOURCE_FLOAT)
        show_float(o, bytes, n);
    else if (!word || s.kind == SOURCE_VOID || s.kind == SOURCE_FUNCTION)
        put(o, "<%zu bytes>", n);
    else if (s.kind == SOURCE_POINTER)
        show_pointer(o, type, &s, get_le(bytes, 8), depth);
    else if (s.kind == SOURCE_ENUM)
        show_enum(o, type, &s, get_le(bytes, (unsigned)n));
    else
        show_integer(o, &s, get_le(bytes, (unsigned)n));
}

void source_show(struct source_ref type, const void *bytes, size_t n,
                 const struct source_memory *mem, char *buf, size_t size)
{
    struct shown o = {.buf = buf, .size = size, .mem = mem};

    *buf = 0;
    show(&o, type, bytes, n, 0);
    if (full(&o) && size > 4)
        memcpy(buf + size - 4, "...", 4);
}
