/* SPDX-License-Identifier: MIT */
/* A core file consists of an ELF header, a PT_NOTE with the registers of all
 * threads (first the one that received the signal), and a PT_LOAD for each
 * mapping (Linux 6.12, fs/binfmt_elf.c: elf_core_dump; layouts: include/linux/
 * elfcore.h and arch/riscv/kernel/ptrace.c).
 *
 * Mappings are written as by Linux's default, coredump_filter 0x33. These are
 * written whole: memory without a file, shared or not; shared memory of a
 * removed file; private mappings of files, if they have been written to; and
 * the kernel's page (vdso). Of other private mappings of a program or library
 * the first page is written, which has the ELF header; a debugger finds the
 * rest in the file. Other mappings have a segment without content. Pages that
 * were never touched are holes of the core file. */
#include "fs/file.h"
#include "fs/proc/procfs.h"
#include "fs/uio.h"
#include "proc/coredump.h"
#include "proc/elf.h"
#include "proc/sched.h"
#include "vm/page.h"
#include "vm/space.h"
#include "vm/uaccess.h"

#define SEGMENTS_MOST 0xfffdu /* mappings; with PT_NOTE below PN_XNUM */
#define AUXV_MOST     32

struct prstatus {
    s32 signo, code, err;
    s16 cursig;
    u64 pending, blocked;
    s32 pid, ppid, pgrp, session;
    struct timeval utime, stime, cutime, cstime;
    u64 pc, x[31];
    s32 fpvalid;
};
struct prpsinfo {
    char state, sname, zombie, nice;
    u64 flags;
    u32 uid, gid;
    s32 pid, ppid, pgrp, session;
    char fname[16], args[80];
};
_Static_assert(sizeof(struct prstatus) == 376, "elf_prstatus");
_Static_assert(offsetof(struct prstatus, pc) == 112, "pr_reg");
_Static_assert(sizeof(struct prpsinfo) == 136, "elf_prpsinfo");
_Static_assert(offsetof(struct proc, fp.fcsr) ==
                   offsetof(struct proc, fp.f) + 256,
               "fp is NT_PRFPREG's layout");

/* The part of a mapping that is written. */
enum part { NOTHING, FIRST_PAGE, WHOLE };

struct core {
    struct file *file;
    struct space *space;
    u64 limit;
    u64 pos;     /* offset in the file of page[0] */
    u64 end;     /* offset after the last byte written */
    u8 *page;    /* buffer, up to the next page boundary of the file */
    size_t fill; /* bytes in it */
    u8 *part;    /* enum part of each mapping */
    u32 nparts;
    u64 generation; /* of the space, when the mappings were counted */
    bool counting;  /* core_put only adds to note_bytes */
    u64 note_bytes;
    bool over; /* stop: an error, the limit, or SIGKILL */
    const struct siginfo *why;
    u64 blocked;             /* signal mask of the dumping thread */
    struct seq files, names; /* NT_FILE: numbers, then names */
    u64 nfiles;
};

/* Writes the buffer, up to the limit. => sleeps */
static void flush(struct core *c)
{
    u64 n = MIN(c->fill, c->limit - MIN(c->limit, c->pos)), pos = c->pos;
    struct iovec iov = {(u64)c->page, n};
    struct uio u;
    uio_init(&u, &iov, 1, true);
    if (!c->over && n) {
        c->over = file_write(c->file, &u, &pos) != (s64)n;
        c->end = pos;
    }
    c->over |= n < c->fill;
    c->over |= cond_resched();
    c->pos += c->fill;
    c->fill = 0;
}

static void core_put(struct core *c, const void *bytes, size_t n)
{
    if (c->counting) {
        c->note_bytes += n;
        return;
    }
    for (const u8 *from = bytes; n && !c->over;) {
        size_t part = MIN(n, PAGE_SIZE - c->fill);
        memcpy(c->page + c->fill, from, part);
        c->fill += part;
        from += part;
        n -= part;
        if (c->fill == PAGE_SIZE)
            flush(c);
    }
}

/* ---- notes -------------------------------------------------------------- */

static void put_note_head(struct core *c, u32 type, size_t n)
{
    const struct {
        u32 name_bytes, bytes, type;
        char name[8];
    } head = {5, (u32)n, type, "CORE"};
    core_put(c, &head, sizeof head);
}

static void put_note(struct core *c, u32 type, const void *bytes, size_t n)
{
    put_note_head(c, type, n);
    core_put(c, bytes, n);
}

