/* SPDX-License-Identifier: MIT */
/* Reads and maps ELF programs. PT_LOAD segments are not read here: they
 * become private file mappings, and faults bring in their pages. */
#include "proc/elf.h"
#include "fs/vfs.h"
#include "vm/space.h"
#include "vm/uaccess.h"

static int read_exact(struct file *f, void *buf, size_t n, u64 off)
{
    s64 got = file_pread(f, buf, n, off);
    if (got < 0)
        return (int)got;
    return (size_t)got == n ? 0 : -ENOEXEC;
}

static int check_header(const Elf64_Ehdr *h)
{
    static const u8 ident[7] = {0x7f, 'E', 'L', 'F', 2, 1, 1};
    bool good = !memcmp(h->e_ident, ident, sizeof ident) &&
                h->e_machine == EM_RISCV &&
                (h->e_type == ET_EXEC || h->e_type == ET_DYN) &&
                h->e_phentsize == sizeof(Elf64_Phdr) && h->e_phnum > 0 &&
                h->e_phnum <= ELF_MAX_SEGMENTS;
    return good ? 0 : -ENOEXEC;
}

/* Checks the sizes, alignment, order and addresses of one PT_LOAD. */
static int check_load(struct elf_image *im, const Elf64_Phdr *g, u64 file_size)
{
    u64 end = g->p_vaddr + g->p_memsz;
    if (g->p_filesz > g->p_memsz || end < g->p_vaddr || end > STACK_TOP / 2 ||
        (g->p_vaddr ^ g->p_offset) % PAGE_SIZE ||
        g->p_offset + g->p_filesz < g->p_offset ||
        g->p_offset + g->p_filesz > PAGE_UP(file_size))
        return -ENOEXEC;
    if (im->header.e_type == ET_EXEC && g->p_vaddr < USER_MIN)
        return -ENOEXEC;
    if (im->high && PAGE_DOWN(g->p_vaddr) < im->high)
        return -ENOEXEC; /* ascending, not overlapping */
    if (!im->high)
        im->low = PAGE_DOWN(g->p_vaddr);
    im->high = PAGE_UP(end);
    return 0;
}

static int check_segments(struct elf_image *im, u64 file_size)
{
    for (unsigned i = 0; i < im->header.e_phnum; i++) {
        Elf64_Phdr *g = &im->segment[i];
        int err = 0;
        if (g->p_type == PT_LOAD && g->p_memsz) {
            err = check_load(im, g, file_size);
        } else if (g->p_type == PT_INTERP) {
            if (g->p_filesz < 2 || g->p_filesz > sizeof im->interp)
                return -ENOEXEC;
            err = read_exact(im->file, im->interp, g->p_filesz, g->p_offset);
            if (!err && im->interp[g->p_filesz - 1])
                return -ENOEXEC;
        }
        if (err)
            return err;
    }
    return im->high ? 0 : -ENOEXEC;
}

int elf_read(struct file *f, struct elf_image *im)
{
    memset(im, 0, sizeof *im);
    im->file = f;
    int err = read_exact(f, &im->header, sizeof im->header, 0);
    if (!err)
        err = check_header(&im->header);
    if (!err)
        err = read_exact(f, im->segment,
                         im->header.e_phnum * sizeof im->segment[0],
                         im->header.e_phoff);
    if (!err)
        err = check_segments(im, f->inode->obj.size);
    im->file = err ? NULL : file_run(f);
    return err;
}

void elf_put(struct elf_image *im)
{
    if (im->file)
        file_run_end(im->file);
    im->file = NULL;
}

static u32 rights_of(const Elf64_Phdr *g)
{
    return (g->p_flags & PF_R ? VMA_R : 0) | (g->p_flags & PF_W ? VMA_W : 0) |
           (g->p_flags & PF_X ? VMA_X : 0);
}

/* Maps one segment: file pages, then anonymous pages for the rest (bss). If the
 * segment is writable, the tail of the last file page is zeroed. */
static int map_segment(struct space *s, struct elf_image *im,
                       const Elf64_Phdr *g)
{
    u64 start = im->bias + PAGE_DOWN(g->p_vaddr);
    u64 file_end = im->bias + g->p_vaddr + g->p_filesz;
    u64 mem_end = PAGE_UP(im->bias + g->p_vaddr + g->p_memsz);
    struct map_request r = {
        .start = start,
        .len = PAGE_UP(file_end) - start,
        .flags = rights_of(g),
        .may_flags = VMA_R | VMA_W | VMA_X,
        .offset = PAGE_DOWN(g->p_offset),
        .file = im->file,
        .fixed = true,
    };
    s64 err = 0;
    if (g->p_filesz) {
        err = file_mmap(im->file, r.flags, &r.object);
        if (err >= 0)
            err = space_map(s, &r);
        if (err >= 0 && g->p_memsz > g->p_filesz && (r.flags & VMA_W))
            err = clear_user(file_end, PAGE_UP(file_end) - file_end);
    }
    if (err >= 0 && mem_end > start + (g->p_filesz ? r.len : 0)) {
        struct map_request bss = {
            .start = start + (g->p_filesz ? r.len : 0),
            .flags = r.flags,
            .may_flags = r.may_flags,
            .fixed = true,
        };
        bss.len = mem_end - bss.start;
        err = space_map(s, &bss);
    }
    return err < 0 ? (int)err : 0;
}

/* Reserves addresses for the whole of an ET_DYN, so that its segments keep
 * their distances. */
static s64 reserve(struct space *s, const struct elf_image *im, u64 base)
{
    struct map_request r = {
        .start = base,
        .len = im->high - im->low,
        .may_flags = VMA_R | VMA_W | VMA_X,
    };
    return space_map(s, &r);
}

int elf_map(struct space *s, struct elf_image *im, u64 base)
{
    if (im->header.e_type == ET_DYN) {
        s64 at = reserve(s, im, base);
        if (at < 0)
            return (int)at;
        im->bias = (u64)at - im->low;
    }
    for (unsigned i = 0; i < im->header.e_phnum; i++) {
        const Elf64_Phdr *g = &im->segment[i];
        if (g->p_type != PT_LOAD || !g->p_memsz)
            continue;
        int err = map_segment(s, im, g);
        if (err)
            return err;
        if (g->p_flags & PF_X) {
            s->code_start = im->bias + g->p_vaddr;
            s->code_end = s->code_start + g->p_filesz;
        } else if (g->p_flags & PF_W) {
            s->data_start = im->bias + g->p_vaddr;
            s->data_end = s->data_start + g->p_filesz;
        }
    }
    return 0;
}
