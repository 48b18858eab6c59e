/* SPDX-License-Identifier: MIT */
/* Writes and reads the log as a file: a header, the recorded machine's
 * configuration, the number of entries, entries of 44 bytes, each followed by
 * its bytes, and a digest of all that. Numbers are little-endian. The digest is
 * checked first, and each length is compared with the bytes left before use. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <xxhash.h>

#include "base/whole.h"
#include "history/log.h"

#define VERSION 2

static const char magic[16] = "clockhand input";

/* ---- writing ------------------------------------------------------------ */

static void put_number(FILE *f, XXH3_state_t *x, u64 v, unsigned n)
{
    u8 b[8];
    put_le(b, v, n);
    XXH3_64bits_update(x, b, n);
    fwrite(b, 1, n, f);
}

static void put_bytes(FILE *f, XXH3_state_t *x, const void *p, size_t n)
{
    put_number(f, x, n, 8);
    if (!n)
        return;
    XXH3_64bits_update(x, p, n);
    fwrite(p, 1, n, f);
}

bool input_log_write(const struct input_log *l, const char *path,
                     const u8 *machine, size_t n, char *err, size_t size)
{
    struct whole w;
    if (!whole_open(&w, path)) {
        snprintf(err, size, "%s", strerror(errno));
        return false;
    }
    XXH3_state_t *x = XXH3_createState();
    XXH3_64bits_reset(x);
    XXH3_64bits_update(x, magic, sizeof(magic));
    fwrite(magic, 1, sizeof(magic), w.f);
    put_number(w.f, x, VERSION, 8);
    put_bytes(w.f, x, machine, n);
    put_number(w.f, x, input_log_count(l), 8);
    for (u64 i = 0; i < input_log_count(l); i++) {
        struct input_entry e = input_log_at(l, i);
        put_number(w.f, x, e.at.cycle, 8);
        put_number(w.f, x, e.at.instret, 8);
        put_number(w.f, x, e.at.traps, 8);
        put_number(w.f, x, e.at.events, 8);
        put_number(w.f, x, e.kind, 4);
        put_bytes(w.f, x, e.bytes, e.n);
    }
    u8 digest[8];
    put_le(digest, XXH3_64bits_digest(x), 8);
    XXH3_freeState(x);
    fwrite(digest, 1, sizeof(digest), w.f);
    if (whole_close(&w))
        return true;
    snprintf(err, size, "cannot be written: %s", strerror(errno));
    return false;
}

/* ---- reading ------------------------------------------------------------ */

struct reader {
    const u8 *p;
    size_t left;
    bool bad;
};

static u64 get_number(struct reader *r, unsigned n)
{
    if (r->left < n) {
        r->bad = true;
        return 0;
    }
    u64 v = get_le(r->p, n);
    r->p += n;
    r->left -= n;
    return v;
}

static const u8 *get_bytes(struct reader *r, u64 *n)
{
    *n = get_number(r, 8);
    if (*n > r->left) {
        r->bad = true;
        *n = 0;
    }
    const u8 *p = r->p;
    r->p += *n;
    r->left -= *n;
    return p;
}

/* True if a log may hold entry *e after an entry of the moment `last`. */
static bool entry_ok(const struct input_entry *e, struct moment last)
{
    bool sized = e->kind == INPUT_POKE       ? e->n >= 8
                 : e->kind == INPUT_TIMING   ? e->n == 1
                 : e->kind == INPUT_REGISTER ? e->n == 12
                 : e->kind == INPUT_CHECK    ? e->n == 8
                 : e->kind == INPUT_LINE ? e->n >= 1 && *e->bytes <= LINE_END
                                         : true;
    return e->kind < INPUT_KINDS && sized &&
           (input_is_asked_for(e->kind) || moment_compare(last, e->at) <= 0);
}

static struct input_log *take_entries(struct reader *r)
{
    struct input_log *l = input_log_new();
    struct moment last = {0};
    for (u64 count = get_number(r, 8); count && !r->bad; count--) {
        struct input_entry e = {0};
        e.at.cycle = get_number(r, 8);
        e.at.instret = get_number(r, 8);
        e.at.traps = get_number(r, 8);
        e.at.events = get_number(r, 8);
        e.kind = (u32)get_number(r, 4);
        e.bytes = get_bytes(r, &e.n);
        r->bad |= !entry_ok(&e, last);
        if (r->bad)
            break;
        if (!input_is_asked_for(e.kind))
            last = e.at;
        input_log_add(l, e.at, (enum input_kind)e.kind, e.bytes, e.n);
    }
    r->bad |= r->left != 0;
    if (!r->bad)
        return l;
    input_log_free(l);
    return NULL;
}

/* Returns a regular file's bytes; NULL with errno (0: not a regular file). */
static u8 *slurp(const char *path, size_t *n)
{
    struct stat st;
    FILE *f = fopen(path, "rb");
    u8 *bytes = NULL;
    if (!f)
        return NULL;
    errno = 0;
    if (!fstat(fileno(f), &st) && S_ISREG(st.st_mode)) {
        *n = (size_t)st.st_size;
        bytes = xcalloc(1, *n + 1);
        if (fread(bytes, 1, *n, f) != *n) {
            free(bytes);
            bytes = NULL;
        }
    }
    fclose(f);
    return bytes;
}

struct input_log *input_log_read(const char *path, u8 **machine, size_t *n,
                                 char *err, size_t size)
{
    size_t all = 0;
    u8 *bytes = slurp(path, &all);
    struct input_log *l = NULL;
    if (!bytes) {
        snprintf(err, size, "%s", errno ? strerror(errno) : "no regular file");
        return NULL;
    }
    struct reader r = {bytes + sizeof(magic), all, false};
    *machine = NULL;
    if (all < sizeof(magic) + 16 || memcmp(bytes, magic, sizeof(magic))) {
        snprintf(err, size, "not an input log");
    } else if (get_le(bytes + all - 8, 8) != XXH3_64bits(bytes, all - 8)) {
        snprintf(err, size, "damaged: its checksum is not that of its content");
    } else {
        r.left = all - sizeof(magic) - 8;
        u64 version = get_number(&r, 8), given = 0;
        const u8 *of = get_bytes(&r, &given);
        l = version == VERSION && !r.bad ? take_entries(&r) : NULL;
        if (l) {
            *n = given;
            *machine = xcalloc(1, given + 1);
            memcpy(*machine, of, given);
        } else {
            snprintf(err, size,
                     version == VERSION ? "damaged: an entry is malformed"
                                        : "recorded by another version of "
                                          "clockhand");
        }
    }
    free(bytes);
    return l;
}
