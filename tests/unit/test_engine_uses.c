/* SPDX-License-Identifier: MIT */
// rooms: engine time mmu hart isa base
// wrap: mmu_sfence
/* Checks that isa_uses, on which the interlock relies, names exactly the
 * registers that each row of the instruction table reads and writes. Each row
 * is executed many times, from two states that differ in one register: if
 * anything else differs afterwards, the row read that register. */
#include "unit.h"

#include "engine/box.c"

#define CODE   0x80000000ull
#define DATA   0x80100000ull /* the test compares BYTES of memory from here */
#define BYTES  8192
#define TRIALS 300
/* A randomly aligned address, farther from the ends than any offset (2 KiB). */
#define ADDRESS(v) (DATA + BYTES / 2 + ((v)&0x1ff & ~((v) >> 9 & 7)))

static const struct {
    u32 match, mask;
} rows[] = {
#define INSN(id, name, format, match, mask, class, ext) {match, mask},
#include "isa/insns.def"
#undef INSN
};

struct outcome {
    struct hart hart;
    u64 sfence[4];
    u8 memory[BYTES];
};

static struct box *box;
static struct outcome start; /* the state before an instruction */
static u64 sfence[4];
static u64 seed = 1;

void __wrap_mmu_sfence(struct mmu *m, bool has_va, u64 va, bool has_asid,
                       u16 asid);
void __wrap_mmu_sfence(UNUSED struct mmu *m, bool has_va, u64 va, bool has_asid,
                       u16 asid)
{
    memcpy(sfence, (u64[4]){has_va, va, has_asid, asid}, sizeof(sfence));
}

/* Returns mostly addresses and small numbers: registers must often be equal,
 * and sums must be addresses. */
static u64 x_value(void)
{
    u64 v = rand_step(&seed) >> 8;

    return v & 1   ? ADDRESS(v >> 8)
           : v & 6 ? (v >> 8 & 3) - (v >> 3 & 1)
                   : v * 0x9e3779b97f4a7c15;
}

/* Returns a float of any width (16 exponents, 4 mantissas), or random bits. */
static u64 f_value(void)
{
    u64 v = rand_step(&seed) >> 8, sign = v & 1, bits = v >> 8 & 3;
    u64 exponent = (v >> 3 & 15) - 4;

    switch (v >> 16 & 3) {
    case 0:
        return ~0ull << 16 | sign << 15 | (15 + exponent) << 10 | bits << 8;
    case 1:
        return ~0ull << 32 | sign << 31 | (127 + exponent) << 23 | bits << 21;
    case 2:
        return sign << 63 | (1023 + exponent) << 52 | bits << 50;
    default:
        return v * 0x9e3779b97f4a7c15;
    }
}

static void draw_start(const struct hart *reset)
{
    start.hart = *reset;
    start.hart.mstatus |= MSTATUS_FS | MSTATUS_MPP;
    start.hart.mscratch = x_value();
    if (rand_step(&seed) >> 60 & 1)
        start.hart.reservation = ADDRESS(0) & ~63ull;
    for (unsigned i = 1; i < 32; i++)
        start.hart.x[i] = x_value();
    for (unsigned i = 0; i < 32; i++)
        start.hart.f[i] = f_value();
    for (u64 i = 0; i < BYTES; i += 8) {
        u64 v = x_value();
        memcpy(start.memory + i, &v, 8);
    }
}

/* Executes the instruction at CODE from `start`; gives the state after it. */
static void execute(struct outcome *o)
{
    u8 *memory = box->ram + (DATA - CODE);

    box->hart = start.hart;
    memcpy(memory, start.memory, BYTES);
    memset(sfence, 0, sizeof(sfence));
    engine_context_changed(box->engine);
    engine_restart(box->engine);
    engine_step(box->engine, 1, ~0ull >> 1);
    o->hart = box->hart;
    memcpy(o->memory, memory, BYTES);
    memcpy(o->sfence, sfence, sizeof(sfence));
}

/* Returns the registers that `uses` says are read: bit n: xn; 32 + n: fn. */
static u64 registers_read(const struct insn *in, unsigned uses)
{
    u64 x = (uses & USE_XRS1 ? 1ull << in->rs1 : 0) |
            (uses & USE_XRS2 ? 1ull << in->rs2 : 0);
    u64 f = (uses & USE_FRS1 ? 1ull << in->rs1 : 0) |
            (uses & USE_FRS2 ? 1ull << in->rs2 : 0) |
            (uses & USE_FRS3 ? 1ull << in->rs3 : 0);
    return x | f << 32;
}

