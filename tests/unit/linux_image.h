/* SPDX-License-Identifier: MIT */
/* Builds a RAM of 1 MiB with the least that emu/linux accepts as Linux 6.12:
 * VMCOREINFO, page tables, kallsyms and BTF; linux_objects.h adds structs. The
 * types come from layout.def, but this file chooses their members' offsets, so
 * that emu/linux must read every offset from BTF. */
#pragma once

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "linux/internal.h"

#define IMAGE_BYTES  (1u << 20)
#define IMAGE_BASE   0x80000000ull
#define IMAGE_VA     0xffffffff80000000ull /* virtual address of IMAGE_BASE */
#define IMAGE_NOTE   0x1000
#define IMAGE_ROOT   0x2000
#define IMAGE_PAGES  0x4000 /* struct page of all frames */
#define IMAGE_TABLES 0xc000 /* image_take() begins here */
#define PAGE_OF(pfn) (IMAGE_PAGES + (pfn)*image_page_bytes)

struct image {
    u8 ram[IMAGE_BYTES];
    u64 at; /* RAM is free from this offset on */
    u64 btf, btf_end;
    u64 task, mm, vma; /* init's task and mm, its text's vma */
};
static struct lx_member image_member[LX_FIELDS];
static u64 image_symbol[LX_ADDRESSES]; /* offsets in RAM */
static u64 image_page_bytes;
static u64 image_probe[LX_PROBES]; /* offsets of functions that have probes */

static const struct {
    const char *structure, *path;
} image_fields[] = {
#define FIELD(id, structure, path) {#structure, path},
#include "linux/layout.def"
};
static const char *const image_values[] = {
#define VALUE(id, name, needed, below) name,
#include "linux/layout.def"
};
static const char *const image_addresses[] = {
#define ADDRESS(id, name) name,
#include "linux/layout.def"
};
static const struct {
    const char *name;
    u8 bit;
} image_flags[] = {
#define FLAG(bit, word, name, also) {name, bit},
#include "linux/layout.def"
};

/* ---- bytes -------------------------------------------------------------- */

static u64 image_take(struct image *im, u64 bytes, u64 align)
{
    u64 at = (im->at + align - 1) / align * align;
    im->at = at + bytes;
    assert(im->at <= IMAGE_BYTES);
    return at;
}

static void image_put(struct image *im, u64 at, u64 value, unsigned bytes)
{
    assert(at + bytes <= IMAGE_BYTES);
    put_le(im->ram + at, value, bytes);
}

static u64 image_text(struct image *im, const char *s)
{
    u64 at = image_take(im, strlen(s) + 1, 8);
    memcpy(im->ram + at, s, strlen(s) + 1);
    return at;
}

static inline u64 image_va(u64 at)
{
    return IMAGE_VA + at;
}

/* Sets a member of the struct at `at`. */
static void image_set(struct image *im, u64 at, enum lx_field f, u64 value)
{
    unsigned bytes = image_member[f].size < 8 ? image_member[f].size : 8;
    image_put(im, at + image_member[f].at, value, bytes);
}

static inline void image_point(struct image *im, u64 at, enum lx_field f,
                               u64 to)
{
    image_set(im, at, f, image_va(to));
}

/* ---- types -------------------------------------------------------------- */

static u32 member_bytes(enum lx_field f)
{
    static const u16 bytes[LX_FIELDS] = {
        [F_PAGE_MAPCOUNT] = 4, [F_PAGE_REFCOUNT] = 4, [F_FOLIO_ENTIRE] = 4,
        [F_FOLIO_LARGE] = 4,   [F_TASK_PID] = 4,      [F_TASK_TGID] = 4,
        [F_TASK_STATE] = 4,    [F_TASK_EXIT] = 4,     [F_INODE_DEVICE] = 4,
        [F_SWAP_PAGES] = 4,    [F_TASK_COMM] = 16,    [F_PAGE_PCP] = 16,
        [F_PCP_LISTS] = 16,    [F_MM_RSS] = 64,       [F_R64_PIVOT] = 15 * 8,
        [F_R64_SLOT] = 16 * 8, [F_A64_PIVOT] = 9 * 8, [F_A64_SLOT] = 10 * 8,
        [F_SB_ID] = 32,        [F_ZONE_MARKS] = 24,   [F_NODE_ZONES] = 256};
    return bytes[f] ? bytes[f] : 8;
}

/* Returns the offset of a struct's first member. A slab's members overlay those
 * of struct page; a folio's follow a whole struct page. */
static u32 first_at(const char *structure)
{
    if (!strcmp(structure, "slab"))
        return 16;
    return !strcmp(structure, "folio") ? (u32)image_page_bytes : 0;
}

struct btf_text {
    u8 types[16384];
    char strings[16384];
    u32 ntypes, type_bytes, string_bytes;
};

