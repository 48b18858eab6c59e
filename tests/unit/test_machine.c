/* SPDX-License-Identifier: MIT */
// rooms: base isa hart mmu time engine dev boot history machine linux xv6 dwarf
/* The whole machine runs a bare program: its hash is the same however the run
 * is cut, saved or loaded; refusals say why; damaged saves do no harm. */
#include "unit.h"

#include "machine/parts.h"

static char dir[] = "/tmp/clockhand-machine-XXXXXX";
static char elf[64], disk[64], save[64];

static int read_nothing(UNUSED void *opaque)
{
    return -1;
}
static u64 heard;
static void hear(UNUSED void *opaque, u8 byte)
{
    heard = heard * 31 + byte;
}

static struct machine *power_on(enum timing t, u64 ram)
{
    static struct config c;
    struct host_io io = {.console_out = hear, .pipe_in = read_nothing};
    c = (struct config){
        .elf = elf,
        .ram_bytes = ram,
        .cpu = "u54",
        .dram = "ddr4-2400r",
        .disk_model = "cheetah9lp",
        .timing = t,
        .asid = true,
        .hw_ad = true,
        .seed = 1,
        .drives = {{.file = disk, .overlay = true, .cut = true, .nfaults = 1},
                   {.memory_bytes = 1 << 20}},
        .ndrives = 2,
    };
    return machine_new(&c, &io);
}

static void expect_off(struct machine *m, enum machine_stop s)
{
    assert_int_equal(s, MS_OFF);
    assert_int_equal(m->exit_status, 0);
}

static void whole(enum timing t, char hash[33])
{
    struct machine *m = power_on(t, 16 << 20);
    expect_off(m, machine_run(m, NEVER));
    machine_hash(m, hash);
    machine_free(m);
}

/* Runs in pieces of random kinds and sizes, with hashes in between, and saves
 * and loads into a fresh machine now and then; returns the final hash. */
static void cut_up(enum timing t, u64 seed, char hash[33])
{
    struct machine *m = power_on(t, 16 << 20);
    enum machine_stop s = MS_DEADLINE;
    char err[200], looked[33];
    while (s != MS_OFF) {
        u64 n = rand_step(&seed) % 50000;
        switch (rand_step(&seed) % 8) {
        case 0:
            s = machine_step(m, n % 300);
            break;
        case 1:
            machine_hash(m, looked);
            break;
        case 2:
            assert_true(machine_save(m, save, err, sizeof(err)));
            machine_hash(m, looked);
            machine_free(m);
            m = power_on(t, 16 << 20);
            assert_true(machine_load(m, save, err, sizeof(err)));
            machine_hash(m, hash);
            assert_string_equal(hash, looked);
            break;
        default:
            s = machine_run(m, m->hart.cycle + n);
        }
    }
    expect_off(m, s);
    machine_hash(m, hash);
    machine_free(m);
}

TEST(one_hash)
{
    for (enum timing t = TIMING_FAST; t <= TIMING_CYCLE; t++) {
        char want[33], got[33];
        whole(t, want);
        for (u64 seed = 1; seed <= 6; seed++) {
            cut_up(t, seed, got);
            assert_string_equal(got, want);
        }
    }
}

/* A load refused for its file or configuration says why and changes nothing. */
TEST(other_machine)
{
    char err[200], before[33], after[33];
    struct machine *m = power_on(TIMING_FAST, 16 << 20);
    machine_run(m, 10000);
    assert_true(machine_save(m, save, err, sizeof(err)));
    machine_free(m);
    m = power_on(TIMING_FAST, 8 << 20);
    machine_run(m, 5000);
    machine_hash(m, before);
    assert_false(machine_load(m, save, err, sizeof(err)));
    assert_non_null(strstr(err, "saved with RAM bytes 16777216"));
    assert_false(machine_load(m, "/nowhere/x", err, sizeof(err)));
    assert_non_null(strstr(err, "No such file"));
    assert_false(machine_load(m, elf, err, sizeof(err)));
    assert_non_null(strstr(err, "not a saved machine"));
    assert_false(machine_save(m, "/nowhere/x", err, sizeof(err)));
    machine_hash(m, after);
    assert_string_equal(before, after);
    machine_free(m);
}

static u8 *contents(const char *file, size_t *n)
{
    FILE *f = fopen(file, "rb");
    assert_non_null(f);
    fseek(f, 0, SEEK_END);
    *n = (size_t)ftell(f);
    rewind(f);
    u8 *p = xcalloc(1, *n);
    assert_int_equal(fread(p, 1, *n, f), *n);
    fclose(f);
    return p;
}

static void put_file(const char *file, const u8 *p, size_t n)
{
    FILE *f = fopen(file, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(p, 1, n, f), n);
    fclose(f);
}

