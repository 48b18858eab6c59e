/* SPDX-License-Identifier: MIT */
/* Makes random programs that are hard on caches and translation: Sv39 with
 * several address spaces, superpages, split and misaligned accesses, faults,
 * changes of PTEs with and without a fence, code that changes itself. */
#pragma once

#include "base/base.h"

/* Physical memory from 0x80000000 holds code, tables and data. In each space a
 * global page of 1 GiB maps RAM to itself, 64 pages of functions and 256 pages
 * of data lead to frames that differ between spaces, and a page of 2 MiB at
 * RP_VSUPER leads to one half of the data. */
#define RP_BASE   0x80000000ull
#define RP_BYTES  (16u << 20)
#define RP_CODE   0x80010000ull /* functions: 64 pages */
#define RP_TABLES 0x80100000ull /* 16 KiB a space: root, mid, code, data */
#define RP_DATA   0x80200000ull /* 4 MiB */
#define RP_VCODE  0x10000000ull
#define RP_VDATA  0x20000000ull
#define RP_VSUPER 0x40200000ull
#define RP_SPACES 6
#define RP_FUNCS  64
#define RP_PAGES  256

struct rp {
    u8 *ram;
    u64 at; /* where the next instruction goes */
    u64 rng;
};

static u32 rp_rand(struct rp *p, u32 n)
{
    return (u32)(rand_step(&p->rng) >> 20) % n;
}

static void rp_emit(struct rp *p, u32 insn)
{
    put_le(p->ram + (p->at - RP_BASE), insn, 4);
    p->at += 4;
}

enum {
    RA = 1,
    T0 = 5,
    T1,
    T2,
    S0 = 8,
    S1,
    A0,
    A1,
    A2,
    S2 = 18,
    S3,
    S4,
    S5,
    T3 = 28
};

static u32 rp_i(u32 op, u32 f3, u32 rd, u32 rs1, s32 imm)
{
    return op | rd << 7 | f3 << 12 | rs1 << 15 | (u32)imm << 20;
}
static u32 rp_s(u32 f3, u32 rs1, u32 rs2, s32 imm)
{
    u32 u = (u32)imm;
    return 0x23 | (u & 31) << 7 | f3 << 12 | rs1 << 15 | rs2 << 20 |
           (u >> 5 & 127) << 25;
}
static u32 rp_r(u32 f7, u32 f3, u32 rd, u32 rs1, u32 rs2)
{
    return 0x33 | rd << 7 | f3 << 12 | rs1 << 15 | rs2 << 20 | f7 << 25;
}

/* Emits rd = v, which is below 2^32. */
static void rp_li(struct rp *p, u32 rd, u64 v)
{
    u32 hi = (u32)(v + 0x800) >> 12, lo = (u32)v & 0xfff;

    rp_emit(p, 0x37 | rd << 7 | hi << 12);
    rp_emit(p, 0x1b | rd << 7 | rd << 15 | lo << 20);
    if (v >> 31) { /* clears the upper half: slli, srli by 32 */
        rp_emit(p, rp_i(0x13, 1, rd, rd, 32));
        rp_emit(p, rp_i(0x13, 5, rd, rd, 32));
    }
}

/* Emits T0 = base + a random multiple of align below `bytes` (a power of two),
 * drawn by the program's own generator in S0. */
static void rp_address(struct rp *p, u64 base, u32 bytes, u32 align)
{
    rp_emit(p, rp_r(1, 0, S0, S0, S1)); /* mul */
    rp_emit(p, rp_i(0x13, 0, S0, S0, 1013));
    rp_emit(p, rp_i(0x13, 5, T0, S0, 20));
    rp_li(p, T1, (bytes - 1) & ~(u64)(align - 1));
    rp_emit(p, rp_r(0, 7, T0, T0, T1));
    rp_li(p, T1, base);
    rp_emit(p, rp_r(0, 0, T0, T0, T1));
}

