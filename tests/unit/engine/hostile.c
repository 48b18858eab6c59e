/* SPDX-License-Identifier: MIT */
/* Finds an engine that lets a guest reach the host's memory. The input makes
 * the guest: its loads, stores, atomics and jumps, bare or under Sv39, go to
 * addresses at limits of every kind and to host addresses. Its PTEs, which it
 * changes, lead to the ends of RAM, past them and to devices. Interpreter and
 * translator must end in the same state, and no entry of the host TLB may lead
 * out of guest RAM, which lies between pages that nobody may touch. */
#define BOX_GUARD (sizeof(void *) == 8 ? (size_t)1 << 32 : (size_t)1 << 24)
#include "box.c"
#include "encode.h"
#include "engine/state.h"

/* The layout of RAM. */
#define HOSTILE_BASE  0x80000000ull
#define HOSTILE_END   (HOSTILE_BASE + BOX_RAM)
#define HOSTILE_CODE  (HOSTILE_BASE + 0x100)
#define HOSTILE_EDGES (HOSTILE_BASE + 0x8000)
#define HOSTILE_ROOT  (HOSTILE_BASE + 0x10000)
#define HOSTILE_L1    (HOSTILE_BASE + 0x11000) /* from root[0, 255, 256, 511] */
#define HOSTILE_L0    (HOSTILE_BASE + 0x12000) /* from l1[0], l1[511] */
#define HOSTILE_EACH  64 /* addresses at HOSTILE_EDGES, then as many PTEs */

/* Registers that the program's instructions do not choose. */
enum { RA = 1, TABLE = 26, TMP = 28, EDGES = 29, H0 = 30, H1 = 31 };

struct hostile {
    const u8 *data;
    size_t n;
    struct box *b;
    u64 at; /* where the next instruction goes */
    bool sv39;
    u8 priv;
};

static u8 *hostile_ram(const struct hostile *p, u64 pa)
{
    return p->b->ram + (pa - HOSTILE_BASE);
}

/* Takes the next byte of the input; 0 after its end. */
static u8 take(struct hostile *p)
{
    if (!p->n)
        return 0;
    p->n--;
    return *p->data++;
}

static void emit(struct hostile *p, u32 insn)
{
    put_le(hostile_ram(p, p->at), insn, 4);
    p->at += 4;
}

/* ---- the guest's addresses and PTEs ---- */

static void addresses(struct hostile *p, const struct box *attacked)
{
    const struct engine *e = attacked->engine;
    const u64 far = 1ull << 38, engine = (u64)(uintptr_t)e;
    const u64 host = (u64)(uintptr_t)attacked->ram;
    /* clang-format off */
    const u64 edge[HOSTILE_EACH] = {
        0, 8, 0xff8, 0x1000, 0x1ff8, 0x1fdff8, 0x1fe000, 0x1ff000, 0x1ffff8,
        0x200000, 0x3ffff8, 0x400000, 0x5ffff8, 0x600000, 0x3fc00000,
        0x3fdffff8, 0x3fe00000, HOSTILE_BASE, HOSTILE_BASE - 8,
        HOSTILE_BASE - 1, HOSTILE_BASE + 0x20000, HOSTILE_BASE + 0x20ff8,
        HOSTILE_END, HOSTILE_END - 4096, HOSTILE_END - 8, HOSTILE_END - 1,
        HOSTILE_END + 4096, 1ull << 31, 0xffffffff80000000, 1ull << 32,
        0xffffffff, far, far - 8, far - 4096, far - 1, far - 0x200000, 0 - far,
        0 - far - 8, 0 - far + 8, 0 - far + 0x1ff8, ~0ull, ~7ull, ~4095ull,
        0 - 0x1000ull - 8, 0 - 0x200000ull, 1ull << 63, (1ull << 63) - 8,
        (1ull << 63) - 1, 0x100000, 0x2004000, 0x200bff8, 0x100ff8, host,
        host - 8, host - HOSTILE_BASE, HOSTILE_BASE - host, host + BOX_RAM,
        engine, (u64)(uintptr_t)e->host_tlb, engine - HOSTILE_BASE,
        HOSTILE_BASE + 0x12000, HOSTILE_CODE, HOSTILE_CODE + 64,
        HOSTILE_BASE + 0x3ff000};
    /* clang-format on */

    for (unsigned i = 0; i < HOSTILE_EACH; i++)
        put_le(hostile_ram(p, HOSTILE_EDGES + 8 * i), edge[i], 8);
}

