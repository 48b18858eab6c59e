/* SPDX-License-Identifier: MIT */
/* Writes an instruction as objdump -M no-aliases prints it. The letters of
 * formats.def name the operands. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "isa/isa.h"
#include "isa/rvc.h"

static const char *const operands[IF_COUNT] = {
#define FORMAT(id, operands) operands,
#include "isa/formats.def"
};

#define FENCE_TSO 0x833 /* fm = 8, rw, rw */

struct text {
    char *buf;
    size_t n, at; /* at may exceed n: the length without truncation */
};

__attribute__((format(printf, 2, 3))) static void put(struct text *t,
                                                      const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    size_t room = t->at < t->n ? t->n - t->at : 0;
    int k = vsnprintf(room ? t->buf + t->at : NULL, room, fmt, ap);
    va_end(ap);
    assert(k >= 0);
    t->at += (size_t)k;
}

static void put_csr(struct text *t, unsigned csr)
{
    const char *name = isa_csr_name(csr);
    if (name)
        put(t, "%s", name);
    else
        put(t, "0x%x", csr);
}

/* Prints one of fence's two sets: any of i, o, r, w. */
static void put_fence_set(struct text *t, unsigned set)
{
    if (!set)
        put(t, "unknown");
    for (unsigned k = 0; k < 4; k++)
        if (set >> (3 - k) & 1)
            put(t, "%c", "iorw"[k]);
}

/* fcvt.d.w and similar conversions are exact: the assembler writes mode 0 for
 * them, and it is not printed. */
static const char *rounding(const struct insn *in)
{
    static const char *const name[8] = {",rne", ",rtz", ",rdn", ",rup",
                                        ",rmm", ",?",   ",?",   ""};
    bool exact = in->op == OP_fcvt_d_w || in->op == OP_fcvt_d_wu ||
                 in->op == OP_fcvt_d_s || in->op == OP_fcvt_d_h ||
                 in->op == OP_fcvt_s_h;
    return exact && in->rm == 0 ? "" : name[in->rm & 7];
}

static void put_operand(struct text *t, const struct insn *in, u64 pc, char c)
{
    switch (c) {
    case 'd':
        put(t, "%s", isa_xname[in->rd]);
        break;
    case 's':
        put(t, "%s", isa_xname[in->rs1]);
        break;
    case 't':
        put(t, "%s", isa_xname[in->rs2]);
        break;
    case 'D':
        put(t, "%s", isa_fname[in->rd]);
        break;
    case 'S':
        put(t, "%s", isa_fname[in->rs1]);
        break;
    case 'T':
        put(t, "%s", isa_fname[in->rs2]);
        break;
    case 'R':
        put(t, "%s", isa_fname[in->rs3]);
        break;
    case 'i':
        put(t, "%d", in->imm);
        break;
    case 'x':
        put(t, "0x%x", (unsigned)in->imm);
        break;
    case 'u':
        put(t, "0x%x", (u32)in->imm >> 12);
        break;
    case 'z':
        put(t, "%u", in->rs1);
        break;
    case 'o':
        put(t, "%d(%s)", in->imm, isa_xname[in->rs1]);
        break;
    case 'p':
        put(t, "0x%llx", pc + (u64)(s64)in->imm);
        break;
    case 'c':
        put_csr(t, (unsigned)in->imm & 0xfff);
        break;
    case 'm':
        put(t, "%s", rounding(in));
        break;
    case 'f':
        put_fence_set(t, (unsigned)in->imm >> 4 & 15);
        put(t, ",");
        put_fence_set(t, (unsigned)in->imm & 15);
        break;
    default:
        assert(strchr(",()", c)); /* else an unknown letter of formats.def */
        put(t, "%c", c);
    }
}

int isa_disasm(const struct insn *in, u64 pc, char *buf, size_t n)
{
    static const char *const order[4] = {"", ".rl", ".aq", ".aqrl"};
    struct text t = {buf, n, 0};
    const struct insn_info *info = &isa_info[in->op];
    const struct rvc_text *c = in->len == 2 ? rvc_text(in->raw) : NULL;

    if (in->op == OP_illegal) {
        if (in->len == 2 && in->raw == 0)
            put(&t, "c.unimp");
        else
            put(&t, ".%dbyte 0x%x", in->len, in->raw);
        return (int)t.at;
    }
    if (in->op == OP_fence && in->imm == FENCE_TSO) {
        put(&t, "fence.tso");
        return (int)t.at;
    }
    const char *how = c ? c->operands : operands[info->format];
    put(&t, "%s", c ? c->name : info->name);
    if (info->class == IC_AMO)
        put(&t, "%s", order[in->rm & 3]);
    if (*how)
        put(&t, " ");
    for (; *how; how++)
        put_operand(&t, in, pc, *how);
    return (int)t.at;
}