static void btf_words(struct btf_text *t, unsigned n, ...)
{
    va_list args;
    va_start(args, n);
    for (; n; n--, t->type_bytes += 4)
        put_le(t->types + t->type_bytes, va_arg(args, u32), 4);
    va_end(args);
}

static u32 btf_string(struct btf_text *t, const char *s, size_t n)
{
    u32 at = t->string_bytes;
    memcpy(t->strings + at, s, n);
    t->string_bytes += (u32)n + 1;
    return at;
}

#define KIND(kind, vlen) ((u32)(kind) << 24 | (u32)(vlen))
/* Adds an array type of `bytes` bytes; for a path "a.b" (inner: "b", else NULL)
 * also a struct whose only member, b, is that array. Returns the last type. */
static u32 btf_bytes(struct btf_text *t, u32 bytes, const char *inner)
{
    u32 name = inner ? btf_string(t, inner, strlen(inner)) : 0;
    btf_words(t, 6, 0, KIND(3, 0), 0, 1, 1, bytes);
    u32 type = ++t->ntypes;
    if (!inner)
        return type;
    btf_words(t, 6, 0, KIND(4, 1), bytes, name, type, 0);
    return ++t->ntypes;
}

static void btf_one_struct(struct btf_text *t, unsigned first)
{
    const char *name = image_fields[first].structure;
    u32 member[64][3], n = 0, at = first_at(name);
    for (unsigned i = first; i < ARRAY_LEN(image_fields); i++) {
        const char *path = image_fields[i].path, *dot = strchr(path, '.');
        u32 bytes = member_bytes((enum lx_field)i);
        if (strcmp(image_fields[i].structure, name))
            continue;
        at =
            (at + (bytes < 8 ? bytes : 8) - 1) & ~((bytes < 8 ? bytes : 8) - 1);
        image_member[i] = (struct lx_member){at, bytes};
        member[n][0] =
            btf_string(t, path, dot ? (size_t)(dot - path) : strlen(path));
        member[n][1] = btf_bytes(t, bytes, dot ? dot + 1 : NULL);
        member[n++][2] = at * 8;
        at += bytes;
    }
    at = (at + 7) & ~7u;
    btf_words(t, 3, btf_string(t, name, strlen(name)), KIND(4, n), at);
    for (unsigned i = 0; i < n; i++)
        btf_words(t, 3, member[i][0], member[i][1], member[i][2]);
    t->ntypes++;
    if (!strcmp(name, "page"))
        image_page_bytes = at;
}

static const struct {
    const char *name;
    u32 value;
} image_constants[] = {
    {"PGTY_buddy", 0xf0},
    {"PGTY_offline", 0xf1},
    {"PGTY_table", 0xf2},
    {"PGTY_hugetlb", 0xf4},
    {"PGTY_slab", 0xf5},
    {"PGTY_mapcount_underflow", 0xff},
    {"PG_head", 50},
    {"PG_swapcache", 51},
    {"PG_large_rmappable", 52},
    {"PG_anon_exclusive", 53},
    {"NR_VM_EVENT_ITEMS", 3},
    {"PGPGIN", 0},
    {"PGPGOUT", 1},
    {"MIGRATE_PCPTYPES", 3},
    {"WMARK_LOW", 1},
    {"WMARK_HIGH", 2},
    {"MM_ANONPAGES", 1},
    {"MM_SHMEMPAGES", 3},
    {"NR_FREE_PAGES", 0},
    {"WMARK_MIN", 0},
    {"MM_FILEPAGES", 0},
};

static u32 constant(const char *name) /* 1 if it is not in the table */
{
    for (unsigned i = 0; i < ARRAY_LEN(image_constants); i++)
        if (!strcmp(image_constants[i].name, name))
            return image_constants[i].value;
    return 1;
}

/* Returns the bit of page.flags for a bit of kpageflags: the same below bit 32,
 * else 4 less. */
static u32 image_flag_bit(u8 bit)
{
    return bit < 32 ? bit : bit - 4u;
}

static void btf_constants(struct btf_text *t)
{
    u32 n = ARRAY_LEN(image_values) + ARRAY_LEN(image_flags);
    btf_words(t, 3, 0, KIND(6, n), 4);
    ++t->ntypes;
    for (unsigned i = 0; i < ARRAY_LEN(image_values); i++)
        btf_words(t, 2, btf_string(t, image_values[i], strlen(image_values[i])),
                  constant(image_values[i]));
    for (unsigned i = 0; i < ARRAY_LEN(image_flags); i++)
        btf_words(
            t, 2,
            btf_string(t, image_flags[i].name, strlen(image_flags[i].name)),
            image_flag_bit(image_flags[i].bit));
}

