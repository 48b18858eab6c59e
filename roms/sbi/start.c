/* SPDX-License-Identifier: MIT */
/* What the kernel finds: its exceptions and interrupts delegated, our pages
 * shut, the counters open, and a tree that says where we are. */
#include "sbi.h"

#define DEFAULT_KERNEL 0x80200000ul
#define FW_MAGIC       0x4942534ful
#define DELEGATED      0xb1fful /* all that a kernel can be given */
#define INTERRUPTS     0x222ul

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

/* Whether the tree has a node /reserved-memory with something in it: then the
 * machine has told the kernel about us. */
static bool reserves(const u8 *t)
{
    const u8 *p = t + be32(t + 8), *end = p + be32(t + 36);
    int depth = 0;
    bool inside = false;
    while (p < end) {
        u32 token = be32(p);
        p += 4;
        if (token == 1) { /* begin node: name, padded */
            const char *name = (const char *)p;
            u32 n = 0;
            while (name[n])
                n++;
            p += (n + 4) & ~3u;
            if (inside)
                return true;
            inside = ++depth == 2 && same(name, "reserved-memory");
        } else if (token == 2) {
            inside = false;
            depth--;
        } else if (token == 3) { /* property: length, name offset, value */
            p += 8 + ((be32(p) + 3) & ~3u);
        } else if (token == 9) {
            break;
        }
    }
    return false;
}

/* Otherwise (QEMU) enters our pages into the reservation block: everything
 * after it moves up by one entry (specification 0.4, 5.2-5.3). */
static void reserve(u8 *t)
{
    if (be32(t) != 0xd00dfeed || reserves(t))
        return;
    u32 total = be32(t + 4), at = be32(t + 16);
    if (at < 40 || at >= total || be32(t + 8) < at || be32(t + 12) < at)
        return;
    for (u32 i = total; i > at; i--)
        t[i - 1 + 16] = t[i - 1];
    put_be(t + at, (u64)_start, 8);
    put_be(t + at + 8, (u64)(_end - _start), 8);
    put_be(t + 4, total + 16, 4);
    put_be(t + 8, be32(t + 8) + 16, 4);   /* structure */
    put_be(t + 12, be32(t + 12) + 16, 4); /* strings */
}

/* ---- the hart ----------------------------------------------------------- */

/* Our pages belong to us, everything else to everybody. */
static void protect(void)
{
    csr_write(pmpaddr0, (u64)_start >> 2);
    csr_write(pmpaddr1, (u64)_end >> 2);
    csr_write(pmpaddr2, ~0ul);
    /* 0: off; 1: top of range, nothing allowed; 2: NAPOT, all allowed */
    csr_write(pmpcfg0, 0x1ful << 16 | 0x08ul << 8);
}

static void open_up(void)
{
    csr_write(medeleg, DELEGATED);
    csr_write(mideleg, INTERRUPTS);
    csr_write(mcounteren, 7);
    csr_write(scounteren, 7);
    csr_write(satp, 0);
    /* Sstc, Svadu, Svpbmt, Zicbom and Zicboz, where the hart has them. */
    if (guarded_csr_menvcfg(MENVCFG_STCE | MENVCFG_PBMTE | MENVCFG_ADUE |
                            MENVCFG_CBO))
        has_sstc = csr_read(0x30a) & MENVCFG_STCE;
    if (has_sstc)
        csr_write(0x14d, ~0ul); /* stimecmp */
}

static _Noreturn void no_kernel(void)
{
    for (const char *s = "firmware: no kernel was loaded\r\n"; *s; s++)
        console_put((u8)*s);
    finish(1u << 16 | 0x3333);
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
    open_up();
    csr_write(mepc, next);
    csr_write(mstatus, MSTATUS_MPP_S);
    return (struct handover){hart, tree};
}
