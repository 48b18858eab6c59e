/* SPDX-License-Identifier: MIT */
/* Handles memory and strings; also linked into our programs. Forward copies use
 * 64-bit words if both addresses are equally aligned. */
#include "lib/kernel.h"

typedef u64 __attribute__((may_alias)) word;

#define WORD_ALIGNED(p) (((uintptr_t)(p)&7) == 0)

void *memcpy(void *to, const void *from, size_t n)
{
    u8 *d = to;
    const u8 *s = from;
    if (((uintptr_t)d & 7) == ((uintptr_t)s & 7)) {
        for (; n && !WORD_ALIGNED(d); n--)
            *d++ = *s++;
        for (; n >= 64; n -= 64, d += 64, s += 64) {
            word w[8]; /* loads first: a value arrives some cycles later */
#pragma GCC unroll 8
            for (int i = 0; i < 8; i++)
                w[i] = ((const word *)(const void *)s)[i];
#pragma GCC unroll 8
            for (int i = 0; i < 8; i++)
                ((word *)(void *)d)[i] = w[i];
        }
        for (; n >= 8; n -= 8, d += 8, s += 8)
            *(word *)(void *)d = *(const word *)(const void *)s;
    }
    while (n--)
        *d++ = *s++;
    return to;
}

void *memmove(void *to, const void *from, size_t n)
{
    u8 *d = to;
    const u8 *s = from;
    if (d <= s || d >= s + n)
        return memcpy(to, from, n);
    while (n--)
        d[n] = s[n];
    return to;
}

void *memset(void *to, int byte, size_t n)
{
    u8 *d = to;
    word pattern = 0x0101010101010101ul * (u8)byte;
    for (; n && !WORD_ALIGNED(d); n--)
        *d++ = (u8)byte;
    for (; n >= 32; n -= 32, d += 32)
        for (int i = 0; i < 4; i++)
            ((word *)(void *)d)[i] = pattern;
    for (; n >= 8; n -= 8, d += 8)
        *(word *)(void *)d = pattern;
    while (n--)
        *d++ = (u8)byte;
    return to;
}

int memcmp(const void *a, const void *b, size_t n)
{
    const u8 *x = a, *y = b;
    for (; n--; x++, y++)
        if (*x != *y)
            return *x - *y;
    return 0;
}

void *memchr(const void *s, int c, size_t n)
{
    const u8 *p = s;
    for (; n--; p++)
        if (*p == (u8)c)
            return (void *)(uintptr_t)p;
    return NULL;
}

size_t strlen(const char *s)
{
    const char *p = s;
    while (*p)
        p++;
    return (size_t)(p - s);
}

size_t strnlen(const char *s, size_t max)
{
    size_t n = 0;
    while (n < max && s[n])
        n++;
    return n;
}

int strcmp(const char *a, const char *b)
{
    for (; *a && *a == *b; a++)
        b++;
    return (u8)*a - (u8)*b;
}

int strncmp(const char *a, const char *b, size_t n)
{
    for (; n && *a && *a == *b; a++, b++)
        n--;
    return n ? (u8)*a - (u8)*b : 0;
}

char *strchr(const char *s, int c)
{
    for (;; s++) {
        if (*s == (char)c)
            return (char *)(uintptr_t)s;
        if (!*s)
            return NULL;
    }
}

char *strrchr(const char *s, int c)
{
    const char *last = NULL;
    for (;; s++) {
        if (*s == (char)c)
            last = s;
        if (!*s)
            return (char *)(uintptr_t)last;
    }
}

char *strstr(const char *s, const char *what)
{
    size_t n = strlen(what);
    for (; *s; s++)
        if (!strncmp(s, what, n))
            return (char *)(uintptr_t)s;
    return n ? NULL : (char *)(uintptr_t)s;
}

size_t strlcpy(char *to, const char *from, size_t size)
{
    size_t n = strlen(from);
    if (size) {
        size_t k = MIN(n, size - 1);
        memcpy(to, from, k);
        to[k] = '\0';
    }
    return n;
}

static int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'Z')
        return c - 'A' + 10;
    return 99;
}

u64 strtou64(const char *s, char **end, int base)
{
    u64 v = 0;
    if ((base == 0 || base == 16) && s[0] == '0' && (s[1] | 32) == 'x' &&
        digit(s[2]) < 16) {
        s += 2;
        base = 16;
    }
    if (base == 0)
        base = *s == '0' ? 8 : 10;
    for (; digit(*s) < base; s++)
        v = v * (u64)base + (u64)digit(*s);
    if (end)
        *end = (char *)(uintptr_t)s;
    return v;
}
