/* SPDX-License-Identifier: MIT */
/* Control and status registers, page-table entries, fences (RISC-V
 * privileged architecture 1.12, chapters 4.1 to 4.4). */
#pragma once

#include "lib/kernel.h"

#define csr_read(name)                                                         \
    ({                                                                         \
        u64 csr_v_;                                                            \
        __asm__ volatile("csrr %0, " name : "=r"(csr_v_) : : "memory");        \
        csr_v_;                                                                \
    })
#define csr_write(name, v)                                                     \
    __asm__ volatile("csrw " name ", %0" : : "rK"((u64)(v)) : "memory")
#define csr_set(name, v)                                                       \
    __asm__ volatile("csrs " name ", %0" : : "rK"((u64)(v)) : "memory")

#define SSTATUS_SIE   (1ul << 1)
#define SSTATUS_SPIE  (1ul << 5)
#define SSTATUS_SPP   (1ul << 8)
#define SSTATUS_FS    (3ul << 13)
#define FS_INITIAL    (1ul << 13)
#define FS_CLEAN      (2ul << 13)
#define FS_DIRTY      (3ul << 13)
#define SSTATUS_UXL64 (2ul << 32)

#define IRQ_TIMER 5
#define IRQ_EXT   9

#define CAUSE_INTERRUPT (1ul << 63)
enum trap_cause {
    CAUSE_FETCH_MISALIGNED = 0,
    CAUSE_FETCH_ACCESS = 1,
    CAUSE_ILLEGAL = 2,
    CAUSE_BREAKPOINT = 3,
    CAUSE_LOAD_MISALIGNED = 4,
    CAUSE_LOAD_ACCESS = 5,
    CAUSE_STORE_MISALIGNED = 6,
    CAUSE_STORE_ACCESS = 7,
    CAUSE_ECALL_USER = 8,
    CAUSE_FETCH_PAGE = 12,
    CAUSE_LOAD_PAGE = 13,
    CAUSE_STORE_PAGE = 15
};

#define SATP_SV39       (8ul << 60)
#define SATP_ASID_SHIFT 44

/* Sv39 page-table entry. */
#define PTE_V         (1ul << 0)
#define PTE_R         (1ul << 1)
#define PTE_W         (1ul << 2)
#define PTE_X         (1ul << 3)
#define PTE_U         (1ul << 4)
#define PTE_G         (1ul << 5)
#define PTE_A         (1ul << 6)
#define PTE_D         (1ul << 7)
#define PTE_PPN_SHIFT 10
#define PTE_PPN_MASK  (((1ul << 44) - 1) << PTE_PPN_SHIFT)
#define PTE_COUNT     512

static inline u64 pte_pa(u64 pte)
{
    return (pte & PTE_PPN_MASK) >> PTE_PPN_SHIFT << PAGE_SHIFT;
}
static inline u64 pa_pte(u64 pa)
{
    return pa >> PAGE_SHIFT << PTE_PPN_SHIFT;
}

static inline void fence_page(u64 va, u64 asid)
{
    __asm__ volatile("sfence.vma %0, %1" : : "r"(va), "r"(asid) : "memory");
}
static inline void fence_asid(u64 asid)
{
    __asm__ volatile("sfence.vma zero, %0" : : "r"(asid) : "memory");
}
static inline void fence_all(void)
{
    __asm__ volatile("sfence.vma zero, zero" : : : "memory");
}
static inline void fence_i(void)
{
    __asm__ volatile("fence.i" : : : "memory");
}
static inline u64 read_time(void)
{
    return csr_read("time");
}
