/* SPDX-License-Identifier: MIT */
#include "box.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define CROSS "riscv64-linux-gnu-"
#define DIR   "tests/unit/engine/"

/* Bytes of guard pages before and after RAM: an access there ends the test. */
#ifndef BOX_GUARD
#define BOX_GUARD ((size_t)1 << 21)
#endif

static u8 *guarded_ram(void)
{
    u8 *p = mmap(NULL, BOX_RAM + 2 * BOX_GUARD, PROT_NONE,
                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    assert(p != MAP_FAILED);
    int err = mprotect(p + BOX_GUARD, BOX_RAM, PROT_READ | PROT_WRITE);
    assert(!err);
    madvise(p + BOX_GUARD, BOX_RAM, MADV_HUGEPAGE); /* a hash reads all of it */
    return p + BOX_GUARD;
}

static u64 timer_cycle(struct box *b)
{
    if (hart_mtime(&b->hart) >= b->mtimecmp)
        return b->hart.cycle;
    return b->mtimecmp == ~0ull ? ~0ull
                                : hart_cycle_of_change(&b->hart, b->mtimecmp);
}

static u64 next_event(struct box *b)
{
    u64 at = b->hart.mip >> IRQ_MTIP & 1 ? ~0ull : timer_cycle(b);
    return at < b->poke_at ? at : b->poke_at;
}

static void events(struct box *b)
{
    if (b->hart.cycle >= b->poke_at) {
        hart_set_irq(&b->hart, IRQ_MTIP, true);
        b->poke_at = ~0ull;
    }
    if (b->hart.cycle >= timer_cycle(b))
        hart_set_irq(&b->hart, IRQ_MTIP, true);
}

static bool mmio_read(void *opaque, u64 pa, unsigned bytes, u64 *v)
{
    struct box *b = opaque;
    if (bytes != 8)
        return false;
    if (pa == 0x2004000)
        *v = b->mtimecmp;
    else if (pa == 0x200bff8)
        *v = hart_mtime(&b->hart);
    else
        return false;
    return true;
}

static bool mmio_write(void *opaque, u64 pa, unsigned bytes, u64 v)
{
    struct box *b = opaque;
    if (pa == 0x100000) {
        b->done = true;
        b->code = v;
        engine_ask_stop(b->engine);
    } else if (pa == 0x2004000 && bytes == 8) {
        b->mtimecmp = v;
        hart_set_irq(&b->hart, IRQ_MTIP, b->hart.cycle >= timer_cycle(b));
        engine_set_deadline(b->engine, next_event(b));
    } else {
        return false;
    }
    return true;
}

static void hart_changed(void *opaque, UNUSED unsigned effect)
{
    struct box *b = opaque;
    engine_set_deadline(b->engine, next_event(b));
}

struct box *box_new(const struct box_options *o)
{
    struct box *b = xcalloc(1, sizeof(*b));
    struct mmu_config mc;
    struct memtime_config tc;

    b->cpu = cpu_profile_find(o->cpu ? o->cpu : "u54");
    assert(b->cpu);
    b->ram = guarded_ram();
    b->mtimecmp = b->poke_at = ~0ull;
    b->hart.exts = ISA_ALL & ~EXT_BIT(SVADU);
    b->hart.hw_ad = true;
    b->hart.clock_hz = o->epoch ? 1000ull * o->epoch : b->cpu->clock_hz;
    b->hart.timebase_hz = 10000000;
    hart_reset(&b->hart, 0x80000000);
    mc = b->cpu->mmu;
    mc.fast = TLB_FAST;
    if (o->tlb_entries) {
        mc.fast.entries = 0;
        mc.itlb_entries = mc.itlb_ways = o->tlb_entries;
        mc.dtlb_entries = mc.dtlb_ways = o->tlb_entries;
        mc.l2_entries = mc.l2_ways = 0;
    }
    if (o->dtlb.entries) {
        mc.fast = o->dtlb.large ? o->dtlb : (struct tlb_shape){0};
        mc.dtlb_entries = o->dtlb.entries;
        mc.dtlb_ways = o->dtlb.ways;
        mc.l2_entries = o->l2tlb.entries;
        mc.l2_ways = o->l2tlb.ways;
    }
    if (o->one_space)
        mc.asids = false;
    mmu_init(&b->mmu, &mc);
    tc = cpu_profile_memory(b->cpu, dram_part_find("ddr4-2400r"), 0, 0x80000000,
                            BOX_RAM);
    memtime_init(&b->mem, &tc);
    b->engine = engine_new(
        &(struct engine_config){.hart = &b->hart,
                                .mmu = &b->mmu,
                                .mem = &b->mem,
                                .cpu = b->cpu,
                                .port = {.opaque = b,
                                         .ram = b->ram,
                                         .ram_base = 0x80000000,
                                         .ram_bytes = BOX_RAM,
                                         .mmio_read = mmio_read,
                                         .mmio_write = mmio_write,
                                         .hart_changed = hart_changed},
                                .timed = o->timed,
                                .arena_bytes = o->arena_bytes,
                                .heat = o->interpreted ? 0 : 1});
    return b;
}

void box_free(struct box *b)
{
    engine_free(b->engine);
    mmu_free(&b->mmu);
    memtime_free(&b->mem);
    munmap(b->ram - BOX_GUARD, BOX_RAM + 2 * BOX_GUARD);
    free(b);
}

static void load_binary(struct box *b, const char *path)
{
    FILE *f = fopen(path, "rb");
    assert(f);
    size_t n = fread(b->ram, 1, BOX_RAM, f);
    assert(n > 0);
    fclose(f);
    engine_ram_written(b->engine, 0x80000000, BOX_RAM);
}

static char image[64]; /* path of the last image compiled */

static void remove_image(void)
{
    if (image[0])
        unlink(image);
}

/* Compiles the files and flags of `inputs` to a flat image, unless the last
 * image has the same key, and loads it. */
static void build_and_load(struct box *b, const char *inputs, const char *key)
{
    static char last[4096];
    char dir[] = "/tmp/engine-test-XXXXXX", cmd[2048];

    if (strcmp(last, key)) {
        if (!image[0])
            atexit(remove_image);
        remove_image();
        assert(mkdtemp(dir));
        snprintf(cmd, sizeof(cmd),
                 CROSS "gcc -march=rv64gc_zicsr_zifencei -mabi=lp64d "
                       "-mcmodel=medany -O2 -ffreestanding -nostdlib "
                       "-fno-pic -no-pie -Wl,--build-id=none "
                       "-fno-builtin -static -T " DIR
                       "box.ld %s -o %s/a.elf && " CROSS
                       "objcopy -O binary %s/a.elf %s.bin && rm -r %s",
                 inputs, dir, dir, dir, dir);
        if (system(cmd)) {
            fprintf(stderr, "cannot build: %s\n", cmd);
            exit(1);
        }
        snprintf(image, sizeof(image), "%s.bin", dir);
        snprintf(last, sizeof(last), "%s", key);
    }
    load_binary(b, image);
}

void box_load(struct box *b, const char *source, const char *flags)
{
    char inputs[1024];
    snprintf(inputs, sizeof(inputs), "%s " DIR "start.S " DIR "%s", flags,
             source);
    build_and_load(b, inputs, inputs);
}

void box_asm(struct box *b, const char *text)
{
    char path[] = "/tmp/engine-asm-XXXXXX.S";
    int fd = mkstemps(path, 2);
    assert(fd >= 0);
    FILE *f = fdopen(fd, "w");
    fprintf(f, ".section .text.start\n.globl _start\n_start:\n%s\n", text);
    fclose(f);
    build_and_load(b, path, text);
    unlink(path);
}

enum engine_stop box_once(struct box *b, u64 deadline, bool step)
{
    events(b);
    u64 event = next_event(b);
    u64 until = event < deadline ? event : deadline;
    enum engine_stop why =
        step ? engine_step(b->engine, 1, until) : engine_run(b->engine, until);
    if (why == ENGINE_WFI) { /* idle until the event that it waits for */
        event = next_event(b);
        if (event > b->hart.wake_at)
            event = b->hart.wake_at;
        engine_idle_until(b->engine, event < deadline ? event : deadline);
    }
    return why;
}

void box_run(struct box *b, enum box_manner how, u64 seed, u64 limit)
{
    while (!b->done && b->hart.cycle < limit) {
        u64 deadline = limit;
        bool step = how == BOX_STEPS;
        if (how == BOX_PIECES) {
            u64 r = rand_step(&seed);
            deadline = b->hart.cycle + (r >> 8) % (r & 1 ? 40 : 3000);
            step = r >> 1 & 1;
            if (deadline > limit)
                deadline = limit;
        }
        box_once(b, deadline, step);
    }
}

void box_state(struct box *b, struct state *s)
{
    hart_state(&b->hart, s);
    mmu_state(&b->mmu, s);
    memtime_state(&b->mem, s);
    engine_state(b->engine, s);
    state_pages(s, b->ram, BOX_RAM);
    state_val(s, b->mtimecmp);
    state_val(s, b->poke_at);
    state_val(s, b->done);
}

void box_hash(struct box *b, char hex[33])
{
    struct state *s = state_hasher();
    box_state(b, s);
    state_hash_finish(s, hex);
}

void box_hash_hart(struct box *b, char hex[33])
{
    struct state *s = state_hasher();

    hart_state(&b->hart, s);
    mmu_state(&b->mmu, s);
    engine_state(b->engine, s);
    state_hash_finish(s, hex);
}

u64 box_cycles_sum(const struct box *b)
{
    struct cycles_by c = engine_cycles_by(b->engine);
    return c.issue + c.interlock + c.branch + c.icache + c.dcache + c.walk +
           c.dram + c.trap + c.idle;
}
