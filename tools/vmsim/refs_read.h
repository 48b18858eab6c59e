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
    /* of REFS_TOUCH; process and page also of REFS_BORN */
    uint32_t process;
    uint64_t page;
    enum refs_kind kind;
    bool kernel, fault;
    /* of REFS_SEAM. value: the words as in the file; in a WHOLE record the
     * words of the call's entry (`entered` of them) precede its return's. */
    enum refs_part part;
    uint32_t stack;
    enum seam_row row;
    unsigned nvalues, entered;
    uint64_t value[2 * SEAM_WORDS];
    /* of REFS_LIST */
    enum refs_list to;
    uint32_t list, frame;
    /* of REFS_TEXT; ends with a NUL */
    char text[256];
};

struct refs_file;
/* True if these first n bytes, decompressed, begin what --refs writes. */
bool refs_is(const uint8_t *first, size_t n);
/* Opens a file of --refs ("-": standard input). NULL, with a reason in why (n
 * bytes): it cannot be read, or is no file of --refs. */
struct refs_file *refs_open(const char *path, char *why, size_t n);
/* Like refs_open(), but reads a decompressed stream (unzip.h), which the caller
 * closes later. */
struct refs_file *refs_open_stream(FILE *, char *why, size_t n);
/* Reads the next record. Returns 1; 0: the file has ended; -1: it is damaged,
 * and refs_why() has the reason. */
int refs_next(struct refs_file *, struct refs_record *);
const char *refs_why(const struct refs_file *);
void refs_close(struct refs_file *);

extern const struct refs_row {
    const char *name, *text; /* name: such as "page_in" or "policy_kind" */
    bool op;                 /* a call from mechanism to a policy */
} refs_rows[SEAM_ROWS];
/* Returns how many words that part of a call has; text: of refs_rows[row]. */
unsigned refs_words(const char *text, enum refs_part);

/* Prints a line that vmsim reads: a touch as refs_number(), ` w` for a store,
 * and details as a comment; a seam call, a list change and a new page of zeros
 * after a `!`; cycles and texts as comments. Other records print nothing. */
void refs_print(const struct refs_record *, FILE *);
