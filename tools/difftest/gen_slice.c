/* SPDX-License-Identifier: MIT */
/* Accesses every CSR number from every privilege. Each seed has a slice of the
 * numbers, and three more blocks in which M, S and U read, write, set and clear
 * each number of the slice. Slices are strided: neighbouring CSRs, which often
 * have the same departure, are in different slices. */
#include "departures.h"
#include "program.h"

#define SLICES 56 /* 73 or 74 numbers each, one item each (BODY_MAX) */

static unsigned slice_number(const struct program *p, unsigned i)
{
    return (unsigned)(p->seed % SLICES) + SLICES * i;
}

void gen_slice_needs(struct program *p)
{
    p->triggers = false;
    for (unsigned i = 0; slice_number(p, i) < 4096; i++) {
        unsigned csr = slice_number(p, i);
        if (departs_csr(csr) == CSR_HPM)
            p->exts |= EXT_BIT(ZIHPM);
        if (departs_csr(csr) == CSR_SSTC)
            p->exts &= ~EXT_BIT(SSTC);
        p->triggers |= csr == 0x7a0 || csr == 0x7a1 || csr == 0x7a2;
    }
}

/* Returns bits that the op (csrrs, csrrc) may set or clear. */
static u64 bits_for(struct gen *g, unsigned csr, enum op op)
{
    switch (csr) {
    case CSR_satp: /* bits of the ASID, unless addresses are bare */
        return g->b->space == SPACE_BARE ? 0 : any(g) >> 48 << 44;
    case CSR_pmpcfg0: /* W comes with R, always */
    case CSR_pmpcfg2:
        return op == OP_csrrs ? 0x0505050505050505 : 0x0606060606060606;
    default:
        return csr_value(g, csr, op, one_in(g, 2) ? special_value(g) : any(g));
    }
}

/* Writes a value, then the old value back, and reads both. */
static void put_pair(struct gen *g, unsigned csr, enum op op, u64 value)
{
    unsigned old = reg(g), v = reg_not(g, old, 0), now = reg_not(g, old, v);
    put_li(g, v, value | ((csr >> 10 & 3) == 3)); /* departures.def: csr-mask */
    put(g, enc_csr(op, old, csr, v));
    put(g, enc_csr(OP_csrrw, now, csr, old));
    if (departs_csr(csr) != CSR_SAME) {
        put_li(g, old, 0);
        put_li(g, now, 0);
    }
}

static void put_number(struct gen *g, unsigned csr)
{
    bool zero = departs_csr(csr) == CSR_ZERO;
    unsigned rd = reg(g);
    put(g, enc_csr(one_in(g, 2) ? OP_csrrs : OP_csrrc, rd, csr, 0));
    if (departs_csr(csr) != CSR_SAME)
        put_li(g, rd, 0);
    put_pair(g, csr, OP_csrrw, zero ? 0 : csr_value(g, csr, OP_csrrw, any(g)));
    put_pair(g, csr, OP_csrrs, zero ? 0 : bits_for(g, csr, OP_csrrs));
    put_pair(g, csr, OP_csrrc, zero ? 0 : bits_for(g, csr, OP_csrrc));
}

void gen_slice(struct gen *g, u32 priv)
{
    struct block *b = g->b;
    *b = (struct block){.priv = (u8)priv, .passes = 1};
    b->space = (u8)below(g, 3);
    b->set = below(g, SETS);
    g->priv = priv;
    g->irq = g->pending = false;
    gen_setup(g);
    for (unsigned i = 0; slice_number(g->p, i) < 4096; i++) {
        g->it = &b->body[b->nbody++];
        *g->it = (struct item){.kind = K_CSR};
        put_number(g, slice_number(g->p, i));
    }
}
