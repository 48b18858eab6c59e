/* SPDX-License-Identifier: MIT */
/* Reads a kernel without a lens by the kernel's own structures (emu/linux,
 * emu/xv6). Each question about it first looks for it, until it is found; data
 * read from it are dropped when the machine has gone on. */
#include "inspect/frames.h"
#include "inspect/internal.h"
#include "inspect/kernel.h"
#include "inspect/process.h"

#define TRIES_A_SECOND 100 /* searches per simulated second at most */

/* Looks for xv6 by the symbols of the ELF file that was loaded. */
static void look_for_xv6(struct machine *m, struct machine_reader *r)
{
    struct kernel_ram ram = {m->ram, RAM_BASE, m->ram_bytes};
    struct xv6_layout layout;
    if (xv6_layout_read(m->symbols, m->symbols_file, &layout, r->why,
                        sizeof r->why))
        r->xv6 = xv6_open(&ram, &layout, r->why, sizeof r->why);
}

bool ins_has_lens(struct machine *m)
{
    u64 va;
    return ins_lens(m) || elf_symbol(m->symbols, "lens_report", &va);
}

static void look_for_kernel_in_ram(struct machine *m, struct machine_reader *r)
{
    struct kernel_ram ram = {m->ram, RAM_BASE, m->ram_bytes};
    u64 wait = m->clock_hz / TRIES_A_SECOND, now = machine_now(m), va;
    if (SATP_MODE(m->hart.satp) != SATP_MODE_SV39 || ins_has_lens(m) ||
        (r->tried && now >= r->cycle && now - r->cycle < wait))
        return;
    r->tried = true;
    r->cycle = now;
    r->instret = m->hart.instret;
    if (m->symbols && m->symbols_file && xv6_symbols_known(m->symbols)) {
        look_for_xv6(m, r);
        return;
    }
    r->kernel = linux_open(&ram, m->config->symbols, r->why, sizeof r->why);
    r->opened += r->kernel != NULL;
    if (!r->kernel || elf_symbol_nth(m->symbols, 0, &va))
        return;
    elf_symbols_free(m->symbols);
    m->symbols = linux_take_symbols(r->kernel);
}

/* Returns the updated reader of a kernel without a lens; NULL: it has one. */
static struct machine_reader *current_reader(struct machine *m)
{
    struct machine_reader *r = &m->reader;
    if (ins_lens(m))
        return NULL;
    bool moved = machine_now(m) != r->cycle || m->hart.instret != r->instret;
    if (moved && ((r->kernel && !linux_moved(r->kernel)) ||
                  (r->xv6 && !xv6_moved(r->xv6)))) {
        linux_close(r->kernel);
        xv6_close(r->xv6);
        *r = (struct machine_reader){.opened = r->opened, .probed = r->probed};
    }
    if (!r->kernel && !r->xv6) {
        look_for_kernel_in_ram(m, r);
    } else {
        r->cycle = machine_now(m);
        r->instret = m->hart.instret;
    }
    return r;
}

struct linux_kernel *ins_linux(struct machine *m)
{
    struct machine_reader *r = current_reader(m);
    return r ? r->kernel : NULL;
}

struct xv6_kernel *ins_xv6(struct machine *m)
{
    struct machine_reader *r = current_reader(m);
    return r ? r->xv6 : NULL;
}

const char *inspect_unmodified_name(struct machine *m)
{
    return ins_xv6(m) ? "xv6" : "linux";
}

bool inspect_tables_known(struct machine *m)
{
    return ins_lens(m) || ins_linux(m) || ins_xv6(m);
}

const char *inspect_tables_why_not(struct machine *m)
{
    return !inspect_tables_known(m) && m->reader.tried ? m->reader.why : "";
}

u32 inspect_pte_slot(struct machine *m, u64 pte)
{
    if (ins_linux(m))
        return linux_pte_slot(pte);
    return pte & GUEST_PTE_SWAP ? ins_slot(PTE_PPN(pte)) : INS_NO_SLOT;
}

