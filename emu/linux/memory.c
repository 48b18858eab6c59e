/* SPDX-License-Identifier: MIT */
/* Reads at kernel addresses. The kernel's own page table translates every
 * address (Sv39: privileged manual 1.12, 4.4), because vmemmap, vmalloc and the
 * image may lie anywhere in RAM. */
#include "linux/internal.h"
#include "mmu/pte.h"

#define LEVELS 3

const u8 *lx_ram(const struct linux_kernel *k, u64 pa, u64 n)
{
    return kernel_ram_at(&k->ram, pa, n);
}

u64 lx_entry(const struct linux_kernel *k, u64 table, u64 va, unsigned *level)
{
    for (*level = LEVELS; (*level)-- > 0;) {
        const u8 *at =
            lx_ram(k, table + 8 * (va >> (PAGE_SHIFT + 9 * *level) & 511), 8);
        u64 pte = at ? get_le(at, 8) : 0;
        if (!*level || !(pte & PTE_V) || pte & (PTE_R | PTE_X))
            return pte;
        table = PTE_PPN(pte) << PAGE_SHIFT;
    }
    return 0;
}

bool lx_table(const struct linux_kernel *k, u64 root, u64 va, u64 *table)
{
    *table = root;
    for (unsigned level = LEVELS - 1; level; level--) {
        const u8 *at =
            lx_ram(k, *table + 8 * (va >> (PAGE_SHIFT + 9 * level) & 511), 8);
        u64 pte = at ? get_le(at, 8) : 0;
        if (!(pte & PTE_V) || pte & (PTE_R | PTE_W | PTE_X))
            return false;
        *table = PTE_PPN(pte) << PAGE_SHIFT;
    }
    return true;
}

static bool walk(const struct linux_kernel *k, u64 va, u64 *pa)
{
    unsigned level;
    if ((u64)sext(va, 39) != va)
        return false;
    u64 pte = lx_entry(k, k->root, va, &level), ppn = PTE_PPN(pte);
    if (!(pte & PTE_V) || !(pte & (PTE_R | PTE_X)))
        return false;
    u64 inside = (1ull << 9 * level) - 1;
    if (pte & PTE_N && !level) /* a 64 KiB page: 16 equal entries */
        inside = NAPOT_PAGES - 1;
    else if (ppn & inside)
        return false;
    *pa = (ppn & ~inside) << PAGE_SHIFT |
          (va & (inside << PAGE_SHIFT | (PAGE_BYTES - 1)));
    return true;
}

bool lx_pa(struct linux_kernel *k, u64 va, u64 *pa)
{
    u64 page = va >> PAGE_SHIFT;
    struct lx_translation *t = &k->translated[page % TRANSLATED];
    if (t->page != page + 1) {
        if (!walk(k, va & ~(PAGE_BYTES - 1), pa))
            return false;
        *t = (struct lx_translation){page + 1, *pa};
    }
    *pa = t->pa | va % PAGE_BYTES;
    return true;
}

bool lx_read(struct linux_kernel *k, u64 va, void *to, size_t n)
{
    u8 *put = to;
    while (n) {
        u64 pa;
        size_t part = PAGE_BYTES - va % PAGE_BYTES;
        if (part > n)
            part = n;
        const u8 *from = lx_pa(k, va, &pa) ? lx_ram(k, pa, part) : NULL;
        if (!from)
            return false;
        memcpy(put, from, part);
        put += part;
        va += part;
        n -= part;
    }
    return true;
}

bool lx_number(struct linux_kernel *k, u64 va, unsigned bytes, u64 *value)
{
    u8 raw[8] = {0};
    *value = 0;
    if (!va || bytes > sizeof raw || !lx_read(k, va, raw, bytes))
        return false;
    *value = get_le(raw, 8);
    return true;
}

u64 lx_at(const struct linux_kernel *k, u64 va, enum lx_field f)
{
    return va + k->layout.field[f].at;
}

bool lx_get(struct linux_kernel *k, u64 va, enum lx_field f, u64 *value)
{
    *value = 0;
    return va && lx_number(k, lx_at(k, va, f), k->layout.field[f].size, value);
}

bool lx_follow(struct linux_kernel *k, u64 va, enum lx_field f, u64 *to)
{
    return lx_get(k, va, f, to) && *to && !(*to & 7);
}

bool lx_string(struct linux_kernel *k, u64 va, char *to, size_t n)
{
    size_t i = 0;
    u64 c = 0;
    *to = 0;
    for (; i + 1 < n; i++) {
        if (!lx_number(k, va + i, 1, &c)) {
            to[i] = 0;
            return false;
        }
        if (!c)
            break;
        to[i] = c >= 0x20 && c < 0x7f ? (char)c : '?';
    }
    to[i] = 0;
    return i > 0;
}

bool lx_pfn(struct linux_kernel *k, u64 va, u64 *pfn)
{
    u64 pa;
    if (!lx_pa(k, va, &pa) || pa < k->ram.base)
        return false;
    *pfn = (pa - k->ram.base) >> PAGE_SHIFT;
    return *pfn < k->nframes;
}
