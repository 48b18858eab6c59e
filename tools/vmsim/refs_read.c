/* SPDX-License-Identifier: MIT */
#include "tools/vmsim/refs_read.h"

#include "tools/vmsim/unzip.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

const struct refs_row refs_rows[SEAM_ROWS] = {
#define SEAM_OP(name, text, ...) [SEAM_OP_##name] = {#name, text, true},
#define SEAM_RUN(i)              [SEAM_RUN_##i] = {"run" #i, SEAM_RUN_TEXT, true},
#define SEAM_CALL(name, text, ...)                                             \
    [SEAM_##name] = {"policy_" #name, text, false},
#include "abi/seam.def"
};

struct refs_file {
    FILE *f;    /* decompressed */
    bool own_f; /* f was opened here */
    bool bad;
    char why[160];
    uint64_t cycle, touches, page[2]; /* page: last fetched, last accessed as
                                       * data */
    uint32_t process, stack;
};

/* ---- bytes ---- */

bool refs_is(const uint8_t *first, size_t n)
{
    size_t magic = strlen(REFS_MAGIC);
    return n >= magic && !memcmp(first, REFS_MAGIC, magic);
}

static int damaged(struct refs_file *r, const char *why)
{
    if (!r->bad)
        snprintf(r->why, sizeof r->why, "%s", why);
    r->bad = true;
    return -1;
}

/* Returns the next byte; -1: the file is cut short or damaged. */
static int byte(struct refs_file *r)
{
    int b = getc_unlocked(r->f);
    if (b < 0)
        damaged(r, ferror(r->f) ? strerror(errno) : "cut short");
    return b;
}

static uint64_t read_number(struct refs_file *r)
{
    uint64_t v = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        int b = byte(r);
        if (b < 0)
            return 0;
        v |= (uint64_t)(b & 0x7f) << shift;
        if (!(b & 0x80))
            return v;
    }
    damaged(r, "a number of more than 64 bits");
    return 0;
}

struct refs_file *refs_open_stream(FILE *f, char *why, size_t n)
{
    struct refs_file *r = calloc(1, sizeof *r);
    if (!r)
        abort();
    r->f = f;
    for (const char *m = REFS_MAGIC; *m; m++)
        if (byte(r) != *m) {
            snprintf(why, n, "%s", r->bad ? r->why : "not a file of --refs");
            refs_close(r);
            return NULL;
        }
    return r;
}

struct refs_file *refs_open(const char *path, char *why, size_t n)
{
    bool standard = !strcmp(path, "-");
    FILE *f = standard ? stdin : fopen(path, "rb");
    if (!f) {
        snprintf(why, n, "%s", strerror(errno));
        return NULL;
    }
    f = unzip_open(f, standard ? "standard input" : path);
    struct refs_file *r = refs_open_stream(f, why, n);
    if (r)
        r->own_f = f != stdin;
    else if (f != stdin)
        fclose(f);
    return r;
}

void refs_close(struct refs_file *r)
{
    if (!r)
        return;
    if (r->own_f)
        fclose(r->f);
    free(r);
}

const char *refs_why(const struct refs_file *r)
{
    return r->why;
}

/* ---- records ---- */

/* Returns how many words a parameter (a letter of abi/seam.def) has in the
 * record of a call's entry, or of its return (leaving). */
static unsigned letter_words(char c, bool leaving)
{
    switch (c) {
    case 'm':
        return 1;
    case 'Z':
        return leaving ? 0 : 4;
    case 'L':
        return leaving ? 3 : 0;
    case 'M':
        return leaving ? 28 : 0;
    case 'P':
        return leaving ? 5 : 0;
    default:
        return !leaving;
    }
}

unsigned refs_words(const char *text, enum refs_part part)
{
    unsigned n = 0;
    const char *result = strchr(text, '>') + 1;
    if (part == REFS_WHOLE)
        return refs_words(text, REFS_ENTER) + refs_words(text, REFS_LEAVE);
    for (const char *p = text; *p != '>'; p++)
        n += letter_words(*p, part == REFS_LEAVE);
    if (part == REFS_LEAVE && *result)
        n += *result == 't' ? 2 : *result == 'L' ? 3 : 1;
    return n;
}

static void read_touch(struct refs_file *r, struct refs_record *out,
                       unsigned bits)
{
    uint64_t *page;
    out->kind = bits & 3;
    if (out->kind > REFS_STORE)
        damaged(r, "a touch of an unknown kind");
    page = &r->page[out->kind != REFS_FETCH];
    *page += (uint64_t)refs_unfold(read_number(r));
    out->kernel = bits >> 2 & 1;
    out->fault = bits >> 3 & 1;
    out->page = *page;
    out->process = r->process;
    r->touches++;
}

