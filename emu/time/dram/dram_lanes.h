/* SPDX-License-Identifier: MIT */
/* Sixteen banks side by side: one vector register of 16-bit lanes, a lane for
 * each bank. There are two implementations: with AVX2, and with the compilers'
 * own vectors for other hosts (slower, with the same results). For parts of
 * eight banks half a register suffices, and its least lane is found faster.
 * dram_serial.c is compiled for each. */
#ifndef CLOCKHAND_DRAM_LANES_H
#define CLOCKHAND_DRAM_LANES_H

#include "time/dram/dram.h"

#define ALWAYS static inline __attribute__((always_inline))

#ifdef __AVX2__
#include <immintrin.h>

#if DRAM_LANES == 16
typedef __m256i lanes; /* u16 a bank */
#define V(op)    _mm256_##op
#define BITS(op) _mm256_##op##_si256
#define LOW(m)   _mm256_castsi256_si128(m)
#else
typedef __m128i lanes;
#define V(op)    _mm_##op
#define BITS(op) _mm_##op##_si128
#define LOW(m)   (m)
#endif

ALWAYS lanes lanes_all(u32 x)
{
    return V(set1_epi16)((short)x);
}

ALWAYS lanes lanes_max(lanes a, lanes b)
{
    return V(max_epu16)(a, b);
}

ALWAYS lanes lanes_min(lanes a, lanes b)
{
    return V(min_epu16)(a, b);
}

ALWAYS lanes lanes_minus(lanes a, lanes b)
{
    return V(sub_epi16)(a, b);
}

ALWAYS lanes lanes_times_64(lanes a)
{
    return V(slli_epi16)(a, 6);
}

/* The smallest lane. */
ALWAYS u32 lanes_least(lanes a)
{
#if DRAM_LANES == 16
    __m128i half = _mm_min_epu16(LOW(a), _mm256_extracti128_si256(a, 1));
#else
    __m128i half = a;
#endif
    return (u32)_mm_cvtsi128_si32(_mm_minpos_epu16(half)) & 0xffff;
}

ALWAYS lanes lanes_and(lanes a, lanes b)
{
    return BITS(and)(a, b);
}

ALWAYS lanes lanes_or(lanes a, lanes b)
{
    return BITS(or)(a, b);
}

/* a and not b. */
ALWAYS lanes lanes_but(lanes a, lanes b)
{
    return BITS(andnot)(b, a);
}

/* All ones in each lane in which a and b are equal. */
ALWAYS lanes lanes_same(lanes a, lanes b)
{
    return V(cmpeq_epi16)(a, b);
}

/* `yes` in the lanes in which the mask is all ones, else `no`. */
ALWAYS lanes lanes_pick(lanes no, lanes yes, lanes mask)
{
    return V(blendv_epi8)(no, yes, mask);
}

/* The set of the indexes of 64 numbers at which the number is x. */
ALWAYS u64 places_with(const u16 *of, u32 x)
{
    const __m256i *v = (const __m256i *)(const void *)of;
    __m256i all = _mm256_set1_epi16((short)x);
    u64 set = 0;

    for (u32 i = 0; i < 4; i += 2) {
        __m256i two = _mm256_packs_epi16(_mm256_cmpeq_epi16(v[i], all),
                                         _mm256_cmpeq_epi16(v[i + 1], all));
        two = _mm256_permute4x64_epi64(two, 0xd8);
        set |= (u64)(u32)_mm256_movemask_epi8(two) << 16 * i;
    }
    return set;
}

#else

/* Halves of 16 bytes, which every vector unit has. */
typedef u16 half __attribute__((vector_size(16)));
typedef struct {
    half a, b;
} lanes;

ALWAYS lanes lanes_all(u32 x)
{
    half h = (half){0} + (u16)x;
    return (lanes){h, h};
}

ALWAYS lanes lanes_and(lanes a, lanes b)
{
    return (lanes){a.a & b.a, a.b & b.b};
}

