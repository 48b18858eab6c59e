/* SPDX-License-Identifier: MIT */
/* Finds the program in which an address lies, its debug information, and the
 * calls that have not returned. The kernel or bare ELF is a host file. A
 * process's program is the file on the guest's disk that its mapping names; its
 * debug information is there, or in folder `symbols` beside the kernel. */
#include "inspect/process.h"
#include "inspect/symbols.h"
#include "inspect/walk.h"
#include "inspect/memory/ext2.h"
#include "inspect/program/program.h"
#include "inspect/internal.h"
#include "inspect/task.h"
#include "inspect/program/unwind.h"

#include <stdio.h>
#include <stdlib.h>

#define PROGRAMS 256 /* programs of the guest that are kept, at most */

struct opened { /* a file of the host */
    char *file;
    struct source *source;
};
struct known { /* a program on a disk of the guest */
    unsigned disk;
    u64 inode;
    u8 raw[128]; /* its inode, which changes with the file */
    struct program *program;
    struct source *source;
    bool asked; /* `source` has been looked for */
    bool own;   /* `source` is not one of ins_sources.file */
};
struct ins_sources {
    struct machine *m;
    struct opened *file;
    unsigned nfiles;
    struct known known[PROGRAMS];
    unsigned nknown;
    struct unwinder *unwinder[2]; /* [0]: kernel, bare ELF; [1]: processes */
};

struct ins_sources *inspect_sources_open(struct machine *m)
{
    struct ins_sources *s = xcalloc(1, sizeof *s);
    s->m = m;
    return s;
}

void inspect_sources_close(struct ins_sources *s)
{
    if (!s)
        return;
    for (unsigned i = 0; i < s->nknown; i++) {
        if (s->known[i].own)
            source_close(s->known[i].source);
        program_free(s->known[i].program);
    }
    unwinder_free(s->unwinder[0]);
    unwinder_free(s->unwinder[1]);
    for (unsigned i = 0; i < s->nfiles; i++) {
        source_close(s->file[i].source);
        free(s->file[i].file);
    }
    free(s->file);
    free(s);
}

/* ---- programs ----------------------------------------------------------- */

static struct source *source_of_file(struct ins_sources *s, const char *file)
{
    for (unsigned i = 0; i < s->nfiles; i++)
        if (!strcmp(s->file[i].file, file))
            return s->file[i].source;
    s->file = xrealloc(s->file, (s->nfiles + 1) * sizeof *s->file);
    s->file[s->nfiles] = (struct opened){xstrdup(file), source_open(file)};
    return s->file[s->nfiles++].source;
}

struct source *inspect_main_source(struct ins_sources *s)
{
    const char *file = s->m->symbols_file;
    return file ? source_of_file(s, file) : NULL;
}

/* Compares all of an inode except its access time. */
static bool same_inode(const u8 a[128], const u8 b[128])
{
    return !memcmp(a, b, 8) && !memcmp(a + 12, b + 12, 116);
}

static struct known *program_known(struct ins_sources *s,
                                   const struct ins_vma *of)
{
    struct ext2 fs;
    u8 raw[128];

    if (!of->inode || !ext2_open(&fs, s->m, of->disk) ||
        !ext2_inode(&fs, of->inode, raw))
        return NULL;
    for (unsigned i = s->nknown; i--;)
        if (s->known[i].inode == of->inode && s->known[i].disk == of->disk &&
            same_inode(s->known[i].raw, raw))
            return &s->known[i];
    if (s->nknown == PROGRAMS)
        return NULL;
    struct known *k = &s->known[s->nknown++];
    k->disk = of->disk;
    k->inode = of->inode;
    memcpy(k->raw, raw, sizeof raw);
    k->program = program_read(s->m, of->disk, of->inode);
    return k;
}

static struct source *source_of(struct ins_sources *s, struct known *k)
{
    const char *beside = program_beside(k->program);

    if (!k->asked) {
        k->asked = true;
        k->own = !beside;
        k->source = beside ? source_of_file(s, beside)
                           : program_source(k->program, s->m);
    }
    return k->source;
}

