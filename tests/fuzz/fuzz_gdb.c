/* SPDX-License-Identifier: MIT */
// rooms: base dwarf expr isa hart mmu time engine dev boot history machine inspect console show monitor gdb linux xv6
// max_len: 600
/* Takes the input as the output of a hostile gdb. If its first byte is odd, the
 * others are bytes of the socket; else they are lines, and each line becomes a
 * packet. After `monitor` only print and info are run: fuzz_command has the
 * other verbs. */
#include "small_session.h"

#include <stdlib.h>

#include "gdb/internal.h"

#define PAST_BYTES  (8ull << 20)
#define PAST_CYCLES 100000 /* a longer past is dropped: searches take long */

static struct gdb g = {.listener = -1, .client = -1, .epoll = -1};

static void nothing(UNUSED void *opaque)
{
}

int LLVMFuzzerInitialize(UNUSED int *argc, UNUSED char ***argv)
{
    small_session(IN_PROMPT);
    remote_open(&g.remote, s, nothing, NULL, -1);
    g.m = m;
    history_begin(m->past, PAST_BYTES); /* gdb goes back in it */
    fuzz_quiet();
    return 0;
}

static bool harmless(const u8 *data, size_t n)
{
    static const char rcmd[] = "qRcmd,", print[] = "7072696e7420",
                      info[] = "696e666f20";
    const u8 *verb = data + strlen(rcmd);
    if (n < strlen(rcmd) || memcmp(data, rcmd, strlen(rcmd)))
        return true;
    n -= strlen(rcmd);
    return (n > strlen(print) && !memcmp(verb, print, strlen(print))) ||
           (n > strlen(info) && !memcmp(verb, info, strlen(info)));
}

static void run_a_little(void)
{
    s->run.slice = 0; /* the shortest slice, independent of the host's clock */
    enum stop_kind kind = s->run.going ? session_slice(s) : STOP_NONE;
    if (kind != STOP_NONE) {
        session_run_end(s, kind);
        s->debugged.port->arrive(&g.remote);
    }
    resume_report(&g);
}

static void on_packet(enum packet_event e)
{
    if (e == PACKET_INTERRUPT)
        remote_halt(&g.remote);
    if (e != PACKET_WHOLE || !harmless(g.in.data, g.in.n))
        return;
    assert(g.in.n <= PACKET_MAX);
    if (stub_packet(&g, g.in.data, g.in.n))
        server_send(&g);
    assert(g.reply.n <= sizeof g.reply.data);
    run_a_little();
    s->quit = s->ended = false;
}

static void feed(const u8 *data, size_t n)
{
    for (size_t i = 0; i < n; i++)
        on_packet(packet_feed(&g.in, data[i]));
}

static void feed_lines(const u8 *data, size_t n)
{
    static u8 frame[PACKET_FRAME];
    while (n) {
        const u8 *end = memchr(data, '\n', n);
        size_t line = end ? (size_t)(end - data) : n;
        feed(frame, packet_frame(data, line, frame));
        n -= line + (end != NULL);
        data += line + (end != NULL);
    }
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t n)
{
    memset(&g.in, 0, sizeof g.in);
    g.thread = 0;
    g.physical = g.swbreak = g.hwbreak = false;
    if (n && data[0] & 1)
        feed(data + 1, n - 1);
    else if (n)
        feed_lines(data + 1, n - 1);
    remote_halt(&g.remote);
    g.awaits = false;
    remote_clear_all(&g.remote);
    if (history_present(m->past).cycle - history_first(m->past).cycle >
        PAST_CYCLES)
        history_restart(m->past);
    return 0;
}
