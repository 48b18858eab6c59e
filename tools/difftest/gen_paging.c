/* SPDX-License-Identifier: MIT */
/* Makes random page tables: valid leaves with any flags, and every kind of bad
 * PTE. Two mappings never change, because every program needs them: RAM mapped
 * to itself, for S; the code under test at UCODE_VA, for U.
 *
 * A change in a table that several addresses lead to is followed by a fence of
 * everything. A table below root[3] maps one range of one address space and has
 * no G, so the narrower fences are enough for it. */
#include "program.h"

#define PPN(pa)    ((u64)(pa) >> 12 << 10)
#define TABLE(t)   (TABLES_PA + 4096ull * (t))
#define POINTER(t) (PPN(TABLE(t)) | PTE_V)

/* Returns a leaf's flags, never a pointer's: its page would become a table. */
static u64 leaf_flags(struct gen *g, bool global)
{
    static const u8 good[] = {0xcf, 0xdf, 0xc7, 0xd7, 0xcb, 0xdb, 0xc3, 0xd3,
                              0xc9, 0xd9, 0x0f, 0x1f, 0x4f, 0x5f, 0x07, 0x17};
    u64 f = one_in(g, 3) ? below(g, 256) : PICK(g, good);
    if (!one_in(g, 10))
        f |= PTE_V;
    if (!(f & (PTE_R | PTE_W | PTE_X)))
        f |= PTE_R;
    if (!global)
        f &= ~PTE_G;
    else if (one_in(g, 6))
        f |= PTE_G;
    return f;
}

/* Returns the upper bits of a PTE that may be set on a machine with Svnapot or
 * Svpbmt, where QEMU ignores others (departures.def: upper-bits). 0: the
 * machine has neither, and any bits may be set. */
static u64 upper_bits_of(const struct gen *g)
{
    bool napot = g->p->exts & EXT_BIT(SVNAPOT);
    bool types = g->p->exts & EXT_BIT(SVPBMT);
    return napot || types ? (u64)napot << 63 | 3ull << 61 : 0;
}

/* Returns a PTE's upper bits, maybe none; with a legal N also A and D. */
static u64 upper_bits(struct gen *g)
{
    u64 n = 1ull << 63, pbmt = 3ull << 61, bits;
    bool napot = g->p->exts & EXT_BIT(SVNAPOT);
    bool types = g->p->exts & EXT_BIT(SVPBMT);
    switch (below(g, 4)) {
    case 0:
        bits = n;
        break;
    case 1:
        bits = (u64)(1 + below(g, 3)) << 61;
        break;
    case 2:
        bits = any(g) & 0xffc0000000000000;
        break;
    default:
        bits = 1ull << (54 + below(g, 10));
    }
    if (napot || types)
        bits &= upper_bits_of(g);
    if (types && (bits & pbmt) == pbmt)
        bits &= ~(1ull << 61);
    if (napot && bits & n)
        bits |= PTE_A | PTE_D;
    return bits;
}

static u64 hole(struct gen *g)
{
    static const u64 at[] = {0x18000000, 0x11fff000, 0x80000000 + RAM_SIZE,
                             0xfffffffffff000};
    return PICK(g, at);
}

/* Returns a level 0 PTE, mostly of a data page or a landing page. */
static u64 small_page(struct gen *g, unsigned slot, bool global)
{
    bool land = slot >= LAND_SLOT && slot < LAND_SLOT + 8;
    u64 pa = land ? LAND_PA + 4096ull * below(g, LAND_PAGES)
                  : DATA_PA + 4096ull * below(g, DATA_PAGES);
    u64 pte = leaf_flags(g, global);
    if (land && !one_in(g, 4))
        pte |= PTE_X | PTE_V;
    if (land) /* no store changes a landing page */
        pte &= pte & PTE_R || pte & PTE_X ? ~PTE_W : ~0ull;
    switch (below(g, 24)) {
    case 0:
        pte |= upper_bits(g);
        break;
    case 1:
        if (g->p->holes)
            pa = hole(g);
        break;
    case 2: /* a pointer at the last level */
        return POINTER(T_L0) | (any(g) & 0xf0);
    default:
        break;
    }
    /* not by chance a good 64 KiB page: those come in sixteens (fill_64k) */
    if (pte >> 63 && (pa >> 12 & 15) == 8)
        pa += 4096;
    return PPN(pa) | pte;
}

