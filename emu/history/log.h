/* SPDX-License-Identifier: MIT */
/* The input log: everything that came from outside, with its cycle. With the
 * configuration and the images it determines the run. Kept in memory; going
 * backwards and --record will read it. */
#ifndef CLOCKHAND_HISTORY_LOG_H
#define CLOCKHAND_HISTORY_LOG_H

#include "base/base.h"

enum input_kind {
    INPUT_KEYS,  /* bytes for the UART */
    INPUT_BREAK, /* a break condition on its line */
    INPUT_PIPE,  /* bytes that the guest read from LENS_IN, in order; no
                  * cycle of their own: delivered as they are asked for */
    INPUT_PIPE_END,
    INPUT_PIPE_LATER, /* a read of LENS_IN returned LENS_LATER */
    INPUT_POKE,       /* address (8 bytes), then bytes written to RAM */
    INPUT_TIMING      /* one byte: enum timing */
};
struct input_entry {
    u64 cycle;
    u32 kind; /* enum input_kind */
    u64 n;
    const u8 *bytes;
};
struct input_log;
struct input_log *input_log_new(void);
void input_log_free(struct input_log *l);
void input_log_add(struct input_log *l, u64 cycle, enum input_kind kind,
                   const void *bytes, u64 n);
u64 input_log_count(const struct input_log *l);
struct input_entry input_log_at(const struct input_log *l, u64 i);

#endif
