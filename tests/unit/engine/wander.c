/* SPDX-License-Identifier: MIT */
/* Loads and stores at random in S-mode, under three ASIDs, over pages of every
 * kind: read-only, without A or D, global, user, of 64 KiB and of 2 MiB,
 * uncached, partly forbidden by PMP, not mapped. Rights and mappings change
 * meanwhile. The handlers skip an access that faults. */
typedef unsigned long u64;
typedef unsigned int u32;

#define SATP_SV39     (8ul << 60)
#define MENVCFG_PBMTE (1ul << 62)
#define CSRW(name, v) __asm__ volatile("csrw " #name ", %0" ::"r"((u64)(v)))
#define CSRS(name, v) __asm__ volatile("csrs " #name ", %0" ::"r"((u64)(v)))
#define CSRC(name, v) __asm__ volatile("csrc " #name ", %0" ::"r"((u64)(v)))
#define PAGE          4096ul
#define WINDOW        0x40000000ul
#define FRAMES        256
#ifndef TABLES
#define TABLES 6 /* tables of leaves; a superpage follows in the window */
#endif
#ifndef ROOTS
#define ROOTS 1 /* windows with the same contents, each with its root PTE */
#endif
#ifndef NEAR
#define NEAR 255 /* 31 in 32 accesses are to pages 0 to NEAR of a window */
#endif
#ifndef ACCESSES
#define ACCESSES 60000
#endif

extern char heap[], s_stack_top[];
void enter(void *pc, void *sp, u64 mode);

static u64 seed = 88172645463325252ul, sum, faults;
static u64 *root, *mid, *leaf, frames;

static u64 rnd(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed >> 11;
}

void trap_m(u64 *frame)
{
    u64 cause;
    __asm__ volatile("csrr %0, mcause" : "=r"(cause));
    if (cause == 5 || cause == 7) { /* PMP refused; skip the access (4 bytes) */
        u64 pc;
        faults++;
        __asm__ volatile("csrr %0, mepc" : "=r"(pc));
        CSRW(mepc, pc + 4);
        return;
    }
    u64 code = cause == 9 ? frame[10] : 0xbad000 | cause;
    *(volatile u64 *)0x100000 = code << 1 | 1;
    for (;;)
        ;
}

void trap_s(u64 *frame)
{
    u64 pc;
    (void)frame;
    faults++;
    __asm__ volatile("csrr %0, sepc" : "=r"(pc));
    CSRW(sepc, pc + 4);
}

static u64 new_leaf(u64 i)
{
    static const u64 flags[16] = {
        0xc7, 0xc7, 0xc7, 0xc7, 0xc7, 0xc7, 0x47, 0x07,
        0xc3, 0x43, 0xe7, 0xd7, 0xc9, 0xc5, 0x00, 0xc7 | 1ul << 61};
    u64 kind = rnd();
    if (kind % 64 < 3) /* 64 KiB: the same PTE for any of the 16 pages */
        return 1ul << 63 | ((frames + (i & 0xf0) * PAGE) >> 2 & ~0x3c00ul) |
               8 << 10 | 0xc7;
    return (frames + (kind >> 8) % FRAMES * PAGE) >> 2 |
           flags[kind % 64 < 40 ? 0 : kind % 16];
}

static void change(u64 r)
{
    u64 va = WINDOW + (r >> 8) % (TABLES * 512) * PAGE, asid = r >> 40 & 1;

    switch (r % 16) {
    case 0:
        __asm__ volatile("sfence.vma" ::: "memory");
        break;
    case 1:
        __asm__ volatile("sfence.vma %0, x0" ::"r"(va) : "memory");
        break;
    case 2:
        __asm__ volatile("sfence.vma x0, %0" ::"r"(asid) : "memory");
        break;
    case 3:
    case 4:
    case 5:
        CSRW(satp, SATP_SV39 | (r >> 8) % 3 << 44 | (u64)root >> 12);
        break;
    case 6:
        CSRS(sstatus, 1 << 18);
        break;
    case 7:
        CSRC(sstatus, 1 << 18);
        break;
    case 8:
        CSRS(sstatus, 1 << 19);
        break;
    case 9:
        CSRC(sstatus, 1 << 19);
        break;
#ifdef POINTERS
    case 10:
        mid[(r >> 8) % TABLES] =
            (u64)(leaf + 512 * ((r >> 20) % TABLES)) >> 2 |
            (r >> 30 & 15 ? 1 : 0x41); /* bit A of a pointer is reserved */
        break;
#endif
    default: /* often without a fence: stale entries stay */
        leaf[(r >> 8) % (TABLES * 512)] = new_leaf((r >> 8) & 511);
    }
}