/* True if the hart is in user mode, in a process. */
static bool in_process(const struct machine *m)
{
    return m->hart.priv == PRV_U && !(m->config && m->config->elf);
}

/* True if va may be a process's; a kernel may use such addresses, too. */
static bool may_be_process(const struct machine *m, u64 va)
{
    return va >> 63 == 0 && !(m->config && m->config->elf);
}

/* Finds the program that the running process has mapped at va, and va's *offset
 * in its file; NULL: none. */
static struct known *program_mapped_at(struct ins_sources *s, u64 va,
                                       u64 *offset)
{
    u32 pid = ins_current_pid(s->m);
    struct ins_vma vma;

    if (!pid || !inspect_vma_at(s->m, pid, va, &vma))
        return NULL;
    *offset = va - vma.start + vma.offset;
    return program_known(s, &vma);
}

static struct ins_code code_of_program(struct source *source, u64 bias)
{
    return (struct ins_code){source, bias, true,
                             source && source_moves(source)};
}

static bool code_of_process(struct ins_sources *s, u64 va, struct ins_code *out)
{
    u64 offset, own;
    struct known *k = program_mapped_at(s, va, &offset);

    if (!k || !program_address(k->program, offset, &own))
        return false;
    *out = code_of_program(source_of(s, k), va - own);
    return true;
}

bool inspect_code_at(struct ins_sources *s, u64 va, struct ins_code *out)
{
    struct source_row row;
    struct ins_code program;
    bool in_program = in_process(s->m);

    *out = (struct ins_code){.source = NULL};
    if (in_program && code_of_process(s, va, out))
        return true;
    out->source = inspect_main_source(s);
    if (!out->source || source_row_at(out->source, va, &row))
        return out->source;
    if (in_program)
        out->source = NULL;
    else if (may_be_process(s->m, va) && code_of_process(s, va, &program))
        *out = program;
    return out->source;
}

bool inspect_name_at(struct ins_sources *s, u64 va, char *buf, size_t n)
{
    u64 offset, distance;

    if (!in_process(s->m)) {
        if (inspect_symbol_at(s->m, va, buf, n))
            return true;
        if (!may_be_process(s->m, va))
            return false;
    }
    struct known *k = program_mapped_at(s, va, &offset);
    const char *name = k ? program_symbol(k->program, offset, &distance) : NULL;
    if (!name)
        return false;
    if (distance)
        snprintf(buf, n, "%s+0x%llx", name, distance);
    else
        snprintf(buf, n, "%s", name);
    return true;
}

static bool read_memory(void *opaque, u64 va, void *to, size_t n)
{
    struct ins_sources *s = opaque;
    return inspect_read_va(s->m, va, to, n);
}

struct source_memory inspect_memory(struct ins_sources *s)
{
    return (struct source_memory){read_memory, s};
}

/* ---- calls -------------------------------------------------------------- */

/* Lists one stack frame's calls: those inlined at its pc, then its function.
 * `look` is pc, or for a return address pc - 1, in the call instruction. */
static unsigned calls_of(struct ins_sources *s, u64 pc, u64 look,
                         struct ins_call *out, unsigned max)
{
    struct ins_code code;
    struct source_scope scope[SOURCE_SCOPES];
    struct source_row row = {.file = NULL};
    unsigned n = 0, i = 0;

    if (inspect_code_at(s, look, &code) && code.source &&
        source_row_at(code.source, look - code.bias, &row))
        n = source_scopes(code.source, look - code.bias, scope);
    do {
        struct ins_call *c = &out[i];
        *c = (struct ins_call){
            .pc = pc, .file = row.file, .line = row.file ? row.line : 0};
        inspect_name_at(s, look, c->where, sizeof c->where);
        if (!n)
            continue;
        c->function = scope[i].function;
        c->inlined = scope[i].inlined;
        row.file = scope[i].call_file;
        row.line = scope[i].call_line;
    } while (++i < n && i < max);
    return i;
}

/* For unwinder_new: gives the start of pc's function, by the symbols of the
 * kernel or the process's program. */
static bool start_by_name(void *opaque, u64 pc, u64 *first)
{
    char name[80];
    const char *plus;

    if (!inspect_name_at(opaque, pc, name, sizeof name))
        return false;
    plus = strrchr(name, '+');
    *first = pc - (plus ? strtoull(plus + 1, NULL, 0) : 0);
    return true;
}

