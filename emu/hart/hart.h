/* SPDX-License-Identifier: MIT */
/* One hart: registers, CSRs, privilege, traps, interrupts, PMP, floating point.
 * It knows neither memory nor devices. The engine advances its two counters,
 * cycle and instret. There is no global hart. */
#pragma once

#include "base/base.h"
#include "base/state.h"
#include "isa/isa.h"

enum { PRV_U = 0, PRV_S = 1, PRV_M = 3 };

/* mcause values, privileged manual 1.12, tables 3.6 and 4.2. */
enum {
    CAUSE_FETCH_MISALIGNED = 0,
    CAUSE_FETCH_ACCESS = 1,
    CAUSE_ILLEGAL = 2,
    CAUSE_BREAKPOINT = 3,
    CAUSE_LOAD_MISALIGNED = 4,
    CAUSE_LOAD_ACCESS = 5,
    CAUSE_STORE_MISALIGNED = 6,
    CAUSE_STORE_ACCESS = 7,
    CAUSE_ECALL_U = 8,
    CAUSE_ECALL_S = 9,
    CAUSE_ECALL_M = 11,
    CAUSE_FETCH_PAGE = 12,
    CAUSE_LOAD_PAGE = 13,
    CAUSE_STORE_PAGE = 15
};
#define CAUSE_INTERRUPT (1ull << 63)
enum {
    IRQ_SSIP = 1,
    IRQ_MSIP = 3,
    IRQ_STIP = 5,
    IRQ_MTIP = 7,
    IRQ_SEIP = 9,
    IRQ_MEIP = 11
};

#define MSTATUS_SIE    (1ull << 1)
#define MSTATUS_MIE    (1ull << 3)
#define MSTATUS_SPIE   (1ull << 5)
#define MSTATUS_MPIE   (1ull << 7)
#define MSTATUS_SPP    (1ull << 8)
#define MSTATUS_MPP    (3ull << 11)
#define MSTATUS_FS     (3ull << 13)
#define MSTATUS_MPRV   (1ull << 17)
#define MSTATUS_SUM    (1ull << 18)
#define MSTATUS_MXR    (1ull << 19)
#define MSTATUS_TVM    (1ull << 20)
#define MSTATUS_TW     (1ull << 21)
#define MSTATUS_TSR    (1ull << 22)
#define MSTATUS_UXL    (3ull << 32)
#define MSTATUS_SD     (1ull << 63)
#define MENVCFG_STCE   (1ull << 63)
#define MENVCFG_PBMTE  (1ull << 62)
#define MENVCFG_ADUE   (1ull << 61)
#define MENVCFG_CBZE   (1ull << 7)
#define MENVCFG_CBCFE  (1ull << 6)
#define MENVCFG_CBIE   (3ull << 4) /* 0: off; 1: flush; 3: invalidate */
#define MENVCFG_FIOM   1ull
#define SATP_MODE_SV39 8ull

#define PMP_ENTRIES 16
/* A byte of pmpcfg, manual 3.7.1. */
#define PMP_R     1u
#define PMP_W     2u
#define PMP_X     4u
#define PMP_A     0x18u /* the address-matching mode: off, or one of these */
#define PMP_TOR   0x08u
#define PMP_NA4   0x10u
#define PMP_NAPOT 0x18u
#define PMP_L     0x80u /* locked: M-mode obeys it, too */

/* The consequences of a CSR access, for the engine. */
enum hart_effect {
    HE_NONE = 0,
    HE_TRAP = 1,      /* illegal: raise CAUSE_ILLEGAL */
    HE_CONTEXT = 2,   /* SUM, MXR, MPRV, MPP, satp, PMP or menvcfg was written:
                       * translations must be looked up afresh */
    HE_INTERRUPT = 4, /* mip, mie, mstatus... written: look for interrupts */
    HE_TIMER = 8,     /* stimecmp or STCE written: reschedule the timer */
    HE_COUNTER = 16   /* mcycle, minstret or mcountinhibit was written */
};

struct hart {
    u64 x[32]; /* x[0] stays 0: handlers never write it */
    u64 f[32]; /* halves and singles are NaN-boxed */
    u64 pc;
    u32 priv;
    u32 fflags_frm; /* fcsr: frm << 5 | fflags */