static void rp_data_address(struct rp *p, u32 align)
{
    /* often near one another, so that some accesses hit */
    static const u32 span[] = {1 << 12, 1 << 14, 1 << 16, 1 << 20};
    u32 bytes = span[rp_rand(p, ARRAY_LEN(span))];
    u64 base = rp_rand(p, 4) ? RP_VDATA : RP_VSUPER;

    rp_address(p, base, bytes, align);
}

static void rp_access(struct rp *p)
{
    u32 size = rp_rand(p, 4), align = rp_rand(p, 3) ? 1u << size : 1;
    s32 off = (s32)rp_rand(p, 3) << 3;

    rp_data_address(p, align);
    for (u32 n = 1 + rp_rand(p, 4); n; n--) {
        if (rp_rand(p, 3))
            rp_emit(p, rp_i(0x03, size, A0, T0, off));
        else
            rp_emit(p, rp_s(size, T0, A1, off));
        off += 8;
    }
}

static void rp_atomic(struct rp *p)
{
    rp_data_address(p, 8);
    u32 op = rp_rand(p, 3);
    if (op == 0) { /* amoadd.d */
        rp_emit(p, 0x0000302f | A0 << 7 | T0 << 15 | A1 << 20);
    } else {
        rp_emit(p, 0x1000302f | A0 << 7 | T0 << 15);
        rp_emit(p, 0x1800302f | A0 << 7 | T0 << 15 | A1 << 20);
        if (op == 2) /* a second sc, which fails */
            rp_emit(p, 0x1800302f | A0 << 7 | T0 << 15 | A1 << 20);
    }
}

/* Emits an sfence.vma with or without address and ASID. */
static void rp_fence(struct rp *p)
{
    u32 has_va = rp_rand(p, 4) != 0, has_asid = rp_rand(p, 2);

    rp_data_address(p, 1);
    rp_li(p, T2, 1 + rp_rand(p, RP_SPACES));
    rp_emit(p,
            0x12000073 | (has_va ? T0 : 0) << 15 | (has_asid ? T2 : 0) << 20);
}

/* Emits a switch to a random address space: loads satp from the table at S3. */
static void rp_switch(struct rp *p)
{
    rp_emit(p, rp_i(0x03, 3, T2, S3, (s32)(8 * rp_rand(p, RP_SPACES))));
    rp_emit(p, 0x18039073); /* csrw satp, t2 */
    if (!rp_rand(p, 4))
        rp_emit(p, 0x12000073);
}

/* Emits a change of a leaf PTE: it loses D, or A and D, or gets the value of
 * its even neighbour. The fence that software owes follows 2 changes in 3. */
static void rp_pte(struct rp *p)
{
    u64 leaf = RP_TABLES + 0x4000 * rp_rand(p, RP_SPACES) + 0x3000;

    rp_address(p, leaf, RP_PAGES * 8, 8);
    rp_emit(p, rp_i(0x03, 3, T2, T0, 0));
    if (rp_rand(p, 2)) {
        rp_emit(p, rp_i(0x13, 7, T2, T2, rp_rand(p, 2) ? ~0x80 : ~0xc0));
        rp_emit(p, rp_s(3, T0, T2, 0));
    } else {
        rp_emit(p, rp_i(0x13, 7, T3, T0, -16)); /* of its even neighbour */
        rp_emit(p, rp_i(0x03, 3, T3, T3, 0));
        rp_emit(p, rp_s(3, T0, T3, 0));
    }
    if (rp_rand(p, 3))
        rp_emit(p, 0x12000073);
}

/* Emits a change of SUM (S uses U pages), MXR (loads from X pages) or both. */
static void rp_rights(struct rp *p)
{
    rp_li(p, T0, (1 + rp_rand(p, 3)) << 18); /* SUM, MXR, both */
    rp_emit(p,
            rp_rand(p, 2) ? 0x1002a073 : 0x1002b073); /* csrs, csrc sstatus */
}

