/* SPDX-License-Identifier: MIT */
/* The kernel has panicked: who called, by name, and what happened last. The
 * registers, which the kernel has printed, lie in panic_frame
 * (guest/abi/trapframe.h); another kernel has no such thing, and then there
 * is nothing to add. */
#include "monitor/session/session.h"

#include "trapframe.h"

#define DEPTH  40
#define EVENTS "20"

/* The registers and the pc where panic was called (*called: the pc is the
 * call's return address, perhaps the next function's) or the kernel met a
 * trap. False: none are kept, as before a program runs. */
static bool registers(struct machine *m, u64 x[32], u64 *pc, bool *called)
{
    u64 at;
    u8 bytes[8 * TRAPFRAME_WORDS];
    if (!inspect_symbol(m, "panic_frame", &at) ||
        !inspect_read_va(m, at, bytes, sizeof bytes))
        return false;
    for (unsigned i = 0; i < 32; i++)
        x[i] = get_le(bytes + i * 8, 8);
    *pc = get_le(bytes + 8 * TRAPFRAME_PC, 8);
    *called = get_le(bytes + 8 * TRAPFRAME_CAUSE, 8) == TRAP_NONE;
    return *pc != 0;
}

static void to_stderr(void *opaque, const char *text)
{
    (void)opaque;
    fputs(text, stderr);
}

static void trace(struct session *s, const u64 x[32], u64 at, bool called)
{
    u64 pc[DEPTH];
    char where[80];
    unsigned n = inspect_backtrace_from(s->m, x, at - called, pc, DEPTH);
    say(s, "call trace, innermost first:\n");
    for (unsigned i = 0; i < n; i++)
        say(s, "#%-2u 0x%016llx  %s\n", i,
            (unsigned long long)pc[i] + (!i && called),
            inspect_symbol_at(s->m, i ? pc[i] - 1 : pc[0], where, sizeof where)
                ? where
                : "(no symbol)");
}

void panic_report(struct session *s)
{
    void (*output)(void *, const char *) = s->output;
    bool json = s->json;
    struct streams *st = s->streams;
    bool called;
    u64 x[32], at;
    if (!st->panicked || (!s->m->off && inspect_cycle(s->m) <
                                            st->panicked + s->m->clock_hz / 50))
        return;
    st->panicked = 0;
    if (!registers(s->m, x, &at, &called))
        return;
    streams_flush(st);
    s->output = to_stderr;
    s->json = false;
    trace(s, x, at, called);
    say(s, "the last events:\n");
    info_events(s, EVENTS);
    s->output = output;
    s->json = json;
}
