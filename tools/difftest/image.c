/* SPDX-License-Identifier: MIT */
/* Makes a program's image in RAM. */
#include "program.h"

extern const u8 monitor_image[], monitor_image_end[];
__asm__(".section .rodata\n"
        ".balign 8\n"
        "monitor_image: .incbin \"tools/difftest/monitor.bin\"\n"
        "monitor_image_end:\n"
        ".previous\n");

#define NOP   0x00000013u
#define C_NOP 0x0001u
#define RET   0x8082u

static u8 *at(u8 *image, u64 pa)
{
    assert(pa >= MONITOR_PA && pa < END_PA);
    return image + (pa - MONITOR_PA);
}

static u64 put_item(u8 *image, u64 pa, const struct item *it)
{
    if (it->dropped)
        return pa;
    for (unsigned i = 0; i < it->n; i++) {
        bool wide = (it->w[i] & 3) == 3;
        u32 w = !(it->nops >> i & 1) ? it->w[i] : wide ? NOP : C_NOP;
        put_le(at(image, pa), w, wide ? 4 : 2);
        pa += wide ? 4 : 2;
    }
    return pa;
}

static u64 u_sees(const struct block *b, u64 pa)
{
    return b->space == SPACE_BARE ? pa : pa - BLOCKS_PA + UCODE_VA;
}

/* Writes a block: set-up, body, final ecall. Returns the next block's pa. */
static u64 put_block(u8 *image, u64 pa, u64 descriptor, struct block *b)
{
    u64 setup = pa;
    for (unsigned i = 0; i < b->nsetup; i++)
        pa = put_item(image, pa, &b->setup[i]);
    put_le(at(image, pa), RET, 2);
    pa = b->at = pa + 2;
    for (unsigned i = 0; i < b->nbody; i++)
        pa = put_item(image, pa, &b->body[i]);
    b->end = pa;
    put_le(at(image, pa), row_word(OP_ecall), 4);
    u64 start = b->priv == PRV_U ? u_sees(b, b->at) : b->at;
    u64 d[] = {setup,
               start,
               pa,
               u_sees(b, pa),
               b->mstatus,
               b->passes,
               SETS_PA + SET_BYTES * (u64)b->set};
    for (unsigned i = 0; i < ARRAY_LEN(d); i++)
        put_le(at(image, descriptor + 8 * i), d[i], 8);
    return pa + 4;
}

/* Fills pages with `ret`. The last halfword of a page is the lower half of a
 * `ret` of 4 bytes, whose upper half, 0, is the first halfword of the next
 * page. */
static void put_landing(u8 *image)
{
    for (unsigned p = 0; p < LAND_PAGES; p++) {
        u8 *page = at(image, LAND_PA + 4096ull * p);
        for (unsigned i = 2; i < 4094; i += 2)
            put_le(page + i, RET, 2);
        put_le(page + 4094, 0x8067, 2);
    }
}

void image_make(struct program *p, u8 *image, u64 flags)
{
    u64 pa = BLOCKS_PA, descriptor = DESC_PA;
    size_t n = (uintptr_t)monitor_image_end - (uintptr_t)monitor_image;
    assert(n <= VARS_PA - MONITOR_PA);
    memset(image, 0, END_PA - MONITOR_PA);
    memcpy(image, monitor_image, n);
    put_le(at(image, VARS_PA + V_FLAGS), flags, 8);
    for (unsigned t = 0; t < TABLES; t++)
        memcpy(at(image, TABLES_PA + 4096ull * t), p->table[t], 4096);
    for (unsigned i = 0; i < DATA_PAGES; i++)
        memcpy(at(image, DATA_PA + 4096ull * i), p->data[i], 4096);
    memcpy(at(image, SETS_PA), p->sets, sizeof p->sets);
    put_landing(image);
    for (unsigned i = 0; i < p->nblocks; i++) {
        struct block *b = &p->block[i];
        if (b->dropped)
            continue;
        pa = put_block(image, pa, descriptor, b);
        descriptor += D_BYTES;
    }
    assert(pa < BLOCKS_PA + BLOCKS_BYTES);
}

u64 code_pa(u64 pc)
{
    if (pc - BLOCKS_PA < BLOCKS_BYTES)
        return pc;
    if (pc - UCODE_VA < BLOCKS_BYTES)
        return pc - UCODE_VA + BLOCKS_PA;
    return 0;
}
