/* SPDX-License-Identifier: MIT */
/* Reads files of --refs (abi/refs.h). */
#pragma once

#include "abi/refs.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct refs_record {
    enum refs_type type;
    uint64_t cycle; /* of the last REFS_CYCLES */
    /* REFS_TOUCH; REFS_BORN: process and page */
    uint32_t process;
    uint64_t page;
    enum refs_kind kind;
    bool kernel, fault;
    /* REFS_SEAM. value: the words as in the file; in a WHOLE record the
     * `entered` words of entering come first. */
    enum refs_part part;
    uint32_t stack;
    enum seam_row row;
    unsigned nvalues, entered;
    uint64_t value[2 * SEAM_WORDS];
    /* REFS_LIST */
    enum refs_list to;
    uint32_t list, frame;
    /* REFS_TEXT; ends with a NUL */
    char text[256];
};

struct refs_file;
/* True if it is such a file. (Its first bytes are zstd's.) */
bool refs_is(const void *first, size_t n);
/* "-": standard input. NULL, with a reason in why (n bytes): it cannot be
 * read, or is no such file. */
struct refs_file *refs_open(const char *path, char *why, size_t n);
/* The same from a stream, which stays the caller's. */
struct refs_file *refs_open_stream(FILE *, char *why, size_t n);
/* Reads the next record. 1; 0: there are no more; -1: the file is damaged, and
 * refs_why has the reason. */
int refs_next(struct refs_file *, struct refs_record *);
const char *refs_why(const struct refs_file *);
void refs_close(struct refs_file *);

/* A row's name, as "page_in" and "policy_kind", and its text. */
const char *refs_row_name(enum seam_row);
const char *refs_row_text(enum seam_row);
/* True for a call from mechanism to a policy. */
bool refs_row_is_op(enum seam_row);
/* The number of words of entering a call, of leaving it, or of both. */
unsigned refs_words(const char *text, enum refs_part);

/* A line that vmsim takes: a touch as its number (refs_number), ` w` if it is
 * a store, and a comment with the rest; a call across the seam, and a change of
 * a list, after a `!`; all else as a comment. */
void refs_print(const struct refs_record *, FILE *);
