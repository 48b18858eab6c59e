/* SPDX-License-Identifier: MIT */
// rooms: base isa hart mmu time engine dev boot history config machine linux xv6 dwarf
// wrap: memtime_access memtime_data memtime_store memtime_dma
// wrap: mmu_sfence tlb_fill
// wrap: fetch_begin fetch_rest hart_trap cache_init
// wrap: data_load_cycle data_store_cycle
// wrap: data_lr data_sc data_amo data_cbo
/* Compares caches, TLBs and walker with a stand-alone model (refmodel.h), miss
 * for miss. Each program runs three times:
 *
 * - at full speed: all misses are recorded, in order, except those that
 *   time/core/quick.h and mmu/quick.h handle inline, where nothing can listen;
 * - at full speed without these inline paths: all misses are recorded;
 * - instruction by instruction: every request of the hart (fetches, data
 *   accesses, sfence.vma, DMA, traps) goes to the model, which works out by
 *   itself what hits, what misses, what is walked, and what serves each PTE.
 *
 * The last two lists must be equal, and the first must lack only lines from the
 * L2, fills of the D-TLB and L2 TLB, and PTEs read from L1D. Then every tag,
 * dirty bit and FIFO pointer is compared, and the counts of accesses, misses
 * and lines written back. SOAK=1 boots the guest on a second CPU model, too,
 * and gives it more to do. The recorders are linked in by --wrap: nothing
 * in the program knows of them. */
#include "unit.h"

#include "base/program.h"
#include "engine/data.h"
#include "engine/fetch.h"
#include "machine/parts.h"
#include "mmu/internal.h"
#include "time/core/cache.h"

#include "ref_program.h"
#include "refcompare.h"
#include "refmodel.h"

/* ---- lists of events ---- */

struct list {
    u64 *e;
    size_t n, room;
    u64 dropped;
};

static void list_add(void *opaque, uint64_t event)
{
    struct list *l = opaque;

    if (l->n == l->room) {
        l->room = l->room ? 2 * l->room : 1 << 16;
        l->e = realloc(l->e, l->room * sizeof(*l->e));
        assert_non_null(l->e);
    }
    l->e[l->n++] = event;
}

/* The machine and the run to which the recorders listen. */
static struct machine *machine;
static struct list *missed;  /* a fast run writes here */
static struct refmodel *ref; /* the stepped run feeds this */
static struct cache *caches[3];
static unsigned ncaches;

/* ---- the fast runs: misses ---- */

/* The walker's own cache only counts the PTEs that it serves: catch_up() adds
 * an event for each, before any later event. */
static u64 walker_served;

static void catch_up(void)
{
    for (; walker_served < machine->mmu.served[SERVED_PWC]; walker_served++)
        list_add(missed, ref_event(REF_PTE_READ, REF_WALKER, 0));
}

static void fast_event(u64 event)
{
    catch_up();
    list_add(missed, event);
}

static unsigned where_is(enum served where)
{
    switch (where) {
    case SERVED_L1:
        return REF_L1;
    case SERVED_L2:
        return REF_L2;
    default:
        return REF_DRAM;
    }
}

void __real_cache_init(struct cache *c, const struct cache_config *config,
                       u64 *present, u64 *dirty);
void __wrap_cache_init(struct cache *c, const struct cache_config *config,
                       u64 *present, u64 *dirty)
{
    caches[ncaches++ % 3] = c;
    __real_cache_init(c, config, present, dirty);
}

u32 __real_memtime_access(struct memtime *t, enum mem_kind kind, u64 pa,
                          u64 now, enum served *where, u32 *dram);
u32 __wrap_memtime_access(struct memtime *t, enum mem_kind kind, u64 pa,
                          u64 now, enum served *where, u32 *dram)
{
    u32 cycles = __real_memtime_access(t, kind, pa, now, where, dram);

    if (!missed)
        return cycles;
    if (kind == MEM_FETCH && *where != SERVED_L1)
        fast_event(ref_event(REF_FETCH_MISS, where_is(*where), pa / 64 * 64));
    if (kind == MEM_WALK)
        fast_event(ref_event(REF_PTE_READ, where_is(*where), pa));
    if (kind == MEM_WALK_UPDATE)
        fast_event(ref_event(REF_PTE_UPDATE, where_is(*where), pa));
    return cycles;
}

