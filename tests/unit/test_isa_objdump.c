/* SPDX-License-Identifier: MIT */
// rooms: base isa
/* Compares the table with binutils. Every row, with random operands, and all
 * 49152 compressed encodings (SOAK=1; else a third) must read as in objdump -M
 * no-aliases. The assembler must turn our text back into a row's bits, and
 * objdump's alias of a compressed instruction into the expansion we decode.
 * Where binutils differs from us, `known` or another comment says why. */
#include "unit.h"
#include "isa/isa.h"

/* The extensions that binutils is told of. */
#define MARCH                                                                  \
    "rv64gc_zicbom_zicbop_zicboz_zihintpause_zawrs_zfh_zba_zbb_zbc_zbkb_zbkc_" \
    "zbkx_zbs_svinval"

#define PER_ROW    32
#define TEXT_MAX   96
#define NO_ALIASES "-M no-aliases"

static const struct row {
    const char *name;
    u32 match, mask;
    u8 ext;
} rows[] = {
#define INSN(id, name, format, match, mask, class, ext)                        \
    {name, match, mask, ext},
#include "isa/insns.def"
#undef INSN
};

static char dir[] = "/tmp/clockhand-isa-XXXXXX";

BEFORE_ALL
{
    assert_non_null(mkdtemp(dir));
}

AFTER_ALL
{
    char cmd[100];
    snprintf(cmd, sizeof cmd, "rm -r %s", dir);
    assert_int_equal(system(cmd), 0);
}

/* Opens objdump's listing of the words; callers put a c.nop into the upper half
 * of a compressed instruction's word. objdump knows the extensions that an
 * object's attributes name, so the words go into an object. */
static FILE *objdump(const u32 *words, size_t n, const char *aliases)
{
    char path[64], cmd[400];
    snprintf(path, sizeof path, "%s/corpus.bin", dir);
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(words, 4, n, f), n);
    assert_int_equal(fclose(f), 0);
    snprintf(cmd, sizeof cmd,
             "cd %s && echo nop | riscv64-linux-gnu-as -march=" MARCH
             " -o corpus.o - && riscv64-linux-gnu-objcopy "
             "--update-section .text=corpus.bin corpus.o && "
             "LC_ALL=C riscv64-linux-gnu-objdump -d -z %s corpus.o",
             dir, aliases);
    FILE *p = popen(cmd, "r");
    assert_non_null(p);
    return p;
}

/* Changes objdump's "c.j 1a <.text+0x1a>" to "c.j 0x1a", as we print it. */
static void plain_target(char *text)
{
    char *end = strstr(text, " <");
    if (!end)
        return;
    *end = 0;
    char *start = end;
    while (start > text && start[-1] != ' ' && start[-1] != ',')
        start--;
    memmove(start + 2, start, (size_t)(end - start) + 1);
    memcpy(start, "0x", 2);
}

/* Reads the next line "  addr:<tab>bits<tab>mnemonic<tab>operands" as "mnemonic
 * operands", without a comment at its end. Returns false at the end. */
static bool next_line(FILE *p, u64 *addr, char *text)
{
    char line[300];
    while (fgets(line, sizeof line, p)) {
        char *tab1 = strchr(line, '\t');
        char *tab2 = tab1 ? strchr(tab1 + 1, '\t') : NULL;
        if (!tab2)
            continue;
        *addr = strtoull(line, NULL, 16);
        char *end = strpbrk(tab2 + 1, "#\n");
        if (end)
            *end = 0;
        size_t n = 0;
        for (char *c = tab2 + 1; *c && n < TEXT_MAX - 1; c++)
            text[n++] = *c == '\t' ? ' ' : *c;
        while (n && text[n - 1] == ' ')
            n--;
        text[n] = 0;
        plain_target(text);
        unsigned bytes, value; /* binutils from 2.42 on */
        if (sscanf(text, ".insn %u, %x", &bytes, &value) == 2)
            snprintf(text, TEXT_MAX, ".%ubyte 0x%x", bytes, value);
        return true;
    }
    return false;
}