/* Returns the offset in a saved machine at which the part `tag` begins. */
static size_t place_of(const u8 *file, size_t n, const char *tag)
{
    char name[16] = {0};
    strncpy(name, tag, sizeof name - 1);
    const u8 *at = memmem(file, n, name, sizeof name);
    assert_non_null(at);
    return (size_t)(at - file);
}

/* Truncated saves are refused, even with a forged checksum; damaged saves with
 * a forged checksum are refused or run, but do the host no harm. */
TEST(damaged)
{
    char err[200];
    u64 rng = 5;
    size_t n;
    struct machine *m = power_on(TIMING_CYCLE, 1 << 20);
    machine_run(m, 400000);
    struct write_cache *cache = &m->parts->virtio[0].cache;
    write_cache_add(cache, m->parts->backing, 0, 8, false);
    assert_true(machine_save(m, save, err, sizeof(err)));
    u8 *good = contents(save, &n), *bad = xcalloc(1, n);
    for (int i = 0; i < 60; i++) {
        size_t left = rand_step(&rng) % n;
        memcpy(bad, good, n);
        if (i & 1)
            state_seal(bad, left);
        put_file(save, bad, left);
        assert_false(machine_load(m, save, err, sizeof(err)));
        assert_true(*err);
    }
    for (int i = 0; i < 250; i++) {
        memcpy(bad, good, n);
        /* Mostly damage what precedes RAM: registers, counts, indexes. */
        size_t at = i % 4 ? 0 : place_of(good, n, "write cache") + 16;
        size_t span = i & 1 ? 24000 : i & 2 ? n : 48;
        for (u64 k = rand_step(&rng) % 8; k-- > 0;)
            bad[at + rand_step(&rng) % span] = (u8)rand_step(&rng);
        state_seal(bad, n);
        put_file(save, bad, n);
        machine_load(m, save, err, sizeof(err));
        assert_true(cache->end - cache->durable <= cache->slots);
        machine_run(m, m->hart.cycle + 3000);
    }
    bad = xrealloc(bad, n + 1);
    memcpy(bad, good, n);
    bad[n] = 0; /* one byte longer than a save */
    state_seal(bad, n + 1);
    put_file(save, bad, n + 1);
    assert_false(machine_load(m, save, err, sizeof(err)));
    put_file(save, good, n);
    assert_true(machine_load(m, save, err, sizeof(err)));
    free(good);
    free(bad);
    machine_free(m);
}

TEST(one_flipped_bit_is_refused)
{
    char err[200], before[33], after[33];
    size_t n;
    struct machine *m = power_on(TIMING_FAST, 1 << 20);
    machine_run(m, 10000);
    assert_true(machine_save(m, save, err, sizeof(err)));
    machine_run(m, 20000);
    machine_hash(m, before);
    u8 *p = contents(save, &n);
    for (size_t i = 0; i < n; i += i < 64 || i > n - 64 ? 1 : n / 200) {
        p[i] ^= (u8)(1 << i % 8);
        put_file(save, p, n);
        assert_false(machine_load(m, save, err, sizeof(err)));
        assert_true(*err);
        p[i] ^= (u8)(1 << i % 8);
    }
    machine_hash(m, after);
    assert_string_equal(before, after);
    put_file(save, p, n);
    assert_true(machine_load(m, save, err, sizeof(err)));
    free(p);
    machine_free(m);
}

/* Loads a memory of two pages from a save with these tags (page + 1; 0: end).
 * True if accepted. The third page, after the memory, must not change. */
static bool pages_load(u8 memory[3 * PAGE_BYTES], const u64 *tags)
{
    static u8 page[PAGE_BYTES];
    struct state *s = state_saver(save);
    u64 size = 2, tag;
    memset(page, 7, sizeof page);
    memset(memory, 5, 3 * PAGE_BYTES);
    state_val(s, size);
    do {
        tag = *tags++;
        state_val(s, tag);
        if (tag)
            state_bytes(s, page, sizeof page);
    } while (tag);
    assert_true(state_save_finish(s));
    s = state_loader(save);
    state_pages(s, memory, 2 * PAGE_BYTES);
    bool ok = state_load_finish(s);
    assert_int_equal(memory[2 * PAGE_BYTES], 5);
    return ok;
}

/* Saved pages must lie within their memory, in order. Pages that the save lacks
 * become zeros. */
TEST(pages_of_a_memory)
{
    static u8 memory[3 * PAGE_BYTES];
    assert_true(pages_load(memory, (u64[]){2, 0}));
    assert_int_equal(memory[0], 0);
    assert_int_equal(memory[PAGE_BYTES - 1], 0);
    assert_int_equal(memory[PAGE_BYTES], 7);
    assert_true(pages_load(memory, (u64[]){1, 2, 0}));
    assert_false(pages_load(memory, (u64[]){2, 1, 0}));
    assert_false(pages_load(memory, (u64[]){1, 1, 0}));
    assert_false(pages_load(memory, (u64[]){3, 0}));
}

