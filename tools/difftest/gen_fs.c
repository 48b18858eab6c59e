/* SPDX-License-Identifier: MIT */
/* Makes floating point while mstatus.FS is Off, Initial or Clean: instructions
 * that trap, and instructions that make it Dirty. */
#include "program.h"

static void put_fp(struct gen *g)
{
    switch (below(g, 8)) {
    case 0:
    case 1:
    case 2:
        put_fp_access(g);
        break;
    case 3: /* the CSRs: a write makes FS Dirty */
        put(g, enc_csr(PICK(g, ((const u16[]){OP_csrrw, OP_csrrwi, OP_csrrsi,
                                              OP_csrrci})),
                       reg(g), CSR_fflags, 1 + below(g, 31)));
        break;
    case 4:
        put(g, enc_csr(OP_csrrs, reg(g),
                       PICK(g, ((const u16[]){CSR_fcsr, CSR_frm, CSR_fflags})),
                       0));
        break;
    default:
        put(g, gen_fp_word(g));
    }
}

/* Puts operations; outside U, sets another FS before and reads FS after. */
void gen_fs(struct gen *g)
{
    unsigned t = reg(g), csr = g->priv == PRV_M ? CSR_mstatus : CSR_sstatus;
    u64 fs = below(g, 4);
    bool before = g->fs_odd;
    g->it->kind = K_FS;
    g->fs_odd = true;
    if (g->priv != PRV_U) {
        put_csr_bits(g, OP_csrrc, csr, t, MSTATUS_FS);
        if (fs)
            put_csr_bits(g, OP_csrrs, csr, t, fs << 13);
    }
    for (unsigned n = 1 + below(g, 3); n; n--)
        put_fp(g);
    if (g->priv != PRV_U) {
        put(g, enc_csr(OP_csrrs, reg(g), csr, 0));
        put_csr_bits(g, OP_csrrs, csr, t, MSTATUS_FS);
    }
    g->fs_odd = before;
}
