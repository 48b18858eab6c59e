/* SPDX-License-Identifier: MIT */
/* Makes items that load, store and jump to addresses that may fault. Stores
 * reach data pages only, whatever the page tables say: any leaf, of any size,
 * that gen_paging.c makes for a virtual address of this file leads it to data,
 * to no RAM, or to a page that may not be written. */
#include "program.h"

/* Returns an offset 1 to `size` bytes before the end of the page. */
static unsigned over_the_end(struct gen *g, unsigned size)
{
    unsigned before = below(g, size + 1);
    return 4096 - (before ? before : 1);
}

/* Returns an offset in a page, mostly in its first or last 128 bytes, which a
 * record's digest covers. */
static unsigned offset_in_page(struct gen *g, unsigned size)
{
    switch (g->aligned ? 5 + below(g, 3) : below(g, 8)) {
    case 0:
        return below(g, 4097 - size);
    case 1:
        return g->within ? 4096 - size : over_the_end(g, size);
    case 4:
        return below(g, 128 - size);
    case 5:
    case 6:
        return 4096 - size * (1 + below(g, 128 / size));
    default:
        return size * below(g, 128 / size);
    }
}

/* Returns the start of a page, mostly of data, seen through the tables. */
static u64 data_va(struct gen *g, bool store)
{
    static const u64 view[] = {0, 0xc0000000, 0xc0000000, 0xffffffffc0000000,
                               0xffffffc000000000};
    unsigned slot = below(g, 16), page = below(g, DATA_PAGES);
    if (!store && one_in(g, 12))
        slot = LAND_SLOT + below(g, 8);
    switch (below(g, 12)) {
    case 0: /* 2 MiB slots: data lies as in RAM */
    case 1:
        return (u64)(1 + below(g, 3)) << 21 |
               (DATA_PA + page * 4096ull - MONITOR_PA);
    case 2: /* 1 GiB */
        return 0x40000000ull + (DATA_PA + page * 4096ull - MONITOR_PA);
    case 3: /* RAM mapped to itself, for S */
        return DATA_PA + page * 4096ull;
    case 4: /* not canonical, by one bit */
        return 1ull << (38 + below(g, 26)) | (u64)slot << 12;
    case 5:
        return (any(g) << 39) | (u64)slot << 12;
    case 6: /* not mapped at all */
        return 0x3f80000000ull + ((u64)slot << 12);
    case 7: /* U's code, not writable */
        return UCODE_VA + 4096ull * below(g, 4);
    case 8: /* the end of the address space */
        return 0xfffffffffffff000;
    default:
        return PICK(g, view) + ((u64)slot << 12);
    }
}

/* Returns a physical page's address: of data, or where there is no RAM. */
static u64 data_pa(struct gen *g)
{
    static const u64 holes[] = {0x18000000, 0x11fff000, 0x80000000 + RAM_SIZE,
                                0x100000000000000, 0xffffffff80018000};
    if (one_in(g, 12))
        return PICK(g, holes);
    return DATA_PA + 4096ull * below(g, DATA_PAGES);
}

/* Returns an address next to the start or end of a PMP region. */
static u64 near_edge(struct gen *g, unsigned size)
{
    u64 at = g->edges[below(g, g->nedges)];
    u64 va = (at & ~(u64)(size - 1)) + (u64)size * below(g, 3) - size;
    return va - DATA_PA < 4096 * DATA_PAGES ? va : at & ~7ull;
}

u64 gen_address(struct gen *g, bool translated, bool store, unsigned size)
{
    if (g->nedges && one_in(g, 4))
        return near_edge(g, size);
    u64 page = translated ? data_va(g, store) : data_pa(g);
    u64 va = page + offset_in_page(g, size);
    if (!translated && page - DATA_PA >= 4096 * DATA_PAGES)
        va &= ~(u64)(size - 1);
    /* no access wraps round the end of the address space: that is not
     * defined */
    if (page > -8192ull && va + size - 1 < page)
        va = -(u64)size;
    /* the last data page is followed by landing pages, which stay intact */
    if (store && (va & 0x1fffff) + size > LAND_PA - MONITOR_PA &&
        (va & 0x1fffff) < LAND_PA - MONITOR_PA)
        va -= 8;
    if (store && (va >> 12 & 0x1ff) == LAND_SLOT - 1 && (va & 4095) > 4088)
        va -= 8;
    return va;
}

static bool translated(const struct gen *g)
{
    return g->priv < PRV_M && g->b->space != SPACE_BARE;
}

/* ---- loads and stores ---- */

