/* SPDX-License-Identifier: MIT */
/* Shared by the benchmark programs. Status 0: main() found no wrong result; 99:
 * an unexpected trap. With SV39 all RAM and the finisher are mapped. */
#pragma once

typedef unsigned long u64;
typedef long s64;
typedef unsigned int u32;
typedef int s32;
typedef unsigned short u16;
typedef short s16;
typedef unsigned char u8;

#define RAM_BASE  0x80000000ul
#define RAM_BYTES (64ul << 20)
#define PAGE      4096ul

extern char heap[];

static inline u64 next_random(u64 *s)
{
    *s ^= *s << 13;
    *s ^= *s >> 7;
    *s ^= *s << 17;
    return *s;
}

#define CSRR(name)                                                             \
    ({                                                                         \
        u64 v_;                                                                \
        __asm__ volatile("csrr %0, " #name : "=r"(v_));                        \
        v_;                                                                    \
    })
#define CSRW(name, v) __asm__ volatile("csrw " #name ", %0" ::"r"((u64)(v)))
#define CSRS(name, v) __asm__ volatile("csrs " #name ", %0" ::"r"((u64)(v)))

/* Builds page tables at the end of RAM and returns satp; without SV39: 0. */
u64 prepare(void);
