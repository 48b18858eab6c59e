/* SPDX-License-Identifier: MIT */
/* Implements the platform-level interrupt controller (RISC-V PLIC specification
 * 1.0.0) with layout, source count and seven priorities of QEMU's virt board.
 *
 * Gateways work as in QEMU (hw/intc/sifive_plic.c, 7.2): each time that a
 * device drives its line, a high line makes the source pending, a low line not
 * pending. A completion does not check the line again (the specification allows
 * both). Drivers that never read the UART's IIR, such as xv6's, depend on this,
 * because an empty transmitter keeps the line high for ever. */
#include "dev/plic.h"

#define PRIORITY       0x0
#define PENDING        0x1000
#define ENABLE         0x2000
#define ENABLE_STRIDE  0x80
#define CONTEXT        0x200000
#define CONTEXT_STRIDE 0x1000
#define PRIORITY_MASK  7

void plic_init(struct plic *p, struct hart *h)
{
    p->hart = h;
    plic_reset(p);
}

/* Returns the enabled source of highest priority (lowest number among equals)
 * that is pending and not claimed, or 0. */
static unsigned best(const struct plic *p, unsigned context)
{
    unsigned id = 0;
    u32 top = 0;
    for (unsigned w = 0; w < PLIC_WORDS; w++) {
        u32 m = p->pending[w] & ~p->claimed[w] & p->enable[context][w];
        for (; m; m &= m - 1) {
            unsigned i = w * 32 + (unsigned)__builtin_ctz(m);
            if (p->priority[i] > top) {
                top = p->priority[i];
                id = i;
            }
        }
    }
    return id;
}

static void update_hart(struct plic *p)
{
    static const u8 irq[PLIC_CONTEXTS] = {IRQ_MEIP, IRQ_SEIP};
    for (unsigned c = 0; c < PLIC_CONTEXTS; c++) {
        unsigned id = best(p, c);
        bool up = id && p->priority[id] > p->threshold[c];
        hart_set_irq(p->hart, irq[c], up);
    }
}

void plic_reset(struct plic *p)
{
    struct hart *h = p->hart;
    memset(p, 0, sizeof(*p));
    p->hart = h;
    update_hart(p);
}

void plic_state(struct plic *p, struct state *s)
{
    state_tag(s, "plic");
    state_vals(s, p->priority, p->level, p->pending, p->claimed, p->enable,
               p->threshold);
}

void plic_set(struct plic *p, unsigned irq, bool level)
{
    u32 bit = 1u << irq % 32, *line = &p->level[irq / 32];
    u32 *pending = &p->pending[irq / 32];
    assert(irq > 0 && irq < PLIC_SOURCES);
    *line = level ? *line | bit : *line & ~bit;
    *pending = level ? *pending | bit : *pending & ~bit;
    update_hart(p);
}

static u32 claim(struct plic *p, unsigned context)
{
    unsigned id = best(p, context);
    if (id) {
        p->pending[id / 32] &= ~(1u << id % 32);
        p->claimed[id / 32] |= 1u << id % 32;
        update_hart(p);
    }
    return id;
}

/* Ignores a source that is not enabled for the target (chapter 9; QEMU 7.2 does
 * not check). */
static void complete(struct plic *p, unsigned context, u64 id)
{
    if (id >= PLIC_SOURCES || !(p->enable[context][id / 32] >> id % 32 & 1))
        return;
    p->claimed[id / 32] &= ~(1u << id % 32);
    update_hart(p);
}

/* Decodes the offset of a context register. */
static bool context_of(u64 offset, unsigned *context, u64 *reg)
{
    if (offset < CONTEXT)
        return false;
    u64 c = (offset - CONTEXT) / CONTEXT_STRIDE;
    *context = (unsigned)c;
    *reg = (offset - CONTEXT) % CONTEXT_STRIDE;
    return c < PLIC_CONTEXTS;
}

static u32 *enable_word(struct plic *p, u64 offset)
{
    if (offset < ENABLE)
        return NULL;
    u64 c = (offset - ENABLE) / ENABLE_STRIDE;
    u64 w = (offset - ENABLE) % ENABLE_STRIDE / 4;
    if (c >= PLIC_CONTEXTS || w >= PLIC_WORDS)
        return NULL;
    return &p->enable[c][w];
}

bool plic_read(void *plic, u64 offset, unsigned bytes, u64 *value)
{
    struct plic *p = plic;
    unsigned c;
    u64 reg;
    u32 *w;
    if (bytes != 4)
        return false;
    *value = 0;
    if (offset < PRIORITY + 4 * PLIC_SOURCES)
        *value = p->priority[offset / 4];
    else if (offset >= PENDING && offset < PENDING + PLIC_WORDS * 4)
        *value = p->pending[(offset - PENDING) / 4];
    else if ((w = enable_word(p, offset)))
        *value = *w;
    else if (context_of(offset, &c, &reg) && reg == 0)
        *value = p->threshold[c];
    else if (context_of(offset, &c, &reg) && reg == 4)
        *value = claim(p, c);
    return true;
}

bool plic_write(void *plic, u64 offset, unsigned bytes, u64 value)
{
    struct plic *p = plic;
    unsigned c;
    u64 reg;
    u32 *w;
    if (bytes != 4)
        return false;
    if (offset >= 4 && offset < PRIORITY + 4 * PLIC_SOURCES)
        p->priority[offset / 4] = value & PRIORITY_MASK;
    else if ((w = enable_word(p, offset)))
        *w = (u32)value & (w == &p->enable[0][0] || w == &p->enable[1][0]
                               ? ~1u /* source 0 does not exist */
                               : ~0u);
    else if (context_of(offset, &c, &reg) && reg == 0)
        p->threshold[c] = value & PRIORITY_MASK;
    else if (context_of(offset, &c, &reg) && reg == 4)
        complete(p, c, value);
    update_hart(p);
    return true;
}