static u64 pte(u8 where, u8 how)
{
    /* clang-format off */
    static const u64 frame[] = {
        HOSTILE_BASE, HOSTILE_BASE + 0x20000, HOSTILE_END - 4096, HOSTILE_END,
        HOSTILE_BASE - 4096, 0x100000, 0x2004000, ((1ull << 44) - 1) << 12,
        HOSTILE_BASE + 0x21000, HOSTILE_END - 8192, HOSTILE_L0, HOSTILE_CODE};
    /* clang-format on */
    static const u8 flags[] = {0xcf, 0xdf, 0xc7, 0xd7, 0xc3, 0xd3, 0x07, 0x17,
                               0x43, 0x4f, 0x5f, 0xcb, 0xdb, 0xef, 0xc9, 0};
    u64 f = flags[how % ARRAY_LEN(flags)];

    return frame[where % ARRAY_LEN(frame)] >> 12 << 10 | f;
}

static void tables(struct hostile *p)
{
    const u8 user = p->priv == PRV_U ? 0x10 : 0;
    static const u16 root[] = {0, 255, 256, 511};

    for (unsigned i = 0; i < HOSTILE_EACH; i++)
        put_le(hostile_ram(p, HOSTILE_EDGES + 8 * (HOSTILE_EACH + i)),
               pte((u8)i, (u8)(i * 7 / 4)), 8);
    for (unsigned i = 0; i < ARRAY_LEN(root); i++)
        put_le(hostile_ram(p, HOSTILE_ROOT + 8 * root[i]), HOSTILE_L1 >> 2 | 1,
               8);
    /* Map RAM, and the addresses after it, to themselves. */
    put_le(hostile_ram(p, HOSTILE_ROOT + 16), HOSTILE_BASE >> 2 | 0xcf | user,
           8);
    put_le(hostile_ram(p, HOSTILE_L1), HOSTILE_L0 >> 2 | 1, 8);
    put_le(hostile_ram(p, HOSTILE_L1 + 8 * 511), HOSTILE_L0 >> 2 | 1, 8);
    for (unsigned i = 1; i < 4; i++) /* the third is past RAM's end */
        put_le(hostile_ram(p, HOSTILE_L1 + 8 * i),
               (HOSTILE_BASE + 0x200000 * (i - 1)) >> 2 | 0xcf | user, 8);
    put_le(hostile_ram(p, HOSTILE_L1 + 8 * 510),
           (HOSTILE_END - 0x200000) >> 2 | 0xcf | user, 8);
    static const u16 slot[] = {0, 1, 2, 509, 510, 511};
    for (unsigned i = 0; i < ARRAY_LEN(slot); i++) {
        u8 v = take(p);
        put_le(hostile_ram(p, HOSTILE_L0 + 8 * slot[i]),
               pte(v & 15, v >> 4) ^ user, 8);
    }
}

/* ---- the guest's instructions ---- */

/* Returns the register that a byte chooses: x2 to x25. */
static unsigned some_reg(u8 v)
{
    return 2 + v % 24;
}

static int some_imm(struct hostile *p)
{
    static const s16 edge[] = {0,    1,    -1,    7, 8,  -8, 2047, -2048,
                               2040, 2044, -2040, 4, -4, 64, -64,  2};
    u8 v = take(p);

    return v < 0x80 ? edge[v % ARRAY_LEN(edge)] : (v & 0x7f) * 32 - 2048;
}

/* Returns a random compressed access and a c.nop: the handler skips both. */
static u32 short_access(u8 v)
{
    static const u16 some[] = {0x6000, 0xe000, 0x4000, 0xc000, 0x2000,
                               0xa000, 0x6002, 0xe002, 0x4002, 0xc002};
    u32 w = some[v % ARRAY_LEN(some)] | (v * 0x9d & 0x1c00) | (v & 0x380) |
            (v * 0x35 & 0x7c);

    if ((w & 0xe003) == 0x6002 || (w & 0xe003) == 0x4002)
        w |= 10 << 7; /* rd must not be 0 */
    return w | 1 << 16;
}