/* For unwinder_programs: finds the program that a process has mapped at pc. */
static bool rules_of_program(void *opaque, u64 pc, u64 *own,
                             struct Dwarf_CFI_s *cfi[2])
{
    struct ins_code code;

    if (!code_of_process(opaque, pc, &code) || !code.source)
        return false;
    source_cfi(code.source, cfi);
    *own = pc - code.bias;
    return true;
}

/* Keeps the unwinder: reading an ELF takes far longer than unwinding by it. */
static struct unwinder *unwinder_of(struct ins_sources *s, bool user)
{
    struct unwinder **u = &s->unwinder[user];

    if (!*u)
        *u = unwinder_new(user ? NULL : s->m->symbols_file, start_by_name, s);
    if (user)
        unwinder_programs(*u, rules_of_program);
    unwinder_forget(*u);
    return *u;
}

unsigned inspect_backtrace_from(struct ins_sources *s, const u64 x[32], u64 at,
                                u64 *pc, unsigned max)
{
    return unwind(unwinder_of(s, false), s->m, x, at, pc, max);
}

unsigned inspect_backtrace(struct ins_sources *s, u64 *pc, unsigned max)
{
    return unwind(unwinder_of(s, in_process(s->m)), s->m, s->m->hart.x,
                  s->m->hart.pc, pc, max);
}

unsigned inspect_calls(struct ins_sources *s, struct ins_call *out,
                       unsigned max)
{
    struct unwinder *u = unwinder_of(s, in_process(s->m));
    u64 pc = s->m->hart.pc, reg[32];
    bool inner = true, more = true;
    unsigned n = 0;
    char name[80];

    memcpy(reg, s->m->hart.x, sizeof reg);
    while (more && n < max) {
        unsigned first = n;
        n += calls_of(s, pc, inner ? pc : pc - 1, out + n, max - n);
        out[first].trap = unwind_trap(u, s->m, reg, inner, &pc);
        more =
            out[first].trap || (unwind_one(u, s->m, reg, inner, &pc) &&
                                inspect_name_at(s, pc - 1, name, sizeof name));
        inner = out[first].trap;
        if (inner && may_be_process(s->m, pc))
            u = unwinder_of(s, true);
    }
    return n;
}

/* ---- names to places ---------------------------------------------------- */

/* Arguments of each_source, which calls fn for each program, in the order of
 * inspect_places, until fn returns true. */
struct program_search {
    struct ins_sources *s;
    bool (*fn)(void *, const struct ins_code *);
    void *opaque;
    struct ins_code *found;
};

static bool try_one(struct program_search *e, struct ins_code code)
{
    if (!code.source || !e->fn(e->opaque, &code))
        return false;
    *e->found = code;
    return true;
}

static bool try_beside(void *opaque, const char *file)
{
    struct program_search *e = opaque;
    return try_one(e, code_of_program(source_of_file(e->s, file), 0));
}

#define MAPPINGS 512

/* Calls fn for each program mapped as code, until fn returns true. */
static bool each_mapped(struct ins_sources *s, u32 pid,
                        bool (*fn)(void *, struct ins_code), void *opaque)
{
    struct ins_vma *vma = xcalloc(MAPPINGS, sizeof *vma);
    unsigned n = inspect_vma_rows(s->m, pid, vma, MAPPINGS);
    bool done = false;
    u64 own;

    for (unsigned i = 0; i < n && !done; i++) {
        struct known *k =
            vma[i].flags & VMA_X ? program_known(s, &vma[i]) : NULL;
        if (!k || !program_address(k->program, vma[i].offset, &own))
            continue;
        done = fn(opaque, code_of_program(source_of(s, k), vma[i].start - own));
    }
    free(vma);
    return done;
}

static bool try_mapped(void *opaque, struct ins_code code)
{
    return try_one(opaque, code);
}

struct wanted_program {
    const struct source *program;
    u64 *bias;
};

