/* SPDX-License-Identifier: MIT */
/* Reads the mappings of a process: the leaves of mm_struct.mm_mt, a maple tree
 * (Linux 6.12, include/linux/maple_tree.h, lib/maple_tree.c). A pointer to a
 * node has the node's kind in bits 3 to 6. Entry i of a node covers the indices
 * from pivot i - 1 (excluded) to pivot i (included). A node's last entry has no
 * pivot or an unused one, and ends where the node ends. */
#include "linux/internal.h"

#define DEPTH 12
#define NODES 20000 /* entries read from one tree at most */

struct reader {
    struct linux_kernel *k;
    u64 mm;
    struct kernel_vma *out;
    unsigned n, max, nodes;
};

static u32 flags_of(struct reader *r, u64 flags, const struct lens_vma *v)
{
    u64 brk[2] = {0, 0}, stack = 0;
    u32 out = flags & N_VM_ACCESS;
    _Static_assert((VMA_R | VMA_W | VMA_X) == N_VM_ACCESS, "the same bits");
    out |= flags & N_VM_SHARED ? VMA_SHARED : 0;
    out |= flags & N_VM_DEVICE ? VMA_DEVICE : 0;
    lx_get(r->k, r->mm, F_MM_BRK_FROM, &brk[0]);
    lx_get(r->k, r->mm, F_MM_BRK_TO, &brk[1]);
    lx_get(r->k, r->mm, F_MM_STACK, &stack);
    if (v->start < brk[1] && v->end > brk[0])
        out |= VMA_HEAP;
    if (v->start <= stack && v->end >= stack)
        out |= VMA_STACK;
    return out;
}

static void file_of(struct reader *r, u64 vma, struct kernel_vma *v)
{
    u64 file, inode, dentry, page;
    if (!lx_follow(r->k, vma, F_VMA_FILE, &file) ||
        !lx_follow(r->k, file, F_FILE_INODE, &inode))
        return;
    v->is.flags |= VMA_FILE;
    v->is.flags &= ~(VMA_HEAP | VMA_STACK);
    lx_get(r->k, inode, F_INODE_NUMBER, (u64 *)&v->is.inode);
    lx_get(r->k, vma, F_VMA_PGOFF, &page);
    v->is.offset = page << PAGE_SHIFT;
    if (!lx_follow(r->k, file, F_FILE_DENTRY, &dentry) ||
        !lx_dentry_path(r->k, dentry, v->name, sizeof v->name))
        v->name[0] = 0;
}

/* Names [vdso], [vvar] and other mappings of the kernel's own pages, which have
 * no file (mm/mmap.c, special_mapping_name). */
static void special_name(struct reader *r, u64 vma, struct kernel_vma *v)
{
    u64 ops, special, name;
    if (lx_get(r->k, vma, F_VMA_OPS, &ops) &&
        ops == r->k->layout.address[A_SPECIAL_OPS] &&
        lx_follow(r->k, vma, F_VMA_PRIVATE, &special) &&
        lx_get(r->k, special, F_SPECIAL_NAME, &name))
        lx_string(r->k, name, v->name, sizeof v->name);
}

/* Lists the vma if it is a sound mapping of this address space. */
static void take_vma(struct reader *r, u64 vma)
{
    struct kernel_vma v = {.name = ""};
    u64 flags, mm, after = r->n ? r->out[r->n - 1].is.end : 0;
    if (vma & 7 || !lx_get(r->k, vma, F_VMA_START, (u64 *)&v.is.start) ||
        !lx_get(r->k, vma, F_VMA_END, (u64 *)&v.is.end) ||
        !lx_get(r->k, vma, F_VMA_FLAGS, &flags) ||
        !lx_get(r->k, vma, F_VMA_MM, &mm) || mm != r->mm ||
        v.is.start < after || v.is.start >= v.is.end ||
        (v.is.start | v.is.end) % PAGE_BYTES)
        return;
    v.is.flags = flags_of(r, flags, &v.is);
    file_of(r, vma, &v);
    special_name(r, vma, &v);
    r->out[r->n++] = v;
}

static void node(struct reader *r, u64 entry, u64 min, u64 max, unsigned deep)
{
    unsigned kind = entry >> N_MAPLE_KIND_SHIFT & N_MAPLE_KIND_MASK;
    bool wide = kind == N_MAPLE_LEAF_64 || kind == N_MAPLE_RANGE_64;
    enum lx_field pivots = wide ? F_R64_PIVOT : F_A64_PIVOT;
    enum lx_field slots = wide ? F_R64_SLOT : F_A64_SLOT;
    u64 at = entry & ~(u64)N_MAPLE_NODE_MASK;
    u64 n = r->k->layout.field[slots].size / 8;
    u64 np = r->k->layout.field[pivots].size / 8;
    if ((!wide && kind != N_MAPLE_ARANGE_64) || deep == DEPTH || !at)
        return;
    for (u64 i = 0; i < n && r->n < r->max && r->nodes; i++) {
        u64 pivot = max, slot;
        if (i < np &&
            (!lx_number(r->k, lx_at(r->k, at, pivots) + 8 * i, 8, &pivot)))
            return;
        if ((!pivot && i) || pivot > max)
            pivot = max;
        if (pivot < min ||
            !lx_number(r->k, lx_at(r->k, at, slots) + 8 * i, 8, &slot))
            return;
        r->nodes--;
        if (kind != N_MAPLE_LEAF_64)
            node(r, slot, min, pivot, deep + 1);
        else if (slot)
            take_vma(r, slot);
        if (pivot >= max)
            return;
        min = pivot + 1;
    }
}

unsigned linux_vmas(struct linux_kernel *k, u64 mm, struct kernel_vma *out,
                    unsigned max)
{
    struct reader r = {k, mm, out, 0, max, NODES};
    u64 root;
    /* A root that is a node has certain low bits and is no small number; any
     * other root is a tree's only mapping. */
    if (!mm || !lx_get(k, mm, F_MM_TREE, &root))
        return 0;
    if ((root & N_MAPLE_LOW_BITS) == N_MAPLE_ROOT_NODE &&
        root > N_MAPLE_RESERVED)
        node(&r, root, 0, ~0ull, 0);
    else if (root && !(root & N_MAPLE_LOW_BITS) && max)
        take_vma(&r, root);
    return r.n;
}
