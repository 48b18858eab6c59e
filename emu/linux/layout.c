/* SPDX-License-Identifier: MIT */
/* Looks up the names of layout.def in the kernel; converts page.flags. */
#include "linux/internal.h"

#include <stdio.h>

#define SAME_NAME 16 /* structs of the same name tried at most */

static const struct {
    const char *word, *name, *also;
    u8 bit;
} flags[] = {
#define FLAG(bit, word, name, also) {word, name, also, bit},
#include "linux/layout.def"
};

static const struct {
    const char *structure, *path;
} fields[LX_FIELDS] = {
#define FIELD(id, structure, path) {#structure, path},
#include "linux/layout.def"
};

static const char *const structs[LX_STRUCTS] = {
#define STRUCT(id) #id,
#include "linux/layout.def"
};

static const struct {
    const char *name;
    bool needed;
    s64 below;
} values[LX_VALUES] = {
#define VALUE(id, name, needed, below) {name, needed, below},
#include "linux/layout.def"
};

static const char *const addresses[LX_ADDRESSES] = {
#define ADDRESS(id, name) name,
#include "linux/layout.def"
};

const struct lx_probe_row lx_probes[LX_PROBES] = {
#define PROBE(id, function, events) {function, events},
#include "linux/layout.def"
};

/* Finds a member in the first struct of that name that has the member. */
static bool find_field(const struct btf *b, unsigned i, struct lx_member *out)
{
    u32 type = 0;
    for (unsigned tries = 0; tries < SAME_NAME; tries++) {
        type = btf_struct(b, fields[i].structure, type);
        if (!type)
            return false;
        if (btf_member(b, type, fields[i].path, out))
            return true;
    }
    return false;
}

static void on_enumerator(void *opaque, const char *name, s64 value)
{
    struct lx_layout *l = opaque;
    for (unsigned i = 0; i < LX_VALUES; i++)
        if (l->value[i] < 0 && !strcmp(name, values[i].name))
            l->value[i] = value;
    for (unsigned i = 0; i < ARRAY_LEN(flags); i++)
        if (l->flag[i] < 0 && value >= 0 && value < 64 &&
            (!strcmp(name, flags[i].name) || !strcmp(name, flags[i].also)))
            l->flag[i] = (s8)value;
}

static bool find_values(struct lx_layout *l, const struct btf *b, char *why,
                        size_t n)
{
    memset(l->value, 0xff, sizeof l->value);
    memset(l->flag, 0xff, sizeof l->flag);
    btf_enumerators(b, on_enumerator, l);
    for (unsigned i = 0; i < LX_VALUES; i++)
        if ((l->value[i] < 0 && values[i].needed) ||
            l->value[i] >= values[i].below) {
            snprintf(why, n, "its types have no usable %s", values[i].name);
            return false;
        }
    return true;
}

/* Checks that each member has at most 8 bytes and lies inside struct page,
 * because page_read reads the struct as a whole. */
static bool page_members_fit(const struct lx_layout *l, char *why, size_t n)
{
    for (unsigned i = F_PAGE_FLAGS; i <= F_PAGE_MEMCG; i++) {
        struct lx_member m = l->field[i];
        if (m.size > 8 || m.at + m.size > l->size[LX_page]) {
            snprintf(why, n, "its types have no usable page.%s",
                     fields[i].path);
            return false;
        }
    }
    return true;
}

bool lx_layout_find(struct linux_kernel *k, const struct btf *b, char *why,
                    size_t n)
{
    struct lx_layout *l = &k->layout;
    _Static_assert(ARRAY_LEN(flags) <= LX_FLAGS, "a place for each");
    for (unsigned i = 0; i < LX_FIELDS; i++)
        if (!find_field(b, i, &l->field[i])) {
            snprintf(why, n, "its types lack %s.%s", fields[i].structure,
                     fields[i].path);
            return false;
        }
    for (unsigned i = 0; i < LX_STRUCTS; i++) {
        u32 type = btf_struct(b, structs[i], 0);
        u64 bytes;
        if (!type || !btf_size(b, type, &bytes) || !bytes ||
            bytes > PAGE_BYTES) {
            snprintf(why, n, "its types have no usable struct %s", structs[i]);
            return false;
        }
        l->size[i] = (u32)bytes;
    }
    return page_members_fit(l, why, n) && find_values(l, b, why, n);
}

bool lx_addresses_find(struct linux_kernel *k, char *why, size_t n)
{
    for (unsigned i = 0; i < LX_ADDRESSES; i++)
        if (!elf_symbol(k->symbols, addresses[i], &k->layout.address[i])) {
            snprintf(why, n, "its symbols lack %s", addresses[i]);
            return false;
        }
    return true;
}

u64 lx_flags(const struct linux_kernel *k, u64 page)
{
    u64 out = 0;
    for (unsigned i = 0; i < ARRAY_LEN(flags); i++)
        if (k->layout.flag[i] >= 0)
            out |= (page >> k->layout.flag[i] & 1) << flags[i].bit;
    return out;
}

static const struct {
    u8 bit;
    const char *word;
} computed[] = {
    {7, "slab"},           {10, "buddy"},     {11, "mmap"},
    {12, "anon"},          {13, "swapcache"}, {15, "compound_head"},
    {16, "compound_tail"}, {17, "huge"},      {20, "nopage"},
    {21, "ksm"},           {22, "thp"},       {23, "offline"},
    {24, "zero_page"},     {26, "pgtable"},
};

static const char *word_of(unsigned bit)
{
    for (unsigned i = 0; i < ARRAY_LEN(computed); i++)
        if (computed[i].bit == bit)
            return computed[i].word;
    for (unsigned i = 0; i < ARRAY_LEN(flags); i++)
        if (flags[i].bit == bit)
            return flags[i].word;
    return NULL;
}

u64 linux_flag(const char *word)
{
    for (unsigned bit = 0; bit < 64; bit++) {
        const char *is = word_of(bit);
        if (is && !strcmp(is, word))
            return 1ull << bit;
    }
    return 0;
}

void linux_flag_words(u64 set, char *buf, size_t n)
{
    size_t at = 0;
    *buf = 0;
    for (unsigned bit = 0; bit < 64; bit++) {
        const char *word = set >> bit & 1 ? word_of(bit) : NULL;
        if (word)
            at = append(buf, n, at, "%s%s", at ? " " : "", word);
    }
}
