/* SPDX-License-Identifier: MIT */
/* Implements control and status registers. csr.def is the table; this file
 * defines the functions that its expressions use. */
#include "hart/internal.h"

#define SSTATUS_WRITE                                                          \
    (MSTATUS_SIE | MSTATUS_SPIE | MSTATUS_SPP | MSTATUS_FS | MSTATUS_SUM |     \
     MSTATUS_MXR)
#define SSTATUS_READ (SSTATUS_WRITE | MSTATUS_UXL | MSTATUS_SD)
#define MSTATUS_WRITE                                                          \
    (SSTATUS_WRITE | MSTATUS_MIE | MSTATUS_MPIE | MSTATUS_MPP | MSTATUS_MPRV | \
     MSTATUS_TVM | MSTATUS_TW | MSTATUS_TSR)
/* Every synchronous cause except the environment call from M. */
#define MEDELEG_WRITE 0xb3ffull

#define NOTHING                  ((void)0)
#define SET_MASKED(reg, v, mask) ((reg) = ((reg) & ~(mask)) | ((v) & (mask)))

static bool fp_on(const struct hart *h)
{
    return h->mstatus & MSTATUS_FS;
}

/* True if h->priv may read counter n. Zicntr has 0 cycle, 1 time, 2 instret,
 * and Zihpm the others. Manual 3.1.11, 4.1.5. */
static bool counter_on(const struct hart *h, unsigned n)
{
    if (!hart_has(h, n < 3 ? EXT_ZICNTR : EXT_ZIHPM))
        return false;
    if (h->priv < PRV_M && !(h->mcounteren >> n & 1))
        return false;
    return h->priv != PRV_U || h->scounteren >> n & 1;
}

/* True if stimecmp is accessible; below M only with STCE and TM (Sstc, 2.2). */
static bool sstc_on(const struct hart *h)
{
    if (!hart_has(h, EXT_SSTC))
        return false;
    return h->priv == PRV_M ||
           (h->menvcfg & MENVCFG_STCE && h->mcounteren >> 1 & 1);
}

static void write_fcsr(struct hart *h, u64 v, u32 mask)
{
    h->fflags_frm = (h->fflags_frm & ~mask) | ((u32)v & mask);
    h->mstatus |= MSTATUS_FS;
}

static u64 read_mstatus(const struct hart *h)
{
    bool dirty = (h->mstatus & MSTATUS_FS) == MSTATUS_FS;
    return h->mstatus | (dirty ? MSTATUS_SD : 0);
}

/* MPP = 2 is not a privilege level: it becomes User. FS is 0 without floating
 * point (3.1.6.6). */
static void write_mstatus(struct hart *h, u64 v, u64 mask)
{
    if (!hart_has(h, EXT_F))
        mask &= ~MSTATUS_FS;
    u64 now = (h->mstatus & ~mask) | (v & mask);
    if ((now & MSTATUS_MPP) == 2ull << 11)
        now &= ~MSTATUS_MPP;
    h->mstatus = now;
}

/* mepc and sepc hold addresses of instructions: bit 0 is 0, and without
 * compressed instructions bit 1, too (3.1.14). */
static u64 epc_zeros(const struct hart *h)
{
    return hart_has(h, EXT_C) ? 1 : 3;
}

/* Bit 1 stays 0: modes 2 and 3 become 0 (direct) and 1 (vectored). */
#define TVEC_ZEROS 2ull

/* If the mode is not Bare or Sv39, the whole write has no effect (4.1.11). */
static void write_satp(struct hart *h, u64 v)
{
    u64 mode = v >> 60;
    if (mode != 0 && mode != SATP_MODE_SV39)
        return;
    h->satp = h->no_asid ? v & ~(0xffffull << 44) : v;
}

/* STIP belongs to stimecmp while STCE is on. */
static void write_mip(struct hart *h, u64 v)
{
    u64 mask = IRQS_S;
    if (h->menvcfg & MENVCFG_STCE)
        mask &= ~(1ull << IRQ_STIP);
    SET_MASKED(h->mip, v, mask);
}

/* Returns the fields that senvcfg and menvcfg share. */
static u64 senvcfg_bits(const struct hart *h)
{
    return MENVCFG_FIOM |
           (hart_has(h, EXT_ZICBOM) ? MENVCFG_CBIE | MENVCFG_CBCFE : 0) |
           (hart_has(h, EXT_ZICBOZ) ? MENVCFG_CBZE : 0);
}

