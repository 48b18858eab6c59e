/* SPDX-License-Identifier: MIT */
/* pcf2c: turns X11 bitmap fonts (PCF, gzipped or not) into one C table.
 *
 *   pcf2c NAME=FILE ... > terminus.inc
 *
 * Runs when the panel is built, on fonts that a Debian package installs
 * (xfonts-terminus), so that no copied font lies in the tree. Format: X.Org's
 * libXfont "pcfread.c"; the tables used are metrics, bitmaps and encodings.
 * Each glyph is `height` rows of 16 bits, the leftmost pixel in bit 15. */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum {
    PCF_METRICS = 1 << 2,
    PCF_BITMAPS = 1 << 3,
    PCF_ENCODINGS = 1 << 5,
    PCF_ACCELERATORS = 1 << 1,
    PCF_BDF_ACCELERATORS = 1 << 8
};
#define FORMAT_COMPRESSED 0x100u
#define FORMAT_MSB_BYTE   (1u << 2)
#define FORMAT_MSB_BIT    (1u << 3)

/* Besides ASCII and Latin-1: what the panel's texts use. */
static const unsigned extra[] = {
    0x2022, 0x2026, 0x2190, 0x2191, 0x2192, 0x2193, 0x2212, 0x2248,
    0x2264, 0x2265, 0x2500, 0x2502, 0x250c, 0x2510, 0x2514, 0x2518,
    0x251c, 0x2524, 0x252c, 0x2534, 0x253c, 0x2588, 0x2591, 0x2592,
    0x25a0, 0x25a1, 0x25b2, 0x25b6, 0x25bc, 0x25c0, 0x25cf, 0x2713,
};

struct file {
    const char *path;
    uint8_t *data;
    size_t size;
};

struct table {
    uint32_t format, offset, size;
};

struct metric {
    int left, right, width, ascent, descent;
};

static _Noreturn void fail(const char *path, const char *why)
{
    fprintf(stderr, "pcf2c: %s: %s\n", path, why);
    exit(2);
}

static uint32_t get(const struct file *f, size_t at, unsigned bytes, bool msb)
{
    if (at + bytes > f->size)
        fail(f->path, "truncated");
    uint32_t v = 0;
    for (unsigned i = 0; i < bytes; i++)
        v |= (uint32_t)f->data[at + i] << 8 * (msb ? bytes - 1 - i : i);
    return v;
}

static int get16s(const struct file *f, size_t at, bool msb)
{
    return (int16_t)get(f, at, 2, msb);
}

static struct file read_all(const char *path)
{
    struct file f = {.path = path};
    gzFile g = gzopen(path, "rb"); /* reads plain files too */
    if (!g)
        fail(path, "cannot be read (package xfonts-terminus?)");
    size_t room = 0;
    int n;
    do {
        if (f.size == room) {
            room = room ? 2 * room : 65536;
            f.data = realloc(f.data, room);
            if (!f.data)
                fail(path, "out of memory");
        }
        n = gzread(g, f.data + f.size, (unsigned)(room - f.size));
        if (n < 0)
            fail(path, "not a gzip file");
        f.size += (size_t)n;
    } while (n > 0);
    gzclose(g);
    return f;
}

static bool find_table(const struct file *f, uint32_t type, struct table *out)
{
    uint32_t n = get(f, 4, 4, false);
    for (uint32_t i = 0; i < n && i < 64; i++) {
        size_t at = 8 + 16 * (size_t)i;
        if (get(f, at, 4, false) == type) {
            out->format = get(f, at + 4, 4, false);
            out->size = get(f, at + 8, 4, false);
            out->offset = get(f, at + 12, 4, false);
            return true;
        }
    }
    return false;
}

static struct table need_table(const struct file *f, uint32_t type,
                               const char *what)
{
    struct table t;
    if (!find_table(f, type, &t))
        fail(f->path, what);
    return t;
}

static struct metric glyph_metric(const struct file *f, struct table t,
                                  unsigned index)
{
    bool msb = t.format & FORMAT_MSB_BYTE;
    if (t.format & FORMAT_COMPRESSED) {
        size_t at = t.offset + 4 + 2 + 5 * (size_t)index;
        return (struct metric){(int)get(f, at, 1, msb) - 0x80,
                               (int)get(f, at + 1, 1, msb) - 0x80,
                               (int)get(f, at + 2, 1, msb) - 0x80,
                               (int)get(f, at + 3, 1, msb) - 0x80,
                               (int)get(f, at + 4, 1, msb) - 0x80};
    }
    size_t at = t.offset + 4 + 4 + 12 * (size_t)index;
    return (struct metric){get16s(f, at, msb), get16s(f, at + 2, msb),
                           get16s(f, at + 4, msb), get16s(f, at + 6, msb),
                           get16s(f, at + 8, msb)};
}

