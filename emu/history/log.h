/* SPDX-License-Identifier: MIT */
/* The input log: everything that came from outside, with its moment. With the
 * configuration and the images it determines the run; going backwards reads
 * it, and --record writes it into a file (log_file.c). */
#ifndef CLOCKHAND_HISTORY_LOG_H
#define CLOCKHAND_HISTORY_LOG_H

#include "base/base.h"

/* A boundary between two instructions. Several may have one cycle: what has
 * been retired, trapped and dispatched so far tells them apart. No number ever
 * goes down in a machine's life. */
struct moment {
    u64 cycle, instret, traps;
    u64 events; /* of the machine's queue, dispatched */
};
/* <0, 0, >0: a before, at, after b, of one life. */
int moment_compare(struct moment a, struct moment b);
/* Instructions and traps: what stepi counts. */
static inline u64 moment_steps(struct moment m)
{
    return m.instret + m.traps;
}

enum input_kind {
    INPUT_KEYS,     /* bytes for the UART */
    INPUT_BREAK,    /* a break condition on its line */
    INPUT_POKE,     /* address (8 bytes), then bytes written to RAM */
    INPUT_TIMING,   /* one byte: enum timing */
    INPUT_REGISTER, /* number (4 bytes), value (8): machine_set_register */
    INPUT_CHECK,    /* eight bytes: what machine_digest said */
    INPUT_END,      /* a recording's: nothing, or the machine's hash in hex */
    /* The following the machine asks for as it runs. */
    INPUT_LINE, /* a byte: enum input_line; then a line of the console's file */
    INPUT_PIPE, /* bytes that the guest read from LENS_IN, in order; no
                 * moment of their own: delivered as they are asked for */
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

/* A place in the log: `next` is the entry that comes, `offset` how many of its
 * bytes have been (of a pipe). */
struct input_place {
    u64 next, offset;
};
/* Where the log ends now. */
struct input_place input_log_end(const struct input_log *l);
/* What comes at *p; false: nothing does. */
bool input_log_next(const struct input_log *l, struct input_place *p,
                    struct input_entry *e);
/* Past the entry there; of a pipe past one byte. */
void input_log_pass(const struct input_log *l, struct input_place *p);
/* Nothing comes at p any more. */
void input_log_cut(struct input_log *l, struct input_place p);
struct input_log *input_log_copy(const struct input_log *l);

/* In a file: what the machine must agree on (n bytes), then the log, then a
 * digest of all. False with a message in err. */
bool input_log_write(const struct input_log *l, const char *path,
                     const u8 *machine, size_t n, char *err, size_t size);
/* NULL with a message in err; *machine (of *n bytes) is the caller's. */
struct input_log *input_log_read(const char *path, u8 **machine, size_t *n,
                                 char *err, size_t size);

#endif