/* Emits code that rewrites the `addi a1, a1, n` of a function, and fence.i. */
static void rp_modify(struct rp *p)
{
    u64 slot = RP_CODE + 4096 * rp_rand(p, RP_FUNCS);

    rp_li(p, T0, slot);
    rp_li(p, T1, rp_i(0x13, 0, A1, A1, (s32)rp_rand(p, 2000)));
    rp_emit(p, rp_s(2, T0, T1, 0));
    rp_emit(p, 0x0000100f);
}

/* Emits a call of a random function at its address in the current space. */
static void rp_call(struct rp *p)
{
    rp_address(p, RP_VCODE, RP_FUNCS * 4096, 4096);
    rp_emit(p, rp_i(0x67, 0, RA, T0, 0));
}

static void rp_function(struct rp *p, unsigned f)
{
    p->at = RP_CODE + 4096 * f;
    rp_emit(p, rp_i(0x13, 0, A1, A1, 1));
    rp_emit(p, rp_i(0x13, 0, 0, 0, 0));
    for (unsigned n = rp_rand(p, 60); n; n--)
        rp_emit(p, rp_i(0x13, 0, A0, A0, (s32)n));
    rp_emit(p, 0x00008067);
}

static void rp_put_pte(struct rp *p, u64 table, u64 va, unsigned level, u64 pte)
{
    put_le(p->ram + (table - RP_BASE) + (va >> (12 + 9 * level) & 511) * 8, pte,
           8);
}

enum { PV = 1, PR = 2, PW = 4, PX = 8, PU = 16, PG = 32, PA = 64, PD = 128 };

/* Fills space n's root, its two level-1 tables (one for the superpage) and leaf
 * tables for code and data (if `types`, some data uncached). Returns satp. */
static u64 rp_space(struct rp *p, unsigned n, bool types)
{
    u64 root = RP_TABLES + 0x4000 * n, mid = root + 0x1000;
    u64 code = root + 0x2000, data = root + 0x3000;
    u64 super = RP_TABLES + 0x4000 * RP_SPACES + 0x1000 * n;
    u64 rwx = PV | PR | PW | PX;

    rp_put_pte(p, root, RP_BASE, 2, RP_BASE >> 2 | rwx | PG | PA | PD);
    rp_put_pte(p, root, RP_VCODE, 2, mid >> 2 | PV);
    rp_put_pte(p, root, RP_VSUPER, 2, super >> 2 | PV);
    rp_put_pte(p, mid, RP_VCODE, 1, code >> 2 | PV);
    rp_put_pte(p, mid, RP_VDATA, 1, data >> 2 | PV);
    rp_put_pte(p, super, RP_VSUPER, 1,
               (RP_DATA + 0x200000ull * (n & 1)) >> 2 | PV | PR | PW |
                   (n & 2 ? PA | PD : 0));
    for (unsigned i = 0; i < RP_FUNCS; i++)
        rp_put_pte(p, code, RP_VCODE + 4096ull * i, 0,
                   (RP_CODE + 4096ull * ((i + 7 * n) % RP_FUNCS)) >> 2 | PV |
                       PX | PR | (rp_rand(p, 2) ? PA : 0) |
                       (rp_rand(p, 4) ? 0 : PG));
    for (unsigned i = 0; i < RP_PAGES; i++) {
        u64 flags = PV | PR | (rp_rand(p, 8) ? PW : 0) |
                    (rp_rand(p, 2) ? PA : 0) | (rp_rand(p, 8) ? 0 : PG);
        if (flags & PA && rp_rand(p, 2))
            flags |= PD;
        flags |= rp_rand(p, 2) ? 0 : PU;
        if (types && !rp_rand(p, 6))
            flags |= (1ull + rp_rand(p, 2)) << 61; /* NC, IO */
        if (!rp_rand(p, 20))
            flags = 0;
        rp_put_pte(p, data, RP_VDATA + 4096ull * i, 0,
                   (RP_DATA + 4096ull * rp_rand(p, 1024)) >> 2 | flags);
    }
    return 8ull << 60 | (u64)(1 + n) << 44 | root >> 12;
}

