/* SPDX-License-Identifier: MIT */
// rooms: base isa
/* The instruction table is consistent, and operands come from the fields of the
 * manual's chapter 2.2. */
#include "unit.h"
#include "isa/isa.h"

static const struct {
    u16 op;
    u32 match, mask;
} rows[] = {
#define INSN(id, name, format, match, mask, class, ext) {OP_##id, match, mask},
#include "isa/insns.def"
#undef INSN
};

/* If a word fits two rows, all words of the earlier row fit the later, too. So
 * a hint stands before the instruction whose words it takes. */
TEST(narrower_rows_come_first)
{
    size_t nested = 0;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        assert_int_equal(rows[i].match & ~rows[i].mask, 0);
        assert_int_equal(rows[i].match & 3, 3);
        for (size_t j = 0; j < i; j++) {
            u32 both = rows[i].mask & rows[j].mask;
            if ((rows[i].match & both) == (rows[j].match & both)) {
                nested++;
                assert_int_equal(both, rows[i].mask);
                assert_int_not_equal(both, rows[j].mask);
            }
            assert_string_not_equal(isa_info[rows[i].op].name,
                                    isa_info[rows[j].op].name);
        }
    }
    assert_int_equal(nested, 5); /* three prefetch.*, pause, zext.h */
}

/* The decoder finds the same row as a plain search, for random words. */
TEST(decoder_finds_the_row)
{
    u64 seed = 7;
    size_t legal = 0;
    for (int n = 0; n < 2000000; n++) {
        u64 r = rand_step(&seed);
        u32 w = (u32)(r >> 32) | 3;
        if (n & 1) { /* a word of a row */
            size_t i = (r & 0xffff) % ARRAY_LEN(rows);
            w = (w & ~rows[i].mask) | rows[i].match;
        }
        unsigned want = OP_illegal;
        bool rounds = false; /* OP-FP or FMA in a row without a fixed mode */
        for (size_t i = ARRAY_LEN(rows); i-- > 0;)
            if ((w & rows[i].mask) == rows[i].match) {
                want = rows[i].op;
                rounds = (w & 0x60) == 0x40 && !(rows[i].mask & 0x7000);
            }
        struct insn in;
        isa_decode(w, &in);
        assert_int_equal(in.len, 4);
        assert_int_equal(in.raw, w);
        unsigned rm = w >> 12 & 7;
        if (rounds && (rm == 5 || rm == 6)) /* reserved modes */
            want = OP_illegal;
        assert_int_equal(in.op, want);
        legal += in.op != OP_illegal;
    }
    assert_true(legal > 900000);
}

static struct insn decoded(u32 w)
{
    struct insn in;
    isa_decode(w, &in);
    return in;
}

TEST(immediates)
{
    /* each immediate's bits, one at a time, as in the manual's figure 2.4 */
    for (unsigned k = 0; k < 12; k++) {
        s32 want = k == 11 ? -2048 : 1 << k;
        u32 s = k < 5 ? 1u << (7 + k) : 1u << (20 + k);
        assert_int_equal(decoded(0x13 | 1u << (20 + k)).imm, want); /* addi */
        assert_int_equal(decoded(0x3023 | s).imm, want);            /* sd */
    }
    for (unsigned k = 1; k < 13; k++) {
        u32 b = k < 5     ? 1u << (7 + k)
                : k < 11  ? 1u << (20 + k)
                : k == 11 ? 1u << 7
                          : 1u << 31;
        assert_int_equal(decoded(0x63 | b).imm, k == 12 ? -4096 : 1 << k);
    }
    for (unsigned k = 1; k < 21; k++) {
        u32 j = k < 11    ? 1u << (20 + k)
                : k == 11 ? 1u << 20
                : k < 20  ? 1u << k
                          : 1u << 31;
        assert_int_equal(decoded(0x6f | j).imm, k == 20 ? -1048576 : 1 << k);
    }
    for (unsigned k = 12; k < 32; k++)
        assert_int_equal((u32)decoded(0x37 | 1u << k).imm, 1u << k);
    assert_int_equal(decoded(0x43f0d093).imm, 63);    /* srai ra, ra, 63 */
    assert_int_equal(decoded(0x41f0d09b).imm, 31);    /* sraiw */
    assert_int_equal(decoded(0xfff5f573).imm, 0xfff); /* csrrci a0, .., 11 */
    assert_int_equal(decoded(0xfff5f573).rs1, 11);
    assert_int_equal(decoded(0x8330000f).imm, 0x833); /* fence.tso */
}

TEST(fields_that_a_format_lacks_are_zero)
{
    u64 seed = 3;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        for (int n = 0; n < 50; n++) {
            u32 r = (u32)(rand_step(&seed) >> 32);
            struct insn in = decoded((r & ~rows[i].mask) | rows[i].match);
            if (in.op == OP_illegal)
                continue;
            unsigned format = isa_info[in.op].format, uses = isa_uses(&in);
            if (!(uses & (USE_XRD | USE_FRD)))
                assert_int_equal(in.rd, 0);
            if (!(uses & (USE_XRS1 | USE_FRS1)) && format != IF_CSRI)
                assert_int_equal(in.rs1, 0);
            if (!(uses & (USE_XRS2 | USE_FRS2)))
                assert_int_equal(in.rs2, 0);
            if (format != IF_FR4)
                assert_int_equal(in.rs3, 0);
            else
                assert_true(uses & USE_FRS3);
        }
}

TEST(what_ends_a_block)
{
    static const u32 ends[] = {
        0x00000063, 0x0000006f, 0x00008067, 0x00000073, 0x00100073, 0x30200073,
        0x10200073, 0x10500073, 0x12000073, 0x0000100f, 0x0ff0000f, 0x30001073,
        0x00000000, 0xffffffff, 0x8082,     0xa001,     0xc001,     0x9002};
    static const u32 goes_on[] = {0x00000013, 0x00053503, 0x00a53023,
                                  0x02b50533, 0x02b54533, 0x100525af,
                                  0x02b57553, 0x0001,     0x852e};
    for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
        struct insn in = decoded(ends[i]);
        assert_true(isa_ends_block(&in));
    }
    for (size_t i = 0; i < ARRAY_LEN(goes_on); i++) {
        struct insn in = decoded(goes_on[i]);
        assert_int_not_equal(in.op, OP_illegal);
        assert_false(isa_ends_block(&in));
    }
}

/* isa_disasm cuts its text to a short buffer, as snprintf does. */
TEST(disassembly_is_bounded)
{
    char buf[8] = "1234567";
    struct insn in = decoded(0x02b57553);
    int n = isa_disasm(&in, 0, buf, 4);
    assert_int_equal(n, (int)strlen("fadd.d fa0,fa0,fa1"));
    assert_string_equal(buf, "fad");
    assert_int_equal(buf[4], '5');
    assert_int_equal(isa_disasm(&in, 0, NULL, 0), n);
}
