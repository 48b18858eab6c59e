/* SPDX-License-Identifier: MIT */
/* Keeps the kernel log, and writes kprintf's text to the console. */
#include "lib/kernel.h"
#include "arch/sbi.h"

/* The kernel log: a ring of the last LOG_SIZE bytes printed. */
#define LOG_SIZE 16384u
static char klog[LOG_SIZE];
static u64 klog_end;

static void sbi_console(const char *s, size_t n)
{
    while (n--) {
        if (*s == '\n')
            sbi_putchar('\r');
        sbi_putchar(*s++);
    }
}
static void (*console_write)(const char *, size_t) = sbi_console;

void console_register(void (*write)(const char *bytes, size_t n))
{
    console_write = write;
}

size_t klog_size(void)
{
    return (size_t)MIN(klog_end, LOG_SIZE);
}

size_t klog_read(char *buf, size_t n)
{
    n = MIN(n, klog_size());
    for (size_t i = 0; i < n; i++)
        buf[i] = klog[(klog_end - n + i) % LOG_SIZE];
    return n;
}

void kvprintf(const char *fmt, va_list ap)
{
    char line[320];
    int n = vsnprintf(line, sizeof line, fmt, ap);
    size_t len = MIN((size_t)n, sizeof line - 1);
    for (size_t i = 0; i < len; i++)
        klog[klog_end++ % LOG_SIZE] = line[i];
    console_write(line, len);
}

void kprintf(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    kvprintf(fmt, ap);
    va_end(ap);
}