static bool is_wanted(void *opaque, struct ins_code code)
{
    struct wanted_program *w = opaque;
    if (code.source != w->program)
        return false;
    *w->bias = code.bias;
    return true;
}

bool inspect_program_bias(struct ins_sources *s, const struct source *program,
                          u64 *bias)
{
    struct wanted_program w = {program, bias};
    u32 pid = ins_current_pid(s->m);

    return pid && each_mapped(s, pid, is_wanted, &w);
}

struct wanted_file {
    const struct ins_sources *s;
    const char *file;
    u64 *bias;
};

static bool has_host_file(void *opaque, struct ins_code code)
{
    struct wanted_file *w = opaque;
    for (unsigned i = 0; code.source && i < w->s->nfiles; i++)
        if (w->s->file[i].source == code.source)
            w->file = w->s->file[i].file;
    *w->bias = code.bias;
    return w->file;
}

const char *inspect_program_file(struct ins_sources *s, u64 *bias)
{
    struct wanted_file w = {.s = s, .bias = bias};
    u32 pid = ins_current_pid(s->m);

    if (pid)
        each_mapped(s, pid, has_host_file, &w);
    return w.file;
}

struct other_processes {
    struct program_search *e;
    u32 current;
    bool done;
};

static void try_other(void *opaque, const struct ins_proc *p)
{
    struct other_processes *o = opaque;
    if (!o->done && p->pid != o->current)
        o->done = each_mapped(o->e->s, p->pid, try_mapped, o->e);
}

static bool each_source(struct program_search *e)
{
    struct machine *m = e->s->m;
    struct other_processes others = {e, ins_current_pid(m), false};

    if (try_one(e,
                (struct ins_code){inspect_main_source(e->s), 0, false, false}))
        return true;
    if (m->config && m->config->elf)
        return false;
    if (others.current && each_mapped(e->s, others.current, try_mapped, e))
        return true;
    inspect_tasks(m, try_other, &others);
    if (!others.done)
        programs_beside(m, try_beside, e);
    return e->found->source;
}

struct place_wanted {
    const char *name;
    unsigned line, n;
    u64 *va;
    struct source_row *row;
    struct source_function *function;
    const char *file;
};

static bool has_places(void *opaque, const struct ins_code *code)
{
    struct place_wanted *w = opaque;

    w->n = source_places(code->source, w->name, w->line, w->va, w->row);
    for (unsigned i = 0; i < w->n; i++)
        w->va[i] += code->bias;
    return w->n;
}

unsigned inspect_places(struct ins_sources *s, const char *file, unsigned line,
                        u64 va[SOURCE_PLACES], struct source_row *row,
                        struct ins_code *code)
{
    struct place_wanted w = {.name = file, .line = line, .va = va, .row = row};
    struct program_search e = {s, has_places, &w, code};

    *code = (struct ins_code){.source = NULL};
    each_source(&e);
    return w.n;
}

unsigned inspect_lines(const struct ins_code *code, const char *file,
                       unsigned line, u64 va[SOURCE_PLACES])
{
    unsigned n = source_lines(code->source, file, line, va);
    for (unsigned i = 0; i < n; i++)
        va[i] += code->bias;
    return n;
}

static bool has_function(void *opaque, const struct ins_code *code)
{
    struct place_wanted *w = opaque;

    if (!source_function(code->source, w->name, w->function))
        return false;
    w->function->entry += code->bias;
    w->function->body += code->bias;
    return true;
}

bool inspect_function(struct ins_sources *s, const char *name,
                      struct source_function *out, struct ins_code *code)
{
    struct place_wanted w = {.name = name, .function = out};
    struct program_search e = {s, has_function, &w, code};

    *code = (struct ins_code){.source = NULL};
    return each_source(&e);
}

static bool has_file(void *opaque, const struct ins_code *code)
{
    struct place_wanted *w = opaque;
    w->file = source_file_named(code->source, w->name);
    return w->file;
}

const char *inspect_source_file(struct ins_sources *s, const char *name,
                                struct ins_code *code)
{
    struct place_wanted w = {.name = name};
    struct program_search e = {s, has_file, &w, code};

    *code = (struct ins_code){.source = NULL};
    return each_source(&e) ? w.file : NULL;
}
