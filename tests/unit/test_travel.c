/* SPDX-License-Identifier: MIT */
// rooms: base isa hart mmu time engine dev boot history machine linux xv6 dwarf
/* Goes back and forth in the life of a bare program that traps, sleeps, changes
 * its own code: every moment is as it was, in whatever order moments are
 * visited; a replay repeats input and notices a departure from the log. */
#include <xxhash.h>

#include "unit.h"

#include "history/past.h"
#include "machine/parts.h"

static char dir[] = "/tmp/clockhand-travel-XXXXXX";
static char elf[64], file[64], toggle_elf[64], toggle_source[64];

static int read_nothing(UNUSED void *opaque)
{
    return -1;
}

static struct machine *power_on_with(const char *program, enum timing t)
{
    static struct config c;
    struct host_io io = {.pipe_in = read_nothing};
    c = (struct config){.elf = program,
                        .ram_bytes = 16 << 20,
                        .cpu = t == TIMING_FAST ? "u54" : "u74",
                        .dram = "ddr4-2400r",
                        .disk_model = "cheetah9lp",
                        .timing = t,
                        .asid = true,
                        .hw_ad = true,
                        .seed = 1};
    struct machine *m = machine_new(&c, &io);
    history_begin(m->past, 64 << 20);
    m->past->interval = 5000; /* steps: it is a short life */
    m->past->next = 0;
    m->past->progress_cycles = 1000;
    return m;
}

static struct machine *power_on(enum timing t)
{
    return power_on_with(elf, t);
}

struct visited {
    struct moment at;
    char hash[33];
};
#define BEEN 120

/* Runs to the end in pieces; notes some moments and returns how many. */
static unsigned run_and_note(struct machine *m, struct visited *b, u64 seed)
{
    unsigned n = 0;
    for (;;) {
        bool step = rand_step(&seed) % 2;
        u64 piece = rand_step(&seed) % 5000;
        enum machine_stop s = step ? machine_step(m, 1 + piece % 300)
                                   : machine_run(m, m->hart.cycle + piece);
        if (s == MS_OFF)
            return n;
        if (n < BEEN && rand_step(&seed) % 2 == 0) {
            u64 v = seed; /* one in four: a poke into unused memory */
            bool poke = rand_step(&seed) % 4 == 0, first = v & 1024;
            if (poke && first)
                machine_poke(m, RAM_BASE + (12 << 20) + v % 4096, &v, 8);
            machine_step(m, 1);
            if (poke && !first) /* the poke is part of the moment */
                machine_poke(m, RAM_BASE + (12 << 20) + v % 4096, &v, 8);
            b[n].at = history_now(m->past);
            machine_hash(m, b[n++].hash);
        }
    }
}

TEST(every_moment_is_what_it_was)
{
    for (enum timing t = TIMING_FAST; t <= TIMING_CYCLE; t++) {
        static struct visited b[BEEN];
        struct machine *m = power_on(t);
        u64 seed = 42;
        unsigned n = run_and_note(m, b, 7);
        char end[33], got[33];
        machine_hash(m, end);
        assert_in_range(n, 50, BEEN);
        assert_in_range(m->past->list.n, 20, 1000);
        for (unsigned i = 0; i < 300; i++) {
            const struct visited *to = &b[rand_step(&seed) % n];
            u64 now = moment_steps(history_now(m->past)),
                then = moment_steps(to->at);
            enum history_end e = now > then && i % 3 == 0
                                     ? history_back(m->past, now - then)
                                     : history_goto(m->past, to->at);
            assert_int_equal(e, HISTORY_THERE);
            machine_hash(m, got);
            assert_string_equal(got, to->hash);
            if (i % 5 == 0) { /* the next journey begins elsewhere */
                machine_run(m, m->hart.cycle + rand_step(&seed) % 50000);
                machine_set_timing(m, t == TIMING_FAST ? TIMING_CYCLE
                                                       : TIMING_FAST);
            }
        }
        assert_int_equal(history_goto(m->past, history_present(m->past)),
                         HISTORY_THERE);
        machine_hash(m, got);
        assert_string_equal(got, end);
        assert_false(history_past(m->past));
        /* Running on from the past leads to the same end. */
        assert_int_equal(history_goto(m->past, b[0].at), HISTORY_THERE);
        assert_int_equal(machine_run(m, NEVER), MS_OFF);
        machine_hash(m, got);
        assert_string_equal(got, end);
        machine_free(m);
    }
}

