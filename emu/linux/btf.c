/* SPDX-License-Identifier: MIT */
/* Reads BTF, the kernel's types, in the kernel's memory (Linux 6.12,
 * Documentation/bpf/btf.rst, include/uapi/linux/btf.h).
 *
 * Only names, sizes, members and enumerators are read: the layout needs no
 * more. libbpf's reader does more, but Debian 12's (1.1) trusts its input,
 * which here comes from a guest. Opening checks that each type lies within the
 * section; each number of a type or string is checked before its use; chains of
 * types have a bound. */
#include "linux/internal.h"

#define MAGIC     0xeb9f
#define HEADER    24
#define DEEP      16 /* modifiers in a chain; members in members */
#define TYPE      12 /* bytes with which every type begins */
#define MOST      (1u << 21)
#define LOOKS     (1u << 16) /* members examined for one path */
#define BITFIELDS (1u << 31) /* kind_flag */

enum {
    INT = 1,
    PTR,
    ARRAY,
    STRUCT,
    UNION,
    ENUM,
    FWD,
    TYPEDEF,
    VOLATILE,
    CONST,
    RESTRICT,
    FUNC,
    FUNC_PROTO,
    VAR,
    DATASEC,
    FLOAT,
    DECL_TAG,
    TYPE_TAG,
    ENUM64,
    KINDS
};

/* After its first TYPE bytes a type has fixed + vlen * each bytes. */
static const struct {
    u8 fixed, each;
} tail[KINDS] = {
    [INT] = {4, 0},     [ARRAY] = {12, 0},   [STRUCT] = {0, 12},
    [UNION] = {0, 12},  [ENUM] = {0, 8},     [FUNC_PROTO] = {0, 8},
    [VAR] = {4, 0},     [DATASEC] = {0, 12}, [DECL_TAG] = {4, 0},
    [ENUM64] = {0, 12},
};

static u32 word(const struct btf *b, u64 at)
{
    return (u32)get_le(b->data + at, 4);
}

static u32 info(const struct btf *b, u32 type)
{
    return word(b, b->at[type] + 4);
}

static unsigned kind_of(u32 info)
{
    return info >> 24 & 31;
}

static u32 vlen_of(u32 info)
{
    return info & 0xffff;
}

static const char *text(const struct btf *b, u32 offset)
{
    const char *none = "";
    return offset < b->string_bytes
               ? (const char *)b->data + b->strings + offset
               : none;
}

/* Finds the offset of each type; false: the types do not fill the section. */
static bool index_types(struct btf *b, u32 bytes)
{
    u64 at = b->types, end = at + bytes;
    u32 room = 0;
    while (at < end) {
        if (end - at < TYPE || b->ntypes >= MOST)
            return false;
        u32 i = word(b, at + 4);
        unsigned kind = kind_of(i);
        if (!kind || kind >= KINDS)
            return false;
        u64 size = TYPE + tail[kind].fixed + (u64)tail[kind].each * vlen_of(i);
        if (end - at < size)
            return false;
        if (b->ntypes + 1 >= room) {
            room = room ? room * 2 : 4096;
            b->at = xrealloc(b->at, room * sizeof *b->at);
        }
        b->at[++b->ntypes] = (u32)at;
        at += size;
    }
    return b->ntypes > 0;
}

/* Reads a section's offset and length; false: it is not within the n bytes. */
static bool section(const struct btf *b, u32 header, u32 field, u32 *at,
                    u32 *bytes)
{
    u64 from = (u64)header + word(b, field);
    *bytes = word(b, field + 4);
    *at = (u32)from;
    return from <= b->n && *bytes <= b->n - from;
}

struct btf *btf_open(void *data, size_t n)
{
    struct btf *b = xcalloc(1, sizeof *b);
    u32 bytes = 0, header;
    *b = (struct btf){.data = data, .n = n};
    bool ok = n >= HEADER && n <= UINT32_MAX && get_le(b->data, 2) == MAGIC &&
              b->data[2] == 1;
    header = ok ? word(b, 4) : 0;
    ok = ok && header >= HEADER &&
         section(b, header, 16, &b->strings, &b->string_bytes) &&
         section(b, header, 8, &b->types, &bytes) && b->string_bytes &&
         !b->data[b->strings + b->string_bytes - 1] && index_types(b, bytes);
    if (ok)
        return b;
    btf_close(b);
    return NULL;
}