/* Returns a level 1 or 2 PTE: half of them a superpage at the start of RAM. */
static u64 big_page(struct gen *g, unsigned level, bool global)
{
    u64 extra = one_in(g, 10) ? upper_bits(g) : 0;
    switch (below(g, 8)) {
    case 0: /* a pointer: plain, or with G or bits that it must not have */
    case 1:
        if (one_in(g, 3))
            extra |= PICK(g, ((const u64[]){PTE_A, PTE_D, PTE_U, PTE_G}));
        return POINTER(level == 2 ? T_L1 : T_L0) | extra;
    case 2: /* not aligned */
        return PPN(MONITOR_PA + (4096ull << below(g, level * 9))) |
               leaf_flags(g, global) | extra;
    case 3:
        if (g->p->holes && one_in(g, 2))
            return PPN(hole(g) & ~0x3fffffffull) | leaf_flags(g, global);
        return any(g) & ~1ull;
    default:
        return PPN(MONITOR_PA) | leaf_flags(g, global) | extra;
    }
}

/* ---- the first contents ---- */

/* Fills sixteen slots alike, which make one page of 64 KiB (Svnapot); its upper
 * half is data. A and D are set, because the manual leaves open which of the
 * sixteen PTEs would get them. */
static void fill_64k(struct gen *g, u64 *t)
{
    u64 pte = leaf_flags(g, false) | PTE_A | PTE_D | 1ull << 63;
    for (unsigned i = 0; i < 16; i++)
        t[i] = PPN(DATA_PA & ~0xffffull) | 8ull << 10 | pte;
}

static void fill_small(struct gen *g, unsigned table, bool global)
{
    u64 *t = g->p->table[table];
    for (unsigned i = 0; i < 32; i++)
        t[i] = small_page(g, i, global);
    bool ignored = upper_bits_of(g) && !(upper_bits_of(g) >> 63);
    if (!global && !ignored && one_in(g, 4))
        fill_64k(g, t);
}

static bool has_64k(const struct gen *g, unsigned table)
{
    return g->p->table[table][0] >> 63 && g->p->table[table][1] >> 63;
}

void gen_tables(struct gen *g)
{
    u64(*t)[512] = g->p->table;
    for (unsigned root = T_ROOT_A; root <= T_ROOT_B; root++) {
        u64 *r = t[root];
        r[0] = r[256] = r[511] = POINTER(T_L1);
        r[2] = PPN(MONITOR_PA) | 0xcf; /* RAM, for S */
        r[3] = POINTER(root == T_ROOT_A ? T_L1_A : T_L1_B);
        r[252] = POINTER(T_L1_U);
    }
    t[T_ROOT_A][1] = t[T_ROOT_B][1] = big_page(g, 2, true);
    t[T_L1][0] = t[T_L1][511] = POINTER(T_L0);
    for (unsigned i = 1; i < 4; i++)
        t[T_L1][i] = big_page(g, 1, true);
    /* the last page of the address space, and of each 2 MiB that T_L0 maps */
    t[T_L0][511] = small_page(g, 0, true);
    t[T_L1_A][0] = POINTER(T_L0_A);
    t[T_L1_B][0] = POINTER(T_L0_B);
    fill_small(g, T_L0, true);
    fill_small(g, T_L0_A, false);
    fill_small(g, T_L0_B, false);
    t[T_L1_U][0] = POINTER(T_L0_U);
    for (unsigned i = 0; i < BLOCKS_BYTES >> 12; i++)
        t[T_L0_U][i] = PPN(BLOCKS_PA + 4096ull * i) | 0x5b; /* A U X R V */
}