/* The bound is so small that hardly any snapshot stays. */
TEST(within_a_bound)
{
    static struct visited b[BEEN];
    struct machine *m = power_on(TIMING_CYCLE);
    struct history *h = m->past;
    u64 seed = 9;
    char got[33];
    h->bound = 3 << 20;
    unsigned n = run_and_note(m, b, 8);
    assert_true(h->bytes <= h->bound + (1 << 20));
    assert_int_equal(history_first(m->past).cycle, 0);
    for (unsigned i = 0; i < 40; i++) {
        const struct visited *to = &b[rand_step(&seed) % n];
        assert_int_equal(history_goto(m->past, to->at), HISTORY_THERE);
        machine_hash(m, got);
        assert_string_equal(got, to->hash);
        assert_true(h->bytes <= h->bound + (1 << 20));
    }
    machine_free(m);
}

static bool tired(void *looks, double share)
{
    assert_true(share >= 0 && share <= 1);
    return --*(int *)looks > 0;
}

TEST(a_way_is_given_up)
{
    static struct visited b[BEEN];
    struct machine *m = power_on(TIMING_FAST);
    char before[33], got[33];
    int looks = 1;
    unsigned n = run_and_note(m, b, 5);
    machine_hash(m, before);
    while (m->past->list.n > 1) /* only the first snapshot stays */
        snapshots_forget(m->past, &m->past->list, 1);
    history_on_progress(m->past, tired, &looks);
    assert_int_equal(history_goto(m->past, b[n - 1].at), HISTORY_INTERRUPTED);
    machine_hash(m, got);
    assert_string_equal(got, before);
    assert_false(history_past(m->past));
    machine_free(m);
}

TEST(a_branch)
{
    static struct visited b[BEEN];
    struct machine *m = power_on(TIMING_FAST);
    char end[33], branch[33], got[33];
    u64 v = 12345;
    unsigned n = run_and_note(m, b, 3);
    machine_hash(m, end);
    assert_false(history_branch(m->past)); /* the machine is at its present */
    assert_int_equal(history_goto(m->past, b[n / 2].at), HISTORY_THERE);
    assert_false(machine_poke(m, RAM_BASE + (13 << 20), &v, 8));
    assert_true(history_branch(m->past));
    assert_true(machine_poke(m, RAM_BASE + (13 << 20), &v, 8));
    machine_run(m, NEVER);
    machine_hash(m, branch);
    assert_string_not_equal(branch, end);
    assert_int_equal(history_goto(m->past, b[n - 1].at), HISTORY_NOT_FOUND);
    machine_hash(m, got);
    assert_string_equal(got, branch);
    assert_int_equal(history_goto(m->past, b[n / 4].at), HISTORY_THERE);
    assert_true(history_leave_branch(m->past));
    machine_hash(m, got);
    assert_string_equal(got, end);
    for (unsigned i = 0; i < n; i += 7) {
        assert_int_equal(history_goto(m->past, b[n - 1 - i].at), HISTORY_THERE);
        machine_hash(m, got);
        assert_string_equal(got, b[n - 1 - i].hash);
    }
    machine_free(m);
}

/* Runs in pieces, so that snapshots are taken between them. */
static enum machine_stop run_in_pieces(struct machine *m)
{
    enum machine_stop why = MS_DEADLINE;
    while (why == MS_DEADLINE)
        why = machine_run(m, m->hart.cycle + 1000);
    return why;
}

/* The past that is put aside gives up snapshots, too, so that a branch can keep
 * some of its own, even if it begins when memory is at the bound. */
TEST(a_branch_within_the_bound)
{
    static struct visited b[BEEN];
    struct machine *m = power_on(TIMING_FAST);
    struct history *h = m->past;
    char end[33], got[33];
    unsigned n = run_and_note(m, b, 3);
    machine_hash(m, end);
    assert_int_equal(history_goto(m->past, b[n / 4].at), HISTORY_THERE);
    assert_true(history_branch(m->past));
    h->bound = h->bytes;
    run_in_pieces(m);
    assert_true(h->bytes <= h->bound);
    assert_in_range(h->list.n, 8, 1000);
    assert_true(history_leave_branch(m->past));
    machine_hash(m, got);
    assert_string_equal(got, end);
    assert_int_equal(history_goto(m->past, b[n / 2].at), HISTORY_THERE);
    machine_hash(m, got);
    assert_string_equal(got, b[n / 2].hash);
    machine_free(m);
}