/* Every access is one instruction of 4 bytes. */
static void access(u64 r)
{
    u64 wide = r % 32 ? r >> 8 & NEAR : r >> 8; /* mostly few pages */
    u64 va = WINDOW + wide % ((TABLES + 1) * 512) * PAGE + (r >> 32) % PAGE;
    u64 v = 0;

    va += (r >> 44 & 63) % ROOTS * 2 * WINDOW;
    if (r >> 5 & 15) /* mostly aligned */
        va &= ~7ul;
    __asm__ volatile(".option push\n.option norvc");
    switch (r >> 50 & 7) {
    case 0:
        __asm__ volatile("lbu %0, 0(%1)" : "+r"(v) : "r"(va) : "memory");
        break;
    case 1:
        __asm__ volatile("lw %0, 0(%1)" : "+r"(v) : "r"(va) : "memory");
        break;
    case 2:
    case 3:
        __asm__ volatile("ld %0, 0(%1)" : "+r"(v) : "r"(va) : "memory");
        break;
    case 4:
        __asm__ volatile("sh %0, 0(%1)" : : "r"(r), "r"(va) : "memory");
        break;
    case 5:
        __asm__ volatile("fld fa0, 0(%0)" : : "r"(va) : "fa0", "memory");
        break;
    case 6:
        __asm__ volatile("fsd fa0, 0(%0)" : : "r"(va) : "memory");
        break;
    default:
        __asm__ volatile("sd %0, 0(%1)" : : "r"(r), "r"(va) : "memory");
    }
    __asm__ volatile(".option pop");
    sum = sum * 31 + v;
}

static void supervisor(void)
{
    CSRW(sscratch, (u64)s_stack_top);
    for (u64 i = 0; i < ACCESSES; i++) {
        u64 r = rnd();
        if (r % 97 == 0)
            change(rnd());
        access(r ^ r << 24);
    }
    register u64 a0 __asm__("a0") = (sum ^ faults) & 0xfffff;
    __asm__ volatile("ecall" ::"r"(a0));
}

int main(void)
{
    root = (u64 *)heap;
    mid = root + 512;
    leaf = mid + 512;
    frames = 0x80200000;
    root[2] = 0x80000000ul >> 2 | 0xef;
    for (u64 i = 0; i < ROOTS; i++)
        root[1 + 2 * i] = (u64)mid >> 2 | 1;
    root[0] = 0xc7; /* 1 GiB from 0: the finisher */
    for (u64 i = 0; i < TABLES; i++)
        mid[i] = (u64)(leaf + 512 * i) >> 2 | 1;
    mid[TABLES] = 0x80200000ul >> 2 | 0xc7;
    for (u64 i = 0; i < TABLES * 512; i++)
        leaf[i] = new_leaf(i & 511);
    /* 16 KiB may only be read, 8 KiB may not be accessed, all else is free */
    CSRW(pmpaddr0, (frames + 32 * PAGE) >> 2 | 0x7ff);
    CSRW(pmpaddr2, -1ul);
    CSRW(pmpaddr1, (frames + 64 * PAGE) >> 2 | 0x3ff);
    CSRW(pmpcfg0, 0x1f1819); /* all NAPOT: R; none; RWX */
    CSRW(medeleg, 0xb000);   /* page faults */
    CSRS(menvcfg, MENVCFG_PBMTE);
    CSRW(satp, SATP_SV39 | (u64)root >> 12);
    __asm__ volatile("sfence.vma");
    enter((void *)supervisor, s_stack_top - 2048, 1);
    return 0;
}
