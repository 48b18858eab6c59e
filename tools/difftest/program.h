/* SPDX-License-Identifier: MIT */
/* Represents a test program: blocks of items of instructions. It comes from a
 * seed (gen*.c), becomes an image of RAM (image.c), and loses parts to the
 * shrinker (shrink.c).
 *
 * A block runs at one privilege in one address space, `passes` times, each time
 * with other values in all registers. Items are atoms: in any order, or with
 * some left out, the program is still defined. */
#pragma once

#include "hart/hart.h"
#include "isa/isa.h"
#include "layout.h"
#include "mmu/mmu.h"

enum kind {
#define KIND(id, text) K_##id,
#include "kinds.def"
    K_COUNT
};
extern const char *const kind_name[K_COUNT];

#define ITEM_WORDS 48
struct item {
    u8 kind; /* enum kind */
    u8 n;
    bool dropped;
    u64 nops;          /* a bit for each word that is a nop instead */
    u32 w[ITEM_WORDS]; /* 16 bits if compressed */
};

enum space { SPACE_BARE, SPACE_A, SPACE_B };

enum { T0 = 5, T1 = 6 }; /* registers that a set-up uses */
#define SETUP_MAX 48
#define BODY_MAX  74
struct block {
    u8 priv;  /* at its start */
    u8 space; /* enum space */
    bool dropped;
    u64 mstatus;
    u32 passes, set;
    unsigned nsetup, nbody;
    struct item setup[SETUP_MAX], body[BODY_MAX];
    u64 at, end; /* of the body in RAM, once there is an image */
};

#define BLOCKS_MAX 24
#define SPOTS      32
struct program {
    u64 seed;
    u64 exts;      /* of the machine that the program is for */
    bool holes;    /* PTEs may lead to no RAM; then all accesses are aligned */
    bool triggers; /* QEMU gets debug triggers: the CSR slice names them */
    bool bare;     /* made by gen_bare: no blocks */
    unsigned nblocks, nspots;
    u64 spot[SPOTS]; /* addresses that the walker or a device writes */
    struct block block[BLOCKS_MAX];
    u64 table[TABLES][512];
    u64 data[DATA_PAGES][512];
    u64 sets[SETS][64];
};

/* The generator's state while it writes a block. */
struct gen {
    u64 rng;
    struct program *p;
    struct block *b;
    struct item *it; /* being written */
    u32 priv;        /* now, as far as can be told */
    bool irq;        /* the theme is interrupts: mie may be set */
    bool aligned;    /* every access must be aligned */
    bool within;     /* no access may cross pages */
    bool tvm, fs_odd, stce;
    bool pending;                   /* an interrupt may be pending in S and U */
    u8 locked;                      /* a bit for each PMP entry */
    u64 edges[8];                   /* where PMP regions of data begin or end */
    unsigned nedges, nlocked_edges; /* edges of locked entries come first */
    u64 mie, mideleg;
    u16 asid[3]; /* by enum space */
};

/* ---- choosing ---- */
u64 any(struct gen *g); /* 64 random bits */
unsigned below(struct gen *g, unsigned n);
static inline bool one_in(struct gen *g, unsigned n)
{
    return below(g, n) == 0;
}
u64 special_value(struct gen *g); /* a special value of some format, or noise */
#define PICK(g, array) ((array)[below(g, ARRAY_LEN(array))])
unsigned reg(struct gen *g); /* any x register but x0 */
unsigned reg_not(struct gen *g, unsigned a, unsigned b);

/* ---- writing ------------------------------------------------------------- */
struct row {
    u16 op;
    u32 match, mask;
    u8 format, class, ext;
};
extern const struct row rows[];
extern const unsigned nrows;
struct short_row { /* of rvc.def */
    u16 match, mask;
    u8 ext;
    const char *name;
};
extern const struct short_row short_rows[];
extern const unsigned nshort_rows;
u32 row_word(enum op op);
u32 gen_row(const char *mnemonic); /* 0: no such row */

