/* SPDX-License-Identifier: MIT */
/* The three visitors behind state.h. The saved file is a header line, then
 * the visited bytes in order; tags and page counts are in the stream, so that
 * a file of another build or a truncated one is refused, not believed. */
#include "base/state.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <xxhash.h>

enum mode { HASH, SAVE, LOAD };

struct state {
    enum mode mode;
    XXH3_state_t *xxh;
    FILE *f;
    char error[120];
};

static const char header[16] = "clockhand save\n";

static struct state *state_new(enum mode mode)
{
    struct state *s = xcalloc(1, sizeof(*s));
    s->mode = mode;
    return s;
}

struct state *state_hasher(void)
{
    struct state *s = state_new(HASH);
    s->xxh = XXH3_createState();
    assert(s->xxh);
    XXH3_128bits_reset(s->xxh);
    return s;
}

void state_hash_finish(struct state *s, char *hex)
{
    XXH128_hash_t h = XXH3_128bits_digest(s->xxh);
    snprintf(hex, 33, "%016llx%016llx", (unsigned long long)h.high64,
             (unsigned long long)h.low64);
    XXH3_freeState(s->xxh);
    free(s);
}

struct state *state_saver(const char *path)
{
    FILE *f = fopen(path, "wb");
    if (!f)
        return NULL;
    struct state *s = state_new(SAVE);
    s->f = f;
    fwrite(header, 1, sizeof(header), f);
    return s;
}

bool state_save_finish(struct state *s)
{
    bool ok = !ferror(s->f);
    ok = fclose(s->f) == 0 && ok;
    free(s);
    return ok;
}

static void fail(struct state *s, const char *what)
{
    if (!s->error[0])
        snprintf(s->error, sizeof(s->error), "%s", what);
}

struct state *state_loader(const char *path)
{
    FILE *f = fopen(path, "rb");
    if (!f)
        return NULL;
    struct state *s = state_new(LOAD);
    s->f = f;
    char got[sizeof(header)];
    if (fread(got, 1, sizeof(got), f) != sizeof(got) ||
        memcmp(got, header, sizeof(got)))
        fail(s, "not a saved machine");
    return s;
}

bool state_load_finish(struct state *s)
{
    if (!s->error[0] && fgetc(s->f) != EOF)
        fail(s, "has more than this machine's state");
    bool ok = !s->error[0];
    fclose(s->f);
    free(s);
    return ok;
}

const char *state_error(const struct state *s)
{
    return s->error[0] ? s->error : NULL;
}

u64 state_left(const struct state *s)
{
    struct stat st;
    off_t at = s->mode == LOAD ? ftello(s->f) : -1;
    if (at < 0 || fstat(fileno(s->f), &st) || !S_ISREG(st.st_mode))
        return ~0ull;
    return st.st_size > at ? (u64)(st.st_size - at) : 0;
}

bool state_loading(const struct state *s)
{
    return s->mode == LOAD;
}

void state_bytes(struct state *s, void *p, size_t n)
{
    if (n == 0) /* p may be NULL then */
        return;
    switch (s->mode) {
    case HASH:
        XXH3_128bits_update(s->xxh, p, n);
        return;
    case SAVE:
        fwrite(p, 1, n, s->f);
        return;
    case LOAD:
        break;
    }
    if (s->error[0])
        return;
    /* Through a copy: a truncated file leaves the field as it was. */
    u8 *copy = xcalloc(1, n);
    if (fread(copy, 1, n, s->f) == n)
        memcpy(p, copy, n);
    else
        fail(s, "ends too early");
    free(copy);
}

void state_tag(struct state *s, const char *tag)
{
    char want[16] = {0}, got[16];
    strncpy(want, tag, sizeof(want) - 1);
    memcpy(got, want, sizeof(got));
    state_bytes(s, got, sizeof(got));
    if (s->mode == LOAD && memcmp(got, want, sizeof(got))) {
        char msg[sizeof(s->error)];
        snprintf(msg, sizeof(msg), "part '%s' expected here", want);
        fail(s, msg);
    }
}

void state_check(struct state *s, bool ok, const char *what)
{
    if (s->mode == LOAD && !ok)
        fail(s, what);
}

static bool all_zero(const u8 *p)
{
    return p[0] == 0 && !memcmp(p, p + 1, PAGE_BYTES - 1);
}

/* Non-zero pages as (index + 1, content), ended by index 0. Hashing visits
 * the same stream, so hash and file cannot disagree. */
void state_pages(struct state *s, void *base, size_t n)
{
    u64 pages = n / PAGE_BYTES, size = pages;
    u8 *p = base;
    assert(n % PAGE_BYTES == 0);
    state_val(s, size);
    state_check(s, size == pages, "a memory has another size");
    if (s->mode != LOAD) {
        for (u64 i = 0; i < pages; i++) {
            u64 tag = i + 1;
            if (all_zero(p + i * PAGE_BYTES))
                continue;
            state_val(s, tag);
            state_bytes(s, p + i * PAGE_BYTES, PAGE_BYTES);
        }
        u64 end = 0;
        state_val(s, end);
        return;
    }
    if (s->error[0])
        return;
    memset(p, 0, n);
    for (u64 tag = 0, last = 0; !s->error[0]; last = tag) {
        state_val(s, tag);
        if (tag == 0)
            return;
        state_check(s, tag <= pages && tag > last, "a page out of order");
        if (!s->error[0])
            state_bytes(s, p + (tag - 1) * PAGE_BYTES, PAGE_BYTES);
    }
}
