/* SPDX-License-Identifier: MIT */
/* Makes random choices, and encodes instructions by insns.def. */
#include "program.h"

const char *const kind_name[K_COUNT] = {
#define KIND(id, text) [K_##id] = text,
#include "kinds.def"
};

const struct row rows[] = {
#define INSN(id, name, format, match, mask, class, ext)                        \
    {OP_##id, match, mask, format, class, ext},
#include "isa/insns.def"
};
const unsigned nrows = ARRAY_LEN(rows);

const struct short_row short_rows[] = {
#define RVC(id, name, ext, match, mask, ...) {match, mask, EXT_##ext, name},
#include "isa/rvc.def"
};
const unsigned nshort_rows = ARRAY_LEN(short_rows);

u64 any(struct gen *g)
{
    return rand_step(&g->rng);
}

unsigned below(struct gen *g, unsigned n)
{
    return (unsigned)((any(g) >> 32) % n);
}

/* Returns a boundary value (FP or integer), an FP number, or random bits. */
u64 special_value(struct gen *g)
{
    static const u64 whole[] = {0,
                                1,
                                2,
                                ~0ull,
                                ~1ull,
                                1ull << 63,
                                ~(1ull << 63),
                                1ull << 31,
                                0x7fffffff,
                                0xffffffff,
                                1ull << 32,
                                0xffffffff80000000,
                                0xff,
                                0xffff,
                                63,
                                64,
                                31,
                                32};
    static const u64 f64[] = {0x3ff0000000000000, 1,
                              0x000fffffffffffff, 0x0010000000000000,
                              0x0010000000000001, 0x7fefffffffffffff,
                              0x7ff0000000000000, 0x7ff0000000000001,
                              0x7ff4000000000000, 0x7ff8000000000000,
                              0x7fffffffffffffff, 0x43e0000000000000,
                              0x43dfffffffffffff, 0x41dfffffffc00000,
                              0x41e0000000000000, 0x3fe0000000000000,
                              0x3ff8000000000000, 0x4004000000000000,
                              0x47efffffe0000000, 0x47efffffefffffff,
                              0x380fffffffffffff, 0x36a0000000000000,
                              0x3690000000000001, 0x0008000000000000};
    static const u32 f32[] = {
        0,          0x3f800000, 1,          0x007fffff, 0x00800000, 0x00800001,
        0x7f7fffff, 0x7f800000, 0x7f800001, 0x7fa00000, 0x7fc00000, 0x7fffffff,
        0x4f000000, 0x4effffff, 0x5f000000, 0x3f000000, 0x3fc00000, 0x40200000,
        0x477ff000, 0x38800000, 0x33000000};
    static const u16 f16[] = {0,      0x3c00, 1,      0x03ff, 0x0400, 0x7bff,
                              0x7c00, 0x7c01, 0x7d00, 0x7e00, 0x3800, 0x3e00};
    u64 sign = any(g) & 1ull << 63;
    switch (below(g, 12)) {
    case 0:
    case 1:
        return PICK(g, whole);
    case 2:
    case 3:
        return PICK(g, f64) | sign;
    case 4:
    case 5:
        return 0xffffffff00000000 | PICK(g, f32) | sign >> 32;
    case 6: /* doubles from 1 to 2^64, positive or negative */
        return (0x3ff0000000000000 + (any(g) >> 6)) | sign;
    case 7: /* singles */
        return 0xffffffff00000000 | (0x3c000000 + (u32)(any(g) >> 37)) |
               sign >> 32;
    case 8:
        return 0xffffffffffff0000 | PICK(g, f16) | sign >> 48;
    case 9:
        return any(g) >> below(g, 64);
    case 10: /* subnormals */
        return (any(g) >> 12 >> below(g, 52)) | sign;
    default:
        return any(g);
    }
}

unsigned reg(struct gen *g)
{
    return 1 + below(g, 31);
}

unsigned reg_not(struct gen *g, unsigned a, unsigned b)
{
    unsigned r;
    do
        r = reg(g);
    while (r == a || r == b);
    return r;
}

u32 row_word(enum op op)
{
    assert(rows[op].op == op);
    return rows[op].match;
}

void put(struct gen *g, u32 word)
{
    assert(g->it->n < ITEM_WORDS);
    g->it->w[g->it->n++] = (word & 3) == 3 ? word : word & 0xffff;
}

unsigned item_bytes(const struct item *it, unsigned words)
{
    unsigned bytes = 0;
    for (unsigned i = 0; i < words; i++)
        bytes += (it->w[i] & 3) == 3 ? 4 : 2;
    return bytes;
}

u32 enc_r(enum op op, unsigned rd, unsigned rs1, unsigned rs2)
{
    return row_word(op) | rd << 7 | rs1 << 15 | rs2 << 20;
}

u32 enc_i(enum op op, unsigned rd, unsigned rs1, s32 imm)
{
    return row_word(op) | rd << 7 | rs1 << 15 | (u32)imm << 20;
}

u32 enc_s(enum op op, unsigned rs1, unsigned rs2, s32 imm)
{
    return row_word(op) | rs1 << 15 | rs2 << 20 | ((u32)imm & 31) << 7 |
           (u32)imm >> 5 << 25;
}

u32 enc_b(enum op op, unsigned rs1, unsigned rs2, s32 offset)
{
    u32 o = (u32)offset;
    return row_word(op) | rs1 << 15 | rs2 << 20 | (o >> 12 & 1) << 31 |
           (o >> 5 & 63) << 25 | (o >> 1 & 15) << 8 | (o >> 11 & 1) << 7;
}

u32 enc_csr(enum op op, unsigned rd, unsigned csr, unsigned rs1)
{
    return row_word(op) | rd << 7 | rs1 << 15 | csr << 20;
}

/* Loads a constant in at most eight instructions. */
void put_li(struct gen *g, unsigned rd, u64 value)
{
    s64 v = (s64)value;
    if (v >= -2048 && v < 2048) {
        put(g, enc_i(OP_addi, rd, 0, (s32)v));
        return;
    }
    s64 low = (s64)sext((u64)v, 12);
    if (v == (s32)v) {
        put(g, row_word(OP_lui) | rd << 7 | ((u32)(v - low) & 0xfffff000));
        if (low)
            put(g, enc_i(OP_addiw, rd, rd, (s32)low));
        return;
    }
    u64 high = (u64)v - (u64)low;
    unsigned shift = (unsigned)__builtin_ctzll(high);
    put_li(g, rd, (u64)((s64)high >> shift));
    put(g, enc_i(OP_slli, rd, rd, (s32)shift));
    if (low)
        put(g, enc_i(OP_addi, rd, rd, (s32)low));
}

void put_csr_bits(struct gen *g, enum op op, unsigned csr, unsigned tmp,
                  u64 bits)
{
    put_li(g, tmp, bits);
    put(g, enc_csr(op, 0, csr, tmp));
}

void put_here(struct gen *g, unsigned rd, s32 bytes)
{
    put(g, row_word(OP_auipc) | rd << 7);
    put(g, enc_i(OP_addi, rd, rd, bytes));
}

u32 gen_row(const char *mnemonic)
{
    for (unsigned i = 0; i < nrows; i++)
        if (!strcmp(isa_info[rows[i].op].name, mnemonic))
            return rows[i].match;
    return 0;
}