/* Records a miss if L1D has missed since the counts were taken. */
static void data_event(u64 line, u64 misses, u64 below)
{
    if (missed && caches[1]->stats.misses != misses) {
        bool memory = !caches[2]->sets || caches[2]->stats.misses != below;
        fast_event(ref_event(REF_DATA_MISS, memory ? REF_DRAM : REF_L2,
                             RP_BASE + line * 64));
    }
}

struct memtime_cost __real_memtime_data(struct memtime *t, u64 line, bool write,
                                        u64 now);
struct memtime_cost __wrap_memtime_data(struct memtime *t, u64 line, bool write,
                                        u64 now)
{
    u64 misses = caches[1]->stats.misses, below = caches[2]->stats.misses;
    struct memtime_cost c = __real_memtime_data(t, line, write, now);

    data_event(line, misses, below);
    return c;
}

struct memtime_cost __real_memtime_store(struct memtime *t, u64 line, u64 now);
struct memtime_cost __wrap_memtime_store(struct memtime *t, u64 line, u64 now)
{
    u64 misses = caches[1]->stats.misses, below = caches[2]->stats.misses;
    struct memtime_cost c = __real_memtime_store(t, line, now);

    data_event(line, misses, below);
    return c;
}

struct tlb_entry *__real_tlb_fill(struct tlb *t, const struct tlb_entry *e,
                                  u64 va, struct tlb_listener l);
struct tlb_entry *__wrap_tlb_fill(struct tlb *t, const struct tlb_entry *e,
                                  u64 va, struct tlb_listener l)
{
    const struct mmu *m = &machine->mmu;

    if (missed && t->entries)
        fast_event(ref_event(t == &m->itlb   ? REF_FILL_ITLB
                             : t == &m->dtlb ? REF_FILL_DTLB
                                             : REF_FILL_L2TLB,
                             0, (va >> 12 & 0x7ffffff) << 12));
    return __real_tlb_fill(t, e, va, l);
}

/* ---- the stepped run: requests ---- */

static struct ref_context context(bool fetch)
{
    const struct hart *h = &machine->hart;
    unsigned priv = h->priv;

    if (!fetch && priv == PRV_M && h->mstatus >> 17 & 1) /* MPRV */
        priv = h->mstatus >> 11 & 3;
    return (struct ref_context){
        .translated = h->satp >> 60 == 8 && priv != PRV_M,
        .root = (h->satp & 0xfffffffffff) << 12,
        .asid = machine->mmu.asids ? h->satp >> 44 & 0xffff : 0,
        .user = priv == PRV_U,
        .sum = h->mstatus >> 18 & 1,
        .mxr = h->mstatus >> 19 & 1,
        .sets_ad = hart_hw_ad(h),
        .napot = hart_has(h, EXT_SVNAPOT),
        .pbmt = hart_pbmt(h)};
}

enum fetch __real_fetch_begin(struct engine *e, u64 pc, struct fetched *f);
enum fetch __wrap_fetch_begin(struct engine *e, u64 pc, struct fetched *f)
{
    if (ref) {
        struct ref_context c = context(true);
        uint64_t pa;
        ref_fetch(ref, &c, pc, &pa);
    }
    return __real_fetch_begin(e, pc, f);
}

/* If an instruction's second half is in another line, the model fetches it. */
enum fetch __real_fetch_rest(struct engine *e, u64 pc, struct fetched *f);
enum fetch __wrap_fetch_rest(struct engine *e, u64 pc, struct fetched *f)
{
    if (ref && f->in_ram && (ref->ram[f->pa - ref->ram_base] & 3) == 3) {
        struct ref_context c = context(true);
        uint64_t pa = f->pa + 2;
        if (pc / 64 != (pc + 2) / 64)
            ref_fetch(ref, &c, pc + 2, &pa);
    }
    return __real_fetch_rest(e, pc, f);
}

void __real_hart_trap(struct hart *h, u64 cause, u64 tval);
void __wrap_hart_trap(struct hart *h, u64 cause, u64 tval)
{
    if (ref)
        ref_transfer(ref);
    __real_hart_trap(h, cause, tval);
}