void btf_close(struct btf *b)
{
    if (!b)
        return;
    free_all(b->data, b->at, b);
}

u32 btf_struct(const struct btf *b, const char *name, u32 after)
{
    for (u32 t = after + 1; t <= b->ntypes; t++) {
        unsigned kind = kind_of(info(b, t));
        if ((kind == STRUCT || kind == UNION) &&
            !strcmp(text(b, word(b, b->at[t])), name))
            return t;
    }
    return 0;
}

/* Returns the type without typedefs and qualifiers; 0: there is none. */
static u32 plain(const struct btf *b, u32 type)
{
    for (unsigned deep = 0; deep < DEEP; deep++) {
        if (!type || type > b->ntypes)
            return 0;
        unsigned kind = kind_of(info(b, type));
        bool modifies = kind == TYPEDEF || kind == VOLATILE || kind == CONST ||
                        kind == RESTRICT || kind == TYPE_TAG;
        if (!modifies)
            return type;
        type = word(b, b->at[type] + 8);
    }
    return 0;
}

bool btf_size(const struct btf *b, u32 type, u64 *bytes)
{
    u64 times = 1;
    for (unsigned deep = 0; deep < DEEP; deep++) {
        type = plain(b, type);
        if (!type)
            return false;
        u64 at = b->at[type];
        switch (kind_of(info(b, type))) {
        case PTR:
            *bytes = 8 * times;
            return true;
        case INT:
        case STRUCT:
        case UNION:
        case ENUM:
        case ENUM64:
        case FLOAT:
            return !__builtin_mul_overflow(word(b, at + 8), times, bytes);
        case ARRAY:
            if (__builtin_mul_overflow(times, (u64)word(b, at + 20), &times))
                return false;
            type = word(b, at + 12);
            break;
        default:
            return false;
        }
    }
    return false;
}

/* Finds the member named by the n bytes at name; adds its offset to *at.
 * Returns the member's type; 0: none. */
static u32 find(const struct btf *b, u32 type, const char *name, size_t n,
                u64 *at, unsigned deep, u32 *looks)
{
    type = plain(b, type);
    u32 i = type ? info(b, type) : 0;
    if ((kind_of(i) != STRUCT && kind_of(i) != UNION) || deep == DEEP)
        return 0;
    for (u32 k = 0; k < vlen_of(i) && *looks; k++, --*looks) {
        u64 m = b->at[type] + TYPE + 12ull * k;
        const char *is = text(b, word(b, m));
        u32 of = word(b, m + 4), offset = word(b, m + 8);
        bool whole = !(i & BITFIELDS) || !(offset >> 24);
        u64 inside = *at + offset / 8;
        if (offset % 8 || !whole)
            continue;
        if (strlen(is) == n && !memcmp(is, name, n)) {
            *at = inside;
            return of;
        }
        u32 found = *is ? 0 : find(b, of, name, n, &inside, deep + 1, looks);
        if (found) {
            *at = inside;
            return found;
        }
        if (!*looks)
            break;
    }
    return 0;
}

bool btf_member(const struct btf *b, u32 type, const char *path,
                struct lx_member *out)
{
    u64 at = 0, bytes, whole;
    u32 looks = LOOKS;
    if (!btf_size(b, type, &whole))
        return false;
    while (*path) {
        size_t n = strcspn(path, ".");
        type = find(b, type, path, n, &at, 0, &looks);
        if (!type)
            return false;
        path += n + (path[n] == '.');
    }
    if (!btf_size(b, type, &bytes) || bytes > whole || at > whole - bytes)
        return false;
    *out = (struct lx_member){(u32)at, (u32)bytes};
    return true;
}

void btf_enumerators(const struct btf *b,
                     void (*fn)(void *, const char *name, s64 value),
                     void *opaque)
{
    for (u32 t = 1; t <= b->ntypes; t++) {
        u32 i = info(b, t);
        for (u32 k = 0; kind_of(i) == ENUM && k < vlen_of(i); k++) {
            u64 at = b->at[t] + TYPE + 8ull * k;
            fn(opaque, text(b, word(b, at)), (s32)word(b, at + 4));
        }
    }
}
