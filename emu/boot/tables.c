/* SPDX-License-Identifier: MIT */
#include "boot/tables.h"

#include "base/text.h"
#include "base/word.h"

#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <libelf.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define ROWS_MAX 4096

/* ---- reading ------------------------------------------------------------ */

/* Copies [va, va + n) from the segment that contains it; false: no segment. */
static bool copy_range(Elf *e, u64 va, u64 n, void *to, u64 *pa)
{
    size_t bytes, phnum;
    const char *whole = elf_rawfile(e, &bytes);
    if (!whole || elf_getphdrnum(e, &phnum) || phnum > 1024)
        return false;
    for (size_t i = 0; i < phnum; i++) {
        GElf_Phdr p;
        if (!gelf_getphdr(e, (int)i, &p) || p.p_type != PT_LOAD ||
            va < p.p_vaddr || va - p.p_vaddr > p.p_filesz ||
            n > p.p_filesz - (va - p.p_vaddr) || p.p_offset > bytes ||
            p.p_filesz > bytes - p.p_offset)
            continue;
        memcpy(to, whole + p.p_offset + (va - p.p_vaddr), n);
        *pa = p.p_paddr + (va - p.p_vaddr);
        return true;
    }
    return false;
}

/* Copies the rows between two symbols; an empty table: there are none. */
static struct boot_table read_table(const char *file, const char *first,
                                    const char *last, size_t row)
{
    struct boot_table t = {0};
    u64 start = 0, end = 0;
    struct elf_symbols *s = elf_symbols_read(file);
    bool found = elf_symbol(s, first, &start) && elf_symbol(s, last, &end) &&
                 end > start && (end - start) % row == 0 &&
                 (end - start) / row <= ROWS_MAX;
    elf_symbols_free(s);
    int fd = found ? open(file, O_RDONLY | O_CLOEXEC) : -1;
    if (fd < 0)
        return t;
    elf_version(EV_CURRENT);
    Elf *e = elf_begin(fd, ELF_C_READ_MMAP, NULL);
    void *rows = xcalloc((end - start) / row, row);
    if (e && copy_range(e, start, end - start, rows, &t.pa)) {
        t.rows = rows;
        t.n = (end - start) / row;
    } else {
        free(rows);
    }
    elf_end(e);
    close(fd);
    return t;
}

#define TERMINATE(text) ((text)[sizeof(text) - 1] = 0)

struct boot_table boot_tunables(const char *kernel)
{
    struct boot_table t =
        read_table(kernel, "__tunables_start", "__tunables_end",
                   sizeof(struct lens_tunable));
    struct lens_tunable *row = t.rows;
    for (u64 i = 0; i < t.n; i++) {
        TERMINATE(row[i].name);
        TERMINATE(row[i].unit);
        TERMINATE(row[i].origin);
    }
    return t;
}

struct boot_table boot_policies(const char *kernel)
{
    struct boot_table t =
        read_table(kernel, "__policies_start", "__policies_end",
                   sizeof(struct lens_policy));
    struct lens_policy *row = t.rows;
    for (u64 i = 0; i < t.n; i++) {
        TERMINATE(row[i].name);
        TERMINATE(row[i].line);
    }
    return t;
}

/* ---- --set, --policy ---------------------------------------------------- */

void boot_tunables_list(const char *kernel)
{
    struct boot_table t = boot_tunables(kernel);
    const struct lens_tunable *row = t.rows;
    if (!t.n)
        die("--set", "%s has no table of tunables", kernel);
    for (u64 i = 0; i < t.n; i++)
        printf("%-28s %lld..%lld%s%s, default %lld: %s\n", row[i].name,
               (s64)row[i].min, (s64)row[i].max, *row[i].unit ? " " : "",
               row[i].unit, (s64)row[i].preset, row[i].origin);
    free(t.rows);
}

static struct boot_table some_policies(const char *kernel)
{
    struct boot_table t = boot_policies(kernel);
    if (!t.n)
        die("--policy", "%s has no policies to choose from", kernel);
    return t;
}

