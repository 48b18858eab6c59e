/* SPDX-License-Identifier: MIT */
/* Reads a string of page references from a file of any format, also compressed
 * by zstd, a batch at a time, and numbers its pages 0, 1, 2... in the order of
 * their first use. Textbook policies know pages by these numbers. */
#pragma once

#include "base/base.h"

#include <stdio.h>

#define BATCH 1024 /* references that are read at once */

struct batch {
    u32 n;           /* 0: the trace has ended */
    u64 page[BATCH]; /* as the file names them */
    u32 id[BATCH];   /* numbered (trace_next) */
    bool write[BATCH];
    bool renews; /* after these references page `renewed` is a new page, with
                  * another number */
    u64 renewed;
};

struct reader;
struct trace_format {
    const char *name, *line; /* --format NAME; --format list */
    /* True if a file with these first n bytes may have this format. */
    bool (*is)(const u8 *first, size_t n);
    /* Fills page and write of up to BATCH references; n == 0, !renews: end. */
    void (*read)(struct reader *, struct batch *);
    void (*close)(struct reader *); /* or NULL */
};
extern const struct trace_format format_plain, format_lackey, format_oracle,
    format_refs;
void trace_format_list(void);

/* The input of a format's read(): a file, its name and place for messages. */
struct reader {
    const struct trace_format *format;
    FILE *f;
    const char *name;
    u64 line; /* number of the last line, or binary record, read */
    /* Text that is read and not yet parsed: at..end. Its whole lines end at
     * `whole`; *end is '\n'. */
    char *text, *at, *whole, *end;
    bool inside; /* format_plain: `at` is behind a line's first number */
    u64 size;    /* format_oracle: of the first object; ~0: not all are alike */
    struct refs_file *refs; /* format_refs, after its first read() */
    bool ended;
};

/* Reads whole lines into the reader's buffer, when r->at has come to r->whole.
 * False: the file has ended. */
bool reader_refill(struct reader *);
/* Returns the next line of text, which ends with '\n'; NULL: there is none. The
 * caller, having parsed it, sets r->at past its '\n'. */
static inline char *reader_line(struct reader *r)
{
    if (r->at >= r->whole && !reader_refill(r))
        return NULL;
    r->line++;
    return r->at;
}
_Noreturn void reader_bad(struct reader *, const char *why);

/* Numbers pages: a hash table of numbers, and each number's page. */
struct numbering {
    u32 *slot; /* a number + 1; 0: empty */
    u32 slots; /* a power of two */
    u64 *page;
    u32 count, room;
};

struct trace {
    struct reader reader;
    struct numbering pages;
};

/* Opens a file ("-": standard input); format NULL: the first bytes decide.
 * Errors end the program with one line. */
void trace_open(struct trace *, const char *path, const char *format);
/* Starts a trace of an open file in plain format; `name` is for messages. */
void trace_of(struct trace *, FILE *f, const char *name);
/* Reads and numbers the next batch; false at the end. */
bool trace_next(struct trace *, struct batch *);
void trace_close(struct trace *);

/* A whole trace in memory, for policies that need its future, and for several
 * passes: 4 bytes a reference, with `next` 8. */
struct string {
    u64 n;
    u32 *id;   /* bit 31: a write */
    u32 *next; /* references until the page is used again; 0: never.
                * NULL if string_read had future == false. */
};
#define STRING_WRITE (1u << 31)
void string_read(struct string *, struct trace *, bool future);
void string_free(struct string *);
