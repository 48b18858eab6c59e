/* SPDX-License-Identifier: MIT */
/* Prepares the hart for the kernel: delegates exceptions and interrupts, closes
 * the firmware's pages, opens the counters, and enters the firmware's pages
 * into a device tree that does not reserve them. */
#include "sbi.h"

#define DEFAULT_KERNEL 0x80200000ul
#define FW_MAGIC       0x4942534ful
/* All exceptions but the ecalls from S (they are SBI calls) and from M. */
#define DELEGATED  0xb1fful
#define INTERRUPTS (MIP_SSIP | MIP_STIP | MIP_SEIP)

/* The device tree's format, specification 0.4, 5.2 and 5.4. */
enum {
    FDT_MAGIC = 0xd00dfeed,
    FDT_HEADER_BYTES = 40,
    FDT_TOTALSIZE = 4, /* offsets in the header */
    FDT_OFF_STRUCT = 8,
    FDT_OFF_STRINGS = 12,
    FDT_OFF_RESERVATIONS = 16,
    FDT_SIZE_STRUCT = 36,
    FDT_BEGIN_NODE = 1, /* tokens */
    FDT_END_NODE = 2,
    FDT_PROP = 3,
    FDT_END = 9
};

struct fw_dynamic_info { /* OpenSBI include/sbi/fw_dynamic.h */
    u64 magic, version, next_addr, next_mode, options, boot_hart;
};
struct handover {
    u64 a0, a1;
};

bool has_sstc;

/* ---- the tree ----------------------------------------------------------- */

static u32 be32(const u8 *p)
{
    return (u32)p[0] << 24 | (u32)p[1] << 16 | (u32)p[2] << 8 | p[3];
}

static void put_be(u8 *p, u64 v, int n)
{
    while (n--) {
        p[n] = (u8)v;
        v >>= 8;
    }
}

static bool same(const char *a, const char *b)
{
    while (*a && *a == *b)
        a++, b++;
    return *a == *b;
}

/* True if the tree has a node /reserved-memory with a child: then the machine
 * has reserved the firmware's pages. */
static bool has_reserved_memory(const u8 *t)
{
    const u8 *p = t + be32(t + FDT_OFF_STRUCT);
    const u8 *end = p + be32(t + FDT_SIZE_STRUCT);
    int depth = 0;
    bool inside = false;
    while (p < end) {
        u32 token = be32(p);
        p += 4;
        if (token == FDT_BEGIN_NODE) { /* its name, padded, follows */
            const char *name = (const char *)p;
            u32 n = 0;
            while (name[n])
                n++;
            p += (n + 4) & ~3u;
            if (inside)
                return true;
            inside = ++depth == 2 && same(name, "reserved-memory");
        } else if (token == FDT_END_NODE) {
            inside = false;
            depth--;
        } else if (token == FDT_PROP) { /* length, name offset, value */
            p += 8 + ((be32(p) + 3) & ~3u);
        } else if (token == FDT_END) {
            break;
        }
    }
    return false;
}

/* If the tree (QEMU's) does not reserve the firmware's pages, adds them to the
 * reservation block; later bytes move up by one entry (format: 5.2-5.3). */
static void reserve(u8 *t)
{
    enum { ENTRY = 16 }; /* bytes: address, size */
    if (be32(t) != FDT_MAGIC || has_reserved_memory(t))
        return;
    u32 total = be32(t + FDT_TOTALSIZE), at = be32(t + FDT_OFF_RESERVATIONS);
    if (at < FDT_HEADER_BYTES || at >= total || be32(t + FDT_OFF_STRUCT) < at ||
        be32(t + FDT_OFF_STRINGS) < at)
        return;
    for (u32 i = total; i > at; i--)
        t[i - 1 + ENTRY] = t[i - 1];
    put_be(t + at, (u64)_start, 8);
    put_be(t + at + 8, (u64)(_end - _start), 8);
    put_be(t + FDT_TOTALSIZE, total + ENTRY, 4);
    put_be(t + FDT_OFF_STRUCT, be32(t + FDT_OFF_STRUCT) + ENTRY, 4);
    put_be(t + FDT_OFF_STRINGS, be32(t + FDT_OFF_STRINGS) + ENTRY, 4);
}

/* ---- the hart ----------------------------------------------------------- */

/* The kernel may access everything but the firmware's pages. */
static void protect(void)
{
    csr_write(pmpaddr0, (u64)_start >> 2);
    csr_write(pmpaddr1, (u64)_end >> 2);
    csr_write(pmpaddr2, ~0ul);
    /* Entry 0: off, but its address begins entry 1's range; entry 1: no rights;
     * entry 2: all rights to all addresses. */
    csr_write(pmpcfg0, (PMP_NAPOT | PMP_RWX) << 16 | PMP_TOR << 8);
}

static void delegate(void)
{
    csr_write(medeleg, DELEGATED);
    csr_write(mideleg, INTERRUPTS);
    csr_write(mcounteren, COUNTEREN_ALL);
    csr_write(scounteren, COUNTEREN_ALL);
    csr_write(satp, 0);
    /* Enables Sstc, Svadu, Svpbmt, Zicbom, Zicboz if the hart has them. */
    if (guarded_csr_menvcfg(MENVCFG_STCE | MENVCFG_PBMTE | MENVCFG_ADUE |
                            MENVCFG_CBO))
        has_sstc = csr_read(menvcfg) & MENVCFG_STCE;
    if (has_sstc)
        csr_write(stimecmp, ~0ul);
}

static _Noreturn void no_kernel(void)
{
    for (const char *s = "firmware: no kernel was loaded\r\n"; *s; s++)
        console_put((u8)*s);
    finish(1u << 16 | FINISHER_FAIL);
}

struct handover start(u64 hart, u64 tree, const struct fw_dynamic_info *info)
{
    u64 next = DEFAULT_KERNEL;
    if (info && info->magic == FW_MAGIC)
        next = info->next_addr;
    console_init();
    if (!next)
        no_kernel();
    if (tree)
        reserve((u8 *)tree);
    protect();
    delegate();
    csr_write(mepc, next);
    csr_write(mstatus, MSTATUS_MPP_S);
    return (struct handover){hart, tree};
}
