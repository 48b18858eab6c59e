/* SPDX-License-Identifier: MIT */
/* A bare program in M for the engines' comparison alone, in which memory and
 * caches change under the running code: root page tables within code, whose A
 * and D the walker sets; rings of a disk within code and stack; timers near the
 * wrap of mtime; resets. It never ends. A trap skips four bytes, an interrupt
 * sets both timers anew. */
#include "program.h"

#define CODE    (MONITOR_PA + 0x100)
#define STACK   (MONITOR_PA + 0x10000)
#define DESC    (MONITOR_PA + 0x12000)
#define AVAIL   (MONITOR_PA + 0x12400)
#define HEADER  (MONITOR_PA + 0x12800)
#define DISK    0x10001000
#define MTIME   0x200bff8
#define QUEUE   4  /* entries */
#define RING    46 /* bytes of a used ring, its avail_event the last two */
#define NOP     0x00000013u
#define SFENCE  0x12000073u
#define MRET    0x30200073u
#define MPRV_ON (MSTATUS_MPRV | 1ull << 11)

enum { ZERO = 0, COUNT = 8, HANDLER = 28 }; /* x28 to x31: the handler's */

struct maker {
    struct gen g;
    struct item it;
    u8 *image;
    u64 at; /* of the next word */
};

/* Moves what has been put to the image. */
static void flush(struct maker *k)
{
    for (unsigned i = 0; i < k->it.n; i++, k->at += 4)
        put_le(k->image + (k->at - MONITOR_PA), k->it.w[i], 4);
    k->it.n = 0;
}

static void nops_to(struct maker *k, u64 at)
{
    for (flush(k); k->at < at; flush(k))
        put(&k->g, NOP);
}

/* So many bytes within one page follow. */
static void room(struct maker *k, u64 bytes)
{
    flush(k);
    if ((k->at & (PAGE_BYTES - 1)) + bytes > PAGE_BYTES)
        nops_to(k, (k->at | (PAGE_BYTES - 1)) + 1);
}

static void spot(struct maker *k, u64 pa)
{
    struct program *p = k->g.p;
    if (p->nspots < SPOTS)
        p->spot[p->nspots++] = pa;
}

/* A store of a constant: to a device, or to code. */
static void poke(struct maker *k, enum op op, u64 at, u64 value)
{
    put_li(&k->g, T0, at);
    put_li(&k->g, T1, value);
    put(&k->g, enc_s(op, T0, T1, 0));
    flush(k);
}

/* An address in the stack or, less often, in the code so far. */
static u64 some_place(struct maker *k)
{
    struct gen *g = &k->g;
    return (one_in(g, 4) ? CODE + below(g, (unsigned)(k->at + 64 - CODE))
                         : STACK + below(g, 4096)) &
           ~7ull;
}

static void access(struct maker *k, unsigned base)
{
    static const enum op loads[] = {OP_lb, OP_lw, OP_ld, OP_lhu};
    static const enum op stores[] = {OP_sb, OP_sw, OP_sd};
    static const enum op atomics[] = {OP_amoadd_d, OP_amoswap_w, OP_lr_d,
                                      OP_sc_d,     OP_cbo_clean, OP_cbo_flush,
                                      OP_cbo_zero};
    struct gen *g = &k->g;
    unsigned data = 13 + below(g, 12);
    unsigned how = below(g, 8);

    if (how < 4) {
        put(g, enc_i(PICK(g, loads), data, base, 0));
    } else if (how < 7) {
        put(g, enc_s(PICK(g, stores), base, data, 0));
    } else {
        enum op op = PICK(g, atomics);
        bool cbo = op >= OP_cbo_inval && op <= OP_cbo_zero;
        put(g, enc_r(op, cbo ? 0 : data, base, 0) |
                   (cbo || op == OP_lr_d ? 0 : data << 20));
    }
}