static void image_types(struct image *im)
{
    static struct btf_text t;
    memset(&t, 0, sizeof t);
    t.string_bytes = 1;
    btf_words(&t, 4, btf_string(&t, "char", 4), KIND(1, 0), 1, 8);
    t.ntypes = 1;
    for (unsigned i = 0; i < ARRAY_LEN(image_fields); i++) {
        bool seen = false;
        for (unsigned k = 0; k < i; k++)
            seen |=
                !strcmp(image_fields[k].structure, image_fields[i].structure);
        if (!seen)
            btf_one_struct(&t, i);
    }
    btf_constants(&t);
    im->btf = image_take(im, 24 + t.type_bytes + t.string_bytes, 8);
    u8 *p = im->ram + im->btf;
    put_le(p, 0xeb9f, 2);
    p[2] = 1;
    put_le(p + 4, 24, 4);
    put_le(p + 12, t.type_bytes, 4);
    put_le(p + 16, t.type_bytes, 4);
    put_le(p + 20, t.string_bytes, 4);
    memcpy(p + 24, t.types, t.type_bytes);
    memcpy(p + 24 + t.type_bytes, t.strings, t.string_bytes);
    im->btf_end = im->at;
}

/* ---- symbols, notes, page tables ---------------------------------------- */

struct image_kallsyms {
    u64 names, count, tokens, index, offsets, base;
};

/* Returns symbol i's name: layout.def's addresses, then probed functions. */
static const char *image_symbol_name(unsigned i)
{
    unsigned n = ARRAY_LEN(image_addresses);
    return i < n ? image_addresses[i] : lx_probes[i - n].function;
}

static u64 image_symbol_at(unsigned i)
{
    unsigned n = ARRAY_LEN(image_addresses);
    return i < n ? image_symbol[i] : image_probe[i - n];
}

/* Makes kallsyms tables in which each token is one byte. */
static struct image_kallsyms image_symbols(struct image *im)
{
    struct image_kallsyms k = {.count = image_take(im, 4, 8)};
    unsigned n = ARRAY_LEN(image_addresses) + LX_PROBES;
    k.names = im->at;
    for (unsigned i = 0; i < n; i++) {
        const char *name = image_symbol_name(i);
        size_t length = strlen(name) + 1;
        u8 *p = im->ram + image_take(im, length + 1, 1);
        p[0] = (u8)length;
        p[1] = 'T';
        memcpy(p + 2, name, length - 1);
    }
    k.tokens = image_take(im, 512, 1);
    for (unsigned i = 0; i < 256; i++)
        im->ram[k.tokens + 2 * i] = (u8)i;
    k.index = image_take(im, 512, 2);
    for (unsigned i = 0; i < 256; i++)
        image_put(im, k.index + 2 * i, 2 * i, 2);
    k.offsets = image_take(im, 4 * n, 8);
    for (unsigned i = 0; i < n; i++)
        image_put(im, k.offsets + 4 * i, image_symbol_at(i), 4);
    k.base = image_take(im, 8, 8);
    image_put(im, k.base, IMAGE_VA, 8);
    image_put(im, k.count, n, 4);
    return k;
}

static void image_note(struct image *im, const struct image_kallsyms *k)
{
    snprintf(
        (char *)im->ram + IMAGE_NOTE, NOTE_BYTES,
        "OSRELEASE=6.12.1-test\nBUILD-ID=0\nPAGESIZE=4096\n"
        "SYMBOL(swapper_pg_dir)=%llx\nSYMBOL(_stext)=%llx\n"
        "SYMBOL(vmemmap)=%llx\nSYMBOL(kallsyms_names)=%llx\n"
        "SYMBOL(kallsyms_num_syms)=%llx\n"
        "SYMBOL(kallsyms_token_table)=%llx\n"
        "SYMBOL(kallsyms_token_index)=%llx\nSYMBOL(kallsyms_offsets)=%llx\n"
        "SYMBOL(kallsyms_relative_base)=%llx\nNUMBER(VA_BITS)=39\n"
        "NUMBER(va_kernel_pa_offset)=0x%llx\n",
        (unsigned long long)image_va(IMAGE_ROOT),
        (unsigned long long)image_va(image_symbol[A_TEXT]),
        (unsigned long long)(image_va(IMAGE_PAGES) -
                             (IMAGE_BASE >> PAGE_SHIFT) * image_page_bytes),
        (unsigned long long)image_va(k->names),
        (unsigned long long)image_va(k->count),
        (unsigned long long)image_va(k->tokens),
        (unsigned long long)image_va(k->index),
        (unsigned long long)image_va(k->offsets),
        (unsigned long long)image_va(k->base),
        (unsigned long long)(IMAGE_VA - IMAGE_BASE));
}

/* Maps RAM at IMAGE_VA by one page of 2 MiB. */
static void image_tables(struct image *im)
{
    image_put(im, IMAGE_ROOT + 8 * 510,
              (IMAGE_BASE + IMAGE_ROOT + 0x1000) >> 12 << 10 | 1, 8);
    image_put(im, IMAGE_ROOT + 0x1000, IMAGE_BASE >> 12 << 10 | 0xcf, 8);
}
