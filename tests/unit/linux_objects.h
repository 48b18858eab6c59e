/* SPDX-License-Identifier: MIT */
/* Fills the small Linux of linux_image.h with frames of each kind, a file, a
 * process with two mappings, a zone, counters, swap, arguments of functions. */
#pragma once

#include "linux_image.h"

enum {               /* frames */
       P_FREE = 100, /* a block of four */
       P_SLAB = 110,
       P_TABLE = 111,
       P_ANON = 120,
       P_COW,
       P_SWAPCACHE,
       P_CLEAN = 130,
       P_DIRTY,
       P_SHMEM,
       P_HEAD = 140, /* two frames of a file as one folio */
       P_TAIL,
       P_PCP = 150,
       P_STACK = 160, /* four frames of init's kernel stack */
       P_ROOT = 170
};

static inline u64 flag(unsigned kpf)
{
    return 1ull << image_flag_bit((u8)kpf);
}

static void image_page(struct image *im, u64 pfn, u64 flags, u64 mapping,
                       u64 index, u32 mapcount)
{
    u64 at = PAGE_OF(pfn);
    image_set(im, at, F_PAGE_FLAGS, flags);
    image_set(im, at, F_PAGE_MAPPING, mapping);
    image_set(im, at, F_PAGE_INDEX, index);
    image_set(im, at, F_PAGE_MAPCOUNT, mapcount);
    image_set(im, at, F_PAGE_REFCOUNT, 1);
}

static u64 image_dentry(struct image *im, const char *name, u64 parent, u64 sb)
{
    u64 at = image_take(im, 256, 64);
    image_point(im, at, F_DENTRY_PARENT, parent ? parent : at);
    image_point(im, at, F_DENTRY_NAME, image_text(im, name));
    image_point(im, at, F_DENTRY_SB, sb);
    image_set(im, at, F_DENTRY_HASHED, 8);
    return at;
}

struct image_file {
    u64 mapping, inode, dentry, sb, root;
};

static struct image_file image_file(struct image *im)
{
    struct image_file f = {.mapping = image_take(im, 64, 64),
                           .inode = image_take(im, 256, 64),
                           .sb = image_take(im, 64, 64)};
    u64 type = image_take(im, 64, 64);
    f.root = image_dentry(im, "/", 0, f.sb);
    f.dentry =
        image_dentry(im, "file", image_dentry(im, "dir", f.root, f.sb), f.sb);
    image_point(im, f.sb, F_SB_ROOT, f.root);
    image_point(im, type, F_TYPE_NAME, image_text(im, "ext4"));
    image_point(im, f.sb, F_SB_TYPE, type);
    image_point(im, f.mapping, F_MAPPING_HOST, f.inode);
    image_point(im, f.inode, F_INODE_MAPPING, f.mapping);
    image_set(im, f.inode, F_INODE_NUMBER, 77);
    image_point(im, f.inode, F_INODE_SB, f.sb);
    image_point(im, f.inode, F_INODE_DENTRIES,
                f.dentry + image_member[F_DENTRY_ALIAS].at);
    image_point(im, f.dentry, F_DENTRY_INODE, f.inode);
    return f;
}

