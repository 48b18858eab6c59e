/* SPDX-License-Identifier: MIT */
/* Makes a program from a seed: blocks, each with a theme. */
#include "program.h"

struct choice {
    u8 weight;
    void (*fn)(struct gen *);
};

/* The theme of a block: its items, and how frequent each is. */
static const struct choice everything[] = {
    {8, gen_plain},    {4, gen_compressed}, {3, gen_branch}, {2, gen_jump},
    {2, gen_loop},     {2, gen_illegal},    {1, gen_trap},   {1, gen_fence},
    {1, gen_code},     {6, gen_memory},     {2, gen_amo},    {2, gen_lrsc},
    {2, gen_wild},     {1, gen_mprv},       {2, gen_csr},    {1, gen_sfence},
    {1, gen_lower},    {1, gen_xret},       {1, gen_wfi},    {1, gen_satp},
    {1, gen_pte_edit}, {1, gen_interrupt},  {2, gen_fs},     {1, gen_pmp},
};
static const struct choice arithmetic[] = {
    {10, gen_plain}, {6, gen_compressed}, {2, gen_branch},
    {1, gen_jump},   {6, gen_loop},       {2, gen_memory},
};
static const struct choice memory[] = {
    {10, gen_memory}, {3, gen_amo},      {2, gen_lrsc},   {3, gen_wild},
    {1, gen_mprv},    {3, gen_pte_edit}, {1, gen_sfence}, {1, gen_satp},
    {1, gen_plain},   {1, gen_lower},
};
static const struct choice system_[] = {
    {8, gen_csr},    {2, gen_trap},    {2, gen_xret},  {2, gen_wfi},
    {2, gen_lower},  {2, gen_illegal}, {2, gen_plain}, {1, gen_satp},
    {1, gen_sfence}, {1, gen_mprv},    {1, gen_wild},  {2, gen_fs},
    {2, gen_pmp},
};
static const struct choice interrupts[] = {
    {8, gen_interrupt}, {2, gen_lower},  {2, gen_wfi},  {2, gen_plain},
    {1, gen_memory},    {1, gen_branch}, {1, gen_trap}, {1, gen_csr},
};
static const struct {
    const struct choice *of;
    unsigned n;
} themes[] = {
    {everything, ARRAY_LEN(everything)}, {arithmetic, ARRAY_LEN(arithmetic)},
    {memory, ARRAY_LEN(memory)},         {memory, ARRAY_LEN(memory)},
    {system_, ARRAY_LEN(system_)},       {interrupts, ARRAY_LEN(interrupts)},
};

/* True if the block suits the item: some items need interrupts, some need them
 * off, a certain privilege, or a block in which S may fence. */
static bool allowed(const struct gen *g, void (*fn)(struct gen *))
{
    if (fn == gen_interrupt)
        return g->irq;
    if (fn == gen_pmp)
        return g->priv == PRV_M;
    if (fn == gen_wfi || fn == gen_satp)
        return !(g->irq && fn == gen_wfi) &&
               !(fn == gen_satp && g->priv == PRV_U);
    if (fn == gen_pte_edit)
        return g->priv == PRV_M || (g->priv == PRV_S && !g->tvm);
    return true;
}

static void gen_item(struct gen *g, unsigned theme)
{
    const struct choice *c = themes[theme].of;
    unsigned total = 0, n = themes[theme].n;
    for (unsigned i = 0; i < n; i++)
        total += c[i].weight;
    for (;;) {
        unsigned k = below(g, total), i = 0;
        while (k >= c[i].weight)
            k -= c[i++].weight;
        if (!allowed(g, c[i].fn))
            continue;
        g->it = &g->b->body[g->b->nbody++];
        *g->it = (struct item){.n = 0};
        c[i].fn(g);
        return;
    }
}

static void gen_block(struct gen *g, struct block *b)
{
    static const u8 privs[] = {PRV_U, PRV_S, PRV_S, PRV_M};
    unsigned theme = below(g, ARRAY_LEN(themes));
    g->b = b;
    *b = (struct block){.priv = PICK(g, privs)};
    b->space = one_in(g, 5) ? SPACE_BARE : (u8)(1 + below(g, 2));
    b->passes = 2 + below(g, 40);
    b->set = below(g, SETS);
    g->irq = themes[theme].of == interrupts;
    if (g->irq && one_in(g, 2))
        b->priv = PRV_M;
    g->priv = b->priv;
    g->pending = false;
    gen_setup(g);
    for (unsigned n = 6 + below(g, 20); n; n--)
        gen_item(g, theme);
}

static void gen_values(struct gen *g)
{
    for (unsigned s = 0; s < SETS; s++) {
        for (unsigned i = 0; i < 64; i++)
            g->p->sets[s][i] = special_value(g);
        u64 rm = one_in(g, 10) ? below(g, 8) : below(g, 5);
        g->p->sets[s][0] = rm << 5 | (any(g) & 31);
    }
    for (unsigned i = 0; i < DATA_PAGES; i++)
        for (unsigned k = 0; k < 512; k++)
            g->p->data[i][k] = special_value(g);
}

void gen_program(struct program *p, u64 seed, u64 exts)
{
    struct gen g = {.rng = seed * 0x9e3779b97f4a7c15 + 1, .p = p};
    for (int i = 0; i < 8; i++)
        any(&g);
    *p = (struct program){.seed = seed, .exts = exts};
    /* instructions of extensions that are off must trap */
    u64 optional = exts & ~isa_closed(EXT_BIT(I) | EXT_BIT(M) | EXT_BIT(A) |
                                      EXT_BIT(F) | EXT_BIT(D) | EXT_BIT(C) |
                                      EXT_BIT(ZICNTR) | EXT_BIT(ZIFENCEI));
    if (!one_in(&g, 3))
        p->exts = isa_closed(exts & ~(optional & any(&g) & any(&g)));
    gen_slice_needs(p);
    p->holes = one_in(&g, 2);
    g.asid[SPACE_A] = (u16)any(&g);
    g.asid[SPACE_B] = (u16)(g.asid[SPACE_A] ^ (1u << below(&g, 16)));
    gen_values(&g);
    gen_tables(&g);
    p->nblocks = 6 + below(&g, 12);
    for (unsigned i = 0; i < p->nblocks; i++)
        gen_block(&g, &p->block[i]);
    static const u8 privs[] = {PRV_M, PRV_S, PRV_U};
    for (unsigned i = 0; i < ARRAY_LEN(privs); i++) {
        g.b = &p->block[p->nblocks++];
        gen_slice(&g, privs[i]);
    }
}
