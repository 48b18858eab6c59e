/* SPDX-License-Identifier: MIT */
/* Finds and opens a kernel in RAM, and closes it. */
#include "linux/internal.h"

#include <stdio.h>
#include <stdlib.h>

#define SATP_SV39 (8ull << 60)
#define BTF_MOST  (64u << 20)

const struct kernel_kind linux_kinds[LINUX_KINDS] = {
#define KIND(id, word, sentence) {word, sentence},
#include "linux/kinds.def"
};

const struct linux_kept_word linux_kepts[LINUX_KEPTS] = {
#define KEPT(id, word, active, sentence) {word, sentence},
#include "linux/kept.def"
};

static const char known[] =
#define RELEASE(begins) begins
#include "linux/layout.def"
    ;

#define fail(why, n, ...) (snprintf(why, n, __VA_ARGS__), false)

/* Reads VMCOREINFO, and checks it before anything else is read. */
static bool read_note(struct linux_kernel *k, char *why, size_t n)
{
    u64 bits, page, root, offset, pa;
    const char *at = strchr(k->note, '=') + 1;
    size_t length = strspn(at, "0123456789.");
    snprintf(k->release, sizeof k->release, "%.*s",
             (int)(length < 20 ? length : 20), at);
    if (strncmp(k->release, known, sizeof known - 1))
        return fail(why, n, "Linux %s: only %.*s is known", k->release,
                    (int)sizeof known - 2, known);
    if (!lx_note(k, "NUMBER(VA_BITS)", &bits) || bits != 39 ||
        !lx_note(k, "PAGESIZE", &page) || page != PAGE_BYTES)
        return fail(why, n, "not Sv39 with pages of 4 KiB");
    if (!lx_note(k, "SYMBOL(swapper_pg_dir)", &root) ||
        !lx_note(k, "NUMBER(va_kernel_pa_offset)", &offset) ||
        !lx_note(k, "SYMBOL(vmemmap)", &k->vmemmap))
        return fail(why, n,
                    "its VMCOREINFO does not say where its page "
                    "table and its frame table are");
    k->root = root - offset;
    if (k->root % PAGE_BYTES || !lx_ram(k, k->root, PAGE_BYTES) ||
        !lx_pa(k, root, &pa) || pa != k->root)
        return fail(why, n, "its page table does not map its own address");
    return true;
}

/* Finds the symbols, and refuses them if their _stext is not the kernel's (they
 * are another kernel's, or KASLR moved this one). */
static bool find_symbols(struct linux_kernel *k, const char *file, char *why,
                         size_t n)
{
    u64 here, there;
    k->symbols = file ? lx_symbol_file(file) : lx_kallsyms(k);
    k->own_symbols = true;
    if (!k->symbols)
        return fail(why, n,
                    file ? "%.200s: neither an ELF with symbols nor a "
                           "System.map"
                         : "%sits kallsyms table is damaged",
                    file ? file : "");
    if (!lx_note(k, "SYMBOL(_stext)", &here) ||
        !elf_symbol(k->symbols, "_stext", &there) || here != there)
        return fail(why, n, "the symbols are another kernel's: _stext differs");
    return lx_addresses_find(k, why, n);
}

static bool find_types(struct linux_kernel *k, char *why, size_t n)
{
    u64 from = k->layout.address[A_BTF], to = k->layout.address[A_BTF_END];
    if (to <= from || to - from > BTF_MOST || to - from > k->ram.n)
        return fail(why, n, "it carries no BTF");
    void *raw = xcalloc(to - from, 1);
    if (!lx_read(k, from, raw, to - from)) {
        free(raw);
        return fail(why, n, "its BTF is not in RAM");
    }
    struct btf *b = btf_open(raw, to - from);
    if (!b)
        return fail(why, n, "its BTF is damaged");
    bool ok = lx_layout_find(k, b, why, n);
    btf_close(b);
    return ok;
}

/* Returns the physical address of a symbol of the image; 0: not mapped. */
static u64 image(struct linux_kernel *k, enum lx_address a)
{
    u64 pa;
    return lx_pa(k, k->layout.address[a], &pa) ? pa : 0;
}

static bool find_places(struct linux_kernel *k, char *why, size_t n)
{
    if (!lx_number(k, k->layout.address[A_PERCPU], 8, &k->percpu))
        return fail(why, n, "its per-CPU data is not there yet");
    k->text[0] = image(k, A_TEXT);
    k->text[1] = image(k, A_TEXT_END);
    k->rodata[0] = image(k, A_RODATA);
    k->rodata[1] = image(k, A_RODATA_END);
    if (!lx_pfn(k, k->layout.address[A_ZERO_PAGE], &k->zero_pfn))
        k->zero_pfn = ~0ull;
    lx_vmstat_names(k);
    return true;
}

struct linux_kernel *linux_open(const struct kernel_ram *ram,
                                const char *symbols, char *why, size_t n)
{
    struct linux_kernel *k = xcalloc(1, sizeof *k);
    bool found = false;
    k->ram = *ram;
    k->nframes = ram->n >> PAGE_SHIFT;
    k->note_pa = ram->base;
    snprintf(why, n, "no Linux found: RAM has no VMCOREINFO (yet)");
    for (; !found && lx_note_find(ram, &k->note_pa, k->note);
         k->note_pa += found ? 0 : NOTE_BYTES)
        found = read_note(k, why, n);
    if (found && find_symbols(k, symbols, why, n) && find_types(k, why, n) &&
        find_places(k, why, n)) {
        k->frame = xcalloc(k->nframes, sizeof *k->frame);
        for (u64 i = 0; i < k->nframes; i++)
            k->frame[i].is.state = 0xff;
        k->mark = xcalloc(k->nframes, 1);
        k->mark_owner = xcalloc(k->nframes, sizeof *k->mark_owner);
        k->task = xcalloc(LINUX_TASKS, sizeof *k->task);
        return k;
    }
    linux_close(k);
    return NULL;
}

void linux_close(struct linux_kernel *k)
{
    if (!k)
        return;
    if (k->own_symbols)
        elf_symbols_free(k->symbols);
    free_all(k->frame, k->mark, k->mark_owner, k->task, k);
}

bool linux_moved(struct linux_kernel *k)
{
    const u8 *note = lx_ram(k, k->note_pa, NOTE_BYTES);
    memset(k->translated, 0, sizeof k->translated);
    memset(k->mapping, 0, sizeof k->mapping);
    memset(&k->lru, 0, sizeof k->lru);
    memset(k->free_block, 0, sizeof k->free_block);
    k->marked = k->tasks_read = false;
    return note && !memcmp(note, k->note, NOTE_BYTES);
}

const char *linux_release(const struct linux_kernel *k)
{
    return k->release;
}

struct elf_symbols *linux_take_symbols(struct linux_kernel *k)
{
    k->own_symbols = false;
    return k->symbols;
}

u64 linux_text_delta(const struct linux_kernel *k)
{
    return k->layout.address[A_TEXT] - k->text[0];
}

u64 linux_satp(const struct linux_kernel *k)
{
    return SATP_SV39 | k->root >> PAGE_SHIFT;
}