static void image_frames(struct image *im, const struct image_file *f)
{
    u64 lru = flag(KPF_LRU) | flag(KPF_UPTODATE), file = image_va(f->mapping);
    u64 swap = lru | flag(KPF_SWAPBACKED), head = 1ull << 50;
    u64 own = 1ull << 53; /* PG_anon_exclusive */
    u64 oldest = 4ull << 42,
        youngest = 3ull << 42; /* the field holds the generation plus 1 */
    u64 cache = image_take(im, 64, 64);
    for (u64 pfn = 0; pfn < IMAGE_BYTES >> 12; pfn++)
        image_page(im, pfn, flag(KPF_RESERVED), 0, 0, ~0u);
    for (u64 i = 0; i < 4; i++) {
        image_page(im, P_FREE + i, 0, 0, 0, i ? ~0u : 0xf0000000u);
        image_set(im, PAGE_OF(P_FREE + i), F_PAGE_REFCOUNT, 0);
        image_page(im, P_STACK + i, 0, 0, 0, ~0u);
    }
    image_set(im, PAGE_OF(P_FREE), F_PAGE_PRIVATE, 2);
    image_point(im, cache, F_CACHE_NAME, image_text(im, "dentry"));
    image_page(im, P_SLAB, 0, 0, 0, 0xf5000000u);
    image_point(im, PAGE_OF(P_SLAB), F_SLAB_CACHE, cache);
    image_page(im, P_TABLE, 0, 0, 0, 0xf2000000u);
    image_page(im, P_ROOT, 0, 0, 0, ~0u);
    image_page(im, P_ANON, swap | oldest | own, 0x1001, 0x1234, 0);
    image_page(im, P_COW, swap | youngest, 0x1001, 0x1235, 1);
    image_page(im, P_SWAPCACHE, swap | 1ull << 51, 0x1001, 0x1236, 0);
    image_set(im, PAGE_OF(P_SWAPCACHE), F_PAGE_PRIVATE, 5);
    image_page(im, P_CLEAN, lru, file, 3, ~0u);
    image_page(im, P_DIRTY, lru | flag(KPF_DIRTY), file, 4, ~0u);
    image_page(im, P_SHMEM, swap, file, 5, ~0u);
    image_page(im, P_HEAD, lru | head, file, 8, 2);
    image_set(im, PAGE_OF(P_HEAD), F_FOLIO_SECOND, 1ull << 52);
    image_set(im, PAGE_OF(P_HEAD), F_FOLIO_ENTIRE, ~0u);
    image_set(im, PAGE_OF(P_HEAD), F_FOLIO_LARGE, 2);
    image_set(im, PAGE_OF(P_TAIL), F_PAGE_MAPCOUNT, ~0u);
    image_set(im, PAGE_OF(P_TAIL), F_PAGE_HEAD, image_va(PAGE_OF(P_HEAD)) + 1);
    image_page(im, P_PCP, 0, 0, 0, ~0u);
    image_set(im, PAGE_OF(P_PCP), F_PAGE_REFCOUNT, 0);
}

/* ---- a process ---------------------------------------------------------- */

static u64 image_vma(struct image *im, u64 mm, u64 start, u64 end, u64 flags)
{
    u64 at = image_take(im, 128, 64);
    image_set(im, at, F_VMA_START, start);
    image_set(im, at, F_VMA_END, end);
    image_set(im, at, F_VMA_FLAGS, flags);
    image_point(im, at, F_VMA_MM, mm);
    return at;
}

static u64 image_mm(struct image *im, const struct image_file *f)
{
    u64 mm = image_take(im, 256, 64), leaf = image_take(im, 256, 256);
    u64 file = image_take(im, 64, 64);
    u64 text = image_vma(im, mm, 0x10000, 0x12000, 5);
    u64 stack = image_vma(im, mm, 0x3ff000, 0x400000, 3);
    u64 pivot = leaf + image_member[F_R64_PIVOT].at;
    u64 slot = leaf + image_member[F_R64_SLOT].at;
    image_point(im, file, F_FILE_INODE, f->inode);
    image_point(im, file, F_FILE_DENTRY, f->dentry);
    image_point(im, text, F_VMA_FILE, file);
    image_set(im, text, F_VMA_PGOFF, 3);
    im->mm = mm;
    im->vma = text;
    image_put(im, pivot, 0xffff, 8);
    image_put(im, pivot + 8, 0x11fff, 8);
    image_put(im, pivot + 16, 0x3fefff, 8);
    image_put(im, pivot + 24, 0x3fffff, 8);
    image_put(im, slot + 8, image_va(text), 8);
    image_put(im, slot + 24, image_va(stack), 8);
    image_set(im, mm, F_MM_TREE, image_va(leaf) | 1 << 3 | 2);
    image_set(im, mm, F_MM_STACK, 0x3ff800);
    image_set(im, mm, F_MM_TOTAL, 3);
    image_point(im, mm, F_MM_PGD, P_ROOT << 12);
    for (u64 i = 0; i < 4; i++) { /* 10 file pages, 11 of the next kind, ... */
        u64 at = mm + image_member[F_MM_RSS].at + 16 * i;
        image_put(im, at + image_member[F_COUNTER_COUNT].at, 10 + i, 8);
        image_put(im, at + image_member[F_COUNTER_CPUS].at,
                  image_va(image_take(im, 8, 8)), 8);
    }
    return mm;
}

