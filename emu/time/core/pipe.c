/* SPDX-License-Identifier: MIT */
/* Computes issue and interlocks by the scheduling rules of time.h.
 *
 * Time is relative to the next issue slot, so that a scoreboard does not depend
 * on how code was cut into blocks. With dual issue an entry stays one cycle
 * longer (left 0): it tells that its result was not ready in the cycle of the
 * instruction just issued, which the next instruction may join. */
#include "time/time.h"

enum { REG_F = 32, REG_FDIV = 64, REG_NONE = 0xff };
enum { SOURCES_MAX = 4 };

/* An instruction's demands on the pipeline. */
struct demand {
    u8 src[SOURCES_MAX], late[SOURCES_MAX]; /* late: cycles src may be late */
    u8 nsrc;
    u8 dst;
    u8 latency, occupancy;
    bool can_be_late; /* executes in the late ALU if a source is late */
    u8 later;         /* cycles from the early to the late ALU */
};

static bool is_fdiv(unsigned class)
{
    return class == IC_FDIVS || class == IC_FDIVD || class == IC_FSQRTS ||
           class == IC_FSQRTD;
}

static bool is_memory(unsigned class)
{
    return class == IC_LOAD || class == IC_LOADB || class == IC_STORE ||
           class == IC_AMO || class == IC_FLOAD || class == IC_FSTORE;
}

static bool is_fp(unsigned class)
{
    return class >= IC_FADDS && class <= IC_FMISC;
}

/* True if `in` empties the pipeline (FU540 manual 4.5 names CSR writes). */
static bool flushes(const struct insn *in)
{
    switch (in->op) {
    case OP_csrrw:
    case OP_csrrwi:
    case OP_fence_i:
    case OP_sfence_vma:
    case OP_sfence_inval_ir: /* the sinval.vma before it do not flush: that is
                                Svinval's purpose */
    case OP_mret:
    case OP_sret:
        return true;
    case OP_csrrs:
    case OP_csrrc:
    case OP_csrrsi:
    case OP_csrrci:
        return in->rs1 != 0;
    default:
        return false;
    }
}

static void add_source(struct demand *d, unsigned reg, unsigned late)
{
    if (reg == 0)
        return; /* x0 is always ready */
    d->src[d->nsrc] = (u8)reg;
    d->late[d->nsrc++] = (u8)late;
}

static struct demand demand_of(const struct pipe_model *p,
                               const struct insn *in)
{
    static_assert(USE_ZIMM == 2 * USE_FRD, "a new bit: is it a source here?");
    unsigned class = isa_info[in->op].class, uses = isa_uses(in);
    bool alu = class == IC_ALU || class == IC_BRANCH;
    unsigned late = alu ? p->late_alu : 0;
    unsigned data = alu || class == IC_STORE ? p->late_alu : 0;
    struct demand d = {.dst = REG_NONE,
                       .latency = p->latency[class],
                       .occupancy = p->occupancy[class],
                       .can_be_late = class == IC_ALU,
                       .later = class == IC_ALU ? p->late_alu : 0};

    if (uses & USE_XRS1)
        add_source(&d, in->rs1, late);
    if (uses & USE_XRS2)
        add_source(&d, in->rs2, data);
    if (uses & USE_FRS1)
        add_source(&d, REG_F + in->rs1, 0);
    if (uses & USE_FRS2)
        add_source(&d, REG_F + in->rs2, 0);
    if (uses & USE_FRS3)
        add_source(&d, REG_F + in->rs3, 0);
    if (is_fdiv(class))
        add_source(&d, REG_FDIV, 0);
    if (uses & USE_XRD && in->rd)
        d.dst = in->rd;
    else if (uses & USE_FRD)
        d.dst = (u8)(REG_F + in->rd);
    if (flushes(in))
        d.occupancy = (u8)(d.occupancy + p->csr_flush);
    if (class == IC_CSR && in->rd && d.occupancy < d.latency)
        d.occupancy = d.latency; /* no result is pending after it */
    return d;
}

/* Returns the cycles from the next issue slot until `reg` is ready; -1: it is
 * ready, with dual issue even for an instruction that joins the last one. */
static int left_of(const struct scoreboard *sb, unsigned reg)
{
    for (unsigned i = 0; i < sb->count; i++)
        if (sb->reg[i] == reg)
            return sb->left[i];
    return -1;
}

/* Returns the wait that keeps two writes of one register in order; below 0: no
 * wait, and `d` could have issued earlier. An ALU operation writes at the late
 * ALU's stage in either ALU, so two of them never get out of order. */
static int order(const struct scoreboard *sb, const struct demand *d)
{
    if (d->dst == REG_NONE)
        return -1;
    return left_of(sb, d->dst) - d->latency - d->later;
}