static void filler(struct maker *k, unsigned n)
{
    struct gen *g = &k->g;
    while (n--) {
        unsigned r = 13 + below(g, 12);
        put(g, enc_i(OP_addi, r, r, (s32)below(g, 64)));
        flush(k);
    }
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

/* ---- what happens ---- */

/* An access through a leaf that lies in the code right behind it, and is
 * executed, too: with A and D set it is another instruction. */
static void table_in_code(struct maker *k)
{
    static const u8 flags[] = {0x0f, 0x0f, 0x4f, 0x03, 0x07, 0x0b};
    struct gen *g = &k->g;
    unsigned gap = below(g, 4);
    u64 flag = PICK(g, flags);

    room(k, 320);
    u64 begin = loop_begin(k, 1 + below(g, 4));
    u64 pte = (k->at + 200) & ~7ull, place = some_place(k);
    u64 va = (u64)((s64)(pte << 52) >> 25) + (place - MONITOR_PA);
    poke(k, OP_sd, pte, MONITOR_PA >> 2 | flag);
    put_csr_bits(g, OP_csrrw, CSR_satp, T0, 8ull << 60 | k->at >> 12);
    put(g, SFENCE);
    put_li(g, 12, va);
    put_csr_bits(g, OP_csrrs, CSR_mstatus, T0, MPRV_ON);
    nops_to(k, pte - 4 * (gap + 1));
    access(k, 12);
    filler(k, gap);
    flush(k);
    put_le(k->image + (pte - MONITOR_PA), MONITOR_PA >> 2 | flag, 8);
    k->at = pte + 8;
    spot(k, pte);
    put_csr_bits(g, OP_csrrc, CSR_mstatus, T0, MPRV_ON);
    loop_end(k, begin);
}

static void start_disk(struct maker *k, u64 used)
{
    static const struct {
        u16 reg;
        u32 value;
    } start[] = {{0x70, 0},         {0x70, 3},          {0x24, 0},
                 {0x20, 1u << 29},  {0x24, 1},          {0x20, 1},
                 {0x70, 0xb},       {0x30, 0},          {0x38, QUEUE},
                 {0x80, (u32)DESC}, {0x90, (u32)AVAIL}, {0xa0, 1},
                 {0x44, 1},         {0x70, 0xf}};
    struct gen *g = &k->g;

    put_li(g, 10, DISK);
    for (unsigned i = 0; i < ARRAY_LEN(start); i++) {
        u64 v = start[i].value;
        put_li(g, T0, start[i].reg == 0xa0 ? used : v);
        put(g, enc_s(OP_sw, 10, T0, start[i].reg));
        flush(k);
    }
}

/* Stores to a device that writes avail_event, and later answers, near the code
 * of the same loop or into the stack. */
static void ring_in_code(struct maker *k)
{
    struct gen *g = &k->g;
    bool in_code = !one_in(g, 4), asks = one_in(g, 3);

    room(k, 720);
    u64 used = (k->at + 480 + 4 * below(g, 24)) & ~3ull;
    if (!in_code)
        used = STACK + 4 * below(g, 900);
    spot(k, used + RING - 2);
    start_disk(k, used);
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
    put(g, enc_s(OP_sw, 10, ZERO, 0x50));
    if (in_code) {
        nops_to(k, used - 4); /* over the ring */
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

/* While the machine is young, so that it gets beyond this, too. */
static void reset(struct maker *k)
{
    struct gen *g = &k->g;

    put_li(g, T1, 2000 + below(g, 60000));
    put(g, enc_csr(OP_csrrs, T0, CSR_mcycle, ZERO));
    put(g, enc_b(OP_bgeu, T0, T1, 24));
    put_li(g, T0, 0x7777);
    put_li(g, T1, FINISHER);
    put(g, enc_s(OP_sw, T1, T0, 0));
    put(g, NOP);
    put(g, NOP);
    flush(k);
}

static void accesses(struct maker *k)
{
    struct gen *g = &k->g;
    u64 begin = loop_begin(k, 1 + below(g, 20));

    for (unsigned n = 2 + below(g, 8); n--; flush(k)) {
        put_li(g, 12, some_place(k));
        access(k, 12);
        filler(k, below(g, 3));
    }
    loop_end(k, begin);
}

/* ---- all of it ---- */

static void handler(struct maker *k)
{
    struct gen *g = &k->g;
    unsigned a = HANDLER, b = a + 1, c = a + 2;

    put(g, enc_csr(OP_csrrs, a, CSR_mcause, ZERO));
    put(g, enc_b(OP_blt, a, ZERO, 20));
    put(g, enc_csr(OP_csrrs, a, CSR_mepc, ZERO));
    put(g, enc_i(OP_addi, a, a, 4));
    put(g, enc_csr(OP_csrrw, 0, CSR_mepc, a));
    put(g, MRET);
    put_csr_bits(g, OP_csrrc, CSR_mstatus, a, MSTATUS_MPRV);
    put_li(g, a, MTIME);
    put(g, enc_i(OP_ld, b, a, 0));
    put(g, enc_i(OP_addi, b, b, 30));
    put_li(g, c, MTIMECMP);
    put(g, enc_s(OP_sd, c, b, 0));
    put(g, enc_i(OP_addi, b, b, 11));
    put(g, enc_csr(OP_csrrw, 0, CSR_stimecmp, b));
    put(g, MRET);
    flush(k);
}

/* A read of a sector into the stack, always the same chain. */
static void request(const struct maker *k)
{
    static const struct {
        u64 pa;
        u32 len, flags;
    } d[] = {{HEADER, 16, 1}, {STACK + 0x800, 512, 3}, {STACK + 0x7fc, 1, 2}};

    for (unsigned i = 0; i < ARRAY_LEN(d); i++) {
        u8 *p = k->image + (DESC - MONITOR_PA) + 16 * i;
        put_le(p, d[i].pa, 8);
        put_le(p + 8, d[i].len, 4);
        put_le(p + 12, d[i].flags | (i + 1) << 16, 4);
    }
}

void gen_bare(struct program *p, u64 seed, u8 *image)
{
    static void (*const some[])(struct maker *) = {
        table_in_code, table_in_code, ring_in_code, ring_in_code,
        timers,        timers,        reset,        accesses};
    struct maker k = {.g = {.rng = seed * 0x9e3779b97f4a7c15 + 5, .p = p},
                      .image = image,
                      .at = MONITOR_PA + 0x40};

    k.g.it = &k.it;
    memset(image, 0, BARE_BYTES);
    *p = (struct program){.seed = seed, .exts = ISA_ALL, .bare = true};
    handler(&k);
    request(&k);
    k.at = MONITOR_PA; /* where it starts */
    put(&k.g, row_word(OP_jal) | (CODE - MONITOR_PA) / 2 << 21);
    flush(&k);
    k.at = CODE;
    put_csr_bits(&k.g, OP_csrrw, CSR_mtvec, T0, MONITOR_PA + 0x40);
    put_csr_bits(&k.g, OP_csrrw, CSR_pmpaddr0, T0, ~0ull >> 10);
    put_csr_bits(&k.g, OP_csrrw, CSR_pmpcfg0, T0, 0x1f);
    put_csr_bits(&k.g, OP_csrrs, CSR_mstatus, T0, MSTATUS_FS);
    put_csr_bits(&k.g, OP_csrrs, CSR_menvcfg, T0,
                 (any(&k.g) & MENVCFG_STCE) | 0xf0);
    flush(&k);
    u64 begin = k.at;
    for (unsigned n = 4 + below(&k.g, 16); n--;)
        PICK(&k.g, some)(&k);
    flush(&k);
    assert(k.at < STACK);
    u64 back = begin - k.at;
    put(&k.g, row_word(OP_jal) | (back >> 20 & 1) << 31 |
                  (back >> 1 & 0x3ff) << 21 | (back >> 11 & 1) << 20 |
                  (back & 0xff000));
    flush(&k);
}
