/* SPDX-License-Identifier: MIT */
/* remap_file_pages(2). Since Linux 4.0, and here, it is an mmap of the same
 * file over a part of a shared mapping (Linux 6.12, mm/mmap.c). */
#include "fs/vfs.h"
#include "task/proc.h"
#include "sys/mman.h"
#include "sys/syscall.h"
#include "vm/space.h"

/* True if [start, start + len), which begins in v, is mapped without a hole,
 * from the same object, with the same rights, and locked alike. */
static bool is_alike(const struct vma *v, u64 start, u64 len)
{
    const struct vma *next;
    for (const struct vma *w = v; w->lens.end < start + len; w = next) {
        next = vma_next((struct vma *)w);
        if (!next || next->lens.start != w->lens.end ||
            next->object != v->object || next->file != v->file ||
            next->lens.flags != v->lens.flags ||
            (next->attrs ^ v->attrs) & ATTR_LOCKED)
            return false;
    }
    return true;
}

s64 sys_remap_file_pages(struct sysargs *a)
{
    struct space *s = current->space;
    u64 start = PAGE_DOWN(a->a[0]), len = PAGE_DOWN(a->a[1]), page = a->a[3];
    if (a->a[2] || start + len <= start || page + (len >> PAGE_SHIFT) < page)
        return -EINVAL;
    struct vma *v = vma_find(s, start);
    if (!v || !(v->lens.flags & VMA_SHARED) || !v->object ||
        !is_alike(v, start, len))
        return -EINVAL;
    if (page + (len >> PAGE_SHIFT) > 1ul << (63 - PAGE_SHIFT))
        return -EOVERFLOW;
    struct map_request r = {
        .start = start,
        .len = len,
        .flags = v->lens.flags & (VMA_R | VMA_W | VMA_X | VMA_SHARED),
        .may_flags = v->may_flags,
        .offset = page << PAGE_SHIFT,
        .file = v->file ? file_get(v->file) : NULL,
        .object = v->object,
        .fixed = true,
        .attrs = v->attrs & (ATTR_LOCKED | ATTR_ONFAULT),
        .promised = true, /* it replaces pages that were promised */
    };
    if (!r.file)
        object_ref(r.object);
    s64 ret = space_map(s, &r);
    if (r.file)
        file_put(r.file);
    else
        object_unref(r.object);
    if (ret < 0)
        return ret;
    if (!(a->a[4] & MAP_NONBLOCK))
        space_populate(s, start, len, false);
    return 0;
}
