/* SPDX-License-Identifier: MIT */
/* Checks that the kernel's tables agree with the machine. It compares three
 * independent views: the kernel's frame table, the page tables in RAM, the
 * events. A lost event, wrong count or stray mapping makes two differ. */
#include "inspect/audit.h"
#include "inspect/internal.h"
#include "inspect/walk.h"
#include "inspect/words.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

struct audit {
    struct machine *m;
    const struct lens_view *lens;
    struct ins_audit *out;
    u64 nframes;
    /* Counts the PTEs that map each frame: a 4 KiB leaf adds 1 to its frame; a
     * superpage adds 1 to its first frame and -1 to the frame after its last,
     * so that a hostile guest's 1 GiB leaves cost two additions each. */
    u32 *small;
    s64 *large; /* [nframes + 1] */
    u8 *is_table;
    u64 budget; /* tables that may still be visited, in all trees */
    u32 pid;    /* the process whose tree is being visited */
};

__attribute__((format(printf, 2, 3))) static void disagree(struct audit *a,
                                                           const char *fmt, ...)
{
    va_list ap;
    if (a->out->errors++)
        return;
    va_start(ap, fmt);
    vsnprintf(a->out->first, sizeof a->out->first, fmt, ap);
    va_end(ap);
}

static void audit_table(void *opaque, u64 pa, UNUSED unsigned level)
{
    struct audit *a = opaque;
    u64 pfn = (pa - RAM_BASE) >> PAGE_SHIFT;
    if (pa < RAM_BASE || pfn >= a->nframes)
        return;
    if (a->is_table[pfn])
        disagree(a, "frame %llu is a page table in two places (pid %u)", pfn,
                 a->pid);
    a->is_table[pfn] = 1;
}

static void audit_leaf(void *opaque, const struct ins_leaf *l)
{
    struct audit *a = opaque;
    u64 pages = 1ull << 9 * l->level;
    u64 first = (l->pa - RAM_BASE) >> PAGE_SHIFT;
    if (l->pa < RAM_BASE && (l->pte & LENS_PTE_DEVICE))
        return;
    if (l->pa < RAM_BASE || first >= a->nframes || pages > a->nframes - first) {
        disagree(a, "pid %u maps va 0x%llx to 0x%llx, which is not RAM", a->pid,
                 l->va, l->pa);
        return;
    }
    if (l->level == 0) {
        a->small[first]++;
    } else {
        a->large[first]++;
        a->large[first + pages]--;
    }
}

static void audit_space(void *opaque, const struct lens_proc *p)
{
    struct audit *a = opaque;
    struct tree_visit v = {audit_table, audit_leaf, a, a->budget, NULL};
    a->pid = p->pid;
    if (!ins_tree(a->m, p->satp, TREE_USER_FIRST, TREE_USER_LAST, &v))
        disagree(a, "pid %u: its page table is no tree (satp 0x%llx)", p->pid,
                 (u64)p->satp);
    a->budget = v.budget;
}

/* Compares one frame's row with the page tables and events. superpages: the
 * number of leaves above 4 KiB that map the frame. */
static void check_frame(struct audit *a, u64 pfn, s64 superpages,
                        u64 count[FS_COUNT])
{
    struct lens_frame f = {.state = FS_COUNT};
    u8 shadow = a->lens->shadow[pfn];
    s64 mapped = (s64)a->small[pfn] + superpages;
    unsigned long long n = pfn;
    if (!ins_kernel_frame(a->m, pfn, &f) || f.state >= FS_COUNT) {
        disagree(a, "frame %llu: its row in the table holds no state", n);
        return;
    }
    count[f.state]++;
    if (f.refs != mapped)
        disagree(a, "frame %llu (%s): the kernel counts %d, %lld PTEs map it",
                 n, ins_states[f.state].word, f.refs, mapped);
    if (f.state != shadow)
        disagree(a, "frame %llu: the table says %s, its events say %s", n,
                 ins_states[f.state].word, inspect_state_word(shadow));
    if (mapped && f.state == FS_FREE)
        disagree(a, "frame %llu is free, and mapped", n);
    if (a->is_table[pfn] && f.state != FS_PGTABLE)
        disagree(a, "frame %llu is used as a page table, the table says %s", n,
                 ins_states[f.state].word);
}

static void check_frames(struct audit *a)
{
    u64 count[FS_COUNT] = {0}, sum = 0, kernel_free;
    s64 superpages = 0;
    for (u64 pfn = 0; pfn < a->nframes; pfn++) {
        superpages += a->large[pfn];
        check_frame(a, pfn, superpages, count);
    }
    for (unsigned s = 0; s < FS_COUNT; s++)
        sum += count[s];
    if (sum != ins_nframes(a->m))
        disagree(a, "frames of all states add up to %llu of %llu", sum,
                 ins_nframes(a->m));
    if (ins_kernel_free(a->m, &kernel_free) && kernel_free != count[FS_FREE])
        disagree(a, "the kernel counts %llu free frames, %llu are", kernel_free,
                 count[FS_FREE]);
    a->out->checked = a->nframes;
}

void inspect_audit(struct machine *m, struct ins_audit *out)
{
    const struct lens_view *lens = ins_lens(m);
    memset(out, 0, sizeof *out);
    if (!lens || machine_lens_busy(m))
        return;
    u64 n = lens->info->nframes < lens->nframes ? lens->info->nframes
                                                : lens->nframes;
    struct audit a = {.m = m,
                      .lens = lens,
                      .out = out,
                      .nframes = n,
                      .budget = ins_table_budget(m)};
    a.small = xcalloc(n, sizeof *a.small);
    a.large = xcalloc(n + 1, sizeof *a.large);
    a.is_table = xcalloc(n, 1);
    out->ran = true;
    ins_spaces(m, audit_space, &a);
    check_frames(&a);
    free_all(a.small, a.large, a.is_table);
}
