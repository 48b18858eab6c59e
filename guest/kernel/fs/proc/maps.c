/* SPDX-License-Identifier: MIT */
/* /proc/PID/maps shows the mappings; smaps also shows their use of memory. */
#include "fs/proc/procfs.h"

#include "task/proc.h"
#include "vm/huge.h"
#include "vm/shm.h"
#include "vm/shmem.h"
#include "vm/space.h"
#include "vm/swap.h"

#define NAME_COLUMN 73 /* as in Linux */

static const char *vma_name(struct space *m, struct vma *v, char *buf)
{
    if (v->file)
        return file_path(v->file, buf, PATH_MAX);
    if (v->lens.flags & VMA_STACK)
        return "[stack]";
    if (v->lens.start < m->brk && v->lens.end > m->brk_start)
        return "[heap]";
    if (v->lens.start == VDSO_BASE)
        return "[vdso]";
    const struct shm *shm = shm_of(v);
    if (shm) {
        snprintf(buf, PATH_MAX, "/SYSV%08x (deleted)", (u32)shm->named);
        return buf;
    }
    return v->object ? "/dev/zero (deleted)" : "";
}

static void show_line(struct seq *s, struct space *m, struct vma *v, char *buf)
{
    u32 f = v->lens.flags, dev = v->lens.dev;
    const char rights[] = {f & VMA_R ? 'r' : '-', f & VMA_W ? 'w' : '-',
                           f & VMA_X ? 'x' : '-', f & VMA_SHARED ? 's' : 'p',
                           '\0'};
    size_t start = s->len;
    const char *name = vma_name(m, v, buf);
    u64 inode = shm_of(v) ? (u64)shm_of(v)->id : v->lens.inode;

    seq_printf(s, "%08lx-%08lx %s %08lx %02x:%02x %lu ", v->lens.start,
               v->lens.end, rights, v->lens.offset, DEV_MAJOR(dev),
               DEV_MINOR(dev), inode);
    int width = (int)(s->len - start);
    seq_printf(s, "%*s", *name ? MAX(NAME_COLUMN - width, 0) : 0, "");
    seq_escape(s, name, "\n", '\n');
}

/* An iterator over a process's mappings. A mapping may be removed while
 * the walk yields, so the next is looked up by address; v is a copy. */
struct walk {
    struct space *m;
    struct vma v;
    u64 at;
};

static bool walk_begin(struct walk *w, struct proc *p)
{
    *w = (struct walk){.m = p->space};
    if (w->m)
        space_ref(w->m);
    return w->m != NULL;
}

static bool walk_next(struct walk *w)
{
    struct vma *v = cond_resched() ? NULL : vma_after(w->m, w->at);
    if (!v)
        return false;
    w->v = *v;
    w->at = v->lens.end;
    return true;
}

/* Returns the share that one of n entries has of their page, in bytes <<
 * SHARE_SHIFT (Linux: PSS_SHIFT). */
#define SHARE_SHIFT 12
static u64 share_of_page(u64 n)
{
    u64 whole = PAGE_SIZE << SHARE_SHIFT;
    return n > 1 ? whole / n : whole;
}

struct usage { /* bytes */
    u64 size, rss, shared_clean, shared_dirty, private_clean, private_dirty;
    u64 referenced, anonymous, huge, swap;
    u64 pss, pss_dirty, swap_pss, locked; /* sums of shares */
};

static void look_at_page(struct usage *u, const struct vma *v,
                         const struct page_view *view)
{
    const struct lens_frame *f = &view->page->frame;
    bool anon =
        f->state == FS_ANON || f->state == FS_COW || f->state == FS_SWAPCACHE;
    bool dirty = anon || view->dirty || f->state == FS_FILE_DIRTY;
    u64 share = share_of_page((u64)f->refs);
    u->rss += PAGE_SIZE;
    u->pss += share;
    u->pss_dirty += dirty ? share : 0;
    u->referenced += view->accessed ? PAGE_SIZE : 0;
    u->anonymous += anon ? PAGE_SIZE : 0;
    u->huge += view->huge ? PAGE_SIZE : 0;
    u->locked += v->attrs & ATTR_LOCKED ? share : 0;
    u64 *kind = f->refs > 1 ? dirty ? &u->shared_dirty : &u->shared_clean
                : dirty     ? &u->private_dirty
                            : &u->private_clean;
    *kind += PAGE_SIZE;
}

/* True if v's page at va is shared memory that is in swap only. */
static bool is_shared_in_swap(const struct vma *v, u64 va)
{
    u64 index = (v->lens.offset + (va - v->lens.start)) >> PAGE_SHIFT;
    return shmem_slot(v->object, index) && !object_has_page(v->object, index);
}

/* Counts a mapping's pages. Shared memory in swap has no entries; as in Linux
 * 6.12 (fs/proc/task_mmu.c: smap_gather_stats) its pages count in `swap` and in
 * no share, unless a private copy hides them. */
static void look_at(struct usage *u, struct space *m, const struct vma *v)
{
    struct page_view view;
    u64 va = v->lens.start, swapped = 0, hidden = 0;
    u64 first = v->lens.offset >> PAGE_SHIFT;
    bool shmem = v->object && v->object->fresh == FS_SHMEM;
    bool copies = shmem && v->file && !(v->lens.flags & VMA_SHARED);
    /* The walk may sleep, and v is a copy: the file keeps the object. */
    struct file *file = copies ? file_get(v->file) : NULL;

    if (shmem)
        swapped = shmem_swapped_in(v->object, first,
                                   first + ((v->lens.end - va) >> PAGE_SHIFT));
    u->size += v->lens.end - va;
    for (; space_view_next(m, &va, v->lens.end, &view); va += PAGE_SIZE) {
        hidden += copies && is_shared_in_swap(v, va);
        if (view.slot) {
            u->swap += PAGE_SIZE;
            u->swap_pss += share_of_page(swap_count(view.slot));
        }
        if (view.present && !view.zero && view.page)
            look_at_page(u, v, &view);
    }
    u->swap += (swapped - MIN(swapped, hidden)) * PAGE_SIZE;
    if (file)
        file_put(file);
}

