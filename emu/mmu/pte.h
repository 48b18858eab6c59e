/* SPDX-License-Identifier: MIT */
/* Judges PTEs by the privileged manual 1.12, 4.3.1 and steps 3 to 7 of 4.3.2,
 * with Svnapot (chapter 5) and Svpbmt (6). The machine's walk, mmu_probe and
 * the explanation of a fault all use these functions. */
#pragma once

#include "base/base.h"

enum access { ACC_FETCH, ACC_LOAD, ACC_STORE };

#define PTE_V         (1ull << 0)
#define PTE_R         (1ull << 1)
#define PTE_W         (1ull << 2)
#define PTE_X         (1ull << 3)
#define PTE_U         (1ull << 4)
#define PTE_G         (1ull << 5)
#define PTE_A         (1ull << 6)
#define PTE_D         (1ull << 7)
#define PTE_PPN(pte)  ((pte) >> 10 & 0xfffffffffffull)
#define PTE_RESERVED  (0x7full << 54)
#define PTE_PBMT(pte) ((unsigned)((pte) >> 61 & 3)) /* Svpbmt: enum memtype */
#define PTE_N         (1ull << 63)                  /* Svnapot */

/* A page's memory type; PMA: the type that its physical address has. */
enum memtype { MEMTYPE_PMA, MEMTYPE_NC, MEMTYPE_IO, MEMTYPE_RESERVED };
extern const char *const memtype_name[4]; /* "", "NC", "IO", "?" */

#define NAPOT_PAGES 16u /* the one size that Svnapot has: 64 KiB */

/* The hart's state on which the verdict on an access depends. */
struct mmu_ctx {
    u64 satp;
    u32 priv; /* effective: PRV_U or PRV_S, never PRV_M */
    bool sum, mxr;
    bool hw_ad; /* the walker sets A and D; false: a clear bit faults */
    bool napot; /* PTE.N is defined (Svnapot) */
    bool pbmt;  /* PTE.PBMT is defined (Svpbmt and menvcfg.PBMTE) */
};

/* The verdicts from PTE_FAULTS on are page faults, with their reason. */
enum pte_verdict {
    PTE_LEADS_ON, /* a pointer to the next level's table */
    PTE_SERVES,   /* a leaf that needs nothing more */
    PTE_WANTS_AD, /* a leaf whose A or D the walker must set */
    PTE_FAULTS,
    PTE_ABSENT = PTE_FAULTS, /* V = 0 */
    PTE_WRITE_ONLY,
    PTE_BITS_RESERVED, /* 60 to 54; or 63 to 61 of a pointer */
    PTE_NAPOT_WRONG,
    PTE_TYPE_WRONG,
    PTE_POINTER_MARKED, /* a pointer with A, D or U */
    PTE_NO_LEAF,        /* a pointer in the last level */
    PTE_OF_USER,
    PTE_OF_SUPERVISOR,
    PTE_NOT_EXECUTABLE,
    PTE_NOT_READABLE,
    PTE_NOT_WRITABLE,
    PTE_MISALIGNED,
    PTE_NOT_ACCESSED, /* A is 0, and software must set it */
    PTE_NOT_DIRTY,    /* D is 0 at a store, and software must set it */
    PTE_VERDICTS
};
/* The reason of each fault, in words. */
extern const char *const pte_verdict_words[PTE_VERDICTS];

/* Judges bits 63 to 54 of a valid PTE. With Svnapot a last-level leaf may have
 * N (ppn[3:0] = 8: 64 KiB); with Svpbmt any leaf may have a memory type. */
static inline enum pte_verdict pte_upper(u64 pte, unsigned level, bool leaf,
                                         bool napot, bool pbmt)
{
    if (likely(!(pte >> 54)))
        return PTE_SERVES;
    if (pte & PTE_RESERVED || !leaf)
        return PTE_BITS_RESERVED;
    if (pte & PTE_N && (!napot || level || (PTE_PPN(pte) & 15) != 8))
        return PTE_NAPOT_WRONG;
    if (PTE_PBMT(pte) && (!pbmt || PTE_PBMT(pte) == MEMTYPE_RESERVED))
        return PTE_TYPE_WRONG;
    return PTE_SERVES;
}

/* Judges a PTE for all accesses and modes alike: returns PTE_LEADS_ON,
 * PTE_SERVES for a leaf (which may be misaligned), or a fault. */
static inline enum pte_verdict pte_form(u64 pte, unsigned level, bool napot,
                                        bool pbmt)
{
    bool leaf = pte & (PTE_R | PTE_X);

    if (!(pte & PTE_V))
        return PTE_ABSENT;
    if ((pte & (PTE_R | PTE_W)) == PTE_W)
        return PTE_WRITE_ONLY;
    enum pte_verdict upper = pte_upper(pte, level, leaf, napot, pbmt);
    if (leaf || upper != PTE_SERVES)
        return upper;
    if (pte & (PTE_A | PTE_D | PTE_U))
        return PTE_POINTER_MARKED;
    return level ? PTE_LEADS_ON : PTE_NO_LEAF;
}

/* True if a leaf's PPN is a multiple of its page size. */
static inline bool pte_aligned(u64 pte, unsigned level)
{
    return !(PTE_PPN(pte) & ((1ull << 9 * level) - 1));
}

/* Judges an access only by R, W, X and U of a leaf's flags (bits 7..0). */
static inline enum pte_verdict pte_permits(const struct mmu_ctx *ctx, u8 flags,
                                           enum access access)
{
    bool user = flags & PTE_U;

    if (ctx->priv == 0 /* U */ && !user)
        return PTE_OF_SUPERVISOR;
    /* S never executes user pages, and touches them only with SUM */
    if (ctx->priv != 0 && user && (access == ACC_FETCH || !ctx->sum))
        return PTE_OF_USER;
    switch (access) {
    case ACC_FETCH:
        return flags & PTE_X ? PTE_SERVES : PTE_NOT_EXECUTABLE;
    case ACC_LOAD:
        return flags & PTE_R || (ctx->mxr && flags & PTE_X) ? PTE_SERVES
                                                            : PTE_NOT_READABLE;
    default:
        return flags & PTE_W ? PTE_SERVES : PTE_NOT_WRITABLE;
    }
}

/* Takes steps 3 to 7 of 4.3.2 for a PTE that was read at that level. */
static ALWAYS_INLINE enum pte_verdict pte_judge(const struct mmu_ctx *ctx,
                                                enum access access,
                                                unsigned level, u64 pte)
{
    enum pte_verdict v = pte_form(pte, level, ctx->napot, ctx->pbmt);

    if (v == PTE_SERVES)
        v = pte_permits(ctx, (u8)pte, access);
    if (v != PTE_SERVES)
        return v;
    if (!pte_aligned(pte, level))
        return PTE_MISALIGNED;
    if (!(pte & PTE_A))
        return ctx->hw_ad ? PTE_WANTS_AD : PTE_NOT_ACCESSED;
    if (access == ACC_STORE && !(pte & PTE_D))
        return ctx->hw_ad ? PTE_WANTS_AD : PTE_NOT_DIRTY;
    return PTE_SERVES;
}