static bool is_load(const struct row *r)
{
    return r->class == IC_LOAD || r->class == IC_LOADB || r->class == IC_FLOAD;
}

static bool is_store(const struct row *r)
{
    return r->class == IC_STORE || r->class == IC_FSTORE;
}

static unsigned access_size(const struct row *r)
{
    return 1u << (r->match >> 12 & 3);
}

static void put_access(struct gen *g, const struct row *r, unsigned base,
                       s32 imm)
{
    unsigned data = below(g, 32);
    if (is_store(r))
        put(g, enc_s(r->op, base, data, imm));
    else
        put(g, enc_i(r->op, r->class == IC_FLOAD ? data : reg_not(g, base, 0),
                     base, imm));
}

/* The twelve compressed loads and stores, base x8..x15 or sp. */
static const u16 short_bases[] = {0x2000, 0x4000, 0x6000, 0xa000,
                                  0xc000, 0xe000, 0x2002, 0x4002,
                                  0x6002, 0xa002, 0xc002, 0xe002};

static void short_access(struct gen *g, u16 base)
{
    struct insn in;
    u16 w;
    bool store = base & 0x8000;
    do {
        w = base;
        w |= (u16)any(g) & 0x1ffc;
        isa_decode(w, &in);
    } while (in.op == OP_illegal || (!store && in.rd == in.rs1 && in.rd));
    unsigned size = 1u << (row_word(in.op) >> 12 & 3);
    u64 va = gen_address(g, translated(g), store, size);
    put_li(g, in.rs1, va - (u64)(s64)in.imm);
    put(g, w);
}

static const struct row *access_row(struct gen *g)
{
    for (;;) {
        const struct row *r = &rows[below(g, nrows)];
        if (!is_load(r) && !is_store(r))
            continue;
        /* a row of these classes with another format is no load or store */
        if (r->format != IF_LOAD && r->format != IF_S &&
            r->format != IF_FLOAD && r->format != IF_FSTORE)
            continue;
        return r;
    }
}

static void one_access(struct gen *g, bool through_tables)
{
    const struct row *r = access_row(g);
    unsigned base = reg(g);
    s32 imm = one_in(g, 3) ? 0 : (s32)below(g, 4096) - 2048;
    u64 va = gen_address(g, through_tables, is_store(r), access_size(r));
    put_li(g, base, va - (u64)(s64)imm);
    put_access(g, r, base, imm);
}

/* Puts a load or store of floating point, compressed or not. */
void put_fp_access(struct gen *g)
{
    static const u16 base[] = {0x2000, 0xa000, 0x2002, 0xa002};
    const struct row *r;
    if (one_in(g, 3)) {
        short_access(g, PICK(g, base));
        return;
    }
    do
        r = access_row(g);
    while (r->class != IC_FLOAD && r->class != IC_FSTORE);
    unsigned at = reg(g);
    put_li(g, at, gen_address(g, translated(g), is_store(r), access_size(r)));
    put_access(g, r, at, 0);
}

void gen_memory(struct gen *g)
{
    g->it->kind = K_MEMORY;
    for (unsigned n = 1 + below(g, 3); n; n--)
        if (one_in(g, 4))
            short_access(g, PICK(g, short_bases));
        else
            one_access(g, translated(g));
}

/* Puts a load or store of M with the rights of S or U, under MPRV. */
void gen_mprv(struct gen *g)
{
    g->it->kind = K_MPRV;
    if (g->b->space == SPACE_BARE && one_in(g, 2)) {
        gen_memory(g);
        return;
    }
    unsigned t = reg(g), base = reg_not(g, t, 0);
    const struct row *r = access_row(g);
    u64 va =
        gen_address(g, g->b->space != SPACE_BARE, is_store(r), access_size(r));
    put_li(g, base, va);
    put_csr_bits(g, OP_csrrc, CSR_mstatus, t,
                 MSTATUS_MPP | MSTATUS_SUM | MSTATUS_MXR);
    put_csr_bits(g, OP_csrrs, CSR_mstatus, t,
                 (one_in(g, 2) ? 1ull << 11 : 0) |
                     (any(g) & (MSTATUS_SUM | MSTATUS_MXR)));
    put_csr_bits(g, OP_csrrs, CSR_mstatus, t, MSTATUS_MPRV);
    unsigned data;
    do
        data = reg(g);
    while (data == t || data == base);
    put(g, is_store(r)            ? enc_s(r->op, base, data, 0)
           : r->class == IC_FLOAD ? enc_i(r->op, data, base, 0)
                                  : enc_i(r->op, data, base, 0));
    put(g, enc_csr(OP_csrrc, 0, CSR_mstatus, t));
}

