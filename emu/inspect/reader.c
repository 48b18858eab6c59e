/* SPDX-License-Identifier: MIT */
/* The second source behind the answers: a kernel that opens no lens is read by
 * its own structures (emu/linux). It is looked for when somebody asks, and what
 * was remembered of it is dropped when the machine has gone on. */
#include "inspect/ram.h"

#include <stdio.h>

#define TRIES_A_SECOND 100 /* of simulated time, until one is found */

static void look_for(struct machine *m, struct machine_reader *r)
{
    struct linux_ram ram = {m->ram, RAM_BASE, m->ram_bytes};
    u64 wait = m->clock_hz / TRIES_A_SECOND, now = m->hart.cycle, va;
    if (SATP_MODE(m->hart.satp) != SATP_SV39 ||
        (r->tried && now >= r->cycle && now - r->cycle < wait))
        return;
    r->tried = true;
    r->cycle = now;
    r->instret = m->hart.instret;
    r->kernel = linux_open(&ram, m->config->symbols, r->why, sizeof r->why);
    if (!r->kernel || elf_symbol_nth(m->symbols, 0, &va))
        return;
    elf_symbols_free(m->symbols);
    m->symbols = linux_take_symbols(r->kernel);
}

struct linux_kernel *ins_linux(struct machine *m)
{
    struct machine_reader *r = &m->reader;
    if (ins_lens(m))
        return NULL;
    bool moved = m->hart.cycle != r->cycle || m->hart.instret != r->instret;
    if (r->kernel && moved && !linux_moved(r->kernel)) {
        linux_close(r->kernel);
        *r = (struct machine_reader){.kernel = NULL};
    }
    if (!r->kernel) {
        look_for(m, r);
    } else {
        r->cycle = m->hart.cycle;
        r->instret = m->hart.instret;
    }
    return r->kernel;
}

bool inspect_told(struct machine *m)
{
    return ins_lens(m) || ins_linux(m);
}

const char *inspect_untold(struct machine *m)
{
    return !inspect_told(m) && m->reader.tried ? m->reader.why : "";
}

u32 inspect_pte_slot(struct machine *m, u64 pte)
{
    if (ins_linux(m))
        return linux_pte_slot(pte);
    return pte & GUEST_PTE_SWAP ? ins_slot(PTE_PPN(pte)) : INS_NO_SLOT;
}

struct ins_native ins_native(struct machine *m, u64 pfn)
{
    struct linux_kernel *k = ins_linux(m);
    struct linux_frame f;
    if (!k || !linux_frame(k, pfn, &f))
        return (struct ins_native){.known = false};
    return (struct ins_native){true, f.kind, f.generation, f.flags};
}

void ins_native_what(struct machine *m, u64 pfn, const struct ins_native *f,
                     char *buf, size_t n)
{
    char name[64] = "";
    *buf = 0;
    if (!f->known || f->kind >= LINUX_KINDS)
        return;
    if (f->kind == LINUX_SLAB || !f->kind)
        linux_frame_name(ins_linux(m), pfn, name, sizeof name);
    append(buf, n, 0, "%s%s%s", linux_kinds[f->kind].word,
           f->kind && *name ? " " : "", name);
}

void inspect_native_words(struct machine *m, u64 pfn,
                          const struct ins_native *f, char *buf, size_t n)
{
    char what[64] = "", flags[300];
    *buf = 0;
    if (!f->known)
        return;
    if (f->kind)
        ins_native_what(m, pfn, f, what, sizeof what);
    linux_flag_words(f->flags, flags, sizeof flags);
    size_t at =
        append(buf, n, 0, "%s%s%s", what, *what && *flags ? ": " : "", flags);
    if (f->generation)
        append(buf, n, at, ", generation %u of 4", f->generation);
}

bool inspect_native_condition(struct machine *m, const char *word,
                              struct ins_condition *c)
{
    *c = (struct ins_condition){.word = NULL};
    if (!ins_linux(m))
        return false;
    for (unsigned i = 0; i < LINUX_KINDS; i++)
        if (*linux_kinds[i].word && !strcmp(word, linux_kinds[i].word)) {
            c->kinds = 1u << i;
            c->word = linux_kinds[i].word;
            c->sentence = linux_kinds[i].sentence;
            return true;
        }
    c->native = linux_flag(word);
    c->word = word;
    c->sentence = "a flag of struct page";
    return c->native;
}

const char *inspect_native_counter(struct machine *m, unsigned i, u64 *value,
                                   bool *known)
{
    struct linux_kernel *k = ins_linux(m);
    return k ? linux_counter_nth(k, i, value, known) : NULL;
}