static void memory_access(struct hostile *p, u8 op)
{
    static const u32 loads[] = {0x0003, 0x1003, 0x2003, 0x3003, 0x4003,
                                0x5003, 0x6003, 0x2007, 0x3007};
    static const u32 stores[] = {0x0023, 0x1023, 0x2023,
                                 0x3023, 0x2027, 0x3027};
    static const u32 atomics[] = {0x1000202f, 0x1000302f, 0x1800202f,
                                  0x1800302f, 0x0000202f, 0x0000302f,
                                  0x0800302f, 0x4000202f, 0x0040200f};
    u8 v = take(p), w = take(p);
    u32 a = some_reg(v), d = some_reg(w);
    u32 imm = (u32)some_imm(p);

    if (op < 6)
        emit(p,
             loads[(v ^ w) % ARRAY_LEN(loads)] | d << 7 | a << 15 | imm << 20);
    else if (op < 11)
        emit(p, stores[(v ^ w) % ARRAY_LEN(stores)] | (imm & 31) << 7 |
                    a << 15 | d << 20 | (imm >> 5 & 127) << 25);
    else if ((v ^ w) % ARRAY_LEN(atomics) == 8)
        emit(p, atomics[8] | a << 15); /* cbo.zero */
    else
        emit(p, atomics[(v ^ w) % ARRAY_LEN(atomics)] | d << 7 | a << 15 |
                    ((v ^ w) % ARRAY_LEN(atomics) < 2 ? 0 : d << 20));
}

static void remap(struct hostile *p)
{
    static const int slot[] = {0, 1, 2, 509, 510, 511};
    u8 v = take(p), w = take(p);

    emit(p, i_type(0x03, 3, TMP, EDGES, 8 * (HOSTILE_EACH + v % HOSTILE_EACH)));
    emit(p, store(3, TABLE, TMP, 8 * slot[w % ARRAY_LEN(slot)] - 2048));
    emit(p, 0x12000073); /* sfence.vma */
}

static void instruction(struct hostile *p)
{
    static const u8 arithmetic[] = {0, 0, 2, 3, 4, 6, 7}; /* addi to andi */
    u8 op = take(p) % 20, v;

    switch (op) {
    case 0 ... 11:
        memory_access(p, op);
        break;
    case 12 ... 14: /* loads an address */
        v = take(p);
        emit(p,
             i_type(0x03, 3, some_reg(v), EDGES, 8 * (take(p) % HOSTILE_EACH)));
        break;
    case 15:
        v = take(p);
        emit(p, i_type(0x13, arithmetic[take(p) % ARRAY_LEN(arithmetic)],
                       some_reg(v), some_reg(take(p)), some_imm(p)));
        break;
    case 16: /* a jump to anywhere, which returns by ra or by a trap */
        v = take(p);
        emit(p, i_type(0x67, 0, RA, some_reg(v), some_imm(p)));
        break;
    case 17: /* jumps over the next instruction */
        v = take(p);
        emit(p, branch(v & 7 & ~2u, some_reg(v), some_reg(take(p)), 8));
        break;
    case 18:
        emit(p, short_access(take(p)));
        break;
    default:
        remap(p);
    }
}

/* Emits the trap handler, which skips the trapped instruction or, if that is
 * outside of the program, returns to ra. */
static void handler(struct hostile *p)
{
    p->at = HOSTILE_BASE;
    emit(p, 0x34102073 | H1 << 7);        /* csrr h1, mepc */
    emit(p, 0x17 | H0 << 7);              /* auipc h0, 0 */
    emit(p, r_type(32, 0, H0, H1, H0));   /* sub h0, h1, h0 */
    emit(p, i_type(0x13, 5, H0, H0, 14)); /* srli h0, h0, 14 */
    emit(p, branch(0, H0, 0, 8));         /* beqz h0, .+8 */
    emit(p, i_type(0x13, 0, H1, RA, -4)); /* addi h1, ra, -4 */
    emit(p, i_type(0x13, 0, H1, H1, 4));  /* addi h1, h1, 4 */
    emit(p, 0x34101073 | H1 << 15);       /* csrw mepc, h1 */
    emit(p, 0x30200073);                  /* mret */
}

static void program(struct hostile *p)
{
    handler(p);
    p->at = HOSTILE_CODE;
    while (p->n && p->at < HOSTILE_BASE + 0x3f00)
        instruction(p);
    emit(p, jump((int)(HOSTILE_CODE - p->at)));
}

/* ---- running ---- */

