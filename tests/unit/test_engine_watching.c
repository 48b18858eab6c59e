/* SPDX-License-Identifier: MIT */
// rooms: engine time mmu hart isa base
/* Breakpoints, watchpoints, the commit hook and caught traps stop or report
 * exactly where they should, and do not change how a program ends. */
#include "unit.h"

#include "engine/box.c"

#define FLAGS "-DPAGED -DTICK=41 -DROUNDS=1"
#define LIMIT (~0ull >> 1)

static struct box *fresh(bool timed)
{
    struct box *b = box_new(&(struct box_options){.timed = timed});
    box_load(b, "mix.c", FLAGS);
    return b;
}

static void reference(bool timed, char *hash, u64 *instret)
{
    struct box *b = fresh(timed);
    box_run(b, BOX_WHOLE, 1, LIMIT);
    assert_true(b->done);
    box_hash(b, hash);
    *instret = b->hart.instret;
    box_free(b);
}

static void same_end(struct box *b, const char *hash)
{
    char h[33];
    assert_true(b->done);
    box_hash(b, h);
    assert_string_equal(h, hash);
    box_free(b);
}

static void count_pc(void *opaque, const struct engine_commit *c)
{
    u64 *counts = opaque; /* the pc wanted, its count, the count of all */
    counts[1] += c->pc == counts[0];
    counts[2]++;
}

/* A breakpoint at a trap vector is hit as often as the commit hook says. */
TEST(test_breakpoint)
{
    for (int timed = 0; timed < 2; timed++) {
        char hash[33];
        u64 instret, hits = 0;
        reference(timed, hash, &instret);

        struct box *b = fresh(timed);
        b->hart.stvec = 0;
        while (!b->hart.stvec || !b->hart.satp)
            box_once(b, b->hart.cycle + 50, false);
        u64 counts[3] = {b->hart.stvec & ~3ull, 0, 0};
        u64 before = b->hart.instret;
        engine_on_commit(b->engine, count_pc, counts);
        box_run(b, BOX_WHOLE, 1, LIMIT);
        assert_true(counts[1] > 40);
        assert_int_equal(counts[2], b->hart.instret - before);
        assert_int_equal(b->hart.instret, instret);
        same_end(b, hash);

        b = fresh(timed);
        u64 bp[2] = {counts[0], 0x80000040};
        engine_breakpoints(b->engine, bp, 2);
        while (!b->done) {
            if (box_once(b, LIMIT, false) != ENGINE_BREAKPOINT)
                continue;
            assert_true(b->hart.pc == bp[0] || b->hart.pc == bp[1]);
            hits += b->hart.pc == bp[0];
        }
        assert_int_equal(hits, counts[1]);
        same_end(b, hash);
    }
}

TEST(test_watchpoint)
{
    for (int timed = 0; timed < 2; timed++) {
        struct box *b = box_new(&(struct box_options){.timed = timed});
        box_asm(b, ".option norvc\n li s0, 0x80040000\n li s1, 100\n"
                   "1: ld t0, 0(s0)\n sd s1, 64(s0)\n"
                   "andi t1, s1, 7\n bnez t1, 2f\n"
                   "sd s1, 125(s0)\n 2: sd s1, 56(s0)\n lbu t0, 72(s0)\n"
                   "addi s1, s1, -1\n bnez s1, 1b\n"
                   "li t0, 0x100000\n sd t0, 0(t0)\n 3: j 3b\n");
        struct engine_watch w[2] = {
            {.va = 0x80040080, .len = 4, .on_write = true},
            {.va = 0x80040048, .len = 1, .on_read = true}};
        engine_watchpoints(b->engine, w, 2);
        u64 writes = 0, reads = 0;
        while (!b->done) {
            if (box_once(b, LIMIT, false) != ENGINE_WATCHPOINT)
                continue;
            u32 insn; /* the instruction before pc made the access */
            memcpy(&insn, b->ram + (b->hart.pc - 4 - 0x80000000), 4);
            writes += (insn & 0x7f) == 0x23;
            reads += (insn & 0x7f) == 0x03;
        }
        assert_int_equal(writes, 12);
        assert_int_equal(reads, 100);
        box_free(b);
    }
}

