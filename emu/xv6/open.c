/* SPDX-License-Identifier: MIT */
/* Opens and closes a kernel; reads its RAM and page tables. xv6 maps its image
 * and RAM at their physical addresses (kernel/vm.c, kvmmake), so that only the
 * addresses of kernel stacks must be translated. */
#include "xv6/internal.h"

#include <stdio.h>
#include <stdlib.h>

#define LEVELS     3
#define TABLE_MASK (PAGE_BYTES - 1)

const struct kernel_kind xv6_kinds[XV6_KINDS] = {
#define KIND(id, word, sentence) {word, sentence},
#include "xv6/kinds.def"
#undef KIND
};

const u8 *x6_ram(const struct xv6_kernel *k, u64 pa, u64 n)
{
    return kernel_ram_at(&k->ram, pa, n);
}

u64 x6_pfn(const struct xv6_kernel *k, u64 pa)
{
    return x6_ram(k, pa, 1) ? (pa - k->ram.base) >> PAGE_SHIFT : k->nframes;
}

bool x6_get(const struct xv6_kernel *k, u64 pa, enum xv6_field f, u64 *value)
{
    struct xv6_member m = k->layout.field[f];
    const u8 *at = m.size <= 8 ? x6_ram(k, pa + m.at, m.size) : NULL;
    *value = 0;
    if (at)
        memcpy(value, at, m.size);
    return at;
}

u64 x6_element(u64 pa, struct xv6_member array, u64 i)
{
    return pa + array.at + i * array.each;
}

/* ---- page tables -------------------------------------------------------- */

/* Visits a leaf. A large page costs as much budget as the tables that it saves,
 * which bounds the work. */
static void leaf(struct x6_visit *v, u64 va, u64 pte, unsigned level)
{
    u64 pages = 1ull << 9 * level, saved = pages >> 9;
    if (!v->leaf || PTE_PPN(pte) & (pages - 1) || v->budget < saved)
        return;
    v->budget -= saved;
    v->leaf(v->opaque, va, pte, pages);
}

static void visit(const struct xv6_kernel *k, u64 pa, u64 va, unsigned level,
                  struct x6_visit *v)
{
    unsigned shift = PAGE_SHIFT + 9 * level;
    const u8 *table =
        v->budget && !(pa & TABLE_MASK) ? x6_ram(k, pa, PAGE_BYTES) : NULL;
    if (!table)
        return;
    v->budget--;
    if (v->table)
        v->table(v->opaque, pa);
    for (u64 i = 0; i < 512; i++) {
        u64 pte = get_le(table + 8 * i, 8);
        u64 at = (u64)sext(va | i << shift, 39);
        if (!(pte & PTE_V))
            continue;
        if (pte & (PTE_R | PTE_W | PTE_X)) {
            leaf(v, at, pte, level);
        } else if (level) {
            visit(k, PTE_PPN(pte) << PAGE_SHIFT, at, level - 1, v);
        }
    }
}

void x6_tree(const struct xv6_kernel *k, u64 pa, struct x6_visit *v)
{
    visit(k, pa, 0, LEVELS - 1, v);
}

bool x6_walk(const struct xv6_kernel *k, u64 root, u64 va, u64 *pa)
{
    for (unsigned level = LEVELS; level-- > 0;) {
        unsigned shift = PAGE_SHIFT + 9 * level;
        const u8 *entry = x6_ram(k, root + 8 * (va >> shift & 511), 8);
        u64 pte = entry ? get_le(entry, 8) : 0, small = (1ull << shift) - 1;
        root = PTE_PPN(pte) << PAGE_SHIFT;
        if (!(pte & PTE_V))
            return false;
        if (pte & (PTE_R | PTE_W | PTE_X)) {
            *pa = (root & ~small) | (va & small & ~TABLE_MASK);
            return true;
        }
    }
    return false;
}

/* ---- a kernel ----------------------------------------------------------- */

struct mapped { /* until: end of RAM mapped at its own address */
    const struct xv6_kernel *k;
    u64 until;
};

static void extend_own_range(void *opaque, u64 va, u64 pte, u64 pages)
{
    struct mapped *m = opaque;
    if (va == PTE_PPN(pte) << PAGE_SHIFT && va == m->until)
        m->until = va + (pages << PAGE_SHIFT);
}

/* Reads the root from kernel_pagetable, and finds kalloc's frames: from `end`
 * to PHYSTOP. PHYSTOP has no symbol; it is where the table stops mapping RAM at
 * its own address. False if the variable kernel_pagetable, or `end`, does not
 * lie in the RAM below PHYSTOP. */
static bool read_root(struct xv6_kernel *k)
{
    u64 at = k->layout.symbol[XS_ROOT], end = k->layout.symbol[XS_END];
    const u8 *root = x6_ram(k, at, 8);
    struct mapped m = {k, k->ram.base};
    struct x6_visit v = {NULL, extend_own_range, &m, k->nframes};
    k->root = root ? get_le(root, 8) : 0;
    x6_tree(k, k->root, &v);
    if (m.until > k->ram.base + k->ram.n)
        m.until = k->ram.base + k->ram.n;
    k->first = (end - k->ram.base + PAGE_BYTES - 1) >> PAGE_SHIFT;
    k->last = (m.until - k->ram.base) >> PAGE_SHIFT;
    return at < m.until && end >= k->ram.base && end < m.until;
}

struct xv6_kernel *xv6_open(const struct kernel_ram *ram,
                            const struct xv6_layout *layout, char *why,
                            size_t n)
{
    const struct xv6_member *f = layout->field;
    struct xv6_kernel *k = xcalloc(1, sizeof *k);
    k->ram = *ram;
    k->layout = *layout;
    k->nframes = ram->n >> PAGE_SHIFT;
    if (!f[XF_PROCS].count || f[XF_PROCS].count > XV6_PROCS_MOST ||
        !f[XF_BUFS].count || f[XF_BUFS].count > XV6_BUFS_MOST)
        snprintf(why, n,
                 "this looks like xv6, but proc or bcache.buf is no array, "
                 "or too long");
    else if (!read_root(k))
        snprintf(why, n,
                 "this looks like xv6, but kernel_pagetable does not map "
                 "the kernel (yet)");
    else
        goto found;
    free(k);
    return NULL;
found:
    k->frame = xcalloc(k->nframes, sizeof *k->frame);
    k->task = xcalloc(f[XF_PROCS].count, sizeof *k->task);
    k->slot = xcalloc(f[XF_PROCS].count, sizeof *k->slot);
    return k;
}

void xv6_close(struct xv6_kernel *k)
{
    if (!k)
        return;
    free_all(k->frame, k->task, k->slot, k);
}

bool xv6_moved(struct xv6_kernel *k)
{
    k->counted = false;
    return read_root(k);
}

u64 xv6_satp(const struct xv6_kernel *k)
{
    return SATP_SV39 | k->root >> PAGE_SHIFT;
}
