/* SPDX-License-Identifier: MIT */
/* Reads and writes memory, through the address space of the thread that gdb has
 * chosen, or at physical addresses. Only RAM is accessed: reading a device has
 * effects. A write is logged as input, and happens as a whole or not at all. */
#include "gdb/internal.h"

#include <stdlib.h>

/* Finds va's physical address; *part: the number of bytes from va to the end
 * of its page, at most n. False: no such memory. */
static bool locate(struct gdb *g, u64 va, size_t n, u64 *pa, size_t *part)
{
    u8 byte;
    *part = PAGE_BYTES - va % PAGE_BYTES;
    if (*part > n)
        *part = n;
    if (g->physical)
        *pa = va;
    else if (!inspect_task_va_to_pa(
                 g->m, thread_is_hart(g, g->thread) ? 0 : g->thread, va, pa))
        return false;
    return machine_peek(g->m, *pa, &byte, 1);
}

static bool args_range(struct args *a, u64 *va, u64 *n)
{
    return args_hex(a, va) && args_skip(a, ',') && args_hex(a, n);
}

static bool reply_refused(struct gdb *g, unsigned number)
{
    reply_error(g, number);
    return true;
}

/* Replies with the bytes from va, as many as can be read and fit into a packet.
 * If there are none, or gdb asks for none, replies with an error: to gdb an
 * empty reply means an unknown packet. */
bool packet_memory(struct gdb *g, struct args *a)
{
    u64 va, n, pa;
    size_t part;
    u8 bytes[PAGE_BYTES];
    if (!args_range(a, &va, &n) || !args_over(a) || !n)
        return reply_refused(g, GDB_E_REQUEST);
    if (n > PACKET_MAX / 2 - 1)
        n = PACKET_MAX / 2 - 1;
    for (u64 left = n; left; left -= part, va += part) {
        if (!locate(g, va, left, &pa, &part) ||
            !machine_peek(g->m, pa, bytes, part))
            return g->reply.n ? true : reply_refused(g, GDB_E_MEMORY);
        reply_hex(g, bytes, part);
    }
    return true;
}

/* True if all n bytes can be written. */
static bool writable(struct gdb *g, u64 va, size_t n)
{
    u64 pa;
    size_t part;
    for (; n; n -= part, va += part)
        if (!locate(g, va, n, &pa, &part))
            return false;
    return true;
}

static bool write_memory(struct gdb *g, u64 va, const u8 *bytes, size_t n)
{
    u64 pa;
    size_t part;
    if (g->m->off || !writable(g, va, n))
        return reply_refused(g, GDB_E_MEMORY);
    for (; n; n -= part, va += part, bytes += part)
        if (!locate(g, va, n, &pa, &part) ||
            !machine_poke(g->m, pa, bytes, part))
            return reply_refused(g, GDB_E_MEMORY);
    reply_text(g, "OK");
    return true;
}

bool packet_memory_set(struct gdb *g, struct args *a)
{
    u64 va, n;
    u8 bytes[PACKET_MAX / 2];
    if (!args_range(a, &va, &n) || !args_skip(a, ':') || n > sizeof bytes ||
        (size_t)(a->end - a->p) != 2 * n)
        return reply_refused(g, GDB_E_REQUEST);
    for (u64 i = 0; i < n; i++, a->p += 2) {
        int byte = packet_hex_byte(a->p, a->end);
        if (byte < 0)
            return reply_refused(g, GDB_E_REQUEST);
        bytes[i] = (u8)byte;
    }
    return write_memory(g, va, bytes, n);
}

bool packet_memory_binary(struct gdb *g, struct args *a)
{
    u64 va, n;
    if (!args_range(a, &va, &n) || !args_skip(a, ':') ||
        (u64)(a->end - a->p) != n)
        return reply_refused(g, GDB_E_REQUEST);
    return write_memory(g, va, a->p, n);
}
