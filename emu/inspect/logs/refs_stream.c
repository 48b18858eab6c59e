/* SPDX-License-Identifier: MIT */
/* Writes a stream of bytes through zstd (RFC 8878; libzstd) into a file. */
#include "inspect/logs/refs_internal.h"

#include "base/whole.h"

#include <errno.h>
#include <stdlib.h>
#include <zstd.h>

#define LEVEL 3 /* zstd's own default */

struct refs_stream {
    FILE *f;
    ZSTD_CCtx *z;
    u8 *in, *out;
    size_t n, in_bytes, out_bytes;
    int error; /* errno of the first write that failed */
};

struct refs_stream *refs_stream_open(const char *path)
{
    FILE *f = strcmp(path, "-") ? fopen(path, "wb") : stdout;
    if (!f)
        return NULL;
    struct refs_stream *o = xcalloc(1, sizeof *o);
    o->f = f;
    o->z = ZSTD_createCCtx();
    assert(o->z);
    ZSTD_CCtx_setParameter(o->z, ZSTD_c_compressionLevel, LEVEL);
    ZSTD_CCtx_setParameter(o->z, ZSTD_c_checksumFlag, 1);
    o->in_bytes = ZSTD_CStreamInSize();
    o->out_bytes = ZSTD_CStreamOutSize();
    o->in = xcalloc(1, o->in_bytes);
    o->out = xcalloc(1, o->out_bytes);
    for (const char *p = REFS_MAGIC; *p; p++)
        refs_stream_byte(o, (u8)*p);
    return o;
}

static void compress(struct refs_stream *o, ZSTD_EndDirective how)
{
    ZSTD_inBuffer from = {o->in, o->n, 0};
    size_t left;
    do {
        ZSTD_outBuffer to = {o->out, o->out_bytes, 0};
        left = ZSTD_compressStream2(o->z, &to, &from, how);
        assert(!ZSTD_isError(left));
        if (fwrite(o->out, 1, to.pos, o->f) != to.pos && !o->error)
            o->error = errno;
    } while (how == ZSTD_e_end ? left != 0 : from.pos < from.size);
    o->n = 0;
}

void refs_stream_byte(struct refs_stream *o, u8 byte)
{
    if (o->n == o->in_bytes)
        compress(o, ZSTD_e_continue);
    o->in[o->n++] = byte;
}

void refs_stream_number(struct refs_stream *o, u64 v)
{
    for (; v >= 0x80; v >>= 7)
        refs_stream_byte(o, (u8)v | 0x80);
    refs_stream_byte(o, (u8)v);
}

bool refs_stream_close(struct refs_stream *o)
{
    compress(o, ZSTD_e_end);
    if (o->f != stdout) { /* standard output is checked at exit */
        if (!stream_written(o->f) && !o->error)
            o->error = errno;
        if (fclose(o->f) && !o->error)
            o->error = errno;
    }
    int error = o->error;
    ZSTD_freeCCtx(o->z);
    free_all(o->in, o->out, o);
    errno = error;
    return !error;
}