static u64 registers_written(const struct insn *in, unsigned uses)
{
    return uses & USE_XRD   ? 1ull << in->rd
           : uses & USE_FRD ? 1ull << (32 + in->rd)
                            : 0;
}

static u64 *reg(struct hart *h, unsigned n)
{
    return n < 32 ? &h->x[n] : &h->f[n - 32];
}

/* Returns the registers in which the states differ, as registers_read(). */
static u64 differences(struct hart *a, struct hart *b)
{
    u64 set = 0;

    for (unsigned n = 0; n < 64; n++)
        set |= (u64)(*reg(a, n) != *reg(b, n)) << n;
    return set;
}

static bool depends_on(unsigned n, struct outcome *plain)
{
    static struct outcome o;
    u64 *begin = reg(&start.hart, n), *end = reg(&o.hart, n), before = *begin;

    *begin = n < 32 ? x_value() : f_value();
    execute(&o);
    if (*end == *begin && *reg(&plain->hart, n) == before) /* not written */
        *end = before;
    *begin = before;
    return memcmp(&o, plain, sizeof(o)) != 0;
}

/* Tries an instruction word from a random state. The registers that it reads
 * and writes must be among those of isa_uses; sets in *seen the bits of
 * isa_uses that were confirmed. */
static void try_form(const struct hart *reset, u32 word, unsigned *seen)
{
    static struct outcome plain;
    struct insn in;

    isa_decode(word, &in);
    unsigned uses = isa_uses(&in);
    u64 written = registers_written(&in, uses);
    u64 read = registers_read(&in, uses), was_read = 0;
    draw_start(reset);
    memcpy(box->ram, &word, 4);
    execute(&plain);
    u64 was_written = differences(&start.hart, &plain.hart);
    assert_false((read | written) & 1); /* nothing waits for x0 */
    unsigned near[] = {word >> 7 & 31, word >> 15 & 31, word >> 20 & 31,
                       word >> 27};
    for (unsigned i = 0; i < 2 * ARRAY_LEN(near); i++) {
        unsigned n = near[i / 2] + 32 * (i & 1);
        if (n && depends_on(n, &plain))
            was_read |= 1ull << n;
    }
    if (was_written & ~written || was_read & ~read)
        fail_msg("%s, %08x: reads %016llx of %016llx, writes %016llx of "
                 "%016llx",
                 isa_info[in.op].name, word, (unsigned long long)was_read,
                 (unsigned long long)read, (unsigned long long)was_written,
                 (unsigned long long)written);
    for (unsigned use = 1; use <= USE_FRD; use <<= 1)
        if (was_read & registers_read(&in, use) ||
            was_written & registers_written(&in, use))
            *seen |= uses & use;
}

/* Returns isa_uses of a row whose registers are not x0; 0 for a prefetch hint,
 * whose address this machine ignores. */
static unsigned uses_of(unsigned op)
{
    struct insn in = {.op = (u16)op, .rd = 1, .rs1 = 1, .rs2 = 1};

    return isa_info[op].format == IF_PREFETCH ? 0 : isa_uses(&in);
}

TEST(registers_of_all_rows)
{
    box = box_new(&(struct box_options){.interpreted = true});
    struct hart reset = box->hart;

    for (size_t row = 0; row < ARRAY_LEN(rows); row++) {
        unsigned seen = 0;
        for (unsigned i = 0; i < TRIALS; i++) {
            u32 word = (u32)(rand_step(&seed) >> 32);
            struct insn in;
            if (i % 4 == 0) /* registers that are often equal or x0 */
                word &= ~0x01ef0f00u;
            word = (word & ~rows[row].mask) | rows[row].match;
            if ((word & 0x7f) == 0x73 && word & 0x7000) /* csrr* */
                word = (word & 0xfffff) | (u32)CSR_mscratch << 20;
            isa_decode(word, &in);
            if (in.op == row)
                try_form(&reset, word, &seen);
        }
        if (seen != uses_of((unsigned)row))
            fail_msg("%s uses %x, not %x", isa_info[row].name, seen,
                     uses_of((unsigned)row));
    }
    box_free(box);
}