static void put_thread(struct core *c, struct proc *p)
{
    const struct proc *lead = p->leader;
    bool leads = p == lead;
    struct prstatus st = {
        .signo = c->why->si_signo,
        .cursig = (s16)c->why->si_signo,
        .pending = p->own.set,
        .blocked = p == current ? c->blocked : p->sig_blocked,
        .pid = (s32)p->lens.pid,
        .ppid = (s32)p->lens.ppid,
        .pgrp = (s32)lead->pgrp,
        .session = (s32)lead->session,
        .utime = timeval_of(leads ? p->all.utime : p->utime),
        .stime = timeval_of(leads ? p->all.stime : p->stime),
        .cutime = timeval_of(lead->waited.utime),
        .cstime = timeval_of(lead->waited.stime),
        .pc = p->tf->pc,
        .fpvalid = 1,
    };
    memcpy(st.x, p->tf->x + 1, sizeof st.x);
    put_note(c, NT_PRSTATUS, &st, sizeof st);
}

static void put_fp(struct core *c, struct proc *p)
{
    fp_sync(p);
    put_note(c, NT_PRFPREG, &p->fp, sizeof p->fp);
}

/* Writes NT_PRPSINFO: the process, with its arguments in one line. */
static void put_process(struct core *c)
{
    const struct proc *me = current, *lead = me->leader;
    const struct space *s = c->space;
    struct prpsinfo ps = {
        .sname = 'R',
        .nice = (char)me->nice,
        .uid = me->uid,
        .gid = me->gid,
        .pid = (s32)lead->lens.pid,
        .ppid = (s32)lead->lens.ppid,
        .pgrp = (s32)lead->pgrp,
        .session = (s32)lead->session,
    };
    size_t n = MIN(sizeof ps.args - 1, s->arg_end - s->arg_start);
    memcpy(ps.fname, me->lens.name, sizeof ps.fname);
    if (copyin(ps.args, s->arg_start, n))
        memset(ps.args, 0, sizeof ps.args);
    for (size_t i = 0; i + 1 < n; i++)
        ps.args[i] = ps.args[i] ? ps.args[i] : ' ';
    put_note(c, NT_PRPSINFO, &ps, sizeof ps);
}

/* Writes NT_AUXV: the auxiliary vector as exec put it on the stack. */
static void put_auxv(struct core *c)
{
    u64 aux[AUXV_MOST][2] = {0};
    size_t n = 0;
    while (n < AUXV_MOST &&
           !copyin(aux[n], c->space->auxv + n * sizeof aux[0], sizeof aux[0]))
        if (!aux[n++][0])
            break;
    put_note(c, NT_AUXV, aux, n * sizeof aux[0]);
}

/* Writes NT_FILE: the mapped files and their addresses. Leaves it out if there
 * was no memory to collect them. */
static void put_files(struct core *c)
{
    u64 head[2] = {c->nfiles, PAGE_SIZE};
    static const u8 zeros[4];
    if (c->files.err || c->names.err)
        return;
    put_note_head(c, NT_FILE, sizeof head + c->files.len + c->names.len);
    core_put(c, head, sizeof head);
    core_put(c, c->files.text, c->files.len);
    core_put(c, c->names.text, c->names.len);
    core_put(c, zeros, -c->names.len % 4);
}

static void put_notes(struct core *c)
{
    struct proc *me = current, *lead = me->leader, *t;
    put_thread(c, me);
    put_process(c);
    put_note(c, NT_SIGINFO, c->why, sizeof *c->why);
    put_auxv(c);
    put_files(c);
    put_fp(c, me);
    if (lead != me && lead->core_parked) {
        put_thread(c, lead);
        put_fp(c, lead);
    }
    list_for_each_entry(t, &lead->threads, thread)
    {
        if (t == me)
            continue;
        put_thread(c, t);
        put_fp(c, t);
    }
}

/* ---- mappings ----------------------------------------------------------- */

static bool is_elf(struct file *f)
{
    char magic[4];
    return (f->inode->mode & 0111) ||
           (file_pread(f, magic, 4, 0) == 4 && !memcmp(magic,
                                                       "\x7f"
                                                       "ELF",
                                                       4));
}

/* Decides as Linux 6.12 (fs/coredump.c: vma_dump_size). => may sleep */
static enum part part_of(const struct vma *v)
{
    const struct vm_object *o = v->object;
    if (v->lens.start == VDSO_BASE)
        return WHOLE;
    if (v->lens.flags & VMA_DEVICE)
        return NOTHING;
    if (v->lens.flags & VMA_SHARED)
        return !v->file || !o || o->anonymous || !v->file->inode->nlink
                   ? WHOLE
                   : NOTHING;
    if (v->merge_group) /* has or had private pages */
        return WHOLE;
    return v->file && !v->lens.offset && (v->lens.flags & VMA_R) &&
                   is_elf(v->file)
               ? FIRST_PAGE
               : NOTHING;
}

static u64 bytes_of(const struct core *c, u32 i, const struct vma *v)
{
    return c->part[i] == WHOLE        ? v->lens.end - v->lens.start
           : c->part[i] == FIRST_PAGE ? PAGE_SIZE
                                      : 0;
}