static u64 image_task(struct image *im, u32 pid, const char *name)
{
    u64 at = image_take(im, 256, 64), signal = image_take(im, 64, 64);
    u64 head = signal + image_member[F_SIGNAL_THREADS].at;
    u64 node = at + image_member[F_TASK_NODE].at;
    image_set(im, at, F_TASK_PID, pid);
    image_set(im, at, F_TASK_TGID, pid);
    image_point(im, at, F_TASK_PARENT, at);
    image_point(im, at, F_TASK_SIGNAL, signal);
    image_put(im, head, image_va(node), 8);
    image_put(im, node, image_va(head), 8);
    memcpy(im->ram + at + image_member[F_TASK_COMM].at, name, strlen(name));
    return at;
}

static void image_tasks(struct image *im, const struct image_file *f)
{
    u64 swapper = image_task(im, 0, "swapper"),
        init = image_task(im, 1, "init");
    u64 fs = image_take(im, 64, 64), rq = image_take(im, 64, 64);
    u64 tasks = image_member[F_TASK_TASKS].at;
    image_put(im, swapper + tasks, image_va(init + tasks), 8);
    image_put(im, init + tasks, image_va(swapper + tasks), 8);
    image_point(im, init, F_TASK_MM, image_mm(im, f));
    image_point(im, init, F_TASK_STACK, P_STACK << 12);
    image_point(im, init, F_TASK_FS, fs);
    image_point(im, fs, F_FS_ROOT, f->root);
    image_point(im, rq, F_RQ_CURR, init);
    im->task = init;
    image_symbol[A_INIT_TASK] = swapper;
    image_symbol[A_RUNQUEUES] = rq;
}

/* ---- numbers ------------------------------------------------------------ */

static void image_zone(struct image *im)
{
    u64 nodes = image_take(im, 8, 8), node = image_take(im, 512, 64);
    u64 zone = node + image_member[F_NODE_ZONES].at;
    u64 pcp = image_take(im, 64, 64), stats = image_take(im, 64, 64);
    u64 list = pcp + image_member[F_PCP_LISTS].at;
    u64 page = PAGE_OF(P_PCP) + image_member[F_PAGE_PCP].at;
    image_put(im, nodes, image_va(node), 8);
    for (unsigned i = 0; i < 3; i++)
        image_put(im, zone + image_member[F_ZONE_MARKS].at + 8 * i, 20 + i, 8);
    image_point(im, zone, F_ZONE_PCP, pcp);
    image_point(im, zone, F_ZONE_STATS, stats);
    image_set(im, stats, F_STATS_NUMA, 2);
    image_put(im, list, image_va(page), 8);
    image_put(im, page, image_va(list), 8);
    image_put(im,
              node + image_member[F_NODE_LRUVEC].at +
                  image_member[F_LRUVEC_GEN].at,
              6, 8); /* max_seq: 6 % 4 = 2 is the youngest generation */
    image_symbol[A_NODES] = nodes;
}