struct ins_unmodified ins_unmodified(struct machine *m, u64 pfn)
{
    struct linux_kernel *k = ins_linux(m);
    struct xv6_kernel *x = ins_xv6(m);
    struct linux_frame f;
    if (x && pfn < ins_nframes(m))
        return (struct ins_unmodified){true, false, xv6_frames(x)[pfn].kind, 0,
                                       0};
    if (!k || !linux_frame(k, pfn, &f))
        return (struct ins_unmodified){.known = false};
    return (struct ins_unmodified){true, true, f.kind, f.generation, f.flags};
}

void ins_unmodified_what(struct machine *m, u64 pfn,
                         const struct ins_unmodified *f, char *buf, size_t n)
{
    char name[64] = "";
    *buf = 0;
    if (f->known && ins_xv6(m)) {
        bool more = xv6_frame_name(ins_xv6(m), pfn, name, sizeof name);
        append(buf, n, 0, "%s%s%s", xv6_kinds[f->kind].word, more ? " " : "",
               name);
        return;
    }
    if (!f->known || f->kind >= LINUX_KINDS)
        return;
    if (f->kind == LINUX_SLAB || !f->kind)
        linux_frame_name(ins_linux(m), pfn, name, sizeof name);
    append(buf, n, 0, "%s%s%s", linux_kinds[f->kind].word,
           f->kind && *name ? " " : "", name);
}

void inspect_unmodified_words(struct machine *m, u64 pfn,
                              const struct ins_unmodified *f, char *buf,
                              size_t n)
{
    char what[64] = "", flags[300];
    *buf = 0;
    if (!f->known)
        return;
    if (f->kind)
        ins_unmodified_what(m, pfn, f, what, sizeof what);
    linux_flag_words(ins_xv6(m) ? 0 : f->flags, flags, sizeof flags);
    size_t at =
        append(buf, n, 0, "%s%s%s", what, *what && *flags ? ": " : "", flags);
    if (f->generation)
        append(buf, n, at, ", generation %u of 4", f->generation);
}

/* Gives this kernel's words for kinds of frames; returns their number. */
static unsigned kinds_of(struct machine *m, const struct kernel_kind **kinds)
{
    *kinds = ins_xv6(m) ? xv6_kinds : linux_kinds;
    return ins_xv6(m) ? XV6_KINDS : ins_linux(m) ? LINUX_KINDS : 0;
}

unsigned inspect_unmodified_kinds(struct machine *m,
                                  const char *words[INS_UNMODIFIED_KINDS])
{
    const struct kernel_kind *kind;
    unsigned n = 0, all = kinds_of(m, &kind);
    for (unsigned i = 0; i < all; i++)
        if (*kind[i].word && n < INS_UNMODIFIED_KINDS)
            words[n++] = kind[i].word;
    return n;
}

bool inspect_unmodified_condition(struct machine *m, const char *word,
                                  struct ins_condition *c)
{
    const struct kernel_kind *kind;
    unsigned all = kinds_of(m, &kind);
    *c = (struct ins_condition){.word = NULL};
    for (unsigned i = 0; i < all; i++)
        if (*kind[i].word && !strcmp(word, kind[i].word)) {
            c->kinds = 1u << i;
            c->word = kind[i].word;
            c->sentence = kind[i].sentence;
            return true;
        }
    if (!ins_linux(m))
        return false;
    c->kernel_flags = linux_flag(word);
    c->word = word;
    c->sentence = "a flag of struct page";
    return c->kernel_flags;
}

const char *inspect_unmodified_counter(struct machine *m, unsigned i,
                                       u64 *value, bool *known)
{
    struct linux_kernel *k = ins_linux(m);
    struct xv6_kernel *x = ins_xv6(m);
    if (x)
        return xv6_counter_nth(x, i, value, known);
    return k ? linux_counter_nth(k, i, value, known) : NULL;
}