static u64 menvcfg_bits(const struct hart *h)
{
    return senvcfg_bits(h) | (hart_has(h, EXT_SSTC) ? MENVCFG_STCE : 0) |
           (hart_has(h, EXT_SVADU) ? MENVCFG_ADUE : 0) |
           (hart_has(h, EXT_SVPBMT) ? MENVCFG_PBMTE : 0);
}

/* CBIE = 2 is reserved and becomes 0. */
static u64 legal_envcfg(u64 v, u64 bits)
{
    return (v & MENVCFG_CBIE) == 2 << 4 ? v & bits & ~MENVCFG_CBIE : v & bits;
}

/* True if the table has the CSR and h->priv may access it now. */
static bool accessible(const struct hart *h, unsigned csr)
{
    if (h->priv < (csr >> 8 & 3))
        return false;
    switch (csr) {
#define CSR(name, allowed, read, write, effect)                                \
    case CSR_##name:                                                           \
        return allowed;
#define CSRS(first, last, allowed, read, write, effect)                        \
    case CSR_##first... CSR_##last: {                                          \
        unsigned i = csr - CSR_##first;                                        \
        (void)i;                                                               \
        return allowed;                                                        \
    }
#include "hart/csr.def"
#undef CSR
#undef CSRS
    default:
        return false;
    }
}

static u64 read_value(const struct hart *h, unsigned csr)
{
    switch (csr) {
#define CSR(name, allowed, read, write, effect)                                \
    case CSR_##name:                                                           \
        return read;
#define CSRS(first, last, allowed, read, write, effect)                        \
    case CSR_##first... CSR_##last: {                                          \
        unsigned i = csr - CSR_##first;                                        \
        (void)i;                                                               \
        return read;                                                           \
    }
#include "hart/csr.def"
#undef CSR
#undef CSRS
    default:
        return 0;
    }
}

static unsigned write_value(struct hart *h, unsigned csr, u64 v)
{
    switch (csr) {
#define CSR(name, allowed, read, write, effect)                                \
    case CSR_##name:                                                           \
        write;                                                                 \
        return effect;
#define CSRS(first, last, allowed, read, write, effect)                        \
    case CSR_##first... CSR_##last: {                                          \
        unsigned i = csr - CSR_##first;                                        \
        (void)i;                                                               \
        write;                                                                 \
        return effect;                                                         \
    }
#include "hart/csr.def"
#undef CSR
#undef CSRS
    default:
        return HE_TRAP;
    }
}

unsigned hart_csr_read(struct hart *h, unsigned csr, u64 *value)
{
    if (!accessible(h, csr))
        return HE_TRAP;
    *value = read_value(h, csr);
    return HE_NONE;
}

unsigned hart_csr_write(struct hart *h, unsigned csr, u64 value)
{
    bool read_only = (csr >> 10 & 3) == 3;
    if (read_only || !accessible(h, csr))
        return HE_TRAP;
    return write_value(h, csr, value);
}

static_assert(offsetof(struct hart, stvec) % sizeof(u64) == 0,
              "CSRs must be aligned words (i386: -malign-double)");

bool hart_csr_plain(const struct hart *h, unsigned csr, unsigned *word,
                    u64 *zeros)
{
    switch (csr) {
#define CSR(name, allowed, read, write, effect)
#define CSRS(first, last, allowed, read, write, effect)
#define PLAIN(name, zero)                                                      \
    case CSR_##name:                                                           \
        *word = offsetof(struct hart, name) / sizeof(u64);                     \
        *zeros = zero;                                                         \
        return true;
#include "hart/csr.def"
#undef CSR
#undef CSRS
#undef PLAIN
    default:
        return false;
    }
}

u64 hart_csr_base(const struct hart *h, unsigned csr, u64 value)
{
    u64 soft = h->mip & 1ull << IRQ_SEIP;
    return csr == CSR_mip ? (value & ~(1ull << IRQ_SEIP)) | soft : value;
}

static bool present(unsigned csr)
{
    switch (csr) {
#define CSR(name, allowed, read, write, effect)                                \
    case CSR_##name:                                                           \
        return true;
#define CSRS(first, last, allowed, read, write, effect)                        \
    case CSR_##first... CSR_##last:                                            \
        return true;
#include "hart/csr.def"
#undef CSR
#undef CSRS
    default:
        return false;
    }
}

const char *hart_csr_name(unsigned csr)
{
    return present(csr) ? isa_csr_name(csr) : NULL;
}

int hart_csr_number(const char *name)
{
    for (unsigned csr = 0; csr < 4096; csr++) {
        const char *n = hart_csr_name(csr);
        if (n && !strcmp(n, name))
            return (int)csr;
    }
    return -1;
}