static void image_numbers(struct image *im)
{
    static const char *const names[] = {
        "nr_free_pages", "numa_hit", "nr_active_anon", "nr_dirty_threshold",
        "pgpgin",        "pgpgout",  "pgfault"};
    static const enum lx_address tables[] = {A_ZONE_STAT, A_NUMA_STAT,
                                             A_NODE_STAT, A_SWAP_TOTAL,
                                             A_SWAP_FREE, A_PERCPU};
    static const u64 values[] = {4, 40, 8, 100, 70, 0};
    u64 text = image_take(im, 8 * ARRAY_LEN(names), 8);
    for (unsigned i = 0; i < ARRAY_LEN(names); i++)
        image_put(im, text + 8 * i, image_va(image_text(im, names[i])), 8);
    image_symbol[A_VMSTAT_TEXT] = text;
    for (unsigned i = 0; i < ARRAY_LEN(tables); i++) {
        image_symbol[tables[i]] = image_take(im, 8, 8);
        image_put(im, image_symbol[tables[i]], values[i], 8);
    }
    u64 swap = image_take(im, 64, 64), map = image_take(im, 101, 8);
    image_symbol[A_SWAP_INFO] = image_take(im, 32, 8);
    image_put(im, image_symbol[A_SWAP_INFO] + 8, image_va(swap), 8);
    image_set(im, swap, F_SWAP_FLAGS, 3);
    image_set(im, swap, F_SWAP_PAGES, 101);
    image_point(im, swap, F_SWAP_MAP, map);
    im->ram[map] = N_SWAP_BAD;
    im->ram[map + 5] = 1 | N_SWAP_CACHED;
    image_symbol[A_EVENT_STAT] = image_take(im, 24, 8);
    for (unsigned i = 0; i < 3; i++)
        image_put(im, image_symbol[A_EVENT_STAT] + 8 * i, 1000 + i, 8);
    image_symbol[A_ZERO_PAGE] = 99 << 12;
    image_symbol[A_TEXT] = 0;
    image_symbol[A_TEXT_END] = 1 << 12;
    image_symbol[A_RODATA] = image_symbol[A_RODATA_END] = 1 << 12;
}

/* ---- arguments of the kernel's functions -------------------------------- */

enum { /* OFFERED folios: every OFFERED_EVERY-th frame from P_OFFERED on */
       P_OFFERED = 180,
       OFFERED = 4,
       OFFERED_EVERY = 4
};
static struct {
    u64 list, batch, sc, kiocb, vmf, empty;
} image_call;

/* Makes a list of a clean and a dirty folio of a file and two anonymous folios,
 * their folio_batch, and zeros for vm_fault, kiocb, scan_control, `empty`. */
static void image_calls(struct image *im, const struct image_file *f)
{
    u64 lru = flag(KPF_LRU) | flag(KPF_UPTODATE), file = image_va(f->mapping);
    u64 at = image_call.list = image_take(im, 16, 16);
    image_call.batch = image_take(im, 64, 64);
    image_call.sc = image_take(im, 64, 64);
    image_call.kiocb = image_take(im, 64, 64);
    image_call.vmf = image_take(im, 64, 64);
    image_call.empty = image_take(im, 64, 64);
    image_set(im, image_call.batch, F_BATCH_NR, OFFERED);
    for (unsigned i = 0; i < OFFERED; i++) {
        u64 pfn = P_OFFERED + OFFERED_EVERY * i;
        u64 next = PAGE_OF(pfn) + image_member[F_FOLIO_LRU].at;
        u64 more = i == 1 ? flag(KPF_DIRTY) : i > 1 ? 1ull << 53 : 0;
        image_page(im, pfn, lru | more, i < 2 ? file : 0x1001, 20 + i,
                   i < 2 ? ~0u : 0);
        image_put(im, at, image_va(next), 8);
        image_put(im,
                  image_call.batch + image_member[F_BATCH_FOLIOS].at + 8 * i,
                  image_va(PAGE_OF(pfn)), 8);
        at = next;
    }
    image_put(im, at, image_va(image_call.list), 8);
}

static struct image *image_new(void)
{
    struct image *im = xcalloc(1, sizeof *im);
    im->at = IMAGE_TABLES;
    image_types(im);
    struct image_file f = image_file(im);
    image_frames(im, &f);
    image_tasks(im, &f);
    image_zone(im);
    image_numbers(im);
    image_symbol[A_BTF] = im->btf;
    image_symbol[A_BTF_END] = im->btf_end;
    for (unsigned i = 0; i < LX_PROBES; i++)
        image_probe[i] = image_take(im, 8, 8);
    image_calls(im, &f);
    struct image_kallsyms k = image_symbols(im);
    image_tables(im);
    image_note(im, &k);
    assert(im->at <= P_FREE << 12); /* else objects lie in named frames */
    return im;
}

static inline struct kernel_ram image_ram(const struct image *im)
{
    return (struct kernel_ram){im->ram, IMAGE_BASE, IMAGE_BYTES};
}