/* Writes 5 and at once 0 to a word, does so twice, and waits long before and
 * after each pair: no snapshot sees the 5. */
static const char toggle[] =
    ".globl _start\n_start: la t1, word\n li t2, 5\n li t4, 2\n"
    "pair: li t0, 15000\n"
    "1: addi t0, t0, -1\n bnez t0, 1b\n"
    "sw t2, 0(t1)\n sw zero, 0(t1)\n addi t4, t4, -1\n bnez t4, pair\n"
    "li t0, 60000\n"
    "2: addi t0, t0, -1\n bnez t0, 2b\n"
    "li t0, 0x100000\n li t2, 0x5555\n sw t2, 0(t0)\n3: j 3b\n"
    ".balign 4096\n word: .word 0\n .balign 4096\n";

static void begin_nowhere(UNUSED void *opaque)
{
}

static bool is_a_write(UNUSED void *opaque, enum machine_stop why)
{
    return why == MS_WATCHPOINT;
}

/* Goes back to each write; skips intervals in which the frame's bit is 0. */
static void back_to_writes(struct machine *m, u64 pa, const struct moment *at,
                           unsigned n)
{
    struct history_search search = {NULL, begin_nowhere, is_a_write,
                                    (s64)((pa - RAM_BASE) >> PAGE_SHIFT)};
    while (n--) {
        assert_int_equal(history_find_back(m->past, &search), HISTORY_THERE);
        assert_int_equal(moment_compare(history_now(m->past), at[n]), 0);
    }
    assert_int_equal(history_find_back(m->past, &search), HISTORY_NOT_FOUND);
    assert_int_equal(history_goto(m->past, history_present(m->past)),
                     HISTORY_THERE);
}

TEST(changed_and_changed_back)
{
    struct machine *m = power_on_with(toggle_elf, TIMING_FAST);
    struct history *h = m->past;
    u64 pa = RAM_BASE + PAGE_BYTES;
    struct engine_watch word = {.va = pa, .len = 4, .on_write = true};
    struct moment at[5];
    unsigned n = 0;
    engine_watch_memory(m->engine, &word, 1);
    while (n < 5 && run_in_pieces(m) != MS_OFF)
        at[n++] = history_now(m->past);
    assert_int_equal(n, 4);
    assert_in_range(h->list.n, 20, 100);
    back_to_writes(m, pa, at, n);
    /* At most three intervals count as writing; a search skips the others. */
    for (size_t i = 0, wrote = 0; i + 1 < h->list.n; i++) {
        wrote += snapshots_wrote(h, i, 1);
        assert_true(wrote <= 3);
    }
    /* Forgetting snapshots loses no write, on a branch or off it. */
    assert_int_equal(history_goto(m->past, at[3]), HISTORY_THERE);
    assert_true(history_branch(m->past));
    run_in_pieces(m);
    while (h->list.n > 6)
        snapshots_forget(h, &h->list, 2);
    back_to_writes(m, pa, at, n);
    assert_true(history_leave_branch(m->past));
    back_to_writes(m, pa, at, n);
    machine_free(m);
}

static bool never(UNUSED void *opaque, UNUSED enum machine_stop why)
{
    return false;
}

static bool grows(void *opaque, double share)
{
    double *last = opaque;
    assert_true(share >= *last && share <= 1);
    *last = share;
    return true;
}

/* A search reports how far it is in the whole past, not in one interval. */
TEST(the_share_of_a_search_grows)
{
    struct visited b[BEEN];
    struct machine *m = power_on(TIMING_FAST);
    struct history_search search = {NULL, begin_nowhere, never, -1};
    double last = 0;
    run_and_note(m, b, 11);
    assert_in_range(m->past->list.n, 20, 1000);
    m->past->progress_cycles = 100;
    history_on_progress(m->past, grows, &last);
    assert_int_equal(history_find_back(m->past, &search), HISTORY_NOT_FOUND);
    assert_true(last > .9);
    machine_free(m);
}