static u64 seed = 20211203;

static u32 random_instance(const struct row *r)
{
    for (;;) {
        u32 w = ((u32)(rand_step(&seed) >> 32) & ~r->mask) | r->match;
        struct insn in;
        isa_decode(w, &in);
        if (in.op == OP_fence && rand_step(&seed) >> 62)
            w &= 0x0ff0707f;     /* mostly with zero reserved fields */
        if (in.op != OP_illegal) /* else its rounding mode is reserved */
            return w;
    }
}

/* True where objdump is known to differ from us; the comments say why. */
static bool known(const struct insn *in, const char *theirs)
{
    bool unknown = strncmp(theirs, ".4byte", 6) == 0;
    if (isa_info[in->op].ext == EXT_ZICOND) /* new in binutils 2.41 */
        return unknown;
    switch (in->op) {
    case OP_illegal: /* words of withdrawn extensions */
        return !strcmp(theirs, "uret") || !strcmp(theirs, "hret") ||
               !strncmp(theirs, "sfence.vm", 9);
    case OP_fence: /* "base implementations shall ignore these fields" */
        return unknown && in->raw & 0xf00fff80 &&
               (in->raw & 0xfffffff0) != 0x83300000;
    case OP_fence_i:
        return unknown && in->raw != 0x100f;
    case OP_fcvt_d_w: /* exact, but any legal rounding mode is allowed */
    case OP_fcvt_d_wu:
    case OP_fcvt_d_s:
    case OP_fcvt_d_h:
    case OP_fcvt_s_h:
        return unknown && in->rm != 0;
    }
    /* objdump also names CSRs of the hypervisor and of RV32; we do not */
    unsigned format = isa_info[in->op].format;
    return (format == IF_CSR || format == IF_CSRI) &&
           !isa_csr_name((unsigned)in->imm);
}

TEST(every_row_reads_as_in_objdump)
{
    static u32 words[ARRAY_LEN(rows) * PER_ROW];
    size_t n = ARRAY_LEN(words), seen = 0, bad = 0;
    for (size_t i = 0; i < n; i++)
        words[i] = random_instance(&rows[i / PER_ROW]);
    FILE *p = objdump(words, n, NO_ALIASES);
    char theirs[TEXT_MAX], ours[TEXT_MAX];
    u64 addr;
    while (next_line(p, &addr, theirs)) {
        struct insn in;
        size_t i = addr / 4;
        assert_true(i < n && addr % 4 == 0);
        isa_decode(words[i], &in);
        isa_disasm(&in, addr, ours, sizeof ours);
        seen++;
        if (strcmp(ours, theirs) && !known(&in, theirs)) {
            bad++;
            print_message("# %08x ours '%s' objdump '%s'\n", words[i], ours,
                          theirs);
        }
    }
    assert_int_equal(pclose(p), 0);
    assert_int_equal(seen, n);
    assert_int_equal(bad, 0);
}

/* With a fixed bit flipped, a word is legal if and only if objdump knows it. */
TEST(neighbours_of_rows)
{
    static u32 words[ARRAY_LEN(rows) * PER_ROW];
    size_t n = ARRAY_LEN(words), bad = 0, illegal = 0;
    for (size_t i = 0; i < n; i++) {
        const struct row *r = &rows[i / PER_ROW];
        u32 fields = (u32)(rand_step(&seed) >> 32) & ~r->mask, flip;
        do
            flip = 1u << (rand_step(&seed) >> 59);
        while (!(r->mask & flip) || flip & 3 ||
               ((r->match ^ flip) & 0x1c) == 0x1c); /* longer than 32 bits */
        words[i] = (fields | r->match) ^ flip;
    }
    FILE *p = objdump(words, n, NO_ALIASES);
    char theirs[TEXT_MAX];
    u64 addr;
    while (next_line(p, &addr, theirs)) {
        struct insn in;
        isa_decode(words[addr / 4], &in);
        /* "unknown" is a reserved mode, but in a fence it is an empty set */
        bool unknown = strncmp(theirs, ".4byte", 6) == 0 ||
                       (in.op != OP_fence && strstr(theirs, "unknown"));
        illegal += unknown;
        if (unknown != (in.op == OP_illegal) && !known(&in, theirs)) {
            bad++;
            print_message("# %08x ours %s objdump '%s'\n", words[addr / 4],
                          isa_info[in.op].name, theirs);
        }
    }
    assert_int_equal(pclose(p), 0);
    assert_true(illegal > n / 4);
    assert_int_equal(bad, 0);
}

