/* SPDX-License-Identifier: MIT */
/* Reads and writes registers by gdb's numbers (machine.h): the hart's, or a
 * waiting task's saved pc and x registers and its satp. All other registers of
 * the task, saved f registers too, are sent as unavailable. */
#include "gdb/internal.h"

/* ---- threads ------------------------------------------------------------ */

u32 thread_current(struct gdb *g)
{
    u32 task = inspect_current_task(g->m);
    return task && task < GDB_HART ? task : GDB_HART;
}

bool thread_is_hart(struct gdb *g, u32 thread)
{
    return !thread || thread == GDB_HART || thread == thread_current(g);
}

bool thread_alive(struct gdb *g, u32 thread)
{
    struct ins_proc p;
    return thread_is_hart(g, thread) || inspect_task(g->m, thread, &p);
}

/* ---- one register ------------------------------------------------------- */

static enum register_known hart_register(struct machine *m, u64 n, u64 *v)
{
    const struct hart *h = &m->hart;
    if (n < MACHINE_PC)
        *v = h->x[n];
    else if (n == MACHINE_PC)
        *v = h->pc;
    else if (n < MACHINE_CSR)
        *v = h->f[n - MACHINE_F];
    else if (n == MACHINE_PRIV)
        *v = h->priv;
    else if (!hart_csr_name((unsigned)n - MACHINE_CSR) ||
             !inspect_csr(m, (unsigned)n - MACHINE_CSR, v))
        return REGISTER_NONE;
    return REGISTER_KNOWN;
}

static enum register_known task_register(struct gdb *g, u32 task, u64 n, u64 *v)
{
    struct ins_task_registers r;
    struct ins_proc p;
    bool saved = inspect_task_registers(g->m, &g->layout, task, &r);
    if (n == MACHINE_CSR + CSR_satp && inspect_task(g->m, task, &p)) {
        *v = p.satp;
        return p.satp ? REGISTER_KNOWN : REGISTER_UNKNOWN;
    }
    if (!saved || n > MACHINE_PC)
        return REGISTER_UNKNOWN;
    *v = n == MACHINE_PC ? r.pc : r.x[n];
    return (n == MACHINE_PC ? r.pc_known : r.known >> n & 1) ? REGISTER_KNOWN
                                                             : REGISTER_UNKNOWN;
}

enum register_known register_read(struct gdb *g, u32 thread, u64 n, u64 *v)
{
    *v = 0;
    if (n > MACHINE_PRIV)
        return REGISTER_NONE;
    return thread_is_hart(g, thread) ? hart_register(g->m, n, v)
                                     : task_register(g, thread, n, v);
}

/* Of a waiting task, writes only registers that are in a trap frame. */
bool register_write(struct gdb *g, u32 thread, u64 n, u64 v)
{
    struct ins_task_registers r;
    u8 bytes[8];
    if (n > MACHINE_PRIV)
        return false;
    if (thread_is_hart(g, thread))
        return machine_set_register(g->m, (u32)n, v);
    if (n > MACHINE_PC ||
        !inspect_task_registers(g->m, &g->layout, thread, &r) || !r.frame_pa)
        return false;
    put_le(bytes, v, 8);
    return !n || machine_poke(g->m, r.frame_pa + n * 8, bytes, 8);
}

/* ---- packets ------------------------------------------------------------ */

static bool reply_register(struct gdb *g, u64 n)
{
    u64 v;
    u8 bytes[8];
    enum register_known known = register_read(g, g->thread, n, &v);
    if (known == REGISTER_NONE)
        return false;
    put_le(bytes, v, 8);
    if (known == REGISTER_KNOWN)
        reply_hex(g, bytes, 8);
    else
        reply_text(g, "xxxxxxxxxxxxxxxx");
    return true;
}

static bool read_word(struct args *a, u64 *v)
{
    u8 bytes[8];
    for (unsigned i = 0; i < 8; i++, a->p += 2) {
        int byte = packet_hex_byte(a->p, a->end);
        if (byte < 0)
            return false;
        bytes[i] = (u8)byte;
    }
    *v = get_le(bytes, 8);
    return true;
}

static bool reply_done(struct gdb *g, bool well)
{
    if (well)
        reply_text(g, "OK");
    else
        reply_error(g, GDB_E_REQUEST);
    return true;
}

bool packet_registers(struct gdb *g, struct args *a)
{
    if (!args_over(a) || !thread_alive(g, g->thread))
        return reply_done(g, false);
    for (u64 n = 0; n < GDB_CORE_REGISTERS; n++)
        reply_register(g, n);
    return true;
}

bool packet_registers_set(struct gdb *g, struct args *a)
{
    u64 v[GDB_CORE_REGISTERS];
    for (u64 n = 0; n < GDB_CORE_REGISTERS; n++)
        if (!read_word(a, &v[n]))
            return reply_done(g, false);
    if (!args_over(a) || !thread_alive(g, g->thread))
        return reply_done(g, false);
    bool well = true;
    for (u64 n = 0; n < GDB_CORE_REGISTERS; n++)
        well &= register_write(g, g->thread, n, v[n]);
    return reply_done(g, well);
}

bool packet_register(struct gdb *g, struct args *a)
{
    u64 n;
    if (!args_hex(a, &n) || !args_over(a) || !thread_alive(g, g->thread) ||
        !reply_register(g, n))
        return reply_done(g, false);
    return true;
}

bool packet_register_set(struct gdb *g, struct args *a)
{
    u64 n, v;
    return reply_done(g, args_hex(a, &n) && args_skip(a, '=') &&
                             read_word(a, &v) && args_over(a) &&
                             thread_alive(g, g->thread) &&
                             register_write(g, g->thread, n, v));
}
