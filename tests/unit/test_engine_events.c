/* SPDX-License-Identifier: MIT */
// rooms: engine time mmu hart isa base
/* Tests interrupts at every cycle of a mixed program (every third, unless
 * SOAK=1), wfi, stores to code, PMP inside a page, saving in the middle of a
 * run, switching the timing, and deadlines. */
#include "saved.h"

#include "engine/box.c"

#define FINISH                                                                 \
    "li t0, 0x100000\n slli a0, a0, 1\n ori a0, a0, 1\n sd a0, 0(t0)\n"
#define END FINISH "99: j 99b\n"

/* START installs HANDLER, which sums mepc and instret and quiets the timer. */
#define START                                                                  \
    "la t0, handler\n csrw mtvec, t0\n la t0, save\n csrw mscratch, t0\n"      \
    "li s10, 0\n li s11, 0\n"                                                  \
    "li t0, 0x6000\n csrs mstatus, t0\n"                                       \
    "li t0, 0x80\n csrs mie, t0\n csrsi mstatus, 8\n"
#define HANDLER                                                                \
    ".balign 4\nhandler:\n csrrw t0, mscratch, t0\n sd t1, 0(t0)\n"            \
    "li s11, 1\n csrr t1, mepc\n add s10, s10, t1\n"                           \
    "csrr t1, instret\n add s10, s10, t1\n"                                    \
    "lui t1, 0x2004\n sd s11, 0(t1)\n li s11, -1\n sd s11, 0(t1)\n"            \
    "ld t1, 0(t0)\n csrrw t0, mscratch, t0\n mret\n"                           \
    ".balign 16\nsave: .space 32\n"

static const char mixed[] =
    START "li s0, 0x80040000\n li s1, 12\n li s2, 77\n"
          "fcvt.d.l fa0, s1\n fcvt.d.l fa1, s2\n"
          "1: ld a1, 0(s0)\n add a1, a1, s1\n sd a1, 8(s0)\n ld a2, 8(s0)\n"
          "mul a3, a2, s2\n div a4, a3, s1\n add a4, a4, a3\n"
          "fdiv.d fa2, fa1, fa0\n fadd.d fa0, fa0, fa2\n fsd fa0, 16(s0)\n"
          "ld a5, 13(s0)\n sd a5, 61(s0)\n amoadd.d a6, a4, (s0)\n"
          "call sub\n andi a7, a4, 1\n beqz a7, 2f\n addi s2, s2, 5\n"
          "2: lr.w t3, (s0)\n sc.w t4, s1, (s0)\n add s10, s10, t4\n"
          "csrr t5, mscratch\n add a4, a4, t5\n csrsi mstatus, 8\n"
          "li t6, 4096\n add s0, s0, t6\n"
          "addi s1, s1, -1\n bnez s1, 1b\n"
          "add a0, a4, s10\n slli a0, a0, 20\n srli a0, a0, 20\n" END
          "sub: lbu t0, 3(s0)\n lhu t1, 4(s0)\n add a4, a4, t0\n"
          "rem t2, a4, s2\n xor a4, a4, t2\n ret\n" HANDLER;

static void run_poked(struct box *b, u64 at, enum box_manner how, char *hash)
{
    box_asm(b, mixed);
    b->poke_at = at;
    box_run(b, how, at * 2654435761u | 1, 100000);
    assert_true(b->done);
    assert_int_equal(box_cycles_sum(b), b->hart.cycle);
    box_hash(b, hash);
}

TEST(test_every_cycle)
{
    const u64 step = getenv("SOAK") ? 1 : 3;
    for (int timed = 0; timed < 2; timed++) {
        struct box_options o = {.timed = timed};
        u64 end = 0, taken = 0;
        for (u64 at = 30; at < (timed ? 1500 : 420); at += step) {
            char whole[33], other[33];
            struct box *b = box_new(&o);
            run_poked(b, at, BOX_WHOLE, whole);
            end = b->hart.cycle;
            taken += b->hart.mepc != 0;
            box_free(b);
            b = box_new(&o);
            run_poked(b, at, at & 1 ? BOX_STEPS : BOX_PIECES, other);
            assert_string_equal(whole, other);
            box_free(b);
        }
        assert_true(end > 400);
        assert_true(taken * step > 380); /* the interrupts did come */
    }
}

