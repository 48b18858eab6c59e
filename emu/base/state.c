/* SPDX-License-Identifier: MIT */
/* The visitors of state.h. A saved file consists of a header, the visited bytes
 * in order, and a digest of both. A file of another format, or with a changed
 * bit, is refused before anything in it is used. Tags, counts and indexes are
 * checked nevertheless. */
#include "base/state.h"

#include "base/whole.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <xxhash.h>

enum mode { HASH, SAVE, LOAD, KEEP, BACK };

struct state {
    enum mode mode;
    XXH3_state_t *xxh;
    struct whole out;
    FILE *f;                 /* LOAD */
    u64 left;                /* LOAD, BACK: bytes not yet visited */
    struct state_kept *kept; /* KEEP: the bytes visited so far */
    const u8 *next;          /* BACK: the next byte to visit */
    char error[300];
};

struct header {
    char magic[16];
    u32 version;
    char program[12];
};
static const struct header header = {"clockhand save\n", STATE_VERSION,
                                     CLOCKHAND_VERSION};

static struct state *state_new(enum mode mode)
{
    struct state *s = xcalloc(1, sizeof(*s));
    s->mode = mode;
    if (mode == KEEP || mode == BACK)
        return s;
    s->xxh = XXH3_createState();
    assert(s->xxh);
    XXH3_128bits_reset(s->xxh);
    return s;
}

static void state_free(struct state *s)
{
    if (s->xxh)
        XXH3_freeState(s->xxh);
    free(s);
}

struct state *state_hasher(void)
{
    return state_new(HASH);
}

void state_hash_finish(struct state *s, char *hex)
{
    XXH128_hash_t h = XXH3_128bits_digest(s->xxh);
    snprintf(hex, 33, "%016llx%016llx", (u64)h.high64, (u64)h.low64);
    state_free(s);
}

/* ---- memory ------------------------------------------------------------- */

struct state *state_keeper(struct state_kept *k)
{
    struct state *s = state_new(KEEP);
    s->kept = k;
    k->n = 0;
    return s;
}

void state_keep_finish(struct state *s)
{
    state_free(s);
}

struct state *state_keep_loader(const u8 *bytes, size_t n)
{
    struct state *s = state_new(BACK);
    s->next = bytes;
    s->left = n;
    return s;
}

bool state_aside(const struct state *s)
{
    return s->mode == KEEP || s->mode == BACK;
}

static void keep(struct state_kept *k, const void *p, size_t n)
{
    if (k->n + n > k->room) {
        k->room = (k->n + n) * 2;
        k->bytes = xrealloc(k->bytes, k->room);
    }
    memcpy(k->bytes + k->n, p, n);
    k->n += n;
}

/* ---- files -------------------------------------------------------------- */

static void put(struct state *s, const void *p, size_t n)
{
    XXH3_128bits_update(s->xxh, p, n);
    fwrite(p, 1, n, s->out.f);
}

static XXH128_canonical_t digest(struct state *s)
{
    XXH128_canonical_t c;
    XXH128_canonicalFromHash(&c, XXH3_128bits_digest(s->xxh));
    return c;
}

struct state *state_saver(const char *path)
{
    struct state *s = state_new(SAVE);
    if (!whole_open(&s->out, path)) {
        state_free(s);
        return NULL;
    }
    put(s, &header, sizeof(header));
    return s;
}

bool state_save_finish(struct state *s)
{
    XXH128_canonical_t c = digest(s);
    fwrite(&c, 1, sizeof(c), s->out.f);
    bool ok = whole_close(&s->out);
    state_free(s);
    return ok;
}

void state_seal(void *file, size_t n)
{
    XXH128_canonical_t c;
    if (n < sizeof(c))
        return;
    XXH128_canonicalFromHash(&c, XXH3_128bits(file, n - sizeof(c)));
    memcpy((u8 *)file + n - sizeof(c), &c, sizeof(c));
}

static void fail(struct state *s, const char *what)
{
    if (!s->error[0])
        snprintf(s->error, sizeof(s->error), "%s", what);
}

static bool get(struct state *s, void *p, size_t n)
{
    return fread(p, 1, n, s->f) == n;
}