/* Emits M-mode's start, which opens PMP, sets a handler and enters S-mode at
 * `body`. The handler skips a trapped instruction (all are four bytes long);
 * after a page fault of a fetch it returns to the caller (ra) instead. */
static void rp_start(struct rp *p, u64 satps, u64 seed, bool adue)
{
    u64 body = RP_BASE + 0x400, handler = RP_BASE + 0x200;

    p->at = RP_BASE;
    rp_emit(p, rp_i(0x13, 0, T0, 0, -1));
    rp_emit(p, 0x3b029073); /* pmpaddr0 */
    rp_emit(p, rp_i(0x13, 0, T0, 0, 0x1f));
    rp_emit(p, 0x3a029073); /* pmpcfg0 */
    rp_li(p, T0, handler);
    rp_emit(p, 0x30529073); /* mtvec */
    if (adue) {
        rp_emit(p, rp_i(0x13, 0, T0, 0, 1));
        rp_emit(p, rp_i(0x13, 1, T0, T0, 61));
        rp_emit(p, 0x30a2a073); /* csrs menvcfg */
    }
    rp_li(p, T0, 0x800);
    rp_emit(p, 0x3002a073); /* mstatus.MPP = S */
    rp_li(p, T0, body);
    rp_emit(p, 0x34129073); /* mepc */
    rp_li(p, S3, satps);
    rp_li(p, S0, seed & 0x7fffffff);
    rp_li(p, S1, 1103515245);
    rp_emit(p, rp_i(0x03, 3, T2, S3, 0));
    rp_emit(p, 0x18039073);
    rp_emit(p, 0x30200073); /* mret */
    p->at = handler;
    rp_emit(p, 0x34051073); /* csrw mscratch, a0 */
    rp_emit(p, 0x34202573); /* csrr a0, mcause */
    rp_emit(p, rp_i(0x13, 0, A0, A0, -12));
    rp_emit(p, 0x00051a63); /* bnez a0, +20 */
    rp_emit(p, 0x34109073); /* csrw mepc, ra */
    rp_emit(p, 0x34002573); /* csrr a0, mscratch */
    rp_emit(p, 0x30200073);
    rp_emit(p, 0x00000013);
    rp_emit(p, 0x34102573); /* csrr a0, mepc */
    rp_emit(p, rp_i(0x13, 0, A0, A0, 4));
    rp_emit(p, 0x34151073);
    rp_emit(p, 0x34002573);
    rp_emit(p, 0x30200073);
    p->at = body;
}

/* Fills RAM with the program of this seed, which runs for ever. adue: the hart
 * sets A and D; types: some leaves have a memory type (Svpbmt). */
static void rp_make(u8 *ram, u64 seed, bool adue, bool types)
{
    struct rp p = {.ram = ram, .rng = seed * 2 + 1};
    u64 satps = RP_BASE + 0x300;
    static void (*const piece[])(struct rp *) = {
        rp_access, rp_access, rp_access, rp_access, rp_access,
        rp_atomic, rp_call,   rp_call,   rp_call,   rp_switch,
        rp_fence,  rp_pte,    rp_modify, rp_rights, rp_rights};

    for (unsigned n = 0; n < RP_SPACES; n++)
        put_le(ram + (satps - RP_BASE) + 8 * n, rp_space(&p, n, types), 8);
    for (unsigned f = 0; f < RP_FUNCS; f++)
        rp_function(&p, f);
    rp_start(&p, satps, seed + 12345, adue);
    u64 body = p.at;
    while (p.at < RP_CODE - 0x400)
        piece[rp_rand(&p, ARRAY_LEN(piece))](&p);
    rp_li(&p, T0, body);
    rp_emit(&p, rp_i(0x67, 0, 0, T0, 0));
}
