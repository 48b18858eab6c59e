/* SPDX-License-Identifier: MIT */
/* Sets up memory at start-up: finds RAM and its parts that are in use already,
 * makes the frame table and the kernel's page table (2 MiB leaves, global). */
#include "arch/csr.h"
#include "arch/fdt.h"
#include "drv/lens.h"
#include "vm/pte.h"
#include "vm/zone.h"

#define MEGAPAGE (2ul << 20)
#define GIGAPAGE (1ul << 30)
#define MAX_BUSY 16

u64 *kernel_root;
extern char kernel_start[], kernel_rodata_end[], kernel_end[];
extern const u64 boot_reach; /* arch/head.S: bytes of RAM it can map */

/* Physical ranges that are not for the allocator. */
static struct {
    u64 start, end;
    enum frame_state state;
} busy[MAX_BUSY];
static int nbusy;

static void reserve(u64 start, u64 size, enum frame_state state)
{
    if (nbusy == MAX_BUSY)
        panic("more than %d reserved ranges of memory", MAX_BUSY);
    busy[nbusy].start = PAGE_DOWN(start);
    busy[nbusy].end = PAGE_UP(start + size);
    busy[nbusy++].state = state;
}

static void reserve_known(void)
{
    u64 addr, size;
    u64 text = va_pa(kernel_rodata_end) - va_pa(kernel_start);
    reserve(va_pa(kernel_start), text, FS_KCODE);
    reserve(va_pa(kernel_rodata_end), (u64)(kernel_end - kernel_rodata_end),
            FS_KDATA);
    reserve(va_pa((void *)fdt_addr()), fdt_size(), FS_KDATA);
    for (int i = 0; fdt_memreserve(i, &addr, &size); i++)
        reserve(addr, size, FS_KDATA);
    int n = fdt_path("/reserved-memory");
    for (n = n < 0 ? -1 : fdt_first_child(n); n >= 0; n = fdt_next_sibling(n))
        for (int i = 0; fdt_reg(n, i, &addr, &size); i++)
            reserve(addr, size, FS_KCODE);
}

/* Returns the highest address at which n bytes overlap no reserved range. end
 * is the end of Normal: the kernel may not use HighMem. */
static u64 find_room(u64 base, u64 end, u64 n)
{
    u64 at = PAGE_DOWN(end - n);
    for (int i = 0; i < nbusy; i++)
        if (at < busy[i].end && busy[i].start < at + n) {
            if (busy[i].start < base + n)
                panic("no room for the frame table in %lu KiB of memory",
                      (end - base) >> 10);
            at = PAGE_DOWN(busy[i].start - n);
            i = -1;
        }
    return at;
}

static enum frame_state reserved_state(u64 pa)
{
    for (int i = 0; i < nbusy; i++)
        if (pa >= busy[i].start && pa < busy[i].end)
            return busy[i].state;
    return FS_FREE;
}

/* Returns the first start or end of a reserved range after pa, else `end`. */
static u64 next_edge(u64 pa, u64 end)
{
    u64 next = end;
    for (int i = 0; i < nbusy; i++) {
        if (busy[i].start > pa)
            next = MIN(next, busy[i].start);
        if (busy[i].end > pa)
            next = MIN(next, busy[i].end);
    }
    return next;
}

/* Marks each range between two edges as reserved, or gives it to the
 * allocator. */
static void divide(u64 base, u64 end)
{
    for (u64 pa = base, next; pa < end; pa = next) {
        enum frame_state s = reserved_state(pa);
        next = next_edge(pa, end);
        if (s == FS_FREE)
            page_give(pa, next);
        else
            page_reserve(pa, next, s);
    }
}

/* True if the device tree says that RAM is zero outside the kernel and need not
 * be cleared (clockhand,zeros-but-for START END). The property counts only if
 * START to END is this kernel's range; under U-Boot it is U-Boot's. */
static bool ram_is_zeros(int node)
{
    u64 start, end;
    return fdt_pair(node, "clockhand,zeros-but-for", &start, &end) &&
           start == va_pa(kernel_start) && PAGE_UP(end) == va_pa(kernel_end);
}

