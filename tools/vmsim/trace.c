/* SPDX-License-Identifier: MIT */
#include "tools/vmsim/trace.h"

#include "tools/vmsim/unzip.h"

#include <errno.h>
#include <stdlib.h>

#define FIRST_BYTES 512       /* by which a format is known */
#define TEXT_ROOM   (1 << 16) /* bytes of text at a time; no line is longer */

/* The first format that fits is taken. */
static const struct trace_format *const formats[] = {
    &format_refs, &format_lackey, &format_plain, &format_oracle, NULL};

void trace_format_list(void)
{
    for (unsigned i = 0; formats[i]; i++)
        printf("%-8s %s\n", formats[i]->name, formats[i]->line);
}

/* ---- the file ---- */

bool reader_refill(struct reader *r)
{
    char *newline = NULL;
    size_t rest = r->at < r->end ? (size_t)(r->end - r->at) : 0, n = 1;
    memmove(r->text, r->at, rest);
    while (!newline && n) {
        if (rest == TEXT_ROOM) {
            r->line++;
            reader_bad(r, "a line that is too long");
        }
        n = fread(r->text + rest, 1, TEXT_ROOM - rest, r->f);
        if (ferror(r->f))
            die(r->name, "%s", strerror(errno));
        newline = memrchr(r->text, '\n', rest += n);
    }
    r->at = r->text;
    r->end = r->text + rest;
    *r->end = '\n'; /* the last line may have none */
    r->whole = (newline ? newline : r->end) + 1;
    return rest;
}

_Noreturn void reader_bad(struct reader *r, const char *why)
{
    die(r->name, "%s %llu: %s", r->format == &format_oracle ? "record" : "line",
        r->line, why);
}

/* Reads the first bytes of a file and pushes them back into its buffer. */
static size_t first_bytes(FILE *f, const char *path, u8 *first)
{
    size_t n = fread(first, 1, FIRST_BYTES, f);
    if (ferror(f))
        die(path, "%s", strerror(errno));
    clearerr(f); /* reading a short file has set EOF */
    for (size_t i = n; i > 0; i--)
        ungetc(first[i - 1], f);
    return n;
}

static const struct trace_format *detect(FILE *f, const char *path)
{
    u8 first[FIRST_BYTES];
    size_t n = first_bytes(f, path, first);
    for (unsigned i = 0; formats[i]; i++)
        if (formats[i]->is(first, n))
            return formats[i];
    die(path, "no format that is known; try --format list");
}

static const struct trace_format *format_find(const char *name)
{
    for (unsigned i = 0; formats[i]; i++)
        if (!strcmp(formats[i]->name, name))
            return formats[i];
    die(name, "no such format; try --format list");
}

static void start(struct trace *t, FILE *f, const char *name,
                  const struct trace_format *format)
{
    *t = (struct trace){.reader = {.f = f, .name = name, .format = format}};
    t->reader.text = xcalloc(TEXT_ROOM + 1, 1);
    t->reader.at = t->reader.end = t->reader.whole = t->reader.text;
}

void trace_open(struct trace *t, const char *path, const char *format)
{
    bool standard = !strcmp(path, "-");
    FILE *f = standard ? stdin : fopen(path, "rb");
    if (!f)
        die(path, "%s", strerror(errno));
    f = unzip_open(f, standard ? "standard input" : path);
    start(t, f, standard ? "standard input" : path,
          format ? format_find(format) : detect(f, path));
}

void trace_of(struct trace *t, FILE *f, const char *name)
{
    start(t, f, name, &format_plain);
}

void trace_close(struct trace *t)
{
    if (t->reader.format->close)
        t->reader.format->close(&t->reader);
    if (t->reader.f != stdin)
        fclose(t->reader.f);
    free_all(t->reader.text, t->pages.slot, t->pages.page);
}

/* ---- numbers ---- */

static u32 first_slot(const struct numbering *p, u64 page)
{
    return (u32)(page * 0x9e3779b97f4a7c15ull >> 32) & (p->slots - 1);
}

static u32 *find_slot(struct numbering *p, u64 page)
{
    u32 at = first_slot(p, page);
    while (p->slot[at] && p->page[p->slot[at] - 1] != page)
        at = (at + 1) & (p->slots - 1);
    return &p->slot[at];
}

/* Makes room for a batch of new pages; at most three slots in four are full. */
static void grow_table(struct numbering *p)
{
    if (p->count + BATCH > p->room) {
        p->room += p->room / 8 + BATCH;
        if (p->room >= STRING_WRITE)
            die("trace", "more than 2^31 pages");
        p->page = xrealloc(p->page, p->room * sizeof *p->page);
    }
    if ((p->count + BATCH) / 3 * 4 < p->slots)
        return;
    free(p->slot);
    p->slots = p->slots ? 2 * p->slots : 4 * BATCH;
    p->slot = xcalloc(p->slots, sizeof *p->slot);
    for (u32 i = 0; i < p->count; i++)
        *find_slot(p, p->page[i]) = i + 1;
}

/* Prefetches the slots of a batch, then their pages, then compares them, so
 * that a random trace waits for memory twice a batch, not twice a reference. */
static void number_pages(struct numbering *p, struct batch *b)
{
    grow_table(p);
    for (u32 i = 0; i < b->n; i++)
        __builtin_prefetch(&p->slot[first_slot(p, b->page[i])]);
    for (u32 i = 0; i < b->n; i++) {
        u32 n = p->slot[first_slot(p, b->page[i])];
        if (n)
            __builtin_prefetch(&p->page[n - 1]);
    }
    for (u32 i = 0; i < b->n; i++) {
        u32 *slot = find_slot(p, b->page[i]);
        if (!*slot) {
            p->page[p->count] = b->page[i];
            *slot = ++p->count;
        }
        b->id[i] = *slot - 1;
    }
}

static void renew_page(struct numbering *p, u64 page)
{
    grow_table(p);
    u32 *slot = find_slot(p, page);
    if (!*slot)
        return;
    p->page[p->count] = page;
    *slot = ++p->count;
}

bool trace_next(struct trace *t, struct batch *b)
{
    b->n = 0;
    do {
        b->renews = false;
        t->reader.format->read(&t->reader, b);
        number_pages(&t->pages, b);
        if (b->renews)
            renew_page(&t->pages, b->renewed);
    } while (b->renews && !b->n);
    return b->n;
}

/* ---- a whole string ---- */

/* Goes from the end to the start: `seen` has the next use of each page. */
static void find_next_uses(struct string *s, u32 pages)
{
    u64 *seen = xcalloc(pages, sizeof *seen);
    s->next = xcalloc(s->n, sizeof *s->next);
    for (u64 i = s->n; i-- > 0;) {
        u64 *later = &seen[s->id[i] & ~STRING_WRITE];
        s->next[i] = *later ? (u32)(*later - i) : 0;
        *later = i;
    }
    free(seen);
}

void string_read(struct string *s, struct trace *t, bool future)
{
    struct batch b;
    u64 room = 0;
    *s = (struct string){0};
    while (trace_next(t, &b)) {
        if (s->n + b.n > room) {
            room += room / 2 + BATCH;
            s->id = xrealloc(s->id, room * sizeof *s->id);
        }
        for (u32 i = 0; i < b.n; i++)
            s->id[s->n++] = b.id[i] | (b.write[i] ? STRING_WRITE : 0);
        if (s->n >> 32)
            die(t->reader.name, "more than 2^32 references, which do not fit "
                                "into memory as a whole");
    }
    if (future)
        find_next_uses(s, t->pages.count);
}

void string_free(struct string *s)
{
    free(s->id);
    free(s->next);
}