ALWAYS lanes lanes_or(lanes a, lanes b)
{
    return (lanes){a.a | b.a, a.b | b.b};
}

ALWAYS lanes lanes_but(lanes a, lanes b)
{
    return (lanes){a.a & ~b.a, a.b & ~b.b};
}

ALWAYS lanes lanes_pick(lanes no, lanes yes, lanes mask)
{
    return lanes_or(lanes_and(yes, mask), lanes_but(no, mask));
}

ALWAYS lanes lanes_max(lanes a, lanes b)
{
    return lanes_pick(b, a, (lanes){(half)(a.a > b.a), (half)(a.b > b.b)});
}

ALWAYS lanes lanes_min(lanes a, lanes b)
{
    return lanes_pick(b, a, (lanes){(half)(a.a < b.a), (half)(a.b < b.b)});
}

ALWAYS lanes lanes_minus(lanes a, lanes b)
{
    return (lanes){a.a - b.a, a.b - b.b};
}

ALWAYS lanes lanes_times_64(lanes a)
{
    return (lanes){a.a << 6, a.b << 6};
}

ALWAYS half half_least(half a, half b)
{
    half mask = (half)(a < b);
    return (a & mask) | (b & ~mask);
}

ALWAYS u32 lanes_least(lanes x)
{
    half m = half_least(x.a, x.b);

    m = half_least(m, __builtin_shufflevector(m, m, 4, 5, 6, 7, 0, 1, 2, 3));
    m = half_least(m, __builtin_shufflevector(m, m, 2, 3, 0, 1, 6, 7, 4, 5));
    m = half_least(m, __builtin_shufflevector(m, m, 1, 0, 3, 2, 5, 4, 7, 6));
    return m[0];
}

ALWAYS lanes lanes_same(lanes a, lanes b)
{
    return (lanes){(half)(a.a == b.a), (half)(a.b == b.b)};
}

#endif

/* The places of a set whose row is `row`. */
ALWAYS u64 same_row(const struct dram_rows *r, u32 row, u64 among)
{
    u64 set = 0;

#ifdef __AVX2__
    if (likely(!(r->wide | row >> 16)))
        return among & places_with(r->low, row);
#endif
    for (; among; among &= among - 1) {
        u32 place = (u32)__builtin_ctzll(among);
        set |= (u64)(r->full[place] == row) << place;
    }
    return set;
}

ALWAYS lanes lanes_get(const struct dram_lanes *p)
{
    return *(const lanes *)(const void *)p;
}

ALWAYS void lanes_put(struct dram_lanes *p, lanes v)
{
    *(lanes *)(void *)p = v;
}

/* A mask with all ones in one lane. Lanes are always written as a whole: a
 * vector that is read just after one of its lanes was stored alone must wait
 * for the store. (dram.c stores single lanes if no read of the vector follows
 * soon.) */
ALWAYS lanes lanes_one(u32 bank)
{
#define ONE(i)                                                                 \
    {                                                                          \
        {                                                                      \
            [i] = 0xffff                                                       \
        }                                                                      \
    }
    static const struct dram_lanes one[DRAM_BANKS] = {
        ONE(0), ONE(1), ONE(2),  ONE(3),  ONE(4),  ONE(5),  ONE(6),  ONE(7),
        ONE(8), ONE(9), ONE(10), ONE(11), ONE(12), ONE(13), ONE(14), ONE(15)};
#undef ONE
    return lanes_get(&one[bank]);
}

/* All ones in the lanes of the bank's group, of four. */
ALWAYS lanes lanes_group_of(u32 bank)
{
#define GROUP(i)                                                               \
    {                                                                          \
        {                                                                      \
            [i] = 0xffff, [i + 1] = 0xffff, [i + 2] = 0xffff, [i + 3] = 0xffff \
        }                                                                      \
    }
    static const struct dram_lanes group[DRAM_GROUPS] = {GROUP(0), GROUP(4),
                                                         GROUP(8), GROUP(12)};
#undef GROUP
    return lanes_get(&group[bank / 4]);
}

#endif
