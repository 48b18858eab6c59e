/* SPDX-License-Identifier: MIT */
/* The input log holds all inputs from outside, with their moments. The log, the
 * configuration and the images determine the run. Going backwards reads the
 * log; --record writes it into a file (log_file.c). */
#pragma once

#include "base/base.h"

/* A boundary between two instructions. Several boundaries may have the same
 * cycle; the numbers of instructions retired, traps taken and events dispatched
 * distinguish them. No number decreases during a run. */
struct moment {
    u64 cycle, instret, traps;
    u64 events; /* those that the machine dispatched, and inputs */
};
/* Returns <0, 0, >0 if a is before, at, after b in one run. */
int moment_compare(struct moment a, struct moment b);
/* Returns the number of instructions and traps: steps, as stepi counts them. */
static inline u64 moment_steps(struct moment m)
{
    return m.instret + m.traps;
}

enum input_kind {
    INPUT_KEYS,     /* bytes for the UART */
    INPUT_BREAK,    /* a break condition on the UART's line */
    INPUT_POKE,     /* address (8 bytes), then bytes written to RAM */
    INPUT_TIMING,   /* one byte: enum timing */
    INPUT_REGISTER, /* number (4 bytes), value (8): machine_set_register */
    INPUT_CHECK,    /* eight bytes: the result of machine_digest */
    INPUT_END, /* a recording's end: no bytes, or the machine's hash in hex */
    /* Inputs that the machine asks for as it runs: */
    INPUT_LINE, /* a byte: enum input_line; then a line of the console's file */
    INPUT_PIPE, /* bytes that the guest read from LENS_IN, in order. They have
                 * no moments: each is delivered when the guest asks. */
    INPUT_PIPE_END,
    INPUT_PIPE_LATER, /* a read of LENS_IN returned LENS_LATER */
    INPUT_KINDS
};
static inline bool input_is_asked_for(u32 kind)
{
    return kind >= INPUT_LINE;
}
enum input_line { LINE_WHOLE, LINE_LATER, LINE_END };

struct input_entry {
    struct moment at;
    u32 kind; /* enum input_kind */
    u64 n;
    const u8 *bytes;
};
struct input_log;
struct input_log *input_log_new(void);
void input_log_free(struct input_log *l);
void input_log_add(struct input_log *l, struct moment at, enum input_kind kind,
                   const void *bytes, u64 n);
u64 input_log_count(const struct input_log *l);
struct input_entry input_log_at(const struct input_log *l, u64 i);

/* A place in the log: `next` is the next entry. Of a pipe's entry, the first
 * `offset` bytes have been delivered already. */
struct input_place {
    u64 next, offset;
};
/* Returns the log's present end. */
struct input_place input_log_end(const struct input_log *l);
/* Moves *p past a used-up pipe entry; gets the entry at *p. False: the end. */
bool input_log_next(const struct input_log *l, struct input_place *p,
                    struct input_entry *e);
/* Moves *p past its entry, or past one byte in a pipe's entry. */
void input_log_pass(const struct input_log *l, struct input_place *p);
/* Drops all entries from p on. */
void input_log_cut(struct input_log *l, struct input_place p);
struct input_log *input_log_copy(const struct input_log *l);

/* Writes a file: the machine's configuration (n bytes), then the log, then a
 * digest of both. If that fails, returns false with a message in err. */
bool input_log_write(const struct input_log *l, const char *path,
                     const u8 *machine, size_t n, char *err, size_t size);
/* Reads such a file; the caller frees *machine (*n bytes). If that fails,
 * returns NULL with a message in err. */
struct input_log *input_log_read(const char *path, u8 **machine, size_t *n,
                                 char *err, size_t size);
