/* SPDX-License-Identifier: MIT */
/* Finds a packet's function in a table, and has helpers for all packets. An
 * unknown packet gets the empty reply, as the protocol wants it. */
#include "gdb/internal.h"
#include "monitor/session.h"

#include <stdarg.h>
#include <stdio.h>

/* ---- replies ------------------------------------------------------------ */

void reply_text(struct gdb *g, const char *fmt, ...)
{
    struct gdb_reply *r = &g->reply;
    size_t room = sizeof r->data - r->n;
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf((char *)r->data + r->n, room, fmt, ap);
    va_end(ap);
    assert(n >= 0 && (size_t)n < room);
    r->n += (size_t)n;
}

void reply_hex(struct gdb *g, const void *bytes, size_t n)
{
    static const char hex[] = "0123456789abcdef";
    const u8 *p = bytes;
    struct gdb_reply *r = &g->reply;
    assert(n <= (sizeof r->data - r->n) / 2);
    for (size_t i = 0; i < n; i++) {
        r->data[r->n++] = (u8)hex[p[i] >> 4];
        r->data[r->n++] = (u8)hex[p[i] & 15];
    }
}

void reply_error(struct gdb *g, unsigned number)
{
    g->reply.n = 0;
    reply_text(g, "E%02x", number);
}

bool reply_bad(struct gdb *g)
{
    reply_error(g, GDB_E_REQUEST);
    return true;
}

bool reply_ok(struct gdb *g)
{
    reply_text(g, "OK");
    return true;
}

/* ---- arguments ---------------------------------------------------------- */

bool args_hex(struct args *a, u64 *value)
{
    return packet_hex(&a->p, a->end, value);
}

bool args_skip(struct args *a, char c)
{
    if (a->p == a->end || *a->p != (u8)c)
        return false;
    a->p++;
    return true;
}

bool args_begins(struct args *a, const char *word)
{
    size_t n = strlen(word);
    if ((size_t)(a->end - a->p) < n || memcmp(a->p, word, n))
        return false;
    a->p += n;
    return true;
}

bool args_thread(struct args *a, u32 *thread)
{
    u64 v = 0;
    bool minus = args_skip(a, '-');
    if (!args_hex(a, &v) || v > GDB_HART || (minus && v != 1))
        return false;
    *thread = minus ? 0 : (u32)v;
    return true;
}

/* ---- small packets ------------------------------------------------------ */

/* Hg chooses the thread whose registers and memory the next packets access. Hc,
 * which chooses the thread for c and s, is ignored: there is one hart. */
static bool packet_thread(struct gdb *g, struct args *a)
{
    u32 thread;
    bool of_g = args_skip(a, 'g');
    if ((!of_g && !args_skip(a, 'c')) || !args_thread(a, &thread) ||
        !args_over(a) || (thread && !thread_alive(g, thread)))
        return reply_bad(g);
    if (of_g)
        g->thread = thread;
    return reply_ok(g);
}

static bool packet_alive(struct gdb *g, struct args *a)
{
    u32 thread;
    if (!args_thread(a, &thread) || !args_over(a) || !thread_alive(g, thread))
        return reply_bad(g);
    return reply_ok(g);
}

/* Detaches gdb. The machine runs on, but halts if the verb gdb started gdb. */
static bool packet_detach(struct gdb *g, struct args *a)
{
    if (!args_over(a) && *a->p != ';')
        return reply_bad(g);
    remote_clear_all(&g->remote);
    if (remote_state(&g->remote).why != REMOTE_RUNS &&
        !g->remote.s->debugged.lent)
        remote_go(&g->remote, NULL);
    g->leaves = true;
    return reply_ok(g);
}

static bool packet_kill(struct gdb *g, UNUSED struct args *a)
{
    g->remote.s->quit = true;
    return false;
}

static bool packet_v(struct gdb *g, struct args *a)
{
    if (args_begins(a, "Cont"))
        return packet_vcont(g, a);
    if (args_begins(a, "Kill;")) {
        g->remote.s->quit = true;
        return reply_ok(g);
    }
    return true;
}

static const struct {
    char letter;
    bool (*fn)(struct gdb *g, struct args *a); /* false: no reply now */
    bool stopped; /* refused while the machine runs */
} packets[] = {
    {'?', packet_why, false},
    {'b', packet_back, true},
    {'c', packet_continue, true},
    {'C', packet_continue, true},
    {'D', packet_detach, false},
    {'g', packet_registers, true},
    {'G', packet_registers_set, true},
    {'H', packet_thread, false},
    {'k', packet_kill, false},
    {'m', packet_memory, true},
    {'M', packet_memory_set, true},
    {'p', packet_register, true},
    {'P', packet_register_set, true},
    {'q', packet_query, false},
    {'Q', packet_set, false},
    {'s', packet_step, true},
    {'S', packet_step, true},
    {'T', packet_alive, false},
    {'v', packet_v, false},
    {'X', packet_memory_binary, true},
    {'z', packet_remove, false},
    {'Z', packet_insert, false},
};

bool stub_packet(struct gdb *g, const u8 *data, size_t n)
{
    struct args a = {data + 1, data + n};
    g->reply.n = 0;
    for (unsigned i = 0; n && i < ARRAY_LEN(packets); i++) {
        if (data[0] != (u8)packets[i].letter)
            continue;
        if (packets[i].stopped && remote_state(&g->remote).why == REMOTE_RUNS)
            return reply_bad(g);
        return packets[i].fn(g, &a);
    }
    return true;
}