/* Returns the wait for sources and order(); *late: the late ALU is used. */
static int wait_for_sources(const struct scoreboard *sb, const struct demand *d,
                            bool *late)
{
    int wait = 0;
    for (unsigned i = 0; i < d->nsrc; i++) {
        int left = left_of(sb, d->src[i]) - d->late[i];
        if (left > wait)
            wait = left;
    }
    if (order(sb, d) > wait) /* writes of one register stay in order */
        wait = order(sb, d);
    *late = false;
    for (unsigned i = 0; i < d->nsrc; i++)
        if (d->late[i] && left_of(sb, d->src[i]) > wait)
            *late = d->can_be_late;
    return wait;
}

/* Lets `cycles` pass: drops results that are ready; `keep` 1 keeps those that
 * have just become ready. */
static void drop_ready(struct scoreboard *sb, unsigned cycles, unsigned keep)
{
    unsigned n = 0;
    for (unsigned i = 0; i < sb->count; i++) {
        if (sb->left[i] + keep <= cycles)
            continue;
        sb->reg[n] = sb->reg[i];
        sb->left[n++] = (u8)(sb->left[i] - cycles);
    }
    sb->count = (u8)n;
    for (; n < SCOREBOARD_MAX; n++) /* unused slots are saved, too: 0 */
        sb->reg[n] = sb->left[n] = 0;
}

static void drop(struct scoreboard *sb, unsigned reg)
{
    for (unsigned i = 0; i < sb->count; i++) {
        if (sb->reg[i] != reg)
            continue;
        sb->count--;
        sb->reg[i] = sb->reg[sb->count];
        sb->left[i] = sb->left[sb->count];
        sb->reg[sb->count] = sb->left[sb->count] = 0;
        return;
    }
}

static void add(struct scoreboard *sb, unsigned reg, int left, unsigned keep)
{
    drop(sb, reg);
    if (left + (int)keep <= 0)
        return;
    sb->reg[sb->count] = (u8)reg;
    sb->left[sb->count++] = (u8)left;
}

/* Records the results of an instruction that was issued `ago` cycles before the
 * next slot. */
static void record(const struct pipe_model *p, struct scoreboard *sb,
                   const struct demand *d, unsigned class, bool late,
                   unsigned ago)
{
    unsigned keep = p->issue_width > 1;
    unsigned latency = d->latency + (late ? p->late_alu : 0u);
    if (d->dst != REG_NONE)
        add(sb, d->dst, (int)latency - (int)ago, keep);
    if (is_fdiv(class))
        add(sb, REG_FDIV, (int)d->latency - (int)ago, keep);
}

/* Returns the most results that `d` may add. */
static unsigned results(const struct demand *d, unsigned class)
{
    return (d->dst != REG_NONE) + is_fdiv(class);
}

/* True if instructions of these classes may issue in one cycle (u74: one memory
 * pipe, one multiplier, one floating-point pipe). */
static_assert(IC_COUNT == 27, "may a new class pair? is it memory or FP?");
static bool may_pair(unsigned first, unsigned second)
{
    bool muldiv1 = first == IC_MUL || first == IC_CPOP;
    bool muldiv2 = second == IC_MUL || second == IC_CPOP;
    if (second == IC_CSR || second == IC_FENCE || second == IC_SYSTEM ||
        second == IC_AMO || second == IC_DIV || first == IC_AMO)
        return false;
    return !(is_memory(first) && is_memory(second)) && !(muldiv1 && muldiv2) &&
           !(is_fp(first) && is_fp(second));
}

/* With dual issue, true if the instruction joins the one just issued: the two
 * may pair, and its sources come in time if it issues in that cycle, too. */
static bool joins(const struct scoreboard *sb, const struct demand *d,
                  unsigned class, bool *late)
{
    if (!sb->open || d->occupancy != 1 || !may_pair(sb->open - 1u, class) ||
        sb->count + results(d, class) > SCOREBOARD_MAX)
        return false;
    *late = false;
    for (unsigned i = 0; i < d->nsrc; i++) {
        int left = left_of(sb, d->src[i]);
        if (left < 0)
            continue;
        if (left + 1 > d->late[i])
            return false;
        *late |= d->can_be_late;
    }
    return order(sb, d) < 0;
}

/* ---- loads of bytes that are still in the store pipeline ---- */

enum { STORE_SLOTS = 2, OFFSET_MAX = 4096 };

/* loads() returns a load's bytes, stores() a store's; both 0 for all else. */
static unsigned loads(unsigned op)
{
    static const u8 bytes[OP_COUNT] = {
        [OP_lb] = 1, [OP_lbu] = 1, [OP_lh] = 2,  [OP_lhu] = 2, [OP_flh] = 2,
        [OP_lw] = 4, [OP_lwu] = 4, [OP_flw] = 4, [OP_ld] = 8,  [OP_fld] = 8};
    return bytes[op];
}