    /* Core cycles (the machine's clock) and instructions since power-on; both
     * are exact between blocks. The CSRs mcycle and minstret are these plus an
     * offset, so that a guest may write them. */
    u64 cycle, instret;
    u64 mcycle_offset, minstret_offset;
    u64 clock_hz, timebase_hz; /* mtime = cycle * timebase / clock */
    u64 mtime_offset;          /* set by CLINT writes of mtime */

    u64 mstatus, mtvec, mscratch, mepc, mcause, mtval, mie, medeleg, mideleg;
    u64 mip;   /* software and device bits; see hart_pending */
    bool seip; /* the interrupt controller's SEIP wire */
    u64 stvec, sscratch, sepc, scause, stval, satp;
    u64 stimecmp, menvcfg, senvcfg;
    u32 mcounteren, scounteren, mcountinhibit;
    u64 tselect, tdata1, tdata2;
    u8 pmpcfg[PMP_ENTRIES];
    u64 pmpaddr[PMP_ENTRIES];

    u64 reservation;       /* physical line address of lr; ~0 when none */
    u64 reservation_value; /* unused, kept 0 */
    bool wfi;    /* the hart waits in a wfi until an interrupt is pending; in a
                  * wrs also until the reservation is lost or wake_at comes */
    u64 wake_at; /* cycle at which a wrs ends at the latest; ~0: no wrs */

    /* fixed by configuration, not state */
    u64 hartid;
    u64 exts;     /* the set of its extensions: EXT_BIT(), isa/exts.def */
    bool no_asid; /* --asid off: satp.ASID is read-only 0 */
    bool hw_ad;   /* without Svadu: the walker sets A and D itself */
};

static inline bool hart_has(const struct hart *h, enum insn_ext ext)
{
    return h->exts >> ext & 1;
}

/* True if the walker sets A and D now. Svadu: menvcfg.ADUE, reset value 1. */
static inline bool hart_hw_ad(const struct hart *h)
{
    return hart_has(h, EXT_SVADU) ? !!(h->menvcfg & MENVCFG_ADUE) : h->hw_ad;
}

/* True if PTEs have memory types now. Svpbmt: menvcfg.PBMTE, reset value 1. */
static inline bool hart_pbmt(const struct hart *h)
{
    return hart_has(h, EXT_SVPBMT) && h->menvcfg & MENVCFG_PBMTE;
}

void hart_reset(struct hart *h, u64 pc);
void hart_state(struct hart *h, struct state *s);

/* These read or write a CSR of csr.def (privileged manual 2.1) at h->priv. The
 * caller implements write, set and clear: it computes the new value from the
 * one read, and does not write for csrrs/csrrc with x0. They return a set of
 * enum hart_effect; with HE_TRAP nothing changed. h->cycle and h->instret are
 * those before the accessing instruction. The next instruction reads minstret
 * as written; mcycle, too, if the writing instruction takes one cycle. */
unsigned hart_csr_read(struct hart *h, unsigned csr, u64 *value);
unsigned hart_csr_write(struct hart *h, unsigned csr, u64 value);
/* Returns the value that csrrs and csrrc modify, given the value read. It is
 * the value read, except for mip: the interrupt controller's SEIP line is read
 * but not written back (manual 3.1.9). */
u64 hart_csr_base(const struct hart *h, unsigned csr, u64 value);
/* True if a CSR is just one u64 of struct hart, at index *word, for every
 * privilege that may access it; the bits of *zeros stay 0. */
bool hart_csr_plain(const struct hart *h, unsigned csr, unsigned *word,
                    u64 *zeros);
/* These map a CSR's name to its number and back; -1, NULL: no such CSR. */
int hart_csr_number(const char *name);
const char *hart_csr_name(unsigned csr);

/* Sets the level of an interrupt wire into the hart: IRQ_MSIP, MTIP, MEIP or
 * SEIP. SEIP is or-ed with the bit that software can set in mip. */
void hart_set_irq(struct hart *h, unsigned irq, bool level);

/* Takes a trap at h->pc: sets xepc, xcause, xtval, xstatus, privilege, pc. */
void hart_trap(struct hart *h, u64 cause, u64 tval);

