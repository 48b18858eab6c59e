/* SPDX-License-Identifier: MIT */
// rooms: base inspect linux xv6 dwarf boot
/* Audits a RAM that this file makes up: 576 frames, two processes, a shared
 * frame. The audit must find every kind of false entry, and must survive tables
 * of any content. */
#include "unit.h"

#include "inspect/audit.h"
#include "inspect/internal.h"

#define FRAMES (512 + 64) /* a superpage fits */
#define PROCS  4

/* ---- the machine, as far as inspect/memory/audit.c asks ------------------ */

static struct machine m;
static u8 ram[FRAMES * PAGE_BYTES];
static u8 shadow[FRAMES];
static struct lens_info info;
static struct lens_view view;
static bool busy;
static u64 peeks;

bool machine_peek(UNUSED struct machine *mm, u64 pa, void *p, size_t n)
{
    u64 at = pa - RAM_BASE;
    peeks++;
    if (pa < RAM_BASE || at > sizeof ram || n > sizeof ram - at)
        return false;
    memcpy(p, ram + at, n);
    return true;
}

const struct lens_view *machine_lens(UNUSED const struct machine *mm)
{
    return &view;
}

bool machine_lens_busy(UNUSED const struct machine *mm)
{
    return busy;
}

/* ---- a small consistent memory ------------------------------------------ */

/* Frames 0-3: the kernel's data; 8, 9, 10: pid 5's page tables (root, middle,
 * leaf); 11, 12, 13: pid 6's; 20, 21: private; 22: shared by both; 23: mapped
 * twice by pid 5; all others count as free, even those of the frame table. */
#define FRAMES_AT (512 * PAGE_BYTES)
#define PROCS_AT  PAGE_BYTES
#define FREE_AT   (2 * PAGE_BYTES)

static struct lens_frame *frame(unsigned pfn)
{
    return (struct lens_frame *)(ram + FRAMES_AT) + pfn;
}

static struct lens_proc *proc(unsigned slot)
{
    return (struct lens_proc *)(ram + PROCS_AT) + slot;
}

static u64 *pte(unsigned table, unsigned index)
{
    return (u64 *)(ram + table * PAGE_BYTES) + index;
}

static u64 entry(unsigned pfn, u64 flags)
{
    return ((RAM_BASE >> PAGE_SHIFT) + pfn) << 10 | flags | PTE_V;
}

#define LEAF (PTE_R | PTE_W | PTE_U | PTE_A | PTE_D)

static void set_state(unsigned pfn, enum frame_state s)
{
    frame(pfn)->state = shadow[pfn] = (u8)s;
}

static void add_process(unsigned slot, u32 pid, unsigned root)
{
    *proc(slot) = (struct lens_proc){.pid = pid,
                                     .tgid = pid,
                                     .state = PS_READY,
                                     .satp = 8ull << 60 | (u64)pid << 44 |
                                             ((RAM_BASE >> PAGE_SHIFT) + root)};
    *pte(root, 0) = entry(root + 1, 0);
    *pte(root + 1, 0) = entry(root + 2, 0);
    for (unsigned i = 0; i < 3; i++)
        set_state(root + i, FS_PGTABLE);
}

static void map(unsigned leaf_table, unsigned index, unsigned pfn,
                enum frame_state s)
{
    *pte(leaf_table, index) = entry(pfn, LEAF);
    frame(pfn)->refs++;
    set_state(pfn, s);
}

static void count_free(void)
{
    u64 n = 0;
    for (unsigned i = 0; i < FRAMES; i++)
        n += frame(i)->state == FS_FREE;
    memcpy(ram + FREE_AT, &n, 8);
}

static void build(void)
{
    memset(ram, 0, sizeof ram);
    memset(shadow, FS_FREE, sizeof shadow);
    busy = false;
    m.ram_bytes = sizeof ram;
    info = (struct lens_info){.version = LENS_VERSION,
                              .ram_base = RAM_BASE,
                              .frames_pa = RAM_BASE + FRAMES_AT,
                              .frame_stride = sizeof(struct lens_frame),
                              .nframes = FRAMES,
                              .procs_pa = RAM_BASE + PROCS_AT,
                              .proc_stride = sizeof(struct lens_proc),
                              .nprocs = PROCS,
                              .free_pa = RAM_BASE + FREE_AT};
    view = (struct lens_view){
        .open = true, .shadow = shadow, .nframes = FRAMES, .info = &info};
    for (unsigned i = 0; i < 4; i++)
        set_state(i, FS_KDATA);
    add_process(1, 5, 8);
    add_process(2, 6, 11);
    map(10, 0, 20, FS_ANON);
    map(13, 0, 21, FS_ANON);
    map(10, 1, 22, FS_COW);
    map(13, 1, 22, FS_COW);
    map(10, 5, 23, FS_FILE_CLEAN);
    map(10, 6, 23, FS_FILE_CLEAN);
    /* A mapping in the kernel's half, which the counts leave out. */
    *pte(8, 258) = entry(0, PTE_R | PTE_W | PTE_X | PTE_G);
    count_free();
}

BEFORE_EACH
{
    build();
}

static void finds(const char *words)
{
    struct ins_audit a;
    inspect_audit(&m, &a);
    assert_true(a.ran);
    if (!a.errors || !strstr(a.first, words))
        fail_msg("expected '%s', got %llu errors: '%s'", words,
                 (unsigned long long)a.errors, a.first);
}