/* ---- changes ---- */

struct edit {
    unsigned table, slot;
    bool both; /* in both roots: the leaf may have G */
    u64 pte;
    u64 va; /* the only address that the PTE maps; 0: there are several */
};

static struct edit choose_edit(struct gen *g, unsigned space)
{
    struct edit e = {.table = T_L0, .slot = below(g, 32)};
    switch (below(g, 8)) {
    case 0:
        e.table = T_L1;
        e.slot = 1 + below(g, 3);
        e.pte = big_page(g, 1, true);
        return e;
    case 1:
        e.table = T_ROOT_A;
        e.both = true;
        e.slot = 1;
        e.pte = big_page(g, 2, true);
        return e;
    case 2:
    case 3:
    case 4:
        if (space == SPACE_BARE)
            break;
        e.table = space == SPACE_A ? T_L0_A : T_L0_B;
        e.slot = has_64k(g, e.table) ? 16 + below(g, 8) : below(g, 24);
        e.va = 0xc0000000ull + ((u64)e.slot << 12);
        e.pte = small_page(g, e.slot, false);
        return e;
    }
    e.pte = small_page(g, e.slot, true);
    return e;
}

static void put_edit(struct gen *g, const struct edit *e, unsigned at,
                     unsigned value)
{
    put_li(g, at, TABLE(e->table) + 8 * e->slot);
    put_li(g, value, e->pte);
    put(g, enc_s(OP_sd, at, value, 0));
    if (e->both) {
        put_li(g, at, TABLE(T_ROOT_B) + 8 * e->slot);
        put(g, enc_s(OP_sd, at, value, 0));
    }
}

/* Puts a change of a PTE into a set-up, which fences everything afterwards. */
void gen_poke(struct gen *g, unsigned t0, unsigned t1)
{
    struct edit e = choose_edit(g, 1 + below(g, 2));
    put_edit(g, &e, t0, t1);
}

/* Puts a fence, maybe by Svinval. rs1: address, rs2: ASID; x0 means all. */
static void put_fence(struct gen *g, unsigned rs1, unsigned rs2)
{
    u32 operands = rs1 << 15 | rs2 << 20;
    if (!(g->p->exts & EXT_BIT(SVINVAL)) || g->priv == PRV_U || g->tvm ||
        one_in(g, 2)) {
        put(g, row_word(OP_sfence_vma) | operands);
        return;
    }
    put(g, gen_row("sfence.w.inval"));
    put(g, gen_row("sinval.vma") | operands);
    put(g, gen_row("sfence.inval.ir"));
}

void gen_pte_edit(struct gen *g)
{
    unsigned space = g->b->space;
    struct edit e = choose_edit(g, space);
    unsigned a = reg(g), v = reg_not(g, a, 0), s = reg_not(g, a, v);
    g->it->kind = K_PTE;
    put_edit(g, &e, a, v);
    unsigned form = e.va && space != SPACE_BARE ? below(g, 4) : 0;
    if (form & 1)
        put_li(g, a, e.va + below(g, 4096));
    if (form & 2)
        put_li(g, s, g->asid[space]);
    put_fence(g, form & 1 ? a : 0, form & 2 ? s : 0);
}

/* Puts a fence of any form, which no change requires. */
void gen_sfence(struct gen *g)
{
    unsigned a = reg(g), s = reg_not(g, a, 0);
    unsigned form = below(g, 4);
    g->it->kind = K_SFENCE;
    if (form & 1)
        put_li(g, a, gen_address(g, true, true, 8));
    if (form & 2)
        put_li(g, s, one_in(g, 2) ? g->asid[1 + below(g, 2)] : any(g) & 0xffff);
    put_fence(g, form & 1 ? a : 0, form & 2 ? s : 0);
}