static void add_file(struct core *c, const struct vma *v, char *buf)
{
    const u64 where[] = {v->lens.start, v->lens.end,
                         v->lens.offset / PAGE_SIZE};
    const char *path = file_path(v->file, buf, PATH_MAX);
    seq_write(&c->files, where, sizeof where);
    seq_write(&c->names, path, strlen(path) + 1);
    c->nfiles++;
}

/* Decides for each mapping how much is written, and collects its file's name.
 * False: no memory, or SIGKILL. => may sleep */
static bool look_at_mappings(struct core *c)
{
    char *buf = kmalloc(PATH_MAX);
    struct vma *v = c->space->vmas;
    c->nparts = (u32)MIN(c->space->nmaps, SEGMENTS_MOST);
    c->part = kmalloc(c->nparts);
    if (buf && c->part) {
        for (u32 i = 0; i < c->nparts; i++, v = vma_next(v)) {
            c->part[i] = (u8)part_of(v);
            if (v->file)
                add_file(c, v, buf);
            if ((c->over = cond_resched()))
                break;
        }
    }
    c->over |= !buf || !c->part;
    kfree(buf);
    return !c->over;
}

/* True, and ends the dump, if another process that shares this memory has
 * changed the mappings (by growing its stack). */
static bool mappings_changed(struct core *c)
{
    c->over |= c->space->generation != c->generation;
    return c->over;
}

static void put_headers(struct core *c, u64 data)
{
    Elf64_Ehdr h = {
        .e_ident = {0x7f, 'E', 'L', 'F', 2, 1, 1},
        .e_type = ET_CORE,
        .e_machine = EM_RISCV,
        .e_version = 1,
        .e_phoff = sizeof h,
        .e_ehsize = sizeof h,
        .e_phentsize = sizeof(Elf64_Phdr),
        .e_phnum = (u16)(c->nparts + 1),
    };
    Elf64_Phdr g = {
        .p_type = PT_NOTE,
        .p_offset = sizeof h + h.e_phnum * sizeof g,
        .p_filesz = c->note_bytes,
        .p_align = 4,
    };
    core_put(c, &h, sizeof h);
    core_put(c, &g, sizeof g);
    struct vma *v = c->space->vmas;
    for (u32 i = 0; i < c->nparts && !mappings_changed(c);
         i++, v = vma_next(v)) {
        u32 f = v->lens.flags;
        g = (Elf64_Phdr){
            .p_type = PT_LOAD,
            .p_flags = (f & VMA_R ? PF_R : 0u) | (f & VMA_W ? PF_W : 0u) |
                       (f & VMA_X ? PF_X : 0u),
            .p_offset = data,
            .p_vaddr = v->lens.start,
            .p_filesz = bytes_of(c, i, v),
            .p_memsz = v->lens.end - v->lens.start,
            .p_align = PAGE_SIZE,
        };
        core_put(c, &g, sizeof g);
        data += g.p_filesz;
    }
}

/* Writes the pages that have content, and skips the others. */
static void put_memory(struct core *c, u64 data)
{
    struct vma *v = c->space->vmas;
    for (u32 i = 0; i < c->nparts && !mappings_changed(c); i++) {
        u64 start = v->lens.start, va = start, end = va + bytes_of(c, i, v);
        while (space_copy_next(c->space, v, &va, end, c->page)) {
            c->pos = data + (va - start);
            c->fill = PAGE_SIZE;
            flush(c);
            if (mappings_changed(c))
                return;
            va += PAGE_SIZE;
        }
        data += end - start;
        c->over |= cond_resched();
        v = vma_next(v);
    }
    if (!c->over && data > c->end) { /* extend the file over its last hole */
        c->page[0] = 0;
        c->pos = data - 1;
        c->fill = 1;
        flush(c);
    }
}

static void write_all(struct core *c)
{
    if (!look_at_mappings(c))
        return;
    c->counting = true;
    put_notes(c);
    c->counting = false;
    u64 data = PAGE_UP(sizeof(Elf64_Ehdr) +
                       (c->nparts + 1) * sizeof(Elf64_Phdr) + c->note_bytes);
    put_headers(c, data);
    put_notes(c);
    if (c->fill)
        flush(c);
    put_memory(c, data);
}

bool elf_core_write(struct file *f, u64 limit, const struct siginfo *why,
                    u64 blocked)
{
    struct core c = {.file = f,
                     .space = current->space,
                     .limit = limit,
                     .page = kmalloc(PAGE_SIZE),
                     .why = why,
                     .blocked = blocked};
    if (c.page && !mutex_lock_killable(&c.space->changing)) {
        c.generation = c.space->generation;
        write_all(&c);
        mutex_unlock(&c.space->changing);
    }
    kfree(c.files.text);
    kfree(c.names.text);
    kfree(c.part);
    kfree(c.page);
    return c.end > 0;
}
