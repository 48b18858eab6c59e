// SPDX-License-Identifier: MIT
// rooms: base mmu boot linux
/* Tests the events of emu/linux on the small kernel of linux_objects.h: visits
 * probes as the kernel's calls and returns would, and checks the events. */
#include "unit.h"

#include "linux_objects.h"

enum { RA = 1, SP = 2, TP = 4, A0 = 10 };
#define STACK (IMAGE_VA + 0x200)
#define BACK  (IMAGE_VA + 0x80) /* where functions return to */

static struct image *im;
static struct linux_kernel *k;
static struct linux_probes *p;
static struct linux_event told[64];
static unsigned ntold;
static u8 last[IMAGE_BYTES >> 12]; /* states after the latest events */

static void on_probe(UNUSED void *opaque, UNUSED u64 va)
{
}

static void on_event(UNUSED void *opaque, const struct linux_event *e)
{
    assert_in_range(ntold, 0, ARRAY_LEN(told) - 1);
    told[ntold++] = *e;
    if (e->pfn != LENS_NO_PFN)
        last[e->pfn] = e->to;
}

static u8 on_state(UNUSED void *opaque, u32 pfn)
{
    return last[pfn];
}

BEFORE_EACH
{
    const struct linux_watcher w = {NULL, on_probe, on_event, on_state};
    char why[200];
    im = image_new();
    struct kernel_ram ram = image_ram(im);
    k = linux_open(&ram, NULL, why, sizeof why);
    p = linux_probes_new();
    memset(last, FS_COUNT, sizeof last);
    ntold = 0;
    linux_probes_attach(p, k, &w);
}

AFTER_EACH
{
    linux_probes_free(p);
    linux_close(k);
    free(im);
}

static void visit(u64 pc, unsigned depth, const u64 a[6])
{
    u64 x[32] = {
        [RA] = BACK, [SP] = STACK - 16 * depth, [TP] = image_va(im->task)};
    memcpy(&x[A0], a, 6 * sizeof *a);
    linux_moved(k);
    linux_probes_visit(p, pc, x);
}

