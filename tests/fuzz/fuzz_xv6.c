/* SPDX-License-Identifier: MIT */
// rooms: base mmu boot dwarf xv6
// max_len: 512
/* Damages a small xv6 before it is opened and afterwards: its RAM (page tables,
 * proc[], the free list, buffers) and the layout that DWARF gives of these. The
 * harness asks every question; the reader may refuse or give another answer,
 * but must end, and stay within RAM. RAM is a block of its own: the sanitizer
 * sees an access beyond it.
 *
 * Input: the number of damages before the opening, then eight bytes for each
 * damage: kind (a byte, a word, a pointer into RAM, eight bytes from elsewhere,
 * a member, a symbol), place, value. */
#include "fuzz.h"

#include <stddef.h>

#include "mmu/pte.h"
#include "xv6/reader.h"

#define RAM_BASE  0x80000000ull
#define RAM_BYTES (1u << 20)
#define FRAMES    (RAM_BYTES / 4096)
#define NPROC     4
#define NBUF      6
#define STACK_VA  (((1ull << 38) - 3 * 4096))
#define FRAME_VA  (((1ull << 38) - 2 * 4096))

struct proc {
    u32 state, pid;
    u64 chan, parent, kstack, sz, pagetable, trapframe;
    char name[16];
};
struct buf {
    u32 valid, blockno, refcnt, pad;
    u8 data[1024];
};
struct data { /* the kernel's, from frame 2 on */
    u64 freelist, kernel_pagetable, cpu_proc;
    struct proc proc[NPROC];
    struct buf buf[NBUF];
};
#define DATA_PA (RAM_BASE + 0x2000)

static u8 *good_image, *ram;
static struct xv6_layout sound_layout, layout;

/* ---- an undamaged kernel ------------------------------------------------ */

static u64 used = 8; /* frames */

static u64 *at(u64 pa)
{
    return (u64 *)(good_image + (pa - RAM_BASE));
}

static u64 take(void)
{
    return RAM_BASE + used++ * 4096;
}

static void map(u64 root, u64 va, u64 pa, u64 rights)
{
    for (unsigned level = 2; level > 0; level--) {
        u64 *pte = at(root) + (va >> (12 + 9 * level) & 511);
        if (!*pte)
            *pte = take() >> 12 << 10 | PTE_V;
        root = PTE_PPN(*pte) << 12;
    }
    at(root)[va >> 12 & 511] = pa >> 12 << 10 | rights | PTE_V;
}

static void make_process(struct data *d, unsigned i, u64 shared)
{
    struct proc *p = &d->proc[i];
    *p = (struct proc){.kstack = p->kstack,
                       .state = 2 + i % 3,
                       .pid = 1 + i,
                       .parent = i ? DATA_PA + offsetof(struct data, proc) : 0,
                       .sz = 5 * 4096,
                       .pagetable = take(),
                       .trapframe = take(),
                       .name = "init"};
    map(p->pagetable, FRAME_VA, p->trapframe, PTE_R | PTE_W);
    map(p->pagetable, 0, shared, PTE_R | PTE_X | PTE_U);
    map(p->pagetable, 4096, take(), PTE_R | PTE_W);
    map(p->pagetable, 8192, take(), PTE_R | PTE_W | PTE_U);
}

static void make(void)
{
    struct data *d = (struct data *)at(DATA_PA);
    d->kernel_pagetable = take();
    for (u64 pa = RAM_BASE; pa < RAM_BASE + RAM_BYTES; pa += 4096)
        map(d->kernel_pagetable, pa, pa, PTE_R | PTE_W);
    for (unsigned i = 0; i < NPROC; i++) {
        d->proc[i].kstack = STACK_VA - i * 8192;
        map(d->kernel_pagetable, d->proc[i].kstack, take(), PTE_R | PTE_W);
    }
    u64 shared = take();
    for (unsigned i = 0; i < NPROC - 1; i++)
        make_process(d, i, shared);
    d->cpu_proc = DATA_PA + offsetof(struct data, proc);
    for (unsigned i = 0; i < NBUF; i++)
        d->buf[i] = (struct buf){.valid = i & 1, .blockno = 30 + i};
    for (u64 i = used + 3; i < FRAMES; i++) {
        *at(RAM_BASE + i * 4096) = d->freelist;
        d->freelist = RAM_BASE + i * 4096;
    }
}