/* True if an instruction may transfer control or changes how the next one is
 * fetched: branches, jumps, SYSTEM, fences but pause. Manual volume I,
 * chapter 24. */
static bool transfers(u32 raw)
{
    unsigned op = raw & 0x7f, f3 = raw >> 13 & 7;

    if ((raw & 3) == 3)
        return op == 0x63 || op == 0x67 || op == 0x6f || op == 0x73 ||
               (op == 0x0f && (raw >> 12 & 7) <= 1 && raw != 0x0100000f);
    if ((raw & 3) == 1)
        return f3 >= 5; /* c.j, c.beqz, c.bnez */
    /* c.jr, c.jalr, c.ebreak */
    return (raw & 3) == 2 && f3 == 4 && !(raw >> 2 & 31);
}

static void retired(UNUSED void *opaque, const struct engine_commit *c)
{
    if (ref && transfers(c->raw))
        ref_transfer(ref);
}

void __real_mmu_sfence(struct mmu *m, bool has_va, u64 va, bool has_asid,
                       u16 asid);
void __wrap_mmu_sfence(struct mmu *m, bool has_va, u64 va, bool has_asid,
                       u16 asid)
{
    if (ref)
        ref_fence(ref, has_va, va, has_asid, asid);
    __real_mmu_sfence(m, has_va, va, has_asid, asid);
}

void __real_memtime_dma(struct memtime *t, u64 pa, u64 bytes, bool write);
void __wrap_memtime_dma(struct memtime *t, u64 pa, u64 bytes, bool write)
{
    if (ref && write)
        ref_dma_write(ref, pa, bytes);
    __real_memtime_dma(t, pa, bytes, write);
}

/* The model translates first, while RAM is as the walker will see it; then the
 * machine tries the access; if it is done, the model's caches see its lines. */
struct asked {
    struct ref_data d;
    bool translated;
};

static struct asked ask(u64 va, unsigned n, enum ref_access access)
{
    struct asked a = {.translated = false};

    if (ref) {
        struct ref_context c = context(false);
        a.translated = ref_locate(ref, &c, va, n, access, &a.d);
    }
    return a;
}

static enum outcome done(const struct asked *a, enum outcome s, bool performed,
                         bool store)
{
    if (!ref)
        return s;
    /* The model knows no traps by PMP or at addresses without a device. */
    if (a->translated && s != TRAPPED)
        ref_retired(ref, &a->d);
    if (a->translated && s != TRAPPED && performed)
        ref_touch(ref, &a->d, store);
    if (!a->translated && ref->mistake == REF_RIGHT)
        assert_int_equal(s, TRAPPED);
    return s;
}