void boot_policies_list(const char *kernel)
{
    struct boot_table t = some_policies(kernel);
    const struct lens_policy *row = t.rows;
    for (u64 i = 0; i < t.n; i++)
        printf("%-12s %s\n", row[i].name, row[i].line);
    free(t.rows);
}

/* The first policy of guest/kernel/policy/policies.def is the default. */
const char *boot_policy_default(const char *kernel)
{
    struct boot_table t = {0};
    if (kernel)
        t = boot_policies(kernel);
    const struct lens_policy *row = t.rows;
    const char *name = t.n ? xstrdup(row[0].name) : NULL;
    free(t.rows);
    return name;
}

const char *boot_policy_added(const char *kernel, const char *without)
{
    struct boot_table t = boot_policies(kernel), old = boot_policies(without);
    const struct lens_policy *row = t.rows;
    const char *name = t.n > old.n ? xstrdup(row[t.n - 1].name) : NULL;
    free(t.rows);
    free(old.rows);
    return name;
}

void boot_policy_check(const char *kernel, const char *name)
{
    struct boot_table t = some_policies(kernel);
    const struct lens_policy *row = t.rows;
    struct word_nearest near = {.typed = name};
    bool found = false;
    char names[400] = "", hint[90];
    size_t at = 0;
    for (u64 i = 0; i < t.n; i++) {
        found |= !strcmp(row[i].name, name);
        word_offer(&near, row[i].name);
        if (at < sizeof names)
            at = append(names, sizeof names, at, "%s%s", at ? ", " : "",
                        row[i].name);
    }
    free(t.rows);
    if (!found)
        die("--policy",
            "no policy '%s' among %s (--policy list describes them)%s", name,
            names, word_hint(&near, hint, sizeof hint));
}

bool boot_tunable_number(const char *text, s64 *value)
{
    char *end;
    const char *digits = text + (*text == '-');
    if (*digits < '0' || *digits > '9')
        return false;
    errno = 0;
    *value = strtoll(text, &end, text_base(digits));
    return !errno && !*end;
}

static void apply(const char *set, const struct boot_table *t,
                  const struct boot_ram *ram)
{
    const struct lens_tunable *row = t->rows;
    const char *eq = strchr(set, '=');
    size_t n = (size_t)(eq - set);
    u64 i = 0;
    s64 v;
    char name[64], hint[90];
    snprintf(name, sizeof name, "%.*s", (int)n, set);
    struct word_nearest near = {.typed = name};
    while (i < t->n && strcmp(row[i].name, name))
        word_offer_dotted(&near, row[i++].name);
    if (i == t->n)
        die("--set", "no tunable '%s' (--set list prints them)%s", name,
            word_hint(&near, hint, sizeof hint));
    if (!boot_tunable_number(eq + 1, &v))
        die(row[i].name, "'%s' is not a whole number", eq + 1);
    if (v < row[i].min || v > row[i].max)
        die(row[i].name, "%lld is not in %lld..%lld", v, (s64)row[i].min,
            (s64)row[i].max);
    u64 pa = t->pa + i * sizeof(*row) + offsetof(struct lens_tunable, value);
    if (pa < ram->base || pa - ram->base > ram->bytes - sizeof(v))
        die("--set", "the table of tunables lies outside RAM");
    put_le(ram->ram + (pa - ram->base), (u64)v, sizeof(v));
}

struct boot_range boot_tunables_apply(const struct config *c,
                                      const char *kernel,
                                      const struct boot_ram *ram)
{
    struct boot_table t = boot_tunables(kernel);
    if (c->nsets && !t.n)
        die("--set", "%s has no table of tunables", kernel);
    for (unsigned i = 0; i < c->nsets; i++)
        apply(c->sets[i], &t, ram);
    struct boot_range r = {t.pa, t.pa + t.n * sizeof(struct lens_tunable)};
    free(t.rows);
    return r;
}
