/* SPDX-License-Identifier: MIT */
/* Makes a bare program in M, only for comparing the engines. Memory and caches
 * change under its running code: the walker sets A and D in root page tables
 * within the code, and a disk writes rings within code and stack. It has timers
 * near the wrap of mtime, and resets, and never ends. Its handler skips four
 * bytes after an exception and clears mie after an interrupt. */
#include "program.h"

#define TRAP    (MONITOR_PA + 0xff00)
#define STACK   (MONITOR_PA + 0x10000)
#define DESC    (MONITOR_PA + 0x12000)
#define AVAIL   (MONITOR_PA + 0x12400)
#define HEADER  (MONITOR_PA + 0x12800) /* zeros: a read of sector 0 */
#define DISK    0x10001000
#define MTIME   0x200bff8
#define RING    38 /* bytes of a used ring of 4; the last two are avail_event */
#define MPRV_ON (MSTATUS_MPRV | 1ull << 11)

enum { ZERO = 0, COUNT = 8, BASE = 12, DATA = 13 };

struct maker {
    struct gen g;
    struct item it;
    u8 *image;
    u64 at; /* of the next word */
};

/* Moves the item's words into the image. */
static void flush(struct maker *k)
{
    for (unsigned i = 0; i < k->it.n; i++, k->at += 4)
        put_le(k->image + (k->at - MONITOR_PA), k->it.w[i], 4);
    k->it.n = 0;
}

static void nops_to(struct maker *k, u64 at)
{
    for (flush(k); k->at < at; flush(k))
        put(&k->g, enc_i(OP_addi, 0, 0, 0));
}

static void poke(struct maker *k, enum op op, u64 at, u64 value)
{
    put_li(&k->g, T0, at);
    put_li(&k->g, T1, value);
    put(&k->g, enc_s(op, T0, T1, 0));
    flush(k);
}

/* Returns an address in the stack or, less often, in the code so far. */
static u64 some_place(struct maker *k)
{
    u64 pa = STACK + below(&k->g, 4096);
    if (one_in(&k->g, 4))
        pa = MONITOR_PA + below(&k->g, (unsigned)(k->at + 64 - MONITOR_PA));
    return pa & ~7ull;
}

static void access(struct maker *k)
{
    u32 load = enc_i(OP_ld, DATA, BASE, 0), store = enc_s(OP_sd, BASE, DATA, 0);
    u32 amo = enc_r(OP_amoadd_d, DATA, BASE, DATA);
    put(&k->g, one_in(&k->g, 2) ? load : one_in(&k->g, 3) ? amo : store);
}

static void filler(struct maker *k, unsigned n)
{
    for (flush(k); n--; flush(k))
        put(&k->g, enc_i(OP_addi, DATA, DATA, (s32)below(&k->g, 64)));
}

static u64 loop_begin(struct maker *k, unsigned times)
{
    put_li(&k->g, COUNT, times);
    flush(k);
    return k->at;
}

static void loop_end(struct maker *k, u64 begin)
{
    put(&k->g, enc_i(OP_addi, COUNT, COUNT, -1));
    flush(k);
    put(&k->g, enc_b(OP_bne, COUNT, ZERO, (s32)(begin - k->at)));
    flush(k);
}

/* Puts an access whose leaf PTE lies in the code right after it. The leaf is
 * executed, too: it becomes another instruction when the walker sets A or D. */
static void table_in_code(struct maker *k)
{
    static const u8 flags[] = {0x0f, 0x0f, 0x4f, 0x03, 0x07, 0x0b};
    struct gen *g = &k->g;
    unsigned gap = below(g, 4);
    u64 leaf = MONITOR_PA >> 2 | PICK(g, flags);

    u64 begin = loop_begin(k, 1 + below(g, 4)), pte = (k->at + 200) & ~7ull;
    poke(k, OP_sd, pte, leaf);
    put_csr_bits(g, OP_csrrw, CSR_satp, T0, 8ull << 60 | pte >> 12);
    put(g, row_word(OP_sfence_vma));
    put_li(g, BASE, (u64)((s64)(pte << 52) >> 25) + some_place(k) - MONITOR_PA);
    put_csr_bits(g, OP_csrrs, CSR_mstatus, T0, MPRV_ON);
    nops_to(k, pte - 4 * (gap + 1));
    access(k);
    filler(k, gap);
    put_le(k->image + (pte - MONITOR_PA), leaf, 8);
    k->at = pte + 8;
    g->p->spot[g->p->nspots++] = pte;
    put_csr_bits(g, OP_csrrc, CSR_mstatus, T0, MPRV_ON);
    loop_end(k, begin);
}

/* Puts a loop that notifies a disk. The disk writes avail_event, and later its
 * answer, into a ring within the loop's code or in the stack. */
