/* SPDX-License-Identifier: MIT */
#include "boot/elf.h"

#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <libelf.h>
#include <unistd.h>

#ifndef EM_RISCV
#define EM_RISCV 243
#endif

static const char *check_header(Elf *e, GElf_Ehdr *h)
{
    if (elf_kind(e) != ELF_K_ELF || !gelf_getehdr(e, h))
        return "not an ELF file";
    if (h->e_ident[EI_CLASS] != ELFCLASS64)
        return "not a 64-bit ELF file";
    if (h->e_ident[EI_DATA] != ELFDATA2LSB)
        return "not a little-endian ELF file";
    if (h->e_machine != EM_RISCV)
        return "not for RISC-V";
    if (h->e_type != ET_EXEC && h->e_type != ET_DYN)
        return "not an executable";
    return NULL;
}

static bool in_ram(const struct boot_ram *ram, u64 pa, u64 n)
{
    return pa >= ram->base && n <= ram->bytes &&
           pa - ram->base <= ram->bytes - n;
}

/* GNU ld puts the file's headers into the first segment, so a program linked at
 * the very start of RAM seems to begin a page below it. That page does not
 * belong to the program and is left out. */
static void drop_headers(GElf_Phdr *p, const struct boot_ram *ram)
{
    u64 below = ram->base - p->p_paddr;
    if (p->p_offset != 0 || p->p_paddr >= ram->base || below > PAGE_BYTES ||
        below > p->p_filesz)
        return;
    p->p_offset += below;
    p->p_vaddr += below;
    p->p_paddr += below;
    p->p_filesz -= below;
    p->p_memsz -= below;
}

/* Loads one PT_LOAD segment. `whole`, `n`: the file. */
static const char *load_segment(const GElf_Phdr *p, const char *whole, size_t n,
                                const struct boot_ram *ram,
                                struct boot_range *range)
{
    if (p->p_memsz == 0)
        return NULL;
    if (p->p_filesz > p->p_memsz)
        return "a segment is larger in the file than in memory";
    if (p->p_offset > n || p->p_filesz > n - p->p_offset)
        return "truncated: a segment lies beyond the end of the file";
    if (!in_ram(ram, p->p_paddr, p->p_memsz))
        return "a segment lies outside RAM";
    u8 *to = ram->ram + (p->p_paddr - ram->base);
    memcpy(to, whole + p->p_offset, p->p_filesz);
    memset(to + p->p_filesz, 0, p->p_memsz - p->p_filesz);
    if (ram->wrote)
        ram->wrote(ram->opaque, p->p_paddr, p->p_memsz);
    if (p->p_paddr < range->start)
        range->start = p->p_paddr;
    if (p->p_paddr + p->p_memsz > range->end)
        range->end = p->p_paddr + p->p_memsz;
    return NULL;
}

/* True if p, which lies in RAM, overlaps one of the first n segments. */
static bool overlaps(Elf *e, int n, const struct boot_ram *ram,
                     const GElf_Phdr *p)
{
    GElf_Phdr o;
    for (int i = 0; i < n; i++) {
        if (!gelf_getphdr(e, i, &o) || o.p_type != PT_LOAD || !o.p_memsz)
            continue;
        drop_headers(&o, ram);
        if (p->p_memsz && o.p_paddr < p->p_paddr + p->p_memsz &&
            p->p_paddr < o.p_paddr + o.p_memsz)
            return true;
    }
    return false;
}

static const char *load(Elf *e, const struct boot_ram *ram, u64 *entry,
                        struct boot_range *range)
{
    GElf_Ehdr h;
    size_t phnum, n;
    bool found = false;
    const char *why = check_header(e, &h);
    const char *whole = elf_rawfile(e, &n);
    if (why)
        return why;
    if (!whole || elf_getphdrnum(e, &phnum) || phnum > 1024)
        return "truncated: no program headers";
    /* The section headers are mostly last: they show if a file was cut. */
    if (h.e_shoff > n || (u64)h.e_shnum * h.e_shentsize > n - h.e_shoff)
        return "truncated: the section headers lie beyond the end of the file";
    *range = (struct boot_range){~0ull, 0};
    for (size_t i = 0; i < phnum; i++) {
        GElf_Phdr p;
        if (!gelf_getphdr(e, (int)i, &p))
            return "truncated: no program headers";
        if (p.p_type != PT_LOAD)
            continue;
        if (p.p_filesz <= p.p_memsz)
            drop_headers(&p, ram);
        if ((why = load_segment(&p, whole, n, ram, range)))
            return why;
        if (overlaps(e, (int)i, ram, &p))
            return "two of its segments overlap in memory";
        if (!found && h.e_entry - p.p_vaddr < p.p_memsz) {
            *entry = h.e_entry - p.p_vaddr + p.p_paddr;
            found = true;
        } else if (!found && h.e_entry - p.p_paddr < p.p_memsz) {
            *entry = h.e_entry; /* a high-linked kernel, a physical entry */
            found = true;
        }
    }
    if (range->end == 0)
        return "has nothing to load";
    if (!found)
        return "its entry point lies in no segment";
    return h.e_entry & 1 ? "its entry point is odd" : NULL;
}

const char *elf_load_memory(void *image, size_t n, const struct boot_ram *ram,
                            u64 *entry, struct boot_range *range)
{
    elf_version(EV_CURRENT);
    Elf *e = elf_memory(image, n);
    if (!e)
        return "not an ELF file";
    const char *why = load(e, ram, entry, range);
    elf_end(e);
    return why;
}

const char *elf_load(const char *file, const struct boot_ram *ram, u64 *entry,
                     struct boot_range *range)
{
    elf_version(EV_CURRENT);
    int fd = open(file, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return strerror(errno);
    Elf *e = elf_begin(fd, ELF_C_READ_MMAP, NULL);
    const char *why = e ? load(e, ram, entry, range) : "not an ELF file";
    elf_end(e);
    close(fd);
    return why;
}