static unsigned stores(unsigned op)
{
    static const u8 bytes[OP_COUNT] = {
        [OP_sb] = 1,  [OP_sh] = 2, [OP_fsh] = 2, [OP_sw] = 4,
        [OP_fsw] = 4, [OP_sd] = 8, [OP_fsd] = 8};
    return bytes[op];
}

/* True if a load that starts after `wait` cycles overlaps a pending store. */
static bool hits_store(const struct scoreboard *sb, const struct insn *in,
                       unsigned bytes, unsigned wait)
{
    for (unsigned i = 0; i < STORES_MAX; i++) {
        const struct pending_store *p = &sb->store[i];
        if (p->left > wait && p->base == in->rs1 &&
            in->imm < p->offset + p->bytes && p->offset < in->imm + (s64)bytes)
            return true;
    }
    return false;
}

/* Expresses the address of a store by the value of its base register after
 * `in`. False: it is no longer known. */
static bool rebase_store(struct pending_store *p, const struct insn *in)
{
    if (!(isa_uses(in) & USE_XRD) || !in->rd || in->rd != p->base)
        return true;
    if (in->op != OP_addi || in->rs1 != p->base)
        return false;
    p->offset -= (s32)in->imm;
    return p->offset > -OFFSET_MAX && p->offset < OFFSET_MAX;
}

/* Commits stores, and adds `in` if it is a store. `in` was issued after `wait`
 * cycles; `cycles` have passed in all. Entries are kept oldest first; unused
 * ones are 0, because they are saved, too. */
static void commit_stores(struct scoreboard *sb, const struct insn *in,
                          unsigned wait, unsigned cycles)
{
    struct pending_store kept[STORES_MAX + 1] = {0};
    unsigned n = 0, bytes = stores(in->op);

    for (unsigned i = 0; i < STORES_MAX; i++) {
        struct pending_store p = sb->store[i];
        bool held = p.left == wait + 1 && cycles == wait + 1 && loads(in->op);
        if (p.left <= cycles && !held)
            continue;
        p.left = held ? 1 : (u8)(p.left - cycles);
        if (rebase_store(&p, in))
            kept[n++] = p;
    }
    if (bytes)
        kept[n++] = (struct pending_store){.base = in->rs1,
                                           .bytes = (u8)bytes,
                                           .left = STORE_SLOTS,
                                           .offset = (s32)in->imm};
    memcpy(sb->store, kept + (n > STORES_MAX), sizeof(sb->store));
}

unsigned pipe_issue(const struct pipe_model *p, struct scoreboard *sb,
                    const struct insn *in, unsigned *occupies)
{
    unsigned class = isa_info[in->op].class, keep = p->issue_width > 1;
    unsigned bytes = p->store_hit ? loads(in->op) : 0;
    struct demand d = demand_of(p, in);
    bool late;
    int wait = 0;

    if (joins(sb, &d, class, &late)) {
        *occupies = 0;
        record(p, sb, &d, class, late, 1);
        sb->open = 0;
    } else {
        wait = wait_for_sources(sb, &d, &late);
        if (bytes && hits_store(sb, in, bytes, (unsigned)wait))
            wait += p->store_hit;
        drop_ready(sb, (unsigned)wait + d.occupancy, keep);
        while (sb->count + results(&d, class) > SCOREBOARD_MAX) {
            drop_ready(sb, 1, keep);
            wait++;
        }
        *occupies = d.occupancy;
        record(p, sb, &d, class, late, d.occupancy);
        sb->open = keep && d.occupancy == 1 ? (u8)(1 + class) : 0;
    }
    if (p->store_hit)
        commit_stores(sb, in, (unsigned)wait, (unsigned)wait + *occupies);
    if (isa_ends_block(in))
        memset(sb, 0, sizeof(*sb));
    return (unsigned)wait;
}

static unsigned bit_length(u64 x)
{
    return x ? 64u - (unsigned)__builtin_clzll(x) : 0;
}

static u64 magnitude(u64 x, bool is_signed, bool is_word)
{
    if (is_word)
        x = is_signed ? (u64)sext(x, 32) : (u32)x;
    return is_signed && (s64)x < 0 ? -x : x;
}

/* DIV_QUOTIENT_BITS takes a cycle for each bit of the quotient, as a radix-2
 * divider that skips leading zeros does; a zero divisor takes none. */
unsigned pipe_divide(const struct pipe_model *p, u64 dividend, u64 divisor,
                     bool is_signed, bool is_word)
{
    unsigned most = (unsigned)(p->div_max - p->div_min);

    if (p->div_rule == DIV_WORD_LONGER)
        return is_word ? most : 0;
    if (p->div_rule == DIV_FIXED)
        return 0;
    unsigned n = bit_length(magnitude(dividend, is_signed, is_word));
    unsigned m = bit_length(magnitude(divisor, is_signed, is_word));
    if (!m || n < m)
        return 0;
    return n - m + 1 < most ? n - m + 1 : most;
}