TEST(csr_names)
{
    static u32 words[4096];
    size_t bad = 0, named = 0;
    for (u32 i = 0; i < 4096; i++)
        words[i] = 0x00059573 | i << 20; /* csrrw a0, i, a1 */
    FILE *p = objdump(words, 4096, NO_ALIASES);
    char theirs[TEXT_MAX], ours[TEXT_MAX];
    u64 addr;
    while (next_line(p, &addr, theirs)) {
        struct insn in;
        isa_decode(words[addr / 4], &in);
        isa_disasm(&in, addr, ours, sizeof ours);
        if (!isa_csr_name((unsigned)addr / 4))
            continue;
        named++;
        if (strcmp(ours, theirs)) {
            bad++;
            print_message("# ours '%s' objdump '%s'\n", ours, theirs);
        }
    }
    assert_int_equal(pclose(p), 0);
    assert_true(named > 200);
    assert_int_equal(bad, 0);
}

/* Assembles back.s; returns its text section, open for reading. */
static FILE *assembled(void)
{
    char cmd[400], path[64];
    snprintf(cmd, sizeof cmd,
             "cd %s && riscv64-linux-gnu-as -march=" MARCH " -mno-csr-check "
             "-o back.o back.s && "
             "riscv64-linux-gnu-objcopy -O binary -j .text back.o back.bin",
             dir);
    assert_int_equal(system(cmd), 0);
    snprintf(path, sizeof path, "%s/back.bin", dir);
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    return f;
}

/* Our disassembly of a word assembles back to it (the loop skips some rows). */
TEST(assembles_back)
{
    char path[64];
    static u32 words[ARRAY_LEN(rows) * PER_ROW];
    size_t n = 0, bad = 0;
    snprintf(path, sizeof path, "%s/back.s", dir);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fprintf(f, ".option norvc\n");
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        char text[TEXT_MAX];
        struct insn in;
        u32 w = random_instance(&rows[i / PER_ROW]);
        isa_decode(w, &in);
        unsigned format = isa_info[in.op].format;
        if (format == IF_B || format == IF_J)
            continue; /* would need labels; objdump has checked them */
        if (rows[i / PER_ROW].ext == EXT_ZICOND)
            continue;
        if (in.op == OP_fence_i)
            w = 0x100f;
        if (in.op == OP_fence && in.imm != 0x833)
            w &= 0x0ff0707f;
        if (in.op == OP_fence && !(w >> 20 & 15 && w >> 24 & 15))
            continue; /* the empty set has no notation */
        if (in.op == OP_fcvt_d_w || in.op == OP_fcvt_d_wu ||
            in.op == OP_fcvt_d_s || in.op == OP_fcvt_d_h ||
            in.op == OP_fcvt_s_h)
            w &= ~0x7000u;
        isa_decode(w, &in);
        isa_disasm(&in, 0, text, sizeof text);
        fprintf(f, "%s\n", text);
        words[n++] = w;
    }
    assert_int_equal(fclose(f), 0);
    f = assembled();
    for (size_t i = 0; i < n; i++) {
        u32 w;
        assert_int_equal(fread(&w, 4, 1, f), 1);
        if (w != words[i]) {
            bad++;
            print_message("# %08x came back as %08x\n", words[i], w);
        }
    }
    assert_int_equal(fgetc(f), EOF);
    fclose(f);
    assert_int_equal(bad, 0);
}