TEST(truth_passes)
{
    struct ins_audit a;
    inspect_audit(&m, &a);
    assert_string_equal(a.first, "");
    assert_true(a.ran && !a.errors && a.checked == FRAMES);
    busy = true;
    inspect_audit(&m, &a);
    assert_false(a.ran);
    busy = false;
    view.open = false;
    inspect_audit(&m, &a);
    assert_false(a.ran);
}

/* The audit finds a reference count too high or too low, and a lost PTE. */
TEST(wrong_reference_count)
{
    frame(22)->refs = 3;
    finds("frame 22 (cow-shared): the kernel counts 3, 2 PTEs map it");
    frame(22)->refs = 1;
    finds("the kernel counts 1, 2 PTEs map it");
    frame(22)->refs = 2;
    *pte(13, 1) = 0;
    finds("frame 22 (cow-shared): the kernel counts 2, 1 PTEs map it");
}

/* The audit finds a change without an event, and an event without a change. */
TEST(lost_event)
{
    shadow[20] = FS_FREE;
    finds("frame 20: the table says anonymous, its events say free");
    shadow[20] = FS_ANON;
    shadow[40] = FS_ANON;
    finds("frame 40: the table says free, its events say anonymous");
}

TEST(other_lies)
{
    u64 n = 1;
    frame(40)->state = 200;
    finds("frame 40: its row in the table holds no state");
    build();
    memcpy(ram + FREE_AT, &n, 8);
    finds("the kernel counts 1 free frames");
    build();
    *pte(10, 9) = entry(41, LEAF);
    finds("frame 41 (free): the kernel counts 0, 1 PTEs map it");
    frame(41)->refs = 1;
    finds("frame 41 is free, and mapped");
    build();
    set_state(9, FS_ANON);
    finds("frame 9 is used as a page table, the table says anonymous");
    build();
    *pte(12, 1) = entry(10, 0); /* pid 6 borrows pid 5's leaf table */
    finds("frame 10 is a page table in two places");
    build();
    *pte(10, 9) = 0x1000ull << 10 | LEAF | PTE_V;
    finds("which is not RAM");
    build();
    info.nframes = FRAMES - 8;
    finds("add up to");
}

TEST(superpages_count)
{
    struct ins_audit a;
    /* A 2 MiB leaf reaches beyond this RAM. */
    *pte(9, 3) = entry(512, LEAF);
    finds("not RAM");
    build();
    /* A leaf that fits maps each of its frames once, and none beyond. */
    *pte(9, 3) = entry(0, LEAF);
    for (unsigned i = 0; i < 512; i++) {
        frame(i)->refs++;
        if (frame(i)->state == FS_FREE)
            set_state(i, FS_ANON);
    }
    count_free();
    inspect_audit(&m, &a);
    assert_string_equal(a.first, "");
    frame(511)->refs--;
    finds("frame 511 (anonymous): the kernel counts 0, 1 PTEs map it");
    build();
    /* A misaligned leaf faults in hardware, so it maps nothing. */
    *pte(9, 3) = entry(1, LEAF);
    inspect_audit(&m, &a);
    assert_int_equal(a.errors, 0);
}

/* After vfork two processes share a page table until exec: it counts once. */
TEST(vfork_shares)
{
    struct ins_audit a;
    *proc(3) = *proc(1);
    proc(3)->pid = 7;
    inspect_audit(&m, &a);
    assert_string_equal(a.first, "");
}

/* A page table that points to itself is reported, and the walk ends. */
TEST(self_references_end)
{
    for (unsigned i = 0; i < 256; i++)
        *pte(8, i) = entry(8, 0);
    peeks = 0;
    finds("page table");
    assert_true(peeks < 100 * FRAMES);
}

/* Each of four processes has a page table that points to itself: one budget
 * bounds all walks. */
TEST(many_self_references_end)
{
    for (unsigned i = 0; i < PROCS; i++) {
        *proc(i) = *proc(1);
        proc(i)->pid = 5 + i;
        proc(i)->satp += i;
        for (unsigned k = 0; k < 256; k++)
            *pte(8 + i, k) = entry(8 + i, 0);
    }
    peeks = 0;
    finds("page table");
    assert_true(peeks < 10 * FRAMES);
}

TEST(garbage_is_survived)
{
    u64 seed = 99;
    for (int round = 0; round < 300; round++) {
        struct ins_audit a;
        build();
        for (int i = 0; i < 400; i++) {
            u64 v = rand_step(&seed);
            if (i & 1) /* near the truth: an entry for a frame of this RAM */
                v = entry((unsigned)(v % FRAMES), rand_step(&seed) & 0xff);
            memcpy(ram + rand_step(&seed) % (sizeof ram - 8), &v, 8);
        }
        info.frames_pa =
            rand_step(&seed) & 1 ? rand_step(&seed) : info.frames_pa;
        info.frame_stride += rand_step(&seed) & 1 ? rand_step(&seed) : 0;
        info.procs_pa -= rand_step(&seed) & 64;
        info.nprocs = rand_step(&seed) >> (rand_step(&seed) & 63);
        peeks = 0;
        inspect_audit(&m, &a);
        assert_true(a.ran);
        assert_true(strlen(a.first) < sizeof a.first);
        assert_true(peeks < 1000000);
    }
}