static void ring_in_code(struct maker *k)
{
    struct gen *g = &k->g;
    bool in_code = !one_in(g, 4), asks = one_in(g, 3);

    u64 used = in_code ? (k->at + 480 + 4 * below(g, 24)) & ~3ull
                       : STACK + 4 * below(g, 900);
    const u64 start[][2] = {{0x70, 0},    {0x70, 3},    {0x20, 1u << 29},
                            {0x24, 1},    {0x20, 1},    {0x70, 0xb},
                            {0x38, 4},    {0x80, DESC}, {0x90, AVAIL},
                            {0xa0, used}, {0x44, 1},    {0x70, 0xf}};
    g->p->spot[g->p->nspots++] = used + RING - 2;
    put_li(g, BASE, DISK);
    for (unsigned i = 0; i < ARRAY_LEN(start); i++, flush(k)) {
        put_li(g, T0, start[i][1]);
        put(g, enc_s(OP_sw, BASE, T0, (s32)start[i][0]));
    }
    poke(k, OP_sh, AVAIL + 2, 0);
    if (in_code)
        nops_to(k, used - 4 * (1 + below(g, 12)));
    u64 begin = loop_begin(k, 4 + below(g, 60));
    if (asks) {
        put_li(g, T0, AVAIL);
        put(g, enc_i(OP_lhu, T1, T0, 2));
        put(g, enc_i(OP_addi, T1, T1, 1));
        put(g, enc_s(OP_sh, T0, T1, 2));
    }
    put(g, enc_s(OP_sw, BASE, ZERO, 0x50));
    if (in_code) {
        nops_to(k, used - 4);
        put(g, row_word(OP_jal) | (RING + 6) / 2 << 21);
        flush(k);
        k->at = used + RING + 2;
    }
    filler(k, below(g, 24));
    loop_end(k, begin);
}

static void timers(struct maker *k)
{
    static const u64 now[] = {-1ull, -9ull, -30ull, -200ull, 0, 1ull << 63};
    static const u64 then[] = {0, 1, 9, 40, -5ull, -100ull, -1ull, 1ull << 63};
    struct gen *g = &k->g;

    poke(k, OP_sd, MTIME, PICK(g, now));
    poke(k, OP_sd, MTIMECMP, PICK(g, then) + below(g, 4));
    put_csr_bits(g, OP_csrrw, CSR_stimecmp, T0, PICK(g, then) + below(g, 4));
    put_csr_bits(g, OP_csrrw, CSR_mie, T0, any(g) & (1 << 5 | 1 << 7));
    put_csr_bits(g, one_in(g, 4) ? OP_csrrc : OP_csrrs, CSR_mstatus, T0,
                 MSTATUS_MIE);
    u64 begin = loop_begin(k, 10 + below(g, 800));
    filler(k, 1 + below(g, 8));
    loop_end(k, begin);
}

/* Puts a reset, skipped once mcycle is large, so that the program goes on. */
static void reset(struct maker *k)
{
    put_li(&k->g, T1, 2000 + below(&k->g, 60000));
    put(&k->g, enc_csr(OP_csrrs, T0, CSR_mcycle, ZERO));
    flush(k);
    u64 over = k->at + 32;
    put(&k->g, enc_b(OP_bgeu, T0, T1, 32));
    poke(k, OP_sw, FINISHER, 0x7777);
    nops_to(k, over);
}

static void handler(struct maker *k)
{
    struct gen *g = &k->g;
    unsigned a = 31;

    k->at = TRAP;
    put(g, enc_csr(OP_csrrs, a, CSR_mcause, ZERO));
    put(g, enc_b(OP_blt, a, ZERO, 20));
    put(g, enc_csr(OP_csrrs, a, CSR_mepc, ZERO));
    put(g, enc_i(OP_addi, a, a, 4));
    put(g, enc_csr(OP_csrrw, 0, CSR_mepc, a));
    put(g, row_word(OP_mret));
    put(g, enc_csr(OP_csrrw, 0, CSR_mie, ZERO));
    put(g, row_word(OP_mret));
    flush(k);
}

void gen_bare(struct program *p, u64 seed, u8 *image)
{
    static void (*const some[])(struct maker *) = {
        table_in_code, table_in_code, ring_in_code, ring_in_code,
        timers,        timers,        reset};
    static const u64 chain[][2] = {{HEADER, 16 | 1ull << 32 | 1ull << 48},
                                   {STACK, 512 | 3ull << 32 | 2ull << 48},
                                   {STACK + 512, 1 | 2ull << 32}};
    struct maker k = {.g = {.rng = seed * 0x9e3779b97f4a7c15 + 5, .p = p},
                      .image = image};
    struct gen *g = &k.g;

    g->it = &k.it;
    memset(image, 0, BARE_BYTES);
    *p = (struct program){.seed = seed, .exts = ISA_ALL, .bare = true};
    for (unsigned i = 0; i < 2 * ARRAY_LEN(chain); i++)
        put_le(image + (DESC - MONITOR_PA) + 8 * i, chain[i / 2][i % 2], 8);
    handler(&k);
    k.at = MONITOR_PA;
    put_csr_bits(g, OP_csrrw, CSR_mtvec, T0, TRAP);
    put_csr_bits(g, OP_csrrw, CSR_pmpaddr0, T0, ~0ull >> 10);
    put_csr_bits(g, OP_csrrw, CSR_pmpcfg0, T0, 0x1f);
    put_csr_bits(g, OP_csrrs, CSR_mstatus, T0, MSTATUS_FS);
    put_csr_bits(g, OP_csrrs, CSR_menvcfg, T0, any(g) & MENVCFG_STCE);
    flush(&k);
    u64 begin = k.at;
    for (unsigned n = 4 + below(g, 16); n--;)
        PICK(g, some)(&k);
    put_li(g, T0, begin);
    put(g, enc_i(OP_jalr, 0, T0, 0));
    flush(&k);
    assert(k.at < TRAP);
}
