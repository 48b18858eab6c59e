/* SPDX-License-Identifier: MIT */
/* Shared by the writers of --refs (format: abi/refs.h): refs_stream.c writes
 * the stream of records, refs.c touches, and refs_seam.c calls across the seam,
 * which is the interface vm/policy.h. */
#pragma once

#include "history/history.h"
#include "refs.h"

#include <stdio.h>

/* ---- the stream ---- */

struct refs_stream;
/* Opens path ("-": standard output). NULL and errno: it cannot be written. */
struct refs_stream *refs_stream_open(const char *path);
void refs_stream_byte(struct refs_stream *o, u8 byte);
void refs_stream_number(struct refs_stream *o, u64 v);
/* False and errno: not all of it could be written. */
bool refs_stream_close(struct refs_stream *o);

/* ---- the writer ---- */

struct refs_seam;
struct ins_refs {
    struct machine *m;
    struct ins_events *events;
    struct refs_stream *out;
    struct refs_seam *seam; /* NULL: as refs_seam_open says */
    u64 ms, at; /* cycles of a ms; the cycle of the last REFS_CYCLES */
    u64 touches;
    u32 process;               /* of the last touch */
    u64 page[2];               /* of the last [0] fetch, [1] load or store */
    u32 of[2];                 /* the process of page[i]; NOBODY: none yet */
    u8 kinds;                  /* the kinds written for page[1], as bits */
    struct refs_fault *faults; /* accesses that faulted, not repeated yet */
    unsigned nfaults;
    u64 *root; /* without a lens: root tables seen so far, by number */
    u32 nroots;
};

/* Begins a record: writes the records that must precede it, then its head. */
void refs_record(struct ins_refs *r, enum refs_type type, unsigned bits);
void refs_text(struct ins_refs *r, const char *name, const char *value);
/* Writes a touch, if the format requires it. fault: the access has faulted; it
 * is written when the program repeats it. */
void refs_touch(struct ins_refs *r, u32 process, u64 va, enum refs_kind kind,
                bool kernel, bool fault);
/* Returns the running process's pid; without a lens, its root's number. */
u32 refs_process(struct ins_refs *r);

/* Places probes at the seam of the kernel in RAM; NULL: it has no seam, or no
 * debug information. */
struct refs_seam *refs_seam_open(struct ins_refs *r);
/* Writes the record of the latest call's entry, if it is not yet written. */
void refs_seam_settle(struct ins_refs *r);
void refs_seam_close(struct refs_seam *s);
