/* SPDX-License-Identifier: MIT */
/* Reads symbols, from the kernel's own table in RAM (Linux 6.12,
 * kernel/kallsyms.c, scripts/kallsyms.c) or from a file. */
#include "linux/internal.h"

#include <stdio.h>

#define SYMBOLS_MOST 1000000
#define NAMES_MOST   (32u << 20)
#define NAME_MOST    512 /* KSYM_NAME_LEN */
#define TOKENS       256
#define TOKEN_BYTES  8192 /* of all tokens */
#define LINE         1024

struct table {
    u64 n, base, names_bytes;
    u8 *names; /* each name: a count (1 or 2 bytes), then as many tokens */
    u32 *offset;
    u16 index[TOKENS]; /* each token's beginning in `token` */
    char token[TOKEN_BYTES];
};

static bool read_table(struct linux_kernel *k, struct table *t)
{
    u64 names, tokens, index, offsets, base, count;
    if (!lx_note(k, "SYMBOL(kallsyms_names)", &names) ||
        !lx_note(k, "SYMBOL(kallsyms_num_syms)", &count) ||
        !lx_note(k, "SYMBOL(kallsyms_token_table)", &tokens) ||
        !lx_note(k, "SYMBOL(kallsyms_token_index)", &index) ||
        !lx_note(k, "SYMBOL(kallsyms_offsets)", &offsets) ||
        !lx_note(k, "SYMBOL(kallsyms_relative_base)", &base))
        return false;
    /* In RAM, names precede tokens, and tokens precede their index. */
    u64 token_bytes = index - tokens;
    t->names_bytes = tokens - names;
    if (!lx_number(k, count, 4, &t->n) || !t->n || t->n > SYMBOLS_MOST ||
        names >= tokens || t->names_bytes > NAMES_MOST || tokens >= index ||
        token_bytes > TOKEN_BYTES)
        return false;
    t->names = xcalloc(t->names_bytes, 1);
    t->offset = xcalloc(t->n, sizeof *t->offset);
    return lx_number(k, base, 8, &t->base) &&
           lx_read(k, names, t->names, t->names_bytes) &&
           lx_read(k, offsets, t->offset, t->n * sizeof *t->offset) &&
           lx_read(k, index, t->index, sizeof t->index) &&
           lx_read(k, tokens, t->token, token_bytes);
}

/* Expands the name at *at, which begins with the symbol's type, and moves *at
 * past it. */
static bool expand(const struct table *t, u64 *at, char name[NAME_MOST])
{
    u64 end = t->names_bytes, n = 0, length;
    if (*at >= end)
        return false;
    length = t->names[(*at)++];
    if (length & 0x80) {
        if (*at >= end)
            return false;
        length = (length & 0x7f) | (u64)t->names[(*at)++] << 7;
    }
    if (length > end - *at)
        return false;
    for (; length; length--) {
        u16 from = t->index[t->names[(*at)++]];
        for (; from < TOKEN_BYTES && t->token[from]; from++) {
            if (n + 1 == NAME_MOST)
                return false;
            name[n++] = t->token[from];
        }
    }
    name[n] = 0;
    return n > 1;
}

struct elf_symbols *lx_kallsyms(struct linux_kernel *k)
{
    struct table *t = xcalloc(1, sizeof *t);
    struct elf_symbols *s = NULL;
    char name[NAME_MOST];
    u64 at = 0, i = 0;
    if (read_table(k, t)) {
        s = elf_symbols_new();
        for (; i < t->n && expand(t, &at, name); i++)
            elf_symbols_put(s, name + 1, t->base + t->offset[i],
                            *name >= 'A' && *name <= 'Z');
        elf_symbols_sort(s);
    }
    if (i != t->n) {
        elf_symbols_free(s);
        s = NULL;
    }
    free_all(t->names, t->offset, t);
    return s;
}

/* Reads lines "ffffffff80002000 T _stext". NULL: a bad line, none, too many. */
static struct elf_symbols *system_map(FILE *f)
{
    struct elf_symbols *s = elf_symbols_new();
    char line[LINE], name[NAME_MOST], type;
    unsigned long long va;
    u64 n = 0;
    while (fgets(line, sizeof line, f)) {
        if (n++ == SYMBOLS_MOST ||
            sscanf(line, "%16llx %c %511s", &va, &type, name) != 3) {
            n = 0;
            break;
        }
        elf_symbols_put(s, name, va, type >= 'A' && type <= 'Z');
    }
    elf_symbols_sort(s);
    if (n)
        return s;
    elf_symbols_free(s);
    return NULL;
}

struct elf_symbols *lx_symbol_file(const char *file)
{
    u64 va;
    struct elf_symbols *s = elf_symbols_read(file);
    if (elf_symbol_nth(s, 0, &va))
        return s;
    elf_symbols_free(s);
    FILE *f = fopen(file, "re");
    s = f ? system_map(f) : NULL;
    if (f)
        fclose(f);
    return s;
}