#define ENTER(row, depth, ...)                                                 \
    visit(image_va(image_probe[P_##row]), depth, (u64[6]){__VA_ARGS__})
#define LEAVE(depth, result) visit(BACK, depth, (u64[6]){result})

static u64 folio(u64 pfn)
{
    return image_va(PAGE_OF(pfn));
}

static u64 offered(unsigned i)
{
    return P_OFFERED + OFFERED_EVERY * i;
}

/* Returns the frame's event; fails unless it has exactly one. */
static struct linux_event of(u64 pfn)
{
    struct linux_event e = {.reason = R_NONE};
    unsigned n = 0;
    for (unsigned i = 0; i < ntold; i++)
        if (told[i].pfn == pfn && ++n)
            e = told[i];
    assert_int_equal(n, 1);
    return e;
}

static void add_flag(u64 pfn, u64 flags)
{
    u64 at = PAGE_OF(pfn) + image_member[F_PAGE_FLAGS].at;
    image_put(im, at, get_le(im->ram + at, 8) | flags, 8);
}

/* ---- reclaim ------------------------------------------------------------ */

/* Leaves the offered folios of mask `kept` in shrink_folio_list's list. */
static void leave_list(unsigned kept)
{
    u64 at = image_call.list;
    for (unsigned i = 0; i < OFFERED; i++) {
        u64 lru = PAGE_OF(offered(i)) + image_member[F_FOLIO_LRU].at;
        if (!(kept >> i & 1))
            continue;
        image_put(im, at, image_va(lru), 8);
        at = lru;
    }
    image_put(im, at, image_va(image_call.list), 8);
}

static void shrink(void)
{
    ENTER(RECLAIM, 2, image_va(image_call.list), 0, image_va(image_call.sc));
}

static void asked(unsigned i, u64 result)
{
    ENTER(REFERENCED, 3, folio(offered(i)));
    LEAVE(3, result);
}

TEST(test_taken)
{
    shrink();
    for (unsigned i = 0; i < OFFERED; i++)
        asked(i, 0);
    leave_list(0);
    LEAVE(2, 4);
    assert_int_equal(ntold, 4);
    assert_int_equal(of(offered(0)).reason, R_RECLAIM);
    assert_int_equal(of(offered(0)).from, FS_FILE_CLEAN);
    assert_int_equal(of(offered(3)).from, FS_ANON);
    assert_int_equal(of(offered(3)).to, FS_FREE);
}

/* A reclaimed folio is reported when it is freed: it may be in use again before
 * shrink_folio_list returns. */
TEST(test_taken_when_it_is_freed)
{
    shrink();
    ENTER(FREE_ONE, 3, folio(offered(0)), 0);
    assert_int_equal(of(offered(0)).reason, R_RECLAIM);
    leave_list(14);
    LEAVE(2, 1);
    assert_int_equal(of(offered(0)).reason, R_RECLAIM);
}

static u32 kept_why(u64 pfn)
{
    struct linux_event e = of(pfn);
    assert_int_equal(e.reason, R_KEPT);
    assert_int_equal(e.from, e.to);
    return e.source;
}

TEST(test_kept)
{
    shrink();
    asked(0, 1);
    asked(1, 0);
    asked(2, (u64)-1);
    leave_list(15);
    add_flag(offered(1), flag(KPF_ACTIVE));
    LEAVE(2, 0);
    assert_int_equal(of(offered(0)).reason, R_REF_CLEARED);
    assert_int_equal(kept_why(offered(1)), LINUX_KEPT_DIRTY);
    assert_int_equal(kept_why(offered(2)), LINUX_KEPT_LOCKED);
    assert_int_equal(kept_why(offered(3)), LINUX_KEPT_MAPPED);
}

/* A folio whose mappings' lock was held is reported as locked, not as held by a
 * reference, even if the caller could have started I/O. */
TEST(test_kept_locked_with_io)
{
    image_set(im, image_call.sc, F_SCAN_GFP, ~0ull);
    shrink();
    asked(0, (u64)-1);
    asked(1, 0);
    leave_list(3);
    LEAVE(2, 0);
    assert_int_equal(kept_why(offered(0)), LINUX_KEPT_LOCKED);
}

TEST(test_kept_active)
{
    shrink();
    asked(0, 2);
    asked(2, 0);
    ENTER(SWAP_ADD, 3, folio(offered(2)));
    LEAVE(3, 0);
    ENTER(RELEASE, 3, folio(offered(1)));
    LEAVE(3, 0);
    leave_list(15);
    for (unsigned i = 0; i < OFFERED; i++)
        add_flag(offered(i), flag(KPF_ACTIVE));
    add_flag(offered(3), flag(KPF_MLOCKED));
    LEAVE(2, 0);
    assert_int_equal(kept_why(offered(0)), LINUX_KEPT_USED);
    assert_int_equal(kept_why(offered(1)), LINUX_KEPT_UNEVICTABLE);
    assert_int_equal(kept_why(offered(2)), LINUX_KEPT_NO_SWAP);
    assert_int_equal(of(offered(3)).reason, R_MLOCK);
}

TEST(test_looked_at_again)
{
    ENTER(EVICT, 1, 0);
    shrink();
    leave_list(15);
    LEAVE(2, 0);
    unsigned first = ntold;
    shrink();
    assert_int_equal(ntold, first + OFFERED);
    for (unsigned i = first; i < ntold; i++)
        assert_int_equal(told[i].source, LINUX_KEPT_AGAIN);
}

/* ---- frames ------------------------------------------------------------- */

TEST(test_frames)
{
    ENTER(ALLOC, 1, 0, 1);
    LEAVE(1, folio(P_FREE));
    assert_int_equal(of(P_FREE).reason, R_ALLOC_KERNEL);
    assert_int_equal(of(P_FREE + 1).to, FS_KDATA);
    ntold = 0;
    ENTER(FREE_ONE, 1, folio(P_ANON), 0);
    assert_int_equal(of(P_ANON).reason, R_FREE_KERNEL);
    assert_int_equal(of(P_ANON).from, FS_ANON);
    ENTER(UNMAP, 1, 0);
    ENTER(FREE_ONE, 2, folio(P_COW), 0);
    LEAVE(1, 0);
    assert_int_equal(of(P_COW).reason, R_UNMAP);
    ENTER(EXEC, 1, 0);
    ENTER(EXIT_MM, 2, 0);
    ENTER(FREE_MANY, 3, image_va(image_call.batch));
    LEAVE(2, 0);
    LEAVE(1, 0);
    assert_int_equal(of(offered(2)).reason, R_EXEC_DISCARD);
    assert_int_equal(told[ntold - 1].reason, R_EXEC);
}

/* If the CPU's list is empty, alloc_pages_bulk allocates a page singly, and
 * returns it with the others; such a page is reported once. */
TEST(test_bulk_told_once)
{
    u64 array = image_take(im, 16, 8);
    ENTER(ALLOC_MANY, 1, 0, 0, 0, 2, 0, image_va(array));
    ENTER(ALLOC, 2, 0, 0);
    LEAVE(2, folio(P_FREE));
    image_put(im, array, folio(P_FREE), 8);
    image_put(im, array + 8, folio(P_ANON), 8);
    LEAVE(1, 2);
    assert_int_equal(of(P_FREE).reason, R_ALLOC_KERNEL);
    assert_int_equal(of(P_ANON).reason, R_ALLOC_KERNEL);
}

/* A page's entry into the page cache is one event, even if the kernel allocated
 * the page before. Its refault is another event. */
TEST(test_cache)
{
    last[offered(0)] = FS_KDATA;
    ENTER(READ, 1, image_va(image_call.kiocb));
    for (unsigned i = 0; i < 2; i++) {
        image_set(im, PAGE_OF(offered(i)), F_PAGE_INDEX, i);
        ENTER(CACHE_ADD, 2, 0, folio(offered(i)), i);
        ENTER(REFAULT, 3, folio(offered(i)));
        LEAVE(2, 0);
    }
    LEAVE(1, 0);
    assert_int_equal(ntold, 4);
    assert_int_equal(told[0].reason, R_FILE_READ);
    assert_int_equal(told[0].from, FS_KDATA);
    assert_int_equal(told[1].reason, R_REFAULT);
    assert_int_equal(told[2].reason, R_READ_AHEAD);
    assert_int_equal(told[2].from, FS_FREE);
}

/* A page of a file becomes dirty, is written back, and becomes dirty again
 * while the next write-back runs. */
TEST(test_dirty_and_clean)
{
    last[P_DIRTY] = FS_FILE_CLEAN;
    ENTER(MARK_DIRTY, 1, folio(P_DIRTY));
    assert_int_equal(of(P_DIRTY).reason, R_FILE_WRITE);
    assert_int_equal(of(P_DIRTY).from, FS_FILE_CLEAN);
    assert_int_equal(of(P_DIRTY).to, FS_FILE_DIRTY);
    ntold = 0;
    ENTER(WRITE_BACK, 1, folio(P_DIRTY)); /* its flag is set again */
    assert_int_equal(of(P_DIRTY).to, FS_FILE_DIRTY);
    last[P_CLEAN] = FS_FILE_DIRTY;
    ENTER(WRITE_BACK, 1, folio(P_CLEAN));
    assert_int_equal(of(P_CLEAN).to, FS_FILE_CLEAN);
    assert_int_equal(of(P_CLEAN).pid, 0);
    assert_int_equal(of(P_CLEAN).actor, ACTOR_KERNEL);
    ntold = 0;
    ENTER(MARK_DIRTY_RAM, 1, 0, folio(P_DIRTY)); /* it is dirty already */
    ENTER(MARK_DIRTY_RAM, 1, 0, folio(P_ANON));
    assert_int_equal(ntold, 0);
    ENTER(MARK_DIRTY_RAM, 1, 0, folio(P_SHMEM));
    assert_int_equal(of(P_SHMEM).to, FS_SHMEM);
}

/* Shared memory comes by write(), goes to swap, and comes back. */
TEST(test_shared_memory)
{
    ENTER(SHMEM_ADD, 1, folio(P_SHMEM));
    LEAVE(1, 0);
    assert_int_equal(of(P_SHMEM).reason, R_FILE_WRITE);
    assert_int_equal(of(P_SHMEM).to, FS_SHMEM);
    ntold = 0;
    add_flag(P_SHMEM, 1ull << 51); /* PG_swapcache */
    ENTER(SWAP_WRITE, 1, folio(P_SHMEM));
    assert_int_equal(told[0].reason, R_SWAP_ADD);
    assert_int_equal(told[0].from, FS_SHMEM);
    assert_int_equal(told[1].reason, R_SWAP_OUT);
    assert_int_equal(told[1].from, FS_SWAPCACHE);
    ntold = 0;
    ENTER(SHMEM_ADD, 1, folio(P_SHMEM));
    LEAVE(1, 0);
    assert_int_equal(of(P_SHMEM).reason, R_SWAP_IN);
    assert_int_equal(of(P_SHMEM).to, FS_SHMEM);
    ntold = 0;
    ENTER(TRUNCATE_SHMEM, 1, 0);
    ENTER(FREE_ONE, 2, folio(P_SHMEM), 0);
    assert_int_equal(of(P_SHMEM).reason, R_TRUNCATE);
}

/* Compaction moves a page that fork shares; then its old frame is free. */
TEST(test_move)
{
    last[P_COW] = FS_COW;
    last[offered(2)] = FS_FREE;
    ENTER(MIGRATE, 1, 0);
    ENTER(MOVE, 2, folio(offered(2)), folio(P_COW));
    assert_int_equal(of(offered(2)).reason, R_COLLAPSE);
    assert_int_equal(of(offered(2)).source, P_COW);
    assert_int_equal(of(offered(2)).to, FS_COW);
    ENTER(FREE_ONE, 2, folio(P_COW), 0);
    assert_int_equal(of(P_COW).reason, R_FREE_KERNEL);
    assert_int_equal(of(P_COW).from, FS_COW);
}

/* A page that leaves the swap cache has the state that its flag tells. A frame
 * that is freed without an event of its taking gets one. */
TEST(test_swap_free_and_untold_taking)
{
    last[P_SWAPCACHE] = FS_SWAPCACHE;
    ENTER(SWAP_FREE, 1, folio(P_SWAPCACHE));
    assert_int_equal(of(P_SWAPCACHE).reason, R_SWAP_FREE);
    assert_int_equal(of(P_SWAPCACHE).to, FS_COW);
    ntold = 0;
    last[P_SLAB] = FS_FREE;
    ENTER(FREE_ONE, 1, folio(P_SLAB), 0);
    assert_int_equal(told[0].reason, R_ALLOC_KERNEL);
    assert_int_equal(told[1].reason, R_FREE_KERNEL);
}

TEST(test_page_tables)
{
    u64 task = image_va(im->task);
    last[P_ROOT] = last[P_TABLE] = FS_KDATA;
    ENTER(FORK, 1, task);
    assert_int_equal(of(P_ROOT).reason, R_ALLOC_PGTABLE);
    u64 mm = get_le(im->ram + im->task + image_member[F_TASK_MM].at, 8);
    ENTER(EXIT_MM, 1, mm);
    assert_int_equal(told[ntold - 1].reason, R_FREE_PGTABLE);
    assert_int_equal(told[ntold - 1].from, FS_PGTABLE);
    ntold = 0;
    ENTER(SPLIT_MAP, 1, 0);
    ENTER(ALLOC, 2, 0, 0);
    LEAVE(2, folio(P_TABLE));
    LEAVE(1, 0);
    assert_int_equal(of(P_TABLE).to, FS_PGTABLE);
    ntold = 0;
    ENTER(TABLE_GONE, 1, 0, folio(P_TABLE));
    assert_int_equal(of(P_TABLE).to, FS_KDATA);
}