/* While wfi waits, time counts as idle, and the interrupt comes at its cycle.
 * An interrupt that is masked by mstatus ends the wait without a trap. */
TEST(test_wfi)
{
    static const char waiting[] = START
        "li s0, 6\n lui s1, 0x2004\n li s2, 0x200bff8\n"
        "1: ld t0, 0(s2)\n addi t0, t0, 500\n sd t0, 0(s1)\n wfi\n"
        "andi t1, s0, 1\n beqz t1, 2f\n csrci mstatus, 8\n"
        "ld t0, 0(s2)\n addi t0, t0, 70\n sd t0, 0(s1)\n wfi\n"
        "add s10, s10, t0\n csrsi mstatus, 8\n"
        "2: addi s0, s0, -1\n bnez s0, 1b\n"
        "add a0, a4, s10\n slli a0, a0, 20\n srli a0, a0, 20\n" END HANDLER;
    for (int timed = 0; timed < 2; timed++) {
        char hash[3][33];
        for (enum box_manner how = BOX_WHOLE; how <= BOX_PIECES; how++) {
            struct box *b = box_new(&(struct box_options){.timed = timed});
            box_asm(b, waiting);
            box_run(b, how, 3, 10000000);
            assert_true(b->done);
            u64 idle = engine_cycles_by(b->engine).idle;
            assert_true(idle > 9 * b->hart.cycle / 10);
            assert_true(b->hart.cycle > 300000);
            assert_int_equal(box_cycles_sum(b), b->hart.cycle);
            box_hash(b, hash[how]);
            box_free(b);
        }
        assert_string_equal(hash[0], hash[1]);
        assert_string_equal(hash[0], hash[2]);
    }
}

/* Runs a program in all manners; it must end with `code`. Most of these
 * programs change themselves, without fence.i. */
static void check_asm(const char *text, u64 code)
{
    for (int timed = 0; timed < 2; timed++)
        for (enum box_manner how = BOX_WHOLE; how <= BOX_PIECES; how++) {
            struct box_options o = {.timed = timed};
            struct box *b = box_new(&o);
            box_asm(b, text);
            box_run(b, how, 99, 1000000);
            assert_true(b->done);
            assert_int_equal(b->code >> 1, code);
            box_free(b);
        }
}

TEST(test_self_modifying)
{
    /* stores to the next instruction but one, same block, in a hot loop */
    check_asm(
        ".option norvc\n la t0, 1f\n li t1, 0x00150513\n" /* addi a0,a0,1 */
        "li t2, 0x00250513\n li s0, 50\n li a0, 0\n"
        "0: sw t1, 0(t0)\n nop\n"
        "1: addi a0, a0, 7\n mv t3, t1\n mv t1, t2\n mv t2, t3\n"
        "addi s0, s0, -1\n bnez s0, 0b\n" END,
        75);
    /* stores a halfword of a later instruction that crosses into a new line */
    check_asm(".option norvc\n la t0, 1f\n li t1, 0x0055\n li a0, 1\n"
              "li s0, 3\n j 0f\n .balign 64\n .space 42\n"
              "0: addi a1, a0, 0\n sh t1, 2(t0)\n addi a2, a0, 0\n"
              "nop\n nop\n"
              "1: addi a0, a0, 3\n addi s0, s0, -1\n bnez s0, 0b\n" END,
              1 + 3 * 5);
    /* stores to another page's function between calls of it */
    check_asm("la s0, f\n li s1, 20\n li a0, 0\n li s2, 0x00050513\n"
              "1: slli t1, s1, 20\n or t1, t1, s2\n sw t1, 0(s0)\n"
              "jalr s0\n addi s1, s1, -1\n bnez s1, 1b\n" END
              ".balign 4096\n f: .word 0\n ret\n",
              210);
    /* stores to code by an amo and an sc */
    check_asm(".option norvc\n la t0, 1f\n li t1, 0x00100000\n li s0, 9\n"
              "li a0, 0\n 0: amoadd.w t2, t1, (t0)\n"
              "1: addi a0, a0, 0\n addi s0, s0, -1\n bnez s0, 0b\n"
              "la t0, 2f\n li t1, 0x00750513\n lr.w t3, (t0)\n"
              "sc.w t4, t1, (t0)\n 2: addi a0, a0, 100\n add a0, a0, t4\n" END,
              45 + 7);
}

