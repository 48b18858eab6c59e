/* SPDX-License-Identifier: MIT */
/* Reads symbol tables, sorts them by address and by name, and searches them. */
#include "boot/elf.h"

#include <fcntl.h>
#include <gelf.h>
#include <libelf.h>
#include <stdlib.h>
#include <unistd.h>

#define LABEL_REACH (64u << 10)

struct symbol {
    u64 va, size;
    char *name;
    bool global;
    bool number; /* an absolute symbol (SHN_ABS): it never names an address */
};
struct elf_symbols {
    size_t n, cap;
    struct symbol *by_va;
    struct symbol **by_name;
};

static void put(struct elf_symbols *s, const struct symbol *y)
{
    if (s->n == s->cap) {
        s->cap = s->cap ? s->cap * 2 : 256;
        s->by_va = xrealloc(s->by_va, s->cap * sizeof(*s->by_va));
    }
    s->by_va[s->n] = *y;
    s->by_va[s->n++].name = xstrdup(y->name);
}

static void add(struct elf_symbols *s, const GElf_Sym *y, char *name)
{
    unsigned type = GELF_ST_TYPE(y->st_info);
    if (y->st_shndx == SHN_UNDEF || !name || !*name || *name == '$' ||
        !strncmp(name, ".L", 2) || type == STT_FILE || type == STT_SECTION)
        return;
    put(s, &(struct symbol){.va = y->st_value,
                            .size = y->st_size,
                            .name = name,
                            .global = GELF_ST_BIND(y->st_info) == STB_GLOBAL,
                            .number = y->st_shndx == SHN_ABS});
}

static void read_symtab(struct elf_symbols *s, Elf *e, Elf_Scn *scn,
                        const GElf_Shdr *sh)
{
    Elf_Data *d = elf_getdata(scn, NULL);
    GElf_Sym y;
    if (!d || !sh->sh_entsize)
        return;
    for (u64 i = 0; i < sh->sh_size / sh->sh_entsize && i < INT32_MAX; i++)
        if (gelf_getsym(d, (int)i, &y))
            add(s, &y, elf_strptr(e, sh->sh_link, y.st_name));
}

/* Orders by address; at the same address globals first, then by name, so that
 * the order does not depend on the sort being stable. */
static int by_va(const void *a, const void *b)
{
    const struct symbol *x = a, *y = b;
    if (x->va != y->va)
        return x->va < y->va ? -1 : 1;
    if (x->global != y->global)
        return x->global ? -1 : 1;
    return strcmp(x->name, y->name);
}

static int by_name(const void *a, const void *b)
{
    const struct symbol *x = *(struct symbol *const *)a;
    const struct symbol *y = *(struct symbol *const *)b;
    int d = strcmp(x->name, y->name);
    return d ? d : by_va(x, y);
}

struct elf_symbols *elf_symbols_new(void)
{
    return xcalloc(1, sizeof(struct elf_symbols));
}

void elf_symbols_put(struct elf_symbols *s, char *name, u64 va, bool global)
{
    if (*name && *name != '$' && strncmp(name, ".L", 2))
        put(s, &(struct symbol){.va = va, .name = name, .global = global});
}

void elf_symbols_sort(struct elf_symbols *s)
{
    if (!s->n)
        return;
    qsort(s->by_va, s->n, sizeof(*s->by_va), by_va);
    s->by_name = xcalloc(s->n, sizeof(*s->by_name));
    for (size_t i = 0; i < s->n; i++)
        s->by_name[i] = &s->by_va[i];
    qsort(s->by_name, s->n, sizeof(*s->by_name), by_name);
}

/* Reads all tables of type SHT_SYMTAB, and closes e, which may be NULL. */
static struct elf_symbols *read_all(Elf *e)
{
    struct elf_symbols *s = elf_symbols_new();
    Elf_Scn *scn = NULL;
    GElf_Shdr sh;
    while (e && (scn = elf_nextscn(e, scn)))
        if (gelf_getshdr(scn, &sh) && sh.sh_type == SHT_SYMTAB)
            read_symtab(s, e, scn, &sh);
    elf_end(e);
    elf_symbols_sort(s);
    return s;
}

struct elf_symbols *elf_symbols_read(const char *file)
{
    int fd = open(file, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return read_all(NULL);
    elf_version(EV_CURRENT);
    struct elf_symbols *s = read_all(elf_begin(fd, ELF_C_READ_MMAP, NULL));
    close(fd);
    return s;
}

struct elf_symbols *elf_symbols_read_memory(void *image, size_t n)
{
    elf_version(EV_CURRENT);
    return read_all(elf_memory(image, n));
}

void elf_symbols_free(struct elf_symbols *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < s->n; i++)
        free(s->by_va[i].name);
    free_all(s->by_va, s->by_name, s);
}

bool elf_symbol(const struct elf_symbols *s, const char *name, u64 *va)
{
    size_t lo = 0, hi = s->n;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (strcmp(s->by_name[mid]->name, name) < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    if (lo == s->n || strcmp(s->by_name[lo]->name, name))
        return false;
    *va = s->by_name[lo]->va;
    return true;
}

const char *elf_symbol_at(const struct elf_symbols *s, u64 va, u64 *offset)
{
    size_t lo = 0, hi = s->n;
    while (lo < hi) { /* first symbol after va */
        size_t mid = lo + (hi - lo) / 2;
        if (s->by_va[mid].va <= va)
            lo = mid + 1;
        else
            hi = mid;
    }
    if (lo == 0)
        return NULL;
    const struct symbol *y = &s->by_va[lo - 1];
    while (y > s->by_va && y->number)
        y--;
    while (y > s->by_va && y[-1].va == y->va && !y[-1].number)
        y--;
    /* An assembly label has no size: it is given LABEL_REACH bytes. */
    if (y->number || va - y->va >= (y->size ? y->size : LABEL_REACH))
        return NULL;
    *offset = va - y->va;
    return y->name;
}

const char *elf_symbol_nth(const struct elf_symbols *s, size_t i, u64 *va)
{
    if (i >= s->n)
        return NULL;
    *va = s->by_va[i].va;
    return s->by_va[i].name;
}