TEST(every_compressed_encoding)
{
    static u32 words[3 * 16384];
    size_t n = 0, seen = 0, bad = 0;
    for (u32 c = 0; c < 65536; c += getenv("SOAK") ? 1 : 3)
        if ((c & 3) != 3)
            words[n++] = c | 0x00010000; /* c.nop fills the second half */
    FILE *p = objdump(words, n, NO_ALIASES);
    char theirs[TEXT_MAX], ours[TEXT_MAX];
    u64 addr;
    while (next_line(p, &addr, theirs)) {
        struct insn in;
        if (addr % 4)
            continue;
        isa_decode(words[addr / 4] & 0xffff, &in);
        isa_disasm(&in, addr, ours, sizeof ours);
        seen++;
        /* reserved, but objdump lets it pass */
        bool zero_addi16sp = (words[addr / 4] & 0xffff) == 0x6101;
        /* some binutils no longer give shifts by 0 their RV128 names */
        bool hint = strstr(ours, "64 ") && !strstr(theirs, "64 ");
        if (strcmp(ours, theirs) && !zero_addi16sp && !hint) {
            bad++;
            print_message("# %04x ours '%s' objdump '%s'\n",
                          words[addr / 4] & 0xffff, ours, theirs);
        }
    }
    assert_int_equal(pclose(p), 0);
    assert_int_equal(seen, n);
    assert_int_equal(bad, 0);
}

/* Writes objdump's long alias of a compressed instruction with the target made
 * relative. Returns false for hints and illegal words, which have no alias. */
static bool long_form(const char *text, u64 addr, FILE *out)
{
    const char *target = strstr(text, "0x");
    if (strncmp(text, "c.", 2) == 0 || strncmp(text, ".2byte", 6) == 0 ||
        strcmp(text, "unimp") == 0)
        return false;
    if (target && (text[0] == 'b' || text[0] == 'j')) {
        s64 off = (s64)(strtoull(target, NULL, 16) - addr);
        fprintf(out, "%.*s.+(%lld)\n", (int)(target - text), text,
                (long long)off);
    } else {
        fprintf(out, "%s\n", text);
    }
    return true;
}

/* `mv` is addi to the assembler and add in the manual's table 16.6. */
static bool same_meaning(const struct insn *c, const struct insn *l)
{
    if (c->op == OP_add && c->rs1 == 0 && l->op == OP_addi && l->imm == 0)
        return c->rd == l->rd && c->rs2 == l->rs1;
    return c->op == l->op && c->rd == l->rd && c->rs1 == l->rs1 &&
           c->rs2 == l->rs2 && c->imm == l->imm;
}

/* The expansion (short form -> objdump's alias -> assembler without compression
 * -> decoder) must be what our decoder makes of the short form. */
TEST(compressed_twins)
{
    static u32 words[3 * 16384];
    static u16 kept[3 * 16384];
    char path[64], text[TEXT_MAX];
    size_t n = 0, lines = 0, bad = 0;
    u64 addr;
    for (u32 c = 0; c < 65536; c += getenv("SOAK") ? 1 : 3)
        if ((c & 3) != 3)
            words[n++] = c | 0x00010000;
    snprintf(path, sizeof path, "%s/back.s", dir);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fprintf(f, ".option norvc\n");
    FILE *p = objdump(words, n, "");
    while (next_line(p, &addr, text))
        if (addr % 4 == 0 && long_form(text, addr, f))
            kept[lines++] = (u16)words[addr / 4];
    assert_int_equal(pclose(p), 0);
    assert_int_equal(fclose(f), 0);
    f = assembled();
    for (size_t i = 0; i < lines; i++) {
        u32 w;
        struct insn c, l;
        assert_int_equal(fread(&w, 4, 1, f), 1);
        isa_decode(kept[i], &c);
        isa_decode(w, &l);
        if (kept[i] != 0x6101 && !same_meaning(&c, &l)) {
            bad++;
            print_message("# %04x is %08x to the assembler\n", kept[i], w);
        }
    }
    assert_int_equal(fgetc(f), EOF);
    fclose(f);
    print_message("# %zu compressed encodings expanded\n", lines);
    assert_true(lines > n * 5 / 6);
    assert_int_equal(bad, 0);
}
