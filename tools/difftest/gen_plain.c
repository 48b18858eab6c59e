/* SPDX-License-Identifier: MIT */
/* Makes items that need no data: instructions that compute, branches, jumps,
 * loops, illegal words, ecall and ebreak, fences, code that writes code. */
#include "program.h"

static bool is_plain(const struct row *r)
{
    switch (r->class) {
    case IC_LOAD:
    case IC_LOADB:
    case IC_STORE:
    case IC_BRANCH:
    case IC_JAL:
    case IC_JALR:
    case IC_AMO:
    case IC_CSR:
    case IC_FENCE:
    case IC_SYSTEM:
    case IC_FLOAD:
    case IC_FSTORE:
        return false;
    default:
        return true;
    }
}

/* Puts a rounding mode, usually a valid one, into the word. */
static u32 with_rounding(struct gen *g, const struct row *r, u32 word)
{
    static const u8 modes[] = {0, 1, 2, 3, 4, 7, 7};
    struct insn in;
    if (r->mask & 0x7000)
        return word;
    isa_decode((word & ~0x7000u) | 0x5000, &in);
    if (in.op != OP_illegal)
        return word; /* 5 is legal here: the field is no rounding mode */
    u32 rm = one_in(g, 40) ? 5 + below(g, 2) : PICK(g, modes);
    return (word & ~0x7000u) | rm << 12;
}

/* Makes rs2 or rd the same register as rs1, now and then. */
static u32 repeat_registers(struct gen *g, const struct row *r, u32 word)
{
    u32 rs1 = word >> 15 & 31;
    if (one_in(g, 12) && !(r->mask >> 20 & 31))
        word = (word & ~(31u << 20)) | rs1 << 20;
    if (one_in(g, 10))
        word = (word & ~(31u << 7)) | rs1 << 7;
    return word;
}

/* True if fs_odd and the row raises only flags (departures.def: fs-flags). */
static bool raises_only(const struct gen *g, const struct row *r)
{
    return g->fs_odd && (r->format == IF_FCMP || r->format == IF_FX);
}

u32 gen_fp_word(struct gen *g)
{
    for (;;) {
        const struct row *r = &rows[below(g, nrows)];
        if (is_plain(r) && r->class > IC_FSTORE && !raises_only(g, r))
            return with_rounding(g, r, ((u32)any(g) & ~r->mask) | r->match);
    }
}

u32 gen_word(struct gen *g)
{
    for (;;) {
        const struct row *r = &rows[below(g, nrows)];
        if (!is_plain(r))
            continue;
        if (raises_only(g, r))
            continue;
        if (!strcmp(isa_info[r->op].name, "ctzw"))
            continue;
        u32 word = ((u32)any(g) & ~r->mask) | r->match;
        if (r->class >= IC_FLOAD)
            word = with_rounding(g, r, word);
        return repeat_registers(g, r, word);
    }
}

/* Puts ctzw of a register whose lower half is not 0 (departures.def: ctzw). */
static void put_ctzw(struct gen *g)
{
    unsigned r = reg(g);
    put(g, enc_i(OP_ori, r, r, (s32)(1u << below(g, 11))));
    put(g, gen_row("ctzw") | reg(g) << 7 | r << 15);
}

void gen_plain(struct gen *g)
{
    g->it->kind = K_PLAIN;
    if (gen_row("ctzw") && one_in(g, 8))
        put_ctzw(g);
    for (unsigned n = 1 + below(g, 6); n; n--)
        put(g, gen_word(g));
}

/* Returns a word of a row of rvc.def without memory access and control flow. */
static u32 compressed_word(struct gen *g)
{
    for (;;) {
        const struct short_row *r = &short_rows[below(g, nshort_rows)];
        u32 w = ((u32)any(g) & 0xffff & ~r->mask) | r->match;
        struct insn in;
        isa_decode(w, &in);
        if (in.op == OP_illegal || isa_ends_block(&in))
            continue;
        if (is_plain(&rows[in.op]))
            return w;
    }
}

void gen_compressed(struct gen *g)
{
    g->it->kind = K_COMPRESSED;
    for (unsigned n = 1 + below(g, 6); n; n--)
        put(g, one_in(g, 4) ? gen_word(g) : compressed_word(g));
}

/* Puts n plain instructions; returns their bytes. */
static unsigned filling(struct gen *g, unsigned n)
{
    unsigned from = item_bytes(g->it, g->it->n);
    for (; n; n--)
        put(g, one_in(g, 3) ? compressed_word(g) : gen_word(g));
    return item_bytes(g->it, g->it->n) - from;
}

static const u8 branches[] = {OP_beq, OP_bne, OP_blt, OP_bge, OP_bltu, OP_bgeu};

/* Encodes c.beqz or c.bnez with an offset below 256. */
static u32 short_branch(unsigned funct3, unsigned r, unsigned o)
{
    return funct3 << 13 | 1 | r << 7 | (o >> 8 & 1) << 12 | (o >> 3 & 3) << 10 |
           (o >> 6 & 3) << 5 | (o >> 1 & 3) << 3 | (o >> 5 & 1) << 2;
}

