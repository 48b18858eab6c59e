/* SPDX-License-Identifier: MIT */
/* Defines types, printing, strings and asserts for every file of the kernel. */
#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/errno.h"
#include "lib/list.h"

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int8_t s8;
typedef int16_t s16;
typedef int32_t s32;
typedef int64_t s64;
typedef int64_t ssize_t;

#define PAGE_SHIFT 12
#define PAGE_SIZE  4096ul

#define ARRAY_SIZE(a)         (sizeof(a) / sizeof((a)[0]))
#define ALIGN_UP(x, a)        (((x) + (a)-1) & ~((__typeof__(x))(a)-1))
#define ALIGN_DOWN(x, a)      ((x) & ~((__typeof__(x))(a)-1))
#define DIV_ROUND_UP(n, d)    (((n) + (d)-1) / (d))
#define PAGE_UP(x)            ALIGN_UP((u64)(x), PAGE_SIZE)
#define PAGE_DOWN(x)          ALIGN_DOWN((u64)(x), PAGE_SIZE)
#define container_of(p, t, m) ((t *)(void *)((char *)(p)-offsetof(t, m)))

#define MIN(a, b)                                                              \
    ({                                                                         \
        __typeof__(a) min_a_ = (a);                                            \
        __typeof__(b) min_b_ = (b);                                            \
        min_a_ < min_b_ ? min_a_ : min_b_;                                     \
    })
#define MAX(a, b)                                                              \
    ({                                                                         \
        __typeof__(a) max_a_ = (a);                                            \
        __typeof__(b) max_b_ = (b);                                            \
        max_a_ > max_b_ ? max_a_ : max_b_;                                     \
    })

#define __printf(f, a) __attribute__((format(printf, f, a)))
#define __noreturn     __attribute__((noreturn))

/* Prints to the console (that of the firmware until the terminal registers)
 * and to a ring for dmesg. */
void kprintf(const char *fmt, ...) __printf(1, 2);
void kvprintf(const char *fmt, va_list ap);
/* Called by the terminal: from then on `write` gets the console's output. */
void console_register(void (*write)(const char *bytes, size_t n));
/* Copies the newest n bytes of the ring, returns how many (syslog(2)). */
size_t klog_read(char *buf, size_t n);
size_t klog_size(void);

/* Called by panic after its message: returns a line about the task that ran, if
 * tp names one, else "". NULL: no program has run yet, so that the registers
 * say nothing. */
extern const char *(*panic_task)(u64 tp);
/* Called by panic at last, before power-off; set once there is a clock. */
extern void (*panic_last)(void);
/* The status with which panic powers off: 1, or 2 if the options of this run
 * are at fault (clockhand's status after a usage error). */
extern u8 panic_status;
/* For impossible states: prints the message and powers off with a failure. */
void panic(const char *fmt, ...) __printf(1, 2) __noreturn;
#define BUG_ON(cond)                                                           \
    do {                                                                       \
        if (__builtin_expect(!!(cond), 0))                                     \
            panic("%s:%d: %s", __FILE__, __LINE__, #cond);                     \
    } while (0)
#define assert(cond) BUG_ON(!(cond))

void *memcpy(void *to, const void *from, size_t n);
void *memmove(void *to, const void *from, size_t n);
void *memset(void *to, int byte, size_t n);
int memcmp(const void *a, const void *b, size_t n);
void *memchr(const void *s, int c, size_t n);
size_t strlen(const char *s);
size_t strnlen(const char *s, size_t max);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t n);
char *strchr(const char *s, int c);
char *strrchr(const char *s, int c);
char *strstr(const char *s, const char *what);
/* Always ends `to` with NUL (if size > 0); returns strlen(from). */
size_t strlcpy(char *to, const char *from, size_t size);
/* Bases 0 and 16 accept 0x; in base 0, a leading 0 is octal. *end: the rest. */
u64 strtou64(const char *s, char **end, int base);
/* %d %i %u %x %X %o %c %s %p %% with flags 0 - #, width, .precision,
 * l ll z j t h hh, and * for width and precision. Return values as in C99. */
int snprintf(char *buf, size_t size, const char *fmt, ...) __printf(3, 4);
int vsnprintf(char *buf, size_t size, const char *fmt, va_list ap);

/* Fills buf from the kernel's generator (splitmix64, seeded by the device
 * tree's rng-seed): reproducible, not secret. */
void random_bytes(void *buf, size_t n);
void random_seed(const void *seed, size_t n);