/* A locked PMP entry covers 64 bytes in the middle of a page, which was in use
 * before: all accesses to them fault, accesses just beside them do not. */
TEST(test_pmp_in_page)
{
    check_asm("la t0, handler\n csrw mtvec, t0\n li s0, 0x80040000\n"
              "li s1, 0\n li s2, 5\n 0: ld t1, 1024(s0)\n sd t1, 1032(s0)\n"
              "addi s2, s2, -1\n bnez s2, 0b\n"
              "addi t1, s0, 1024\n srli t1, t1, 2\n ori t1, t1, 7\n"
              "csrw pmpaddr0, t1\n li t1, 0x98\n csrw pmpcfg0, t1\n"
              "ld t1, 1016(s0)\n ld t1, 1024(s0)\n sd t1, 1080(s0)\n"
              "sd t1, 1088(s0)\n lw t1, 1022(s0)\n lb t1, 1023(s0)\n"
              "mv a0, s1\n" END
              ".balign 4\n handler: csrr t0, mcause\n slli s1, s1, 4\n"
              "add s1, s1, t0\n csrr t0, mepc\n addi t0, t0, 4\n"
              "csrw mepc, t0\n mret\n",
              0x575);
}

TEST(test_save_load)
{
    static const char flags[] = "-DPAGED -DTICK=29 -DROUNDS=1";
    for (int timed = 0; timed < 2; timed++)
        for (u64 at = 50000; at < 150000; at += 33331) {
            struct box_options o = {.timed = timed}, other = {.timed = !timed};
            char whole[33], resumed[33];
            struct box *a = box_new(&o), *b = box_new(&other);
            box_load(a, "mix.c", flags);
            box_run(a, BOX_WHOLE, 1, at);
            assert_false(a->done);
            SAVE(box_state(a, s));
            box_load(b, "mix.c", "-DTICK=0"); /* the load must replace it */
            box_run(b, BOX_WHOLE, 1, 3000);
            LOAD(box_state(b, s));
            assert_int_equal(engine_timed(b->engine), timed);
            box_run(a, BOX_WHOLE, 1, ~0ull >> 1);
            box_run(b, BOX_PIECES, at, ~0ull >> 1);
            assert_true(a->done && b->done);
            box_hash(a, whole);
            box_hash(b, resumed);
            assert_string_equal(whole, resumed);
            box_free(a);
            box_free(b);
        }
}

/* Switching the timing back and forth does not change a program's result. */
TEST(test_switching)
{
    struct box_options o = {.timed = false};
    struct box *a = box_new(&o), *b = box_new(&o);
    box_load(a, "mix.c", "-DPAGED");
    box_run(a, BOX_WHOLE, 1, ~0ull >> 1);
    box_load(b, "mix.c", "-DPAGED");
    while (!b->done) {
        box_run(b, BOX_WHOLE, 1, b->hart.cycle + 7001);
        engine_set_timed(b->engine, !engine_timed(b->engine));
    }
    assert_int_equal(a->code, b->code);
    assert_int_equal(a->hart.instret, b->hart.instret);
    assert_int_equal(box_cycles_sum(b), b->hart.cycle);
    box_free(a);
    box_free(b);
}

/* If an epoch (1 ms) ends while a line is fetched, the count of cycles left in
 * it is negative, and the run must still stop at its deadline. */
TEST(test_fetch_into_next_epoch)
{
    static const char *const cpus[] = {"u54", "rocket", "u74"};
    u64 epoch = 0;
    for (unsigned i = 0; i < 3 * 40; i++) {
        struct box_options o = {.timed = true, .cpu = cpus[i % 3]};
        struct box *b = box_new(&o);
        box_asm(b, "j 2f\n .balign 4096\n 2: addi t0, t0, 1\n j 2b\n");
        epoch = b->hart.clock_hz / 1000;
        b->hart.cycle = epoch - 5 * (i / 3);
        box_run(b, BOX_WHOLE, 1, epoch + 1000);
        assert_in_range(b->hart.cycle, epoch + 1000, epoch + 1010);
        box_free(b);
    }
}