void put(struct gen *g, u32 word);
unsigned item_bytes(const struct item *it, unsigned words);
u32 enc_r(enum op op, unsigned rd, unsigned rs1, unsigned rs2);
u32 enc_i(enum op op, unsigned rd, unsigned rs1, s32 imm);
u32 enc_s(enum op op, unsigned rs1, unsigned rs2, s32 imm);
u32 enc_b(enum op op, unsigned rs1, unsigned rs2, s32 offset);
u32 enc_csr(enum op op, unsigned rd, unsigned csr, unsigned rs1);
void put_li(struct gen *g, unsigned rd, u64 value);
void put_csr_bits(struct gen *g, enum op op, unsigned csr, unsigned tmp,
                  u64 bits);
/* Puts rd = the auipc's own address + bytes. */
void put_here(struct gen *g, unsigned rd, s32 bytes);

/* ---- items: each gen_NAME(g) writes one ---- */
void gen_plain(struct gen *g);  /* no memory, no control flow */
u32 gen_word(struct gen *g);    /* one plain instruction */
u32 gen_fp_word(struct gen *g); /* one FP instruction */
void gen_compressed(struct gen *g);
void gen_branch(struct gen *g);
void gen_jump(struct gen *g);
void gen_loop(struct gen *g);
void gen_illegal(struct gen *g);
void gen_trap(struct gen *g); /* ecall, ebreak */
void gen_fence(struct gen *g);
void gen_code(struct gen *g); /* writes code, then runs it */

void gen_memory(struct gen *g);
void gen_amo(struct gen *g);
void gen_lrsc(struct gen *g);
void gen_wild(struct gen *g); /* jumps to landing pages, holes, anywhere */
void gen_mprv(struct gen *g);
u64 gen_address(struct gen *g, bool translated, bool store, unsigned size);
void put_fp_access(struct gen *g);

void gen_pte_edit(struct gen *g);
void gen_sfence(struct gen *g);
void gen_tables(struct gen *g); /* first contents */
void gen_poke(struct gen *g, unsigned t0, unsigned t1);

void gen_csr(struct gen *g);
/* True if items of gen_csr write the CSR whole, never by bits. */
bool csr_is_whole(unsigned csr);
/* Returns v, or a value like it that may be written. */
u64 csr_value(struct gen *g, unsigned csr, enum op op, u64 v);
void gen_slice(struct gen *g, u32 priv); /* a block: the slice's CSR numbers */
/* Sets exts and triggers to what the numbers need. */
void gen_slice_needs(struct program *p);
void gen_fs(struct gen *g);
void gen_pmp(struct gen *g);
void gen_protect(struct gen *g); /* set-up: unlocked entries */
void gen_lock(struct gen *g);    /* set-up: an entry locked until the end */
void gen_satp(struct gen *g);
void gen_setup(struct gen *g); /* a block's whole set-up */
void gen_begin(struct gen *g); /* a new item of the set-up */
void gen_set_csr(struct gen *g, unsigned csr, u64 value);
u64 gen_menvcfg_bits(const struct gen *g);
u64 gen_satp_value(const struct gen *g, unsigned space);

void gen_lower(struct gen *g); /* mret or sret to a lower privilege */
void gen_xret(struct gen *g);  /* an xret that may be illegal here */
void gen_wfi(struct gen *g);
void gen_interrupt(struct gen *g);
void gen_external(struct gen *g); /* in M, by UART and PLIC */

void gen_program(struct program *p, u64 seed, u64 exts);
#define BARE_BYTES 0x14000
/* Makes a program without monitor and blocks, BARE_BYTES of image. */
void gen_bare(struct program *p, u64 seed, u8 *image);

/* ---- the image ---- */
/* Fills END_PA - MONITOR_PA bytes; sets each block's `at` and `end`. */
void image_make(struct program *p, u8 *image, u64 flags);
u64 code_pa(u64 pc); /* 0: not code under test */
