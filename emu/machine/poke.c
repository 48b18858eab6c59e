/* SPDX-License-Identifier: MIT */
/* Changes memory, registers and timing from outside, and notes the changes in
 * the input log. */
#include <stdlib.h>

#include "machine/parts.h"

bool machine_peek(struct machine *m, u64 pa, void *p, size_t n)
{
    struct dma quiet = {.ram = m->ram, .ram_bytes = m->ram_bytes};
    return dma_read(&quiet, pa, p, n);
}

bool machine_poke(struct machine *m, u64 pa, const void *p, size_t n)
{
    struct machine_parts *q = m->parts;
    if (!dma_ok(&q->lens.dma, pa, n) || history_past(m->past))
        return false;
    u8 *entry = xcalloc(1, n + 8);
    put_le(entry, pa, 8);
    memcpy(entry + 8, p, n);
    machine_log_input(m, INPUT_POKE, entry, n + 8);
    free(entry);
    return dma_write(&q->lens.dma, pa, p, n);
}

/* Writes a CSR as M-mode does, even if FS is off. */
static bool set_csr(struct machine *m, unsigned csr, u64 value)
{
    struct hart *h = &m->hart;
    u64 mstatus = h->mstatus;
    u32 priv = h->priv;
    bool status = csr == CSR_mstatus || csr == CSR_sstatus;
    h->priv = PRV_M;
    if (!status)
        h->mstatus |= MSTATUS_FS;
    unsigned effect = hart_csr_write(h, csr, value);
    h->priv = priv;
    if (!status)
        h->mstatus = mstatus;
    if (effect & HE_TRAP)
        return false;
    if (effect & HE_CONTEXT)
        engine_context_changed(m->engine);
    if (effect & (HE_TIMER | HE_INTERRUPT))
        machine_hart_changed(m, effect);
    return true;
}

static bool set_register(struct machine *m, u32 number, u64 value)
{
    struct hart *h = &m->hart;
    bool legal_priv = value == PRV_U || value == PRV_S || value == PRV_M;
    if (number < MACHINE_PC)
        h->x[number] = number ? value : 0;
    else if (number == MACHINE_PC)
        h->pc = value & ~(hart_has(h, EXT_C) ? 1ull : 3ull);
    else if (number < MACHINE_CSR)
        h->f[number - MACHINE_F] = value;
    else if (number < MACHINE_PRIV)
        return set_csr(m, number - MACHINE_CSR, value);
    else if (number != MACHINE_PRIV || !legal_priv)
        return false;
    else
        h->priv = (u32)value;
    if (number == MACHINE_PRIV)
        engine_context_changed(m->engine);
    return true;
}

bool machine_set_register(struct machine *m, u32 number, u64 value)
{
    u8 entry[12];
    if (m->off || history_past(m->past) || !set_register(m, number, value))
        return false;
    put_le(entry, number, 4);
    put_le(entry + 4, value, 8);
    machine_log_input(m, INPUT_REGISTER, entry, sizeof entry);
    return true;
}

void machine_set_timing(struct machine *m, enum timing t)
{
    u8 byte = (u8)t;
    bool timed = t == TIMING_CYCLE;
    if (timed == engine_timed(m->engine) || history_past(m->past))
        return;
    machine_log_input(m, INPUT_TIMING, &byte, 1);
    engine_set_timed(m->engine, timed);
}

void machine_repeat_poke(struct machine *m, const struct input_entry *e)
{
    switch (e->kind) {
    case INPUT_POKE:
        dma_write(&m->parts->lens.dma, get_le(e->bytes, 8), e->bytes + 8,
                  e->n - 8);
        break;
    case INPUT_REGISTER:
        set_register(m, (u32)get_le(e->bytes, 4), get_le(e->bytes + 4, 8));
        break;
    case INPUT_TIMING:
        engine_set_timed(m->engine, e->bytes[0] == TIMING_CYCLE);
        break;
    }
}
