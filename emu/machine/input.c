/* SPDX-License-Identifier: MIT */
/* Input from outside goes into the machine and into the input log. */
#include <stdlib.h>

#include "machine/parts.h"

#define LINE_BYTES_MAX (1u << 20) /* a longer line comes in pieces */
#define CTRL_D         4

/* ---- when to look whether a guest without the lens wants input ---------- */

#define FEEDS_A_SECOND 100

static u64 next_look(const struct machine *m, u64 now)
{
    u64 period = m->clock_hz / FEEDS_A_SECOND;
    return now - now % period + period;
}

/* The hart sleeps until `to`. If the guest does not listen to the UART, skips
 * the looks before `to`: an hour of sleep costs no more than a moment. Input
 * waiting on the host must not matter here: it is not the machine's state. */
void machine_feed_asleep(struct machine *m, u64 to)
{
    u64 *at = &m->events.at[EV_INPUT];
    if (*at < to && !uart_hungry(&m->parts->uart))
        *at = next_look(m, to - 1); /* the first look not before `to` */
}

/* Brings a distant next look forward, since input has arrived. */
static void feed_awake(struct machine *m)
{
    u64 *at = &m->events.at[EV_INPUT], soon = next_look(m, machine_now(m));
    if (*at != NEVER && *at > soon)
        *at = soon;
}

/* ---- keys and lines ----------------------------------------------------- */

void machine_log_input(struct machine *m, enum input_kind kind, const void *p,
                       size_t n)
{
    history_input(m->past, kind, p, n);
    m->parts->dispatched += !input_is_asked_for(kind);
}

static void type(struct machine *m, const void *bytes, size_t n)
{
    m->parts->console_owed = false;
    uart_input(&m->parts->uart, bytes, n, machine_now(m));
    feed_awake(m);
}

void machine_input(struct machine *m, const void *bytes, size_t n)
{
    if (history_past(m->past))
        return;
    machine_log_input(m, INPUT_KEYS, bytes, n);
    type(m, bytes, n);
}

static void line_break(struct machine *m)
{
    uart_break(&m->parts->uart);
    feed_awake(m);
}

bool machine_break(struct machine *m)
{
    if (m->off || history_past(m->past))
        return false;
    machine_log_input(m, INPUT_BREAK, NULL, 0);
    line_break(m);
    return true;
}

/* Reads a line of the console's file or pipe to *line (to free), *n bytes. A
 * last line without an end gets one. Nothing is read beyond the line, since the
 * writer of the pipe may wait for the answer to it. Returns the last byte, -1
 * at the end of the file, or HOST_IN_LATER if the rest of the line has not come
 * yet. */
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

/* Returns the next line and logs it; in the past reads it from the log. The
 * first byte is of enum input_line, then comes the line; *n counts both. */
static u8 *next_line(struct machine *m, size_t *n)
{
    struct machine_parts *p = m->parts;
    struct input_entry e;
    u8 *line = NULL, *all;
    if (history_past(m->past)) {
        bool there = history_take(m->past, INPUT_LINE, &e);
        *n = there ? e.n : 1;
        all = xcalloc(1, *n);
        all[0] = LINE_LATER;
        if (there)
            memcpy(all, e.bytes, e.n);
        return all;
    }
    int last = p->console_ended ? -1 : read_line(m, &line, n);
    all = xcalloc(1, *n + 1);
    all[0] = last == HOST_IN_LATER ? LINE_LATER : *n ? LINE_WHOLE : LINE_END;
    if (*n)
        memcpy(all + 1, line, *n);
    free(line);
    machine_log_input(m, INPUT_LINE, all, ++*n);
    return all;
}

/* Types the next line. The end of the file becomes ^D, once for each program
 * that asks after the last line. Without the lens no program has asked yet when
 * the end is found: ^D waits until the guest is quiet (quiet_enough). */
void machine_fetch_line(struct machine *m)
{
    struct machine_parts *p = m->parts;
    const u8 end = CTRL_D;
    size_t n = 0;
    p->console_owed = false;
    u8 *line = next_line(m, &n);
    enum input_line what = line[0];
    if (n > 1)
        type(m, line + 1, n - 1);
    free(line);
    if (what == LINE_LATER) {
        p->console_owed = p->lens.open; /* else the next look tries again */
        machine_ask_stop(m);            /* the user may save the machine */
    }
    if (what != LINE_END)
        return;
    if (p->console_ended || p->lens.open)
        type(m, &end, 1);
    p->console_ended = true;
}

/* ---- guests without the lens -------------------------------------------- */

/* A guest without the lens cannot say that a program waits for input. So the
 * machine looks every 10 ms, and delivers a line when the receiver is empty but
 * enabled, no disk is busy, and the console has been quiet for so long that the
 * running program must be waiting: at once for a program that polls, 1/4 s for
 * a kernel that sleeps, 1 s for one that spins (xv6). The end of input waits
 * two seconds, since a guest that still boots easily loses it. */
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
    u64 now = machine_now(m);
    m->events.at[EV_INPUT] = p->lens.open ? NEVER : next_look(m, now);
    if (p->console_owed)
        machine_fetch_line(m);
    if (machine_may_feed(m) && !disk_busy(m) &&
        now - p->uart.last_used >= quiet_enough(m))
        machine_fetch_line(m);
}

/* Reads a byte. After HOST_IN_LATER the machine stops before the next read. */
int machine_pipe_in(void *machine)
{
    struct machine *m = machine;
    if (history_past(m->past))
        return history_take_pipe(m->past);
    int c = m->io.pipe_in ? m->io.pipe_in(m->io.opaque) : -1;
    bool later = c == HOST_IN_LATER;
    u8 byte = (u8)c;
    if (c >= 0)
        machine_log_input(m, INPUT_PIPE, &byte, 1);
    else
        machine_log_input(m, later ? INPUT_PIPE_LATER : INPUT_PIPE_END, NULL,
                          0);
    if (later)
        machine_ask_stop(m);
    return c;
}

void machine_repeat_input(struct machine *m, const struct input_entry *e)
{
    if (e->kind == INPUT_KEYS)
        type(m, e->bytes, e->n);
    else if (e->kind == INPUT_BREAK)
        line_break(m);
    else
        machine_repeat_poke(m, e);
}
