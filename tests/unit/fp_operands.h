/* SPDX-License-Identifier: MIT */
/* Operands for the floating-point tests: corners and random ones. */
#ifndef TEST_FP_OPERANDS_H
#define TEST_FP_OPERANDS_H

#include <fenv.h>
#include "hart/fp.h"

/* The host's rounding mode; ties away (4) has none and is worked out. */
static const int host_mode[5] = {FE_TONEAREST, FE_TOWARDZERO, FE_DOWNWARD,
                                 FE_UPWARD, FE_TONEAREST};

static inline u64 bits64(double d)
{
    u64 b;
    memcpy(&b, &d, 8);
    return b;
}
static inline double value64(u64 b)
{
    double d;
    memcpy(&d, &b, 8);
    return d;
}
static inline u32 bits32(float d)
{
    u32 b;
    memcpy(&b, &d, 4);
    return b;
}
static inline float value32(u32 b)
{
    float d;
    memcpy(&d, &b, 4);
    return d;
}

/* ---- operands ----------------------------------------------------------- */
static const u64 corner64[] = {
    0,
    1,
    2,
    0xfffffffffffffull,
    0xffffffffffffeull,
    0x8000000000000ull,
    0x10000000000000ull,
    0x10000000000001ull,
    0x1fffffffffffffull,
    0x20000000000000ull,
    0x3ca0000000000000ull,
    0x3cafffffffffffffull,
    0x3cb0000000000000ull,
    0x3fdfffffffffffffull,
    0x3fe0000000000000ull,
    0x3fe0000000000001ull,
    0x3fefffffffffffffull,
    0x3ff0000000000000ull,
    0x3ff0000000000001ull,
    0x3ff8000000000000ull,
    0x4000000000000000ull,
    0x4008000000000000ull,
    0x41dfffffffc00000ull,
    0x41e0000000000000ull,
    0x41efffffffe00000ull,
    0x41effffffff00000ull,
    0x41f0000000000000ull,
    0x4330000000000000ull,
    0x4330000000000001ull,
    0x4340000000000000ull,
    0x43dfffffffffffffull,
    0x43e0000000000000ull,
    0x43efffffffffffffull,
    0x43f0000000000000ull,
    0x47efffffe0000000ull,
    0x47efffffefffffffull,
    0x47effffff0000000ull,
    0x3810000000000000ull,
    0x380fffffffffffffull,
    0x380fffffe0000000ull,
    0x36a0000000000000ull,
    0x3690000000000000ull,
    0x3690000000000001ull,
    0x7fe0000000000000ull,
    0x7feffffffffffffeull,
    0x7fefffffffffffffull,
    0x7ff0000000000000ull,
    0x7ff0000000000001ull,
    0x7ff7ffffffffffffull,
    0x7ff8000000000000ull,
    0x7ff8000000000001ull,
    0x7fffffffffffffffull,
    0x1ff0000000000000ull,
    0x1ff0000000000001ull,
    0x5fe0000000000000ull,
    0x3450000000000000ull,
};
static const u32 corner32[] = {
    0,          1,          2,          0x7fffff,   0x7ffffe,   0x400000,
    0x800000,   0x800001,   0xffffff,   0x1000000,  0x33000000, 0x33800000,
    0x33ffffff, 0x3effffff, 0x3f000000, 0x3f000001, 0x3f7fffff, 0x3f800000,
    0x3f800001, 0x3fc00000, 0x40000000, 0x40400000, 0x4b000000, 0x4b000001,
    0x4b7fffff, 0x4b800000, 0x4effffff, 0x4f000000, 0x4f7fffff, 0x4f800000,
    0x5effffff, 0x5f000000, 0x5f7fffff, 0x5f800000, 0x7f000000, 0x7f7ffffe,
    0x7f7fffff, 0x7f800000, 0x7f800001, 0x7fbfffff, 0x7fc00000, 0x7fc00001,
    0x7fffffff, 0x1f800000, 0x1f800001, 0x00800003, 0x0c000000, 0x5f000001,
};
static const u16 corner16[] = {
    0,      1,      2,      0x3ff,  0x3fe,  0x200,  0x400,  0x401,
    0x7ff,  0x800,  0x1000, 0x1400, 0x1bff, 0x37ff, 0x3800, 0x3801,
    0x3bff, 0x3c00, 0x3c01, 0x3e00, 0x4000, 0x4200, 0x6400, 0x6401,
    0x67ff, 0x6800, 0x7800, 0x7bfe, 0x7bff, 0x7c00, 0x7c01, 0x7dff,
    0x7e00, 0x7e01, 0x7fff, 0x2000, 0x2001, 0x5bff, 0x0c00, 0x0403,
};
#define CORNERS16 (2 * ARRAY_LEN(corner16))
#define CORNERS64 (2 * ARRAY_LEN(corner64))
#define CORNERS32 (2 * ARRAY_LEN(corner32))