/* Index of the glyph of a code point (below 65536), or -1. */
static int glyph_index(const struct file *f, struct table t, unsigned code)
{
    bool msb = t.format & FORMAT_MSB_BYTE;
    size_t at = t.offset + 4;
    int min2 = get16s(f, at, msb), max2 = get16s(f, at + 2, msb);
    int min1 = get16s(f, at + 4, msb), max1 = get16s(f, at + 6, msb);
    int hi = (int)(code >> 8), lo = (int)(code & 255);
    if (lo < min2 || lo > max2 || hi < min1 || hi > max1)
        return -1;
    size_t slot =
        (size_t)(hi - min1) * (size_t)(max2 - min2 + 1) + (size_t)(lo - min2);
    uint32_t i = get(f, at + 10 + 2 * slot, 2, msb);
    return i == 0xffff ? -1 : (int)i;
}

/* One pixel of a bitmap whose rows are padded to 1 << (format & 3) bytes. */
static bool pixel(const struct file *f, struct table t, size_t data,
                  unsigned stride, unsigned x, unsigned y)
{
    unsigned unit = 1u << (t.format >> 4 & 3);
    unsigned byte = x / 8;
    bool msb_byte = t.format & FORMAT_MSB_BYTE;
    bool msb_bit = t.format & FORMAT_MSB_BIT;
    if (msb_byte != msb_bit) /* bytes swapped within a scan unit */
        byte = byte / unit * unit + (unit - 1 - byte % unit);
    uint32_t b = get(f, data + (size_t)y * stride + byte, 1, false);
    return b >> (msb_bit ? 7 - x % 8 : x % 8) & 1;
}

static void print_glyph(const struct file *f, struct table bitmaps,
                        struct metric m, int index, int ascent, int height)
{
    bool msb = bitmaps.format & FORMAT_MSB_BYTE;
    size_t at = bitmaps.offset + 4;
    uint32_t count = get(f, at, 4, msb);
    uint32_t offset = get(f, at + 4 + 4 * (size_t)index, 4, msb);
    size_t data = at + 4 + 4 * (size_t)count + 16 + offset;
    unsigned pad = 1u << (bitmaps.format & 3);
    unsigned wide = (unsigned)(m.right - m.left);
    unsigned stride = ((wide + 7) / 8 + pad - 1) / pad * pad;
    for (int y = 0; y < height; y++) {
        int row = y - (ascent - m.ascent);
        uint32_t bits = 0;
        if (row >= 0 && row < m.ascent + m.descent)
            for (unsigned x = 0; x < wide; x++) {
                int at_x = (int)x + m.left;
                if (at_x >= 0 && at_x < 16 &&
                    pixel(f, bitmaps, data, stride, x, (unsigned)row))
                    bits |= 0x8000u >> at_x;
            }
        printf("0x%04x,", bits);
    }
}

static void convert(const char *name, const char *path)
{
    struct file f = read_all(path);
    if (f.size < 8 || memcmp(f.data, "\1fcp", 4))
        fail(path, "not a PCF font");
    struct table metrics = need_table(&f, PCF_METRICS, "no metrics");
    struct table bitmaps = need_table(&f, PCF_BITMAPS, "no bitmaps");
    struct table codes = need_table(&f, PCF_ENCODINGS, "no encodings");
    struct table acc;
    if (!find_table(&f, PCF_BDF_ACCELERATORS, &acc))
        acc = need_table(&f, PCF_ACCELERATORS, "no accelerators");
    bool msb = acc.format & FORMAT_MSB_BYTE;
    int ascent = (int)get(&f, acc.offset + 12, 4, msb);
    int descent = (int)get(&f, acc.offset + 16, 4, msb);
    int height = ascent + descent;
    int n = glyph_index(&f, codes, 'n');
    if (height < 4 || height > 64 || n < 0)
        fail(path, "not a text font");
    int width = glyph_metric(&f, metrics, (unsigned)n).width;
    unsigned list[512], count = 0;
    for (unsigned c = 0x20; c < 0x100; c++)
        if ((c < 0x7f || c >= 0xa0) && glyph_index(&f, codes, c) >= 0)
            list[count++] = c;
    for (unsigned i = 0; i < sizeof extra / sizeof *extra; i++)
        if (glyph_index(&f, codes, extra[i]) >= 0)
            list[count++] = extra[i];
    printf("static const uint16_t %s_codes[] = {", name);
    for (unsigned i = 0; i < count; i++)
        printf("%s0x%x,", i % 12 ? "" : "\n    ", list[i]);
    printf("\n};\nstatic const uint16_t %s_rows[] = {\n", name);
    for (unsigned i = 0; i < count; i++) {
        int g = glyph_index(&f, codes, list[i]);
        print_glyph(&f, bitmaps, glyph_metric(&f, metrics, (unsigned)g), g,
                    ascent, height);
        printf("\n");
    }
    printf("};\n#define %s_FONT { %d, %d, %d, %u, %s_codes, %s_rows }\n", name,
           width, height, ascent, count, name, name);
    free(f.data);
}

int main(int argc, char **argv)
{
    printf("/* made by tools/pcf2c */\n");
    for (int i = 1; i < argc; i++) {
        char *eq = strchr(argv[i], '=');
        if (!eq)
            fail(argv[i], "expected NAME=FILE");
        *eq = 0;
        convert(argv[i], eq + 1);
    }
    return fflush(stdout) || ferror(stdout) ? 2 : 0;
}