static void set_hart(struct hostile *p, u8 how)
{
    struct hart *h = &p->b->hart;

    h->pc = HOSTILE_CODE;
    h->mtvec = HOSTILE_BASE;
    h->priv = p->priv;
    h->menvcfg |= MENVCFG_CBZE;
    h->senvcfg |= MENVCFG_CBZE;
    h->mstatus |=
        MSTATUS_FS | (how & 1 ? MSTATUS_MXR : 0) | (how & 2 ? 0 : MSTATUS_SUM);
    if (p->sv39)
        h->satp = SATP_MODE_SV39 << 60 | (how & 4 ? 1ull << 44 : 0) |
                  HOSTILE_ROOT >> 12;
    /* the first PMP entry covers one page, the second all of memory */
    h->pmpaddr[0] = (HOSTILE_END - (how & 8 ? 4096 : 8192)) >> 2 | 511;
    h->pmpcfg[0] = how & 16 ? PMP_NAPOT | (how >> 5 & 7) : 0;
    h->pmpaddr[1] = ~0ull >> 10;
    h->pmpcfg[1] = PMP_NAPOT | PMP_R | PMP_W | PMP_X;
    h->x[RA] = HOSTILE_CODE;
    h->x[TABLE] = HOSTILE_L0 + 2048;
    h->x[EDGES] = HOSTILE_EDGES;
    for (unsigned i = 2; i < TABLE; i++)
        h->x[i] = get_le(
            hostile_ram(p, HOSTILE_EDGES + 8 * (take(p) % HOSTILE_EACH)), 8);
    engine_context_changed(p->b->engine);
}

/* Fails unless all entries of a host TLB lead to pages of guest RAM. */
static void check_table(const struct box *b, const struct host_table *t)
{
    for (unsigned i = 0; t->ready && i < HOST_PAGES; i++) {
        const struct host_page *s = &t->e[i];
        u64 page = s->load != ~0ull ? s->load : s->store;
        if (page == ~0ull)
            continue;
        assert(s->store == page || s->store == ~0ull);
        assert(!(page & (PAGE_BYTES - 1)));
        assert(s->host + page - (u64)(uintptr_t)b->ram <= BOX_RAM - PAGE_BYTES);
    }
}

static struct box *new_box(u8 how, bool interpreted)
{
    return box_new(
        &(struct box_options){.timed = how & 1,
                              .interpreted = interpreted,
                              .tlb_entries = how & 0x20 ? 4 : 0,
                              .arena_bytes = 1 << 16, /* emptied often */
                              .cpu = how & 0x40 ? "u74" : "u54"});
}

static void run_hostile(struct hostile p, const struct box *attacked,
                        char hash[33])
{
    static const u8 priv[] = {PRV_S, PRV_U, PRV_M, PRV_S};
    u8 how = take(&p), rights = take(&p);
    u64 limit = how & 1 ? 12000 : 4000, seed = 1 + how;

    p.priv = priv[how >> 1 & 3];
    p.sv39 = how & 8;
    addresses(&p, attacked);
    tables(&p);
    set_hart(&p, rights);
    program(&p);
    engine_ram_written(p.b->engine, HOSTILE_BASE, BOX_RAM);
    while (p.b->hart.cycle < limit) {
        u64 next = p.b->hart.cycle + 1 + (rand_step(&seed) >> 20) % limit;
        box_once(p.b, how & 0x80 && next < limit ? next : limit, false);
    }
    for (unsigned i = 0; i < CTX_BARE_KINDS; i++)
        check_table(p.b, &p.b->engine->bare[i]);
    for (unsigned i = 0; i < ASID_SLOTS * CTX_SV39_KINDS; i++)
        check_table(p.b, &p.b->engine->sv39[i]);
    box_hash(p.b, hash);
}

/* Interpreter and translator must end this program in the same state. */
static void hostile(const u8 *data, size_t n)
{
    u8 how = n ? *data : 0;
    struct box *interp = new_box(how, true), *jit = new_box(how, false);
    char one[33], other[33];

    run_hostile((struct hostile){data, n, .b = interp}, jit, one);
    run_hostile((struct hostile){data, n, .b = jit}, jit, other);
    assert(!strcmp(one, other));
    assert(engine_host_stats(jit->engine).translated || !engine_translates());
    box_free(interp);
    box_free(jit);
}