#define MEMBER(s, m)                                                           \
    {                                                                          \
        offsetof(struct s, m), sizeof(((struct s *)0)->m), 0, 0                \
    }
static void describe(void)
{
    struct xv6_layout l = {
        .symbol = {[XS_KMEM] = DATA_PA,
                   [XS_PROC] = DATA_PA + offsetof(struct data, proc),
                   [XS_CPUS] = DATA_PA + offsetof(struct data, cpu_proc),
                   [XS_BCACHE] = DATA_PA + offsetof(struct data, buf),
                   [XS_ROOT] =
                       DATA_PA + offsetof(struct data, kernel_pagetable),
                   [XS_TRAMPOLINE] = RAM_BASE,
                   [XS_ETEXT] = RAM_BASE + 4096,
                   [XS_END] = RAM_BASE + 8 * 4096},
        .field = {[XF_FREELIST] = {0, 8, 0, 0},
                  [XF_RUN_NEXT] = {0, 8, 0, 0},
                  [XF_PROCS] = {0, sizeof(struct proc[NPROC]), NPROC,
                                sizeof(struct proc)},
                  [XF_PROC_STATE] = MEMBER(proc, state),
                  [XF_PROC_CHAN] = MEMBER(proc, chan),
                  [XF_PROC_PID] = MEMBER(proc, pid),
                  [XF_PROC_PARENT] = MEMBER(proc, parent),
                  [XF_PROC_KSTACK] = MEMBER(proc, kstack),
                  [XF_PROC_SZ] = MEMBER(proc, sz),
                  [XF_PROC_TABLE] = MEMBER(proc, pagetable),
                  [XF_PROC_TRAPFRAME] = MEMBER(proc, trapframe),
                  [XF_PROC_NAME] = MEMBER(proc, name),
                  [XF_CPU_PROC] = {0, 8, 0, 0},
                  [XF_CACHE] = {0, sizeof(struct buf[NBUF]), 0, 0},
                  [XF_BUFS] = {0, sizeof(struct buf[NBUF]), NBUF,
                               sizeof(struct buf)},
                  [XF_BUF_VALID] = MEMBER(buf, valid),
                  [XF_BUF_BLOCK] = MEMBER(buf, blockno),
                  [XF_BUF_REFS] = MEMBER(buf, refcnt)},
        .state = {PS_UNUSED, PS_SLEEPING, PS_SLEEPING, PS_READY, PS_RUNNING,
                  PS_ZOMBIE}};
    sound_layout = l;
}

/* Checks the undamaged kernel: every frame is free or owned, except three. */
static void is_sound(void)
{
    struct kernel_ram r = {good_image, RAM_BASE, RAM_BYTES};
    char why[200];
    bool known;
    u64 free, other;
    struct xv6_kernel *k = xv6_open(&r, &sound_layout, why, sizeof why);
    assert(k && xv6_counter_nth(k, XC_FREE, &free, &known) && known);
    xv6_counter_nth(k, XC_OTHER, &other, &known);
    assert(free == FRAMES - used - 3 && other == 3);
    xv6_close(k);
}

int LLVMFuzzerInitialize(UNUSED int *argc, UNUSED char ***argv)
{
    good_image = xcalloc(1, RAM_BYTES);
    ram = xcalloc(1, RAM_BYTES);
    make();
    describe();
    is_sound();
    fuzz_quiet();
    return 0;
}