#define WRAP(name, args, call, n, access, performed, store)                    \
    enum outcome __real_##name args;                                           \
    enum outcome __wrap_##name args                                            \
    {                                                                          \
        struct asked a = ask(va, n, access);                                   \
        return done(&a, __real_##name call, performed, store);                 \
    }

WRAP(data_load_cycle, (struct engine * e, u64 va, unsigned n, u64 *v),
     (e, va, n, v), n, REF_LOAD, true, false)
WRAP(data_store_cycle, (struct engine * e, u64 va, unsigned n, u64 v),
     (e, va, n, v), n, REF_STORE, true, true)

/* A misaligned atomic traps before anything else: the model is not asked. */
#define WRAP_ATOMIC(name, args, call, access, performed, store)                \
    enum outcome __real_##name args;                                           \
    enum outcome __wrap_##name args                                            \
    {                                                                          \
        struct asked a = {.translated = true};                                 \
        if (!(va & (n - 1)))                                                   \
            a = ask(va, n, access);                                            \
        enum outcome s = __real_##name call;                                   \
        return done(&a, s, performed, store);                                  \
    }
WRAP_ATOMIC(data_lr, (struct engine * e, u64 va, unsigned n, u64 *v),
            (e, va, n, v), REF_LOAD, true, false)
WRAP_ATOMIC(data_sc,
            (struct engine * e, u64 va, unsigned n, u64 v, u64 *failed),
            (e, va, n, v, failed), REF_STORE, !*failed, true)
WRAP_ATOMIC(data_amo, (struct engine * e, u64 va, unsigned n, void **p),
            (e, va, n, p), REF_STORE, true, true)

enum outcome __real_data_cbo(struct engine *e, u64 va, enum cbo op);
enum outcome __wrap_data_cbo(struct engine *e, u64 va, enum cbo op)
{
    assert_null(ref); /* these programs have no cbo */
    return __real_data_cbo(e, va, op);
}

/* ---- comparing ---- */

static void listen(struct refmodel *r, const struct machine *m,
                   enum ref_mistake mistake, struct list *l)
{
    memset(r, 0, sizeof(*r));
    shape_cache(&r->l1i, &m->cpu->l1i);
    shape_cache(&r->l1d, &m->cpu->l1d);
    shape_cache(&r->l2, &m->cpu->l2);
    shape_tlb(&r->itlb, m->mmu.itlb.entries, m->mmu.itlb.ways);
    shape_tlb(&r->dtlb, m->mmu.dtlb.entries, m->mmu.dtlb.ways);
    shape_tlb(&r->l2tlb, m->mmu.l2tlb.entries, m->mmu.l2tlb.ways);
    r->asids = m->mmu.asids;
    r->mistake = mistake;
    r->ram = m->ram;
    r->ram_base = RP_BASE;
    r->ram_bytes = m->ram_bytes;
    r->report = list_add;
    r->opaque = l;
    ref_transfer(r);
}

/* Returns the first event in which the lists differ; ~0: none. */
static size_t first_difference(const struct list *a, const struct list *b)
{
    size_t n = a->n < b->n ? a->n : b->n;

    for (size_t i = 0; i < n; i++)
        if (a->e[i] != b->e[i])
            return i;
    return a->n == b->n ? ~(size_t)0 : n;
}

/* ---- three runs of one machine ---- */

struct guest {
    struct config config;
    void (*prepare)(struct machine *m, u64 seed);
    u64 seed;
    u64 cycles;
    u64 dma_each; /* cycles between DMA writes; 0: only the guest's DMA */
};

static int read_nothing(UNUSED void *opaque)
{
    return -1;
}
static void hear(UNUSED void *opaque, UNUSED u8 byte)
{
}

static struct machine *power_on(const struct guest *g)
{
    struct host_io io = {.console_out = hear, .pipe_in = read_nothing};

    ncaches = 0;
    machine = machine_new(&g->config, &io);
    assert_int_equal(ncaches, 3);
    if (g->prepare)
        g->prepare(machine, g->seed);
    return machine;
}

/* Acts as a device that writes the bytes that are there already: only the
 * caches notice. */
static void some_dma(struct machine *m, u64 *rng)
{
    u64 pa = rand_step(rng) & 1 ? RP_DATA + rand_step(rng) % 0x100000
                                : RP_CODE + rand_step(rng) % 0x40000;

    memtime_dma(&m->mem, pa, 1 + rand_step(rng) % 10000, true);
}

/* Runs to the last cycle, or until the guest waits for keys. */
static void run(struct machine *m, const struct guest *g)
{
    enum machine_stop s = MS_DEADLINE;
    u64 rng = 1;

    for (u64 to = 0; to < g->cycles && s == MS_DEADLINE;) {
        to = g->dma_each ? to + g->dma_each : g->cycles;
        s = machine_run(m, to);
        if (g->dma_each)
            some_dma(m, &rng);
    }
    assert_true(s == MS_DEADLINE || s == MS_HUNG);
}

/* True if `some` is `all` without some misses that the quick paths may handle.
 * Counts these: in *lines the lines from the L2, in *pages the fills of D-TLB
 * and L2 TLB and the walker's reads of L1D. */
static bool only_quick_missing(const struct list *some, const struct list *all,
                               u64 *lines, u64 *pages)
{
    const u64 line = ref_event(REF_DATA_MISS, REF_L2, 0) >> 56;
    const u64 page[] = {ref_event(REF_FILL_DTLB, 0, 0) >> 56,
                        ref_event(REF_FILL_L2TLB, 0, 0) >> 56,
                        ref_event(REF_PTE_READ, REF_L1, 0) >> 56};
    size_t at = 0;

    *lines = *pages = 0;
    for (size_t i = 0; i < all->n; i++) {
        u64 kind = all->e[i] >> 56;
        if (at < some->n && some->e[at] == all->e[i])
            at++;
        else if (kind == line)
            ++*lines;
        else if (kind == page[0] || kind == page[1] || kind == page[2])
            ++*pages;
        else
            return false;
    }
    return at == some->n;
}

static const u64 forever = ~0ull;

/* Makes a fast run, which records its misses; returns its instructions. */
static u64 fast_run(const struct guest *g, bool quickly, struct list *events,
                    char *hash)
{
    struct machine *m = power_on(g);
    u64 instructions;

    if (!quickly) {
        m->engine->quick.busy_until = &forever; /* every miss must wait */
        m->mmu.quick = 0;
    }
    missed = events;
    walker_served = 0;
    run(m, g);
    catch_up();
    missed = NULL;
    machine_hash(m, hash);
    instructions = m->hart.instret;
    machine_free(m);
    return instructions;
}

struct verdict {
    size_t at; /* the first event in which the last two lists differ, or ~0 */
    u64 events, instructions;
    u64 lines, pages; /* events that the first list lacks */
    unsigned wrong;   /* places of the final state that differ */
};

static struct refmodel model;

static struct verdict compare(const struct guest *g, enum ref_mistake mistake,
                              bool say)
{
    struct list quick = {0}, fast = {0}, asked = {0};
    struct verdict v;
    char hash[33], slow[33], stepped[33];

    v.instructions = fast_run(g, true, &quick, hash);
    fast_run(g, false, &fast, slow);
    assert_string_equal(hash, slow);
    assert_true(only_quick_missing(&quick, &fast, &v.lines, &v.pages));
    free(quick.e);

    struct machine *m = power_on(g);
    listen(&model, m, mistake, &asked);
    engine_on_commit(m->engine, retired, NULL);
    ref = &model;
    run(m, g);
    ref = NULL;
    machine_hash(m, stepped);
    assert_string_equal(hash, stepped); /* so the runs are alike */

    v.events = fast.n;
    v.at = first_difference(&fast, &asked);
    v.wrong = state_differs(m, caches, &model, say);
    machine_free(m);
    if (say && v.at != ~(size_t)0)
        print_error("event %zu of %zu and %zu: ours %llx, the model's %llx\n",
                    v.at, fast.n, asked.n, v.at < fast.n ? fast.e[v.at] : 0,
                    v.at < asked.n ? asked.e[v.at] : 0);
    free(fast.e);
    free(asked.e);
    return v;
}

static void agrees(const char *name, const struct guest *g)
{
    struct verdict v = compare(g, REF_RIGHT, true);

    print_message("# %s: %llu instructions, %llu events, quick: %llu lines, "
                  "%llu pages\n",
                  name, v.instructions, v.events, v.lines, v.pages);
    assert_int_equal(v.at, ~(size_t)0);
    assert_int_equal(v.wrong, 0);
    assert_true(v.events > 1000);
    /* caches with random replacement are never quick */
    assert_true(v.lines > 0 || !strcmp(g->config.cpu, "rocket"));
    assert_true(v.pages > 0 || g->config.tlb2_ways != 1 ||
                g->config.tlb_ways != g->config.tlb_entries);
}

/* ---- random programs ---- */

static char elf[] = "/tmp/clockhand-reference-XXXXXX";

/* Makes an ELF file without a program; random_program puts one into RAM. */
static void make_elf(void)
{
    u8 f[128] = {0x7f, 'E', 'L', 'F', 2, 1, 1};
    int fd = mkstemp(elf);

    put_le(f + 16, 2, 2);   /* ET_EXEC */
    put_le(f + 18, 243, 2); /* EM_RISCV */
    put_le(f + 20, 1, 4);
    put_le(f + 24, RP_BASE, 8);
    put_le(f + 32, 64, 8);
    put_le(f + 52, 64, 2);
    put_le(f + 54, 56, 2);
    put_le(f + 56, 1, 2);
    put_le(f + 64, 1, 4); /* PT_LOAD */
    put_le(f + 68, 7, 4);
    put_le(f + 72, 120, 8);
    put_le(f + 80, RP_BASE, 8);
    put_le(f + 88, RP_BASE, 8);
    put_le(f + 96, 8, 8);
    put_le(f + 104, 8, 8);
    put_le(f + 112, 8, 8);
    assert_true(fd >= 0 && write(fd, f, sizeof f) == sizeof f);
    close(fd);
}

static void random_program(struct machine *m, u64 seed)
{
    rp_make(m->ram, seed, seed & 1, seed & 2);
    engine_ram_written(m->engine, RP_BASE, m->ram_bytes);
}

static struct guest random_guest(u64 seed, const char *cpu)
{
    return (struct guest){.config = {.elf = elf,
                                     .ram_bytes = RP_BYTES,
                                     .cpu = cpu,
                                     .isa = seed & 2 ? "rv64gc_svpbmt" : NULL,
                                     .dram = "ddr4-2400r",
                                     .disk_model = "cheetah9lp",
                                     .timing = TIMING_CYCLE,
                                     .heat = 1,
                                     .asid = true,
                                     .hw_ad = true,
                                     .seed = 1},
                          .prepare = random_program,
                          .seed = seed,
                          .cycles = 1000000,
                          .dma_each = 7000};
}

TEST(random_programs)
{
    static const char *const cpu[] = {"u54", "rocket", "u74"};
    static const struct {
        u32 entries, ways, entries2, ways2;
    } tlb[] = {{0, 0, 0, 0},  {16, 4, 64, 4}, {8, 2, 0, 0}, {32, 8, 128, 8},
               {4, 4, 16, 2}, {24, 2, 96, 1}, {4, 4, 64, 1}};
    for (u64 seed = 0; seed < 21; seed++) {
        struct guest g = random_guest(seed, cpu[seed % 3]);
        unsigned k = (unsigned)(seed / 3);
        char name[80];
        g.config.tlb_entries = tlb[k].entries;
        g.config.tlb_ways = tlb[k].ways;
        g.config.tlb2_entries = tlb[k].entries2;
        g.config.tlb2_ways = tlb[k].ways2;
        g.config.tlb2_given = tlb[k].entries != 0;
        g.config.asid = seed != 4;
        snprintf(name, sizeof name, "%s, TLBs %u/%u and %u/%u", cpu[seed % 3],
                 tlb[k].entries, tlb[k].ways, tlb[k].entries2, tlb[k].ways2);
        agrees(name, &g);
    }
}

TEST(mistakes_are_noticed)
{
    for (unsigned k = REF_RIGHT + 1; k < REF_MISTAKES; k++) {
        struct guest g = random_guest(3, k == REF_LOT_KEPT ? "rocket" : "u54");
        g.config.tlb_entries = 16;
        g.config.tlb_ways = 4;
        struct verdict v = compare(&g, (enum ref_mistake)k, false);
        if (v.at == ~(size_t)0 && !v.wrong)
            print_error("mistake %u is not noticed\n", k);
        assert_true(v.at != ~(size_t)0 || v.wrong);
    }
}

/* ---- a guest ---- */

static char kernel[4096], root[4096];

/* Types ahead commands that use files, processes and enough memory to fault. */
static void at_the_prompt(struct machine *m, UNUSED u64 seed)
{
    const char *keys =
        getenv("SOAK") ? "ls -l /bin\nps\nforktree\n" : "ls /dev\nps\n";

    machine_input(m, keys, strlen(keys));
}

/* Runs the guest that is built beside the tests, its boot and the commands,
 * until it waits for keys; skips if it is not built. */
static void guest_boot(const char *cpu)
{
    struct guest g = {.prepare = at_the_prompt, .cycles = 2000000000};

    if (!program_data_file("../../guest/kernel.elf", kernel) ||
        !program_data_file("../../guest/root.img", root))
        skip();
    config_defaults(&g.config);
    g.config.kernel = kernel;
    g.config.drives[0] = (struct config_drive){.file = root, .overlay = true};
    g.config.ndrives = 1;
    g.config.boots_guest = true;
    g.config.cpu = cpu;
    g.config.timing = TIMING_CYCLE;
    agrees(cpu, &g);
}

TEST(guest_boot_u54)
{
    if (!getenv("SOAK"))
        skip();
    guest_boot("u54");
}

TEST(guest_boot_u74)
{
    guest_boot("u74");
}

BEFORE_ALL
{
    make_elf();
}

AFTER_ALL
{
    unlink(elf);
}
