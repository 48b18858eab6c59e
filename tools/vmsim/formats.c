/* SPDX-License-Identifier: MIT */
/* Reads the formats of foreign traces: numbers in lines, valgrind's lackey,
 * libCacheSim's oracleGeneral. */
#include "base/text.h"
#include "tools/vmsim/trace.h"

#include <errno.h>

/* Parses a number and moves *at past it; false: no digit, or above 64 bits. */
static bool parse_number(char **at, unsigned base, u64 *number)
{
    char *p = *at;
    u64 n = 0;
    for (u8 d; (d = text_digit[(u8)*p]) && d <= base; p++) {
        u64 digit = d - 1u;
        if (unlikely(p - *at >= 15) && n > (~0ull - digit) / base)
            return false;
        n = n * base + digit;
    }
    bool any = p != *at;
    *at = p;
    *number = n;
    return any;
}

static bool is_text(const u8 *first, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if ((first[i] < ' ' && !strchr("\t\r\n", first[i])) ||
            first[i] == 127 || !first[i])
            return false;
    return true;
}

/* ---- plain: page numbers; skips `!` lines (--dump's calls) ---- */

/* Parses `12` or `0x1f w` and what may be behind it: a comma, blanks. */
static void parse_plain(struct reader *r, char **at, u64 *page, bool *write)
{
    char *p = *at;
    bool hex = p[0] == '0' && (p[1] | 32) == 'x';
    p += hex ? 2 : 0;
    bool ok = parse_number(&p, hex ? 16 : 10, page);
    char *behind = text_skip_blanks(p);
    *write = behind > p && *behind == 'w';
    p = *write ? behind + 1 : p;
    behind = text_skip_blanks(p);
    if (!ok || (behind == p && !strchr("\n#,", *p)))
        reader_bad(r, "not a page number, alone or with `w` after it");
    *at = *behind == ',' ? text_skip_blanks(behind + 1) : behind;
}

static void read_plain(struct reader *r, struct batch *b)
{
    char *p;
    while (b->n < BATCH && (p = r->inside ? r->at : reader_line(r))) {
        p = text_skip_blanks(p);
        if (*p != '#' && *p != '\n' && (*p != '!' || r->inside)) {
            parse_plain(r, &p, &b->page[b->n], &b->write[b->n]);
            b->n++;
        }
        r->inside = *p != '#' && *p != '\n' && *p != '!';
        r->at = r->inside ? p : (char *)rawmemchr(p, '\n') + 1;
    }
}

const struct trace_format format_plain = {
    "plain",
    "page numbers, in lines of one or of several with blanks or commas "
    "between; `w` after one: a write; # begins a comment",
    is_text, read_plain, NULL};

/* ---- lackey: valgrind --tool=lackey --trace-mem=yes ---- */

/* Returns the kind of a line `I  04016b80,3`, ` L 1ffeffe7e,8`, ` S ...` or
 * ` M ...` and moves *at to its address; 0: the line is none of these. */
static char parse_lackey_kind(char **at)
{
    char *p = *at, kind = *p == ' ' ? p[1] : *p;
    bool ok = *p == ' '
                  ? (kind == 'L' || kind == 'S' || kind == 'M') && p[2] == ' '
                  : kind == 'I' && p[1] == ' ' && p[2] == ' ';
    *at = p + 3;
    return ok ? kind : '\0';
}

static bool is_lackey(const u8 *first, size_t n)
{
    char line[3], *p = line;
    size_t at = 0;
    if (!is_text(first, n))
        return false;
    for (; at < n; at++) { /* valgrind's own lines come first */
        const u8 *newline = memchr(first + at, '\n', n - at);
        size_t length = newline ? (size_t)(newline - first) - at : n - at;
        if (length > sizeof line && first[at] != '=') {
            memcpy(line, first + at, sizeof line);
            return parse_lackey_kind(&p);
        }
        at += length;
    }
    return n > 2 && first[0] == '=' && first[1] == '=';
}

/* Pages have 4 KiB; an access across a page boundary references both pages. */
static void read_lackey(struct reader *r, struct batch *b)
{
    char *p;
    u64 address, size;
    while (b->n + 2 <= BATCH && (p = reader_line(r))) {
        r->at = (char *)rawmemchr(p, '\n') + 1;
        if (*p == '=' || *p == '\n')
            continue;
        char kind = parse_lackey_kind(&p);
        if (!kind || !parse_number(&p, 16, &address) || *p++ != ',' ||
            !parse_number(&p, 10, &size) || !size || size > PAGE_BYTES ||
            address + size - 1 < address || *text_skip_blanks(p) != '\n')
            reader_bad(r, "not `I|L|S|M address,size`");
        u64 page = address >> PAGE_SHIFT;
        u64 last = (address + size - 1) >> PAGE_SHIFT;
        for (; page <= last && b->n < BATCH; page++) {
            b->page[b->n] = page;
            b->write[b->n++] = kind == 'S' || kind == 'M';
        }
    }
}

const struct trace_format format_lackey = {
    "lackey", "valgrind --tool=lackey --trace-mem=yes; pages of 4 KiB",
    is_lackey, read_lackey, NULL};

/* ---- oracle: libCacheSim's oracleGeneral ---- */

/* A packed, little-endian record: u32 time, u64 object, u32 size, i64 next
 * access (-1: none). is_oracle() knows the format by times and next
 * accesses. */
#define ORACLE_RECORD 24

/* True if times never decrease and each next access lies ahead. */
static bool is_oracle(const u8 *first, size_t n)
{
    u64 time = 0;
    for (size_t at = 0; at + ORACLE_RECORD <= n; at += ORACLE_RECORD) {
        s64 next = (s64)get_le(first + at + 16, 8);
        if (get_le(first + at, 4) < time || next < -1 ||
            (next >= 0 && (u64)next <= at / ORACLE_RECORD))
            return false;
        time = get_le(first + at, 4);
    }
    return n >= ORACLE_RECORD && !is_text(first, n);
}

/* Says once that sizes are ignored, if they differ. */
static void note_size(struct reader *r, u64 size)
{
    if (!r->size)
        r->size = size;
    if (likely(r->size == size || r->size == ~0ull))
        return;
    complain(r->name, "sizes are ignored: each object is a page, though some "
                      "are larger than others");
    r->size = ~0ull;
}

static void read_oracle(struct reader *r, struct batch *b)
{
    u8 record[BATCH * ORACLE_RECORD];
    size_t bytes = fread(record, 1, sizeof record, r->f);
    if (ferror(r->f))
        die(r->name, "%s", strerror(errno));
    b->n = (u32)(bytes / ORACLE_RECORD);
    r->line += b->n;
    if (bytes % ORACLE_RECORD) {
        r->line++;
        reader_bad(r, "cut short");
    }
    for (u32 i = 0; i < b->n; i++) {
        const u8 *at = record + i * ORACLE_RECORD;
        b->page[i] = get_le(at + 4, 8);
        b->write[i] = false;
        note_size(r, get_le(at + 12, 4));
    }
}

const struct trace_format format_oracle = {
    "oracle",
    "libCacheSim's oracleGeneral, 24 bytes a reference; each object is a page: "
    "sizes, times and next accesses are ignored",
    is_oracle, read_oracle, NULL};