void gen_branch(struct gen *g)
{
    g->it->kind = K_BRANCH;
    put(g, 0);
    unsigned bytes = filling(g, below(g, 4));
    if (one_in(g, 3)) {
        g->it->w[0] = short_branch(6 + below(g, 2), below(g, 8), 2 + bytes);
        return;
    }
    unsigned a = below(g, 32), b = one_in(g, 6) ? a : below(g, 32);
    g->it->w[0] = enc_b(PICK(g, branches), a, b, (s32)(4 + bytes));
}

static u32 enc_j(enum op op, unsigned rd, u32 o)
{
    return row_word(op) | rd << 7 | (o >> 20 & 1) << 31 |
           (o >> 1 & 1023) << 21 | (o >> 11 & 1) << 20 | (o >> 12 & 255) << 12;
}

/* Encodes c.j with an offset below 32. */
static u32 short_jump(unsigned o)
{
    return 0xa001 | (o >> 1 & 7) << 3 | (o >> 4 & 1) << 11;
}

void gen_jump(struct gen *g)
{
    g->it->kind = K_JUMP;
    unsigned rd = reg(g), rs = reg(g);
    switch (below(g, 4)) {
    case 0: /* jal */
        put(g, 0);
        g->it->w[0] = enc_j(OP_jal, below(g, 32), 4 + filling(g, below(g, 3)));
        return;
    case 1:
        put(g, 2);
        g->it->w[0] = short_jump(2 + filling(g, below(g, 3)));
        return;
    case 2: /* jalr: the low bit of the target does not count */
        put(g, row_word(OP_auipc) | rs << 7);
        put(g, enc_i(OP_jalr, rd, rs, (s32)(8 + below(g, 2))));
        return;
    default: /* c.jr, c.jalr */
        put_here(g, rs, 10);
        put(g, 0x8002 | rs << 7 | below(g, 2) << 12);
    }
}

/* Puts a loop of 2 to 201 iterations; its body does not write the counter. */
void gen_loop(struct gen *g)
{
    unsigned count = reg(g);
    struct insn in;
    g->it->kind = K_LOOP;
    put_li(g, count, 2 + below(g, 200));
    unsigned head = item_bytes(g->it, g->it->n);
    for (unsigned n = 1 + below(g, 8); n; n--) {
        u32 w;
        do {
            w = one_in(g, 3) ? compressed_word(g) : gen_word(g);
            isa_decode(w, &in);
        } while (in.op == OP_illegal || in.rd == count);
        put(g, w);
    }
    put(g, enc_i(OP_addi, count, count, -1));
    unsigned here = item_bytes(g->it, g->it->n);
    put(g, enc_b(OP_bne, count, 0, (s32)head - (s32)here));
}

/* Puts a word that is no instruction: one bit away from a row, or random. */
void gen_illegal(struct gen *g)
{
    struct insn in;
    g->it->kind = K_ILLEGAL;
    for (;;) {
        const struct row *r = &rows[below(g, nrows)];
        u32 w = (u32)any(g);
        if (one_in(g, 3))
            w &= 0xffff;
        else if (!one_in(g, 4))
            w = ((w & ~r->mask) | r->match) ^ (1u << below(g, 32) & r->mask);
        if ((w & 3) != 3)
            w &= 0xffff;
        isa_decode_for(w, g->p->exts, &in);
        if (in.op != OP_illegal)
            continue;
        put(g, w);
        return;
    }
}

void gen_trap(struct gen *g)
{
    g->it->kind = K_TRAP;
    put(g, below(g, 3) == 0   ? 0x9002 /* c.ebreak */
           : below(g, 2) == 0 ? row_word(OP_ebreak)
                              : row_word(OP_ecall));
}

void gen_fence(struct gen *g)
{
    g->it->kind = K_FENCE;
    enum op op = one_in(g, 3) ? OP_fence_i : OP_fence;
    put(g, ((u32)any(g) & ~rows[op].mask) | row_word(op));
}

/* Puts code that writes a plain instruction over the nop after it. */
void gen_code(struct gen *g)
{
    u32 word;
    struct insn in;
    unsigned at = reg(g), value = reg_not(g, at, 0);
    do {
        word = gen_word(g);
        isa_decode_for(word, g->p->exts, &in);
    } while (in.op == OP_illegal || in.rd == at);
    g->it->kind = K_CODE;
    put_li(g, value, (u64)sext(word, 32));
    unsigned here = g->it->n;
    put_here(g, at, 0);
    put(g, enc_s(OP_sw, at, value, 0));
    if (!one_in(g, 4))
        put(g, row_word(OP_fence));
    put(g, row_word(OP_fence_i));
    /* the nop to be replaced comes after these */
    unsigned off = item_bytes(g->it, g->it->n) - item_bytes(g->it, here);
    g->it->w[here + 1] = enc_i(OP_addi, at, at, (s32)off);
    put(g, enc_i(OP_addi, 0, 0, 0));
}
