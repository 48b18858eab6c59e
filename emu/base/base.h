/* SPDX-License-Identifier: MIT */
/* Small helpers for every folder; they know nothing of the machine. */
#pragma once

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef unsigned long long u64;
typedef int8_t s8;
typedef int16_t s16;
typedef int32_t s32;
typedef long long s64;

/* The version that --version, saves, reports and the package show. */
#define CLOCKHAND_VERSION "0.1"

/* 1 in a build with AddressSanitizer (SAN=1), which can afford long checks. */
#ifndef __has_feature
#define __has_feature(x) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
#define SANITIZED 1
#else
#define SANITIZED 0
#endif

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))
#define likely(x)    __builtin_expect(!!(x), 1)
#define unlikely(x)  __builtin_expect(!!(x), 0)
/* Marks a parameter that only a function pointer's type demands. */
#define UNUSED __attribute__((unused))
/* For functions that are specialised by constant parameters. */
#define ALWAYS_INLINE inline __attribute__((always_inline))
#define PAGE_SHIFT    12
#define PAGE_BYTES    4096ull
#define LINE_SHIFT    6
#define LINE_BYTES    64ull

/* Returns bits hi..lo of x, shifted down. */
static inline u64 bits(u64 x, unsigned hi, unsigned lo)
{
    return (x >> lo) & (~0ull >> (63 - (hi - lo)));
}

/* Returns the low n (1..64) bits of x, sign extended. */
static inline s64 sext(u64 x, unsigned n)
{
    return (s64)(x << (64 - n)) >> (64 - n);
}

/* These load and store little-endian numbers at any alignment. */
static inline u64 get_le(const void *p, unsigned bytes)
{
    u64 v = 0;
    memcpy(&v, p, bytes);
    return v;
}
static inline void put_le(void *p, u64 v, unsigned bytes)
{
    memcpy(p, &v, bytes);
}
/* Does get_le's work for a size (1, 2, 4 or 8) known only at run time, without
 * a call of memcpy. With single bytes tested first, a guest's prime sieve (an
 * array of bytes) takes 1 % fewer host instructions. */
static inline u64 get_sized(const void *p, unsigned bytes)
{
    return bytes == 1   ? get_le(p, 1)
           : bytes == 4 ? get_le(p, 4)
           : bytes == 8 ? get_le(p, 8)
                        : get_le(p, 2);
}
static inline void put_sized(void *p, u64 v, unsigned bytes)
{
    if (bytes == 1)
        put_le(p, v, 1);
    else if (bytes == 4)
        put_le(p, v, 4);
    else if (bytes == 8)
        put_le(p, v, 8);
    else
        put_le(p, v, 2);
}

/* Prints "clockhand: what: why" on standard error and exits with status 2, for
 * a user's mistake (user interfaces and start-up code) or lack of memory. */
_Noreturn void die(const char *what, const char *why, ...)
    __attribute__((format(printf, 2, 3)));

/* For output that could not be written, and the like: prints die()'s line and
 * returns. ending_status() later makes the exit status 2. */
void complain(const char *what, const char *why, ...)
    __attribute__((format(printf, 2, 3)));
bool complaints(void); /* true if complain() was called */

/* Replaces the text in buf from byte `at` on. The buffer has n bytes (n > at);
 * the result is cut to fit. Returns the new length, which is below n. */
size_t append(char *buf, size_t n, size_t at, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* xcalloc's memory is zeroed. Without memory all three end the program. */
void *xcalloc(size_t n, size_t size);
void *xrealloc(void *p, size_t size);
char *xstrdup(const char *s);
/* Frees the memory at each of the pointers. */
#define free_all(...)                                                          \
    pointers_free((void *[]){__VA_ARGS__},                                     \
                  sizeof((void *[]){__VA_ARGS__}) / sizeof(void *))
void pointers_free(void *const *p, size_t n);
/* Allocates memory, not cleared, in huge pages if the host has them: with small
 * pages, host page faults took a fifth of the start-up time. => free() */
void *xalloc_huge(size_t bytes);
/* Maps zeroed memory whose pages take no host memory until they are written.
 * NULL: the host has too little. => the caller unmaps it */
void *pages_new(size_t bytes);
void pages_clear(void *pages, size_t bytes); /* zeroes; frees host memory */

/* Returns part / whole in percent (0 if whole is 0), for texts; JSON has both
 * numbers instead. */
static inline double percent(u64 part, u64 whole)
{
    return whole ? 100.0 * (double)part / (double)whole : 0;
}

/* Returns a pseudo-random number (xorshift64*) from *s, which must not be 0. */
static inline u64 rand_step(u64 *s)
{
    u64 x = *s;
    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    *s = x;
    return x * 2685821657736338717ull;
}
