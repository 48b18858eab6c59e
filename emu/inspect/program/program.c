/* SPDX-License-Identifier: MIT */
/* Reads the symbols of a user program from its file on the guest's disk. The
 * guest may have written anything there, so every number is checked. Like a
 * distribution's, the built guest's programs have no symbols on the disk: their
 * symbols are in host files in the folder `symbols` beside the kernel. */
#include "inspect/program/program.h"

#include "boot/elf.h"
#include "inspect/memory/ext2.h"

#include <dirent.h>
#include <fcntl.h>
#include <gelf.h>
#include <libelf.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MOST (64u << 20) /* bytes; a longer file is not read */
#define LOADS     8           /* PT_LOAD segments */

struct program {
    unsigned disk;
    u64 inode;
    struct elf_symbols *symbols;
    char *beside; /* the host's file with the symbols; NULL: none */
    u8 *image;    /* the program's bytes, for program_source */
    u64 image_bytes;
    struct {
        u64 offset, bytes, va;
    } load[LOADS];
    unsigned nloads;
};

/* ---- the file ------------------------------------------------------------ */

/* Returns the file, to be freed; NULL: unreadable, empty or over FILE_MOST. */
static u8 *read_file(struct machine *m, unsigned disk, u64 inode, u64 *bytes)
{
    struct ext2 fs;
    u8 raw[128];

    if (!ext2_open(&fs, m, disk) || !ext2_inode(&fs, inode, raw) ||
        get_le(raw, 2) >> 12 != 8 || get_le(raw + 32, 4) & 0x80000)
        return NULL; /* not a regular file, or one with extents */
    *bytes = get_le(raw + 4, 4);
    if (!*bytes || *bytes > FILE_MOST)
        return NULL;
    u8 *file = xcalloc(1, *bytes);
    for (u64 at = 0; at < *bytes; at += fs.block) {
        u64 b = ext2_block(&fs, raw, at / fs.block);
        u64 n = *bytes - at < fs.block ? *bytes - at : fs.block;
        if (b && !ext2_bytes(&fs, b * fs.block, file + at, n)) {
            free(file);
            return NULL;
        }
    }
    return file;
}

/* ---- ELF ---------------------------------------------------------------- */

static void read_loads(struct program *p, u8 *file, u64 bytes)
{
    elf_version(EV_CURRENT);
    Elf *e = elf_memory((char *)file, bytes);
    size_t n = 0;

    if (e && elf_kind(e) == ELF_K_ELF && !elf_getphdrnum(e, &n))
        for (size_t i = 0; i < n && p->nloads < LOADS; i++) {
            GElf_Phdr h;
            if (!gelf_getphdr(e, (int)i, &h) || h.p_type != PT_LOAD)
                continue;
            p->load[p->nloads].offset = h.p_offset;
            p->load[p->nloads].bytes = h.p_filesz;
            p->load[p->nloads++].va = h.p_vaddr;
        }
    elf_end(e);
}

/* ---- symbols that were stripped ----------------------------------------- */

/* True if both files load the same bytes at the same addresses. The ELF header,
 * if loaded, may differ, because it tells where the file has its sections. */
static bool same_loads(const struct program *p, const u8 *file, u64 bytes,
                       const struct program *q, const u8 *other, u64 others)
{
    if (p->nloads != q->nloads)
        return false;
    for (unsigned i = 0; i < p->nloads; i++) {
        u64 at = p->load[i].offset, n = p->load[i].bytes, header = 0;

        if (at != q->load[i].offset || n != q->load[i].bytes ||
            p->load[i].va != q->load[i].va || at > bytes || n > bytes - at ||
            at > others || n > others - at)
            return false;
        if (at < sizeof(Elf64_Ehdr))
            header = sizeof(Elf64_Ehdr) - at;
        if (n > header &&
            memcmp(file + at + header, other + at + header, n - header) != 0)
            return false;
    }
    return true;
}

