/* SPDX-License-Identifier: MIT */
// rooms: base isa
/* The table of extensions is in canonical order, and isa_closed() adds all that
 * a set implies; ISA strings are read in any order, written in canonical. */
#include "unit.h"
#include "base/state.h"
#include "isa/isa.h"

static u64 parsed(const char *text)
{
    char why[100] = "";
    u64 exts = 0;
    if (!isa_parse(text, &exts, why, sizeof(why)))
        fail_msg("%s: %s", text, why);
    return exts;
}

/* Returns a name's rank: letters, Z names by second letter, then S names. */
static int rank(const char *name)
{
    static const char order[] = "imafdqlcbkjtpvh";
    const char *at = strchr(order, name[1] ? name[1] : name[0]);
    int letter = at ? (int)(at - order) : 99;
    if (!name[1])
        return letter;
    return name[0] == 'z' ? 100 + letter : 300;
}

TEST(canonical_order)
{
    const char *before = NULL;
    for (unsigned i = 0; i < EXT_COUNT; i++) {
        const char *name = isa_exts[i].name;
        assert_true(!*name == (isa_exts[i].class == EC_PART));
        if (!*name)
            continue;
        if (before) {
            int a = rank(before), b = rank(name);
            if (a > b || (a == b && strcmp(before, name) >= 0))
                fail_msg("%s before %s", before, name);
        }
        before = name;
    }
}