/* If fetches from a page (by physical address) are watched, a run stops after
 * each of the page's instructions, and is otherwise the same. */
TEST(test_fetches)
{
    for (int timed = 0; timed < 2; timed++) {
        struct box *b = box_new(&(struct box_options){.timed = timed});
        box_asm(b, ".option norvc\n li s1, 100\n"
                   "1: jal ra, f\n addi s1, s1, -1\n bnez s1, 1b\n"
                   "li t0, 0x100000\n sd t0, 0(t0)\n 3: j 3b\n"
                   ".balign 4096\n f: addi t1, t1, 1\n ret\n");
        struct engine_watch w = {
            .va = 0x80001000, .len = PAGE_BYTES, .on_fetch = true};
        while (b->hart.x[6] < 10) /* f has been run and decoded */
            box_once(b, b->hart.cycle + 1, false);
        engine_watch_memory(b->engine, &w, 1);
        u64 done = b->hart.x[6]; /* f's latest ret is still to come */
        u64 in_f = 0, back = 0;
        while (!b->done) {
            if (box_once(b, LIMIT, false) != ENGINE_WATCHPOINT)
                continue;
            assert_true(engine_memory_by_hart(b->engine));
            in_f += b->hart.pc == 0x80001004;
            back += b->hart.pc >> 12 == 0x80000;
        }
        assert_int_equal(in_f, 100 - done);
        assert_int_equal(back, in_f + 1);
        box_free(b);

        char hash[33];
        u64 instret, hits = 0;
        reference(timed, hash, &instret);
        b = fresh(timed);
        w.va = 0x80000000;
        engine_watch_memory(b->engine, &w, 1);
        while (!b->done)
            hits += box_once(b, LIMIT, false) == ENGINE_WATCHPOINT;
        assert_true(hits > 1000);
        assert_int_equal(b->hart.instret, instret);
        same_end(b, hash);
    }
}

TEST(test_traps)
{
    for (int timed = 0; timed < 2; timed++) {
        char hash[33];
        u64 instret, traps = 0, irqs = 0;
        reference(timed, hash, &instret);
        struct box *b = fresh(timed);
        engine_catch_traps(b->engine, true);
        while (!b->done) {
            if (box_once(b, LIMIT, false) != ENGINE_TRAPPED)
                continue;
            traps++;
            u64 cause = b->hart.priv == PRV_M ? b->hart.mcause : b->hart.scause;
            u64 tvec = b->hart.priv == PRV_M ? b->hart.mtvec : b->hart.stvec;
            assert_int_equal(b->hart.pc, tvec);
            irqs += cause >> 63;
        }
        assert_true(traps > 100 && irqs > 10 && irqs < traps);
        same_end(b, hash);
    }
}

/* Asking for a stop every now and then does not change how a program ends. */
TEST(test_ask)
{
    char hash[33];
    u64 instret, asked = 0;
    reference(true, hash, &instret);
    struct box *b = fresh(true);
    for (u64 n = 0; !b->done; n++) {
        if (n % 3 == 0)
            engine_ask_stop(b->engine);
        asked += box_once(b, b->hart.cycle + 501, false) == ENGINE_ASKED;
    }
    assert_true(asked > 10);
    same_end(b, hash);
}

/* Stores to a watched line stop the engine, even if the timing is switched
 * later, which clears the bits that keep such stores off the fast paths. */
TEST(test_watched_line)
{
    for (int again = 0; again < 2; again++) {
        struct box *b = fresh(true);
        u64 asked = 0;
        for (int i = 0; i < 40; i++)
            box_once(b, b->hart.cycle + 501, false);
        engine_watch_line(b->engine, b->hart.mscratch - 8); /* M's stack */
        if (again) {
            engine_set_timed(b->engine, false);
            engine_set_timed(b->engine, true);
        }
        for (int i = 0; i < 400 && !b->done; i++)
            asked += box_once(b, b->hart.cycle + 501, false) == ENGINE_ASKED;
        assert_true(asked > 10);
        box_free(b);
    }
}