static void row(struct seq *s, const char *name, u64 bytes)
{
    seq_printf(s, "%s:%*lu kB\n", name, 23 - (int)strlen(name), bytes / 1024);
}

/* pmap needs this order: Rss, Shared_Dirty and Private_Dirty before Swap. */
static void show_usage(struct seq *s, const struct usage *u)
{
    row(s, "Rss", u->rss);
    row(s, "Pss", u->pss >> SHARE_SHIFT);
    row(s, "Pss_Dirty", u->pss_dirty >> SHARE_SHIFT);
    row(s, "Shared_Clean", u->shared_clean);
    row(s, "Shared_Dirty", u->shared_dirty);
    row(s, "Private_Clean", u->private_clean);
    row(s, "Private_Dirty", u->private_dirty);
    row(s, "Referenced", u->referenced);
    row(s, "Anonymous", u->anonymous);
    row(s, "AnonHugePages", u->huge);
    row(s, "Swap", u->swap);
    row(s, "SwapPss", u->swap_pss >> SHARE_SHIFT);
    row(s, "Locked", u->locked >> SHARE_SHIFT);
}

static void show_flags(struct seq *s, const struct vma *v)
{
    static const struct {
        u32 flag, may, attr;
        const char *word;
    } words[] = {{VMA_R, 0, 0, "rd "},          {VMA_W, 0, 0, "wr "},
                 {VMA_X, 0, 0, "ex "},          {VMA_SHARED, 0, 0, "sh "},
                 {0, VMA_R, 0, "mr "},          {0, VMA_W, 0, "mw "},
                 {0, VMA_X, 0, "me "},          {0, 0, ATTR_NORESERVE, "nr "},
                 {0, 0, ATTR_GROWSDOWN, "gd "}, {0, 0, ATTR_LOCKED, "lo "},
                 {0, 0, ATTR_ONFAULT, "lf "},   {0, 0, ATTR_HUGE, "hg "},
                 {0, 0, ATTR_NOHUGE, "nh "}};

    seq_printf(s, "THPeligible:           %d\nVmFlags: ", huge_eligible(v));
    for (u32 i = 0; i < ARRAY_SIZE(words); i++)
        if ((v->lens.flags & words[i].flag) || (v->may_flags & words[i].may) ||
            (v->attrs & words[i].attr))
            seq_printf(s, "%s", words[i].word);
    seq_printf(s, "\n");
}

/* Prints a line for each mapping; smaps: also its usage. */
static void show_mappings(struct seq *s, bool smaps)
{
    char *buf = s->p->space ? kmalloc(PATH_MAX) : NULL;
    struct walk w;

    if (!buf)
        s->err = s->p->space ? -ENOMEM : 0;
    if (!buf || !walk_begin(&w, s->p))
        return;
    w.at = s->at;
    while (!s->err && s->len <= SEQ_PART && walk_next(&w)) {
        struct usage u = {0};
        show_line(s, w.m, &w.v, buf);
        if (!smaps)
            continue;
        look_at(&u, w.m, &w.v);
        row(s, "Size", u.size);
        row(s, "KernelPageSize", PAGE_SIZE);
        row(s, "MMUPageSize", PAGE_SIZE);
        show_usage(s, &u);
        show_flags(s, &w.v);
    }
    s->next = s->len > SEQ_PART ? w.at : 0;
    space_unref(w.m);
    kfree(buf);
}

void show_pid_maps(struct seq *s)
{
    show_mappings(s, false);
}

void show_pid_smaps(struct seq *s)
{
    show_mappings(s, true);
}

/* As in Linux (proc(5)), marks pages as not referenced: 1 those of all
 * mappings, 2 those of mappings without a file, 3 those with a file. The line
 * Referenced: of smaps then shows the working set since this write. Reclaim
 * still sees the earlier uses. 5 sets VmHWM to the present VmRSS. */
int write_pid_clear_refs(struct seq *s, const char *text, size_t n)
{
    char what = n ? text[0] : 0;
    struct walk w;

    if (what < '1' || what > '5' || what == '4' || (n > 1 && text[1] != '\n'))
        return -EINVAL;
    if (!proc_may_look(s->p))
        return -EPERM;
    if (!walk_begin(&w, s->p))
        return 0;
    if (what == '5')
        w.m->peak_rss = w.m->rss;
    while (what != '5' && walk_next(&w))
        if (what == '1' || (what == '3') == (w.v.object != NULL))
            space_clear_refs(w.m, w.v.lens.start, w.v.lens.end);
    space_unref(w.m);
    return 0;
}

void show_pid_smaps_rollup(struct seq *s)
{
    struct usage u = {0};
    u64 start = 0;
    struct walk w;

    if (!walk_begin(&w, s->p))
        return;
    while (walk_next(&w)) {
        start = start ? start : w.v.lens.start;
        look_at(&u, w.m, &w.v);
    }
    space_unref(w.m);
    seq_printf(s, "%08lx-%08lx ---p 00000000 00:00 0 %*s[rollup]\n", start,
               w.at, 20, "");
    show_usage(s, &u);
}