TEST(known_strings)
{
    static const struct {
        const char *in, *out;
    } cases[] = {
        {"rv64i", "rv64i_zicsr"},
        {"rv64g", "rv64imafd_zicsr_zifencei_zaamo_zalrsc"},
        {"rv64gc", "rv64imafdc_zicsr_zifencei_zaamo_zalrsc"},
        {"RV64IMAC", "rv64imac_zicsr_zaamo_zalrsc"},
        {"rv64icamd", "rv64imafdc_zicsr_zaamo_zalrsc"},
        {"rv64id", "rv64ifd_zicsr"},
        {"rv64i_m_c", "rv64imc_zicsr"},
        {"rv64imaczifencei", "rv64imac_zicsr_zifencei_zaamo_zalrsc"},
        {"rv64i_zbb_zba", "rv64i_zicsr_zba_zbb"},
        {"rv64i_zbs_zbb_zba", "rv64ib_zicsr_zba_zbb_zbs"},
        {"rv64ib", "rv64ib_zicsr_zba_zbb_zbs"},
        {"rv64i_zbc", "rv64i_zicsr_zbc_zbkc"},
        {"rv64i_zfh", "rv64if_zicsr_zfh_zfhmin"},
        {"rv64i_zawrs", "rv64i_zicsr_zalrsc_zawrs"},
        {"rv64i_zalrsc_zaamo", "rv64ia_zicsr_zaamo_zalrsc"},
        {"rv64i_svpbmt_sstc_zicntr", "rv64i_zicntr_zicsr_sstc_svpbmt"},
        {"rv64iii_sstc_sstc", "rv64i_zicsr_sstc"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char out[ISA_TEXT];
        isa_text(parsed(cases[i].in), out);
        assert_string_equal(out, cases[i].out);
    }
}

TEST(what_is_refused)
{
    static const struct {
        const char *in, *why;
    } cases[] = {
        {"", "begins with rv64"},
        {"rv", "begins with rv64"},
        {"rv64", "begins with rv64"},
        {"rv32i", "begins with rv64"},
        {"rv128i", "begins with rv64"},
        {"rv64mac", "begins with rv64"},
        {"rv64e", "begins with rv64"},
        {"rv64ie", "the base is i, not e"},
        {"rv64iq", "no extension 'q'"},
        {"rv64gcv", "no extension 'v'"},
        {"rv64gc_", "no extension '_'"},
        {"rv64gc__zba", "no extension '_'"},
        {"rv64gc_zbaa", "no extension 'zbaa'"},
        {"rv64gc_zb", "no extension 'zb'"},
        {"rv64gc_zbazbb", "no extension 'zbazbb'"},
        {"rv64gc_s", "no extension 's'"},
        {"rv64gc zba", "no extension ' '"},
        {"rv64gc_xfoo", "no extension 'xfoo'"},
        {"rv64i2p1", "no extension '2'"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char why[100] = "";
        u64 exts = 42;
        assert_false(isa_parse(cases[i].in, &exts, why, sizeof(why)));
        assert_int_equal(exts, 42);
        if (strncmp(why, cases[i].why, strlen(cases[i].why)))
            fail_msg("'%s': %s", cases[i].in, why);
    }
}

/* Parsing any bytes yields a closed set or fails, and overruns no buffer. */
TEST(any_bytes)
{
    u64 seed = 11;
    for (int n = 0; n < 200000; n++) {
        char text[24] = "rv64i", why[20];
        u64 exts;
        for (unsigned i = 4 + (n & 1); i < sizeof(text) - 1; i++) {
            u64 r = rand_step(&seed);
            text[i] = r & 7 ? "_zsxbaicm"[(r >> 8) % 9] : (char)(r >> 8);
        }
        if (isa_parse(text, &exts, why, sizeof(why)))
            assert_int_equal(isa_closed(exts), exts);
    }
}

TEST(text_and_back)
{
    u64 seed = 5;
    char text[ISA_TEXT];
    for (int n = 0; n < 20000; n++) {
        u64 exts = isa_closed(rand_step(&seed) & rand_step(&seed) & ISA_ALL);
        isa_text(exts, text);
        /* text loses a part (it has no name) that no named extension implies */
        u64 again = parsed(text), differ = again ^ exts;
        for (unsigned i = 0; i < EXT_COUNT; i++)
            if (differ >> i & 1)
                assert_int_equal(isa_exts[i].class, EC_PART);
        assert_int_equal(again & ~exts, 0);
    }
    isa_text(ISA_ALL, text);
    assert_int_equal(parsed(text), ISA_ALL);
}

/* The closure of each extension has all that its members imply. */
TEST(closure)
{
    for (unsigned i = 0; i < EXT_COUNT; i++) {
        u64 exts = isa_closed(1ull << i);
        for (unsigned k = 0; k < EXT_COUNT; k++)
            if (exts >> k & 1)
                assert_int_equal(isa_exts[k].implies & ~exts, 0);
        assert_int_equal(isa_closed(exts), exts);
        assert_true(exts & EXT_BIT(I) && exts & EXT_BIT(ZICSR));
    }
    assert_int_equal(isa_default() & EXT_BIT(SVADU), 0);
}

TEST(misa)
{
    const u64 rv64su = 2ull << 62 | 1 << 18 | 1 << 20;
    assert_int_equal(isa_misa(parsed("rv64i")), rv64su | 1 << 8);
    assert_int_equal(isa_misa(parsed("rv64gc")),
                     rv64su | 1 << 8 | 1 << 12 | 1 | 1 << 5 | 1 << 3 | 1 << 2);
    assert_int_equal(isa_misa(parsed("rv64i_zba_zbb_zbs")),
                     rv64su | 1 << 8 | 1 << 1);
    assert_int_equal(isa_misa(parsed("rv64i_zalrsc")), rv64su | 1 << 8);
}

/* A word decodes by the first row that it fits and whose extension is there. */
TEST(decoding_by_extension)
{
    static const struct {
        u32 raw;
        const char *isa;
        u16 op;
    } cases[] = {
        {0x00156013, "rv64i", OP_ori},
        {0x00156013, "rv64i_zicbop", OP_prefetch_r},
        {0x00256013, "rv64i_zicbop", OP_ori},
        {0x0100000f, "rv64i", OP_fence},
        {0x0100000f, "rv64i_zihintpause", OP_pause},
        {0x0805c53b, "rv64i", OP_illegal},
        {0x0805c53b, "rv64i_zbb", OP_zext_h},
        {0x0805c53b, "rv64i_zbkb", OP_packw},
        {0x0805c53b, "rv64i_zbb_zbkb", OP_zext_h},
        {0x08c5c53b, "rv64i_zbb", OP_illegal},
        {0x40c5f533, "rv64i_zbkb", OP_andn},
        {0x02c58533, "rv64i", OP_illegal},
        {0x02c58533, "rv64im", OP_mul},
        {0x0001, "rv64i", OP_illegal},
        {0x0001, "rv64ic", OP_addi},
        {0x2188, "rv64ifc", OP_illegal},
        {0x2188, "rv64idc", OP_fld},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct insn in;
        isa_decode_for(cases[i].raw, parsed(cases[i].isa), &in);
        assert_int_equal(in.op, cases[i].op);
        assert_int_equal(in.raw, cases[i].raw);
        assert_int_equal(in.len, (cases[i].raw & 3) == 3 ? 4 : 2);
    }
}

/* Saved machines contain row numbers of exts.def and values of enum insn_class.
 * If you add one, raise STATE_VERSION (base/state.h); mend the figures here. */
TEST(saved_numbers)
{
    if (EXT_COUNT != 36 || IC_COUNT != 27 || STATE_VERSION != 11)
        fail_msg("%d extensions, %d classes: raise STATE_VERSION (%d) and put "
                 "all three figures here",
                 EXT_COUNT, IC_COUNT, STATE_VERSION);
}
