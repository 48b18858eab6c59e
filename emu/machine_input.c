/* SPDX-License-Identifier: MIT */
/* What comes from outside, into the machine and into the input log. */
#include <stdlib.h>

#include "machine_parts.h"

#define LINE_MAX_BYTES 256
#define CTRL_D         4

void machine_input(struct machine *m, const void *bytes, size_t n)
{
    input_log_add(m->parts->log, m->hart.cycle, INPUT_KEYS, bytes, n);
    uart_input(&m->parts->uart, bytes, n, m->hart.cycle);
}

bool machine_break(struct machine *m)
{
    if (m->off)
        return false;
    input_log_add(m->parts->log, m->hart.cycle, INPUT_BREAK, NULL, 0);
    uart_break(&m->parts->uart);
    return true;
}

/* The end of a file is a closed line, then ^D: for a guest with the lens each
 * time a program asks again, otherwise once. */
static size_t end_of_input(struct machine *m, u8 *line)
{
    struct machine_parts *p = m->parts;
    if (p->line_open) {
        p->line_open = false;
        line[0] = '\n';
        return 1;
    }
    if (p->console_ended && !p->lens.open)
        return 0;
    p->console_ended = true;
    line[0] = CTRL_D;
    return 1;
}

/* A line at a time: whoever writes the pipe may wait for the answer to it, so
 * nothing is read beyond it. */
bool machine_fetch_line(struct machine *m)
{
    struct machine_parts *p = m->parts;
    u8 line[LINE_MAX_BYTES];
    size_t n = 0;
    int c = 0;
    if (!m->io.console_in)
        return false;
    while (!p->console_ended && n < sizeof(line) && c != '\n') {
        c = m->io.console_in(m->io.opaque);
        if (c < 0)
            break;
        line[n++] = (u8)c;
    }
    if (n)
        p->line_open = line[n - 1] != '\n';
    else
        n = end_of_input(m, line);
    if (n)
        machine_input(m, line, n);
    return n > 0;
}

int machine_pipe_in(void *machine)
{
    struct machine *m = machine;
    int c = m->io.pipe_in ? m->io.pipe_in(m->io.opaque) : -1;
    u8 byte = (u8)c;
    if (c >= 0)
        input_log_add(m->parts->log, m->hart.cycle, INPUT_PIPE, &byte, 1);
    else
        input_log_add(m->parts->log, m->hart.cycle, INPUT_PIPE_END, NULL, 0);
    return c;
}

bool machine_peek(struct machine *m, u64 pa, void *p, size_t n)
{
    struct dma quiet = {.ram = m->ram, .ram_bytes = m->ram_bytes};
    return dma_read(&quiet, pa, p, n);
}

bool machine_poke(struct machine *m, u64 pa, const void *p, size_t n)
{
    struct machine_parts *q = m->parts;
    if (!dma_ok(&q->lens.dma, pa, n))
        return false;
    u8 *entry = xcalloc(1, n + 8);
    put_le(entry, pa, 8);
    memcpy(entry + 8, p, n);
    input_log_add(q->log, m->hart.cycle, INPUT_POKE, entry, n + 8);
    free(entry);
    return dma_write(&q->lens.dma, pa, p, n);
}

void machine_set_timing(struct machine *m, enum timing t)
{
    u8 byte = (u8)t;
    bool timed = t == TIMING_CYCLE;
    if (timed == engine_timed(m->engine))
        return;
    input_log_add(m->parts->log, m->hart.cycle, INPUT_TIMING, &byte, 1);
    engine_set_timed(m->engine, timed);
}