TEST(limits)
{
    struct machine *m = power_on(TIMING_CYCLE, 16 << 20);
    struct config c = *m->config;
    m->config = &c;
    for (u64 n = 1; n < 40000; n += 3331) {
        c.max_instructions = n;
        assert_int_equal(machine_run(m, NEVER), MS_LIMIT);
        assert_int_equal(m->hart.instret, n);
    }
    c.max_instructions = 0;
    c.max_cycles = m->hart.cycle + 1000;
    assert_int_equal(machine_run(m, NEVER), MS_LIMIT);
    assert_true(m->hart.cycle >= c.max_cycles);
    c.max_cycles = 0;
    expect_off(m, machine_run(m, NEVER));
    machine_free(m);
}

static void count_sample(void *opaque, bool slept)
{
    ++((unsigned *)opaque)[slept];
}

/* A sampler counts cycles in which the hart was awake, not idle ones. */
TEST(an_idle_machine_is_not_sampled)
{
    unsigned n[2] = {0, 0};
    struct machine *m = power_on(TIMING_CYCLE, 16 << 20);
    machine_on_sample(m, 1000, 1000, count_sample, n);
    machine_idle(m, 100500);
    machine_run(m, m->hart.cycle + 10);
    assert_true(n[1] == 1 && !n[0]);
    machine_free(m);
}

/* After a reset by the finisher, everything but time begins again. */
TEST(reset)
{
    struct machine *m = power_on(TIMING_CYCLE, 16 << 20);
    machine_run(m, 100000);
    u64 then = m->hart.cycle, word = 0x55;
    machine_poke(m, RAM_BASE + (8 << 20), &word, 8);
    assert_true(bus_write(&m->parts->bus, 0x100000, 4, 0x7777));
    machine_step(m, 1);
    assert_int_equal(m->hart.pc, m->parts->booted.pc + 4);
    assert_true(m->hart.cycle > then && m->hart.cycle < then + 2000);
    machine_peek(m, RAM_BASE + (8 << 20), &word, 8);
    assert_int_equal(word, 0);
    expect_off(m, machine_run(m, NEVER));
    machine_free(m);
}

TEST(memory_access)
{
    struct machine *m = power_on(TIMING_FAST, 1 << 20);
    u64 v = 0x1122334455667788, w = 0;
    assert_true(machine_poke(m, RAM_BASE + (1 << 20) - 8, &v, 8));
    assert_true(machine_peek(m, RAM_BASE + (1 << 20) - 8, &w, 8));
    assert_true(v == w);
    assert_false(machine_poke(m, RAM_BASE + (1 << 20) - 7, &v, 8));
    assert_false(machine_peek(m, RAM_BASE - 1, &w, 1));
    assert_false(machine_peek(m, ~0ull, &w, 8));
    assert_false(machine_peek(m, 0x10000000, &w, 8)); /* no device is read */
    machine_free(m);
}

/* Random bus accesses of every width to all devices do no harm. */
TEST(everywhere)
{
    struct machine *m = power_on(TIMING_FAST, 1 << 20);
    u64 rng = 77;
    for (int i = 0; i < 300000; i++) {
        static const u64 bases[] = {0,          0x1000,     0x100000,
                                    0x101000,   0x2000000,  0xc000000,
                                    0x10000000, 0x10001000, 0x10200000};
        u64 base = bases[rand_step(&rng) % ARRAY_LEN(bases)];
        u64 pa =
            base + rand_step(&rng) % (base == 0xc000000 ? 0x610000 : 0x11000);
        unsigned bytes = 1u << rand_step(&rng) % 4;
        u64 v = rand_step(&rng) & rand_step(&rng) & rand_step(&rng);
        if (rand_step(&rng) & 1)
            bus_write(&m->parts->bus, pa, bytes, v);
        else
            bus_read(&m->parts->bus, pa, bytes, &v);
        m->off = false;
        if (i % 5000 == 0)
            machine_run(m, m->hart.cycle + 1000);
    }
    machine_free(m);
}

static void make_files(void)
{
    char command[600];
    snprintf(elf, sizeof(elf), "%s/mixed.elf", dir);
    snprintf(disk, sizeof(disk), "%s/disk", dir);
    snprintf(save, sizeof(save), "%s/save", dir);
    unit_compile("tests/machine/mixed.c", elf);
    snprintf(command, sizeof command, "head -c 65536 /dev/zero > %s", disk);
    assert_int_equal(system(command), 0);
}