#define KERNEL_LEAF (PTE_V | PTE_R | PTE_W | PTE_X | PTE_G | PTE_A | PTE_D)

static u64 *kernel_table(u64 *slot)
{
    if (!*slot) {
        struct page *page = page_alloc_zeroed(FS_PGTABLE, R_BOOT, 0);
        if (!page)
            panic("no memory for the kernel's page table");
        page->frame.pins = 1;
        *slot = pa_pte(page_pa(page)) | PTE_V;
    }
    return pa_va(pte_pa(*slot));
}

/* Makes the direct map: a gigapage for the devices below RAM, and leaves of
 * 2 MiB for RAM, so that the kernel needs few TLB entries. kpages=4k makes
 * 4 KiB leaves instead, to show what they cost programs. (The last leaf of
 * 2 MiB may reach past the end of RAM; the kernel never uses that part.) */
static void map_kernel(u64 base, u64 end)
{
    char how[8] = "";
    boot_arg("kpages", how, sizeof how);
    bool small = !strcmp(how, "4k");
    u64 root = 0;
    kernel_root = kernel_table(&root);
    kernel_root[PTE_INDEX(DIRECT_MAP, 2)] = KERNEL_LEAF & ~PTE_X;
    for (u64 pa = base; pa < end; pa += small ? PAGE_SIZE : MEGAPAGE) {
        u64 va = (u64)pa_va(pa);
        u64 *mid = kernel_table(&kernel_root[PTE_INDEX(va, 2)]);
        if (small)
            kernel_table(&mid[PTE_INDEX(va, 1)])[PTE_INDEX(va, 0)] =
                pa_pte(pa) | KERNEL_LEAF;
        else
            mid[PTE_INDEX(va, 1)] = pa_pte(pa) | KERNEL_LEAF;
    }
    csr_write("satp", SATP_SV39 | pte_pa(root) >> PAGE_SHIFT);
    fence_all();
}

void memory_init(void)
{
    u64 base, size;
    int node = fdt_path("/memory");
    if (node < 0 || !fdt_reg(node, 0, &base, &size))
        panic("the device tree names no memory");
    if (base >= GIGAPAGE * 3 || va_pa(kernel_start) < base)
        panic("memory at %#lx is not where the kernel is", base);
    size = MIN(PAGE_DOWN(size), boot_reach);
    if (va_pa(kernel_end) > base + size)
        panic("%lu KiB of memory are too few", size >> 10);
    reserve_known();
    u64 n = size >> PAGE_SHIFT, bytes = PAGE_UP(n * sizeof(struct page));
    zones_init(n);
    u64 low_end = base + ((u64)zones[ZONE_HIGHMEM].start << PAGE_SHIFT);
    u64 table = find_room(base, low_end, bytes);
    reserve(table, bytes, FS_KDATA);
    page_table_init(pa_va(table), base, n, ram_is_zeros(node));
    divide(base, base + size);
    map_kernel(base, base + size);

    lens_info.ram_base = base;
    lens_info.frames_pa = va_pa(frames);
    lens_info.frame_stride = sizeof(struct page);
    lens_info.nframes = nframes;
    lens_info.counters_pa = va_pa(counters);
    lens_info.ncounters = C_COUNT;
    lens_info.direct_va = DIRECT_MAP;
    lens_info.free_pa = va_pa(&free_frames);
    lens_info.kernel_satp = csr_read("satp");
    strlcpy(lens_info.policy, "none", sizeof lens_info.policy);
}

/* Reports the frames that are in use already: the machine learns the state of
 * frames only from events, and assumes that all are free before the first. */
void frames_report_boot(void)
{
    if (!lens_present())
        return;
    for (u64 pfn = 0, n; pfn < nframes; pfn += n) {
        enum frame_state state = frames[pfn].frame.state;
        n = page_free_run(&frames[pfn]);
        if (n)
            continue;
        do
            n++;
        while (pfn + n < nframes && frames[pfn + n].frame.state == state);
        lens_regs[LENS_BOOT / 8] = lens_boot(pfn, state, n);
    }
}
