/* SPDX-License-Identifier: MIT */
/* Makes PMP entries (manual 3.7): those of a block, locked ones, which stay
 * until the program ends, and writes to them. */
#include "program.h"

/* R, W, X; W without R is reserved. */
static const u8 legal_rwx[] = {0, 1, 3, 4, 5, 7};

static void add_edge(struct gen *g, u64 pa)
{
    if (g->nedges < ARRAY_LEN(g->edges))
        g->edges[g->nedges++] = pa;
}

static u64 napot(u64 pa, unsigned order)
{
    return pa >> 2 | ((1ull << (order - 3)) - 1);
}

/* Sets entries 0 to 3, which cover data; entry 0 may cover a page table. */
void gen_protect(struct gen *g)
{
    u64 cfg = 0, addr[4] = {0};
    bool split = one_in(g, 4); /* regions end within pages */
    g->aligned |= split;
    g->within = true;
    for (unsigned i = 0; i < 4; i++) {
        unsigned order = split ? 3 + below(g, 10) : 12 + below(g, 4);
        u64 pa = DATA_PA + (any(g) & 0x7fff & ~((1ull << order) - 1));
        u64 rwx = below(g, 8), mode = below(g, 4);
        if (rwx == 2 || rwx == 6) /* W without R is reserved */
            rwx |= 1;
        if (!split && mode == 2)
            mode = 3;
        if (!i && mode == 1)
            mode = 0;
        add_edge(g, pa);
        addr[i] = mode == 3 ? pa >> 2 | ((1ull << (order - 3)) - 1) : pa >> 2;
        if (mode == 1) /* TOR: from the entry before it */
            addr[i - 1] = (pa & ~0xfffull) >> 2,
                     cfg &= ~(0xffull << 8 * (i - 1));
        cfg |= (mode << 3 | rwx) << 8 * i;
    }
    if (one_in(g, 4)) { /* a page table that cannot be read */
        static const u8 table[] = {T_L1, T_L0, T_L0_A, T_L1_A, T_L0_B};
        addr[0] = (TABLES_PA + 4096ull * PICK(g, table)) >> 2 | 0x1ff;
        cfg = (cfg & ~0xffffull) | PMP_NAPOT;
    }
    gen_begin(g); /* one item: a part of it might close all of memory */
    for (unsigned i = 0; i < 4; i++) {
        put_li(g, T0, addr[i]);
        put(g, enc_csr(OP_csrrw, 0, CSR_pmpaddr0 + i, T0));
    }
    put_li(g, T0, cfg);
    put(g, enc_csr(OP_csrrw, 0, CSR_pmpcfg0, T0));
}

enum { CFG_TOR = 1 << 3, CFG_NA4 = 2 << 3, CFG_NAPOT = 3 << 3, CFG_L = 0x80 };

struct entry {
    u64 from; /* TOR: its start, written to the entry before */
    u64 addr; /* as it is written to pmpaddr */
    u8 cfg;
};

/* Returns an entry to be locked. The monitor reads both ends of each data page
 * in M, so they stay readable, in whole doublewords. */
static struct entry locked_entry(struct gen *g)
{
    u64 page = DATA_PA + 4096ull * below(g, DATA_PAGES), pa;
    u8 rwx = PICK(g, legal_rwx);
    unsigned order;
    switch (below(g, 6)) {
    case 0: /* landing pages: to be jumped to */
        return (struct entry){0, napot(LAND_PA + 8192ull * below(g, 2), 13),
                              CFG_NAPOT | rwx};
    case 1: /* data that at least can be read */
        order = 3 + below(g, 13);
        pa = DATA_PA + (any(g) & 0x7fff & ~((1ull << order) - 1));
        add_edge(g, pa);
        return (struct entry){0, napot(pa, order), CFG_NAPOT | rwx | 1};
    case 2: /* the middle of a page */
        order = 4 + below(g, 7);
        pa = page + 1024 + (any(g) & 0x7ff & ~((1ull << order) - 1));
        add_edge(g, pa);
        return (struct entry){0, napot(pa, order), CFG_NAPOT | rwx};
    case 3:
        pa = page + 512 + 4ull * below(g, 768);
        add_edge(g, pa);
        return (struct entry){0, pa >> 2, CFG_NA4 | rwx};
    case 4: { /* TOR; it matches nothing if it starts after its end */
        u64 a = page + 256 + 4ull * below(g, 896);
        u64 b = page + 256 + 4ull * below(g, 896);
        add_edge(g, a);
        add_edge(g, b);
        return (struct entry){a >> 2, b >> 2, CFG_TOR | rwx};
    }
    default: /* locked, and off */
        return (struct entry){0, page >> 2, rwx};
    }
}

/* Locks entry 5, then 7; entry 4 or 6 holds the start of a TOR region. */
void gen_lock(struct gen *g)
{
    unsigned i = g->locked & 1 << 5 ? 7 : 5;
    if (g->locked & 1 << i)
        return;
    struct entry e = locked_entry(g);
    gen_begin(g);
    put_li(g, T0, e.addr);
    put(g, enc_csr(OP_csrrw, 0, CSR_pmpaddr0 + i, T0));
    put_li(g, T0, e.from);
    put(g, enc_csr(OP_csrrw, 0, CSR_pmpaddr0 + i - 1, T0));
    put_li(g, T0, (u64)(e.cfg | CFG_L) << 8 * i);
    put(g, enc_csr(OP_csrrs, 0, CSR_pmpcfg0, T0));
    g->locked |= (u8)(1 << i);
    g->nlocked_edges = g->nedges;
    g->aligned = g->within = true;
}

/* Puts a write to pmpcfg0 or a pmpaddr, whose entry may be locked, and its
 * undoing. */
void gen_pmp(struct gen *g)
{
    unsigned old = reg(g), v = reg_not(g, old, 0), now = reg_not(g, old, v);
    unsigned csr = one_in(g, 3) ? CSR_pmpcfg0 : CSR_pmpaddr0 + below(g, 8);
    g->it->kind = K_PMP;
    put_li(g, v, csr_value(g, csr, OP_csrrw, any(g)));
    put(g, enc_csr(OP_csrrw, old, csr, v));
    put(g, enc_csr(OP_csrrw, now, csr, old));
    put(g, enc_csr(OP_csrrs, v, csr, 0));
}
