/* SPDX-License-Identifier: MIT */
#include "lib/work.h"

#define WORDS (PAGE / sizeof(u64))

u64 ram_bytes(void)
{
    s64 kib = proc_number("/proc/meminfo", "MemTotal:");
    if (kib <= 0)
        cannot("/proc/meminfo", ENOENT);
    return (u64)kib << 10;
}

void cannot(const char *what, s64 err)
{
    if (err)
        fprintf_fd(2, "%s: error %ld\n", what, err < 0 ? -err : err);
    else
        fprintf_fd(2, "%s\n", what);
    exit(2);
}

/* A program that has no file in this folder handles -h itself. */
void tiny_began(int argc, char **argv)
{
    static const char folder[] = "/usr/share/era/";
    char path[80], text[512];
    const char *name = argc == 2 ? argv[0] : "";
    if (argc != 2 || (strcmp(argv[1], "-h") && strcmp(argv[1], "--help")))
        return;
    for (const char *p = name; *p; p++)
        if (*p == '/')
            name = p + 1;
    if (strlen(name) + sizeof folder > sizeof path)
        return;
    memcpy(path, folder, sizeof folder);
    memcpy(path + sizeof folder - 1, name, strlen(name) + 1);
    s64 n, fd = open(path, O_RDONLY, 0);
    if (fd < 0)
        return;
    while ((n = read((int)fd, text, sizeof text)) > 0)
        write(1, text, (u64)n);
    exit(0);
}

static void malformed(const char *text)
{
    fprintf_fd(2, "'%s' is not a size (64K, 10M, 0.5x of RAM)\n", text);
    exit(2);
}

static bool digit(char c)
{
    return c >= '0' && c <= '9';
}

u64 number_arg(const char *text)
{
    const char *p = text;
    u64 n = 0;
    for (; digit(*p) && n < 1ul << 60; p++)
        n = n * 10 + (u64)(*p - '0');
    if (*p || p == text) {
        fprintf_fd(2, "'%s' is not a number\n", text);
        exit(2);
    }
    return n;
}

u64 size_arg(const char *text)
{
    const char *p = text;
    u64 whole = 0, part = 0, scale = 1, unit = 1;
    if (!digit(*p))
        malformed(text);
    for (; digit(*p) && whole < 1ul << 30; p++)
        whole = whole * 10 + (u64)(*p - '0');
    if (*p == '.')
        for (p++; digit(*p) && scale < 1000; p++, scale *= 10)
            part = part * 10 + (u64)(*p - '0');
    if (*p == 'x')
        unit = ram_bytes();
    else if (*p == 'K')
        unit = 1ul << 10;
    else if (*p == 'M')
        unit = 1ul << 20;
    if (*p && (p[1] || unit == 1))
        malformed(text);
    u64 bytes = whole * unit + part * (unit / scale);
    bytes = (bytes + PAGE - 1) & -PAGE;
    return bytes ? bytes : PAGE;
}

static u64 seed_of(u64 number, u64 whose)
{
    return mix(number * 0x10001 + whose);
}

void page_fill(void *page, u64 number, u64 whose)
{
    volatile u64 *word = page;
    u64 v = seed_of(number, whose);
    for (u64 i = 0; i < WORDS; i++)
        word[i] = v + i * 0x9e3779b97f4a7c15ul;
}

bool page_holds(const void *page, u64 number, u64 whose)
{
    const volatile u64 *word = page;
    u64 v = seed_of(number, whose);
    for (u64 i = 0; i < WORDS; i++)
        if (word[i] != v + i * 0x9e3779b97f4a7c15ul)
            return false;
    return true;
}