static inline u64 pick_corner64(size_t i)
{
    return corner64[i / 2] | (u64)(i & 1) << 63;
}
static inline u32 pick_corner32(size_t i)
{
    return corner32[i / 2] | (u32)(i & 1) << 31;
}

static inline u16 pick_corner16(size_t i)
{
    return (u16)(corner16[i / 2] | (i & 1) << 15);
}

static u64 seed = 1985;

/* Bits of any kind; few fraction bits (ties); exponents near one another;
 * subnormals; corners. */
static inline u64 random64(void)
{
    u64 r = rand_step(&seed), k = rand_step(&seed);
    switch (k >> 61) {
    case 0:
    case 1:
        return r;
    case 2:
        return r & (~0ull << (k & 63));
    case 3:
        return (r & ~(0x7ffull << 52)) | (1023 - 4 + (k & 7)) << 52;
    case 4:
        return (r & ~(0x7ffull << 52)) | (1023 - 60 + (k & 127)) << 52;
    case 5:
        return r & ~(0x7feull << 52);
    case 6:
        return (r & (1ull << 63 | 3)) | (1023 + (k & 63)) << 52 |
               (k >> 8 & 0xff) << 44;
    default:
        return pick_corner64(k % CORNERS64);
    }
}

static inline u32 random32(void)
{
    u32 r = (u32)(rand_step(&seed) >> 32);
    u64 k = rand_step(&seed);
    switch (k >> 61) {
    case 0:
    case 1:
        return r;
    case 2:
        return r & (~0u << (k & 31));
    case 3:
        return (r & ~(0xffu << 23)) | (u32)(127 - 4 + (k & 7)) << 23;
    case 4:
        return (r & ~(0xffu << 23)) | (u32)(127 - 30 + (k & 63)) << 23;
    case 5:
        return r & ~(0xfeu << 23);
    case 6:
        return (r & (1u << 31 | 3)) | (u32)(127 + (k & 63)) << 23 |
               (u32)(k >> 8 & 0xf) << 19;
    default:
        return pick_corner32(k % CORNERS32);
    }
}

static inline u16 random16(void)
{
    u16 r = (u16)(rand_step(&seed) >> 48);
    u64 k = rand_step(&seed);
    switch (k >> 61) {
    case 0:
    case 1:
    case 2:
        return r;
    case 3: /* few fraction bits */
        return (u16)(r & ~0u << (k & 15));
    case 4: /* exponents near one another */
        return (u16)((r & ~0x7c00u) | (13 + (k & 3)) << 10);
    case 5: /* subnormal, or the least normal ones */
        return (u16)(r & ~0x7800u);
    case 6:
        return (u16)((r & 0x8003u) | (15 + (k & 15)) << 10 |
                     (k >> 8 & 15) << 6);
    default:
        return pick_corner16(k % CORNERS16);
    }
}

#endif