/* Returns the symbols in host file `name`; NULL: unreadable, or not p's. */
static struct elf_symbols *symbols_if_same(const char *name,
                                           const struct program *p,
                                           const u8 *file, u64 bytes)
{
    struct elf_symbols *s = NULL;
    struct program q = {0};
    struct stat st;
    int fd = open(name, O_RDONLY | O_CLOEXEC);

    if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size) {
        u64 n = (u64)st.st_size;
        void *map = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
        if (map != MAP_FAILED) {
            read_loads(&q, map, n);
            if (same_loads(p, file, bytes, &q, map, n))
                s = elf_symbols_read_memory(map, n);
            munmap(map, n);
        }
    }
    if (fd >= 0)
        close(fd);
    return s;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

/* Calls fn for each file below the folder, until fn returns true. */
static bool files_below(const char *folder,
                        bool (*fn)(void *, const char *file), void *opaque)
{
    struct dirent **entry;
    int n = scandir(folder, &entry, NULL, by_name);
    bool done = false;

    for (int i = 0; i < n; free(entry[i++])) {
        char path[PATH_MAX];
        struct stat st;
        snprintf(path, sizeof path, "%s/%s", folder, entry[i]->d_name);
        if (done || *entry[i]->d_name == '.' || lstat(path, &st))
            continue;
        done = S_ISDIR(st.st_mode)   ? files_below(path, fn, opaque)
               : S_ISREG(st.st_mode) ? fn(opaque, path)
                                     : false;
    }
    if (n >= 0)
        free(entry);
    return done;
}

void programs_beside(const struct machine *m,
                     bool (*fn)(void *, const char *file), void *opaque)
{
    const char *kernel = m->symbols_file ? m->symbols_file : "";
    const char *slash = strrchr(kernel, '/');
    char folder[PATH_MAX / 2];

    snprintf(folder, sizeof folder, "%.*ssymbols",
             slash ? (int)(slash + 1 - kernel) : 0, kernel);
    files_below(folder, fn, opaque);
}

struct look_beside {
    struct program *p;
    const u8 *file;
    u64 bytes;
};

static bool take_if_same(void *opaque, const char *name)
{
    struct look_beside *l = opaque;

    l->p->symbols = symbols_if_same(name, l->p, l->file, l->bytes);
    if (l->p->symbols)
        l->p->beside = xstrdup(name);
    return l->p->symbols;
}

struct program *program_read(struct machine *m, unsigned disk, u64 inode)
{
    struct program *p = xcalloc(1, sizeof *p);
    struct look_beside look = {.p = p};
    u64 bytes = 0, va;
    u8 *file = read_file(m, disk, inode, &bytes);

    p->disk = disk;
    p->inode = inode;
    if (file) {
        read_loads(p, file, bytes);
        if (p->nloads)
            p->symbols = elf_symbols_read_memory(file, bytes);
        if (p->symbols && !elf_symbol_nth(p->symbols, 0, &va)) {
            elf_symbols_free(p->symbols);
            p->symbols = NULL;
            look.file = file;
            look.bytes = bytes;
            programs_beside(m, take_if_same, &look);
        }
    }
    free(file);
    return p;
}

void program_free(struct program *p)
{
    if (!p)
        return;
    elf_symbols_free(p->symbols);
    free_all(p->beside, p->image, p);
}

const char *program_beside(const struct program *p)
{
    return p->beside;
}

#define DEBUG_MOST (16u << 20) /* bytes; a larger file's DWARF is not read */

struct source *program_source(struct program *p, struct machine *m)
{
    if (p->beside)
        return source_open(p->beside);
    if (!p->image)
        p->image = read_file(m, p->disk, p->inode, &p->image_bytes);
    return p->image && p->image_bytes <= DEBUG_MOST
               ? source_open_memory(p->image, p->image_bytes)
               : NULL;
}

bool program_address(const struct program *p, u64 offset, u64 *va)
{
    for (unsigned i = 0; i < p->nloads; i++)
        if (offset - p->load[i].offset < p->load[i].bytes) {
            *va = p->load[i].va + offset - p->load[i].offset;
            return true;
        }
    return false;
}

const char *program_symbol(const struct program *p, u64 offset, u64 *distance)
{
    u64 va;

    return p->symbols && program_address(p, offset, &va)
               ? elf_symbol_at(p->symbols, va, distance)
               : NULL;
}
