/* SPDX-License-Identifier: MIT */
/* Compares two logs, record by record, and then the final page tables, data
 * pages and landing pages. Lets through QEMU's known departures from the manual
 * (departures.def), and nothing else. */
#include <stdio.h>

#include "run.h"

static const char *const csr_field[] = {
#define CSR(name) #name,
#include "csrs.def"
};

/* Words of a block's record. */
enum {
    B_TAG,
    B_DESC,
    B_PASSES,
    B_EPC,
    B_MSTATUS,
    B_THASH,
    B_SHASH,
    B_X,
    B_F = B_X + 32,
    B_CSR = B_F + 32,
    B_TABLE = B_CSR + ARRAY_LEN(csr_field),
    B_DATA = B_TABLE + TABLES,
    B_WORDS = B_DATA + DATA_PAGES
};

static u64 word(const u8 *image, u64 pa)
{
    return get_le(image + (pa - MONITOR_PA), 8);
}

static unsigned record_words(u64 tag)
{
    switch ((u32)tag) {
    case REC_TRAP:
        return TRAP_WORDS;
    case REC_BLOCK:
        return B_WORDS;
    default:
        return 0;
    }
}

static void name_word(unsigned i, char *s, size_t n)
{
    static const char *const head[] = {
        "tag",     "block",       "passes",         "pc",
        "mstatus", "traps' hash", "registers' hash"};
    if (i < B_X)
        snprintf(s, n, "%s", head[i]);
    else if (i == B_X)
        snprintf(s, n, "fcsr");
    else if (i < B_F)
        snprintf(s, n, "%s (x%u)", isa_xname[i - B_X], i - B_X);
    else if (i < B_CSR)
        snprintf(s, n, "%s (f%u)", isa_fname[i - B_F], i - B_F);
    else if (i < B_TABLE)
        snprintf(s, n, "%s", csr_field[i - B_CSR]);
    else if (i < B_DATA)
        snprintf(s, n, "page table %u", i - B_TABLE);
    else
        snprintf(s, n, "data page %u", i - B_DATA);
}

static unsigned load_size(u32 insn)
{
    struct insn in;
    isa_decode(insn, &in);
    unsigned class = isa_info[in.op].class;
    if (class != IC_LOAD && class != IC_LOADB && class != IC_FLOAD)
        return 0;
    return 1u << (rows[in.op].match >> 12 & 3);
}

static bool is_rmw(u32 insn)
{
    return (insn & 0x7f) == 0x2f && insn >> 27 != 2;
}

/* True for the departure amo-read (departures.def). */
static bool cause_departs(u64 ours, u64 theirs, u32 insn)
{
    return (ours == CAUSE_STORE_PAGE || ours == CAUSE_STORE_ACCESS) &&
           theirs == ours - 2 && is_rmw(insn);
}

/* True for the departures ebreak-tval and split-load (departures.def). */
static bool tval_departs(const u64 *ours, const u64 *theirs)
{
    u64 cause = ours[1];
    unsigned size = load_size((u32)ours[5]);
    if (cause == CAUSE_BREAKPOINT)
        return ours[3] == ours[2] && theirs[3] == 0;
    return (cause == CAUSE_LOAD_PAGE || cause == CAUSE_LOAD_ACCESS) && size &&
           (ours[3] & 4095) + size > 4096 &&
           theirs[3] == (ours[3] & ~(u64)(size - 1));
}

static bool word_departs(const u64 *ours, const u64 *theirs, unsigned i)
{
    if ((u32)ours[0] != REC_TRAP)
        return false;
    if (i == 1)
        return cause_departs(ours[1], theirs[1], (u32)ours[5]);
    return i == 3 && tval_departs(ours, theirs);
}

static void load_record(const u8 *image, u64 pa, unsigned n, u64 *w)
{
    for (unsigned i = 0; i < n; i++)
        w[i] = word(image, pa + 8 * i);
}

static struct difference record_differs(const u64 *ours, const u64 *theirs,
                                        unsigned n, unsigned block)
{
    static const char *const trap[] = {"privilege and vector slot",
                                       "cause",
                                       "epc",
                                       "tval",
                                       "mstatus",
                                       "instruction"};
    struct difference d = {.block = block};
    bool is_trap = (u32)ours[0] == REC_TRAP;
    for (unsigned i = 0; i < n; i++) {
        if (ours[i] == theirs[i] || word_departs(ours, theirs, i))
            continue;
        /* any other word says more than a hash */
        bool hash = !is_trap && (i == B_THASH || i == B_SHASH);
        if (d.found && hash)
            continue;
        d.found = true;
        d.ours = ours[i];
        d.theirs = theirs[i];
        if (is_trap)
            snprintf(d.what, sizeof d.what, "trap: %s", trap[i]);
        else
            name_word(i, d.what, sizeof d.what);
        if (is_trap)
            snprintf(d.text, sizeof d.text,
                     "cause %llx epc %llx tval %llx, reference cause %llx epc "
                     "%llx tval %llx",
                     (unsigned long long)ours[1], (unsigned long long)ours[2],
                     (unsigned long long)ours[3], (unsigned long long)theirs[1],
                     (unsigned long long)theirs[2],
                     (unsigned long long)theirs[3]);
        if (!hash)
            return d;
    }
    return d;
}

static struct difference memory_differs(const u8 *ours, const u8 *theirs,
                                        unsigned block)
{
    struct difference d = {.block = block};
    for (u64 pa = TABLES_PA; pa < LAND_PA + 4096 * LAND_PAGES; pa += 8) {
        if (word(ours, pa) == word(theirs, pa))
            continue;
        d.found = true;
        d.ours = word(ours, pa);
        d.theirs = word(theirs, pa);
        snprintf(d.what, sizeof d.what, "memory at 0x%llx at the end",
                 (unsigned long long)pa);
        return d;
    }
    return d;
}

struct difference compare(const u8 *ours, const u8 *theirs)
{
    u64 a[B_WORDS], b[B_WORDS];
    u64 pa = LOG_PA;
    unsigned block = 0;
    for (;;) {
        u64 tag = word(ours, pa), other = word(theirs, pa);
        unsigned n = record_words(tag);
        if ((u32)tag != (u32)other) {
            struct difference d = {
                .found = true, .block = block, .ours = tag, .theirs = other};
            snprintf(d.what, sizeof d.what, "next record: trap, block or end");
            load_record((u32)tag == REC_TRAP ? ours : theirs, pa, TRAP_WORDS,
                        a);
            snprintf(d.text, sizeof d.text,
                     "only in the %s run: cause %llx epc %llx tval %llx",
                     (u32)tag == REC_TRAP ? "tested" : "reference",
                     (unsigned long long)a[1], (unsigned long long)a[2],
                     (unsigned long long)a[3]);
            return d;
        }
        if (!n)
            return memory_differs(ours, theirs, block);
        load_record(ours, pa, n, a);
        load_record(theirs, pa, n, b);
        struct difference d = record_differs(a, b, n, block);
        if (d.found)
            return d;
        if ((u32)tag == REC_BLOCK && a[B_PASSES] == 0)
            block++;
        pa += 8 * n;
    }
}
