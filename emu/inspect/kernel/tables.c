/* SPDX-License-Identifier: MIT */
/* Reads rows of the kernel's tables, as the lens describes them or as emu/linux
 * and emu/xv6 make them. */
#include "inspect/display.h"
#include "inspect/internal.h"
#include "inspect/words.h"

#include <stdlib.h>

const struct lens_view *ins_lens(struct machine *m)
{
    const struct lens_view *v = machine_lens(m);
    return v && v->open ? v : NULL;
}

u64 ins_nframes(struct machine *m)
{
    return m->ram_bytes >> PAGE_SHIFT;
}

/* Reads size bytes of row i of a table of n rows, stride bytes apart. */
static bool peek_row(struct machine *m, u64 table_pa, u64 i, u64 n, u64 stride,
                     void *p, size_t size)
{
    u64 offset, pa;
    if (i >= n || stride < size || __builtin_mul_overflow(i, stride, &offset) ||
        __builtin_add_overflow(table_pa, offset, &pa))
        return false;
    return machine_peek(m, pa, p, size);
}

bool ins_kernel_frame(struct machine *m, u64 pfn, struct lens_frame *out)
{
    const struct lens_view *v = ins_lens(m);
    struct linux_kernel *k = v ? NULL : ins_linux(m);
    struct xv6_kernel *x = v ? NULL : ins_xv6(m);
    struct linux_frame f;
    if (x && pfn < ins_nframes(m)) {
        *out = xv6_frames(x)[pfn].is;
        return true;
    }
    if (k) {
        bool known = linux_frame(k, pfn, &f);
        *out = f.is;
        return known;
    }
    return v && peek_row(m, v->info->frames_pa, pfn, v->info->nframes,
                         v->info->frame_stride, out, sizeof *out);
}

const u8 *ins_kernel_rows(struct machine *m, u64 from, u64 to, u64 *n,
                          u64 *stride)
{
    const struct lens_view *v = ins_lens(m);
    struct linux_kernel *k = v ? NULL : ins_linux(m);
    struct xv6_kernel *x = v ? NULL : ins_xv6(m);
    u64 bytes;
    *n = *stride = 0;
    if (x) {
        _Static_assert(sizeof(struct xv6_frame) < GUEST_FRAME_SLOT,
                       "its frames have no slot of swap");
        *n = ins_nframes(m);
        *stride = sizeof(struct xv6_frame);
        return (const u8 *)xv6_frames(x);
    }
    if (k) {
        _Static_assert(offsetof(struct linux_frame, is) == 0 &&
                           offsetof(struct linux_frame, slot) ==
                               GUEST_FRAME_SLOT,
                       "its rows are read as the lens's");
        linux_frames_read(k, from, to);
        *n = ins_nframes(m);
        *stride = sizeof(struct linux_frame);
        return (const u8 *)linux_frames(k);
    }
    if (!v || v->info->frame_stride < sizeof(struct lens_frame) ||
        __builtin_mul_overflow(v->info->nframes, v->info->frame_stride,
                               &bytes) ||
        bytes > m->ram_bytes || v->info->frames_pa < RAM_BASE ||
        v->info->frames_pa - RAM_BASE > m->ram_bytes - bytes)
        return NULL;
    *n = v->info->nframes;
    *stride = v->info->frame_stride;
    return m->ram + (v->info->frames_pa - RAM_BASE);
}

u32 ins_slot(u64 slot)
{
    bool sound = slot && slot >> GUEST_SLOT_BITS < INS_SWAP_AREAS;
    return sound ? (u32)slot : INS_NO_SLOT;
}

u32 ins_frame_slot(struct machine *m, u64 pfn)
{
    u64 n, stride;
    const u8 *row = ins_kernel_rows(m, pfn, pfn + 1, &n, &stride);
    struct lens_frame f;
    u32 slot;
    if (!row || pfn >= n || stride < GUEST_FRAME_SLOT + sizeof slot)
        return INS_NO_SLOT;
    memcpy(&f, row + pfn * stride, sizeof f);
    memcpy(&slot, row + pfn * stride + GUEST_FRAME_SLOT, sizeof slot);
    return f.state == FS_SWAPCACHE ? ins_slot(slot) : INS_NO_SLOT;
}

/* Gives the tasks' rows of a kernel without a lens; returns their number. */
static u64 unmodified_tasks(struct machine *m, const struct lens_proc **rows)
{
    struct linux_kernel *k = ins_linux(m);
    struct xv6_kernel *x = ins_xv6(m);
    return k ? linux_tasks(k, rows) : x ? xv6_tasks(x, rows) : 0;
}

u64 ins_nslots(struct machine *m)
{
    const struct lens_view *v = ins_lens(m);
    const struct lens_proc *rows;
    if (!v)
        return unmodified_tasks(m, &rows);
    return v->info->nprocs < INS_SLOTS_MAX ? v->info->nprocs : INS_SLOTS_MAX;
}

bool ins_kernel_proc(struct machine *m, u64 slot, struct lens_proc *out)
{
    const struct lens_view *v = ins_lens(m);
    const struct lens_proc *rows;
    if (!v && slot < unmodified_tasks(m, &rows)) {
        *out = rows[slot];
        return true;
    }
    return v && peek_row(m, v->info->procs_pa, slot, ins_nslots(m),
                         v->info->proc_stride, out, sizeof *out);
}

bool ins_kernel_counter(struct machine *m, unsigned id, u64 *value)
{
    const struct lens_view *v = ins_lens(m);
    struct linux_kernel *k = v ? NULL : ins_linux(m);
    if (k) /* a counter with Linux's name has Linux's meaning */
        return linux_counter(k, ins_counters[id].name, value);
    return v && peek_row(m, v->info->counters_pa, id, v->info->ncounters, 8,
                         value, 8);
}

bool ins_kernel_free(struct machine *m, u64 *frames)
{
    const struct lens_view *v = ins_lens(m);
    struct linux_kernel *k = v ? NULL : ins_linux(m);
    struct xv6_kernel *x = v ? NULL : ins_xv6(m);
    bool known;
    if (x)
        return xv6_counter_nth(x, XC_FREE, frames, &known) && known;
    if (k)
        return linux_counter(k, "nr_free_pages", frames);
    return v && machine_peek(m, v->info->free_pa, frames, 8);
}

u64 ins_kernel_satp(struct machine *m, unsigned *first)
{
    const struct lens_view *v = ins_lens(m);
    struct linux_kernel *k = v ? NULL : ins_linux(m);
    struct xv6_kernel *x = v ? NULL : ins_xv6(m);
    *first = x ? 0 : TREE_KERNEL_FIRST;
    if (x)
        return xv6_satp(x);
    if (k)
        return linux_satp(k);
    return v ? v->info->kernel_satp : 0;
}

void ins_spaces(struct machine *m, void (*fn)(void *, const struct lens_proc *),
                void *opaque)
{
    u64 n = ins_nslots(m);
    u64 *roots = xcalloc(n, sizeof *roots);
    unsigned nroots = 0;
    for (u64 slot = 0; slot < n; slot++) {
        struct lens_proc p;
        if (!ins_kernel_proc(m, slot, &p) || p.state == PS_UNUSED || !p.satp ||
            ins_is_thread(&p)) /* its process has the same table */
            continue;
        u64 root = SATP_ROOT(p.satp);
        unsigned i = 0;
        while (i < nroots && roots[i] != root)
            i++;
        if (i < nroots)
            continue;
        roots[nroots++] = root;
        fn(opaque, &p);
    }
    free(roots);
}
