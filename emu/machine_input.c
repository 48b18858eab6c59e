/* SPDX-License-Identifier: MIT */
/* What comes from outside, into the machine and into the input log. */
#include <stdlib.h>

#include "machine_parts.h"

#define LINE_BYTES_MAX (1u << 20) /* then it is not a line */
#define CTRL_D         4

/* ---- when to look whether a guest without the lens wants input ---------- */

#define FEEDS_A_SECOND 100

static u64 next_look(const struct machine *m, u64 now)
{
    u64 period = m->clock_hz / FEEDS_A_SECOND;
    return now - now % period + period;
}

/* The hart sleeps until `to`. If nobody listens there is nothing to look for
 * before: an hour of sleep costs no more than a moment. Whether there is
 * anything to give is not asked: it is not the machine's state. */
void machine_feed_asleep(struct machine *m, u64 to)
{
    u64 *at = &m->events.at[EV_INPUT];
    if (*at < to && !uart_hungry(&m->parts->uart))
        *at = next_look(m, to - 1); /* at `to`, if that is one's time */
}

/* Something came from outside, before that. */
static void feed_awake(struct machine *m)
{
    u64 *at = &m->events.at[EV_INPUT], soon = next_look(m, m->hart.cycle);
    if (*at != NEVER && *at > soon)
        *at = soon;
}

/* ---- what comes --------------------------------------------------------- */

void machine_input(struct machine *m, const void *bytes, size_t n)
{
    m->parts->console_owed = false;
    input_log_add(m->parts->log, m->hart.cycle, INPUT_KEYS, bytes, n);
    uart_input(&m->parts->uart, bytes, n, m->hart.cycle);
    feed_awake(m);
}

bool machine_break(struct machine *m)
{
    if (m->off)
        return false;
    input_log_add(m->parts->log, m->hart.cycle, INPUT_BREAK, NULL, 0);
    uart_break(&m->parts->uart);
    feed_awake(m);
    return true;
}

/* A line of the console's file or pipe, to *line (xcalloc); *n bytes. A last
 * line that is not closed is closed; nothing is read beyond the line, since
 * whoever writes the pipe may wait for the answer to it. Returns the last byte,
 * or -1 at the end, or HOST_IN_LATER after what there is so far. */
static int read_line(struct machine *m, u8 **line, size_t *n)
{
    size_t room = 0;
    int c = 0;
    for (*n = 0, *line = NULL; c != '\n' && *n < LINE_BYTES_MAX;) {
        c = m->io.console_in(m->io.opaque);
        if (c == HOST_IN_LATER || (c < 0 && *n == 0))
            break;
        if (*n == room)
            *line = xrealloc(*line, room = room * 2 + 256);
        if (c < 0)
            c = '\n';
        (*line)[(*n)++] = (u8)c;
    }
    return c;
}

/* After the last line comes ^D, again and again as programs ask: the end of a
 * file does not go away. Without the lens nobody has asked yet when the end is
 * found: it waits for its time (quiet_enough). */
void machine_fetch_line(struct machine *m)
{
    struct machine_parts *p = m->parts;
    const u8 end = CTRL_D;
    u8 *line = NULL;
    size_t n = 0;
    p->console_owed = false;
    int last = p->console_ended ? -1 : read_line(m, &line, &n);
    if (n)
        machine_input(m, line, n);
    free(line);
    if (last == HOST_IN_LATER) {
        p->console_owed = p->lens.open; /* without it, we look again anyway */
        machine_ask_stop(m);            /* somebody may want to save it */
    }
    if (n || last == HOST_IN_LATER)
        return;
    if (p->console_ended || p->lens.open)
        machine_input(m, &end, 1);
    p->console_ended = true;
}

/* ---- guests without the lens -------------------------------------------- */

/* They cannot say that a program waits for input. So the machine looks every
 * 10 ms, and gives a line when the receiver is empty but listened to, no disk
 * works, and the console has been quiet for so long that whoever runs must be
 * waiting: at once for a program that polls, 1/4 s for a kernel that sleeps,
 * 1 s for one that spins (xv6). The end of input comes later, since a guest
 * that still boots easily loses it. */
bool machine_may_feed(const struct machine *m)
{
    const struct machine_parts *p = m->parts;
    return m->io.console_in && !p->lens.open && uart_hungry(&p->uart);
}

static u64 quiet_enough(const struct machine *m)
{
    const struct machine_parts *p = m->parts;
    if (uart_starved(&p->uart))
        return 0;
    if (p->console_ended)
        return 2 * m->clock_hz;
    return m->hart.wfi ? m->clock_hz / 4 : m->clock_hz;
}

static bool disk_busy(const struct machine *m)
{
    for (int i = EV_DISK0; i <= EV_DISK7; i++)
        if (m->events.at[i] != NEVER)
            return true;
    return false;
}

void machine_feed(struct machine *m)
{
    struct machine_parts *p = m->parts;
    u64 now = m->hart.cycle;
    m->events.at[EV_INPUT] = p->lens.open ? NEVER : next_look(m, now);
    if (p->console_owed)
        machine_fetch_line(m);
    if (machine_may_feed(m) && !disk_busy(m) &&
        now - p->uart.last_used >= quiet_enough(m))
        machine_fetch_line(m);
}

/* The guest reads again after HOST_IN_LATER: the machine stops before that. */
int machine_pipe_in(void *machine)
{
    struct machine *m = machine;
    int c = m->io.pipe_in ? m->io.pipe_in(m->io.opaque) : -1;
    bool later = c == HOST_IN_LATER;
    u8 byte = (u8)c;
    if (c >= 0)
        input_log_add(m->parts->log, m->hart.cycle, INPUT_PIPE, &byte, 1);
    else
        input_log_add(m->parts->log, m->hart.cycle,
                      later ? INPUT_PIPE_LATER : INPUT_PIPE_END, NULL, 0);
    if (later)
        machine_ask_stop(m);
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