/* ---- atomics: aligned (departures.def: amo-misaligned) ------------------- */

static u64 aligned_address(struct gen *g, unsigned size)
{
    return gen_address(g, translated(g), true, size) & ~(u64)(size - 1);
}

static bool is_amo(const struct row *r)
{
    return r->class == IC_AMO && r->format != IF_LR && r->op != OP_sc_w &&
           r->op != OP_sc_d;
}

void gen_amo(struct gen *g)
{
    const struct row *r;
    g->it->kind = K_AMO;
    do
        r = &rows[below(g, nrows)];
    while (!is_amo(r));
    unsigned base = reg(g);
    put_li(g, base, aligned_address(g, access_size(r)));
    put(g, r->match | below(g, 4) << 25 | below(g, 32) << 7 | base << 15 |
               below(g, 32) << 20);
}

/* Puts an lr and its sc to the same address, and nothing between that could end
 * the reservation. An lr that has trapped leaves its rd alone; the sc is
 * skipped then (departures.def: sc-fails). */
void gen_lrsc(struct gen *g)
{
    const s32 magic = 0x5a5;
    bool d = one_in(g, 2);
    unsigned base = reg(g), rd = reg_not(g, base, 0), t = reg_not(g, base, rd);
    u32 aqrl = below(g, 4) << 25;
    enum op lr = d ? OP_lr_d : OP_lr_w, sc = d ? OP_sc_d : OP_sc_w;
    unsigned n = below(g, 4);
    g->it->kind = K_LRSC;
    put_li(g, base, aligned_address(g, d ? 8 : 4));
    put(g, enc_i(OP_addi, rd, 0, magic));
    put(g, row_word(lr) | aqrl | rd << 7 | base << 15);
    put(g, enc_i(OP_addi, t, 0, magic));
    put(g, enc_b(OP_beq, rd, t, (s32)(8 + 4 * n)));
    for (unsigned i = 0; i < n; i++)
        put(g, enc_i(OP_addi, reg_not(g, base, 0), below(g, 32),
                     (s32)below(g, 100)));
    put(g, row_word(sc) | aqrl | reg_not(g, base, 0) << 7 | base << 15 |
               below(g, 32) << 20);
    /* another sc, without a reservation */
    if (g->priv == PRV_M && !g->aligned && one_in(g, 2)) {
        put_li(g, base, DATA_PA + 8 * below(g, 512));
        put(g, row_word(sc) | aqrl | below(g, 32) << 7 | base << 15 |
                   below(g, 32) << 20);
    }
}

/* ---- jumps ---- */

static u64 landing(struct gen *g)
{
    unsigned off = one_in(g, 4)   ? (g->p->holes || g->within ? 0xffc : 0xffe)
                   : one_in(g, 3) ? 0
                                  : 2 + 2 * below(g, 2046);
    unsigned page = below(g, LAND_PAGES);
    u64 slot = LAND_SLOT + below(g, 8);
    if (g->priv == PRV_M || g->b->space == SPACE_BARE)
        return one_in(g, 4) ? 0x18000000ull + off
                            : LAND_PA + page * 4096ull + off;
    switch (below(g, 10)) {
    case 0:
        return (u64)(1 + below(g, 3)) << 21 |
               (LAND_PA - MONITOR_PA + page * 4096ull + off);
    case 1:
        return 0x40000000ull + LAND_PA - MONITOR_PA + page * 4096ull + off;
    case 2:
        return LAND_PA + page * 4096ull + off;
    case 3:
        return 1ull << (38 + below(g, 26)) | slot << 12 | off;
    case 4:
        return 0x3f80000000ull + off;
    default:
        return (one_in(g, 2)   ? 0
                : one_in(g, 2) ? 0xffffffffc0000000
                               : 0xc0000000) +
               (slot << 12) + off;
    }
}

/* Puts a jump to any place; `ret` there, or a trap handler, returns to ra. */
void gen_wild(struct gen *g)
{
    unsigned t = reg_not(g, 1, 0);
    g->it->kind = K_WILD;
    if (g->priv == PRV_S && g->b->space != SPACE_BARE) /* sum-fetch */
        put(g, row_word(OP_sfence_vma));
    put_li(g, t, landing(g) + (one_in(g, 8) ? 1 : 0));
    if (one_in(g, 3))
        put(g, 0x9002 | t << 7); /* c.jalr */
    else
        put(g, enc_i(OP_jalr, 1, t, 0));
}