/* A replay in which two bits of registers are flipped departs from the log, and
 * stops at the next check. */
TEST(a_replay_that_departs)
{
    struct machine *m = power_on(TIMING_FAST);
    char err[200], want[33], got[33];
    machine_note_disks(m);
    history_record(m->past);
    m->past->next_check = 0;
    machine_run(m, 100000);
    u64 word = 0, at = RAM_BASE + (4 << 20) + 64;
    machine_poke(m, at, &word, 8);
    machine_run(m, 200000);
    m->past->next_check = 0;
    machine_run(m, NEVER);
    machine_hash(m, want);
    assert_true(history_write_log(m->past, file, err, sizeof(err)));
    machine_free(m);

    m = power_on(TIMING_FAST);
    assert_true(history_replay(m->past, file, err, sizeof(err)));
    while (machine_run(m, NEVER) != MS_OFF)
        ;
    machine_hash(m, got);
    assert_string_equal(got, want);
    machine_free(m);

    m = power_on(TIMING_FAST);
    assert_true(history_replay(m->past, file, err, sizeof(err)));
    machine_run(m, 50000);
    m->hart.x[5] ^= 1; /* here it departs */
    m->hart.x[8] ^= 8;
    enum machine_stop s = MS_DEADLINE;
    while (s != MS_OFF && s != MS_DEPARTED)
        s = machine_run(m, NEVER);
    assert_int_equal(s, MS_DEPARTED);
    assert_non_null(
        strstr(history_departure(m->past), "the machine is another"));
    assert_non_null(strstr(history_departure(m->past), " at cycle "));
    machine_free(m);
}

/* The first entry of a log waits for an event of the machine's queue that never
 * comes: the replay departs there, and does not stand at cycle 0 for ever. */
TEST(a_replay_that_waits_in_vain)
{
    struct machine *m = power_on(TIMING_FAST);
    char err[200];
    u64 word = 0;
    u8 log[1 << 12];
    machine_note_disks(m);
    history_record(m->past);
    machine_poke(m, RAM_BASE + (4 << 20), &word, 8);
    machine_run(m, NEVER);
    assert_true(history_write_log(m->past, file, err, sizeof(err)));
    machine_free(m);

    FILE *f = fopen(file, "rb+");
    assert_non_null(f);
    size_t n = fread(log, 1, sizeof(log), f);
    size_t at = 24 + 8 + get_le(log + 24, 8) + 8; /* magic, ..., count */
    for (; !get_le(log + at, 8); at += 44 + get_le(log + at + 36, 8))
        put_le(log + at + 24, 1000, 8); /* moment.events, at cycle 0 */
    put_le(log + n - 8, XXH3_64bits(log, n - 8), 8);
    rewind(f);
    assert_int_equal(fwrite(log, 1, n, f), n);
    fclose(f);

    m = power_on(TIMING_FAST);
    assert_true(history_replay(m->past, file, err, sizeof(err)));
    enum machine_stop s = MS_DEADLINE;
    alarm(60); /* a hang ends the test */
    for (unsigned i = 0; i < 100 && s != MS_DEPARTED; i++)
        s = machine_run(m, m->hart.cycle + 1000);
    alarm(0);
    assert_int_equal(s, MS_DEPARTED);
    assert_non_null(
        strstr(history_departure(m->past), "an event does not come"));
    machine_free(m);
}

static void make_files(void)
{
    snprintf(elf, sizeof(elf), "%s/mixed.elf", dir);
    snprintf(file, sizeof(file), "%s/log", dir);
    snprintf(toggle_elf, sizeof(toggle_elf), "%s/toggle.elf", dir);
    snprintf(toggle_source, sizeof(toggle_source), "%s/toggle.s", dir);
    FILE *f = fopen(toggle_source, "w");
    assert(f);
    fputs(toggle, f);
    fclose(f);
    unit_compile("tests/machine/mixed.c", elf);
    unit_compile(toggle_source, toggle_elf);
}

BEFORE_ALL
{
    assert(mkdtemp(dir));
    make_files();
}

AFTER_ALL
{
    unlink(elf);
    unlink(file);
    unlink(toggle_elf);
    unlink(toggle_source);
    rmdir(dir);
}