/* Checks the header; counts the bytes between it and the digest. */
static void check_header(struct state *s)
{
    struct header h;
    struct stat st;
    if (fstat(fileno(s->f), &st) || !S_ISREG(st.st_mode)) {
        fail(s, "not a regular file");
    } else if (!get(s, &h, sizeof(h)) ||
               memcmp(h.magic, header.magic, sizeof(h.magic))) {
        fail(s, "not a saved machine");
    } else if (h.version != STATE_VERSION) {
        /* Before version 10 of the format, h.program had 4 bytes, all 0. */
        h.program[sizeof(h.program) - 1] = 0;
        h.program[strspn(h.program, "0123456789.")] = 0;
        snprintf(s->error, sizeof(s->error),
                 "saved by another version of clockhand%s%s",
                 h.program[0] ? ": " : "", h.program);
    } else if ((u64)st.st_size < sizeof(h) + sizeof(XXH128_canonical_t)) {
        fail(s, "ends too early");
    } else {
        XXH3_128bits_update(s->xxh, &h, sizeof(h));
        s->left = (u64)st.st_size - sizeof(h) - sizeof(XXH128_canonical_t);
    }
}

/* Reads the whole file once and returns to the end of the header. */
static void check_digest(struct state *s)
{
    XXH128_canonical_t want, saved;
    size_t room = 1 << 20;
    u8 *part = xcalloc(1, room);
    bool ok = true;
    for (u64 left = s->left, n; ok && left; left -= n) {
        n = left < room ? left : room;
        ok = get(s, part, n);
        XXH3_128bits_update(s->xxh, part, n);
    }
    free(part);
    want = digest(s);
    if (!ok || !get(s, &saved, sizeof(saved)) ||
        memcmp(&want, &saved, sizeof(want)) ||
        fseek(s->f, sizeof(struct header), SEEK_SET))
        fail(s, "damaged: its checksum is not that of its content");
}

struct state *state_loader(const char *path)
{
    FILE *f = fopen(path, "rb");
    if (!f)
        return NULL;
    struct state *s = state_new(LOAD);
    s->f = f;
    check_header(s);
    if (!s->error[0])
        check_digest(s);
    return s;
}

bool state_load_finish(struct state *s)
{
    if (!s->error[0] && s->left)
        fail(s, "has more than this machine's state");
    bool ok = !s->error[0];
    if (s->f)
        fclose(s->f);
    state_free(s);
    return ok;
}

const char *state_error(const struct state *s)
{
    return s->error[0] ? s->error : NULL;
}

u64 state_left(const struct state *s)
{
    return state_loading(s) ? s->left : ~0ull;
}

bool state_loading(const struct state *s)
{
    return s->mode == LOAD || s->mode == BACK;
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
        put(s, p, n);
        return;
    case KEEP:
        keep(s->kept, p, n);
        return;
    case LOAD:
    case BACK:
        break;
    }
    if (s->error[0])
        return;
    if (n > s->left) {
        fail(s, "ends too early");
        return;
    }
    s->left -= n;
    if (s->mode == BACK) {
        memcpy(p, s->next, n);
        s->next += n;
        return;
    }
    /* Reads into a copy, so that the field keeps its value if reading fails. */
    u8 *copy = xcalloc(1, n);
    if (get(s, copy, n))
        memcpy(p, copy, n);
    else
        fail(s, "ends too early");
    free(copy);
}

void state_note(struct state *s, void *p, size_t n)
{
    if (s->mode != HASH)
        state_bytes(s, p, n);
}

void state_tag(struct state *s, const char *tag)
{
    char want[16] = {0}, got[16];
    strncpy(want, tag, sizeof(want) - 1);
    memcpy(got, want, sizeof(got));
    state_bytes(s, got, sizeof(got));
    if (state_loading(s) && memcmp(got, want, sizeof(got))) {
        char msg[sizeof(s->error)];
        snprintf(msg, sizeof(msg), "part '%s' expected here", want);
        fail(s, msg);
    }
}

void state_check(struct state *s, bool ok, const char *what)
{
    if (state_loading(s) && !ok)
        fail(s, what);
}

static bool all_zero(const u8 *p)
{
    return p[0] == 0 && !memcmp(p, p + 1, PAGE_BYTES - 1);
}

/* Visits the number of pages, then index + 1 and content of each non-zero page,
 * then a 0. Hashing visits the same bytes, so hash and file cannot disagree. */
void state_pages(struct state *s, void *base, size_t n)
{
    u64 pages = n / PAGE_BYTES, size = pages;
    u8 *p = base;
    assert(n % PAGE_BYTES == 0);
    if (state_aside(s))
        return;
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