/* Returns the interrupt to take now (a cause with CAUSE_INTERRUPT), or 0.
 * Priority MEI MSI MTI SEI SSI STI; manual 3.1.9. */
u64 hart_interrupt(const struct hart *h);
/* Returns mip as software reads it, with STIP from stimecmp when STCE is on. */
u64 hart_pending(const struct hart *h);

u64 hart_mtime(const struct hart *h);
/* Returns the first cycle after now at which mtime >= t becomes true; if it is
 * true now, the cycle at which a wrap of mtime makes it false; ~0: never. */
u64 hart_cycle_of_change(const struct hart *h, u64 t);
/* More cycles or instructions than a machine reaches: 14 years of its time at
 * 10 GHz, the fastest clock. Sums of two such numbers do not wrap. */
#define HART_COUNT_END (1ull << 62)

/* These perform mret and sret, and check wfi. False: illegal instruction. */
bool hart_mret(struct hart *h);
bool hart_sret(struct hart *h);
bool hart_wfi_allowed(const struct hart *h);
/* Zawrs: with mstatus.TW a wrs.nto below M is illegal if it would wait. */
enum wrs { WRS_NTO, WRS_STO };
bool hart_wrs_allowed(const struct hart *h, enum wrs kind);
/* The longest waits, in cycles. STO lasts as long as some ten misses to memory.
 * The manual lets a wait without time-out (wrs.nto) end for any reason. */
#define WRS_STO_CYCLES 1000
#define WRS_NTO_CYCLES 100000
/* Below M, menvcfg must allow Zicbom and Zicboz; in U, senvcfg, too (CMO 1.0.1,
 * chapter 4). */
enum cbo { CBO_INVAL, CBO_CLEAN, CBO_FLUSH, CBO_ZERO };
#define CBO_BLOCK 64 /* bytes, naturally aligned */
bool hart_cbo_allowed(const struct hart *h, enum cbo op);
bool hart_sfence_allowed(const struct hart *h);

/* Returns the cycles of a millisecond, at least one. */
static inline u64 cycles_per_ms(u64 clock_hz)
{
    return clock_hz >= 1000 ? clock_hz / 1000 : 1;
}

/* True if the hart waits in wfi or wrs. */
static inline bool hart_waits(const struct hart *h)
{
    if (likely(!h->wfi))
        return false;
    bool lost = h->wake_at != ~0ull && h->reservation == ~0ull;
    return !lost && h->cycle < h->wake_at && !(hart_pending(h) & h->mie);
}

/* Returns the privilege that loads and stores use (MPRV). */
static inline u32 hart_data_priv(const struct hart *h)
{
    return h->mstatus & MSTATUS_MPRV && h->priv == PRV_M
               ? (u32)(h->mstatus >> 11 & 3)
               : h->priv;
}

/* Checks all bytes of [pa, pa + size) by PMP (manual 3.7); kind: PMP_R, PMP_W
 * or PMP_X. */
bool hart_pmp_ok(const struct hart *h, u64 pa, unsigned size, unsigned kind,
                 u32 priv);
/* The bytes [from, end) around pa for which the same PMP entry, or none,
 * decides. For an access within them hart_pmp_region_ok gives the answer of
 * hart_pmp_ok, until a PMP CSR changes. */
struct pmp_region {
    u64 from, end;
    bool matched; /* an entry decides */
    u8 cfg;       /* the pmpcfg byte of that entry */
};
struct pmp_region hart_pmp_region(const struct hart *h, u64 pa);
bool hart_pmp_region_ok(const struct pmp_region *r, unsigned kind, u32 priv);
/* True if r, the region of pa, holds the whole 4 KiB page of pa. */
static inline bool hart_pmp_uniform(const struct pmp_region *r, u64 pa)
{
    u64 page = pa & ~(PAGE_BYTES - 1);
    return r->from <= page && r->end - page >= PAGE_BYTES;
}
/* True if writes of pmpaddr i are ignored, manual 3.7.1. */
bool hart_pmpaddr_locked(const struct hart *h, unsigned i);

/* The names of exceptions, by cause; "reserved N" for a reserved one. */
extern const char *const hart_cause_name[16];