static void read_seam(struct refs_file *r, struct refs_record *out,
                      unsigned bits)
{
    out->part = bits & 3;
    if (bits & 4)
        r->stack = (uint32_t)read_number(r);
    out->stack = r->stack;
    uint64_t row = read_number(r);
    if (row >= SEAM_ROWS || out->part > REFS_LEAVE) {
        damaged(r, "a call that is not in abi/seam.def");
        return;
    }
    out->row = (enum seam_row)row;
    out->nvalues = refs_words(refs_rows[row].text, out->part);
    out->entered = out->part == REFS_LEAVE
                       ? 0
                       : refs_words(refs_rows[row].text, REFS_ENTER);
    for (unsigned i = 0; i < out->nvalues; i++)
        out->value[i] = read_number(r);
}

static void read_text(struct refs_file *r, struct refs_record *out)
{
    uint64_t n = read_number(r);
    if (n >= sizeof out->text) {
        damaged(r, "a text that is too long");
        return;
    }
    for (uint64_t i = 0; i < n; i++)
        out->text[i] = (char)byte(r);
    out->text[n] = '\0';
}

static int end(struct refs_file *r)
{
    if (read_number(r) != r->touches && !r->bad)
        return damaged(r, "its end counts other touches");
    if (!r->bad && getc_unlocked(r->f) != EOF)
        return damaged(r, "something follows its end");
    return r->bad ? -1 : 0;
}

int refs_next(struct refs_file *r, struct refs_record *out)
{
    int b = byte(r);
    if (b < 0)
        return -1;
    unsigned bits = (unsigned)b >> 3;
    out->type = b & 7;
    switch (out->type) {
    case REFS_END:
        return end(r);
    case REFS_TOUCH:
        read_touch(r, out, bits);
        break;
    case REFS_PROCESS:
        out->process = r->process = (uint32_t)read_number(r);
        break;
    case REFS_CYCLES:
        r->cycle += read_number(r);
        break;
    case REFS_SEAM:
        read_seam(r, out, bits);
        break;
    case REFS_LIST:
        out->to = bits & 3;
        out->list = out->to == REFS_OFF ? 0 : (uint32_t)read_number(r);
        out->frame = (uint32_t)read_number(r);
        if (out->to > REFS_TAIL)
            return damaged(r, "a place that no list has");
        break;
    case REFS_TEXT:
        read_text(r, out);
        break;
    case REFS_BORN:
        out->process = (uint32_t)read_number(r);
        out->page = read_number(r);
        break;
    default:
        return damaged(r, "a record of an unknown type");
    }
    out->cycle = r->cycle;
    return r->bad ? -1 : 1;
}

/* ---- as text ---- */

static void print_value(char letter, uint64_t word, FILE *f)
{
    uint64_t v = refs_unword(letter, word);
    if (letter == 'u' && v == 0xffffffffu)
        fprintf(f, " none");
    else if (v != word)
        fprintf(f, " %" PRId64, (int64_t)v);
    else
        fprintf(f, " %" PRIu64, v);
}

static void print_entered(const char *text, const uint64_t *v, FILE *f)
{
    for (; *text != '>'; text++)
        for (unsigned i = letter_words(*text, false); i > 0; i--)
            print_value(*text, *v++, f);
}

static void print_left(const char *text, const uint64_t *v, FILE *f)
{
    const char *result = strchr(text, '>') + 1;
    unsigned n = refs_words(text, REFS_LEAVE);
    if (n)
        fprintf(f, " =");
    for (unsigned i = 0; i < n; i++)
        print_value(i || !*result ? 'n' : *result, v[i], f);
}

static void print_seam(const struct refs_record *r, FILE *f)
{
    const char *text = refs_rows[r->row].text;
    fprintf(f, "!%u %s", r->stack, refs_rows[r->row].name);
    if (r->part != REFS_LEAVE)
        print_entered(text, r->value, f);
    if (r->part == REFS_ENTER)
        fprintf(f, " {");
    if (r->part == REFS_LEAVE)
        fprintf(f, " }");
    if (r->part != REFS_ENTER)
        print_left(text, r->value + r->entered, f);
    fputc('\n', f);
}

void refs_print(const struct refs_record *r, FILE *f)
{
    static const char *const kinds[] = {"fetch", "load", "store"};
    static const char *const lists[] = {"off", "head", "tail"};
    switch (r->type) {
    case REFS_TOUCH:
        fprintf(f, "%" PRIu64 "%s # %u %#" PRIx64 " %s%s%s\n",
                refs_number(r->process, r->page),
                r->kind == REFS_STORE ? " w" : "", r->process, r->page << 12,
                kinds[r->kind], r->kernel ? " kernel" : "",
                r->fault ? " fault" : "");
        break;
    case REFS_CYCLES:
        fprintf(f, "# cycle %" PRIu64 "\n", r->cycle);
        break;
    case REFS_SEAM:
        print_seam(r, f);
        break;
    case REFS_LIST:
        fprintf(f, "!list %u %s %u\n", r->list, lists[r->to], r->frame);
        break;
    case REFS_TEXT:
        fprintf(f, "# %s\n", r->text);
        break;
    case REFS_BORN:
        fprintf(f, "!born %" PRIu64 "\n", refs_number(r->process, r->page));
        break;
    default:
        break;
    }
}
