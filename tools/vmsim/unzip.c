/* SPDX-License-Identifier: MIT */
/* Reads files that zstd has compressed: traces as libCacheSim distributes them
 * (.zst), and what clockhand --refs writes. */
#include "tools/vmsim/unzip.h"

#include "base/base.h"

#include <errno.h>
#include <stdlib.h>
#include <zstd.h>

#define ROOM (1 << 17) /* bytes at a time */

struct unzip {
    FILE *f;
    const char *name;
    ZSTD_DStream *z;
    ZSTD_inBuffer from;
    bool inside; /* a frame has begun and not ended */
    u8 in[ROOM];
};

static ssize_t unzip_read(void *opaque, char *to, size_t n)
{
    struct unzip *u = opaque;
    ZSTD_outBuffer out = {to, n, 0};
    while (!out.pos) {
        if (u->from.pos == u->from.size) {
            size_t got = fread(u->in, 1, ROOM, u->f);
            u->from = (ZSTD_inBuffer){u->in, got, 0};
            if (ferror(u->f))
                die(u->name, "%s", strerror(errno));
            if (!got && u->inside)
                die(u->name, "cut short");
            if (!got)
                return 0;
        }
        size_t left = ZSTD_decompressStream(u->z, &out, &u->from);
        if (ZSTD_isError(left))
            die(u->name, "%s", ZSTD_getErrorName(left));
        u->inside = left;
    }
    return (ssize_t)out.pos;
}

static int unzip_close(void *opaque)
{
    struct unzip *u = opaque;
    ZSTD_freeDStream(u->z);
    fclose(u->f);
    free(u);
    return 0;
}

FILE *unzip_open(FILE *f, const char *name)
{
    static const u8 magic[] = {0x28, 0xb5, 0x2f, 0xfd};
    u8 first[sizeof magic];
    size_t n = fread(first, 1, sizeof first, f);
    if (ferror(f))
        die(name, "%s", strerror(errno));
    clearerr(f); /* reading a short file has set EOF */
    for (size_t i = n; i > 0; i--)
        ungetc(first[i - 1], f);
    if (n < sizeof magic || memcmp(first, magic, n))
        return f;
    struct unzip *u = xcalloc(1, sizeof *u);
    u->f = f;
    u->name = name;
    u->z = ZSTD_createDStream();
    FILE *plain = fopencookie(
        u, "rb", (cookie_io_functions_t){unzip_read, NULL, NULL, unzip_close});
    if (!u->z || !plain || setvbuf(plain, NULL, _IOFBF, ROOM))
        die(name, "%s", strerror(errno));
    return plain;
}