/* ---- damages ------------------------------------------------------------ */

/* Changes a member as DWARF could: an array's elements still fill it. */
static void damage_member(unsigned i, u64 arg)
{
    struct xv6_member *m = &layout.field[i % XV6_FIELDS];
    m->at = (u32)(arg & 0x80 ? arg << 16 : arg >> 16);
    m->size = 1 + (u32)arg % 5000;
    m->count = arg & 1 ? 1 + (u32)(arg >> 8) % m->size : 0;
    m->each = m->count ? m->size / m->count : 0;
}

static void damage(const u8 *d)
{
    u64 to = get_le(d + 1, 3) % (RAM_BYTES - 8), arg = get_le(d + 4, 4);
    if (d[1] & 1) /* most of RAM is free frames */
        to = 0x2000 + to % 0x20000;
    switch (d[0] % 6) {
    case 0:
        ram[to] = (u8)arg;
        break;
    case 1:
        put_le(ram + (to & ~7ull), (u64)(s64)(s32)arg, 8);
        break;
    case 2:
        put_le(ram + (to & ~7ull), RAM_BASE + arg % RAM_BYTES, 8);
        break;
    case 3:
        memmove(ram + (to & ~7ull), ram + (arg % (RAM_BYTES - 8) & ~7ull), 8);
        break;
    case 4:
        damage_member(d[1], arg);
        break;
    case 5:
        layout.symbol[d[1] % XV6_SYMBOLS] =
            d[2] & 1 ? RAM_BASE + arg % RAM_BYTES : arg << (d[2] & 31);
        break;
    }
}

/* ---- questions ---------------------------------------------------------- */

static void frames(struct xv6_kernel *k)
{
    const struct xv6_frame *f = xv6_frames(k);
    u64 sum = 0, value;
    char text[24];
    bool known;
    for (u64 pfn = 0; pfn < FRAMES; pfn++) {
        assert(f[pfn].is.state < FS_COUNT && f[pfn].kind < XV6_KINDS);
        if (xv6_frame_name(k, pfn, text, sizeof text))
            assert(strlen(text) < sizeof text);
    }
    for (unsigned i = 0; i < FS_COUNT; i++)
        sum += xv6_counts(k)[i];
    assert(sum == FRAMES);
    for (unsigned i = 0; xv6_counter_nth(k, i, &value, &known); i++)
        assert(i < XV6_COUNTERS);
    xv6_counter_nth(k, XC_FREE, &value, &known);
    assert(!known || value == xv6_counts(k)[FS_FREE]);
}

static void processes(struct xv6_kernel *k)
{
    static struct kernel_vma v[64];
    const struct lens_proc *p;
    unsigned n = xv6_tasks(k, &p);
    xv6_current(k);
    for (unsigned i = 0; i < n && i < 8; i++) {
        unsigned maps = xv6_vmas(k, p[i].vmas, v, ARRAY_LEN(v));
        assert(maps <= ARRAY_LEN(v));
        for (unsigned m = 0; m < maps; m++)
            assert(v[m].is.start < v[m].is.end &&
                   (!m || v[m - 1].is.end <= v[m].is.start));
    }
    xv6_vmas(k, 0, v, 0);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t n)
{
    struct kernel_ram r = {ram, RAM_BASE, RAM_BYTES};
    char why[200] = "";
    u64 first = n ? data[0] : 0, i = 0;
    memcpy(ram, good_image, RAM_BYTES);
    layout = sound_layout;
    for (; i < first && 9 + i * 8 <= n; i++)
        damage(data + 1 + i * 8);
    struct xv6_kernel *k = xv6_open(&r, &layout, why, sizeof why);
    assert(k || *why);
    for (; k && 9 + i * 8 <= n; i++)
        damage(data + 1 + i * 8);
    if (k && xv6_moved(k)) {
        frames(k);
        processes(k);
    }
    xv6_close(k);
    return 0;
}