/* An engine's saved flag other than 0 and 1 is refused: to read it as a bool
 * would be undefined behaviour (SAN=1 reports that; found by fuzzing). */
TEST(flags_are_0_or_1)
{
    char err[200];
    struct machine *m = power_on(TIMING_FAST, 16 << 20);
    machine_run(m, 1000);
    assert_true(machine_save(m, save, err, sizeof err));
    size_t n;
    u8 *file = contents(save, &n);
    size_t at = place_of(file, n, "engine") + 16;
    file[at] = 255; /* the engine's timing */
    state_seal(file, n);
    put_file(save, file, n);
    assert_false(machine_load(m, save, err, sizeof err));
    assert_string_equal(err, "a value that is neither true nor false");
    for (size_t i = 1; i < 200; i++) { /* `fetched` and `half` are here */
        file[at + i - 1] = 0;
        file[at + i] = 255;
        state_seal(file, n);
        put_file(save, file, n);
        machine_load(m, save, err, sizeof err);
        machine_run(m, m->hart.cycle + 100);
    }
    free(file);
    machine_free(m);
}

/* A save whose finished walk has no TLB entry is refused. A refused load leaves
 * nothing of the save in RAM, even if the machine is at cycle 0. */
TEST(a_refused_load_leaves_nothing)
{
    char err[200];
    u64 word = 77;
    size_t n;
    struct machine *m = power_on(TIMING_FAST, 16 << 20);
    assert_true(machine_poke(m, RAM_BASE + (8 << 20), &word, 8));
    assert_true(machine_save(m, save, err, sizeof err));
    u8 *file = contents(save, &n);
    file[place_of(file, n, "past")] = 0;
    state_seal(file, n);
    m->mmu.walk.phase = WALK_FILLED;
    m->mmu.walk.va = 0x1000;
    assert_true(machine_save(m, save, err, sizeof err));
    machine_free(m);
    m = power_on(TIMING_FAST, 16 << 20);
    assert_false(machine_load(m, save, err, sizeof err));
    assert_string_equal(err, "a walk whose page is in no TLB");
    put_file(save, file, n);
    assert_false(machine_load(m, save, err, sizeof err));
    assert_int_equal(m->hart.cycle, 0);
    assert_true(machine_peek(m, RAM_BASE + (8 << 20), &word, 8));
    assert_int_equal(word, 0);
    free(file);
    machine_free(m);
}

/* Every event slot is served and then rescheduled: in a saved machine any slot
 * may be due (found by fuzzing). */
TEST(every_event_is_served)
{
    struct machine *m = power_on(TIMING_FAST, 16 << 20);
    machine_run(m, 1000);
    for (int i = 0; i < EV_COUNT; i++)
        m->events.at[i] = m->hart.cycle;
    machine_run(m, 1100);
    assert_true(m->hart.cycle >= 1100);
    for (int i = 0; i < EV_COUNT; i++)
        assert_true(m->events.at[i] > 1000);
    machine_free(m);
}

/* A save between lr and sc keeps the reservation, so that the sc does the same
 * in the loaded machine. The test saves before each instruction of a loop. */
TEST(reservation_is_loaded)
{
    static const u32 loop[] = {
        0x100532af, /* lr.d t0, (a0) */
        0x00128293, /* addi t0, t0, 1 */
        0x1855332f, /* sc.d t1, t0, (a0) */
        0x006383b3, /* add t2, t2, t1 */
        0xff1ff06f, /* j to the lr */
    };
    const u64 at = RAM_BASE + (8 << 20);
    char err[200], want[33], got[33];
    for (enum timing t = TIMING_FAST; t <= TIMING_CYCLE; t++) {
        struct machine *m = power_on(t, 16 << 20), *other;
        assert_true(machine_poke(m, at, loop, sizeof(loop)));
        assert_true(machine_set_register(m, 10, at + 4096));
        assert_true(machine_set_register(m, MACHINE_PC, at));
        unsigned held = 0;
        for (unsigned i = 0; i < 15; i++) {
            held += m->hart.reservation != ~0ull;
            assert_true(machine_save(m, save, err, sizeof(err)));
            other = power_on(t, 16 << 20);
            assert_true(machine_load(other, save, err, sizeof(err)));
            machine_step(other, 7);
            machine_hash(other, got);
            machine_free(other);
            machine_step(m, 7);
            machine_hash(m, want);
            assert_string_equal(got, want);
            assert_true(machine_load(m, save, err, sizeof(err)));
            machine_step(m, 1);
        }
        assert_int_equal(held, 6);
        machine_free(m);
    }
}

BEFORE_ALL
{
    assert(mkdtemp(dir));
    make_files();
}

AFTER_ALL
{
    unlink(elf);
    unlink(disk);
    unlink(save);
    rmdir(dir);
}
